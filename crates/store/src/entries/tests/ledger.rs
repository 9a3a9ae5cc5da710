//! A ledger of hand-written rows.

use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;
use writ_domain::{
    Actor, Command, CommandId, Fact, GenericUuid as _, NounKind, NounRef, Outcome, Realm, Stamp,
    Submission, TenantId, TenantSeq,
};
use writ_envelope::{encode, encode_key, facts_json, outcome_json};

use crate::Store;
use crate::codes::{noun_kind_code, realm_code};

/// A tenant's ledger in one partition, written row by row.
pub(crate) struct Ledger {
    pub(crate) store: Store,
    pub(crate) tenant: TenantId,
    pub(crate) partition: i32,
    pub(crate) last: u64,
}

/// An entry to be written.
pub(crate) struct Draft {
    pub(crate) command: Command,
    pub(crate) outcome: Outcome,
    pub(crate) facts: Vec<Fact>,
    pub(crate) nouns: Vec<(NounRef, bool)>,
}

impl Draft {
    pub(crate) fn applied(facts: Vec<Fact>) -> Self {
        let (outcome, nouns) = (Outcome::Applied, Vec::new());
        Self {
            command: delete_role("r"),
            outcome,
            facts,
            nouns,
        }
    }

    pub(crate) fn unchanged() -> Self {
        Self {
            outcome: Outcome::Unchanged,
            ..Self::applied(Vec::new())
        }
    }

    pub(crate) fn about(mut self, noun: NounRef, changed: bool) -> Self {
        self.nouns.push((noun, changed));
        self
    }
}

pub(crate) fn delete_role(role: &str) -> Command {
    Command::DeleteRole {
        realm: Realm::Auth0,
        role: role.to_owned(),
    }
}

pub(crate) fn noun(kind: NounKind, id: &str) -> NounRef {
    NounRef {
        realm: Realm::Auth0,
        kind,
        id: id.to_owned(),
    }
}

pub(crate) fn at(seq: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + i64::try_from(seq).unwrap(), 0).unwrap()
}

/// The command id of an entry.
pub(crate) fn command_id(partition: i32, seq: u64) -> CommandId {
    let high = u64::try_from(partition).unwrap() << 32;
    CommandId::from_untyped_uuid(Uuid::from_u64_pair(high | 0x7000, seq))
}

fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

/// The chain hash of an entry, made up.
pub(crate) fn chain(seq: u64) -> Vec<u8> {
    let mut chain = vec![7; 32];
    chain[..8].copy_from_slice(&seq.to_be_bytes());
    chain
}

impl Ledger {
    pub(crate) async fn new() -> Self {
        Self::of(super::database::store().await, "default", 0)
    }

    pub(crate) fn of(store: Store, tenant: &str, partition: i32) -> Self {
        Self {
            store,
            tenant: TenantId::try_new(tenant).unwrap(),
            partition,
            last: 0,
        }
    }

    pub(crate) async fn run(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) {
        self.store
            .client()
            .await
            .unwrap()
            .execute(sql, parameters)
            .await
            .unwrap();
    }

