//! Reading entries: by number, by position, by command, in order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use uuid::Uuid;
use writ_domain::{
    CommandId, GenericUuid as _, Offset, Partition, Position, Seq, TenantId, TenantSeq,
};
use writ_envelope::Hash;

use super::raw::{Raw, optional_hash, time};
use super::statement::{Statement, bigint};
use super::{Chain8, Entry, Head, Moment};
use crate::{Error, Store};

/// Bytes of records and facts in one answer, at most; one entry always fits.
pub const PAGE_BYTES_MAX: i64 = 16 * 1024 * 1024;

pub(super) const HEAD: Statement = Statement {
    name: "store.entries.head",
    sql: include_str!("head.sql"),
};
pub(super) const HEADS: Statement = Statement {
    name: "store.entries.heads",
    sql: include_str!("heads.sql"),
};
pub(super) const CHAIN8: Statement = Statement {
    name: "store.entries.chain8",
    sql: include_str!("chain8.sql"),
};
pub(super) const AT_POSITION: Statement = Statement {
    name: "store.entries.at_position",
    sql: include_str!("at_position.sql"),
};
pub(super) const MANY: Statement = Statement {
    name: "store.entries.many",
    sql: include_str!("many.sql"),
};
pub(super) const CHANGES: Statement = Statement {
    name: "store.entries.changes",
    sql: include_str!("changes.sql"),
};
pub(super) const SCAN: Statement = Statement {
    name: "store.entries.scan",
    sql: include_str!("scan.sql"),
};
pub(super) const BY_COMMANDS: Statement = Statement {
    name: "store.entries.by_commands",
    sql: include_str!("by_commands.sql"),
};

pub(super) const DECIDED: Statement = Statement {
    name: "store.entries.decided",
    sql: include_str!("decided.sql"),
};

pub(super) const AT_INSTANT: Statement = Statement {
    name: "store.entries.at_instant",
    sql: include_str!("at_instant.sql"),
};

/// All of them, for the tests of plans.
#[cfg(test)]
pub(super) const STATEMENTS: &[Statement] = &[
    AT_INSTANT,
    HEAD,
    HEADS,
    CHAIN8,
    AT_POSITION,
    MANY,
    CHANGES,
    SCAN,
    BY_COMMANDS,
    DECIDED,
];

/// How far a partition is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The first offset that is not decided.
    pub next_offset: Offset,
    /// Hash of the record before that, as the log had it; absent before the first.
    pub anchor: Option<Hash>,
}

impl Progress {
    /// Of a partition of which nothing is decided.
    #[must_use]
    pub fn none() -> Self {
        Self {
            next_offset: Offset(0),
            anchor: None,
        }
    }
}

/// How far a partition is decided.
pub async fn decided(store: &Store, partition: Partition) -> Result<Progress, Error> {
    let client = store.client().await?;
    let row = DECIDED
        .row(&client, &[/* $1 partition */ &i32::from(partition.0)])
        .await?;
    let Some(row) = row else {
        return Ok(Progress::none());
    };
    Ok(Progress {
        next_offset: Offset(DECIDED.number(&row, "next_offset")?),
        anchor: optional_hash(DECIDED, &row, "anchor")?,
    })
}

/// The newest entry of a tenant; `None` where it has none.
pub async fn head(store: &Store, tenant: &TenantId) -> Result<Option<Head>, Error> {
    let client = store.client().await?;
    let row = HEAD
        .row(&client, &[/* $1 tenant */ &tenant.as_str()])
        .await?;
    row.map(|row| head_of(HEAD, &row)).transpose()
}

/// The newest entry of a tenant, in the transaction of this connection.
pub(crate) async fn head_on(
    client: &tokio_postgres::Client,
    tenant: &TenantId,
) -> Result<Option<Head>, Error> {
    let row = client
        .query_opt(HEAD.sql, &[/* $1 tenant */ &tenant.as_str()])
        .await
        .map_err(Error::statement(HEAD.name))?;
    row.map(|row| head_of(HEAD, &row)).transpose()
}

