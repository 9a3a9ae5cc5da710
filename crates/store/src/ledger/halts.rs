//! Partitions on which deciding has stopped, for every process to see.
//!
//! The last owner's word: it is written with the lease that is given back, and taken back by the
//! commit of whoever decides on, or with the move to a log that was restored. A process that does
//! not project knows by it that what it appended now would stand in a log that is not the one to
//! come.

use std::collections::BTreeMap;

use tokio_postgres::types::ToSql;
use writ_crash::{Point, sent};
use writ_domain::Partition;

use super::rows::get;
use super::session::{Cursor, Session};
use crate::{Error, Store};

const HALTS: &str = include_str!("sql/cursor/halts.sql");

impl Store {
    /// The partitions that are halted, and why.
    pub async fn halts(&self) -> Result<BTreeMap<Partition, String>, Error> {
        let failed = Error::statement("store.ledger.cursor.halts");
        let client = self.client().await?;
        let statement = client.prepare_cached(HALTS).await.map_err(failed)?;
        let rows = client.query(&statement, &[]).await.map_err(failed)?;
        rows.iter()
            .map(|row| {
                let number: i32 = get(row, "partition")?;
                let number = u16::try_from(number).map_err(|source| Error::Inconsistent {
                    what: "partition",
                    problem: format!("{number}: {source}"),
                })?;
                Ok((Partition(number), get(row, "halted")?))
            })
            .collect()
    }
}

impl Session {
    /// Says why deciding stopped, and gives the lease back. Nothing if another owner has it.
    pub async fn halt(&self, cursor: &Cursor, why: &str) -> Result<(), Error> {
        let more: [&(dyn ToSql + Sync); 1] = [/* $3 why */ &why];
        sent(
            Point::OwnerHaltSent,
            self.mark("cursor/halt", cursor, &more),
        )
        .await?;
        Ok(())
    }

    /// Whether the last owner of a partition stopped deciding.
    pub async fn is_halted(&self, partition: Partition) -> Result<bool, Error> {
        let name = "cursor/halted";
        let statement = self.statements.get(name)?;
        let row = self
            .client
            .query_opt(statement, &[/* $1 partition */ &i32::from(partition.0)])
            .await
            .map_err(Error::statement(name))?;
        let why: Option<Option<String>> = row.map(|row| get(&row, "halted")).transpose()?;
        Ok(why.flatten().is_some())
    }

    /// Takes back that deciding stopped, where nothing waits to be decided. A commit does so too.
    pub async fn recover(&self, cursor: &Cursor) -> Result<(), Error> {
        let recovering = self.mark("cursor/recover", cursor, &[]);
        sent(Point::OwnerRecoverSent, recovering).await?;
        Ok(())
    }
}
