//! The history of nouns: the entries that concern them, by the names they bore.
//!
//! Deliberately absent: a filter over all entries. `entry_noun` is the index.
//!
//! **Shape.** A noun has one name or, an API, several: entries name it by the identifier or by
//! the id, as the caller did. A *group* is all names of the nouns that one word means (in every
//! realm, if none was given). Asked for several groups, an entry must concern each of them.
//!
//! **Correctness.** A page walks the first group and asks of each entry whether it concerns the
//! others. It looks at a bounded number of entries, so a page may hold fewer than asked for, or
//! none, and still have a next.

use std::collections::BTreeMap;

use writ_domain::{NounKind, NounRef, TenantId, TenantSeq};

use super::statement::{Statement, bigint};
use super::{Entry, many};
use crate::codes::{noun_kind_code, realm_code, realm_from_code};
use crate::{Error, Store};

/// Entries of the first group that one page looks at, at most, where there are more groups.
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

/// All of them, for the tests of plans.
#[cfg(test)]
pub(super) const STATEMENTS: &[Statement] = &[API_NAMES, NEWEST, OLDEST, NAMED];

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
    /// An entry must concern a noun of each group. At least one.
    pub groups: &'a [Vec<NounRef>],
    /// Which end comes first.
    pub order: Order,
    /// The entry after which, in that order, the page begins.
    pub cursor: Option<TenantSeq>,
    /// Entries up to this one.
    pub up_to: TenantSeq,
    /// So many at most.
    pub limit: u32,
}

/// An entry, and what it was to the nouns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The entry.
    pub entry: Entry,
    /// Whether it changed one of them; else it only named them.
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

/// One page of the history of nouns.
pub async fn history(store: &Store, ask: Ask<'_>) -> Result<Page, Error> {
    let Some((first, others)) = ask.groups.split_first() else {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    };
    let one_more = ask.limit.saturating_add(1);
    let look_at = if others.is_empty() {
        one_more
    } else {
        one_more.max(LOOKED_AT_MAX)
    };
    let (candidates, last_seen) = {
        let client = store.client().await?;
        let names = Names::of(&client, ask.tenant, first).await?;
        let mut candidates = walk(&client, &ask, &names, look_at).await?;
        let full = u32::try_from(candidates.len()).unwrap_or(u32::MAX) >= look_at;
        let last_seen = candidates.last().filter(|_| full).map(|(at, _)| *at);
        for group in others {
            let names = Names::of(&client, ask.tenant, group).await?;
            candidates = keep_named(&client, ask.tenant, &names, candidates).await?;
        }
        (candidates, last_seen)
    };
    let limit = usize::try_from(ask.limit).unwrap_or(usize::MAX);
    let taken: Vec<_> = candidates.iter().copied().take(limit).collect();
    let seqs: Vec<TenantSeq> = taken.iter().map(|(at, _)| *at).collect();
    let entries = many(store, ask.tenant, &seqs).await?;
    let items: Vec<Item> = entries
        .into_iter()
        .zip(taken)
        .map(|(entry, (_, changed))| Item { entry, changed })
        .collect();
    let next = if items.len() < candidates.len() {
        items.last().map(|item| item.entry.tenant_seq)
    } else {
        last_seen
    };
    Ok(Page { items, next })
}

type Candidates = Vec<(TenantSeq, bool)>;

async fn walk(
    client: &deadpool_postgres::Client,
    ask: &Ask<'_>,
    names: &Names,
    limit: u32,
) -> Result<Candidates, Error> {
    let (statement, first, last) = match ask.order {
        Order::NewestFirst => {
            let before = ask
                .cursor
                .map_or(u64::MAX, |cursor| cursor.0.saturating_sub(1));
            (NEWEST, 0, ask.up_to.0.min(before))
        }
        Order::OldestFirst => (
            OLDEST,
            ask.cursor.map_or(0, |cursor| cursor.0.saturating_add(1)),
            ask.up_to.0,
        ),
    };
    let rows = statement
        .rows(
            client,
            &[
                /* $1 tenant    */ &ask.tenant.as_str(),
                /* $2 realms    */ &names.realms,
                /* $3 kinds     */ &names.kinds,
                /* $4 ids       */ &names.ids,
                /* $5 first seq */ &names.first_seqs,
                /* $6 last seq  */ &names.last_seqs,
                /* $7 from      */ &bigint(first),
                /* $8 to        */ &bigint(last),
                /* $9 limit     */ &i64::from(limit),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                TenantSeq(statement.number(row, "tenant_seq")?),
                statement.get(row, "changed")?,
            ))
        })
        .collect()
}

async fn keep_named(
    client: &deadpool_postgres::Client,
    tenant: &TenantId,
    names: &Names,
    candidates: Candidates,
) -> Result<Candidates, Error> {
    let seqs: Vec<i64> = candidates.iter().map(|(at, _)| bigint(at.0)).collect();
    let rows = NAMED
        .rows(
            client,
            &[
                /* $1 tenant      */ &tenant.as_str(),
                /* $2 tenant_seqs */ &seqs,
                /* $3 realms      */ &names.realms,
                /* $4 kinds       */ &names.kinds,
                /* $5 ids         */ &names.ids,
                /* $6 first seq   */ &names.first_seqs,
                /* $7 last seq    */ &names.last_seqs,
            ],
        )
        .await?;
    let mut marks = BTreeMap::new();
    for row in &rows {
        let changed: bool = NAMED.get(row, "changed")?;
        marks.insert(TenantSeq(NAMED.number(row, "tenant_seq")?), changed);
    }
    Ok(candidates
        .into_iter()
        .filter_map(|(at, changed)| Some((at, *marks.get(&at)? || changed)))
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

    fn push(&mut self, realm: i16, kind: NounKind, id: String, (first, last): (i64, i64)) {
        self.realms.push(realm);
        self.kinds.push(noun_kind_code(kind));
        self.ids.push(id);
        self.first_seqs.push(first);
        self.last_seqs.push(last);
    }
}
