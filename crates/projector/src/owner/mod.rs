//! Owning a partition: claim, take over, follow, commit, and start again from the cursor.
//!
//! **Shape.** What comes next is said by a [`machine`] without I/O. [`Owner`] carries it out: it
//! has the connection, the tail, the clock, and whom to tell.

pub mod machine;
mod points;
mod tell;

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use metrics::histogram;
use tokio_util::sync::CancellationToken;
use writ_crash::here;
use writ_domain::{Clock, Partition};
use writ_log::{Log, Tail, TailError};
use writ_store::Error as StoreError;
use writ_store::entries::Entry;
use writ_store::ledger::{self, Lease, Session};
use writ_store::log::Config;

use self::machine::{Action, Input, Look, Machine, Now, Statement};
use crate::Statuses;
use crate::metrics::TRANSACTION_SECONDS;
use crate::share::Share;

/// Is told the entries of each batch after its commit is known, in order.
///
/// A commit whose answer was lost is not told: whoever waits MUST also ask the store.
pub type OnDecided = Arc<dyn Fn(Vec<Entry>) + Send + Sync>;

/// How an owner works.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who this process is: a name that no other living process has.
    pub owner: String,
    /// How long a lease holds; a dead owner is replaced after it.
    pub lease: Duration,
    /// Records in a transaction, at most.
    pub batch_records_max: usize,
    /// Things kept in the state cache between batches, at most.
    pub known_max: usize,
    /// How long a partition that the log halted rests before its owner looks again.
    pub recheck: Duration,
}

impl Options {
    /// The defaults, for a process of this name.
    #[must_use]
    pub fn new(owner: String) -> Self {
        Self {
            owner,
            lease: Duration::from_secs(10),
            batch_records_max: 500,
            known_max: 400_000,
            recheck: Duration::from_secs(5),
        }
    }
}

/// The owner of one partition, or who would be.
pub struct Owner {
    partition: Partition,
    log: Arc<dyn Log>,
    config: Config,
    clock: Arc<dyn Clock>,
    statuses: Statuses,
    on_decided: OnDecided,
    share: Share,
    options: Options,
}

impl core::fmt::Debug for Owner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Owner")
            .field("partition", &self.partition)
            .finish_non_exhaustive()
    }
}

impl Owner {
    /// An owner of `partition` of `log`, with the ledger at `config`.
    #[must_use]
    pub fn new(
        partition: Partition,
        (log, config): (Arc<dyn Log>, Config),
        clock: Arc<dyn Clock>,
        statuses: Statuses,
        on_decided: OnDecided,
        (share, options): (Share, Options),
    ) -> Self {
        statuses.update(partition, |_| ());
        Self {
            partition,
            log,
            config,
            clock,
            statuses,
            on_decided,
            share,
            options,
        }
    }

