//! What an operator does to a ledger as a whole: topics made, a log written again or moved, a
//! ledger folded again.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use writ_domain::{BucketMap, Partition};
use writ_log::Log;
use writ_projector::rebuild::{self, Phase};
use writ_projector::restore::{self, Progress, Report};

use super::ledger::store;
use super::logs::{self, Kafka};
use crate::config::{Partitions, Settings};
use crate::database::Database;
use crate::ids;

/// How much longer than a lease its end is waited for.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// Is told what is done, and of how much.
type At<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Where a log is copied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CopyTo {
    Kafka,
    Postgres,
}

/// Makes the topics or mends them; what was done, for a person.
pub(crate) async fn create_topics(settings: &Settings) -> anyhow::Result<String> {
    let kafka = Kafka::of(settings).context("no Kafka is configured")?;
    let mut said = Vec::new();
    for (topic, created) in kafka.create().await? {
        said.push(if created.made {
            format!("{topic} was made.")
        } else if created.mended.is_empty() {
            format!("{topic} is as it must be.")
        } else {
            let mended: Vec<&str> = created.mended.iter().map(|wrong| wrong.setting).collect();
            format!("{topic} was mended: {}.", mended.join(", "))
        });
        said.extend(
            created
                .warnings
                .iter()
                .map(|warning| format!("Warning: {warning}.")),
        );
    }
    Ok(said.join("\n"))
}

/// Writes the log in Kafka again from the entries.
pub(crate) async fn restore_topics(
    settings: &Settings,
    database: &Database,
    at: At<'_>,
) -> anyhow::Result<String> {
    let kafka = Kafka::of(settings).context("no Kafka is configured")?;
    let store = store(database)?;
    store.check_schema().await?;
    let partitions = store.partitions().await?;
    anyhow::ensure!(partitions > 0, "the database holds no ledger");
    kafka.create_like(partitions).await?;
    let (commands, _changes) = kafka.connect(true).await?;
    let progress = Sum::new(at);
    let options = options("restore", settings);
    let report = restore::run(&store, &*commands, &options, &|part| progress.add(part)).await;
    commands.close().await;
    Ok(told("restored", &report?))
}

/// Moves the ledger to the other log.
pub(crate) async fn copy_log(
    settings: &Settings,
    database: &Database,
    to: CopyTo,
    at: At<'_>,
) -> anyhow::Result<String> {
    let kafka = Kafka::of(settings).context("no Kafka is configured")?;
    let store = store(database)?;
    store.check_schema().await?;
    let progress = Sum::new(at);
    let on_progress = |part| progress.add(part);
    let mut options = options("copy", settings);
    let report = match to {
        CopyTo::Kafka => {
            let from = logs::existing_postgres(database).await?;
            kafka.create_like(from.partitions()).await?;
            let (commands, _changes) = kafka.connect(true).await?;
            let both: (&dyn Log, &dyn Log) = (&from, &*commands);
            let report = restore::copy(&store, both, &options, &on_progress).await;
            commands.close().await;
            report?
        }
        CopyTo::Postgres => {
            let (commands, _changes) = kafka.connect(true).await?;
            let partitions = Partitions::Exactly(commands.partitions());
            let into = logs::postgres(database, partitions).await?;
            options.retire = true;
            let both: (&dyn Log, &dyn Log) = (&*commands, &into);
            restore::copy(&store, both, &options, &on_progress).await?
        }
    };
    Ok(told("copied", &report))
}

/// Adds up how far all partitions are.
struct Sum<'a> {
    parts: Mutex<BTreeMap<Partition, Progress>>,
    at: At<'a>,
}

impl<'a> Sum<'a> {
    fn new(at: At<'a>) -> Self {
        let parts = Mutex::default();
        Self { parts, at }
    }

    fn add(&self, part: Progress) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.insert(part.partition, part);
        let done = parts.values().map(|part| part.done).sum();
        let total = parts.values().map(|part| part.total).sum();
        (self.at)(done, total);
    }
}

fn told(done: &str, report: &Report) -> String {
    let mut said: Vec<String> = report
        .partitions
        .iter()
        .map(|part| {
            let (partition, records, written) = (part.partition, part.records, part.written);
            format!("partition {partition}: {records} records, {written} of them {done} now")
        })
        .collect();
    if let Some(generation) = report.retired {
        said.push(format!(
            "The older log was put aside as log_record_retired_{generation}."
        ));
    }
    said.push("The log is whole. Start the projector on it.".to_owned());
    said.join("\n")
}

