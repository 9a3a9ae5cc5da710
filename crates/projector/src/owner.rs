//! Owning a partition: claim, take over, follow, commit, and start again from the cursor.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use metrics::{counter, gauge, histogram};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use writ_domain::{BucketMap, Clock, Partition};
use writ_log::{Log, Logged, ReadError, Tail, TailError};
use writ_store::entries::Entry;
use writ_store::ledger::{self, Batch, Cursor, Lease, Session};
use writ_store::log::Config;

use crate::decider::anchor_of;
use crate::metrics::{BATCH_RECORDS, DECIDED, HALTED, SEQ, TRANSACTION_SECONDS};
use crate::{Decider, Halt, Statuses, Step};

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
    options: Options,
}

impl core::fmt::Debug for Owner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Owner")
            .field("partition", &self.partition)
            .finish_non_exhaustive()
    }
}

/// Why owning ended.
enum Ended {
    /// Asked to stop.
    Stopped,
    /// Another owner has it.
    Fenced,
    /// It may go better at the next try.
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// It must not go on.
    Halted(Halt),
}

impl From<Halt> for Ended {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
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
        options: Options,
    ) -> Self {
        statuses.update(partition, |_| ());
        Self {
            partition,
            log,
            config,
            clock,
            statuses,
            on_decided,
            options,
        }
    }

    /// Owns the partition whenever it can, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        const RETRY: Duration = Duration::from_millis(50);
        const RETRY_MAX: Duration = Duration::from_secs(2);
        let mut retry = RETRY;
        loop {
            let started = Instant::now();
            let ended = self.own(&stop).await;
            self.statuses
                .update(self.partition, |status| status.owned = false);
            match ended {
                Ended::Stopped => return,
                Ended::Fenced => {
                    info!(partition = %self.partition, "another owner has the partition");
                }
                Ended::Failed(source) => {
                    warn!(partition = %self.partition, error = chain(&*source), "deciding stopped; it starts again from the cursor");
                }
                Ended::Halted(halt) => {
                    self.halted(&halt);
                    stop.cancelled().await;
                    return;
                }
            }
            retry = if started.elapsed() > RETRY_MAX {
                RETRY
            } else {
                (retry * 2).min(RETRY_MAX)
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(retry) => {}
            }
        }
    }

    fn halted(&self, halt: &Halt) {
        let text = chain(halt);
        error!(partition = %self.partition, error = text, "the partition is halted");
        gauge!(HALTED, "partition" => self.partition.to_string()).set(1.0);
        self.statuses
            .update(self.partition, |status| status.halted = Some(text));
    }

    async fn own(&self, stop: &CancellationToken) -> Ended {
        let lease = Lease {
            owner: self.options.owner.clone(),
            duration: self.options.lease,
        };
        let session = match Session::open(&self.config, lease).await {
            Ok(session) => session,
            Err(source) => return Ended::Failed(Box::new(source)),
        };
        let mut cursor = match self.claim(&session, stop).await {
            Ok(cursor) => cursor,
            Err(ended) => return ended,
        };
        let ended = match self.follow(&session, &mut cursor, stop).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        if matches!(ended, Ended::Stopped | Ended::Halted(_))
            && let Err(error) = session.release(&cursor).await
        {
            warn!(partition = %self.partition, error = chain(&error), "the lease was not given back");
        }
        ended
    }

    async fn claim(&self, session: &Session, stop: &CancellationToken) -> Result<Cursor, Ended> {
        loop {
            let claimed = session.claim(self.partition).await.map_err(ended)?;
            if let Some(cursor) = claimed {
                info!(partition = %self.partition, seq = %cursor.seq, epoch = cursor.owner_epoch, "the partition is owned");
                self.tell(&cursor);
                return Ok(cursor);
            }
            tokio::select! {
                () = stop.cancelled() => return Err(Ended::Stopped),
                () = tokio::time::sleep(self.options.lease / 4) => {}
            }
        }
    }

    /// Whether the log is the one that was decided so far: its bounds hold the cursor, and the
    /// record before it is the one that was decided.
    async fn check_anchor(&self, cursor: &Cursor) -> Result<(), Ended> {
        let next_offset = cursor.next_offset;
        let bounds = self.log.bounds(self.partition).await.map_err(unreadable)?;
        if bounds.low.0 != 0 || !bounds.can_follow(next_offset) {
            let partition = self.partition;
            return Err(Halt::OutOfBounds {
                partition,
                next_offset,
                bounds,
            }
            .into());
        }
        let Some(last) = next_offset.previous() else {
            return Ok(());
        };
        let found = self
            .log
            .read(self.partition, last)
            .await
            .map_err(unreadable)?;
        if found.as_ref().map(anchor_of) == cursor.anchor {
            Ok(())
        } else {
            Err(Halt::AnchorMismatch { next_offset }.into())
        }
    }

    async fn follow(
        &self,
        session: &Session,
        cursor: &mut Cursor,
        stop: &CancellationToken,
    ) -> Result<core::convert::Infallible, Ended> {
        self.check_anchor(cursor).await?;
        let tail = self.log.tail(self.partition, cursor.next_offset).await;
        let mut tail = tail.map_err(|error| self.tail_ended(cursor, error))?;
        let map = BucketMap::try_new(self.log.partitions()).ok_or(Halt::Exhausted {
            partition: self.partition,
        })?;
        let mut decider = Decider::new(map, self.options.known_max);
        let mut rest = Vec::new();
        loop {
            let records = self.next(session, cursor, &mut *tail, rest, stop).await?;
            let (batch, unfit) = self.decide(session, cursor, &mut decider, records).await?;
            *cursor = batch.after.clone();
            rest = unfit;
            decider.trim();
            self.tell(cursor);
            count(&batch);
            (self.on_decided)(batch.into_entries());
        }
    }

    /// The next records: those that did not fit, then what the log has, waiting for at least one.
    async fn next(
        &self,
        session: &Session,
        cursor: &Cursor,
        tail: &mut dyn Tail,
        mut records: Vec<Logged>,
        stop: &CancellationToken,
    ) -> Result<Vec<Logged>, Ended> {
        let limit = self.options.batch_records_max;
        if stop.is_cancelled() {
            return Err(Ended::Stopped);
        }
        if !records.is_empty() {
            let room = limit.saturating_sub(records.len());
            if room > 0 {
                let more = tail.try_next(room).await;
                records.extend(more.map_err(|error| self.tail_ended(cursor, error))?);
            }
            return Ok(records);
        }
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Ended::Stopped),
                next = tail.next(limit) => {
                    return next.map_err(|error| self.tail_ended(cursor, error));
                }
                () = tokio::time::sleep(self.options.lease / 3) => {
                    session.renew(cursor).await.map_err(ended)?;
                }
            }
        }
    }

    async fn decide(
        &self,
        session: &Session,
        cursor: &Cursor,
        decider: &mut Decider,
        records: Vec<Logged>,
    ) -> Result<(Batch, Vec<Logged>), Ended> {
        let started = Instant::now();
        let (mut working, wanted, tenants) = decider.begin(cursor, records);
        session
            .begin(cursor, wanted, decider.states())
            .await
            .map_err(ended)?;
        let result = self
            .decide_locked(session, decider, &mut working, &tenants)
            .await;
        let (batch, rest) = match result {
            Ok(ready) => ready,
            Err(ended) => {
                session.rollback().await;
                return Err(ended);
            }
        };
        session.commit(&batch).await.map_err(|error| match error {
            ledger::Error::Corrupt { source } => Ended::Halted(Halt::Corrupt {
                seq: cursor.seq.0,
                source: Box::new(source),
            }),
            other @ (ledger::Error::Fenced { .. }
            | ledger::Error::CommitUnknown { .. }
            | ledger::Error::Store(_)) => ended(other),
        })?;
        histogram!(TRANSACTION_SECONDS).record(started.elapsed().as_secs_f64());
        Ok((*batch, rest))
    }

    async fn decide_locked(
        &self,
        session: &Session,
        decider: &mut Decider,
        working: &mut crate::Working,
        tenants: &[writ_domain::TenantId],
    ) -> Result<(Box<Batch>, Vec<Logged>), Ended> {
        if !tenants.is_empty() {
            let heads = session.heads(tenants).await.map_err(ended)?;
            decider.learn_heads(heads);
        }
        loop {
            match decider.step(working, self.clock.now())? {
                Step::Ready(batch, rest) => return Ok((batch, rest)),
                Step::Load(wanted) => {
                    session
                        .load_more(wanted, decider.states())
                        .await
                        .map_err(ended)?;
                }
            }
        }
    }

    fn tail_ended(&self, cursor: &Cursor, error: TailError) -> Ended {
        match error {
            TailError::OutOfRange { bounds, .. } => {
                let (partition, next_offset) = (self.partition, cursor.next_offset);
                Halt::OutOfBounds {
                    partition,
                    next_offset,
                    bounds,
                }
                .into()
            }
            error @ (TailError::Corrupt { .. } | TailError::NoSuchPartition { .. }) => Halt::Log {
                source: Box::new(error),
            }
            .into(),
            error @ TailError::Unavailable { .. } => Ended::Failed(Box::new(error)),
        }
    }

    fn tell(&self, cursor: &Cursor) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        gauge!(SEQ, "partition" => self.partition.to_string()).set(cursor.seq.0 as f64);
        self.statuses.update(self.partition, |status| {
            status.owned = true;
            status.next_offset = cursor.next_offset;
            status.seq = cursor.seq;
        });
    }
}

fn count(batch: &Batch) {
    #[expect(clippy::cast_precision_loss, reason = "a histogram takes floats")]
    histogram!(BATCH_RECORDS).record(batch.entries.len() as f64);
    for entry in &batch.entries {
        counter!(DECIDED, "outcome" => entry.outcome.kind()).increment(1);
    }
}

fn ended(error: ledger::Error) -> Ended {
    match error {
        ledger::Error::Fenced { .. } => Ended::Fenced,
        error @ (ledger::Error::Corrupt { .. }
        | ledger::Error::CommitUnknown { .. }
        | ledger::Error::Store(_)) => Ended::Failed(Box::new(error)),
    }
}

fn unreadable(error: ReadError) -> Ended {
    match error {
        error @ ReadError::Unavailable { .. } => Ended::Failed(Box::new(error)),
        error @ (ReadError::Corrupt { .. } | ReadError::NoSuchPartition { .. }) => Halt::Log {
            source: Box::new(error),
        }
        .into(),
    }
}

/// An error with all of its sources, for one line of a log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
