//! A second set of views beside the live one, and the switch to it.
//!
//! ```text
//!   live schema   roles, roles_history …  ◄── owners write, readers read       dropped
//!                                                                    switch ──────┤
//!   writ_next     roles, roles_history …  ◄── the fold of the entries        live from now on
//!                 view_cursor                                                   dropped
//! ```
//!
//! **Correctness.** The switch is one transaction. It holds every cursor, so that no owner is in
//! the middle of a batch, has folded the entries up to there, and holds every table of both sets.
//! A statement that waited for a table finds the new one under its name, and takes its snapshot
//! only then. A reader of several statements in one snapshot holds the old set by
//! [`READ_LOCK`](super::READ_LOCK) until it has ended. Owners are fenced, so that they begin again
//! with an empty cache.
//!
//! SUBTLE: a reader that holds one table and waits for another, against a switch that holds the
//! other, is a deadlock, which Postgres ends after a second by failing either. The switch therefore
//! gives up well before that and tries again: it is never a reader that pays.

use std::collections::BTreeMap;

use futures_util::future::{BoxFuture, FutureExt as _};
use tokio_postgres::Config;
use tokio_postgres::error::SqlState;
use writ_domain::state::Changes;
use writ_domain::{Partition, Position, Seq, TenantId, TenantSeq};

use super::connection::Connection;
use super::copy::{Loader, tables};
use super::definitions::{Definition, Making, make};
use super::whole::{LOCK_CURSORS, partition};
use super::{Error, view_inserts};
use crate::digest::{self, Digests};
use crate::ledger::persist::{Folded, view_writes};
use crate::ledger::rows::{get, number};
use crate::ledger::session::{SETTINGS, as_stored, in_order};
use crate::ledger::statements::Statements;
use crate::{Error as StoreError, Store};

/// Where the new set stands until the switch.
const SCHEMA: &str = "writ_next";
const NEXT_SCHEMA: &str = include_str!("sql/next_schema.sql");
const SHAPES: &str = include_str!("sql/shapes.sql");
const HEADS: &str = include_str!("sql/heads.sql");
const VIEW_CURSOR: &str = include_str!("sql/view_cursor.sql");
const EQUAL: &str = include_str!("sql/equal.sql");
const FENCE: &str = include_str!("sql/fence.sql");
/// How long the switch waits for readers to finish, while owners wait for it. Below
/// `deadlock_timeout`, so that it is the switch that gives way.
const SWITCH_WAIT: &str = "SET LOCAL statement_timeout = '400ms'";

/// What an entry changed: what the views are folded from.
#[derive(Debug)]
pub struct FoldedEntry {
    /// Where the entry stands.
    pub position: Position,
    /// Whose it is.
    pub tenant: TenantId,
    /// Where it stands in its tenant.
    pub tenant_seq: TenantSeq,
    /// The rows that it changed.
    pub changes: Changes,
}

impl FoldedEntry {
    pub(super) fn folded(&self) -> Folded<'_> {
        Folded {
            partition: self.position.partition,
            tenant: &self.tenant,
            at: self.tenant_seq,
            changes: &self.changes,
        }
    }
}

/// A second set of views, in work.
#[derive(Debug)]
pub struct Next {
    config: Config,
    /// Holds the lock by which there is one rebuild at a time, and writes what comes after the
    /// copied rows.
    control: Connection,
    statements: Option<Statements>,
    live_schema: String,
    tables: Vec<&'static str>,
    definitions: Vec<Definition>,
}

impl Next {
    /// Makes the tables of a new set, empty and without indexes; what an unfinished run left is
    /// dropped.
    pub async fn begin(store: &Store) -> Result<Self, Error> {
        store.check_schema().await?;
        let control = Connection::control(store.config()).await?;
        let live_schema = control.live_schema().await?;
        let tables = tables(&view_inserts())?;
        let client = &control.client;
        let definitions = Definition::all(client, &tables, SCHEMA).await?;
        let failed = StoreError::statement("store.rebuild.shapes");
        let shapes = client.query(SHAPES, &[&tables, &SCHEMA]).await;
        let mut made = vec![NEXT_SCHEMA.to_owned()];
        for row in shapes.map_err(failed)? {
            made.push(get(&row, "statement")?);
        }
        control
            .run("store.rebuild.next_schema", &made.join(";\n"))
            .await?;
        control.search(SCHEMA, &live_schema).await?;
        Ok(Self {
            config: store.config().clone(),
            control,
            statements: None,
            live_schema,
            tables,
            definitions,
        })
    }

