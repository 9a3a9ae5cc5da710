//! The owner's protocol, without I/O: what comes next, given what came of the last step.
//!
//! ```text
//!              ┌────────────────────────── Rest ◄──────────────┐
//!              ▼                                               │
//!   Open ──► Claim ──► Tail ─► Bounds ─► compare ─► (Recover) ─┼─► Release │ Halt
//!              ▲ │                                             │        anything that fails,
//!              └─┘ Wait                 ┌───────────────┐      │        is fenced, halts, stops
//!                                       ▼               │      │
//!                              Next / Renew ─► Begin ─► Heads, Load … ─► Commit ─► Tell
//!                                       ▲                                            │
//!                                       └────────────────────────────────────────────┘
//! ```
//!
//! **Shape.** [`Machine::start`] and [`Machine::on`] each return one [`Action`]. The driver carries
//! it out, however long that takes, and says in an [`Input`] what came of it. Between the two it
//! reads the [`Note`]s: what is to be told to people and metrics. The driver of production is
//! [`Owner`](super::Owner), that of the simulator an actor.
//!
//! **Correctness.** One action is under way at a time. After anything but a known commit the state
//! cache is dropped and the partition is claimed anew, so that what is decided next is decided
//! on what the cursor says. A log is compared through the very tail that is then followed.

mod ended;
mod note;
mod retry;
#[cfg(test)]
mod tests;

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use writ_domain::{BucketMap, Offset, Partition, State, TenantId, TenantSeq};
use writ_log::{Bounds, Logged, TailError};
use writ_store::entries::Entry;
use writ_store::ledger::{self, Batch, Cursor, Wanted};

use self::ended::{Ended, committed, ended, tail_ended};
pub use self::note::Note;
use self::retry::Retry;
use super::Options;
use crate::share::Share;
use crate::{Decider, Halt, RULES_VERSION, Step, Working, anchor};

/// What the driver carries out next.
#[derive(Debug)]
pub enum Action {
    /// Connect to the store: [`Input::Done`].
    Open,
    /// Say this on that connection.
    Store(Statement),
    /// Ask this of the log.
    Log(Look),
    /// Tell the entries to those who wait for them: [`Input::Done`].
    Tell(Vec<Entry>),
    /// Wait, or be asked to stop: [`Input::Elapsed`]. The connection is kept.
    Wait(Duration),
    /// Drop connection and tail; wait, or be asked to stop: [`Input::Elapsed`].
    Rest(Duration),
    /// Drop connection and tail; wait until asked to stop: [`Input::Elapsed`].
    Stand,
    /// It is over.
    End,
}

/// What is said to the store.
#[derive(Debug)]
pub enum Statement {
    /// Claim the partition: [`Input::Claimed`].
    Claim,
    /// Ask whether the last owner stopped deciding: [`Input::Halted`].
    AskHalted,
    /// Take back that deciding stopped: [`Input::Done`].
    Recover(Cursor),
    /// Begin a transaction, lock the cursor by compare, load into [`Machine::states`]:
    /// [`Input::Done`].
    Begin(Cursor, Vec<Wanted>),
    /// Ask where tenants stand: [`Input::Heads`].
    Heads(Vec<TenantId>),
    /// Load into [`Machine::states`]: [`Input::Done`].
    Load(Vec<Wanted>),
    /// Write the batch, move the cursor, commit: [`Input::Done`].
    Commit(Arc<Batch>),
    /// End the transaction without effect: [`Input::Done`].
    Rollback,
    /// Hold the lease for longer: [`Input::Done`].
    Renew(Cursor),
    /// Give the lease back: [`Input::Done`].
    Release(Cursor),
    /// Say why deciding stopped, and give the lease back: [`Input::Done`].
    Halt(Cursor, String),
}

/// What is asked of the log.
#[derive(Debug)]
pub enum Look {
    /// To be followed from here: [`Input::Done`].
    Tail(Offset),
    /// What it holds: [`Input::Bounds`].
    Bounds,
    /// What the tail has, at most so many records: [`Input::Records`].
    TryNext(usize),
    /// The same, and to wait for the first: [`Input::Records`], or [`Input::Elapsed`] if none came
    /// for so long, or if asked to stop.
    Next(usize, Duration),
}