    /// Owns the partition whenever it can, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let partitions = self.log.partitions();
        let (share, options) = (self.share.clone(), self.options.clone());
        let mut machine = Machine::new(self.partition, partitions, share, options);
        machine.was_halted(self.statuses.halted(self.partition));
        let mut held = Held::default();
        let started = Instant::now();
        let mut action = machine.start();
        while !matches!(action, Action::End) {
            let around = points::around(&action);
            if let Some((before, _)) = around {
                here(before).await;
            }
            let input = self.carry_out(action, &mut machine, &mut held, &stop).await;
            if let Some((_, after)) = around {
                here(after).await;
            }
            if stop.is_cancelled() {
                machine.stop();
            }
            let now = Now {
                elapsed: started.elapsed(),
                clock: self.clock.now(),
            };
            action = machine.on(input, now);
            for note in machine.notes() {
                self.tell(note);
            }
        }
    }

    async fn carry_out(
        &self,
        action: Action,
        machine: &mut Machine,
        held: &mut Held,
        stop: &CancellationToken,
    ) -> Input {
        match action {
            Action::Open => self.open(held).await.unwrap_or_else(Input::StoreFailed),
            Action::Store(statement) => {
                let said = self.say(statement, machine, held).await;
                said.unwrap_or_else(Input::StoreFailed)
            }
            Action::Log(look) => {
                let looked = self.look(look, held, stop).await;
                looked.unwrap_or_else(Input::LogFailed)
            }
            Action::Tell(entries) => {
                histogram!(TRANSACTION_SECONDS).record(held.began.elapsed().as_secs_f64());
                tell::count(&entries);
                (self.on_decided)(entries);
                Input::Done
            }
            Action::Wait(pause) => {
                wait(pause, stop).await;
                Input::Elapsed
            }
            Action::Rest(pause) => {
                *held = Held::default();
                wait(pause, stop).await;
                Input::Elapsed
            }
            Action::Stand | Action::End => {
                *held = Held::default();
                stop.cancelled().await;
                Input::Elapsed
            }
        }
    }

    async fn open(&self, held: &mut Held) -> Result<Input, ledger::Error> {
        let lease = Lease {
            owner: self.options.owner.clone(),
            duration: self.options.lease,
        };
        held.session = Some(Session::open(&self.config, lease).await?);
        Ok(Input::Done)
    }

    async fn say(
        &self,
        statement: Statement,
        machine: &mut Machine,
        held: &mut Held,
    ) -> Result<Input, ledger::Error> {
        let Held { session, began, .. } = held;
        let session = session.as_ref().ok_or_else(not_held)?;
        match statement {
            Statement::Claim => return Ok(Input::Claimed(session.claim(self.partition).await?)),
            Statement::AskHalted => {
                return Ok(Input::Halted(session.is_halted(self.partition).await?));
            }
            Statement::Heads(tenants) => return Ok(Input::Heads(session.heads(&tenants).await?)),
            Statement::Recover(cursor) => session.recover(&cursor).await?,
            Statement::Begin(cursor, wanted) => {
                *began = Instant::now();
                session.begin(&cursor, wanted, machine.states()).await?;
            }
            Statement::Load(wanted) => session.load_more(wanted, machine.states()).await?,
            Statement::Commit(batch) => session.commit(&batch).await?,
            Statement::Rollback => session.rollback().await,
            Statement::Renew(cursor) => session.renew(&cursor).await?,
            Statement::Release(cursor) => session.release(&cursor).await?,
            Statement::Halt(cursor, why) => session.halt(&cursor, &why).await?,
        }
        Ok(Input::Done)
    }

    async fn look(
        &self,
        look: Look,
        held: &mut Held,
        stop: &CancellationToken,
    ) -> Result<Input, TailError> {
        let tail = held.tail.as_mut().ok_or_else(|| TailError::Unavailable {
            source: Arc::new(NotHeld),
        });
        Ok(match look {
            Look::Tail(from) => {
                held.tail = Some(self.log.tail(self.partition, from).await?);
                Input::Done
            }
            Look::Bounds => Input::Bounds(self.log.bounds(self.partition).await?),
            Look::TryNext(limit) => Input::Records(tail?.try_next(limit).await?),
            Look::Next(limit, patience) => tokio::select! {
                biased;
                () = stop.cancelled() => Input::Elapsed,
                next = tail?.next(limit) => Input::Records(next?),
                () = tokio::time::sleep(patience) => Input::Elapsed,
            },
        })
    }
}

/// What an owner holds while it owns.
struct Held {
    session: Option<Session>,
    tail: Option<Box<dyn Tail>>,
    /// When the last transaction began.
    began: Instant,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            session: None,
            tail: None,
            began: Instant::now(),
        }
    }
}

/// An action needs what was not opened: a mistake in the machine.
#[derive(Debug, thiserror::Error)]
#[error("nothing is open that this could be asked of")]
struct NotHeld;

fn not_held() -> ledger::Error {
    ledger::Error::Store(StoreError::Unavailable {
        source: Box::new(NotHeld),
    })
}

async fn wait(pause: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
