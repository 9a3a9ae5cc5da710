//! Telling the entries of the owned partitions on the topic of changes.
//!
//! ```text
//!   entries    1   2   3   4   5   6   7        committed: only these are told
//!   topic      1   2   3   4   3   4   5        after a restart at 2: repeats, no gap
//!                          └── told up to 5
//! ```
//!
//! At least once; first occurrences in order and without a gap, whatever dies. A consumer drops
//! what it has seen.
//!
//! **Shape.** One loop a partition, while this process owns it. It does what a [`Machine`] says,
//! which has no I/O: find out how far the topic is, read committed entries from there on, append
//! them in batches, one at a time. After any error another one starts from what was kept. The
//! topic is a log like any other, with the partitions of the log of commands.
//!
//! **Correctness.** The promise is that at every moment the topic, read from its beginning, holds
//! the entries 1 … m for some m, each for the first time after the one before it. Call that *whole
//! up to m*.
//!
//! 1. A relay finds out that the topic is whole up to some t: from what it kept and read on to the
//!    end; where nothing was kept, or what was kept is not there, from the beginning. It appends
//!    t+1, t+2, … in order; the next batch only after the last was acknowledged; and of a batch
//!    whose answer was lost a beginning may have arrived, never a later part without it. So whenever
//!    one of its messages q arrives, q-1 stands on the topic already: it was t, or arrived before
//!    from the same relay.
//! 2. With q-1 there, the topic is whole up to at least q-1, and after q arrives up to at least q.
//!    No message can make a gap, whoever else appends between.
//! 3. So two relays at once, a relay that was frozen and comes back, a batch that arrives after
//!    its sender gave up: all of them append repeats, or what comes next. None of that needs the
//!    lease, which only keeps the repeats few.
//!
//! That a later part never arrives alone is the log's to keep. In memory and Postgres a batch is all
//! or nothing. On Kafka one producer keeps its order (idempotence, `enable.gapless.guarantee`); but
//! records run out of time one by one, so its message timeout MUST be longer than any outage. If
//! one is missing all the same it is found when the topic is read on, and told late.
//!
//! What breaks this is a topic that loses what it held. It may have grown again by repeats of
//! somebody's late batch, to more than it was or to as much, so that its length tells nothing. Before
//! each batch the topic's bounds are looked at: if it ends before what was told, or others wrote and
//! the last message told is not where it was, the relay starts again. Between look and landing the
//! topic may still be exchanged; so after each landing the message told before is read once more, and
//! nothing counts as told, or is kept, until it was found. A topic that was made anew is told from
//! entry 1. Where what was kept is not there, the topic is read from its beginning and told on from
//! where it is whole, so that a batch that landed after a hole is told again, behind what it lacked.
//!
//! The hash in the last message is compared with the entry's: a topic that tells another history
//! is not told on.

mod machine;
mod message;
mod pauses;
mod points;
#[cfg(test)]
mod tests;

use core::time::Duration;
use std::sync::Arc;

use futures_util::future::join_all;
use metrics::{counter, gauge};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};
use writ_crash::{Point, here, sent};
use writ_domain::{Partition, Position, Seq};
use writ_envelope::event::Told;
use writ_log::{AppendError, BATCH_RECORDS_MAX, Log, Tail, TailError};
use writ_store::entries::{self, Raw};
use writ_store::{Error as StoreError, Store};

pub use self::machine::{Action, Input, Machine, Opening, Reason};
pub use self::pauses::Pauses;
use crate::Statuses;
use crate::metrics::{RELAY_LAG, RELAYED};
use crate::status::Relayed;

/// How long a relay waits to be woken before it looks by itself.
const REST: Duration = Duration::from_secs(1);
/// Why telling stopped. It starts again from what was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger does not answer.
    #[error("the entries could not be read")]
    Store(#[from] StoreError),
    /// The topic does not answer.
    #[error("the topic of changes cannot be read")]
    Read(#[from] TailError),
    /// The topic did not say that it took messages.
    #[error("the topic of changes does not take entry {position}")]
    Append {
        /// The first one of them.
        position: Position,
        /// What the topic said.
        source: AppendError,
    },
    /// The topic is another one than before, or an older one.
    #[error("the topic of changes has lost messages: it ends at {high}, and {told} were told")]
    Truncated {
        /// Where it ends, or where a message landed.
        high: u64,
        /// Where it ended before.
        told: u64,
    },
    /// The topic does not begin at 0.
    #[error(
        "the topic of changes has lost its beginning: make it anew (`writ topics create`), and \
         it is told from entry 1"
    )]
    NoBeginning,
    /// The topic's last message is of no entry of this ledger.
    #[error(
        "the topic of changes tells another history: its entry {position} has another hash than \
         the ledger's. If the ledger was put back, run `writ rebuild`; else make the topic anew"
    )]
    OtherHistory {
        /// The entry.
        position: Position,
    },
    /// The ledger has a hole.
    #[error("the ledger has no entry {position}, though later ones")]
    Missing {
        /// Where.
        position: Position,
    },
    /// Who drives the machine is mistaken.
    #[error("the relay was told what it had not asked for: {input}")]
    OutOfTurn {
        /// What it was told.
        input: String,
    },
}