/// What came of an action.
#[derive(Debug)]
pub enum Input {
    /// It is done.
    Done,
    /// The time is over, or the machine was asked to stop.
    Elapsed,
    /// The lease was taken, or somebody else has it.
    Claimed(Option<Cursor>),
    /// Whether the last owner stopped deciding.
    Halted(bool),
    /// What the log holds.
    Bounds(Bounds),
    /// Records, in order.
    Records(Vec<Logged>),
    /// Where tenants stand.
    Heads(BTreeMap<TenantId, TenantSeq>),
    /// The store failed.
    StoreFailed(ledger::Error),
    /// The log failed.
    LogFailed(TailError),
}

/// The times at which something came.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Since any fixed moment; never goes back.
    pub elapsed: Duration,
    /// What this process's clock shows.
    pub clock: DateTime<Utc>,
}

/// Where the protocol stands: the action that is under way, and what it is for.
#[derive(Debug)]
enum At {
    Between,
    Opening,
    Claiming,
    AskingUnclaimed,
    WaitingToClaim,
    Tailing,
    Bounding,
    Comparing,
    AskingClaimed,
    /// What waits in the log of a partition that was halted.
    LookingAhead,
    Recovering,
    Filling(Vec<Logged>),
    Following,
    Renewing,
    Beginning(Box<Working>, Vec<TenantId>),
    LearningHeads(Box<Working>),
    Loading(Box<Working>),
    Committing(Arc<Batch>, Vec<Logged>),
    RollingBack(Ended),
    Telling(Vec<Logged>),
    GivingBack(Ended),
    Resting,
    Standing,
    Over,
}

/// The owner of one partition, or who would be.
#[derive(Debug)]
pub struct Machine {
    partition: Partition,
    map: Option<BucketMap>,
    share: Share,
    options: Options,
    rules: u32,
    at: At,
    retry: Retry,
    cursor: Option<Cursor>,
    decider: Option<Decider>,
    /// Why this process halted the partition.
    halted: Option<String>,
    stopping: bool,
    notes: Vec<Note>,
    /// What is known before the partition is followed.
    nothing: BTreeMap<TenantId, State>,
}

/// An answer came that belongs to no action under way: a mistake of the driver.
#[derive(Debug, thiserror::Error)]
#[error("the driver answered what was not asked")]
struct NotAsked;

impl Machine {
    /// An owner of `partition` of a log of so many partitions.
    #[must_use]
    pub fn new(partition: Partition, partitions: u16, share: Share, options: Options) -> Self {
        Self {
            partition,
            map: BucketMap::try_new(partitions),
            share,
            options,
            rules: RULES_VERSION,
            at: At::Between,
            retry: Retry::new(),
            cursor: None,
            decider: None,
            halted: None,
            stopping: false,
            notes: Vec::new(),
            nothing: BTreeMap::new(),
        }
    }

    /// Makes it one of a build that knows other rules than this one: the simulator's.
    pub fn knows_rules(&mut self, version: u32) {
        self.rules = version;
    }

    /// Learns why this process has halted the partition before.
    pub fn was_halted(&mut self, why: Option<String>) {
        self.halted = why;
    }

    /// The first action.
    #[must_use]
    pub fn start(&mut self) -> Action {
        self.at = At::Opening;
        Action::Open
    }

    /// Asks it to stop. It goes on until it has given the lease back.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// Where to load what [`Statement::Begin`] and [`Statement::Load`] want.
    pub fn states(&mut self) -> &mut BTreeMap<TenantId, State> {
        match &mut self.decider {
            Some(decider) => decider.states(),
            None => &mut self.nothing,
        }
    }

    /// What there is to be told since the last time.
    pub fn notes(&mut self) -> Vec<Note> {
        core::mem::take(&mut self.notes)
    }

