//! History: the entries that concern nouns, by the names they bore; those of an actor; all.
//!
//! Deliberately absent: a filter over all entries. `entry_noun` is the index of nouns, another one
//! that of actors, and all entries are numbered without a hole.
//!
//! **Shape.** A noun has one name or, an API, several: entries name it by the identifier or by
//! the id, as the caller did. A *group* is all names of the nouns that one word means (in every
//! realm, if none was given). Asked for several groups, an entry must concern each of them. What
//! took something from a user or a role concerns them though it does not name them ([`taken`]).
//!
//! **Correctness.** A page walks one index, that of the first group, else of the actor, else all
//! entries, and asks of each entry whether the rest applies. It looks at a bounded number of
//! entries, so a page may hold fewer than asked for, or none, and still have a next.

mod permission;
mod taken;

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{NounKind, NounRef, TenantId, TenantSeq};

use self::permission::Permission;
use self::taken::{Span, taken, with_taken};
use super::statement::{Statement, bigint};
use super::{Entry, many};
use crate::codes::{noun_kind_code, realm_code, realm_from_code};
use crate::{Error, Store};

/// Entries that one page looks at, at most, where more than one thing is asked of them.
const LOOKED_AT_MAX: u32 = 2_000;

pub(super) const API_NAMES: Statement = Statement {
    name: "store.entries.history.api_names",
    sql: include_str!("api_names.sql"),
};
pub(super) const NEWEST: Statement = Statement {
    name: "store.entries.history.newest",
    sql: include_str!("newest.sql"),
};
pub(super) const OLDEST: Statement = Statement {
    name: "store.entries.history.oldest",
    sql: include_str!("oldest.sql"),
};
pub(super) const NAMED: Statement = Statement {
    name: "store.entries.history.named",
    sql: include_str!("named.sql"),
};

pub(super) const ACTOR_NEWEST: Statement = Statement {
    name: "store.entries.history.actor_newest",
    sql: include_str!("actor_newest.sql"),
};
pub(super) const ACTOR_OLDEST: Statement = Statement {
    name: "store.entries.history.actor_oldest",
    sql: include_str!("actor_oldest.sql"),
};
pub(super) const ACTED: Statement = Statement {
    name: "store.entries.history.acted",
    sql: include_str!("acted.sql"),
};

/// All of them, for the tests of plans.
#[cfg(test)]
pub(super) const STATEMENTS: &[Statement] = &[
    API_NAMES,
    NEWEST,
    OLDEST,
    NAMED,
    ACTOR_NEWEST,
    ACTOR_OLDEST,
    ACTED,
    permission::WENT,
    taken::TAKEN,
];

/// Which end of the history comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest entry first.
    NewestFirst,
    /// The oldest entry first.
    OldestFirst,
}

/// What of the history is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Whose ledger.
    pub tenant: &'a TenantId,
    /// An entry must concern a noun of each group.
    pub groups: &'a [Vec<NounRef>],
    /// An entry must be of an actor of this subject.
    pub actor: Option<&'a str>,
    /// An entry must name a permission of this name, or end its API: of an API of the groups, if there
    /// is one.
    pub permission: Option<&'a str>,
    /// Which end comes first.
    pub order: Order,
    /// The entry after which, in that order, the page begins.
    pub cursor: Option<TenantSeq>,
    /// Entries after this one.
    pub after: TenantSeq,
    /// Entries up to this one.
    pub up_to: TenantSeq,
    /// So many at most.
    pub limit: u32,
}

impl Ask<'_> {
    /// Between which entries the page lies.
    fn span(&self, limit: u32) -> Span {
        let after = self.after.0.saturating_add(1);
        let (first, last) = match (self.order, self.cursor) {
            (_, None) => (after, self.up_to.0),
            (Order::NewestFirst, Some(cursor)) => {
                (after, self.up_to.0.min(cursor.0.saturating_sub(1)))
            }
            (Order::OldestFirst, Some(cursor)) => {
                (after.max(cursor.0.saturating_add(1)), self.up_to.0)
            }
        };
        Span {
            first: TenantSeq(first),
            last: TenantSeq(last),
            order: self.order,
            limit,
        }
    }
}

/// An entry, and what it was to the nouns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The entry.
    pub entry: Entry,
    /// Whether it changed one of them, or took something from one; else it only named them.
    pub changed: bool,
}

/// Some of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order asked for.
    pub items: Vec<Item>,
    /// The cursor of the next page, if there may be one.
    pub next: Option<TenantSeq>,
}