impl From<writ_log::ReadError> for Error {
    fn from(source: writ_log::ReadError) -> Self {
        Self::Read(source.into())
    }
}

/// Why a relay ended.
enum Ended {
    Stopped,
    /// Another process owns the partition.
    Left,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Relays every partition that this process owns, until `stop`.
///
/// `changes` has as many partitions as the log of commands. It MUST NOT append a later record of
/// a batch without the earlier ones. `wake` is notified (`notify_one`) when entries were decided.
pub async fn run(
    store: Store,
    changes: Arc<dyn Log>,
    statuses: Statuses,
    wake: Arc<Notify>,
    stop: CancellationToken,
) {
    let woken = watch::Sender::new(());
    let relays = (0..changes.partitions()).map(|number| {
        let relay = Relay {
            partition: Partition(number),
            store: store.clone(),
            changes: Arc::clone(&changes),
            statuses: statuses.clone(),
        };
        relay.run(woken.subscribe(), stop.clone())
    });
    let waking = async {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = wake.notified() => woken.send_modify(|()| {}),
            }
        }
    };
    tokio::join!(join_all(relays), waking);
}

/// The relay of one partition.
struct Relay {
    partition: Partition,
    store: Store,
    changes: Arc<dyn Log>,
    statuses: Statuses,
}

