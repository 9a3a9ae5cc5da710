//! Who looks after the ledger: restores a log that was lost, rebuilds a store that was put back.
//!
//! ```text
//!   watch ─► halted for its log ─► stop all, fence the log ─┬─ store has all that was decided:
//!     ▲                                                     │    claim, empty the log, append the
//!     │                                                     │    entries and seals, rebase
//!     └──────── let all begin again ◄───────────────────────┴─ store lacks some: rebuild
//! ```
//!
//! **Shape.** The order of `writ_projector::restore`, and its records: each with its mark, then
//! the seal. A run that meets an error begins again with an empty log, as its remedies say.

use core::time::Duration;

use writ_domain::{BucketMap, Offset, Partition};
use writ_envelope::restore::Mark;
use writ_log::Record;
use writ_projector::restore::{marked, seal_record};
use writ_projector::{Decider, Step, anchor_of};
use writ_store::ledger::{Cursor, Lease};

use crate::coverage::Branch;
use crate::log::{self, Which};
use crate::store::{Data, Reply, SessionId, Statement};
use crate::{Actor, ActorId, Ctx, Event, Message, Token};

const LOOK: Duration = Duration::from_millis(700);
/// Records of one append.
const PAGE: usize = 400;

/// Who looks after the ledger.
#[derive(Debug)]
pub struct Operator {
    partitions: u16,
    owners: Vec<ActorId>,
    /// How often in a row something was found to be wrong.
    wrong: u32,
    /// Whether it has stopped all, and not let them begin again: who begins anew after it was
    /// killed knows that.
    has_stopped_all: bool,
    at: At,
}

/// What is under way.
#[derive(Debug)]
enum At {
    Watching(Token),
    Opening(Token),
    Claiming(Token, Work),
    /// Somebody still holds a lease.
    Waiting(Token, Work),
    Appending(Token, Work),
    Rebasing(Token, Work),
    Releasing(Token, Work),
    /// All owners have stopped, or will be cut off.
    Rebuilding(Token),
}

#[derive(Debug)]
struct Work {
    session: SessionId,
    cursors: Vec<Cursor>,
    /// Which partition is written, and how far; its seal comes last.
    partition: u16,
    written: usize,
    sealed: bool,
}

impl Operator {
    /// Watches a ledger and its log, and those who decide.
    #[must_use]
    pub fn new(partitions: u16, owners: Vec<ActorId>) -> Self {
        Self {
            partitions,
            owners,
            wrong: 0,
            has_stopped_all: false,
            at: At::Watching(Token(0)),
        }
    }

    fn watch(&mut self, ctx: &mut Ctx<'_>) {
        self.at = At::Watching(ctx.after(LOOK));
    }

    fn look(&mut self, ctx: &mut Ctx<'_>) {
        let data = ctx.ledger().data();
        let halted = (0..self.partitions).any(|number| {
            let why = data.halted(Partition(number));
            why.is_some_and(|why| why.contains("topics restore"))
        });
        self.wrong = if halted { self.wrong + 1 } else { 0 };
        if self.wrong < 3 {
            return self.watch(ctx);
        }
        self.repair(ctx);
    }

    /// Stops all and puts right what is wrong: from the beginning, however far it had come.
    fn repair(&mut self, ctx: &mut Ctx<'_>) {
        self.wrong = 0;
        self.has_stopped_all = true;
        ctx.fence(true);
        self.stop_all(ctx);
        let behind = (0..self.partitions).any(|number| ctx.ledger().is_behind(Partition(number)));
        if behind {
            ctx.trace(format_args!("rebuilds the store"));
            self.at = At::Rebuilding(ctx.after(LOOK));
        } else {
            ctx.trace(format_args!("restores the log"));
            self.open(ctx);
        }
    }

    fn stop_all(&self, ctx: &mut Ctx<'_>) {
        for owner in &self.owners {
            ctx.order(*owner, Message::Stop);
        }
    }

    fn open(&mut self, ctx: &mut Ctx<'_>) {
        let lease = Lease {
            owner: format!("operator.{}", ctx.now()),
            duration: Duration::from_mins(1),
        };
        self.at = At::Opening(ctx.open(lease));
    }

    /// All begin again.
    fn done(&mut self, ctx: &mut Ctx<'_>) {
        ctx.fence(false);
        self.has_stopped_all = false;
        for owner in self.owners.clone() {
            ctx.order(owner, Message::Go);
        }
        self.watch(ctx);
    }