/// One page of history.
pub async fn history(store: &Store, ask: Ask<'_>) -> Result<Page, Error> {
    let conditions =
        ask.groups.len() + usize::from(ask.actor.is_some()) + usize::from(ask.permission.is_some());
    let one_more = ask.limit.saturating_add(1);
    let look_at = if conditions <= 1 && ask.permission.is_none() {
        one_more
    } else {
        one_more.max(LOOKED_AT_MAX)
    };
    let mut apis = BTreeSet::new();
    let (candidates, last_seen) = {
        let client = store.client().await?;
        let mut groups = Vec::with_capacity(ask.groups.len());
        for group in ask.groups {
            let names = Names::of(&client, ask.tenant, group).await?;
            apis.extend(names.apis());
            groups.push(names);
        }
        let mut candidates = walk(&client, &ask, groups.first(), look_at).await?;
        let full = u32::try_from(candidates.len()).unwrap_or(u32::MAX) >= look_at;
        let last_seen = candidates.last().filter(|_| full).map(|(at, _)| *at);
        for names in groups.iter().skip(1) {
            candidates = keep_named(&client, &ask, names, candidates).await?;
        }
        if let (Some(actor), false) = (ask.actor, groups.is_empty()) {
            candidates = keep_acted(&client, ask.tenant, actor, candidates).await?;
        }
        (candidates, last_seen)
    };
    let mut page = Page {
        items: Vec::new(),
        next: last_seen,
    };
    let limit = usize::try_from(ask.limit).unwrap_or(usize::MAX);
    let mut rest = candidates.as_slice();
    while !rest.is_empty() {
        let room = limit.saturating_sub(page.items.len());
        if room == 0 {
            // Whatever is left is for the next page.
            page.next = page.items.last().map(|item| item.entry.tenant_seq);
            break;
        }
        let (these, _later) = rest.split_at(room.min(rest.len()));
        let seqs: Vec<TenantSeq> = these.iter().map(|(at, _)| *at).collect();
        let entries = many(store, ask.tenant, &seqs).await?;
        // As many as fit in an answer: at least one.
        let looked_at = entries.len().max(1);
        let concerned = match ask.permission {
            Some(name) => {
                let (client, apis) = (store.client().await?, &apis);
                let permission = Permission { name, apis };
                Some(permission.concerned(&client, ask.tenant, &entries).await?)
            }
            None => None,
        };
        for (entry, (_, changed)) in entries.into_iter().zip(these) {
            let concerned = concerned.as_ref();
            if concerned.is_none_or(|concerned| concerned.contains(&entry.tenant_seq)) {
                let changed = changed.unwrap_or(!entry.facts.is_empty());
                page.items.push(Item { entry, changed });
            }
        }
        rest = rest.get(looked_at..).unwrap_or_default();
    }
    Ok(page)
}

/// Entries, and whether they changed a noun that was asked for, where nouns were.
type Candidates = Vec<(TenantSeq, Option<bool>)>;

async fn walk(
    client: &deadpool_postgres::Client,
    ask: &Ask<'_>,
    names: Option<&Names>,
    limit: u32,
) -> Result<Candidates, Error> {
    let span = ask.span(limit);
    let (first, last) = (span.first.0, span.last.0);
    let (from, to, limit) = (bigint(first), bigint(last), i64::from(limit));
    let tenant = ask.tenant.as_str();
    if let Some(names) = names {
        let statement = match ask.order {
            Order::NewestFirst => NEWEST,
            Order::OldestFirst => OLDEST,
        };
        let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
            /* $1 tenant    */ &tenant,
            /* $2 realms    */ &names.realms,
            /* $3 kinds     */ &names.kinds,
            /* $4 ids       */ &names.ids,
            /* $5 first seq */ &names.first_seqs,
            /* $6 last seq  */ &names.last_seqs,
            /* $7 from      */ &from,
            /* $8 to        */ &to,
            /* $9 limit     */ &limit,
        ];
        let walked = statement.rows(client, parameters);
        let (rows, taken) = tokio::try_join!(walked, taken(client, ask.tenant, names, span))?;
        let candidates = rows
            .iter()
            .map(|row| {
                let changed = statement.get(row, "changed")?;
                Ok((
                    TenantSeq(statement.number(row, "tenant_seq")?),
                    Some(changed),
                ))
            })
            .collect::<Result<_, Error>>()?;
        return Ok(with_taken(candidates, taken, span));
    }
    if let Some(actor) = ask.actor {
        let statement = match ask.order {
            Order::NewestFirst => ACTOR_NEWEST,
            Order::OldestFirst => ACTOR_OLDEST,
        };
        let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
            /* $1 tenant */ &tenant, /* $2 actor  */ &actor, /* $3 from   */ &from,
            /* $4 to     */ &to, /* $5 limit  */ &limit,
        ];
        let rows = statement.rows(client, parameters).await?;
        return rows
            .iter()
            .map(|row| Ok((TenantSeq(statement.number(row, "tenant_seq")?), None)))
            .collect();
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let all = (first..=last).map(|at| (TenantSeq(at), None));
    Ok(match ask.order {
        Order::NewestFirst => all.rev().take(limit).collect(),
        Order::OldestFirst => all.take(limit).collect(),
    })
}

