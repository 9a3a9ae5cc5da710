//! Why somebody may do something, or no longer may.

use tokio_postgres::Row;
use writ_domain::{Realm, TenantId, TenantSeq};

use super::timeline::{Authorized, Timeline};
use super::{Linked, Question, codes};
use crate::codes::{realm_code, realm_from_code};
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
    /// The ways by edges. All that are told here and in `authorized` are open, or all were closed by
    /// one entry, the last that closed any.
    pub ways: Vec<Way>,
    /// The authorizations of Camunda's realm that let somebody do it.
    pub authorized: Vec<Authorized>,
    /// Of a no: those that forbid it.
    pub forbidden: Vec<Authorized>,
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
    /// That the user is the same person as the one who was asked about.
    pub linked: Option<LinkedLife>,
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

/// Two subjects that are the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedLife {
    /// The realm in which the one who was asked about is linked.
    pub named_in: Realm,
    /// From when to when that one has the link.
    pub named: Life,
    /// The other.
    pub to: Linked,
    /// From when to when the other has the link.
    pub other: Life,
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
    let place = question.place();
    let by_edges = question.realms.iter().copied();
    let by_edges: Vec<Realm> = by_edges.filter(|realm| *realm != Realm::Camunda).collect();
    let client = store.client().await?;
    let rows = EXPLAIN
        .rows(
            &client,
            &[
                /* $1 tenant         */ &tenant.as_str(),
                /* $2 at             */ &bigint(at.0),
                /* $3 by edges       */ &codes(&by_edges),
                /* $4 subject        */ &question.subject,
                /* $5 permission     */ &question.permission,
                /* $6 resource       */ &question.resource,
                /* $7 limit          */ &i64::from(limit.saturating_add(1)),
                /* $8 known in       */ &codes(question.known),
                /* $9 Camunda's      */ &place.map(|_| realm_code(Realm::Camunda)),
                /* $10 resource type */ &place.map(|place| place.resource_type),
                /* $11 resource id   */ &place.map(|place| place.resource_id),
            ],
        )
        .await?;
    let mut explained = Explained {
        absent: Vec::new(),
        ways: Vec::new(),
        authorized: Vec::new(),
        forbidden: Vec::new(),
        more: false,
    };
    let mut timeline = Timeline::default();
    for row in &rows {
        match EXPLAIN.get::<i32>(row, "part")? {
            0 => {
                // Every row says the same of the names, and there is one at least.
                explained.absent = absent_of(row)?;
                explained.ways.extend(way(row)?);
            }
            part => timeline.take(part, row)?,
        }
    }
    if let Some(place) = place {
        let known = [Asked::Resource, Asked::Permission];
        explained.absent.retain(|absent| !known.contains(absent));
        let told = timeline.told(place, at);
        explained.authorized = told.authorized;
        explained.forbidden = told.forbidden;
    }
    explained.keep_the_last();
    explained.cut(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(explained)
}

impl Explained {
    /// Keeps what is open; if nothing is, what was closed last.
    fn keep_the_last(&mut self) {
        let ways = self.ways.iter().map(|way| way.open.until());
        let authorized = self.authorized.iter().map(|way| way.open.until());
        let Some(last) = ways.chain(authorized).max() else {
            return;
        };
        self.ways.retain(|way| way.open.until() == last);
        self.authorized.retain(|way| way.open.until() == last);
        if last == TenantSeq(u64::MAX) {
            self.forbidden.clear();
        }
    }

    fn cut(&mut self, limit: usize) {
        self.more = self.ways.len().saturating_add(self.authorized.len()) > limit;
        self.ways.truncate(limit);
        self.authorized
            .truncate(limit.saturating_sub(self.ways.len()));
    }
}

impl Life {
    /// The entry that ended it, or one beyond all.
    fn until(self) -> TenantSeq {
        self.to.unwrap_or(TenantSeq(u64::MAX))
    }
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
        linked: linked(row)?,
        user: noun(row, "user_key", "user_ended")?,
        role,
        permission_edge: life(row, "edge_from", "edge_ended")?,
        permission: noun(row, "permission_key", "permission_ended")?,
        namespace: noun(row, "namespace_key", "namespace_ended")?,
        open: life(row, "opened_seq", "closed_seq")?,
    }))
}

/// That somebody is the same person as the one who was asked about; `None` where it is that one.
pub(super) fn linked(row: &Row) -> Result<Option<LinkedLife>, Error> {
    if EXPLAIN.number(row, "linked_key")? == 0 {
        return Ok(None);
    }
    Ok(Some(LinkedLife {
        named_in: realm_from_code(EXPLAIN.get(row, "named_in")?)?,
        named: life(row, "link_from", "link_ended")?,
        to: Linked {
            realm: realm_from_code(EXPLAIN.get(row, "realm")?)?,
            subject: EXPLAIN.get(row, "subject")?,
        },
        other: life(row, "other_link_from", "other_link_ended")?,
    }))
}

/// The life of a noun: its key names the entry that made it.
pub(super) fn noun(row: &Row, key: &'static str, ended: &'static str) -> Result<Life, Error> {
    let key = writ_domain::UserKey::from_stored(EXPLAIN.number(row, key)?);
    Ok(Life {
        from: key.made_by(),
        to: end(row, ended)?,
    })
}

pub(super) fn life(row: &Row, from: &'static str, to: &'static str) -> Result<Life, Error> {
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
