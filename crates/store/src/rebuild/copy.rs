//! Copying chunks into tables.

use core::pin::pin;
use std::collections::BTreeMap;
use std::io::Cursor;

use futures_util::SinkExt as _;
use tokio_postgres::Statement;

use super::connection::Connection;
use super::fill::Chunk;
use crate::Error;
use crate::ledger::statements::ALL;

/// One connection that copies chunks.
#[derive(Debug)]
pub struct Loader {
    connection: Connection,
    prepared: BTreeMap<&'static str, Statement>,
}

impl Loader {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            prepared: BTreeMap::new(),
        }
    }

    /// Copies a chunk. Each table's rows are there or not; the whole is known only at the end.
    pub async fn write(&mut self, chunk: Chunk) -> Result<(), Error> {
        const END: [u8; 2] = (-1_i16).to_be_bytes();
        for (name, mut bytes) in chunk.tables {
            let failed = Error::statement(name);
            let statement = self.statement(name).await?;
            let sink = self.connection.client.copy_in(&statement);
            let mut sink = pin!(sink.await.map_err(failed)?);
            bytes.extend_from_slice(&END);
            sink.send(Cursor::new(bytes)).await.map_err(failed)?;
            sink.finish().await.map_err(failed)?;
        }
        Ok(())
    }

    async fn statement(&mut self, name: &'static str) -> Result<Statement, Error> {
        if let Some(prepared) = self.prepared.get(name) {
            return Ok(prepared.clone());
        }
        let copy = Target::of(name)?.copy();
        let prepared = self
            .connection
            .client
            .prepare(&copy)
            .await
            .map_err(Error::statement(name))?;
        self.prepared.insert(name, prepared.clone());
        Ok(prepared)
    }
}

/// Where a statement of live folding inserts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) table: &'static str,
    columns: &'static str,
}

impl Target {
    /// Reads it out of the statement's text, so that there is one list of columns.
    pub(super) fn of(name: &'static str) -> Result<Self, Error> {
        ALL.iter()
            .find(|(known, _)| *known == name)
            .and_then(|(_, text)| Self::read(text))
            .ok_or_else(|| Error::Inconsistent {
                what: "statement",
                problem: format!("{name} does not insert"),
            })
    }

    fn read(text: &'static str) -> Option<Self> {
        let (_, insert) = text.split_once("INSERT INTO ")?;
        let (table, rest) = insert.split_once(" (")?;
        let (columns, _) = rest.split_once(')')?;
        let columns = columns.trim();
        Some(Self { table, columns })
    }

    #[cfg(test)]
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.split(',').map(str::trim)
    }

    /// Names of ours; COPY takes no parameters.
    pub(super) fn copy(&self) -> String {
        let Self { table, columns } = self;
        format!("COPY {table} ({columns}) FROM STDIN (FORMAT binary)")
    }
}

/// The tables of these statements.
pub(super) fn tables(inserts: &[&'static str]) -> Result<Vec<&'static str>, Error> {
    inserts
        .iter()
        .map(|insert| Target::of(insert).map(|target| target.table))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_out_of_the_insert() {
        let text = "-- a.b\nINSERT INTO roles (\n    tenant, key\n)\nSELECT tenant, key";
        let target = Target::read(text).unwrap();
        assert_eq!((target.table, target.columns), ("roles", "tenant, key"));
        assert_eq!(
            target.copy(),
            "COPY roles (tenant, key) FROM STDIN (FORMAT binary)"
        );
        assert!(Target::of("cursor/lock").is_err());
    }
}
