//! The owner's sweep: deletes rows of dead nouns from current tables, in bounded steps, without
//! facts; and keeps ranges of entries made ahead.

use core::time::Duration;
use std::sync::Arc;

use metrics::counter;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use writ_domain::{Partition, Seq};
use writ_store::Store;

use crate::Statuses;
use crate::causes::chain;
use crate::metrics::SWEPT;

/// Rows of each table in one step, at most.
const STEP: u32 = 1_000;
/// How long the sweep rests when nobody wakes it.
const REST: Duration = Duration::from_secs(30);

/// Sweeps until `stop`: whenever woken, and every half minute. After a failure nobody wakes it: what
/// was in its way may be there still, and others wait while it tries.
pub async fn run(store: Store, statuses: Statuses, wake: Arc<Notify>, stop: CancellationToken) {
    loop {
        let done = upkeep(&store, &statuses, &stop).await;
        if let Err(error) = &done {
            warn!(
                error = chain(error),
                "upkeep stopped; it starts again later"
            );
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = wake.notified(), if done.is_ok() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }
}

async fn upkeep(
    store: &Store,
    statuses: &Statuses,
    stop: &CancellationToken,
) -> Result<(), writ_store::Error> {
    let owned: Vec<(Partition, Seq)> = statuses
        .all()
        .into_iter()
        .filter(|(_, status)| status.owned)
        .map(|(partition, status)| (partition, status.seq))
        .collect();
    for (_, seq) in &owned {
        store.extend_entries(*seq).await?;
    }
    let partitions: Vec<Partition> = owned.into_iter().map(|(partition, _)| partition).collect();
    let rows = all(store, &partitions, stop).await?;
    if rows > 0 {
        debug!(rows, "dead rows swept");
    }
    Ok(())
}

/// Sweeps everything that is dead now; the rows deleted.
pub async fn all(
    store: &Store,
    partitions: &[Partition],
    stop: &CancellationToken,
) -> Result<u64, writ_store::Error> {
    let mut rows: u64 = 0;
    while !stop.is_cancelled() {
        let swept = store.sweep(partitions, STEP).await?;
        counter!(SWEPT).increment(swept.rows);
        rows = rows.saturating_add(swept.rows);
        if swept.finished {
            break;
        }
    }
    Ok(rows)
}
