//! Rebuilding a whole ledger into a migrated database that has none.

use tokio_postgres::{Config, Transaction};
use writ_domain::{Partition, Seq};

use super::connection::Connection;
use super::copy::{Loader, tables};
use super::definitions::{Definition, Making, make};
use super::{Error, ledger_inserts};
use crate::ledger::Cursor;
use crate::ledger::rows::get;
use crate::ledger::session::as_stored;
use crate::{Error as StoreError, Store};

const UNFINISHED: &str = include_str!("sql/unfinished.sql");
const HAS_ENTRIES: &str = include_str!("sql/has_entries.sql");
pub(super) const LOCK_CURSORS: &str = include_str!("sql/lock_cursors.sql");
const HOLD_CURSORS: &str = include_str!("sql/hold_cursors.sql");
const REMEMBER: &str = include_str!("sql/remember.sql");
const DROPPED: &str = include_str!("sql/dropped.sql");
const FINISH_CURSOR: &str = include_str!("sql/finish_cursor.sql");

/// A ledger in work.
///
/// ```text
///   begin ──► loaders copy chunks ──► make_indexes ──► finish
///     │  rows in ledger_rebuild: nobody else opens the ledger    │
///     └───────────────────────────────────────────────────────────┘
/// ```
#[derive(Debug)]
pub struct Whole {
    config: Config,
    /// Holds the lock by which there is one rebuild at a time.
    control: Connection,
}

impl Store {
    /// Refuses a ledger that is not there, or of which a rebuild has not ended.
    pub async fn check_whole(&self) -> Result<(), StoreError> {
        let failed = StoreError::statement("store.rebuild.unfinished");
        let client = self.client().await?;
        let row = client.query_one(UNFINISHED, &[]).await.map_err(failed)?;
        if get(&row, "unfinished")? {
            Err(StoreError::Unfinished)
        } else {
            Ok(())
        }
    }
}

impl Whole {
    /// Takes hold of an empty ledger, or of what an unfinished rebuild left, and empties it.
    pub async fn begin(store: &Store, partitions: u16) -> Result<Self, Error> {
        store.check_version().await?;
        let mut control = Connection::control(store.config()).await?;
        store.begin_ledger(partitions).await?;
        let schema = control.live_schema().await?;
        let failed = StoreError::statement("store.rebuild.begin");
        let transaction = control.client.transaction().await.map_err(failed)?;
        hold(&transaction).await?;
        let tables = tables(&ledger_inserts())?;
        let definitions = Definition::all(&transaction, &tables, &schema).await?;
        remember(&transaction, &definitions).await?;
        for Definition { unmake, .. } in &definitions {
            transaction.batch_execute(unmake).await.map_err(failed)?;
        }
        let truncate = format!("TRUNCATE {}", tables.join(", "));
        transaction.batch_execute(&truncate).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(Self {
            config: store.config().clone(),
            control,
        })
    }

    /// Makes the ranges of `ledger_entry` for entries up to `last`, and the one after.
    pub async fn extend(&self, store: &Store, last: Seq) -> Result<(), Error> {
        let mut seq = Seq::ZERO;
        loop {
            store.extend_entries(seq).await?;
            if seq >= last {
                return Ok(());
            }
            let next = seq.0.saturating_add(crate::upkeep::RANGE.unsigned_abs());
            seq = Seq(next.min(last.0));
        }
    }

    /// A connection that copies chunks.
    pub async fn loader(&self) -> Result<Loader, Error> {
        Ok(Loader::new(self.control.worker(&self.config, None).await?))
    }

