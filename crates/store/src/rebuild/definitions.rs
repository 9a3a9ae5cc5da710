//! Indexes and constraints: dropped before rows are copied, made when all are there.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use futures_util::future::try_join_all;
use tokio_postgres::{Config, Row};

use super::connection::Connection;
use crate::Error;
use crate::ledger::rows::get;

const DEFINITIONS: &str = include_str!("sql/definitions.sql");

/// An index or a constraint, and how it is made and dropped.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) relation: String,
    pub(super) name: String,
    pub(super) make: String,
    pub(super) unmake: String,
}

impl Definition {
    /// Those that `tables` have where the search path finds them; `make` makes them in `schema`.
    pub(super) async fn all(
        client: &impl tokio_postgres::GenericClient,
        tables: &[&str],
        schema: &str,
    ) -> Result<Vec<Self>, Error> {
        let failed = Error::statement("store.rebuild.definitions");
        client
            .query(DEFINITIONS, &[&tables, &schema])
            .await
            .map_err(failed)?
            .iter()
            .map(Self::read)
            .collect()
    }

    fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            relation: get(row, "relation")?,
            name: get(row, "name")?,
            make: get(row, "make")?,
            unmake: get(row, "unmake")?,
        })
    }
}

/// A table, and the statements that make what it lacks.
#[derive(Debug)]
pub(super) struct Making {
    pub(super) table: String,
    pub(super) statements: Vec<String>,
}

/// Makes what tables lack and analyzes them, `workers` tables side by side.
///
/// Tables are taken in the order in which they come: put the largest first.
pub(super) async fn make(
    (control, config): (&Connection, &Config),
    search: Option<(&str, &str)>,
    work: Vec<Making>,
    workers: usize,
    told: &(dyn Fn(u64, u64) + Sync),
) -> Result<(), Error> {
    let total = work.len() as u64;
    let queue = Mutex::new(VecDeque::from(work));
    let done = core::sync::atomic::AtomicU64::new(0);
    let next = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    };
    let worker = async |_number: usize| {
        let connection = control.worker(config, search).await?;
        while let Some(Making { table, statements }) = next() {
            for statement in &statements {
                connection.run("store.rebuild.make", statement).await?;
            }
            let analyze = format!("ANALYZE {table}");
            connection.run("store.rebuild.analyze", &analyze).await?;
            let before = done.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
            told(before + 1, total);
        }
        Ok::<(), Error>(())
    };
    try_join_all((0..workers.max(1)).map(worker)).await?;
    Ok(())
}
