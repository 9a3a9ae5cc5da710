//! What may somebody do, and who may do something: pages, in the order of keys.

use core::fmt;
use core::str::FromStr;

use tokio_postgres::Row;
use writ_domain::camunda::{ANY, resource_from_text, resource_text, shown_names};
use writ_domain::{AuthorizationKind, Realm, TenantId, TenantSeq};

use super::{Opened, Via, codes, opened};
use crate::codes::{realm_code, realm_from_code};
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
const OF_GROUP: Statement = Statement {
    name: "store.grants.of_group",
    sql: include_str!("of_group.sql"),
};
const OF_GROUP_AT: Statement = Statement {
    name: "store.grants.of_group_at",
    sql: include_str!("of_group_at.sql"),
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
pub(super) const STATEMENTS: [Statement; 8] = [
    OF_SUBJECT,
    OF_SUBJECT_AT,
    OF_ROLE,
    OF_ROLE_AT,
    OF_GROUP,
    OF_GROUP_AT,
    OF_RESOURCE,
    OF_RESOURCE_AT,
];

/// Which grants are asked for: those to which all that is said applies.
///
/// With a subject, what that user may do, and those who are the same person; else with a role or a
/// group, what that may do; else who may do something with the resource: users, roles, groups,
/// everyone. One of the four MUST be there. No grant is by a role and by a group.
///
/// In Camunda's realm a grant is a permission of an authorization that a check looks at. One on `*`
/// is one on every resource of the type.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The realms whose rules give the grants.
    pub realms: &'a [Realm],
    /// The realms in which the subject is known by this id.
    pub known: &'a [Realm],
    /// A user's id.
    pub subject: Option<&'a str>,
    /// A role's id.
    pub role: Option<&'a str>,
    /// A group's id.
    pub group: Option<&'a str>,
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

impl Ask<'_> {
    /// The group whose own grants are asked for.
    fn of_group(&self) -> Option<&str> {
        self.group
            .filter(|_| self.subject.is_none() && self.role.is_none())
    }
}

/// Where a grant stands in its list: the keys of what it is made of.
///
/// Keys are never used again, so what stays is met once, whatever comes and goes between pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place([i64; 5]);

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
    /// A group of this id.
    Group(String),
    /// Everybody.
    Everyone,
}

/// What a grant does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It gives.
    Allow,
    /// It takes, where revokes count.
    Deny,
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
    /// With what: the identifier of the permission's namespace; in Camunda's realm a resource.
    pub resource: String,
    /// Whether it gives or takes.
    pub effect: Effect,
    /// The id of the authorization that it is a part of, in Camunda's realm.
    pub authorization: Option<String>,
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

/// What Camunda's part of a list is asked by.
struct Authorized<'a> {
    after: [i64; 4],
    realm: Option<i16>,
    resource_type: Option<i32>,
    resource_id: Option<&'a str>,
    types: Vec<i32>,
    names: Vec<&'static str>,
    bits: Vec<i32>,
}

impl<'a> Authorized<'a> {
    fn of(ask: &Ask<'a>) -> Self {
        let resource = ask.resource.and_then(resource_from_text);
        let knows_it = ask.resource.is_none() || resource.is_some();
        let is_asked = ask.realms.contains(&Realm::Camunda) && knows_it;
        let (mut types, mut names, mut bits) = (Vec::new(), Vec::new(), Vec::new());
        for (of, name, of_name) in shown_names() {
            types.push(of.unwrap_or(-1));
            names.push(name);
            bits.push(i32::try_from(of_name).unwrap_or_default());
        }
        let after = match ask.after {
            Some(Place([1, after @ ..])) => after,
            Some(_) | None => [-1; 4],
        };
        Self {
            after,
            realm: is_asked.then(|| realm_code(Realm::Camunda)),
            resource_type: resource.map(|(number, _)| number),
            resource_id: resource.map(|(_, id)| id.unwrap_or(ANY)),
            types,
            names,
            bits,
        }
    }
}

/// One page of grants.
pub async fn list(store: &Store, tenant: &TenantId, ask: Ask<'_>) -> Result<Page, Error> {
    let statement = statement(&ask);
    let one_more = ask.limit.saturating_add(1);
    let looked_for = if ask.count {
        one_more.max(TOTAL_MAX.saturating_add(1))
    } else {
        one_more
    };
    let after = match ask.after {
        None => [0; 4],
        Some(Place([0, after @ ..])) => after,
        // Beyond all of them.
        Some(_) => [i64::MAX; 4],
    };
    // What is held by a group is held by no edge.
    let by_edges = ask.realms.iter().copied();
    let by_edges = by_edges.filter(|realm| *realm != Realm::Camunda && ask.group.is_none());
    let by_edges: Vec<Realm> = by_edges.collect();
    let (tenant, realms, known) = (tenant.as_str(), codes(&by_edges), codes(ask.known));
    let (looked_for, limit) = (i64::from(looked_for), i64::from(ask.limit));
    let at = ask.at.map_or(0, |at| bigint(at.0));
    let (after, authorized): (&[i64], _) = (&after, Authorized::of(&ask));
    let authorized_after: &[i64] = &authorized.after;
    let mut parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
        if ask.of_group().is_some() {
            vec![
                /* $1 tenant        */ &tenant,
                /* $2 realm         */ &authorized.realm,
                /* $3 group         */ &ask.group,
                /* $4 resource type */ &authorized.resource_type,
                /* $5 permission    */ &ask.permission,
                /* $6 resource id   */ &authorized.resource_id,
                /* $7 after         */ &authorized_after,
                /* $8 looked for    */ &looked_for,
                /* $9 limit         */ &limit,
                /* $10 types        */ &authorized.types,
                /* $11 names        */ &authorized.names,
                /* $12 bits         */ &authorized.bits,
            ]
        } else {
            vec![
                /* $1 tenant     */ &tenant,
                /* $2 realms     */ &realms,
                /* $3 subject    */ &ask.subject,
                /* $4 role       */ &ask.role,
                /* $5 permission */ &ask.permission,
                /* $6 resource   */ &ask.resource,
                /* $7 after      */ &after,
                /* $8 looked for */ &looked_for,
                /* $9 limit      */ &limit,
            ]
        };
    if ask.subject.is_some() || (ask.role.is_none() && ask.group.is_none()) {
        parameters.push(/* $10 after         */ &authorized_after);
        parameters.push(/* $11 realm         */ &authorized.realm);
        parameters.push(/* $12 resource type */ &authorized.resource_type);
        parameters.push(/* $13 resource id   */ &authorized.resource_id);
        parameters.push(/* $14 types         */ &authorized.types);
        parameters.push(/* $15 names         */ &authorized.names);
        parameters.push(/* $16 bits          */ &authorized.bits);
    }
    if ask.subject.is_some() {
        parameters.push(/* $17 known in */ &known);
        parameters.push(/* $18 group    */ &ask.group);
    }
    if ask.at.is_some() {
        parameters.push(/* the last: at */ &at);
    }
    let client = store.client().await?;
    let rows = statement.rows(&client, &parameters).await?;
    page(statement, &ask, &rows)
}