    fn claim(&mut self, work: Work, ctx: &mut Ctx<'_>) {
        let next = u16::try_from(work.cursors.len()).unwrap_or(self.partitions);
        if next < self.partitions {
            let token = ctx.statement(work.session, Statement::Claim(Partition(next)));
            self.at = At::Claiming(token, work);
            return;
        }
        ctx.trace(format_args!("empties the log"));
        ctx.remake(Which::Commands);
        self.append(work, ctx);
    }

    /// Appends what comes next, or ends.
    fn append(&mut self, mut work: Work, ctx: &mut Ctx<'_>) {
        loop {
            let Some(cursor) = work.cursors.get(usize::from(work.partition)) else {
                return self.rebase(work, ctx);
            };
            let partition = cursor.partition;
            let entries = ctx.ledger().data().entries(partition);
            let rest = entries.get(work.written..).unwrap_or_default();
            let page: Vec<Record> = rest
                .iter()
                .take(PAGE)
                .map(|stored| {
                    let entry = &stored.entry;
                    let mark = Mark {
                        position: entry.position,
                        time: entry.time,
                        chain: entry.chain,
                    };
                    marked(stored.record.clone(), &mark)
                })
                .collect();
            let records = if !page.is_empty() {
                page
            } else if work.written > 0 && !work.sealed {
                work.sealed = true;
                vec![seal_record(cursor)]
            } else {
                // Where nothing was decided nothing is to be trusted.
                work.partition += 1;
                (work.written, work.sealed) = (0, false);
                continue;
            };
            if !work.sealed {
                work.written += records.len();
            }
            let token = ctx.log(Which::Commands, log::Request::Append(partition, records));
            self.at = At::Appending(token, work);
            return;
        }
    }

    /// Whether everything stands where it belongs.
    fn is_whole(work: &Work, ctx: &Ctx<'_>) -> bool {
        work.cursors.iter().all(|cursor| {
            let records = ctx.topic(Which::Commands).records(cursor.partition).len() as u64;
            let seal = u64::from(cursor.seq.0 > 0);
            records == cursor.seq.0 + seal
        })
    }

    fn rebase(&mut self, work: Work, ctx: &mut Ctx<'_>) {
        if !Self::is_whole(&work, ctx) {
            ctx.trace(format_args!("finds a foreign record, and begins again"));
            return self.again(&work, ctx);
        }
        let topic = ctx.topic(Which::Commands);
        let moved = work.cursors.iter().filter_map(|cursor| {
            let Offset(last) = cursor.next_offset.previous()?;
            let index = usize::try_from(last).ok()?;
            let logged = topic.records(cursor.partition).get(index)?;
            Some((cursor.clone(), anchor_of(logged)))
        });
        let moved = moved.collect();
        let token = ctx.statement(work.session, Statement::Rebase(moved));
        self.at = At::Rebasing(token, work);
    }

    fn release(&mut self, mut work: Work, ctx: &mut Ctx<'_>) {
        if let Some(cursor) = work.cursors.pop() {
            let token = ctx.statement(work.session, Statement::Release(cursor));
            self.at = At::Releasing(token, work);
        } else {
            ctx.close(work.session);
            self.done(ctx);
        }
    }

    fn again(&mut self, work: &Work, ctx: &mut Ctx<'_>) {
        ctx.close(work.session);
        self.open(ctx);
    }

    fn stored(&mut self, reply: Option<Reply>, ctx: &mut Ctx<'_>) {
        let at = core::mem::replace(&mut self.at, At::Watching(Token(0)));
        match (at, reply) {
            (At::Opening(_), Some(Reply::Opened(session))) => {
                let work = Work {
                    session,
                    cursors: Vec::new(),
                    partition: 0,
                    written: 0,
                    sealed: false,
                };
                self.claim(work, ctx);
            }
            (At::Claiming(_, mut work), Some(Reply::Claimed(Some(cursor)))) => {
                work.cursors.push(cursor);
                self.claim(work, ctx);
            }
            (At::Claiming(_, work), Some(_)) => {
                ctx.trace(format_args!("waits for who still decides"));
                self.at = At::Waiting(ctx.after(LOOK), work);
            }
            (At::Rebasing(_, work), Some(_)) => {
                ctx.branch(Branch::LogRestored);
                ctx.trace(format_args!("has restored the log"));
                self.release(work, ctx);
            }
            // A lease that is not given back runs out.
            (At::Releasing(_, work), _) => self.release(work, ctx),
            (At::Opening(_), _) => self.open(ctx),
            (At::Claiming(_, work) | At::Rebasing(_, work), None) => {
                ctx.trace(format_args!("lost its connection, and begins again"));
                self.again(&work, ctx);
            }
            (
                at @ (At::Watching(_) | At::Waiting(..) | At::Appending(..) | At::Rebuilding(_)),
                _,
            ) => {
                self.at = at;
            }
        }
    }

