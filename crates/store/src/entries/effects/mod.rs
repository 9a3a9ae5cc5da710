//! The effects of an entry: the edges live before it and not after it, or the reverse; and the
//! authorizations that it gave, changed or took.
//!
//! Deliberately absent: effects as rows. They follow from the facts and the intervals, for ever.
//!
//! **Shape.** First the edges that the entry's facts name, then those that ended with a noun, by
//! the kind of noun and edge, each in the order of keys:
//!
//! ```text
//!   section   0                1                  2           …   8
//!             named edges,     permissions        roles of        members of
//!             authorizations   of ended users     ended users     ended groups
//! ```
//!
//! An edge that lost both its ends is told once: with its user, else with its role or group, else
//! with its permission.
//!
//! **Correctness.** Intervals are half-open, so a row is live before `s` if `from_seq < s` and
//! not `to_seq < s`. Later entries only close what is open at `s`: effects and their order never
//! change. A noun's life is one interval, because keys are never reused; so an edge is gained
//! only where a fact says so. The cost is that of the page, and of the total on the first page,
//! which is counted up to a bound.

mod authorized;
mod cursor;
mod effect;
mod explicit;
mod relation;
#[cfg(test)]
mod tests;

use writ_domain::{NamespaceKey, PermissionKey, TenantSeq};

pub use self::cursor::{Cursor, ParseCursorError};
pub use self::effect::{Edge, Effect, Page, Total, Turn};
use self::explicit::{EdgeKey, Ended, Said};
use self::relation::Relation;
use super::Entry;
use super::statement::{Statement, bigint};
use crate::{Error, Store};

/// Effects of one kind are counted up to here.
pub const COUNTED_MAX: u32 = 100_000;

/// Nouns whose edges are looked for in one statement, at most.
const NOUNS_PER_STATEMENT: usize = 256;

pub(super) const COUNT: Statement = Statement {
    name: "store.entries.effects.count",
    sql: include_str!("count.sql"),
};
pub(super) const PERMISSIONS: Statement = Statement {
    name: "store.entries.effects.permissions",
    sql: include_str!("permissions.sql"),
};
pub(super) const REMAINS: Statement = Statement {
    name: "store.entries.effects.remains",
    sql: include_str!("remains.sql"),
};

/// All of them, for the tests of plans.
#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = Statement> {
    let relations = Relation::ALL.into_iter().map(Relation::statement);
    let others = [COUNT, PERMISSIONS, REMAINS, authorized::OPENED];
    others.into_iter().chain(relations)
}

/// The effects of an entry, from a cursor on, at most `limit`.
pub async fn page(
    store: &Store,
    entry: &Entry,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<Page, Error> {
    let client = store.client().await?;
    let mut reader = Reader {
        client,
        entry,
        found: Vec::new(),
        want: limit.saturating_add(1),
    };
    let said = reader.said().await?;
    let start = match cursor {
        Some(cursor) => cursor,
        None => Cursor {
            section: 0,
            noun: 0,
            after: -1,
            total: reader.count(&said).await?,
        },
    };
    reader.named(&said, &start);
    for (index, relation) in Relation::ALL.into_iter().enumerate() {
        reader
            .ended(index.saturating_add(1), relation, &said.ended, &start)
            .await?;
    }
    let more = reader.found.len() > limit;
    reader.found.truncate(limit);
    let next = reader.found.last().filter(|_| more).map(|found| found.next);
    reader.settle_remains().await?;
    reader.settle_authorizations().await?;
    let effects = reader.found.into_iter().map(|found| found.effect).collect();
    Ok(Page {
        effects,
        total: start.total,
        next,
    })
}

struct Reader<'a> {
    client: deadpool_postgres::Client,
    entry: &'a Entry,
    found: Vec<Found>,
    want: usize,
}

struct Found {
    effect: Effect,
    next: Cursor,
    /// Whether by a role the access remains is still to be looked up, for the edge of these keys.
    open_question: Option<(i64, i64)>,
    /// The key of an authorization.
    authorization: Option<i64>,
}

impl Found {
    /// The key of an authorization whose terms the entry closed.
    fn closed(&self) -> Option<i64> {
        match self.effect.turn {
            Turn::Lost { .. } | Turn::Changed { .. } => self.authorization,
            Turn::Gained => None,
        }
    }
}