    /// The last entry of each partition now.
    pub async fn heads(&self) -> Result<BTreeMap<Partition, Seq>, Error> {
        let rows = self.control.client.query(HEADS, &[]).await;
        let rows = rows.map_err(StoreError::statement("store.rebuild.heads"))?;
        Ok(cursors(&rows)?)
    }

    /// A connection that copies chunks into the new set.
    pub async fn loader(&self) -> Result<Loader, Error> {
        let search = Some((SCHEMA, self.live_schema.as_str()));
        let worker = self.control.worker(&self.config, search).await?;
        Ok(Loader::new(worker))
    }

    /// Makes the indexes and constraints of the live set on the new one and analyzes it, `workers`
    /// tables side by side; tells after each how many are done, of how many.
    pub async fn make_indexes(
        &mut self,
        workers: usize,
        told: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), Error> {
        let mut work: Vec<Making> = Vec::new();
        for Definition { relation, make, .. } in core::mem::take(&mut self.definitions) {
            match work.last_mut().filter(|making| making.table == relation) {
                Some(making) => making.statements.push(make),
                None => work.push(Making {
                    table: relation,
                    statements: vec![make],
                }),
            }
        }
        let search = Some((SCHEMA, self.live_schema.as_str()));
        let on = (&self.control, &self.config);
        make(on, search, work, workers, told).await?;
        let settings = format!("{SETTINGS}; SET synchronous_commit = off");
        self.control
            .run("store.rebuild.settings", &settings)
            .await?;
        self.statements = Some(Statements::prepare(&self.control.client).await?);
        Ok(())
    }

    /// Says that the rows up to `to` were copied.
    pub async fn copied(&self, partition: Partition, to: Seq) -> Result<(), Error> {
        Ok(self.advance(partition, Seq::ZERO, to).await?)
    }

    /// Folds entries of one partition into the new set: those after `from`, up to `to`.
    pub async fn fold(
        &self,
        partition: Partition,
        (from, to): (Seq, Seq),
        entries: &[FoldedEntry],
    ) -> Result<(), Error> {
        self.control
            .run("store.rebuild.fold", "DISCARD PLANS; BEGIN")
            .await?;
        let folded = self.write(partition, (from, to), entries).await;
        self.end(folded).await
    }

    /// The digests of a partition's tenants over the new set, at the entry that it stands at.
    ///
    /// `seq`, `next_offset`, `chain` and `heads` are those of the live ledger.
    pub async fn digests(&mut self, partition: Partition) -> Result<Digests, Error> {
        Ok(digest::on(&mut self.control.client, partition).await?)
    }

    /// Drops the new set; the live one stays.
    pub async fn abandon(self) -> Result<(), Error> {
        let drop = format!("DROP SCHEMA {SCHEMA} CASCADE");
        Ok(self.control.run("store.rebuild.abandon", &drop).await?)
    }

    /// Begins the switch: no owner commits until [`switch`](Self::switch) or
    /// [`give_up`](Self::give_up). Answers the last entry of each partition.
    pub async fn hold(&self) -> Result<BTreeMap<Partition, Seq>, Error> {
        self.control.run("store.rebuild.hold", "BEGIN").await?;
        let rows = self.control.client.query(LOCK_CURSORS, &[]).await;
        let failed = StoreError::statement("store.rebuild.lock_cursors");
        let held = rows.map_err(failed).and_then(|rows| cursors(&rows));
        if held.is_err() {
            self.give_up().await?;
        }
        Ok(held?)
    }

    /// Folds the last entries, within the switch. After an error the switch was given up.
    pub async fn fold_held(
        &self,
        partition: Partition,
        (from, to): (Seq, Seq),
        entries: &[FoldedEntry],
    ) -> Result<(), Error> {
        let written = self.write(partition, (from, to), entries).await;
        if written.is_err() {
            self.give_up().await?;
        }
        Ok(written?)
    }

    /// Puts the new set in the place of the live one, which is dropped.
    ///
    /// Answers whether it did: not where readers did not let go of the live set in time. Then
    /// everything since [`hold`](Self::hold) is undone.
    pub async fn switch(&self) -> Result<bool, Error> {
        let locked = match self.lock_live().await {
            Ok(()) => true,
            Err(error) if gives_way(&error) => false,
            Err(error) => {
                self.give_up().await?;
                return Err(error.into());
            }
        };
        if !locked {
            self.give_up().await?;
            return Ok(false);
        }
        let switched = self.exchange().await;
        self.end(switched).await.map(|()| true)
    }

