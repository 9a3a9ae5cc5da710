//! `writ verify`: folding every entry again, partition by partition.

use core::fmt;

use serde::Serialize;
use writ_domain::{BucketMap, Partition};
use writ_projector::verify::{self, Report};
use writ_store::{Options as StoreOptions, Store};

use super::logs;
use crate::config::Settings;
use crate::database::Database;

/// What folding every entry again came to.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    /// Whether the views, folded again, are the live ones, and nothing else differs.
    pub(crate) equal: bool,
    partitions: Vec<PartitionVerified>,
}

/// What folding one partition again came to.
#[derive(Debug, Serialize)]
struct PartitionVerified {
    partition: u16,
    entries: u64,
    folded: String,
    views: String,
    history: String,
    differences_count: u64,
    differences: Vec<String>,
}

impl From<Report> for PartitionVerified {
    fn from(report: Report) -> Self {
        Self {
            partition: report.partition.0,
            entries: report.entries,
            folded: report.folded.to_string(),
            views: report.views.to_string(),
            history: report.history.to_string(),
            differences_count: report.differences_count,
            differences: report.differences,
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.partitions {
            writeln!(
                f,
                "partition {}: {} entries, digest {}",
                part.partition, part.entries, part.folded
            )?;
            for difference in &part.differences {
                writeln!(f, "  {difference}")?;
            }
        }
        f.write_str(if self.equal {
            "Nothing differs."
        } else {
            "The ledger is damaged."
        })
    }
}

/// Folds every entry again and compares with log, views and history.
pub(crate) async fn verify(settings: &Settings, database: &Database) -> anyhow::Result<Verified> {
    let store = Store::new(database.config.clone(), &StoreOptions::default())?;
    store.check_schema().await?;
    let log = logs::existing(settings, database).await?;
    let map = BucketMap::try_new(log.partitions())
        .ok_or_else(|| anyhow::anyhow!("the log has no partitions"))?;
    let mut partitions = Vec::new();
    for partition in 0..log.partitions() {
        let report = verify::partition(&store, Some(&*log), &map, Partition(partition)).await?;
        partitions.push((report.is_clean(), PartitionVerified::from(report)));
    }
    Ok(Verified {
        equal: partitions.iter().all(|(clean, _)| *clean),
        partitions: partitions
            .into_iter()
            .map(|(_, partition)| partition)
            .collect(),
    })
}
