//! Folding the entries of one ledger into an empty one: the same state, decided again (P8, P12).
//!
//! Reads the entries of a partition in order, decides their records as an owner would, and commits
//! them to another database. An entry that comes out otherwise, by its chain hash, ends it. At the
//! end both databases tell the digests of their views and of the open rows of their history.
//!
//! What comes of it is to be looked at, not to go on with: the target has no log.

use core::time::Duration;

use writ_domain::{BucketMap, Offset, Partition, Seq};
use writ_envelope::digest::of_tenants;
use writ_envelope::hash::Hash;
use writ_log::Logged;
use writ_store::Store;
use writ_store::digest::Digests;
use writ_store::entries::{self, Raw};
use writ_store::ledger::{self, Batch, Cursor, Lease, Session};

use crate::{Decider, Halt, Step};

/// Entries that are decided at once.
const PAGE: u32 = 500;
/// Things that the state cache keeps.
const KNOWN_MAX: usize = 400_000;

/// What replaying one partition came to.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// Which.
    pub partition: Partition,
    /// Entries that were folded: all that there were in the end.
    pub entries: u64,
    /// The digest of the views, over all tenants.
    pub digest: Hash,
    /// The same of the ledger that was read.
    pub live: Hash,
    /// Whether views, history, heads and chain are those of the ledger that was read.
    pub equal: bool,
}

/// Replaying could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The target holds something already.
    #[error("partition {partition} of the target is not empty")]
    NotEmpty {
        /// Which partition.
        partition: Partition,
    },
    /// Somebody else owns the target's partition.
    #[error("partition {partition} of the target is owned by another")]
    Owned {
        /// Which partition.
        partition: Partition,
    },
    /// An entry came out otherwise than it is stored.
    #[error("entry {partition}-{seq} is decided otherwise than it is stored")]
    Differs {
        /// The partition.
        partition: Partition,
        /// The entry's number in it.
        seq: Seq,
    },
    /// An entry that should be there is not.
    #[error("entry {partition}-{seq} is missing")]
    Missing {
        /// The partition.
        partition: Partition,
        /// The entry's number in it.
        seq: Seq,
    },
    /// A record could not be decided.
    #[error("a record cannot be decided")]
    Halted(#[source] Halt),
    /// A store could not be read.
    #[error("a store could not be read")]
    Store(#[from] writ_store::Error),
    /// The target could not be written.
    #[error("the target could not be written")]
    Write(#[from] ledger::Error),
}

/// Folds the entries of a partition of `source` into `target`, which MUST be migrated and empty.
/// `progress` is told the number of the last entry that was folded.
pub async fn partition(
    source: &Store,
    target: &Store,
    map: &BucketMap,
    partition: Partition,
    mut progress: impl FnMut(Seq),
) -> Result<Replayed, Error> {
    let lease = Lease {
        owner: "writ-replay".to_owned(),
        duration: Duration::from_mins(1),
    };
    let session = Session::open(target.config(), lease).await?;
    let claimed = session.claim(partition).await?;
    let mut cursor = claimed.ok_or(Error::Owned { partition })?;
    if cursor.next_offset != Offset(0) || cursor.seq != Seq::ZERO {
        session.release(&cursor).await?;
        return Err(Error::NotEmpty { partition });
    }
    let live = source.digests(partition).await?;
    let mut decider = Decider::new(map.clone(), KNOWN_MAX);
    while cursor.seq < live.seq {
        let from = cursor.seq.next().unwrap_or(live.seq);
        let mut page = entries::scan(source, partition, from, PAGE).await?;
        page.retain(|raw| raw.position.seq <= live.seq);
        if page.first().map(|raw| raw.position.seq) != Some(from) {
            return Err(Error::Missing {
                partition,
                seq: from,
            });
        }
        let batch = decide(&session, &cursor, &mut decider, &page).await?;
        check(&batch, &page)?;
        session.commit(&batch).await?;
        cursor = batch.after;
        decider.trim();
        progress(cursor.seq);
    }
    session.release(&cursor).await?;
    let folded = target.digests(partition).await?;
    Ok(Replayed {
        partition,
        entries: folded.seq.0,
        digest: of_tenants(&folded.views),
        live: of_tenants(&live.views),
        equal: is_equal(&folded, &live),
    })
}

/// Decides records on what the target holds. A batch may be cut; the rest is read again.
async fn decide(
    session: &Session,
    cursor: &Cursor,
    decider: &mut Decider,
    page: &[Raw],
) -> Result<Box<Batch>, Error> {
    let records = page.iter().map(logged).collect();
    // No record is ahead of a clock that shows the time of the newest.
    let now = page.iter().map(|raw| raw.time).max().unwrap_or_default();
    let (mut working, wanted, tenants) = decider.begin(cursor, records);
    session.begin(cursor, wanted, decider.states()).await?;
    let steps = async {
        if !tenants.is_empty() {
            let heads = session.heads(&tenants).await?;
            decider.learn_heads(heads);
        }
        loop {
            match decider.step(&mut working, now).map_err(Error::Halted)? {
                Step::Ready(batch, _rest) => return Ok(batch),
                Step::Load(wanted) => session.load_more(wanted, decider.states()).await?,
            }
        }
    };
    let outcome = steps.await;
    if outcome.is_err() {
        session.rollback().await;
    }
    outcome
}

fn logged(raw: &Raw) -> Logged {
    Logged {
        offset: raw.offset,
        time: raw.time,
        record: raw.record.clone(),
    }
}

/// Whether each decided entry is the one that is stored.
fn check(batch: &Batch, page: &[Raw]) -> Result<(), Error> {
    for (decided, raw) in batch.entries.iter().zip(page) {
        if decided.chain != raw.chain {
            return Err(Error::Differs {
                partition: raw.position.partition,
                seq: raw.position.seq,
            });
        }
    }
    Ok(())
}

fn is_equal(folded: &Digests, live: &Digests) -> bool {
    (folded.seq, &folded.chain, &folded.heads) == (live.seq, &live.chain, &live.heads)
        && folded.views == live.views
        && folded.history == live.history
        && folded.views == folded.history
}