    /// Takes what came of the last action; the next one.
    #[must_use]
    pub fn on(&mut self, input: Input, now: Now) -> Action {
        let at = core::mem::replace(&mut self.at, At::Between);
        match self.step(at, input, now) {
            Ok(action) => action,
            Err(ended) => self.end(ended, now),
        }
    }

    fn step(&mut self, at: At, input: Input, now: Now) -> Result<Action, Ended> {
        match (at, input) {
            // Whatever came of giving back, and of rolling back, owning is over.
            (At::GivingBack(ended), input) => {
                if let Input::StoreFailed(error) = input {
                    self.notes.push(Note::NotGivenBack(error));
                }
                Ok(self.rest(ended, now))
            }
            (At::RollingBack(ended), _) => Err(ended),
            (At::LearningHeads(_) | At::Loading(_), Input::StoreFailed(error)) => {
                Ok(self.roll_back(ended(error)))
            }
            (At::Committing(batch, _), Input::StoreFailed(error)) => {
                Err(committed(&batch.before, error))
            }
            (_, Input::StoreFailed(error)) => Err(ended(error)),
            (_, Input::LogFailed(error)) => Err(match &self.cursor {
                Some(cursor) => tail_ended(cursor, error),
                None => Ended::Failed(Box::new(error)),
            }),
            (At::Beginning(working, tenants), Input::Done) => {
                if tenants.is_empty() {
                    return self.decide_on(working, now);
                }
                self.at = At::LearningHeads(working);
                Ok(Action::Store(Statement::Heads(tenants)))
            }
            (At::LearningHeads(working), Input::Heads(heads)) => {
                self.decider()?.learn_heads(heads);
                self.decide_on(working, now)
            }
            (At::Loading(working), Input::Done) => self.decide_on(working, now),
            (At::Committing(batch, rest), Input::Done) => self.committed(batch, rest),
            (At::Telling(rest), Input::Done) => self.next(rest),
            (at, input) => self.step_claiming(at, input, now),
        }
    }

    /// Claiming, and comparing the log.
    fn step_claiming(&mut self, at: At, input: Input, now: Now) -> Result<Action, Ended> {
        match (at, input) {
            (At::WaitingToClaim, Input::Elapsed) if self.stopping => Err(Ended::Stopped),
            (At::Opening, Input::Done) | (At::WaitingToClaim, Input::Elapsed) => Ok(self.claim()),
            (At::Claiming, Input::Claimed(Some(cursor))) => {
                self.notes
                    .push(Note::Stands(cursor.next_offset, cursor.seq));
                let from = anchor::begin(&cursor);
                self.cursor = Some(cursor);
                self.at = At::Tailing;
                Ok(Action::Log(Look::Tail(from)))
            }
            (At::Claiming, Input::Claimed(None)) => Ok(self.not_claimed()),
            (At::AskingUnclaimed, Input::Halted(halted)) => {
                if !halted {
                    // Somebody else has decided on.
                    self.recovered();
                }
                Ok(self.wait_to_claim())
            }
            (At::Tailing, Input::Done) => {
                let stored = self.cursor()?.rules_version;
                if stored != self.rules {
                    let known = self.rules;
                    return Err(Halt::Rules { stored, known }.into());
                }
                self.at = At::Bounding;
                Ok(Action::Log(Look::Bounds))
            }
            (At::Bounding, Input::Bounds(bounds)) => {
                let cursor = self.cursor()?;
                if let Some(halt) = anchor::compare_bounds(bounds, cursor) {
                    return Err(halt.into());
                }
                if cursor.next_offset.previous().is_none() {
                    return self.follow(now);
                }
                self.at = At::Comparing;
                Ok(Action::Log(Look::TryNext(1)))
            }
            // SUBTLE: compared by what the tail brings. A log that is exchanged before is seen here;
            // one that is exchanged after ends the tail. Asked beside the tail, another broker may
            // answer.
            (At::Comparing, Input::Records(mut records)) => {
                let last = records.pop();
                match anchor::compare_last(last.as_ref(), self.cursor()?) {
                    Some(halt) => Err(halt.into()),
                    None => self.follow(now),
                }
            }
            (at, input) => self.step_following(at, input),
        }
    }