    /// Ends a switch without effect.
    pub async fn give_up(&self) -> Result<(), Error> {
        Ok(self
            .control
            .run("store.rebuild.give_up", "ROLLBACK")
            .await?)
    }

    async fn lock_live(&self) -> Result<(), StoreError> {
        let live: Vec<String> = self.tables.iter().map(|table| self.live(table)).collect();
        let lock = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", live.join(", "));
        self.control
            .run("store.rebuild.switch", SWITCH_WAIT)
            .await?;
        self.control.run("store.rebuild.lock_live", &lock).await
    }

    async fn exchange(&self) -> Result<(), StoreError> {
        let client = &self.control.client;
        let reset = "SET LOCAL statement_timeout = 0; SET LOCAL synchronous_commit = on";
        self.control.run("store.rebuild.switch", reset).await?;
        client
            .query_one(EQUAL, &[])
            .await
            .map_err(StoreError::statement("store.rebuild.equal"))?;
        client
            .execute(FENCE, &[])
            .await
            .map_err(StoreError::statement("store.rebuild.fence"))?;
        let schema = quoted(&self.live_schema);
        let mut exchange: Vec<String> = Vec::new();
        for table in &self.tables {
            exchange.push(format!("DROP TABLE {}", self.live(table)));
            exchange.push(format!("ALTER TABLE {SCHEMA}.{table} SET SCHEMA {schema}"));
        }
        exchange.push(format!("DROP SCHEMA {SCHEMA} CASCADE"));
        let exchange = exchange.join(";\n");
        self.control.run("store.rebuild.exchange", &exchange).await
    }

    /// A table of the live set. Names are ours; DDL takes no parameters.
    fn live(&self, table: &str) -> String {
        format!("{}.{table}", quoted(&self.live_schema))
    }

    /// Commits what went well, undoes what did not.
    async fn end(&self, result: Result<(), StoreError>) -> Result<(), Error> {
        match result {
            Ok(()) => Ok(self.control.run("store.rebuild.commit", "COMMIT").await?),
            Err(error) => {
                self.give_up().await?;
                Err(error.into())
            }
        }
    }

    async fn write(
        &self,
        partition: Partition,
        (from, to): (Seq, Seq),
        entries: &[FoldedEntry],
    ) -> Result<(), StoreError> {
        let folded: Vec<Folded<'_>> = entries.iter().map(FoldedEntry::folded).collect();
        let writes = view_writes(&folded);
        let mut sent: Vec<BoxFuture<'_, Result<(), StoreError>>> = Vec::new();
        for (name, columns) in &writes {
            let statements = self.statements.as_ref();
            let statement = statements.ok_or_else(|| StoreError::Inconsistent {
                what: "new set of views",
                problem: "its indexes were not made".to_owned(),
            })?;
            let statement = statement.get(name)?;
            let parameters = columns.parameters();
            sent.push(
                async move {
                    let answer = self.control.client.query(statement, &parameters).await;
                    answer.map(drop).map_err(StoreError::statement(name))
                }
                .boxed(),
            );
        }
        sent.push(self.advance(partition, from, to).boxed());
        in_order(sent).await
    }

    async fn advance(&self, partition: Partition, from: Seq, to: Seq) -> Result<(), StoreError> {
        self.control
            .client
            .query_one(
                VIEW_CURSOR,
                &[
                    /* $1 partition */ &i32::from(partition.0),
                    /* $2 from      */ &as_stored(from.0),
                    /* $3 to        */ &as_stored(to.0),
                ],
            )
            .await
            .map(drop)
            .map_err(StoreError::statement("store.rebuild.view_cursor"))
    }
}

fn cursors(rows: &[tokio_postgres::Row]) -> Result<BTreeMap<Partition, Seq>, StoreError> {
    rows.iter()
        .map(|row| Ok((partition(row)?, Seq(number(row, "seq")?))))
        .collect()
}

/// Whether a lock could not be had in time, and may be had later.
fn gives_way(error: &StoreError) -> bool {
    let StoreError::Statement { source, .. } = error else {
        return false;
    };
    source.code().is_some_and(|code| {
        [
            SqlState::QUERY_CANCELED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(code)
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
