//! What may somebody do, and who may do something: pages, in the order of keys.

use core::fmt;
use core::str::FromStr;

use tokio_postgres::Row;
use writ_domain::{Realm, TenantId, TenantSeq};

use super::{Opened, Via, codes, opened};
use crate::codes::realm_from_code;
use crate::entries::statement::{Statement, bigint};
use crate::entries::{Head, head_of};
use crate::{Error, Store};

/// Grants are counted up to here.
pub const TOTAL_MAX: u32 = 10_000;

const OF_SUBJECT: Statement = Statement {
    name: "store.grants.of_subject",
    sql: include_str!("of_subject.sql"),
};
const OF_SUBJECT_AT: Statement = Statement {
    name: "store.grants.of_subject_at",
    sql: include_str!("of_subject_at.sql"),
};
const OF_ROLE: Statement = Statement {
    name: "store.grants.of_role",
    sql: include_str!("of_role.sql"),
};
const OF_ROLE_AT: Statement = Statement {
    name: "store.grants.of_role_at",
    sql: include_str!("of_role_at.sql"),
};
const OF_RESOURCE: Statement = Statement {
    name: "store.grants.of_resource",
    sql: include_str!("of_resource.sql"),
};
const OF_RESOURCE_AT: Statement = Statement {
    name: "store.grants.of_resource_at",
    sql: include_str!("of_resource_at.sql"),
};

/// All of them, for the tests of plans.
#[cfg(test)]
pub(super) const STATEMENTS: [Statement; 6] = [
    OF_SUBJECT,
    OF_SUBJECT_AT,
    OF_ROLE,
    OF_ROLE_AT,
    OF_RESOURCE,
    OF_RESOURCE_AT,
];

/// Which grants are asked for: those to which all that is said applies.
///
/// With a subject, what that user may do; else with a role, what that role may do; else who may do
/// something with the resource: users and roles. One of the three MUST be there.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The realms that are asked.
    pub realms: &'a [Realm],
    /// A user's id.
    pub subject: Option<&'a str>,
    /// A role's id.
    pub role: Option<&'a str>,
    /// A permission's name.
    pub permission: Option<&'a str>,
    /// The identifier of the permission's namespace.
    pub resource: Option<&'a str>,
    /// The grant after which the page begins.
    pub after: Option<Place>,
    /// So many at most.
    pub limit: u32,
    /// Whether to count them all, up to [`TOTAL_MAX`].
    pub count: bool,
    /// As of this entry; now if absent.
    pub at: Option<TenantSeq>,
}

/// Where a grant stands in its list: the keys of what it is made of.
///
/// Keys are never used again, so what stays is met once, whatever comes and goes between pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place([i64; 4]);

/// The text is not a place in a list of grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is given back as it was received in `next`")]
pub struct ParsePlaceError;

/// Who holds a grant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A user of this id.
    User(String),
    /// A role of this id.
    Role(String),
}

/// Somebody may do something, by one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose rules say so.
    pub realm: Realm,
    /// Who may.
    pub holder: Holder,
    /// What.
    pub permission: String,
    /// With what: the identifier of the permission's namespace.
    pub resource: String,
    /// By what.
    pub via: Via,
    /// The entry that opened it.
    pub opened: Opened,
    /// The subject of that entry's actor.
    pub opened_by: String,
    /// Where it stands in the list.
    pub place: Place,
}

/// How many grants there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// So many.
    pub count: u64,
    /// Or more.
    pub at_least: bool,
}

/// Some of the grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the ledger stood in the snapshot; `None` as of an entry.
    pub head: Option<Head>,
    /// How many there are, if that was asked.
    pub total: Option<Counted>,
    /// In the order of their places.
    pub grants: Vec<Grant>,
    /// The place after which the next page begins, if there is one.
    pub next: Option<Place>,
}