fn statement(ask: &Ask<'_>) -> Statement {
    let (now, then) = if ask.subject.is_some() {
        (OF_SUBJECT, OF_SUBJECT_AT)
    } else if ask.of_group().is_some() {
        (OF_GROUP, OF_GROUP_AT)
    } else if ask.role.is_some() {
        (OF_ROLE, OF_ROLE_AT)
    } else {
        (OF_RESOURCE, OF_RESOURCE_AT)
    };
    if ask.at.is_some() { then } else { now }
}

fn page(statement: Statement, ask: &Ask<'_>, rows: &[Row]) -> Result<Page, Error> {
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
    for row in rows {
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
    let kind: Option<i16> = statement.get(row, "kind")?;
    let (holder, via) = match kind {
        None => by_edge(statement, row)?,
        Some(kind) => by_authorization(statement, row, kind)?,
    };
    let resource = if kind.is_some() {
        let id: String = statement.get(row, "resource_id")?;
        resource_text(statement.get(row, "resource_type")?, &id)
    } else {
        statement.get(row, "resource")?
    };
    let revoke = i16::try_from(AuthorizationKind::Revoke.number()).ok();
    Ok(Some(Grant {
        realm: realm_from_code(realm)?,
        holder,
        via,
        permission: statement.get(row, "permission")?,
        resource,
        effect: if kind.is_some() && kind == revoke {
            Effect::Deny
        } else {
            Effect::Allow
        },
        authorization: statement.get(row, "authorization_id")?,
        opened: opened(statement, row)?,
        opened_by: statement.get(row, "opened_by")?,
        place: Place([
            i64::from(statement.get::<i32>(row, "section")?),
            statement.get(row, "k1")?,
            statement.get(row, "k2")?,
            statement.get(row, "k3")?,
            statement.get(row, "k4")?,
        ]),
    }))
}

/// Who holds it by what, where grants are edges.
fn by_edge(statement: Statement, row: &Row) -> Result<(Holder, Via), Error> {
    let user: Option<String> = statement.get(row, "user_id")?;
    let role: Option<String> = statement.get(row, "role_id")?;
    match (user, role) {
        (Some(user), Some(role)) => Ok((Holder::User(user), Via::Role(role))),
        (Some(user), None) => Ok((Holder::User(user), Via::Direct)),
        (None, Some(role)) => Ok((Holder::Role(role), Via::Direct)),
        (None, None) => Err(Error::Inconsistent {
            what: "grant",
            problem: "nobody holds it".to_owned(),
        }),
    }
}

/// Who holds it by what, where it is a part of an authorization.
fn by_authorization(statement: Statement, row: &Row, kind: i16) -> Result<(Holder, Via), Error> {
    let user: Option<String> = statement.get(row, "user_id")?;
    let group: Option<String> = statement.get(row, "group_id")?;
    let global = AuthorizationKind::Global.number();
    Ok(match (user, group) {
        (Some(user), Some(group)) => (Holder::User(user), Via::Group(group)),
        (Some(user), None) if i32::from(kind) == global => (Holder::User(user), Via::Everyone),
        (Some(user), None) => (Holder::User(user), Via::Direct),
        (None, Some(group)) => (Holder::Group(group), Via::Direct),
        (None, None) => (Holder::Everyone, Via::Direct),
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [section, one, two, three, four] = self.0;
        write!(f, "{section}.{one}.{two}.{three}.{four}")
    }
}

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys = [0; 5];
        let mut parts = text.split('.');
        for key in &mut keys {
            let part = parts.next().ok_or(ParsePlaceError)?;
            *key = part.parse().map_err(|_source| ParsePlaceError)?;
        }
        let place = Self(keys);
        // SUBTLE: `from_str` of a number takes "+1" and "01"; a place has one spelling.
        // There are two sections: edges, and what authorizations give.
        let known = parts.next().is_none() && keys.iter().all(|key| *key >= 0) && place.0[0] <= 1;
        if known && place.to_string() == text {
            Ok(place)
        } else {
            Err(ParsePlaceError)
        }
    }
}
