//! The rows of an entry: its own, and those by which it is found.

use chrono::{DateTime, Utc};
use writ_domain::state::{Change, KeyUse};
use writ_domain::{Partition, TenantId, TenantSeq};
use writ_envelope::hash::{Hash, chain8};

use super::batch::Decided;
use super::columns::Value;
use super::load::uuid_of;
use super::persist::Folded;
use super::rows::{Stored, big};
use crate::codes::{noun_kind_code, realm_code};
use crate::log::encode_headers;

/// The statements that write what is not a view: entries, and what finds them.
pub(crate) const ENTRY: &str = "entries/insert";
pub(crate) const POSITIONS: &str = "entries/positions";
pub(crate) const HEADS: &str = "entries/heads";
pub(crate) const OUTCOMES: &str = "entries/outcomes";
pub(crate) const CANCELLED: &str = "entries/cancelled";
pub(crate) const IDEMPOTENCY_KEYS: &str = "entries/idempotency_keys";
pub(crate) const NOUNS: &str = "entries/nouns";
/// The statement that queues what the sweep is to look for. It belongs to the views.
pub(crate) const DEAD_NOUNS: &str = "entries/dead_nouns";

/// Kinds of noun in `dead_noun`.
pub(crate) mod dead {
    pub(crate) const NAMESPACE: i16 = 1;
    pub(crate) const PERMISSION: i16 = 2;
    pub(crate) const ROLE: i16 = 3;
    pub(crate) const USER: i16 = 4;
    pub(crate) const GROUP: i16 = 5;
}

pub(super) fn text(tenant: &TenantId) -> Value {
    Value::Text(tenant.as_str().to_owned())
}

pub(crate) fn entry_row(rules_version: u32, entry: &Decided) -> Vec<Value> {
    let stamp = entry
        .submission
        .as_ref()
        .map(|submission| &submission.stamp);
    let subject = stamp.map_or_else(String::new, |stamp| stamp.actor.subject.replace('\0', ""));
    vec![
        Value::Int(i32::from(entry.position.partition.0)),
        big(entry.position.seq.0),
        text(&entry.tenant),
        big(entry.tenant_seq.0),
        big(entry.offset.0),
        Value::Time(entry.time),
        Value::MaybeUuid(stamp.map(|stamp| uuid_of(stamp.command_id))),
        Value::Text(entry.kind.to_owned()),
        Value::Text(subject),
        Value::Text(entry.outcome.kind().to_owned()),
        Value::Text(entry.outcome_json.clone()),
        Value::Text(entry.facts_json.clone()),
        Value::Bytes(entry.record.key.clone()),
        Value::Bytes(entry.record.value.clone()),
        Value::Bytes(encode_headers(&entry.record.headers)),
        Value::Int(i32::try_from(rules_version).unwrap_or(i32::MAX)),
        Value::Bytes(entry.leaf.0.to_vec()),
        Value::Bytes(entry.chain.0.to_vec()),
    ]
}

pub(crate) fn position_row(entry: &Decided) -> Vec<Value> {
    vec![
        text(&entry.tenant),
        big(entry.tenant_seq.0),
        Value::Int(i32::from(entry.position.partition.0)),
        big(entry.position.seq.0),
        Value::Time(entry.time),
    ]
}

/// The row of a tenant's newest entry.
pub(crate) fn head_row(
    tenant: &TenantId,
    (partition, tenant_seq, time): (Partition, TenantSeq, DateTime<Utc>),
    chain: &Hash,
) -> Vec<Value> {
    vec![
        text(tenant),
        Value::Int(i32::from(partition.0)),
        big(tenant_seq.0),
        Value::Bytes(chain8(chain).to_vec()),
        Value::Time(time),
    ]
}

pub(crate) fn outcome_row(entry: &Decided) -> Option<Vec<Value>> {
    let submission = entry
        .submission
        .as_ref()
        .filter(|_| entry.remembers_command)?;
    Some(vec![
        text(&entry.tenant),
        Value::MaybeUuid(Some(uuid_of(submission.stamp.command_id))),
        big(entry.tenant_seq.0),
    ])
}

pub(crate) fn cancelled_rows(entry: &Decided) -> Vec<Vec<Value>> {
    let row = |change: &Change<_>| {
        vec![
            text(&entry.tenant),
            Value::MaybeUuid(Some(uuid_of(change.key))),
            big(entry.tenant_seq.0),
        ]
    };
    entry.changes.cancelled.iter().map(row).collect()
}

/// The row of an idempotency key's last use.
pub(crate) fn key_row(tenant: &TenantId, (caller, key): (&str, &str), used: &KeyUse) -> Vec<Value> {
    vec![
        text(tenant),
        Value::Text(caller.to_owned()),
        Value::Text(key.to_owned()),
        Value::Bytes(used.fingerprint.to_vec()),
        big(used.entry.0),
        Value::Time(used.time),
    ]
}

pub(crate) fn noun_rows(entry: &Decided) -> Vec<Vec<Value>> {
    let row = |(noun, changed): (&writ_domain::NounRef, &bool)| {
        vec![
            text(&entry.tenant),
            Value::Small(realm_code(noun.realm)),
            Value::Small(noun_kind_code(noun.kind)),
            Value::Text(noun.id.clone()),
            big(entry.tenant_seq.0),
            Value::Flag(*changed),
        ]
    };
    entry.concerns.iter().map(row).collect()
}

pub(crate) fn dead_rows(entry: &Folded<'_>) -> Vec<Vec<Value>> {
    fn ended<K: Stored>(changes: &[Change<K>]) -> impl Iterator<Item = K::Key> {
        changes
            .iter()
            .filter(|change| change.after.is_none())
            .map(|change| change.key)
    }
    let changes = entry.changes;
    let namespaces = ended(&changes.namespaces).map(|key| (dead::NAMESPACE, key.get()));
    let permissions = ended(&changes.permissions).map(|key| (dead::PERMISSION, key.get()));
    let roles = ended(&changes.roles).map(|key| (dead::ROLE, key.get()));
    let users = ended(&changes.users).map(|key| (dead::USER, key.get()));
    let groups = ended(&changes.groups).map(|key| (dead::GROUP, key.get()));
    let partition = i32::from(entry.partition.0);
    namespaces
        .chain(permissions)
        .chain(roles)
        .chain(users)
        .chain(groups)
        .map(|(kind, key)| {
            vec![
                Value::Int(partition),
                text(entry.tenant),
                Value::Small(kind),
                big(key),
            ]
        })
        .collect()
}