async fn keep_acted(
    client: &deadpool_postgres::Client,
    tenant: &TenantId,
    actor: &str,
    candidates: Candidates,
) -> Result<Candidates, Error> {
    let seqs: Vec<i64> = candidates.iter().map(|(at, _)| bigint(at.0)).collect();
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 tenant      */ &tenant.as_str(),
        /* $2 actor       */ &actor,
        /* $3 tenant_seqs */ &seqs,
    ];
    let mut acted = BTreeSet::new();
    for row in &ACTED.rows(client, parameters).await? {
        acted.insert(TenantSeq(ACTED.number(row, "tenant_seq")?));
    }
    Ok(candidates
        .into_iter()
        .filter(|(at, _)| acted.contains(at))
        .collect())
}

async fn keep_named(
    client: &deadpool_postgres::Client,
    ask: &Ask<'_>,
    names: &Names,
    candidates: Candidates,
) -> Result<Candidates, Error> {
    let seqs: Vec<i64> = candidates.iter().map(|(at, _)| bigint(at.0)).collect();
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 tenant      */ &ask.tenant.as_str(),
        /* $2 tenant_seqs */ &seqs,
        /* $3 realms      */ &names.realms,
        /* $4 kinds       */ &names.kinds,
        /* $5 ids         */ &names.ids,
        /* $6 first seq   */ &names.first_seqs,
        /* $7 last seq    */ &names.last_seqs,
    ];
    let whole = ask.span(u32::MAX);
    let (rows, taken) = tokio::try_join!(
        NAMED.rows(client, parameters),
        taken(client, ask.tenant, names, whole)
    )?;
    let mut marks = BTreeMap::new();
    for row in &rows {
        let changed: bool = NAMED.get(row, "changed")?;
        marks.insert(TenantSeq(NAMED.number(row, "tenant_seq")?), changed);
    }
    marks.extend(taken.into_iter().map(|at| (at, true)));
    Ok(candidates
        .into_iter()
        .filter_map(|(at, changed)| {
            let mark = *marks.get(&at)?;
            Some((at, Some(mark || changed.unwrap_or(false))))
        })
        .collect())
}

/// Names, each with the entries between which it means the noun asked for.
#[derive(Debug, Default)]
struct Names {
    realms: Vec<i16>,
    kinds: Vec<i16>,
    ids: Vec<String>,
    first_seqs: Vec<i64>,
    last_seqs: Vec<i64>,
}

impl Names {
    async fn of(
        client: &deadpool_postgres::Client,
        tenant: &TenantId,
        nouns: &[NounRef],
    ) -> Result<Self, Error> {
        let mut names = Self::default();
        for noun in nouns {
            names.push(
                realm_code(noun.realm),
                noun.kind,
                noun.id.clone(),
                (0, i64::MAX),
            );
        }
        let (realms, apis): (Vec<i16>, Vec<&str>) = nouns
            .iter()
            .filter(|noun| noun.kind == NounKind::Api)
            .map(|noun| (realm_code(noun.realm), noun.id.as_str()))
            .unzip();
        if apis.is_empty() {
            return Ok(names);
        }
        let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
            /* $1 tenant */ &tenant.as_str(),
            /* $2 realms */ &realms,
            /* $3 names  */ &apis,
        ];
        for row in &API_NAMES.rows(client, parameters).await? {
            let realm = realm_from_code(API_NAMES.get(row, "realm")?)?;
            let first: i64 = API_NAMES.get(row, "first_seq")?;
            let last: Option<i64> = API_NAMES.get(row, "last_seq")?;
            let id: String = API_NAMES.get(row, "id")?;
            names.push(
                realm_code(realm),
                NounKind::Api,
                id,
                (first, last.unwrap_or(i64::MAX)),
            );
        }
        Ok(names)
    }

    /// The names of APIs among them.
    fn apis(&self) -> impl Iterator<Item = String> {
        let api = noun_kind_code(NounKind::Api);
        self.kinds
            .iter()
            .zip(&self.ids)
            .filter(move |(kind, _)| **kind == api)
            .map(|(_, id)| id.clone())
    }

    fn push(&mut self, realm: i16, kind: NounKind, id: String, (first, last): (i64, i64)) {
        self.realms.push(realm);
        self.kinds.push(noun_kind_code(kind));
        self.ids.push(id);
        self.first_seqs.push(first);
        self.last_seqs.push(last);
    }
}
