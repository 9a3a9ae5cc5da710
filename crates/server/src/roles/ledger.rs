//! Log, store and projector: opened, owned, watched.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::Notify;
use writ_command::Service;
use writ_domain::{BucketMap, Fact, Partition};
use writ_projector::share::{self, Share};
use writ_projector::{OnDecided, Options as OwnerOptions, Owner, Statuses, relay, sweep};
use writ_store::entries::{Entry, Heads};
use writ_store::{Error as StoreError, Options as StoreOptions, Store};

use crate::database::Database;
use crate::listener::{Readiness, Readying};
use crate::supervisor::Stage;

use super::Context;
use super::logs::{self, Logs};

/// Records that a partition may be behind before the process is no longer ready.
const LAG_RECORDS_MAX: u64 = 10_000;

/// What roles share.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) logs: Logs,
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

pub(super) fn store(database: &Database) -> anyhow::Result<Store> {
    Ok(Store::new(
        database.config.clone(),
        &StoreOptions::default(),
    )?)
}

/// Opens log and store of a database that was migrated; makes the log where there is none.
pub(super) async fn open(context: &Context<'_>) -> anyhow::Result<Parts> {
    let store = store(context.database)?;
    store.check_schema().await?;
    let logs = logs::open(context).await?;
    store.begin_ledger(logs.commands.partitions()).await?;
    let buckets = BucketMap::try_new(logs.commands.partitions())
        .context("the log has no partitions, or more than there are buckets")?;
    Ok(Parts {
        logs,
        store,
        buckets,
        heads: Heads::new(),
        statuses: Statuses::default(),
    })
}

/// Owns every partition that it can, and sweeps.
pub(super) fn project(context: &Context<'_>, parts: &Parts, service: Service) {
    writ_projector::describe();
    let wake = Arc::new(Notify::new());
    let wake_sweep = Arc::clone(&wake);
    let wake_relay = relay(context, parts);
    let on_decided: OnDecided = Arc::new(move |entries: Vec<Entry>| {
        if let Some(wake) = &wake_relay {
            wake.notify_one();
        }
        if entries.iter().any(ends_a_noun) {
            wake_sweep.notify_one();
        }
        service.committed(entries);
    });
    let options = OwnerOptions {
        lease: context.settings.lease_ms.0,
        ..OwnerOptions::new(context.owner.clone())
    };
    let share = Share::new(parts.buckets.partitions());
    let (store, member) = (parts.store.clone(), (options.owner.clone(), options.lease));
    let of_members = share.clone();
    context
        .supervisor
        .spawn(Stage::Work, "members", |stop| async move {
            share::run(store, of_members, member, stop).await;
            Ok(())
        });
    for partition in 0..parts.buckets.partitions() {
        let owner = Owner::new(
            Partition(partition),
            (
                Arc::clone(&parts.logs.commands),
                context.database.config.clone(),
            ),
            Arc::clone(&context.clock),
            parts.statuses.clone(),
            Arc::clone(&on_decided),
            (share.clone(), options.clone()),
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

/// Tells the topic of changes what is decided here, if there is one; what wakes it.
fn relay(context: &Context<'_>, parts: &Parts) -> Option<Arc<Notify>> {
    let changes = Arc::clone(parts.logs.changes.as_ref()?);
    let wake = Arc::new(Notify::new());
    let woken = Arc::clone(&wake);
    let (store, statuses) = (parts.store.clone(), parts.statuses.clone());
    context
        .supervisor
        .spawn(Stage::Work, "relay", |stop| async move {
            relay::run(store, changes, statuses, woken, stop).await;
            Ok(())
        });
    Some(wake)
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

/// Ready: the store answers, no partition is halted, none lags, and commands are taken for all of
/// them if this process takes any.
pub(super) fn readying(parts: &Parts, takes_commands: Option<Service>) -> Readying {
    let parts = parts.clone();
    Arc::new(move || {
        let (parts, takes_commands) = (parts.clone(), takes_commands.clone());
        Box::pin(async move {
            let mut ready = true;
            let mut checks = BTreeMap::new();
            let store = store_problem(&parts.store).await;
            ready &= store.is_none();
            checks.insert("store", store.unwrap_or_else(|| "ok".to_owned()));
            if let Some(health) = &parts.logs.health {
                let problem = health.borrow().clone();
                ready &= problem.is_none();
                checks.insert("kafka", problem.unwrap_or_else(|| "ok".to_owned()));
            }
            if let Some(service) = takes_commands {
                let halts = service.halts();
                ready &= halts.is_empty();
                checks.insert("commands", refused(&halts));
            }
            let mut projector = Vec::new();
            for (partition, status) in parts.statuses.all() {
                let lag = match parts.logs.commands.bounds(partition).await {
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

/// For which partitions no commands are taken.
fn refused(halts: &BTreeMap<Partition, String>) -> String {
    if halts.is_empty() {
        return "ok".to_owned();
    }
    let refused = halts
        .iter()
        .map(|(partition, why)| format!("{partition}: refused: {why}"));
    refused.collect::<Vec<_>>().join("; ")
}

/// What is wrong with the store: that it answers is not enough, it may have been lost.
async fn store_problem(store: &Store) -> Option<String> {
    let error = store.check_whole().await.err()?;
    let lasting = matches!(error, StoreError::Statement { .. }) && !error.is_transient();
    let mut problem = format!("{:#}", anyhow::Error::from(error));
    if lasting {
        problem.push_str("; if the database was lost, stop this and run `writ rebuild`");
    }
    Some(problem)
}

fn owned(owned: bool) -> &'static str {
    if owned { "owned" } else { "not owned here" }
}