/// The newest entries of tenants, for those that have one.
pub async fn heads(store: &Store, tenants: &[TenantId]) -> Result<BTreeMap<TenantId, Head>, Error> {
    if tenants.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
    let client = store.client().await?;
    let rows = HEADS.rows(&client, &[/* $1 tenants */ &names]).await?;
    rows.iter()
        .map(|row| {
            let tenant: String = HEADS.get(row, "tenant")?;
            let tenant = TenantId::from_stored(&tenant).map_err(|source| Error::Inconsistent {
                what: "tenant",
                problem: source.to_string(),
            })?;
            Ok((tenant, head_of(HEADS, row)?))
        })
        .collect()
}

/// Where a tenant's ledger stood at an instant: after the newest entry at or before it.
pub async fn at_instant(
    store: &Store,
    tenant: &TenantId,
    instant: DateTime<Utc>,
) -> Result<Moment, Error> {
    let client = store.client().await?;
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 tenant  */ &tenant.as_str(),
        /* $2 instant */ &instant,
    ];
    let Some(row) = AT_INSTANT.row(&client, parameters).await? else {
        // Nothing was ever decided, and something may come.
        return Ok(Moment {
            head: Head::none(),
            provisional: true,
        });
    };
    let head = match AT_INSTANT.number(&row, "tenant_seq")? {
        0 => Head::none(),
        _ => head_of(AT_INSTANT, &row)?,
    };
    Ok(Moment {
        head,
        provisional: AT_INSTANT.get(&row, "provisional")?,
    })
}

pub(crate) fn head_of(statement: Statement, row: &Row) -> Result<Head, Error> {
    Ok(Head {
        tenant_seq: TenantSeq(statement.number(row, "tenant_seq")?),
        chain8: chain8_of(&statement.get::<Vec<u8>>(row, "chain8")?)?,
        time: time(statement, row)?,
    })
}

fn chain8_of(bytes: &[u8]) -> Result<Chain8, Error> {
    Chain8::try_from(bytes).map_err(|source| Error::Inconsistent {
        what: "chain hash",
        problem: format!("{} bytes: {source}", bytes.len()),
    })
}

/// The first bytes of the chain hash of a tenant's entry; `None` where there is no such entry.
pub async fn chain8(
    store: &Store,
    tenant: &TenantId,
    at: TenantSeq,
) -> Result<Option<Chain8>, Error> {
    let client = store.client().await?;
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 tenant */ &tenant.as_str(),
        /* $2 tenant_seq */ &bigint(at.0),
    ];
    let Some(row) = CHAIN8.row(&client, parameters).await? else {
        return Ok(None);
    };
    chain8_of(&CHAIN8.get::<Vec<u8>>(&row, "chain8")?).map(Some)
}

/// One of a tenant's entries; `None` where there is no such entry.
pub async fn at(store: &Store, tenant: &TenantId, at: TenantSeq) -> Result<Option<Entry>, Error> {
    Ok(many(store, tenant, &[at]).await?.into_iter().next())
}

/// Some of a tenant's entries, in the order asked for.
///
/// Those that do not fit in [`PAGE_BYTES_MAX`] are left out at the end; the first always fits.
pub async fn many(store: &Store, tenant: &TenantId, at: &[TenantSeq]) -> Result<Vec<Entry>, Error> {
    if at.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<i64> = at.iter().map(|at| bigint(at.0)).collect();
    let client = store.client().await?;
    let rows = MANY
        .rows(
            &client,
            &[
                /* $1 tenant      */ &tenant.as_str(),
                /* $2 tenant_seqs */ &numbers,
                /* $3 bytes       */ &PAGE_BYTES_MAX,
            ],
        )
        .await?;
    rows.iter().map(|row| Raw::of(MANY, row)?.read()).collect()
}

