//! The owner's connection: its lease, its lock on the cursor, its commits.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};
use writ_crash::{Point, sent};
use writ_domain::{Offset, Partition, Seq};
use writ_envelope::hash::Hash;

use super::batch::Batch;
use super::load::{States, Wanted};
use super::rows::{get, number};
use super::statements::Statements;
use crate::Error as StoreError;

/// Where a partition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The partition.
    pub partition: Partition,
    /// The lease under which it may be moved.
    pub owner_epoch: i64,
    /// The first offset that is not yet decided; reading resumes here.
    pub next_offset: Offset,
    /// The last seq given out.
    pub seq: Seq,
    /// The chain hash of that entry; zero before the first.
    pub chain: Hash,
    /// The clamped log time of that entry.
    pub time: DateTime<Utc>,
    /// Hash of the record at `next_offset - 1`; absent before the first.
    pub anchor: Option<Hash>,
    /// Whether only restored records may follow, up to the seal.
    pub restoring: bool,
    /// The rules that decide.
    pub rules_version: u32,
}

impl Cursor {
    /// Where a partition stands of which nothing is decided.
    #[must_use]
    pub fn genesis(partition: Partition) -> Self {
        Self {
            partition,
            owner_epoch: 0,
            next_offset: Offset(0),
            seq: Seq::ZERO,
            chain: Hash::ZERO,
            time: DateTime::UNIX_EPOCH,
            anchor: None,
            restoring: false,
            rules_version: 1,
        }
    }
}

/// How a lease is held.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Who holds it.
    pub owner: String,
    /// For how long a claim or a commit holds it.
    pub duration: Duration,
}

/// What went wrong with a transaction of the owner.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another owner moved the cursor, or took the lease: stop.
    #[error("partition {partition} is owned by another")]
    Fenced {
        /// Which.
        partition: Partition,
    },
    /// The stored state contradicts what was decided on: halt the partition.
    #[error("the stored state contradicts what was decided on")]
    Corrupt {
        /// What Postgres said.
        source: StoreError,
    },
    /// The connection was lost while `COMMIT` was on its way: ask the cursor.
    #[error("it is not known whether the transaction was committed")]
    CommitUnknown {
        /// Why.
        source: StoreError,
    },
    /// Nothing was committed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The owner's connection.
#[derive(Debug)]
pub struct Session {
    pub(super) client: Client,
    pub(super) statements: Statements,
    lease: Lease,
    plans: PlanAge,
    driver: tokio::task::JoinHandle<()>,
}

/// When plans are thrown away: each time that four times as much was decided since they were made.
///
/// SUBTLE: what a plan made on small tables costs grows with the tables, and statistics follow only
/// after a minute. Thrown away at each fourfold growth it is never far behind, and that is rare.
#[derive(Debug)]
pub(super) struct PlanAge {
    entries: AtomicU64,
    renew_at: AtomicU64,
}

impl PlanAge {
    const FIRST: u64 = 64;

    pub(super) fn new() -> Self {
        Self {
            entries: AtomicU64::new(0),
            renew_at: AtomicU64::new(Self::FIRST),
        }
    }

    pub(super) fn grow(&self, entries: usize) {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.entries.fetch_add(entries, Ordering::Relaxed);
    }