    fn rebuild(&mut self, ctx: &mut Ctx<'_>) {
        let rebuilt = rebuilt(ctx, self.partitions);
        match rebuilt {
            Ok(data) => {
                ctx.install(data);
                ctx.branch(Branch::Rebuilt);
                ctx.trace(format_args!("has rebuilt the store"));
            }
            Err(why) => ctx.checker().violated(7, why),
        }
        self.done(ctx);
    }
}

/// The store, folded again from the whole log.
fn rebuilt(ctx: &Ctx<'_>, partitions: u16) -> Result<Data, String> {
    let mut data = Data::new(partitions);
    for number in 0..partitions {
        let partition = Partition(number);
        let map = BucketMap::try_new(partitions).ok_or("no partitions")?;
        let mut decider = Decider::complete(map);
        let records = ctx.topic(Which::Commands).records(partition).to_vec();
        if records.is_empty() {
            continue;
        }
        let (mut working, ..) = decider.begin(&Cursor::genesis(partition), records);
        match decider.step(&mut working, chrono::DateTime::<chrono::Utc>::MAX_UTC) {
            Ok(Step::Ready(batch, rest)) if rest.is_empty() => {
                data.rebuild(&batch).map_err(|wrong| wrong.to_string())?;
            }
            Ok(other) => return Err(format!("the rebuild is not complete: {other:?}")),
            Err(halt) => return Err(format!("the rebuild halts: {halt}")),
        }
    }
    let old = ctx.ledger().data();
    data.fence_all(old);
    Ok(data)
}

impl Actor for Operator {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start if self.has_stopped_all => self.repair(ctx),
            Event::Start => self.watch(ctx),
            Event::Timer(token) => {
                let at = core::mem::replace(&mut self.at, At::Watching(Token(0)));
                match at {
                    At::Watching(timer) if timer == token => self.look(ctx),
                    At::Waiting(timer, work) if timer == token => {
                        // Who was killed since has begun again.
                        self.stop_all(ctx);
                        self.claim(work, ctx);
                    }
                    At::Rebuilding(timer) if timer == token => self.rebuild(ctx),
                    at @ (At::Watching(_)
                    | At::Opening(_)
                    | At::Claiming(..)
                    | At::Waiting(..)
                    | At::Appending(..)
                    | At::Rebasing(..)
                    | At::Releasing(..)
                    | At::Rebuilding(_)) => self.at = at,
                }
            }
            Event::Store(token, answer) => {
                let awaited = match &self.at {
                    At::Opening(asked)
                    | At::Claiming(asked, _)
                    | At::Rebasing(asked, _)
                    | At::Releasing(asked, _) => *asked == token,
                    At::Watching(_) | At::Waiting(..) | At::Appending(..) | At::Rebuilding(_) => {
                        false
                    }
                };
                if awaited {
                    self.stored(answer.ok(), ctx);
                }
            }
            Event::Log(token, log::Answer::Appended(appended)) => {
                let at = core::mem::replace(&mut self.at, At::Watching(Token(0)));
                match at {
                    At::Appending(asked, work) if asked == token => match appended {
                        Ok(_) => self.append(work, ctx),
                        Err(error) => {
                            ctx.trace(format_args!("could not append, begins again: {error}"));
                            self.again(&work, ctx);
                        }
                    },
                    at @ (At::Watching(_)
                    | At::Opening(_)
                    | At::Claiming(..)
                    | At::Waiting(..)
                    | At::Appending(..)
                    | At::Rebasing(..)
                    | At::Releasing(..)
                    | At::Rebuilding(_)) => self.at = at,
                }
            }
            Event::Log(..) | Event::Message(..) => {}
        }
    }

    /// Leases of its former life run out by themselves.
    fn restart(&mut self) {
        self.wrong = 0;
        self.at = At::Watching(Token(0));
    }
}
