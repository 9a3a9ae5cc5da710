//! Why somebody may do something, or no longer may.

use tokio_postgres::Row;
use writ_domain::{Realm, TenantId, TenantSeq};

use super::{Question, codes};
use crate::codes::realm_from_code;
use crate::entries::statement::{Statement, bigint};
use crate::{Error, Store};

pub(super) const EXPLAIN: Statement = Statement {
    name: "store.grants.explain",
    sql: include_str!("explain.sql"),
};

/// Every way, or those that were lost last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The names that no noun bears at the time.
    pub absent: Vec<Asked>,
    /// All of them are open, or all were closed by one entry, the last that closed any.
    pub ways: Vec<Way>,
    /// Whether there are more.
    pub more: bool,
}

/// A name in a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// The subject, a user.
    Subject,
    /// The namespace.
    Resource,
    /// The permission in it.
    Permission,
}

/// From when to when something was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The entry that began it.
    pub from: TenantSeq,
    /// The entry that ended it; `None` where it is there at the time.
    pub to: Option<TenantSeq>,
}

/// One way from a user to a permission, with the lives of all that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Whose rules.
    pub realm: Realm,
    /// The user.
    pub user: Life,
    /// The role between them.
    pub role: Option<Link>,
    /// That the user, or the role, holds the permission.
    pub permission_edge: Life,
    /// The permission.
    pub permission: Life,
    /// Its namespace.
    pub namespace: Life,
    /// The way itself: from the latest beginning to the earliest end.
    pub open: Life,
}

/// A role between a user and a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: String,
    /// The role.
    pub role: Life,
    /// That the user has it.
    pub assignment: Life,
}

/// Tells every way by which a question is answered with yes as of an entry; if there is none, those
/// that were lost last.
pub async fn explain(
    store: &Store,
    tenant: &TenantId,
    at: TenantSeq,
    question: Question<'_>,
    limit: u32,
) -> Result<Explained, Error> {
    let client = store.client().await?;
    let rows = EXPLAIN
        .rows(
            &client,
            &[
                /* $1 tenant     */ &tenant.as_str(),
                /* $2 at         */ &bigint(at.0),
                /* $3 realms     */ &codes(question.realms),
                /* $4 subject    */ &question.subject,
                /* $5 permission */ &question.permission,
                /* $6 resource   */ &question.resource,
                /* $7 limit      */ &i64::from(limit.saturating_add(1)),
            ],
        )
        .await?;
    // Every row says the same of the names, and there is one at least.
    let absent = match rows.first() {
        Some(row) => absent_of(row)?,
        None => Vec::new(),
    };
    let mut ways = Vec::with_capacity(rows.len());
    for row in &rows {
        ways.extend(way(row)?);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = ways.len() > limit;
    ways.truncate(limit);
    Ok(Explained { absent, ways, more })
}

fn absent_of(row: &Row) -> Result<Vec<Asked>, Error> {
    let mut absent = Vec::new();
    for (column, name) in [
        ("user_there", Asked::Subject),
        ("namespace_there", Asked::Resource),
        ("permission_there", Asked::Permission),
    ] {
        if !EXPLAIN.get::<bool>(row, column)? {
            absent.push(name);
        }
    }
    Ok(absent)
}

/// The way of a row; `None` where there is none.
fn way(row: &Row) -> Result<Option<Way>, Error> {
    let Some(realm) = EXPLAIN.get::<Option<i16>>(row, "realm")? else {
        return Ok(None);
    };
    let role = match EXPLAIN.get::<Option<String>>(row, "role_id")? {
        Some(id) => Some(Link {
            id,
            role: noun(row, "role_key", "role_ended")?,
            assignment: life(row, "assigned_from", "assigned_ended")?,
        }),
        None => None,
    };
    Ok(Some(Way {
        realm: realm_from_code(realm)?,
        user: noun(row, "user_key", "user_ended")?,
        role,
        permission_edge: life(row, "edge_from", "edge_ended")?,
        permission: noun(row, "permission_key", "permission_ended")?,
        namespace: noun(row, "namespace_key", "namespace_ended")?,
        open: life(row, "opened_seq", "closed_seq")?,
    }))
}

/// The life of a noun: its key names the entry that made it.
fn noun(row: &Row, key: &'static str, ended: &'static str) -> Result<Life, Error> {
    let key = writ_domain::UserKey::from_stored(EXPLAIN.number(row, key)?);
    Ok(Life {
        from: key.made_by(),
        to: end(row, ended)?,
    })
}

fn life(row: &Row, from: &'static str, to: &'static str) -> Result<Life, Error> {
    Ok(Life {
        from: TenantSeq(EXPLAIN.number(row, from)?),
        to: end(row, to)?,
    })
}

fn end(row: &Row, column: &'static str) -> Result<Option<TenantSeq>, Error> {
    let end: Option<i64> = EXPLAIN.get(row, column)?;
    end.map(|end| {
        u64::try_from(end)
            .map(TenantSeq)
            .map_err(|source| Error::Inconsistent {
                what: column,
                problem: source.to_string(),
            })
    })
    .transpose()
}
