//! `writ rebuild --views`: a second set of views beside the live one, and the switch to it.
//!
//! ```text
//!   entries 1 … n        folded in memory, copied, indexed
//!   entries n+1 … m      folded batch by batch, while owners write on
//!   at m                 digests of both sets, in their own snapshots: equal, or no switch
//!   entries m+1 … head   folded; the last ones while every cursor is held; then the switch
//! ```
//!
//! **Correctness.** The digests are compared at the same entry, without holding anybody up: the
//! live set is read in a snapshot, and the new one is folded up to just there. After that both are
//! folded by the same code from the same facts, each write asserting what it found.

mod fed;

use core::time::Duration;
use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;
use tracing::info;
use writ_domain::{Partition, Seq, State, TenantId};
use writ_envelope::Hash;
use writ_envelope::digest::of_tenants;
use writ_store::Store;
use writ_store::digest::Digests;
use writ_store::rebuild::Next;

use self::fed::{Fed, copy};
use super::pipeline::unless_stopped;
use super::{Differences, Error, Phase, Told, workers};
use crate::verify::digest_of;

/// Entries that may be left when the cursors are held: what owners wait for.
const LEFT_MAX: u64 = 500;
/// Between two tries to switch.
const REST: Duration = Duration::from_millis(50);
const REST_MAX: Duration = Duration::from_secs(2);

/// What rebuilding the views came to.
#[derive(Debug, Clone)]
pub struct ViewsReport {
    /// By partition.
    pub partitions: Vec<PartitionViews>,
    /// Whether the new set is the live one now. If not, the live set was kept.
    pub switched: bool,
}

/// The views of one partition.
#[derive(Debug, Clone)]
pub struct PartitionViews {
    /// Which.
    pub partition: Partition,
    /// Where both sets were compared.
    pub seq: Seq,
    /// The digest of the live set there, over all of the partition's tenants.
    pub live: Hash,
    /// The same of the new set.
    pub folded: Hash,
    /// Where the sets differ.
    pub differences: Differences,
}

impl ViewsReport {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.partitions
            .iter()
            .all(|partition| partition.differences.is_empty())
    }
}

/// Folds the entries into a new set of views beside the live one, and switches to it if both are
/// equal. Readers and owners go on.
pub async fn views(
    store: &Store,
    told: Told<'_>,
    stop: &CancellationToken,
) -> Result<ViewsReport, Error> {
    let mut next = Next::begin(store).await?;
    let heads = next.heads().await?;
    let total: u64 = heads.values().map(|seq| seq.0).sum();
    let mut folds = copy(store, &next, heads, (told, total), stop).await?;
    let indexed = |done, total| told(Phase::Index, done, total);
    unless_stopped(stop, async {
        Ok(next.make_indexes(workers(), &indexed).await?)
    })
    .await?;
    let mut partitions = Vec::new();
    for fold in folds.values_mut() {
        partitions.push(compare(store, &mut next, fold, stop).await?);
    }
    let mut report = ViewsReport {
        partitions,
        switched: false,
    };
    if report.is_clean() {
        switch(store, &next, &mut folds, stop).await?;
        report.switched = true;
    } else {
        next.abandon().await?;
    }
    Ok(report)
}

/// Compares both sets of a partition at the same entry, and with the fold in memory.
async fn compare(
    store: &Store,
    next: &mut Next,
    fed: &mut Fed,
    stop: &CancellationToken,
) -> Result<PartitionViews, Error> {
    let partition = fed.partition();
    let live = unless_stopped(stop, async { Ok(store.digests(partition).await?) }).await?;
    fed.catch_up((store, next), live.seq, stop).await?;
    let made = unless_stopped(stop, async { Ok(next.digests(partition).await?) }).await?;
    let mut folded = BTreeMap::new();
    let nothing = State::genesis();
    for tenant in live.heads.keys() {
        let state = fed.states().get(tenant).unwrap_or(&nothing);
        let digest = digest_of(tenant, state.live_rows()).map_err(Error::Order)?;
        folded.insert(tenant.clone(), digest);
    }
    Ok(PartitionViews {
        partition,
        seq: live.seq,
        live: of_tenants(&live.views),
        folded: of_tenants(&folded),
        differences: differences(&live, &made, &folded),
    })
}

fn differences(live: &Digests, made: &Digests, folded: &BTreeMap<TenantId, Hash>) -> Differences {
    let mut differences = Differences::default();
    for (tenant, wanted) in folded {
        for (what, found) in [
            ("the live views", live.views.get(tenant)),
            ("the live history", live.history.get(tenant)),
            ("the new views", made.views.get(tenant)),
            ("the new history", made.history.get(tenant)),
        ] {
            if found != Some(wanted) {
                differences.add(format!(
                    "{what} of tenant {} are not what the entries fold to",
                    tenant.as_str()
                ));
            }
        }
    }
    differences
}

/// Catches up, holds the owners, folds what is left, and switches; again where readers hold on.
async fn switch(
    store: &Store,
    next: &Next,
    folds: &mut BTreeMap<Partition, Fed>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let mut rest = REST;
    loop {
        while left(folds, &next.heads().await?) > LEFT_MAX {
            for (partition, to) in next.heads().await? {
                if let Some(fed) = folds.get_mut(&partition) {
                    fed.catch_up((store, next), to, stop).await?;
                }
            }
        }
        if stop.is_cancelled() {
            return Err(Error::Stopped);
        }
        if try_switch(store, next, folds).await? {
            return Ok(());
        }
        info!("readers hold the live views; the switch is tried again");
        unless_stopped(stop, async {
            tokio::time::sleep(rest).await;
            Ok(())
        })
        .await?;
        rest = (rest * 2).min(REST_MAX);
    }
}

async fn try_switch(
    store: &Store,
    next: &Next,
    folds: &mut BTreeMap<Partition, Fed>,
) -> Result<bool, Error> {
    let held = next.hold().await?;
    if left(folds, &held) > 2 * LEFT_MAX {
        next.give_up().await?;
        return Ok(false);
    }
    for (partition, to) in held {
        let Some(fed) = folds.get_mut(&partition) else {
            continue;
        };
        if let Err(error) = fed.fold_to(store, to).await {
            next.give_up().await?;
            return Err(error);
        }
        next.fold_held(partition, (fed.written, to), &fed.pending)
            .await?;
    }
    Ok(next.switch().await?)
}

/// Entries that are not in the new set yet.
fn left(folds: &BTreeMap<Partition, Fed>, heads: &BTreeMap<Partition, Seq>) -> u64 {
    heads
        .iter()
        .map(|(partition, head)| {
            let written = folds.get(partition).map_or(Seq::ZERO, |fed| fed.written);
            head.0.saturating_sub(written.0)
        })
        .sum()
}