/// How a log is written by a process that does `what`.
fn options(what: &str, settings: &Settings) -> restore::Options {
    let owner = format!("{what} {} {}", std::process::id(), ids::uuid_v7());
    let defaults = restore::Options::new(owner);
    let lease = settings.lease_ms.0;
    restore::Options {
        lease,
        // An owner that was killed is gone when its lease ends, and not before.
        patience: defaults.patience.max(lease.saturating_add(LEASE_MARGIN)),
        ..defaults
    }
}

/// What folding again came to.
#[derive(Debug, Serialize)]
pub(crate) struct Rebuilt {
    /// Whether nothing differs from what was there, or was told.
    pub(crate) equal: bool,
    entries: u64,
    partitions: Vec<RebuiltPartition>,
}

#[derive(Debug, Serialize)]
struct RebuiltPartition {
    partition: u16,
    entries: u64,
    /// The chain hash of the last entry, or the digest of the views.
    hash: String,
    /// Entries that were compared with `writ.changes`, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<u64>,
    differences_count: u64,
    differences: Vec<String>,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.partitions {
            let (partition, entries, hash) = (part.partition, part.entries, &part.hash);
            write!(f, "partition {partition}: {entries} entries, {hash}")?;
            match part.compared {
                Some(compared) => writeln!(f, ", {compared} compared with the changes told")?,
                None => writeln!(f)?,
            }
            for difference in &part.differences {
                writeln!(f, "  {difference}")?;
            }
        }
        f.write_str(if self.equal {
            "Nothing differs."
        } else {
            "There are differences."
        })
    }
}

/// Folds the log again into a database that holds nothing.
pub(crate) async fn rebuild(
    settings: &Settings,
    database: &Database,
    at: At<'_>,
) -> anyhow::Result<Rebuilt> {
    let store = store(database)?;
    store.migrate().await?;
    let (commands, changes): (std::sync::Arc<dyn Log>, Option<std::sync::Arc<dyn Log>>) =
        if let Some(kafka) = Kafka::of(settings) {
            let (commands, changes) = kafka.connect(true).await?;
            (commands, Some(changes))
        } else {
            let log = logs::existing_postgres(database).await?;
            (std::sync::Arc::new(log), None)
        };
    let map = BucketMap::try_new(commands.partitions()).context("the log has no partitions")?;
    let told = |phase, done, total| tell(at, phase, done, total);
    let stop = CancellationToken::new();
    let report = rebuild::run(&store, commands, changes, &map, &told, &stop).await?;
    Ok(Rebuilt {
        equal: report.is_clean(),
        entries: report.entries(),
        partitions: report
            .partitions
            .into_iter()
            .map(|part| RebuiltPartition {
                partition: part.partition.0,
                entries: part.entries,
                hash: part.chain.to_string(),
                compared: part.compared.map(|compared| compared.entries),
                differences_count: part.differences.count,
                differences: part.differences.first,
            })
            .collect(),
    })
}

/// Folds the entries into new views beside the live ones, and switches.
pub(crate) async fn rebuild_views(database: &Database, at: At<'_>) -> anyhow::Result<Rebuilt> {
    let store = store(database)?;
    store.check_schema().await?;
    let told = |phase, done, total| tell(at, phase, done, total);
    let stop = CancellationToken::new();
    let report = rebuild::views(&store, &told, &stop).await?;
    Ok(Rebuilt {
        equal: report.is_clean() && report.switched,
        entries: report.partitions.iter().map(|part| part.seq.0).sum(),
        partitions: report
            .partitions
            .into_iter()
            .map(|part| RebuiltPartition {
                partition: part.partition.0,
                entries: part.seq.0,
                hash: part.folded.to_string(),
                compared: None,
                differences_count: part.differences.count,
                differences: part.differences.first,
            })
            .collect(),
    })
}

/// The bar is for entries; indexes are few and told apart by nothing.
fn tell(at: At<'_>, phase: Phase, done: u64, total: u64) {
    match phase {
        Phase::Fold => at(done, total),
        Phase::Index => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Environment, Flags, load};

    use super::*;

    #[test]
    fn leases_are_held_and_waited_for_as_the_setting_says() {
        for (lease_ms, patience_ms) in [(3_000, 30_000), (60_000, 65_000)] {
            let lease = lease_ms.to_string();
            let environment = Environment::from([("HOME", "/"), ("WRIT_LEASE_MS", &lease)]);
            let settings = load(&Flags::default(), &environment).unwrap().settings;
            let options = options("restore", &settings);
            assert_eq!(options.lease, Duration::from_millis(lease_ms));
            assert_eq!(options.patience, Duration::from_millis(patience_ms));
            assert!(options.owner.starts_with("restore "), "{}", options.owner);
        }
    }
}