    /// Makes indexes and constraints again and analyzes, `workers` tables side by side; tells
    /// after each how many are done, of how many.
    pub async fn make_indexes(
        &self,
        workers: usize,
        told: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), Error> {
        let failed = StoreError::statement("store.rebuild.dropped");
        let rows = self.control.client.query(DROPPED, &[]).await;
        let mut work: Vec<Making> = Vec::new();
        for row in rows.map_err(failed)? {
            let (table, statement): (String, String) = (get(&row, "relation")?, get(&row, "make")?);
            match work.last_mut().filter(|making| making.table == table) {
                Some(making) => making.statements.push(statement),
                None => work.push(Making {
                    table,
                    statements: vec![statement],
                }),
            }
        }
        let on = (&self.control, &self.config);
        Ok(make(on, None, work, workers, told).await?)
    }

    /// Moves the cursors to where the log was folded and opens the ledger, durably.
    pub async fn finish(mut self, cursors: &[Cursor]) -> Result<(), Error> {
        let failed = StoreError::statement("store.rebuild.finish");
        let transaction = self.control.client.transaction().await.map_err(failed)?;
        let settings = "SET LOCAL synchronous_commit = on; DELETE FROM ledger_rebuild";
        transaction.batch_execute(settings).await.map_err(failed)?;
        for cursor in cursors {
            let rules_version = i32::try_from(cursor.rules_version).unwrap_or(i32::MAX);
            let anchor = cursor.anchor.as_ref().map(|anchor| anchor.0.as_slice());
            transaction
                .query_one(
                    FINISH_CURSOR,
                    &[
                        /* $1 partition     */ &i32::from(cursor.partition.0),
                        /* $2 next_offset   */ &as_stored(cursor.next_offset.0),
                        /* $3 seq           */ &as_stored(cursor.seq.0),
                        /* $4 chain         */ &cursor.chain.0.as_slice(),
                        /* $5 log_time      */ &cursor.time,
                        /* $6 anchor        */ &anchor,
                        /* $7 restoring     */ &cursor.restoring,
                        /* $8 rules_version */ &rules_version,
                    ],
                )
                .await
                .map_err(StoreError::statement("store.rebuild.finish_cursor"))?;
        }
        Ok(transaction.commit().await.map_err(failed)?)
    }
}

/// Locks every cursor and takes its lease, unless there is something to lose or somebody at work.
async fn hold(transaction: &Transaction<'_>) -> Result<(), Error> {
    let failed = StoreError::statement("store.rebuild.hold_cursors");
    let cursors = transaction.query(LOCK_CURSORS, &[]).await.map_err(failed)?;
    let row = transaction.query_one(UNFINISHED, &[]).await;
    let unfinished: bool = get(&row.map_err(failed)?, "unfinished")?;
    if !unfinished {
        let row = transaction.query_one(HAS_ENTRIES, &[]).await;
        if get(&row.map_err(failed)?, "has_entries")? {
            return Err(Error::NotEmpty);
        }
        for row in &cursors {
            if get(row, "owned")? {
                return Err(Error::Owned {
                    partition: partition(row)?,
                    owner: get(row, "owner")?,
                });
            }
        }
    }
    transaction
        .execute(HOLD_CURSORS, &[])
        .await
        .map_err(failed)?;
    Ok(())
}

/// The partition of a cursor's row.
pub(super) fn partition(row: &tokio_postgres::Row) -> Result<Partition, StoreError> {
    let stored: i32 = get(row, "partition")?;
    u16::try_from(stored)
        .map(Partition)
        .map_err(|source| StoreError::Inconsistent {
            what: "partition",
            problem: source.to_string(),
        })
}

async fn remember(
    transaction: &Transaction<'_>,
    definitions: &[Definition],
) -> Result<(), StoreError> {
    let column = |of: fn(&Definition) -> &String| -> Vec<&str> {
        definitions.iter().map(|one| of(one).as_str()).collect()
    };
    transaction
        .execute(
            REMEMBER,
            &[
                /* $1 relation */ &column(|definition| &definition.relation),
                /* $2 name     */ &column(|definition| &definition.name),
                /* $3 make     */ &column(|definition| &definition.make),
            ],
        )
        .await
        .map(drop)
        .map_err(StoreError::statement("store.rebuild.remember"))
}