/// One page of grants.
pub async fn list(store: &Store, tenant: &TenantId, ask: Ask<'_>) -> Result<Page, Error> {
    let statement = match (ask.subject, ask.role, ask.at) {
        (Some(_), _, None) => OF_SUBJECT,
        (Some(_), _, Some(_)) => OF_SUBJECT_AT,
        (None, Some(_), None) => OF_ROLE,
        (None, Some(_), Some(_)) => OF_ROLE_AT,
        (None, None, None) => OF_RESOURCE,
        (None, None, Some(_)) => OF_RESOURCE_AT,
    };
    let one_more = ask.limit.saturating_add(1);
    let looked_for = if ask.count {
        one_more.max(TOTAL_MAX.saturating_add(1))
    } else {
        one_more
    };
    let after = ask.after.unwrap_or(Place([0; 4]));
    let (tenant, realms) = (tenant.as_str(), codes(ask.realms));
    let (looked_for, limit) = (i64::from(looked_for), i64::from(ask.limit));
    let at = ask.at.map_or(0, |at| bigint(at.0));
    let after: &[i64] = &after.0;
    let mut parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![
        /* $1 tenant     */ &tenant,
        /* $2 realms     */ &realms,
        /* $3 subject    */ &ask.subject,
        /* $4 role       */ &ask.role,
        /* $5 permission */ &ask.permission,
        /* $6 resource   */ &ask.resource,
        /* $7 after      */ &after,
        /* $8 looked for */ &looked_for,
        /* $9 limit      */ &limit,
    ];
    if ask.at.is_some() {
        parameters.push(/* $10 at */ &at);
    }
    let client = store.client().await?;
    let rows = statement.rows(&client, &parameters).await?;
    let head = match (ask.at, rows.first()) {
        (None, Some(row)) => Some(head_of(statement, row)?),
        (None, None) => Some(Head::none()),
        (Some(_), _) => None,
    };
    let found = match rows.first() {
        Some(row) => statement.number(row, "found")?,
        None => 0,
    };
    let mut grants = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(grant) = grant(statement, row)? {
            grants.push(grant);
        }
    }
    let more = found > u64::from(ask.limit);
    Ok(Page {
        head,
        total: ask.count.then(|| Counted {
            count: found.min(u64::from(TOTAL_MAX)),
            at_least: found > u64::from(TOTAL_MAX),
        }),
        next: grants.last().filter(|_| more).map(|last| last.place),
        grants,
    })
}

/// The grant of a row; `None` where the page is empty.
fn grant(statement: Statement, row: &Row) -> Result<Option<Grant>, Error> {
    let Some(realm) = statement.get::<Option<i16>>(row, "realm")? else {
        return Ok(None);
    };
    let user: Option<String> = statement.get(row, "user_id")?;
    let role: Option<String> = statement.get(row, "role_id")?;
    let (holder, via) = match (user, role) {
        (Some(user), Some(role)) => (Holder::User(user), Via::Role(role)),
        (Some(user), None) => (Holder::User(user), Via::Direct),
        (None, Some(role)) => (Holder::Role(role), Via::Direct),
        (None, None) => {
            return Err(Error::Inconsistent {
                what: "grant",
                problem: "nobody holds it".to_owned(),
            });
        }
    };
    Ok(Some(Grant {
        realm: realm_from_code(realm)?,
        holder,
        via,
        permission: statement.get(row, "permission")?,
        resource: statement.get(row, "resource")?,
        opened: opened(statement, row)?,
        opened_by: statement.get(row, "opened_by")?,
        place: Place([
            statement.get(row, "k1")?,
            statement.get(row, "k2")?,
            statement.get(row, "k3")?,
            statement.get(row, "k4")?,
        ]),
    }))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, two, three, four] = self.0;
        write!(f, "{one}.{two}.{three}.{four}")
    }
}

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys = [0; 4];
        let mut parts = text.split('.');
        for key in &mut keys {
            let part = parts.next().ok_or(ParsePlaceError)?;
            *key = part.parse().map_err(|_source| ParsePlaceError)?;
        }
        let place = Self(keys);
        // SUBTLE: `from_str` of a number takes "+1" and "01"; a place has one spelling.
        let known = parts.next().is_none() && keys.iter().all(|key| *key >= 0);
        if known && place.to_string() == text {
            Ok(place)
        } else {
            Err(ParsePlaceError)
        }
    }
}