/// The entry at a position, whoever's it is; `None` where there is none.
pub async fn at_position(store: &Store, position: Position) -> Result<Option<Entry>, Error> {
    let client = store.client().await?;
    let row = AT_POSITION
        .row(
            &client,
            &[
                /* $1 partition */ &i32::from(position.partition.0),
                /* $2 seq       */ &bigint(position.seq.0),
            ],
        )
        .await?;
    row.map(|row| Raw::of(AT_POSITION, &row)?.read())
        .transpose()
}

/// What of a tenant's feed is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Entries after this one.
    pub after: TenantSeq,
    /// Entries up to this one.
    pub up_to: TenantSeq,
    /// So many at most.
    pub limit: u32,
}

/// A tenant's entries in order, without a hole: `after + 1`, `after + 2`, …
///
/// Those that do not fit in [`PAGE_BYTES_MAX`] are left out at the end; the first always fits.
pub async fn changes(
    store: &Store,
    tenant: &TenantId,
    window: Window,
) -> Result<Vec<Entry>, Error> {
    let client = store.client().await?;
    let rows = CHANGES
        .rows(
            &client,
            &[
                /* $1 tenant */ &tenant.as_str(),
                /* $2 after  */ &bigint(window.after.0),
                /* $3 up_to  */ &bigint(window.up_to.0),
                /* $4 limit  */ &i64::from(window.limit),
                /* $5 bytes  */ &PAGE_BYTES_MAX,
            ],
        )
        .await?;
    rows.iter()
        .map(|row| Raw::of(CHANGES, row)?.read())
        .collect()
}

/// A partition's entries in order from `from` on, as they were stored.
///
/// Those that do not fit in [`PAGE_BYTES_MAX`] are left out at the end; the first always fits.
pub async fn scan(
    store: &Store,
    partition: Partition,
    from: Seq,
    limit: u32,
) -> Result<Vec<Raw>, Error> {
    let client = store.client().await?;
    let rows = SCAN
        .rows(
            &client,
            &[
                /* $1 partition */ &i32::from(partition.0),
                /* $2 from      */ &bigint(from.0),
                /* $3 limit     */ &i64::from(limit),
                /* $4 bytes     */ &PAGE_BYTES_MAX,
            ],
        )
        .await?;
    rows.iter().map(|row| Raw::of(SCAN, row)).collect()
}

/// The entries that decided these commands of a tenant, for those that are decided.
pub async fn by_command(
    store: &Store,
    tenant: &TenantId,
    commands: &[CommandId],
) -> Result<Vec<(CommandId, Entry)>, Error> {
    let commands: Vec<_> = commands
        .iter()
        .map(|command| (tenant.clone(), *command))
        .collect();
    by_commands(store, &commands).await
}

/// The entries that decided these commands, for those that are decided: one statement.
///
/// Those that do not fit in [`PAGE_BYTES_MAX`] are left out at the end; the first always fits.
pub async fn by_commands(
    store: &Store,
    commands: &[(TenantId, CommandId)],
) -> Result<Vec<(CommandId, Entry)>, Error> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let tenants: Vec<&str> = commands.iter().map(|(tenant, _)| tenant.as_str()).collect();
    let ids: Vec<Uuid> = commands
        .iter()
        .map(|(_, command)| command.into_untyped_uuid())
        .collect();
    let client = store.client().await?;
    let rows = BY_COMMANDS
        .rows(
            &client,
            &[
                /* $1 tenants     */ &tenants,
                /* $2 command ids */ &ids,
                /* $3 bytes       */ &PAGE_BYTES_MAX,
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let asked_for: Uuid = BY_COMMANDS.get(row, "asked_for")?;
            let entry = Raw::of(BY_COMMANDS, row)?.read()?;
            Ok((CommandId::from_untyped_uuid(asked_for), entry))
        })
        .collect()
}
