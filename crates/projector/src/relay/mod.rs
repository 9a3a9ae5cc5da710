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
//! **Shape.** One loop a partition, while this process owns it. It finds out how far the topic is
//! (`topic`), reads committed entries from there on, and appends them in batches, one at a time.
//! After any error it starts again from the topic's end. The topic is a log like any other, with
//! the partitions of the log of commands.
//!
//! **Correctness.** The promise is that at every moment the topic, read from its beginning, holds
//! the entries 1 … m for some m, each for the first time after the one before it. Call that *whole
//! up to m*.
//!
//! 1. A relay finds out that the topic is whole up to some t: from what it kept and read on to the
//!    end, or, where that is lost, from the last message. It appends t+1, t+2, … in order; the
//!    next batch only after the last was acknowledged; and of a batch whose answer was lost a
//!    beginning may have arrived, never a later part without it. So whenever one of its messages q
//!    arrives, q-1 stands on the topic already: it was t, or arrived before from the same relay.
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
//! What breaks this is a topic that loses what it held. Before each batch its bounds are looked at,
//! and where a batch landed after it: if the topic ends before what was told, the relay starts
//! again from its end. A topic that was made anew is told from entry 1. Between look and landing
//! the topic may still be exchanged; such a batch stands on a topic that has fewer messages than
//! the number of its last entry, which no whole topic has. Then the topic is read from its
//! beginning and told on from where it is whole: late, too.
//!
//! The hash in the last message is compared with the entry's: a topic that tells another history
//! is not told on.

mod message;
mod topic;

use core::time::Duration;
use std::sync::Arc;

use futures_util::future::join_all;
use metrics::{counter, gauge};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};
use writ_domain::{Partition, Position, Seq};
use writ_log::{AppendError, Log, TailError};
use writ_store::entries::{self, Raw};
use writ_store::relay::RelayCursor;
use writ_store::{Error as StoreError, Store};

use self::message::Batches;
use self::topic::Topic;
use crate::Statuses;
use crate::metrics::{RELAY_LAG, RELAYED};
use crate::status::Relayed;

