//! Writing the log anew from the entries, and moving to another log.
//!
//! ```text
//!   entries   1    2    3                        the ledger's last is 3
//!   target    r1'  r2'  r3'  seal                r' = the record as it was, and its mark
//!                        └── the anchor: one transaction for all partitions
//! ```
//!
//! [`run`] is for a log that was lost, truncated or replaced: the entries alone say what was in
//! it. [`copy`] is for a log that is still there: it must be wholly decided, and each record of it
//! must be the one in its entry.
//!
//! What was in the lost log and not decided is gone. It was never answered either: whoever sent it
//! was told that its end is not known, or still waits.
//!
//! **Shape.** The leases of all partitions are claimed first and kept to the end (`leases`).
//! Partition by partition, page by page, entries become records (`pages`) that are compared with
//! what the target holds and appended behind it (`target`; `work` has the order of it all). Then
//! every partition gets its seal, and one transaction makes the target the log that was decided.
//!
//! **Correctness.** While the leases are held nothing is decided, so the entries stand still; an
//! owner that takes one makes the last transaction fail. What is written is a function of the
//! entries alone, the seal included, so a run that was cut off anywhere is carried on by the next:
//! what stands there already is compared, what is missing is appended. A record that is not what
//! the entries say ends the run with an error, as does an append that lands elsewhere than behind
//! the last: somebody else writes. Until the last transaction the ledger knows nothing of the
//! target. After it, the old log is refused by its anchor, and the target takes nothing but the
//! seal next: whoever decides goes on from there.
//!
//! Between seals and transaction the ledger must not move on the old log. If it does (a copy was
//! killed there, and the old log is used again), the next run finds a seal of fewer records and
//! says so; it needs an empty target.

mod error;
mod leases;
mod old;
mod pages;
mod target;
mod work;

use core::time::Duration;

use writ_domain::{BucketMap, Partition};
use writ_log::Log;
use writ_store::Store;

pub use self::error::Error;
use self::leases::Leases;
pub use self::target::{marked, seal_record};
use self::work::Work;

/// How a log is written anew.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who holds the leases: a name that no other process has.
    pub owner: String,
    /// How long a lease holds; another process may decide that long after this one was killed.
    pub lease: Duration,
    /// How long owners that still run are waited for.
    pub patience: Duration,
    /// The target is the log in tables of the ledger's own database: an older generation there is
    /// put aside if every record of it is in an entry. Otherwise the target must be empty.
    pub retire: bool,
    /// Entries that are read, and appended, at once.
    pub page_records_max: u32,
}

impl Options {
    /// The defaults, for a process of this name.
    #[must_use]
    pub fn new(owner: String) -> Self {
        Self {
            owner,
            lease: Duration::from_secs(20),
            patience: Duration::from_secs(30),
            retire: false,
            page_records_max: 1_000,
        }
    }
}

/// How far a partition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which.
    pub partition: Partition,
    /// Records that are in the target, found there or written.
    pub done: u64,
    /// Records that there will be, without the seal.
    pub total: u64,
}

/// Is told how far each partition is, after each page.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// What became of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Each partition, in order.
    pub partitions: Vec<Restored>,
    /// The number of the generation that was put aside.
    pub retired: Option<u32>,
}

/// What became of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Which.
    pub partition: Partition,
    /// Records below the seal: as many as there are entries.
    pub records: u64,
    /// How many of them this run wrote; the others were there.
    pub written: u64,
    /// Whether the target was the log of this partition before: nothing was to be done.
    pub was_there: bool,
}

/// Writes a lost log anew from the entries into `log`, which is empty or was begun so.
///
/// Nobody else may append to it meanwhile. To drop the future is safe at any moment.
pub async fn run(
    store: &Store,
    log: &dyn Log,
    options: &Options,
    on_progress: OnProgress<'_>,
) -> Result<Report, Error> {
    all(store, (None, log), options, on_progress).await
}

/// Moves the ledger from log `from` to log `to`: as [`run`], and `from` is checked.
pub async fn copy(
    store: &Store,
    (from, to): (&dyn Log, &dyn Log),
    options: &Options,
    on_progress: OnProgress<'_>,
) -> Result<Report, Error> {
    all(store, (Some(from), to), options, on_progress).await
}

async fn all(
    store: &Store,
    (from, to): (Option<&dyn Log>, &dyn Log),
    options: &Options,
    on_progress: OnProgress<'_>,
) -> Result<Report, Error> {
    let partitions = to.partitions();
    if let Some(from) = from
        && from.partitions() != partitions
    {
        let log = from.partitions();
        return Err(Error::OtherPartitions { log });
    }
    let leases = Leases::claim(store.config(), partitions, options).await?;
    let work = Work {
        page: options.page_records_max.max(1),
        store,
        from,
        to,
        map: BucketMap::try_new(partitions).ok_or(Error::OtherPartitions { log: partitions })?,
        on_progress,
    };
    let result = async {
        let (report, moved) = tokio::select! {
            done = work.all(leases.cursors(), options.retire) => done?,
            lost = leases.keep() => return Err(lost),
        };
        leases.rebase(&moved).await?;
        Ok(report)
    }
    .await;
    leases.release().await;
    result
}
