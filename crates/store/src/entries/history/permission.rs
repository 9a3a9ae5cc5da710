//! The entries that concern a permission: those that name it, and those that ended its API.

use std::collections::BTreeSet;

use writ_domain::{Fact, NamespaceKey, TenantId, TenantSeq, permissions};

use super::super::statement::{Statement, bigint};
use crate::Error;
use crate::entries::Entry;

pub(in crate::entries) const WENT: Statement = Statement {
    name: "store.entries.history.went",
    sql: include_str!("went.sql"),
};

/// A permission by its name, of one of these APIs, or of any if there are none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permission<'a> {
    pub(super) name: &'a str,
    pub(super) apis: &'a BTreeSet<String>,
}

impl Permission<'_> {
    /// Which of some entries concern it.
    pub(super) async fn concerned(
        self,
        client: &deadpool_postgres::Client,
        tenant: &TenantId,
        entries: &[Entry],
    ) -> Result<BTreeSet<TenantSeq>, Error> {
        let named = entries.iter().filter(|entry| self.is_named(entry));
        let mut concerned: BTreeSet<TenantSeq> = named.map(|entry| entry.tenant_seq).collect();
        let (seqs, keys): (Vec<i64>, Vec<i64>) = entries
            .iter()
            .filter(|entry| !concerned.contains(&entry.tenant_seq))
            .flat_map(|entry| self.ended_apis(entry).map(|key| (entry.tenant_seq, key)))
            .map(|(at, key)| (bigint(at.0), bigint(key.get())))
            .unzip();
        if seqs.is_empty() {
            return Ok(concerned);
        }
        let parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
            /* $1 tenant      */ &tenant.as_str(),
            /* $2 tenant_seqs */ &seqs,
            /* $3 namespaces  */ &keys,
            /* $4 name        */ &self.name,
        ];
        for row in &WENT.rows(client, parameters).await? {
            concerned.insert(TenantSeq(WENT.number(row, "tenant_seq")?));
        }
        Ok(concerned)
    }

    fn is_of(self, api: &str) -> bool {
        self.apis.is_empty() || self.apis.contains(api)
    }

    fn is_named(self, entry: &Entry) -> bool {
        let command = entry.submission.as_ref();
        permissions(command.map(|submission| &submission.command), &entry.facts)
            .any(|(api, name)| name == self.name && self.is_of(api))
    }

    /// The APIs that an entry ended: their permissions went with them, and no fact names these.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else ends an API")]
    fn ended_apis(self, entry: &Entry) -> impl Iterator<Item = NamespaceKey> {
        entry.facts.iter().filter_map(move |fact| match fact {
            Fact::ApiDeleted { api, .. } if self.is_of(&api.identifier) => Some(api.key),
            _ => None,
        })
    }
}