/// Entries read at once; [`entries::PAGE_BYTES_MAX`] bounds their bytes.
const PAGE: u32 = 1_000;
/// How long a relay waits to be woken before it looks by itself.
const REST: Duration = Duration::from_secs(1);
/// How often the cursor is kept, at most.
const KEEP: Duration = Duration::from_secs(1);
/// The first and the longest pause after an error.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Why telling stopped. It starts again from the topic's end.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the entries could not be read")]
    Store(#[from] StoreError),
    #[error("the topic of changes cannot be read")]
    Read(#[from] TailError),
    #[error("the topic of changes does not take entry {position}")]
    Append {
        position: Position,
        source: AppendError,
    },
    #[error("the topic of changes has lost messages: it ends at {high}, and {told} were told")]
    Truncated { high: u64, told: u64 },
    #[error(
        "the topic of changes has lost its beginning: make it anew (`writ topics create`), and \
         it is told from entry 1"
    )]
    NoBeginning,
    #[error(
        "the topic of changes tells another history: its entry {position} has another hash than \
         the ledger's. If the ledger was put back, run `writ rebuild`; else make the topic anew"
    )]
    OtherHistory { position: Position },
    #[error("the ledger has no entry {position}, though later ones")]
    Missing { position: Position },
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
        let mut retry = RETRY.0;
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
            retry = if started.elapsed() > RETRY.1 {
                RETRY.0
            } else {
                (retry * 2).min(RETRY.1)
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(retry) => {}
            }
        }
    }

    /// Tells entries from the topic's end on.
    async fn follow(&self, woken: &mut watch::Receiver<()>, stop: &CancellationToken) -> Ended {
        let (mut topic, mut keeper) = match self.open().await {
            Ok(opened) => opened,
            Err(failed) => return Ended::Failed(failed),
        };
        let ended = match self.follow_on(&mut topic, &mut keeper, woken, stop).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        match ended {
            Ended::Failed(failed) => Ended::Failed(failed),
            Ended::Stopped | Ended::Left => {
                match self.keep(&mut keeper, &topic, Duration::ZERO).await {
                    Ok(()) => ended,
                    Err(failed) => {
                        debug!(partition = %self.partition, error = crate::causes::chain(&failed), "how far changes are told was not kept");
                        ended
                    }
                }
            }
        }
    }

    async fn open(&self) -> Result<(Topic<'_>, Keeper), Error> {
        let kept = self.store.relay_cursor(self.partition).await?;
        let topic = Topic::open(&*self.changes, self.partition, kept).await?;
        info!(partition = %self.partition, seq = %topic.seq(), "changes are told from here on");
        Ok((topic, Keeper::new(kept)))
    }

    async fn follow_on(
        &self,
        topic: &mut Topic<'_>,
        keeper: &mut Keeper,
        woken: &mut watch::Receiver<()>,
        stop: &CancellationToken,
    ) -> Result<core::convert::Infallible, Ended> {
        self.stand(topic.seq());
        self.check_history(topic, woken, stop).await?;
        loop {
            self.stand(topic.seq());
            self.keep(keeper, topic, KEEP).await?;
            let page = self.page(topic.seq()).await?;
            if page.is_empty() {
                self.works();
                self.rest(woken, stop).await?;
                continue;
            }
            for batch in Batches::of(page)? {
                let count = u64::try_from(batch.records.len()).unwrap_or(u64::MAX);
                tokio::select! {
                    appended = topic.append(batch) => appended?,
                    // It may arrive all the same; whoever comes next reads on to the end.
                    () = stop.cancelled() => return Err(Ended::Stopped),
                }
                counter!(RELAYED).increment(count);
                self.works();
            }
            if stop.is_cancelled() {
                return Err(Ended::Stopped);
            }
        }
    }

    /// Compares the topic's last message with the entry that it tells, once that is there.
    ///
    /// A ledger that was put back, or is being rebuilt, may not have it yet.
    async fn check_history(
        &self,
        topic: &Topic<'_>,
        woken: &mut watch::Receiver<()>,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let Some(last) = topic.last() else {
            return Ok(());
        };
        let position = last.position;
        loop {
            let entries = entries::scan(&self.store, self.partition, position.seq, 1).await?;
            match entries.first() {
                Some(entry) if entry.position != position => {
                    return Err(Error::Missing { position }.into());
                }
                Some(entry) if entry.chain != last.hash => {
                    return Err(Error::OtherHistory { position }.into());
                }
                Some(_) => return Ok(()),
                None => self.rest(woken, stop).await?,
            }
        }
    }

    /// The entries after this one.
    async fn page(&self, seq: Seq) -> Result<Vec<Raw>, Error> {
        let partition = self.partition;
        let Some(next) = seq.next() else {
            return Ok(Vec::new());
        };
        let page = entries::scan(&self.store, partition, next, PAGE).await?;
        let mut expected = next;
        for entry in &page {
            if entry.position.seq != expected {
                let position = Position {
                    partition,
                    seq: expected,
                };
                return Err(Error::Missing { position });
            }
            expected = expected.next().unwrap_or(expected);
        }
        Ok(page)
    }

    async fn keep(
        &self,
        keeper: &mut Keeper,
        topic: &Topic<'_>,
        at_most_every: Duration,
    ) -> Result<(), Error> {
        if keeper.is_due(topic.seq(), at_most_every)
            && let Some(cursor) = topic.cursor().await?
        {
            self.store
                .keep_relay_cursor(self.partition, &cursor)
                .await?;
            keeper.kept(cursor.seq);
        }
        Ok(())
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
            error!(partition = %self.partition, error = problem, "telling changes stopped; it starts again from the topic's end");
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

/// When the cursor was kept last.
struct Keeper {
    seq: Option<Seq>,
    at: Instant,
}

impl Keeper {
    fn new(kept: Option<RelayCursor>) -> Self {
        Self {
            seq: kept.map(|cursor| cursor.seq),
            at: Instant::now(),
        }
    }

    fn is_due(&self, seq: Seq, at_most_every: Duration) -> bool {
        self.seq != Some(seq) && self.at.elapsed() >= at_most_every
    }

    fn kept(&mut self, seq: Seq) {
        *self = Self {
            seq: Some(seq),
            at: Instant::now(),
        };
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