    /// Whether they are to be thrown away now; asked once for each time.
    pub(super) fn is_over(&self) -> bool {
        let entries = self.entries.load(Ordering::Relaxed);
        let over = entries >= self.renew_at.load(Ordering::Relaxed);
        if over {
            self.renew_at
                .store(entries.saturating_mul(4), Ordering::Relaxed);
        }
        over
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Nested loops over indexes or nothing, and no transaction that outlives the lease.
pub(crate) const SETTINGS: &str = "
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET enable_memoize = off;
    SET jit = off;
    SET synchronous_commit = on;
";

impl Session {
    /// Connects and prepares every statement.
    pub async fn open(config: &tokio_postgres::Config, lease: Lease) -> Result<Self, StoreError> {
        Self::open_named(config, lease, "writ-projector").await
    }

    /// The same under another name in `pg_stat_activity`.
    pub(super) async fn open_named(
        config: &tokio_postgres::Config,
        lease: Lease,
        name: &str,
    ) -> Result<Self, StoreError> {
        let mut config = config.clone();
        config.application_name(name);
        // A frozen owner's lock must not outlive its lease.
        config.tcp_user_timeout(lease.duration / 2);
        config.connect_timeout(lease.duration);
        let (client, connection) =
            config
                .connect(NoTls)
                .await
                .map_err(|source| StoreError::Unavailable {
                    source: Box::new(source),
                })?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the session owns and aborts its driver"
        )]
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the owner's connection ended");
            }
        });
        let half_lease_ms = (lease.duration / 2).as_millis();
        let timeouts = format!(
            "SET idle_in_transaction_session_timeout = {half_lease_ms}; \
             SET lock_timeout = {half_lease_ms};"
        );
        client
            .batch_execute(SETTINGS)
            .await
            .map_err(StoreError::statement("store.ledger.settings"))?;
        client
            .batch_execute(&timeouts)
            .await
            .map_err(StoreError::statement("store.ledger.timeouts"))?;
        let statements = Statements::prepare(&client).await?;
        Ok(Self {
            client,
            statements,
            lease,
            plans: PlanAge::new(),
            driver,
        })
    }

    /// Takes the lease of a partition, if nobody holds it; `None` if somebody does.
    pub async fn claim(&self, partition: Partition) -> Result<Option<Cursor>, Error> {
        let name = "cursor/claim";
        let statement = self.statements.get(name)?;
        let partition_number = i32::from(partition.0);
        let lease = self.lease.duration.as_secs_f64();
        let parameters: [&(dyn ToSql + Sync); 3] = [
            /* $1 partition */ &partition_number,
            /* $2 owner     */ &self.lease.owner,
            /* $3 lease     */ &lease,
        ];
        let claiming = self.client.query_opt(statement, &parameters);
        let row = sent(Point::OwnerClaimSent, claiming)
            .await
            .map_err(StoreError::statement(name))?;
        Ok(row.map(|row| cursor(partition, &row)).transpose()?)
    }

    /// Where a partition stands, whoever owns it; `None` if the ledger has no such partition.
    pub async fn peek(&self, partition: Partition) -> Result<Option<Cursor>, Error> {
        let name = "cursor/peek";
        let statement = self.statements.get(name)?;
        let row = self
            .client
            .query_opt(statement, &[/* $1 partition */ &i32::from(partition.0)])
            .await
            .map_err(StoreError::statement(name))?;
        Ok(row.map(|row| cursor(partition, &row)).transpose()?)
    }

    /// Holds the lease for longer; between batches only, since a commit renews it too.
    pub async fn renew(&self, cursor: &Cursor) -> Result<(), Error> {
        let lease = self.lease.duration.as_secs_f64();
        let more: [&(dyn ToSql + Sync); 1] = [/* $3 */ &lease];
        let renewing = self.mark("cursor/renew", cursor, &more);
        if sent(Point::OwnerRenewSent, renewing).await? {
            Ok(())
        } else {
            Err(Error::Fenced {
                partition: cursor.partition,
            })
        }
    }

    /// Gives the lease back, so that another can take it at once.
    pub async fn release(&self, cursor: &Cursor) -> Result<(), StoreError> {
        let releasing = self.mark("cursor/release", cursor, &[]);
        sent(Point::OwnerReleaseSent, releasing).await?;
        Ok(())
    }

    /// Runs a statement that changes the cursor's row while this owner has it, outside of a
    /// transaction; whether it changed the row.
    ///
    /// `$1` is the partition and `$2` the owner's epoch; `more` begins at `$3`.
    pub(super) async fn mark(
        &self,
        name: &'static str,
        cursor: &Cursor,
        more: &[&(dyn ToSql + Sync)],
    ) -> Result<bool, StoreError> {
        let statement = self.statements.get(name)?;
        let partition = i32::from(cursor.partition.0);
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&partition, &cursor.owner_epoch];
        parameters.extend(more);
        let changed = self
            .client
            .execute(statement, &parameters)
            .await
            .map_err(StoreError::statement(name))?;
        Ok(changed == 1)
    }

    /// Makes a restored log the one that was decided: all of the partitions or none.
    ///
    /// Each cursor as it was claimed, and the hash of its last record in that log. From then on
    /// the partitions take nothing but what was restored, up to the seal; commands may come behind
    /// it, whatever they were halted for.
    pub async fn rebase(&self, moved: &[(Cursor, Hash)]) -> Result<(), Error> {
        let execute = async |sql| {
            self.client
                .batch_execute(sql)
                .await
                .map_err(StoreError::statement("store.ledger.rebase"))
        };
        execute("BEGIN").await?;
        let name = "cursor/rebase";
        let statement = self.statements.get(name)?;
        for (cursor, anchor) in moved {
            let next_offset = as_stored(cursor.next_offset.0);
            let answer = self
                .client
                .query(
                    statement,
                    &[
                        /* $1 partition   */ &i32::from(cursor.partition.0),
                        /* $2 owner_epoch */ &cursor.owner_epoch,
                        /* $3 next_offset */ &next_offset,
                        /* $4 anchor      */ &anchor.0.as_slice(),
                    ],
                )
                .await;
            if let Err(source) = answer {
                self.rollback().await;
                let fenced = source.code().is_some_and(|code| code.code() == "WR001");
                let partition = cursor.partition;
                return Err(if fenced {
                    Error::Fenced { partition }
                } else {
                    StoreError::statement(name)(source).into()
                });
            }
        }
        let committed = execute("COMMIT").await;
        committed.map_err(|source| Error::CommitUnknown { source })
    }

    /// Begins a transaction, locks the cursor by compare, and loads; one round trip.
    ///
    /// # Errors
    /// After any error the transaction is over: [`Session::rollback`] was sent or the connection
    /// is gone.
    pub async fn begin(
        &self,
        cursor: &Cursor,
        wanted: Vec<Wanted>,
        states: &mut States,
    ) -> Result<(), Error> {
        let begin_sql = if self.plans.is_over() {
            "DISCARD PLANS; BEGIN"
        } else {
            "BEGIN"
        };
        let begin = async {
            sent(Point::OwnerBeginSent, self.client.batch_execute(begin_sql))
                .await
                .map_err(StoreError::statement("store.ledger.begin"))
        };
        let lock = sent(Point::OwnerLockSent, self.lock(cursor));
        let load = sent(Point::OwnerBeginLoadSent, self.load(wanted, states));
        // SUBTLE: joined futures are polled in this order, and a statement is sent when its
        // future is polled first; so Postgres locks the cursor before it reads anything.
        let (opened, cursor_locked, known) = futures_util::join!(begin, lock, load);
        let result = opened
            .map_err(Error::from)
            .and(cursor_locked)
            .and(known.map_err(Error::from));
        if result.is_err() {
            self.rollback().await;
        }
        result
    }

    async fn lock(&self, cursor: &Cursor) -> Result<(), Error> {
        let name = "cursor/lock";
        let statement = self.statements.get(name)?;
        let next_offset = as_stored(cursor.next_offset.0);
        let row = self
            .client
            .query_opt(
                statement,
                &[
                    /* $1 partition   */ &i32::from(cursor.partition.0),
                    /* $2 owner_epoch */ &cursor.owner_epoch,
                    /* $3 next_offset */ &next_offset,
                ],
            )
            .await
            .map_err(StoreError::statement(name))?;
        row.map(drop).ok_or(Error::Fenced {
            partition: cursor.partition,
        })
    }

    /// Loads more within the transaction.
    pub async fn load_more(&self, wanted: Vec<Wanted>, states: &mut States) -> Result<(), Error> {
        Ok(sent(Point::OwnerLoadSent, self.load(wanted, states)).await?)
    }

    /// The newest `tenant_seq` of each tenant; zero where it has none.
    pub async fn heads(
        &self,
        tenants: &[writ_domain::TenantId],
    ) -> Result<std::collections::BTreeMap<writ_domain::TenantId, writ_domain::TenantSeq>, Error>
    {
        Ok(sent(Point::OwnerHeadsSent, self.load_heads(tenants)).await?)
    }

    /// Ends the transaction without effect. A connection that is gone ended it already.
    pub async fn rollback(&self) {
        let rolling_back = self.client.batch_execute("ROLLBACK");
        if let Err(error) = sent(Point::OwnerRollbackSent, rolling_back).await {
            tracing::debug!(%error, "rollback was not answered");
        }
    }

    /// Writes the batch, moves the cursor and commits; one round trip.
    pub async fn commit(&self, batch: &Batch) -> Result<(), Error> {
        let writes = super::persist::writes(batch);
        let mut queries: Vec<BoxFuture<'_, Result<(), StoreError>>> = Vec::new();
        for (name, columns) in &writes {
            let statement = self.statements.get(name)?;
            let parameters = columns.parameters();
            queries.push(
                async move {
                    let writing = self.client.query(statement, &parameters);
                    let answer = sent(Point::OwnerWriteSent, writing).await;
                    answer.map(drop).map_err(StoreError::statement(name))
                }
                .boxed(),
            );
        }
        queries.push(sent(Point::OwnerAdvanceSent, self.advance(batch)).boxed());
        queries.push(
            async {
                sent(Point::OwnerCommitSent, self.client.batch_execute("COMMIT"))
                    .await
                    .map_err(StoreError::statement("store.ledger.commit"))
            }
            .boxed(),
        );
        match in_order(queries).await {
            Ok(()) => {
                self.plans.grow(batch.entries.len());
                Ok(())
            }
            Err(error) => Err(classify(error)),
        }
    }

    async fn advance(&self, batch: &Batch) -> Result<(), StoreError> {
        let name = "cursor/advance";
        let statement = self.statements.get(name)?;
        let Batch { before, after, .. } = batch;
        let anchor = after.anchor.as_ref().map(|anchor| anchor.0.as_slice());
        self.client
            .query(
                statement,
                &[
                    /* $1 partition   */ &i32::from(before.partition.0),
                    /* $2 owner_epoch */ &before.owner_epoch,
                    /* $3 next_offset */ &as_stored(before.next_offset.0),
                    /* $4 next_offset */ &as_stored(after.next_offset.0),
                    /* $5 seq         */ &as_stored(after.seq.0),
                    /* $6 chain       */ &after.chain.0.as_slice(),
                    /* $7 log_time    */ &after.time,
                    /* $8 anchor      */ &anchor,
                    /* $9 lease       */ &self.lease.duration.as_secs_f64(),
                    /* $10 restoring  */ &after.restoring,
                ],
            )
            .await
            .map(drop)
            .map_err(StoreError::statement(name))
    }

    /// Whether the connection is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }
}