    /// Following the log, and resting.
    fn step_following(&mut self, at: At, input: Input) -> Result<Action, Ended> {
        match (at, input) {
            (At::AskingClaimed, Input::Halted(true)) => Ok(self.look_ahead()),
            (At::AskingClaimed, Input::Halted(false)) | (At::Renewing, Input::Done) => {
                self.next(Vec::new())
            }
            (At::LookingAhead, Input::Records(waiting)) if waiting.is_empty() => {
                let cursor = self.cursor()?.clone();
                self.at = At::Recovering;
                Ok(Action::Store(Statement::Recover(cursor)))
            }
            (At::LookingAhead, Input::Records(waiting)) => self.next(waiting),
            (At::Recovering, Input::Done) => {
                self.recovered();
                self.next(Vec::new())
            }
            (At::Filling(mut records), Input::Records(more)) => {
                records.extend(more);
                self.decide(records)
            }
            (At::Following, Input::Records(records)) => self.decide(records),
            (At::Following, Input::Elapsed) if self.stopping => Err(Ended::Stopped),
            (At::Following, Input::Elapsed) => {
                let cursor = self.cursor()?.clone();
                self.at = At::Renewing;
                Ok(Action::Store(Statement::Renew(cursor)))
            }
            (At::Resting, Input::Elapsed) if !self.stopping => Ok(self.start()),
            (At::Resting | At::Standing | At::Over, _) => {
                self.at = At::Over;
                Ok(Action::End)
            }
            _ => Err(Ended::Failed(Box::new(NotAsked))),
        }
    }

    fn cursor(&self) -> Result<&Cursor, Ended> {
        let nothing = || Ended::Failed(Box::new(NotAsked));
        self.cursor.as_ref().ok_or_else(nothing)
    }

    fn decider(&mut self) -> Result<&mut Decider, Ended> {
        let nothing = || Ended::Failed(Box::new(NotAsked));
        self.decider.as_mut().ok_or_else(nothing)
    }
}

/// Claiming, and giving back.
impl Machine {
    fn claim(&mut self) -> Action {
        if !self.share.take(self.partition) {
            return self.not_claimed();
        }
        self.at = At::Claiming;
        Action::Store(Statement::Claim)
    }

    fn not_claimed(&mut self) -> Action {
        if self.halted.is_none() {
            return self.wait_to_claim();
        }
        self.at = At::AskingUnclaimed;
        Action::Store(Statement::AskHalted)
    }

    fn wait_to_claim(&mut self) -> Action {
        // Not claimed is not held: another of our partitions may be free.
        self.share.give_back(self.partition);
        self.at = At::WaitingToClaim;
        Action::Wait(self.options.lease / 4)
    }

    fn end(&mut self, ended: Ended, now: Now) -> Action {
        let Some(cursor) = self.cursor.take() else {
            return self.rest(ended, now);
        };
        let action = match &ended {
            Ended::Stopped | Ended::HandedBack => Action::Store(Statement::Release(cursor)),
            Ended::Halted(halt) => Action::Store(Statement::Halt(cursor, halt.to_text())),
            Ended::Fenced | Ended::Failed(_) => return self.rest(ended, now),
        };
        self.at = At::GivingBack(ended);
        action
    }

    fn rest(&mut self, ended: Ended, now: Now) -> Action {
        // SUBTLE: nothing that was known is known any more.
        (self.cursor, self.decider) = (None, None);
        self.retry.ended(now.elapsed);
        self.share.give_back(self.partition);
        self.notes.push(Note::Lost);
        self.at = At::Resting;
        let pause = match ended {
            Ended::Stopped => {
                self.at = At::Over;
                return Action::End;
            }
            Ended::Fenced => {
                self.notes.push(Note::Fenced);
                self.retry.pause()
            }
            Ended::HandedBack => {
                self.notes.push(Note::HandedBack);
                self.retry.pause()
            }
            Ended::Failed(source) => {
                let why = crate::causes::chain(&*source);
                let news = self.retry.is_news(&why);
                self.notes.push(Note::Failed { why, news });
                self.retry.pause()
            }
            Ended::Halted(halt) => {
                let lasting = halt.is_lasting();
                let text = halt.to_text();
                let news = self.halted.replace(text.clone()).as_ref() != Some(&text);
                self.notes.push(Note::Halted { halt, news });
                if lasting {
                    self.share.stand(self.partition);
                    self.at = At::Standing;
                    return Action::Stand;
                }
                self.options.recheck
            }
        };
        Action::Rest(pause)
    }

