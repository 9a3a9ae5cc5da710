//! A statement with its name: what is run, and what an error is called after.

use tokio_postgres::Row;
use tokio_postgres::types::{FromSqlOwned, ToSql};

use crate::Error;

/// A statement of this module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    /// As in its first line.
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

impl Statement {
    /// Runs it, prepared once per connection.
    pub(crate) async fn rows(
        &self,
        client: &deadpool_postgres::Client,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        let failed = Error::statement(self.name);
        let prepared = client.prepare_cached(self.sql).await.map_err(failed)?;
        client.query(&prepared, parameters).await.map_err(failed)
    }

    /// Runs it where it finds one row or none.
    pub(crate) async fn row(
        &self,
        client: &deadpool_postgres::Client,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Error> {
        Ok(self.rows(client, parameters).await?.into_iter().next())
    }

    /// A column of a row that it found.
    pub(crate) fn get<T: FromSqlOwned>(&self, row: &Row, column: &str) -> Result<T, Error> {
        row.try_get(column).map_err(Error::statement(self.name))
    }

    /// A column that holds a number from 0.
    pub(crate) fn number(&self, row: &Row, column: &'static str) -> Result<u64, Error> {
        let number: i64 = self.get(row, column)?;
        u64::try_from(number).map_err(|source| Error::Inconsistent {
            what: column,
            problem: format!("{number}: {source}"),
        })
    }
}

/// A number as a `bigint` holds it. Numbers of the ledger are below 2^63; one above is beyond
/// all that is stored, and so is the largest `bigint`.
pub(crate) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