/// Polls futures in their order until all are done, so that what they send goes out in that
/// order, and returns the first error. All are awaited: an answer left behind would be taken for
/// the answer to a later statement.
pub(crate) async fn in_order(
    futures: Vec<BoxFuture<'_, Result<(), StoreError>>>,
) -> Result<(), StoreError> {
    let mut pending: Vec<Option<BoxFuture<'_, Result<(), StoreError>>>> =
        futures.into_iter().map(Some).collect();
    let mut errors: Vec<Option<StoreError>> = pending.iter().map(|_| None).collect();
    core::future::poll_fn(|context| {
        let mut waiting = false;
        for (slot, error) in pending.iter_mut().zip(&mut errors) {
            let Some(future) = slot else { continue };
            match future.as_mut().poll(context) {
                core::task::Poll::Pending => waiting = true,
                core::task::Poll::Ready(answer) => {
                    *error = answer.err();
                    *slot = None;
                }
            }
        }
        if waiting {
            core::task::Poll::Pending
        } else {
            core::task::Poll::Ready(())
        }
    })
    .await;
    errors.into_iter().flatten().next().map_or(Ok(()), Err)
}

/// What an error behind `COMMIT` means.
fn classify(error: StoreError) -> Error {
    let code = match &error {
        StoreError::Statement { source, .. } => source.code().map(|code| code.code().to_owned()),
        StoreError::Unavailable { .. }
        | StoreError::Inconsistent { .. }
        | StoreError::Schema { .. }
        | StoreError::Unfinished
        | StoreError::Migrate { .. } => return Error::Store(error),
    };
    match code.as_deref() {
        // A row count that was not decided on, or a row that should not have been there.
        Some("WR001" | "23505" | "23514" | "23502") => Error::Corrupt { source: error },
        // Postgres refused a statement, so the transaction aborted.
        Some(code) if !code.starts_with("57P") && !code.starts_with("08") => Error::Store(error),
        _ => Error::CommitUnknown { source: error },
    }
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes
        .try_into()
        .map(Hash)
        .map_err(|_source| StoreError::Inconsistent {
            what: "hash",
            problem: format!("{} bytes long", bytes.len()),
        })
}

fn cursor(partition: Partition, row: &tokio_postgres::Row) -> Result<Cursor, StoreError> {
    let anchor: Option<&[u8]> = get(row, "anchor")?;
    Ok(Cursor {
        partition,
        owner_epoch: get(row, "owner_epoch")?,
        next_offset: Offset(number(row, "next_offset")?),
        seq: Seq(number(row, "seq")?),
        chain: hash(get(row, "chain")?)?,
        time: get(row, "log_time")?,
        anchor: anchor.map(hash).transpose()?,
        restoring: get(row, "restoring")?,
        rules_version: rules_version(row)?,
    })
}

fn rules_version(row: &tokio_postgres::Row) -> Result<u32, StoreError> {
    let stored: i32 = get(row, "rules_version")?;
    u32::try_from(stored).map_err(|source| StoreError::Inconsistent {
        what: "rules_version",
        problem: format!("{stored}: {source}"),
    })
}

/// Offsets and seqs stay below 2^63: the log and the cursor count them up from zero.
pub(crate) fn as_stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
