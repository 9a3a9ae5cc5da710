//! The entries that took something from a noun without naming it.
//!
//! **Shape.** What ends is one fact, whoever held it. So an entry that removes a permission, an API,
//! a role or a group is not indexed by those who lost it; here it is found from their side: by the
//! edges of a user or role whose far end has ended while the edge was live.
//!
//! **Correctness.** An end is told once and never moves, so what is found up to an entry stays the
//! same. The cost is that of the edges which the noun ever had, and not that of who else had them.

use std::collections::BTreeMap;

use writ_domain::{NounKind, TenantId, TenantSeq};

use super::super::statement::{Statement, bigint};
use super::{Candidates, Names, Order};
use crate::Error;
use crate::codes::noun_kind_code;

pub(in crate::entries) const TAKEN: Statement = Statement {
    name: "store.entries.history.taken",
    sql: include_str!("taken.sql"),
};

/// Which of them are asked for: the first `limit` in an order, of those between two, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) first: TenantSeq,
    pub(super) last: TenantSeq,
    pub(super) order: Order,
    pub(super) limit: u32,
}

/// The entries that took something from one of these nouns.
pub(super) async fn taken(
    client: &deadpool_postgres::Client,
    tenant: &TenantId,
    names: &Names,
    span: Span,
) -> Result<Vec<TenantSeq>, Error> {
    let holders = [NounKind::User, NounKind::Role].map(noun_kind_code);
    if !names.kinds.iter().any(|kind| holders.contains(kind)) {
        return Ok(Vec::new());
    }
    let direction: i64 = match span.order {
        Order::NewestFirst => -1,
        Order::OldestFirst => 1,
    };
    let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        /* $1 tenant    */ &tenant.as_str(),
        /* $2 realms    */ &names.realms,
        /* $3 kinds     */ &names.kinds,
        /* $4 ids       */ &names.ids,
        /* $5 from      */ &bigint(span.first.0),
        /* $6 to        */ &bigint(span.last.0),
        /* $7 direction */ &direction,
        /* $8 limit     */ &i64::from(span.limit),
    ];
    let rows = TAKEN.rows(client, parameters).await?;
    rows.iter()
        .map(|row| Ok(TenantSeq(TAKEN.number(row, "tenant_seq")?)))
        .collect()
}

/// Adds entries that took something to those that name or changed a noun; the first `limit` stay.
pub(super) fn with_taken(candidates: Candidates, taken: Vec<TenantSeq>, span: Span) -> Candidates {
    if taken.is_empty() {
        return candidates;
    }
    let mut all: BTreeMap<TenantSeq, Option<bool>> = candidates.into_iter().collect();
    all.extend(taken.into_iter().map(|at| (at, Some(true))));
    let limit = usize::try_from(span.limit).unwrap_or(usize::MAX);
    match span.order {
        Order::NewestFirst => all.into_iter().rev().take(limit).collect(),
        Order::OldestFirst => all.into_iter().take(limit).collect(),
    }
}
