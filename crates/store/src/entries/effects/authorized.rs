//! The authorizations that an entry gave, changed or took: its facts tell all of them.

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{AuthorizationKey, AuthorizationKind, AuthorizationTerms, Fact, TenantSeq};

use super::explicit::EdgeKey;
use super::{Edge, Effect, Reader, Statement, Turn, bigint};
use crate::Error;

pub(super) const OPENED: Statement = Statement {
    name: "store.entries.effects.authorizations_opened",
    sql: include_str!("authorizations_opened.sql"),
};

/// What became of an authorization within one entry.
struct Net<'a> {
    id: &'a str,
    kind: AuthorizationKind,
    before: Option<&'a AuthorizationTerms>,
    after: Option<&'a AuthorizationTerms>,
}

/// What facts, those of the entry at `at`, say of authorizations, by their keys.
///
/// Which entry had opened the terms before is not among it: this says who made the authorization,
/// until it is looked up.
pub(super) fn authorizations(facts: &[Fact], at: TenantSeq) -> Vec<(EdgeKey, Effect)> {
    let mut nets: BTreeMap<AuthorizationKey, Net<'_>> = BTreeMap::new();
    for (key, turn) in facts.iter().filter_map(turn) {
        nets.entry(key)
            .and_modify(|net| net.after = turn.after)
            .or_insert(turn);
    }
    nets.into_iter()
        .filter_map(|(key, net)| Some((EdgeKey::Authorization(key), net.effect(key, at)?)))
        .collect()
}

impl Net<'_> {
    /// `None` where the entry left it as it was.
    fn effect(&self, key: AuthorizationKey, at: TenantSeq) -> Option<Effect> {
        let opened_by = key.made_by();
        let turn = match (self.before, self.after) {
            (None, Some(_)) => Turn::Gained,
            (Some(_), None) => Turn::Lost {
                opened_by,
                remains: None,
            },
            (Some(before), Some(after)) if before != after => Turn::Changed { opened_by },
            (None, None) | (Some(_), Some(_)) => return None,
        };
        Some(Effect {
            edge: Edge::Authorization {
                id: self.id.to_owned(),
                kind: self.kind,
                before: self.before.cloned(),
                after: self.after.cloned(),
            },
            at,
            turn,
        })
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "no other fact is about an authorization"
)]
fn turn(fact: &Fact) -> Option<(AuthorizationKey, Net<'_>)> {
    let (key, id, kind, before, after) = match fact {
        Fact::AuthorizationCreated { key, authorization } => (
            *key,
            &authorization.id,
            authorization.kind,
            None,
            Some(&authorization.terms),
        ),
        Fact::AuthorizationChanged {
            authorization,
            kind,
            before,
            after,
        } => (
            authorization.key,
            &authorization.id,
            *kind,
            Some(before),
            Some(after),
        ),
        Fact::AuthorizationDeleted {
            authorization,
            kind,
            terms,
        } => (
            authorization.key,
            &authorization.id,
            *kind,
            Some(terms),
            None,
        ),
        _ => return None,
    };
    Some((
        key,
        Net {
            id,
            kind,
            before,
            after,
        },
    ))
}

impl Reader<'_> {
    /// Looks up by which entry the terms were opened that this one closed.
    pub(super) async fn settle_authorizations(&mut self) -> Result<(), Error> {
        let keys: BTreeSet<i64> = self.found.iter().filter_map(super::Found::closed).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let keys: Vec<i64> = keys.into_iter().collect();
        let (tenant, at) = (self.entry.tenant.as_str(), bigint(self.entry.tenant_seq.0));
        let rows = OPENED
            .rows(
                &self.client,
                &[
                    /* $1 tenant */ &tenant, /* $2 at     */ &at,
                    /* $3 keys   */ &keys,
                ],
            )
            .await?;
        let mut opened = BTreeMap::new();
        for row in &rows {
            let key: i64 = OPENED.get(row, "key")?;
            opened.insert(key, TenantSeq(OPENED.number(row, "from_seq")?));
        }
        for found in &mut self.found {
            let known = found.closed().and_then(|key| opened.get(&key));
            if let (Some(known), Turn::Lost { opened_by, .. } | Turn::Changed { opened_by }) =
                (known, &mut found.effect.turn)
            {
                *opened_by = *known;
            }
        }
        Ok(())
    }
}
