//! Upkeep: sweeping dead rows out of current tables, and making ranges of entries ahead.
//!
//! **Correctness.** A dead noun's key is never used again, so what rests on it is reached by
//! nothing: deleting it needs no cursor and no fence, and shows in no read and no digest. History
//! rows stay as they are.

use tokio_postgres::Transaction;
use writ_crash::{Point, here, sent};
use writ_domain::Partition;

use crate::ledger::dead;
use crate::{Error, Store};

const NEXT: &str = include_str!("next.sql");
const DONE: &str = include_str!("done.sql");
const PERMISSIONS_OF_NAMESPACE: &str = include_str!("permissions_of_namespace.sql");
const OF_PERMISSION: &[&str] = &[
    include_str!("role_permissions_of_permission.sql"),
    include_str!("user_permissions_of_permission.sql"),
];
const OF_ROLE: &[&str] = &[
    include_str!("role_permissions_of_role.sql"),
    include_str!("user_roles_of_role.sql"),
];
const OF_USER: &[&str] = &[
    include_str!("user_permissions_of_user.sql"),
    include_str!("user_roles_of_user.sql"),
    include_str!("group_members_of_user.sql"),
    include_str!("user_passwords_of_user.sql"),
];
const OF_GROUP: &[&str] = &[include_str!("group_members_of_group.sql")];

/// The statements that delete, for the test of plans.
#[cfg(test)]
pub(crate) fn steps() -> impl Iterator<Item = &'static str> {
    [OF_PERMISSION, OF_ROLE, OF_USER, OF_GROUP]
        .into_iter()
        .flatten()
        .copied()
        .chain([PERMISSIONS_OF_NAMESPACE])
}

/// Entries in one range of `ledger_entry`.
pub(crate) const RANGE: i64 = 10_000_000;

/// What one step of the sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Rows deleted.
    pub rows: u64,
    /// Whether the queue was empty.
    pub finished: bool,
}

impl Store {
    /// One bounded step of the sweep: at most `limit` rows of each table that rest on one dead
    /// noun.
    pub async fn sweep(&self, partitions: &[Partition], limit: u32) -> Result<Swept, Error> {
        let failed = Error::statement("store.upkeep.sweep");
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(failed)?;
        let partitions: Vec<i32> = partitions.iter().map(|p| i32::from(p.0)).collect();
        let next = transaction
            .query_opt(NEXT, &[&partitions])
            .await
            .map_err(failed)?;
        let Some(next) = next else {
            return Ok(Swept {
                rows: 0,
                finished: true,
            });
        };
        here(Point::UpkeepSweep).await;
        let partition: i32 = next.get("partition");
        let tenant: &str = next.get("tenant");
        let kind: i16 = next.get("kind");
        let key: i64 = next.get("key");
        let limit = i64::from(limit);
        let statements = match kind {
            dead::NAMESPACE => [].as_slice(),
            dead::PERMISSION => OF_PERMISSION,
            dead::ROLE => OF_ROLE,
            dead::USER => OF_USER,
            dead::GROUP => OF_GROUP,
            other => {
                let problem = format!("{other} is none");
                return Err(Error::Inconsistent {
                    what: "kind of a dead noun",
                    problem,
                });
            }
        };
        let mut rows = 0;
        let mut more = false;
        if kind == dead::NAMESPACE {
            let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&partition, &tenant, &key, &limit];
            let swept = count(&transaction, PERMISSIONS_OF_NAMESPACE, &parameters).await?;
            more |= swept == limit;
            rows += swept;
        }
        for statement in statements {
            let swept = count(&transaction, statement, &[&tenant, &key, &limit]).await?;
            more |= swept == limit;
            rows += swept;
        }
        if !more {
            transaction
                .execute(DONE, &[&partition, &tenant, &kind, &key])
                .await
                .map_err(failed)?;
        }
        here(Point::UpkeepDeleted).await;
        sent(Point::UpkeepCommitSent, transaction.commit())
            .await
            .map_err(failed)?;
        here(Point::UpkeepSwept).await;
        Ok(Swept {
            rows: u64::try_from(rows).unwrap_or(0),
            finished: false,
        })
    }

    /// Makes sure that the range of `ledger_entry` after the one that holds `seq` exists.
    ///
    /// Fails where somebody reads entries for longer than a second, as a dump does: while this
    /// waits for its lock, everybody else who comes to that table waits behind it. There is time
    /// until the range is needed, so try again after a rest.
    pub async fn extend_entries(&self, seq: writ_domain::Seq) -> Result<(), Error> {
        let range = i64::try_from(seq.0).unwrap_or(i64::MAX) / RANGE + 1;
        let (Some(from), Some(to)) = (range.checked_mul(RANGE), (range + 1).checked_mul(RANGE))
        else {
            return Ok(());
        };
        let name = format!("ledger_entry_{range}");
        let client = self.client().await?;
        let failed = Error::statement("store.upkeep.extend_entries");
        let known = client
            .query_opt(
                "SELECT 1 FROM pg_class WHERE oid = to_regclass($1)",
                &[&name],
            )
            .await
            .map_err(failed)?;
        if known.is_some() {
            return Ok(());
        }
        // Names and bounds are numbers of ours; DDL takes no parameters.
        let ddl = format!(
            "SET LOCAL lock_timeout = '1s'; CREATE TABLE IF NOT EXISTS {name} PARTITION OF ledger_entry \
             FOR VALUES FROM ({from}) TO ({to})"
        );
        here(Point::UpkeepExtend).await;
        sent(Point::UpkeepExtendSent, client.batch_execute(&ddl))
            .await
            .map_err(failed)?;
        here(Point::UpkeepExtended).await;
        Ok(())
    }
}

async fn count(
    transaction: &Transaction<'_>,
    statement: &'static str,
    parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<i64, Error> {
    let row = transaction
        .query_one(statement, parameters)
        .await
        .map_err(Error::statement("store.upkeep.sweep"))?;
    Ok(row.get(0))
}