    /// Writes an entry; its `tenant_seq` is its `seq`.
    pub(crate) async fn entry(&mut self, draft: Draft) -> TenantSeq {
        let seq = self.last + 1;
        self.last = seq;
        let id = command_id(self.partition, seq);
        let submission = Submission {
            stamp: self.stamp(seq),
            command: draft.command,
        };
        let invalid = matches!(draft.outcome, Outcome::Invalid { .. });
        let value = if invalid {
            b"\xff{".to_vec()
        } else {
            encode(&submission)
        };
        let (kind, no_headers): (&str, &[u8]) = (submission.command.kind(), &[]);
        let (tenant, partition) = (self.tenant.as_str(), self.partition);
        self.run(
            "INSERT INTO ledger_entry VALUES ($1, $2, $3, $2, $4, $5, $6, $7, 'ann', $8, $9, $10,
             $11, $12, $13, 1, $14, $14)",
            &[
                &partition,
                &big(seq),
                &tenant,
                &big(seq - 1),
                &at(seq),
                &(!invalid).then(|| id.into_untyped_uuid()),
                &kind,
                &draft.outcome.kind(),
                &outcome_json(&draft.outcome),
                &facts_json(&draft.facts),
                &encode_key(&self.tenant),
                &value,
                &no_headers,
                &chain(seq),
            ],
        )
        .await;
        self.index(seq, draft.nouns).await;
        TenantSeq(seq)
    }

    fn stamp(&self, seq: u64) -> Stamp {
        Stamp {
            command_id: command_id(self.partition, seq),
            tenant: self.tenant.clone(),
            actor: Actor {
                subject: "ann".to_owned(),
                ..Actor::default()
            },
            reason: Some(format!("reason {seq}")),
            ticket: None,
            request_id: None,
            not_after: None,
            idempotency: None,
            expected: None,
        }
    }

    /// Writes the rows by which an entry is found.
    async fn index(&self, seq: u64, nouns: Vec<(NounRef, bool)>) {
        let (tenant, partition) = (self.tenant.as_str(), self.partition);
        let id = command_id(partition, seq).into_untyped_uuid();
        self.run(
            "INSERT INTO entry_position VALUES ($1, $2, $3, $2, $4)",
            &[&tenant, &big(seq), &partition, &at(seq)],
        )
        .await;
        self.run(
            "INSERT INTO command_outcome VALUES ($1, $2, $3)",
            &[&tenant, &id, &big(seq)],
        )
        .await;
        self.run(
            "INSERT INTO tenant_head VALUES ($1, $2, $3, substr($4::bytea, 1, 8), $5)
             ON CONFLICT (tenant) DO UPDATE SET tenant_seq = excluded.tenant_seq,
             chain8 = excluded.chain8, log_time = excluded.log_time",
            &[&tenant, &partition, &big(seq), &chain(seq), &at(seq)],
        )
        .await;
        for (noun, changed) in nouns {
            let (realm, kind) = (realm_code(noun.realm), noun_kind_code(noun.kind));
            self.run(
                "INSERT INTO entry_noun VALUES ($1, $2, $3, $4, $5, $6)",
                &[&tenant, &realm, &kind, &noun.id, &big(seq), &changed],
            )
            .await;
        }
    }

    /// Writes entries that changed nothing, up to this one.
    pub(crate) async fn quiet_until(&mut self, last: u64) {
        while self.last < last {
            self.entry(Draft::unchanged()).await;
        }
    }

    pub(crate) async fn user(&self, key: i64, id: &str, life: (i64, Option<i64>)) {
        self.run(
            "INSERT INTO users_history VALUES ($1, $2, $3, $4, 1, $5, '{}')",
            &[&self.tenant.as_str(), &key, &life.0, &life.1, &id],
        )
        .await;
    }

    pub(crate) async fn role(&self, key: i64, id: &str, life: (i64, Option<i64>)) {
        self.run(
            "INSERT INTO roles_history VALUES ($1, $2, $3, $4, 1, $5, $5, NULL)",
            &[&self.tenant.as_str(), &key, &life.0, &life.1, &id],
        )
        .await;
    }

    pub(crate) async fn api(&self, key: i64, (id, name): (&str, &str), life: (i64, Option<i64>)) {
        self.run(
            "INSERT INTO namespaces_history
             VALUES ($1, $2, $3, $4, 1, $5, $6, NULL, '{}', false, true)",
            &[&self.tenant.as_str(), &key, &life.0, &life.1, &id, &name],
        )
        .await;
    }

    pub(crate) async fn permission(
        &self,
        key: i64,
        (api, name): (i64, &str),
        life: (i64, Option<i64>),
    ) {
        self.run(
            "INSERT INTO permissions_history VALUES ($1, $2, $3, $4, $5, $6, NULL, 0)",
            &[&self.tenant.as_str(), &key, &life.0, &life.1, &api, &name],
        )
        .await;
    }

    pub(crate) async fn user_permission(&self, edge: (i64, i64), life: (i64, Option<i64>)) {
        let sql = "INSERT INTO user_permissions_history VALUES ($1, $2, $3, $4, $5)";
        self.run(
            sql,
            &[&self.tenant.as_str(), &edge.0, &edge.1, &life.0, &life.1],
        )
        .await;
    }

    pub(crate) async fn role_permission(&self, edge: (i64, i64), life: (i64, Option<i64>)) {
        let sql = "INSERT INTO role_permissions_history VALUES ($1, $2, $3, $4, $5)";
        self.run(
            sql,
            &[&self.tenant.as_str(), &edge.0, &edge.1, &life.0, &life.1],
        )
        .await;
    }

    pub(crate) async fn user_role(&self, edge: (i64, i64), life: (i64, Option<i64>)) {
        let sql = "INSERT INTO user_roles_history VALUES ($1, $2, $3, $4, $5)";
        self.run(
            sql,
            &[&self.tenant.as_str(), &edge.0, &edge.1, &life.0, &life.1],
        )
        .await;
    }

    pub(crate) async fn group(&self, key: i64, id: &str, life: (i64, Option<i64>)) {
        self.run(
            "INSERT INTO groups_history VALUES ($1, $2, $3, $4, 1, $5, NULL, NULL)",
            &[&self.tenant.as_str(), &key, &life.0, &life.1, &id],
        )
        .await;
    }

    pub(crate) async fn group_member(&self, edge: (i64, i64), life: (i64, Option<i64>)) {
        let sql = "INSERT INTO group_members_history VALUES ($1, $2, $3, $4, $5)";
        self.run(
            sql,
            &[&self.tenant.as_str(), &edge.0, &edge.1, &life.0, &life.1],
        )
        .await;
    }

    pub(crate) async fn authorization(&self, key: i64, life: (i64, Option<i64>)) {
        self.run(
            "INSERT INTO authorizations_history
             VALUES ($1, $2, $3, $4, 'a' || $2::bigint, 1, 'ann', NULL, 6, 'invoice', 2)",
            &[&self.tenant.as_str(), &key, &life.0, &life.1],
        )
        .await;
    }
}
