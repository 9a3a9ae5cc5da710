//! `writ replay --into`: folding every entry into an empty database.

use core::fmt;

use anyhow::Context as _;
use serde::Serialize;
use writ_domain::{BucketMap, Partition};
use writ_projector::replay;
use writ_store::{Options as StoreOptions, Store};

use crate::database::Database;

/// What folding every entry into an empty database came to.
#[derive(Debug, Serialize)]
pub(crate) struct Replayed {
    /// Whether it holds the same state as the ledger that was read.
    pub(crate) equal: bool,
    partitions: Vec<PartitionReplayed>,
}

#[derive(Debug, Serialize)]
struct PartitionReplayed {
    partition: u16,
    entries: u64,
    digest: String,
    live: String,
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.partitions {
            writeln!(
                f,
                "partition {}: {} entries, digest {}, live {}",
                part.partition, part.entries, part.digest, part.live
            )?;
        }
        f.write_str(if self.equal {
            "The same state."
        } else {
            "Another state: the ledger is damaged."
        })
    }
}

/// Folds every entry into an empty database and compares the digests.
pub(crate) async fn replay_into(
    database: &Database,
    target: &Database,
) -> anyhow::Result<Replayed> {
    let source = Store::new(database.config.clone(), &StoreOptions::default())?;
    source.check_schema().await?;
    let count = source.partitions().await?;
    let map = BucketMap::try_new(count).context("the log has no partitions")?;
    let target = Store::new(target.config.clone(), &StoreOptions::default())?;
    target.migrate().await?;
    target.begin_ledger(count).await?;
    let mut partitions = Vec::new();
    for partition in 0..count {
        let progress = |seq| tracing::debug!(partition, %seq, "folded");
        let partition = Partition(partition);
        let replayed = replay::partition(&source, &target, &map, partition, progress).await?;
        partitions.push((
            replayed.equal,
            PartitionReplayed {
                partition: replayed.partition.0,
                entries: replayed.entries,
                digest: replayed.digest.to_string(),
                live: replayed.live.to_string(),
            },
        ));
    }
    Ok(Replayed {
        equal: partitions.iter().all(|(equal, _)| *equal),
        partitions: partitions.into_iter().map(|(_, one)| one).collect(),
    })
}