    fn recovered(&mut self) {
        self.halted = None;
        self.notes.push(Note::Recovered);
    }
}

/// Following the log, and deciding.
impl Machine {
    /// The log is the one that was decided.
    fn follow(&mut self, now: Now) -> Result<Action, Ended> {
        self.retry.follows(now.elapsed);
        let partition = self.partition;
        let map = self.map.clone().ok_or(Halt::Exhausted { partition })?;
        self.decider = Some(Decider::new(map, self.options.known_max));
        if self.halted.is_some() {
            return Ok(self.look_ahead());
        }
        let cursor = self.cursor()?;
        let (seq, epoch) = (cursor.seq, cursor.owner_epoch);
        self.notes.push(Note::Owned { seq, epoch });
        self.at = At::AskingClaimed;
        Ok(Action::Store(Statement::AskHalted))
    }

    fn look_ahead(&mut self) -> Action {
        self.at = At::LookingAhead;
        Action::Log(Look::TryNext(self.options.batch_records_max))
    }

    /// The next records: those that did not fit, then what the log has, waiting for at least one.
    fn next(&mut self, records: Vec<Logged>) -> Result<Action, Ended> {
        if self.stopping {
            return Err(Ended::Stopped);
        }
        if self.share.is_surplus(self.partition) {
            return Err(Ended::HandedBack);
        }
        let limit = self.options.batch_records_max;
        if records.is_empty() {
            self.at = At::Following;
            return Ok(Action::Log(Look::Next(limit, self.options.lease / 3)));
        }
        let room = limit.saturating_sub(records.len());
        if room == 0 {
            return self.decide(records);
        }
        self.at = At::Filling(records);
        Ok(Action::Log(Look::TryNext(room)))
    }

    fn decide(&mut self, records: Vec<Logged>) -> Result<Action, Ended> {
        let cursor = self.cursor()?.clone();
        let (working, wanted, tenants) = self.decider()?.begin(&cursor, records);
        self.at = At::Beginning(Box::new(working), tenants);
        Ok(Action::Store(Statement::Begin(cursor, wanted)))
    }

    /// Decides behind the cursor's lock, until something must be loaded.
    fn decide_on(&mut self, mut working: Box<Working>, now: Now) -> Result<Action, Ended> {
        match self.decider()?.step(&mut working, now.clock) {
            Err(halt) => Ok(self.roll_back(halt.into())),
            Ok(Step::Load(wanted)) => {
                self.at = At::Loading(working);
                Ok(Action::Store(Statement::Load(wanted)))
            }
            Ok(Step::Ready(batch, rest)) => {
                let batch = Arc::new(*batch);
                self.at = At::Committing(Arc::clone(&batch), rest);
                Ok(Action::Store(Statement::Commit(batch)))
            }
        }
    }

    fn roll_back(&mut self, ended: Ended) -> Action {
        self.at = At::RollingBack(ended);
        Action::Store(Statement::Rollback)
    }

    /// The batch is committed, and that is known.
    fn committed(&mut self, batch: Arc<Batch>, rest: Vec<Logged>) -> Result<Action, Ended> {
        let after = batch.after.clone();
        self.notes.push(Note::Stands(after.next_offset, after.seq));
        self.cursor = Some(after);
        self.retry.decides();
        if !rest.is_empty() {
            self.notes.push(Note::Cut);
        }
        if self.decider()?.trim() {
            self.notes.push(Note::Trimmed);
        }
        if self.halted.is_some() {
            self.recovered();
        }
        self.at = At::Telling(rest);
        Ok(Action::Tell(Arc::unwrap_or_clone(batch).into_entries()))
    }
}