impl Reader<'_> {
    fn missing(&self) -> usize {
        self.want.saturating_sub(self.found.len())
    }

    async fn said(&self) -> Result<Said, Error> {
        let at = self.entry.tenant_seq;
        let ended = Ended::of(&self.entry.facts);
        let namespaces: Vec<i64> = ended
            .namespaces
            .iter()
            .map(|key: &NamespaceKey| bigint(key.get()))
            .collect();
        let mut permissions = Vec::new();
        if !namespaces.is_empty() {
            let tenant = self.entry.tenant.as_str();
            let rows = PERMISSIONS
                .rows(&self.client, &[&tenant, &bigint(at.0), &namespaces])
                .await?;
            for row in &rows {
                permissions.push(PermissionKey::from_stored(PERMISSIONS.number(row, "key")?));
            }
        }
        Ok(Said::of(&self.entry.facts, at, permissions))
    }

    async fn count(&self, said: &Said) -> Result<Total, Error> {
        let mut count = u64::try_from(said.effects.len()).unwrap_or(u64::MAX);
        let mut at_least = false;
        if !said.ended.is_empty() {
            let rows = COUNT
                .rows(
                    &self.client,
                    &[
                        /* $1 tenant      */ &self.entry.tenant.as_str(),
                        /* $2 at          */ &bigint(self.entry.tenant_seq.0),
                        /* $3 users       */ &Relation::UserRolesOfUser.nouns(&said.ended),
                        /* $4 roles       */ &Relation::UserRolesOfRole.nouns(&said.ended),
                        /* $5 permissions */
                        &Relation::UserPermissionsOfPermission.nouns(&said.ended),
                        /* $6 limit       */ &i64::from(COUNTED_MAX),
                        /* $7 groups      */
                        &Relation::GroupMembersOfGroup.nouns(&said.ended),
                    ],
                )
                .await?;
            for row in &rows {
                let effects = COUNT.number(row, "effects")?;
                at_least |= effects >= u64::from(COUNTED_MAX);
                count = count.saturating_add(effects);
            }
        }
        Ok(Total { count, at_least })
    }

    /// Takes the edges that facts name.
    fn named(&mut self, said: &Said, start: &Cursor) {
        if start.section > 0 {
            return;
        }
        let skip = usize::try_from(start.noun).unwrap_or(usize::MAX);
        let rest = said
            .effects
            .iter()
            .enumerate()
            .skip(skip)
            .take(self.missing());
        for (index, (key, effect)) in rest {
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            let next = Cursor {
                noun: index.saturating_add(1),
                ..*start
            };
            let open_question = match (key, effect.turn) {
                (EdgeKey::UserPermission(user, permission), Turn::Lost { .. }) => {
                    Some((bigint(user.get()), bigint(permission.get())))
                }
                (
                    EdgeKey::UserPermission(..)
                    | EdgeKey::RolePermission(..)
                    | EdgeKey::UserRole(..)
                    | EdgeKey::GroupMember(..)
                    | EdgeKey::Authorization(..),
                    Turn::Gained | Turn::Lost { .. } | Turn::Changed { .. },
                ) => None,
            };
            let authorization = match key {
                EdgeKey::Authorization(key) => Some(bigint(key.get())),
                EdgeKey::UserPermission(..)
                | EdgeKey::RolePermission(..)
                | EdgeKey::UserRole(..)
                | EdgeKey::GroupMember(..) => None,
            };
            self.found.push(Found {
                effect: effect.clone(),
                next,
                open_question,
                authorization,
            });
        }
    }

    /// Takes the edges of one relation that ended with a noun.
    async fn ended(
        &mut self,
        section: usize,
        relation: Relation,
        ended: &Ended,
        start: &Cursor,
    ) -> Result<(), Error> {
        if start.section > section {
            return Ok(());
        }
        let mut nouns = relation.nouns(ended);
        let mut after = -1;
        if start.section == section {
            nouns.retain(|noun| *noun >= start.noun);
            if nouns.first() == Some(&start.noun) {
                after = start.after;
            }
        }
        let elsewhere = relation.told_elsewhere(ended);
        let mut rest = nouns.as_slice();
        // One noun may fill the page; many may be held by nobody. So take more at each step.
        let mut step = 1;
        while !rest.is_empty() && self.missing() > 0 {
            let (these, later) = rest.split_at(step.min(rest.len()));
            self.edges(
                relation,
                these,
                after,
                &elsewhere,
                Cursor { section, ..*start },
            )
            .await?;
            rest = later;
            after = -1;
            step = step.saturating_mul(4).min(NOUNS_PER_STATEMENT);
        }
        Ok(())
    }

    async fn edges(
        &mut self,
        relation: Relation,
        nouns: &[i64],
        after: i64,
        elsewhere: &[i64],
        cursor: Cursor,
    ) -> Result<(), Error> {
        let statement = relation.statement();
        let rows = statement
            .rows(
                &self.client,
                &[
                    /* $1 tenant    */ &self.entry.tenant.as_str(),
                    /* $2 at        */ &bigint(self.entry.tenant_seq.0),
                    /* $3 nouns     */ &nouns,
                    /* $4 after     */ &after,
                    /* $5 elsewhere */ &elsewhere,
                    /* $6 limit     */ &i64::try_from(self.missing()).unwrap_or(i64::MAX),
                ],
            )
            .await?;
        for row in &rows {
            // What ended with an end of it cannot remain by a role: the permission or the user
            // is gone.
            let remains = relation.is_direct_grant().then_some(false);
            let opened_by = TenantSeq(statement.number(row, "from_seq")?);
            let effect = Effect {
                edge: relation.edge(row)?,
                at: self.entry.tenant_seq,
                turn: Turn::Lost { opened_by, remains },
            };
            let next = Cursor {
                noun: statement.get(row, "noun_key")?,
                after: statement.get(row, "other_key")?,
                ..cursor
            };
            self.found.push(Found {
                effect,
                next,
                open_question: None,
                authorization: None,
            });
        }
        Ok(())
    }

    /// Looks up by whom a permission that was taken by name is still held by a role.
    async fn settle_remains(&mut self) -> Result<(), Error> {
        let asked: Vec<&mut Found> = self
            .found
            .iter_mut()
            .filter(|found| found.open_question.is_some())
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let (users, permissions): (Vec<i64>, Vec<i64>) =
            asked.iter().filter_map(|found| found.open_question).unzip();
        let (tenant, at) = (self.entry.tenant.as_str(), bigint(self.entry.tenant_seq.0));
        let rows = REMAINS
            .rows(&self.client, &[&tenant, &at, &users, &permissions])
            .await?;
        let mut held = std::collections::BTreeSet::new();
        for row in &rows {
            held.insert(REMAINS.number(row, "index")?);
        }
        for (index, found) in (0_u64..).zip(asked) {
            if let Turn::Lost { remains, .. } = &mut found.effect.turn {
                *remains = Some(held.contains(&index));
            }
        }
        Ok(())
    }
}