impl Relay {
    async fn run(self, mut woken: watch::Receiver<()>, stop: CancellationToken) {
        let mut pauses = Pauses::default();
        loop {
            if !self.is_owned() {
                self.leave();
                if !rest(&mut woken, REST, &stop).await {
                    return;
                }
                continue;
            }
            let started = Instant::now();
            let failed = match self.follow(&mut woken, &stop).await {
                Ended::Stopped => return,
                Ended::Left => continue,
                Ended::Failed(failed) => failed,
            };
            self.failed(&failed);
            let pause = pauses.after(started.elapsed());
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Tells entries from the topic's end on.
    async fn follow(&self, woken: &mut watch::Receiver<()>, stop: &CancellationToken) -> Ended {
        let mut machine = Machine::new(self.partition);
        let began = Instant::now();
        let ended = match self.drive(&mut machine, began, woken, stop).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        if !matches!(ended, Ended::Failed(_))
            && let Err(failed) = self.leave_off(&mut machine, began).await
        {
            debug!(partition = %self.partition, error = crate::causes::chain(&failed), "how far changes are told was not kept");
        }
        ended
    }

    async fn drive(
        &self,
        machine: &mut Machine,
        began: Instant,
        woken: &mut watch::Receiver<()>,
        stop: &CancellationToken,
    ) -> Result<core::convert::Infallible, Ended> {
        let mut tail = None;
        let mut is_open = false;
        let mut action = Action::LoadCursor;
        loop {
            if matches!(action, Action::Look(_) | Action::Scan { .. }) {
                if !core::mem::replace(&mut is_open, true) {
                    info!(partition = %self.partition, seq = %machine.seq(), "changes are told from here on");
                }
                self.stand(machine.seq());
            }
            let input = if let Action::Rest(reason) = action {
                if reason == Reason::AllTold {
                    self.works();
                }
                self.rest(woken, stop).await?;
                Input::Woken
            } else if machine.is_telling() {
                tokio::select! {
                    done = self.perform(action, machine, &mut tail) => done?,
                    () = stop.cancelled() => return Err(Ended::Stopped),
                }
            } else if matches!(action, Action::Scan { .. }) && stop.is_cancelled() {
                return Err(Ended::Stopped);
            } else {
                self.perform(action, machine, &mut tail).await?
            };
            let appended = if let Input::Appended(landed) = &input {
                Some(landed.len())
            } else {
                None
            };
            action = machine.step(began.elapsed(), input)?;
            if let Some(count) = appended {
                counter!(RELAYED).increment(u64::try_from(count).unwrap_or(u64::MAX));
                self.works();
            }
        }
    }

    /// Keeps how far the topic is told, at the end.
    async fn leave_off(&self, machine: &mut Machine, began: Instant) -> Result<(), Error> {
        let mut action = machine.leave(began.elapsed());
        while !matches!(action, Action::Left) {
            let input = self.perform(action, machine, &mut None).await?;
            action = machine.step(began.elapsed(), input)?;
        }
        Ok(())
    }

    /// Does what the machine asks for.
    async fn perform(
        &self,
        action: Action,
        machine: &Machine,
        tail: &mut Option<Box<dyn Tail>>,
    ) -> Result<Input, Error> {
        let around = points::around(&action);
        if let Some((before, _)) = around {
            here(before).await;
        }
        let input = self.ask(action, machine, tail).await?;
        if let Some((_, after)) = around {
            here(after).await;
        }
        Ok(input)
    }

    async fn ask(
        &self,
        action: Action,
        machine: &Machine,
        tail: &mut Option<Box<dyn Tail>>,
    ) -> Result<Input, Error> {
        let (store, changes, partition) = (&self.store, &self.changes, self.partition);
        Ok(match action {
            Action::LoadCursor => Input::Cursor(store.relay_cursor(partition).await?),
            Action::Bounds => Input::Bounds(changes.bounds(partition).await?),
            Action::Read(offset) => Input::Message(changes.read(partition, offset).await?),
            Action::Follow(from) => {
                let opened = tail.insert(changes.tail(partition, from).await?);
                Input::Messages(opened.try_next(BATCH_RECORDS_MAX).await?)
            }
            Action::More => match tail {
                Some(tail) => Input::Messages(tail.try_next(BATCH_RECORDS_MAX).await?),
                None => Input::Messages(Vec::new()),
            },
            Action::Look(seq) => {
                let entries = entries::scan(store, partition, seq, 1).await?;
                Input::Found(entries.first().map(|entry| Told {
                    position: entry.position,
                    hash: entry.chain,
                }))
            }
            Action::Scan { from, limit } => {
                let entries = entries::scan(store, partition, from, limit).await?;
                let entries: Result<_, _> = entries.into_iter().map(Raw::read).collect();
                Input::Entries(entries?)
            }
            Action::Keep(cursor) => {
                store.keep_relay_cursor(partition, &cursor).await?;
                Input::Kept
            }
            Action::Append(records) => {
                let position = machine.next_position();
                let appending = changes.append(partition, records);
                let appended = sent(Point::RelayAppendSent, appending).await;
                Input::Appended(appended.map_err(|source| Error::Append { position, source })?)
            }
            Action::Rest(_) | Action::Left => Input::Woken,
        })
    }

    async fn rest(
        &self,
        woken: &mut watch::Receiver<()>,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        if !rest(woken, REST, stop).await {
            return Err(Ended::Stopped);
        }
        if self.is_owned() {
            Ok(())
        } else {
            Err(Ended::Left)
        }
    }

    fn is_owned(&self) -> bool {
        self.statuses.is_owned(self.partition)
    }

    /// Says how far the partition is told.
    fn stand(&self, seq: Seq) {
        let mut behind = 0;
        self.update(|relayed| relayed.seq = seq);
        self.statuses.update(self.partition, |status| {
            behind = status.relay_lag().unwrap_or(0);
        });
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        gauge!(RELAY_LAG, "partition" => self.partition.to_string()).set(behind as f64);
    }

    /// Says that it goes on.
    fn works(&self) {
        self.update(|relayed| relayed.problem = None);
    }

    /// Says why it does not.
    fn failed(&self, failed: &Error) {
        let problem = crate::causes::chain(failed);
        let mut before = None;
        self.update(|relayed| before = relayed.problem.replace(problem.clone()));
        if before.as_ref() == Some(&problem) {
            debug!(partition = %self.partition, error = problem, "telling changes stopped again");
        } else {
            error!(partition = %self.partition, error = problem, "telling changes stopped; it starts again from what was kept");
        }
    }

    /// Says that another process tells it.
    fn leave(&self) {
        self.statuses
            .update(self.partition, |status| status.relayed = None);
        gauge!(RELAY_LAG, "partition" => self.partition.to_string()).set(0.0);
    }

    fn update(&self, change: impl FnOnce(&mut Relayed)) {
        self.statuses.update(self.partition, |status| {
            change(status.relayed.get_or_insert(Relayed {
                seq: Seq::ZERO,
                problem: None,
            }));
        });
    }
}

/// Waits to be woken, or as long as this; `false` if it is time to stop.
async fn rest(
    woken: &mut watch::Receiver<()>,
    at_most: Duration,
    stop: &CancellationToken,
) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        changed = woken.changed() => changed.is_ok(),
        () = tokio::time::sleep(at_most) => true,
    }
}
