//! Putting an older generation of the log aside, so that a restored one can begin.

use writ_domain::Offset;

use crate::ledger::Cursor;
use crate::{Error as StoreError, Store};

const RETIRE: &str = include_str!("retire.sql");

/// The log was not put aside; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    /// The lease of a partition is another's by now.
    #[error("another owner has a partition")]
    Fenced,
    /// The log has other heads than were given.
    #[error("records were appended meanwhile")]
    Appended,
    /// Postgres refused, or could not be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Renames the table of records to `log_record_retired_N` and begins an empty one; returns `N`.
///
/// `held` are the cursors of all partitions as they were claimed, each with the head of its
/// partition. The caller MUST know that every record below the heads is in an entry: what is put
/// aside is not deleted, but nobody decides it any more.
pub async fn retire(store: &Store, held: &[(Cursor, Offset)]) -> Result<u32, RetireError> {
    let partitions: Vec<i32> = held
        .iter()
        .map(|(cursor, _)| i32::from(cursor.partition.0))
        .collect();
    let owner_epochs: Vec<i64> = held.iter().map(|(cursor, _)| cursor.owner_epoch).collect();
    let heads: Vec<i64> = held
        .iter()
        .map(|(_, head)| i64::try_from(head.0).unwrap_or(i64::MAX))
        .collect();
    let client = store.client().await?;
    let row = client
        .query_one(
            RETIRE,
            &[
                /* $1 partitions   */ &partitions,
                /* $2 owner_epochs */ &owner_epochs,
                /* $3 heads        */ &heads,
            ],
        )
        .await
        .map_err(refused)?;
    let generation: i32 = row.get("generation");
    u32::try_from(generation).map_err(|source| {
        let problem = format!("generation {generation}: {source}");
        RetireError::Store(StoreError::Inconsistent {
            what: "log",
            problem,
        })
    })
}

fn refused(source: tokio_postgres::Error) -> RetireError {
    match source.code().map(tokio_postgres::error::SqlState::code) {
        Some("WR002") => RetireError::Fenced,
        Some("WR003") => RetireError::Appended,
        Some(_) | None => StoreError::statement("store.log.retire")(source).into(),
    }
}
