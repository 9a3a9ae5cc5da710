//! A ledger on Kafka as drills need it: settings, and a look at who owns what.

use std::time::Duration;

use tokio_postgres::Client;
use writ_tests::kafka::Topic;
pub(crate) use writ_tests::kafka::prefix;
use writ_tests::{Database, Fleet, Launch, until};

/// So short that a takeover is soon, so long that a slow machine is not taken for a dead one.
pub(crate) const LEASE: Duration = Duration::from_secs(3);
/// How long anything may take that must happen by itself.
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// A launch on a database, with its log in topics of these brokers.
pub(crate) fn launch(database: Database, brokers: &str, prefix: &str) -> Launch {
    Launch::on(database)
        .on_kafka(brokers, prefix)
        .setting("WRIT_LEASE_MS", &LEASE.as_millis().to_string())
}

/// A topic of two partitions that is fit to be a log.
pub(crate) fn fit(name: &str) -> Topic {
    Topic::named(name)
        .partitions(2)
        .config("retention.ms", -1)
        .config("retention.bytes", -1)
        .config("cleanup.policy", "delete")
        .config("message.timestamp.type", "LogAppendTime")
        .config("max.message.bytes", 16_000_000)
}

/// Who owns a partition now, as the cursor says: the name of the process, and its epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) by: &'static str,
    pub(crate) epoch: i64,
}

/// Waits until each partition has an owner among `names` whose lease holds.
pub(crate) async fn owners(fleet: &Fleet, names: &[&'static str], database: &Client) -> Vec<Owned> {
    let sql = "SELECT owner, owner_epoch FROM ledger_cursor \
               WHERE lease_until > clock_timestamp() AND owner IS NOT NULL ORDER BY partition";
    let all = "SELECT count(*) FROM ledger_cursor";
    until("every partition is owned", SOON, async || {
        let partitions: i64 = database.query_one(all, &[]).await.ok()?.get(0);
        let rows = database.query(sql, &[]).await.ok()?;
        let owned: Option<Vec<Owned>> = rows
            .iter()
            .map(|row| {
                let owner: String = row.get(0);
                let by = names
                    .iter()
                    .find(|name| owner.starts_with(&format!("serve {} ", fleet.pid(name))))?;
                Some(Owned {
                    by,
                    epoch: row.get(1),
                })
            })
            .collect();
        owned.filter(|owned| i64::try_from(owned.len()) == Ok(partitions))
    })
    .await
}
