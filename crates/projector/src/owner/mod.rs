//! Owning a partition: claim, take over, follow, commit, and start again from the cursor.

mod ended;
mod retry;

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use metrics::{counter, gauge, histogram};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};
use writ_domain::{BucketMap, Clock, Partition};
use writ_log::{Log, Logged, Tail};
use writ_store::entries::Entry;
use writ_store::ledger::{self, Batch, Cursor, Lease, Session};
use writ_store::log::Config;

use self::ended::{Ended, ended, tail_ended};
use self::retry::Retry;
use crate::causes::chain;
use crate::metrics::{BATCH_RECORDS, DECIDED, HALTED, SEQ, TRANSACTION_SECONDS};
use crate::share::Share;
use crate::{Decider, Halt, RULES_VERSION, Statuses, Step, anchor};

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
        let mut retry = Retry::new();
        loop {
            let ended = self.own(&mut retry, &stop).await;
            retry.ended();
            self.statuses
                .update(self.partition, |status| status.owned = false);
            self.share.give_back(self.partition);
            let pause = match ended {
                Ended::Stopped => return,
                Ended::Fenced => {
                    info!(partition = %self.partition, "another owner has the partition");
                    retry.pause()
                }
                Ended::HandedBack => {
                    info!(partition = %self.partition, "the partition is handed back to others");
                    retry.pause()
                }
                Ended::Failed(source) => {
                    self.failed(&*source, &mut retry);
                    retry.pause()
                }
                Ended::Halted(halt) => {
                    self.halted(&halt);
                    if halt.is_lasting() {
                        stop.cancelled().await;
                        return;
                    }
                    self.options.recheck
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn failed(&self, error: &(dyn std::error::Error + 'static), retry: &mut Retry) {
        let why = chain(error);
        if retry.is_news(&why) {
            warn!(partition = %self.partition, error = why, "deciding stopped; it starts again from the cursor");
        } else {
            debug!(partition = %self.partition, error = why, "deciding still cannot go on");
        }
    }

    fn halted(&self, halt: &Halt) {
        let text = halt.to_text();
        let mut again = false;
        self.statuses.update(self.partition, |status| {
            again = status.halted.replace(text.clone()).as_ref() == Some(&text);
        });
        gauge!(HALTED, "partition" => self.partition.to_string()).set(1.0);
        if !again {
            error!(partition = %self.partition, error = text, "the partition is halted");
        }
    }

    fn is_halted(&self) -> bool {
        self.statuses.is_halted(self.partition)
    }

    fn recovered(&self) {
        self.statuses
            .update(self.partition, |status| status.halted = None);
        gauge!(HALTED, "partition" => self.partition.to_string()).set(0.0);
        info!(partition = %self.partition, "the partition is halted no more");
    }

    async fn own(&self, retry: &mut Retry, stop: &CancellationToken) -> Ended {
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
        let ended = match self.follow(&session, &mut cursor, retry, stop).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        let given_back = match &ended {
            Ended::Stopped | Ended::HandedBack => session.release(&cursor).await,
            Ended::Halted(halt) => session.halt(&cursor, &halt.to_text()).await,
            Ended::Fenced | Ended::Failed(_) => Ok(()),
        };
        if let Err(error) = given_back {
            warn!(partition = %self.partition, error = chain(&error), "the lease was not given back");
        }
        ended
    }

    async fn claim(&self, session: &Session, stop: &CancellationToken) -> Result<Cursor, Ended> {
        loop {
            let claimed = if self.share.take(self.partition) {
                session.claim(self.partition).await.map_err(ended)?
            } else {
                None
            };
            if let Some(cursor) = claimed {
                self.tell(&cursor);
                return Ok(cursor);
            }
            if self.is_halted() && !self.is_halted_for_all(session).await? {
                // Somebody else has decided on.
                self.recovered();
            }
            // Not claimed is not held: another of our partitions may be free.
            self.share.give_back(self.partition);
            tokio::select! {
                () = stop.cancelled() => return Err(Ended::Stopped),
                () = tokio::time::sleep(self.options.lease / 4) => {}
            }
        }
    }

    /// Whether this process and this log may decide on from here.
    async fn check(&self, tail: &mut dyn Tail, cursor: &Cursor) -> Result<(), Ended> {
        if cursor.rules_version != RULES_VERSION {
            let (stored, known) = (cursor.rules_version, RULES_VERSION);
            return Err(Halt::Rules { stored, known }.into());
        }
        let compared = anchor::compare_through(tail, &*self.log, cursor).await;
        match compared.map_err(|error| tail_ended(cursor, error))? {
            Some(halt) => Err(halt.into()),
            None => Ok(()),
        }
    }

    async fn is_halted_for_all(&self, session: &Session) -> Result<bool, Ended> {
        let halted = session.is_halted(self.partition).await;
        halted.map_err(|source| Ended::Failed(Box::new(source)))
    }

    async fn follow(
        &self,
        session: &Session,
        cursor: &mut Cursor,
        retry: &mut Retry,
        stop: &CancellationToken,
    ) -> Result<core::convert::Infallible, Ended> {
        let tail = self.log.tail(self.partition, anchor::begin(cursor)).await;
        let mut tail = tail.map_err(|error| tail_ended(cursor, error))?;
        // SUBTLE: compared by what the tail brings. A log that is exchanged before is seen here; one
        // that is exchanged after ends the tail. Asked beside the tail, another broker may answer.
        self.check(&mut *tail, cursor).await?;
        retry.follows();
        if !self.is_halted() {
            info!(partition = %self.partition, seq = %cursor.seq, epoch = cursor.owner_epoch, "the partition is owned");
        }
        let map = BucketMap::try_new(self.log.partitions()).ok_or(Halt::Exhausted {
            partition: self.partition,
        })?;
        let mut decider = Decider::new(map, self.options.known_max);
        let mut rest = Vec::new();
        if self.is_halted() || self.is_halted_for_all(session).await? {
            let waiting = tail.try_next(self.options.batch_records_max).await;
            rest = waiting.map_err(|error| tail_ended(cursor, error))?;
            if rest.is_empty() {
                let recovered = session.recover(cursor).await;
                recovered.map_err(|source| Ended::Failed(Box::new(source)))?;
                self.recovered();
            }
        }
        loop {
            let records = self.next(session, cursor, &mut *tail, rest, stop).await?;
            let (batch, unfit) = self.decide(session, cursor, &mut decider, records).await?;
            *cursor = batch.after.clone();
            retry.decides();
            rest = unfit;
            decider.trim();
            self.tell(cursor);
            if self.is_halted() {
                self.recovered();
            }
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
        if self.share.is_surplus(self.partition) {
            return Err(Ended::HandedBack);
        }
        if !records.is_empty() {
            let room = limit.saturating_sub(records.len());
            if room > 0 {
                let more = tail.try_next(room).await;
                records.extend(more.map_err(|error| tail_ended(cursor, error))?);
            }
            return Ok(records);
        }
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Ended::Stopped),
                next = tail.next(limit) => {
                    return next.map_err(|error| tail_ended(cursor, error));
                }
                () = tokio::time::sleep(self.options.lease / 3) => {
                    session.renew(cursor).await.map_err(ended)?;
                    if self.share.is_surplus(self.partition) {
                        return Err(Ended::HandedBack);
                    }
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
