//! Log, store and projector: opened, owned, watched.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::Notify;
use writ_command::Service;
use writ_domain::{BucketMap, Fact, Partition};
use writ_log::Log;
use writ_log_postgres::{Error as LogError, Options as LogOptions, PostgresLog};
use writ_projector::{OnDecided, Options as OwnerOptions, Owner, Statuses, sweep};
use writ_store::entries::{Entry, Heads};
use writ_store::{Options as StoreOptions, Store};

use crate::config::Partitions;
use crate::database::Database;
use crate::listener::{Readiness, Readying};
use crate::supervisor::Stage;

use super::Context;

/// Records that a partition may be behind before the process is no longer ready.
const LAG_RECORDS_MAX: u64 = 10_000;

/// What roles share.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) log: Arc<dyn Log>,
    pub(super) store: Store,
    pub(super) buckets: BucketMap,
    pub(super) heads: Heads,
    pub(super) statuses: Statuses,
}

/// Brings the schema up to this build's.
pub(crate) async fn migrate(database: &Database) -> anyhow::Result<()> {
    store(database)?.migrate().await?;
    Ok(())
}

fn store(database: &Database) -> anyhow::Result<Store> {
    Ok(Store::new(
        database.config.clone(),
        &StoreOptions::default(),
    )?)
}

/// Opens log and store of a database that was migrated; makes the log where there is none.
pub(super) async fn open(context: &Context<'_>) -> anyhow::Result<Parts> {
    let store = store(context.database)?;
    store.check_schema().await?;
    let log = log(context.database, context.settings.partitions).await?;
    store.begin_ledger(log.partitions()).await?;
    let buckets = BucketMap::try_new(log.partitions())
        .context("the log has no partitions, or more than there are buckets")?;
    Ok(Parts {
        log: Arc::new(log),
        store,
        buckets,
        heads: Heads::new(),
        statuses: Statuses::default(),
    })
}

/// The log of a database that was migrated, made where there is none.
async fn log(database: &Database, partitions: Partitions) -> anyhow::Result<PostgresLog> {
    let wanted = match partitions {
        Partitions::Exactly(count) => count,
        Partitions::Auto => match std::thread::available_parallelism() {
            Ok(cores) if cores.get() > 1 => 2,
            Ok(_) | Err(_) => 1,
        },
    };
    let config = &database.config;
    let options = match PostgresLog::create(config.clone(), &LogOptions::new(wanted)).await {
        Ok(()) => LogOptions::new(wanted),
        Err(LogError::OtherPartitions { found, .. }) if partitions == Partitions::Auto => {
            LogOptions::new(found)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(PostgresLog::connect(config.clone(), options).await?)
}

/// The log that is there; nothing is made for somebody who only looks.
pub(super) async fn existing_log(database: &Database) -> anyhow::Result<PostgresLog> {
    let config = &database.config;
    // Asked with any count, the log says which one it has.
    match PostgresLog::connect(config.clone(), LogOptions::new(1)).await {
        Err(LogError::OtherPartitions { found, .. }) => {
            Ok(PostgresLog::connect(config.clone(), LogOptions::new(found)).await?)
        }
        opened => Ok(opened?),
    }
}

/// Owns every partition that it can, and sweeps.
pub(super) fn project(context: &Context<'_>, parts: &Parts, service: Service) {
    writ_projector::describe();
    let wake = Arc::new(Notify::new());
    let wake_sweep = Arc::clone(&wake);
    let on_decided: OnDecided = Arc::new(move |entries: Vec<Entry>| {
        if entries.iter().any(ends_a_noun) {
            wake_sweep.notify_one();
        }
        service.committed(entries);
    });
    let options = OwnerOptions::new(context.owner.clone());
    for partition in 0..parts.buckets.partitions() {
        let owner = Owner::new(
            Partition(partition),
            (Arc::clone(&parts.log), context.database.config.clone()),
            Arc::clone(&context.clock),
            parts.statuses.clone(),
            Arc::clone(&on_decided),
            options.clone(),
        );
        context
            .supervisor
            .spawn(Stage::Work, "projector", |stop| async move {
                owner.run(stop).await;
                Ok(())
            });
    }
    let (store, statuses) = (parts.store.clone(), parts.statuses.clone());
    context
        .supervisor
        .spawn(Stage::Work, "sweep", |stop| async move {
            sweep::run(store, statuses, wake, stop).await;
            Ok(())
        });
}

/// Whether an entry leaves something behind for the sweep.
fn ends_a_noun(entry: &Entry) -> bool {
    entry.facts.iter().any(|fact| {
        matches!(
            fact,
            Fact::ApiDeleted { .. }
                | Fact::PermissionRemoved { .. }
                | Fact::RoleDeleted { .. }
                | Fact::UserDeleted { .. }
                | Fact::GroupDeleted { .. }
        )
    })
}

/// Ready: the store answers, no partition is halted, and none lags.
pub(super) fn readying(parts: &Parts) -> Readying {
    let parts = parts.clone();
    Arc::new(move || {
        let parts = parts.clone();
        Box::pin(async move {
            let mut ready = true;
            let mut checks = BTreeMap::new();
            let store = match parts.store.client().await {
                Ok(_client) => "ok".to_owned(),
                Err(error) => {
                    ready = false;
                    error.to_string()
                }
            };
            checks.insert("store", store);
            let mut projector = Vec::new();
            for (partition, status) in parts.statuses.all() {
                let lag = match parts.log.bounds(partition).await {
                    Ok(bounds) => bounds.high.0.saturating_sub(status.next_offset.0),
                    Err(error) => {
                        ready = false;
                        projector.push(format!("{partition}: {error}"));
                        continue;
                    }
                };
                let halted = status.halted.as_ref();
                ready &= halted.is_none() && (lag <= LAG_RECORDS_MAX || !status.owned);
                projector.push(halted.map_or_else(
                    || {
                        format!(
                            "{partition}: {} at seq {}, {lag} behind",
                            owned(status.owned),
                            status.seq
                        )
                    },
                    |why| format!("{partition}: halted: {why}"),
                ));
            }
            checks.insert("projector", projector.join("; "));
            Readiness { ready, checks }
        })
    })
}

fn owned(owned: bool) -> &'static str {
    if owned { "owned" } else { "not owned here" }
}
