//! From the entries of a batch to rows: what each statement is given.

use std::collections::BTreeMap;

use writ_domain::state::{Change, Changes};
use writ_domain::{TenantId, TenantSeq};
use writ_envelope::hash::chain8;

use super::batch::{Batch, Decided};
use super::columns::{Columns, Value};
use super::load::uuid_of;
use super::rows::{Stored, big};
use crate::codes::{noun_kind_code, realm_code};
use crate::log::encode_headers;

/// Statements and their parameters, in the order in which they must run.
pub(super) type Writes = Vec<(&'static str, Columns)>;

/// Kinds of noun in `dead_noun`.
pub(crate) mod dead {
    pub(crate) const NAMESPACE: i16 = 1;
    pub(crate) const PERMISSION: i16 = 2;
    pub(crate) const ROLE: i16 = 3;
    pub(crate) const USER: i16 = 4;
    pub(crate) const GROUP: i16 = 5;
}

/// Every write of a batch but the cursor's.
pub(super) fn writes(batch: &Batch) -> Writes {
    let entries = batch.entries.as_slice();
    let mut writes = Writes::new();
    table(entries, |changes| &changes.namespaces, &mut writes);
    table(entries, |changes| &changes.permissions, &mut writes);
    table(entries, |changes| &changes.roles, &mut writes);
    table(entries, |changes| &changes.users, &mut writes);
    table(entries, |changes| &changes.role_permissions, &mut writes);
    table(entries, |changes| &changes.user_permissions, &mut writes);
    table(entries, |changes| &changes.user_roles, &mut writes);
    table(entries, |changes| &changes.groups, &mut writes);
    table(entries, |changes| &changes.passwords, &mut writes);
    table(entries, |changes| &changes.group_members, &mut writes);
    table(entries, |changes| &changes.authorizations, &mut writes);
    table(entries, |changes| &changes.camunda_settings, &mut writes);
    table(entries, |changes| &changes.admins, &mut writes);
    table(entries, |changes| &changes.linked_subjects, &mut writes);
    writes.push((
        "entries/insert",
        rows(entries, |entry| [entry_row(batch, entry)]),
    ));
    writes.push((
        "entries/positions",
        rows(entries, |entry| [position_row(entry)]),
    ));
    writes.push(("entries/heads", heads(batch)));
    writes.push(("entries/outcomes", rows(entries, outcome_row)));
    writes.push(("entries/cancelled", rows(entries, cancelled_rows)));
    writes.push(("entries/idempotency_keys", idempotency_keys(entries)));
    writes.push(("entries/nouns", rows(entries, noun_rows)));
    writes.push(("entries/dead_nouns", rows(entries, dead_rows)));
    writes.retain(|(_, columns)| !columns.is_empty());
    writes
}

fn rows<R: IntoIterator<Item = Vec<Value>>>(
    entries: &[Decided],
    rows_of: impl Fn(&Decided) -> R,
) -> Columns {
    let mut columns = Columns::default();
    for row in entries.iter().flat_map(rows_of) {
        columns.push(row);
    }
    columns
}

/// What a batch makes of one row of a current table.
struct Net<'a, K: Stored> {
    before: Option<&'a (K, TenantSeq)>,
    after: Option<(&'a K, TenantSeq)>,
}

/// An interval of a row's history that begins in this batch.
struct Opened<'a, K: Stored> {
    tenant: &'a TenantId,
    key: K::Key,
    from: TenantSeq,
    to: Option<TenantSeq>,
    row: &'a K,
}

fn table<'a, K: Stored + 'a>(
    entries: &'a [Decided],
    of: impl Fn(&'a Changes) -> &'a Vec<Change<K>>,
    writes: &mut Writes,
) {
    let mut nets: BTreeMap<(&TenantId, K::Key), Net<'a, K>> = BTreeMap::new();
    let mut opened: Vec<Opened<'a, K>> = Vec::new();
    let mut open_here: BTreeMap<(&TenantId, K::Key), usize> = BTreeMap::new();
    let mut closed = Columns::default();
    for entry in entries {
        let (tenant, at) = (&entry.tenant, entry.tenant_seq);
        for change in of(&entry.changes) {
            let key = (tenant, change.key);
            if let Some((_, from)) = &change.before {
                match open_here
                    .remove(&key)
                    .and_then(|index| opened.get_mut(index))
                {
                    Some(interval) => interval.to = Some(at),
                    None => closed.push(keyed::<K>(tenant, change.key, [big(from.0), big(at.0)])),
                }
            }
            if let Some(row) = &change.after {
                open_here.insert(key, opened.len());
                opened.push(Opened {
                    tenant,
                    key: change.key,
                    from: at,
                    to: None,
                    row,
                });
            }
            let after = change.after.as_ref().map(|row| (row, at));
            nets.entry(key)
                .and_modify(|net| net.after = after)
                .or_insert(Net {
                    before: change.before.as_ref(),
                    after,
                });
        }
    }
    current(nets, writes);
    let mut open = Columns::default();
    for interval in opened {
        let to = interval
            .to
            .map(|to| i64::try_from(to.0).unwrap_or(i64::MAX));
        let mut row = keyed::<K>(
            interval.tenant,
            interval.key,
            [big(interval.from.0), Value::MaybeBig(to)],
        );
        row.extend(interval.row.values());
        open.push(row);
    }
    writes.push((K::TABLE.close, closed));
    writes.push((K::TABLE.open, open));
}

fn current<'a, K: Stored + 'a>(
    nets: BTreeMap<(&'a TenantId, K::Key), Net<'a, K>>,
    writes: &mut Writes,
) {
    let mut delete = Columns::default();
    let mut update = Columns::default();
    let mut insert = Columns::default();
    for ((tenant, key), net) in nets {
        match (net.before, net.after) {
            (None, None) => {}
            (Some((_, before)), None) => delete.push(keyed::<K>(tenant, key, [big(before.0)])),
            (None, Some((row, at))) => {
                let mut values = keyed::<K>(tenant, key, []);
                values.extend(row.values());
                values.push(big(at.0));
                insert.push(values);
            }
            (Some((_, before)), Some((row, at))) if K::TABLE.update.is_some() => {
                let mut values = keyed::<K>(tenant, key, [big(before.0)]);
                values.extend(row.values());
                values.push(big(at.0));
                update.push(values);
            }
            // An edge has nothing to update but the entry that made it: taken and given anew.
            (Some((_, before)), Some((_, at))) => {
                delete.push(keyed::<K>(tenant, key, [big(before.0)]));
                insert.push(keyed::<K>(tenant, key, [big(at.0)]));
            }
        }
    }
    // What ends makes way for what begins under the same name.
    writes.push((K::TABLE.delete, delete));
    if let Some(statement) = K::TABLE.update {
        writes.push((statement, update));
    }
    writes.push((K::TABLE.insert, insert));
}

fn keyed<K: Stored>(
    tenant: &TenantId,
    key: K::Key,
    rest: impl IntoIterator<Item = Value>,
) -> Vec<Value> {
    let mut row = vec![text(tenant)];
    row.extend(K::key(key));
    row.extend(rest);
    row
}

fn text(tenant: &TenantId) -> Value {
    Value::Text(tenant.as_str().to_owned())
}

fn entry_row(batch: &Batch, entry: &Decided) -> Vec<Value> {
    let stamp = entry
        .submission
        .as_ref()
        .map(|submission| &submission.stamp);
    let command = entry
        .submission
        .as_ref()
        .map(|submission| &submission.command);
    let subject = stamp.map_or_else(String::new, |stamp| stamp.actor.subject.replace('\0', ""));
    vec![
        Value::Int(i32::from(entry.position.partition.0)),
        big(entry.position.seq.0),
        text(&entry.tenant),
        big(entry.tenant_seq.0),
        big(entry.offset.0),
        Value::Time(entry.time),
        Value::MaybeUuid(stamp.map(|stamp| uuid_of(stamp.command_id))),
        Value::Text(command.map_or("", |command| command.kind()).to_owned()),
        Value::Text(subject),
        Value::Text(entry.outcome.kind().to_owned()),
        Value::Text(entry.outcome_json.clone()),
        Value::Text(entry.facts_json.clone()),
        Value::Bytes(entry.record.key.clone()),
        Value::Bytes(entry.record.value.clone()),
        Value::Bytes(encode_headers(&entry.record.headers)),
        Value::Int(i32::try_from(batch.rules_version).unwrap_or(i32::MAX)),
        Value::Bytes(entry.leaf.0.to_vec()),
        Value::Bytes(entry.chain.0.to_vec()),
    ]
}

fn position_row(entry: &Decided) -> Vec<Value> {
    vec![
        text(&entry.tenant),
        big(entry.tenant_seq.0),
        Value::Int(i32::from(entry.position.partition.0)),
        big(entry.position.seq.0),
        Value::Time(entry.time),
    ]
}

fn heads(batch: &Batch) -> Columns {
    let newest: BTreeMap<&TenantId, &Decided> = batch
        .entries
        .iter()
        .map(|entry| (&entry.tenant, entry))
        .collect();
    let mut columns = Columns::default();
    for (tenant, entry) in newest {
        columns.push([
            text(tenant),
            Value::Int(i32::from(entry.position.partition.0)),
            big(entry.tenant_seq.0),
            Value::Bytes(chain8(&entry.chain).to_vec()),
            Value::Time(entry.time),
        ]);
    }
    columns
}

fn outcome_row(entry: &Decided) -> Option<Vec<Value>> {
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

fn cancelled_rows(entry: &Decided) -> Vec<Vec<Value>> {
    let row = |change: &Change<_>| {
        vec![
            text(&entry.tenant),
            Value::MaybeUuid(Some(uuid_of(change.key))),
            big(entry.tenant_seq.0),
        ]
    };
    entry.changes.cancelled.iter().map(row).collect()
}

/// The last use of each key in the batch: one statement cannot replace a row twice.
fn idempotency_keys(entries: &[Decided]) -> Columns {
    let mut uses = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.holds_key) {
        let Some(submission) = &entry.submission else {
            continue;
        };
        if let Some(idempotency) = &submission.stamp.idempotency {
            let holder = (
                &entry.tenant,
                submission.stamp.actor.caller(),
                &idempotency.key,
            );
            uses.insert(holder, (entry, idempotency));
        }
    }
    let mut columns = Columns::default();
    for ((tenant, caller, key), (entry, idempotency)) in uses {
        columns.push([
            text(tenant),
            Value::Text(caller.to_owned()),
            Value::Text(key.clone()),
            Value::Bytes(idempotency.fingerprint.to_vec()),
            big(entry.tenant_seq.0),
            Value::Time(entry.time),
        ]);
    }
    columns
}

fn noun_rows(entry: &Decided) -> Vec<Vec<Value>> {
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

fn dead_rows(entry: &Decided) -> Vec<Vec<Value>> {
    fn ended<K: Stored>(changes: &[Change<K>]) -> impl Iterator<Item = K::Key> {
        changes
            .iter()
            .filter(|change| change.after.is_none())
            .map(|change| change.key)
    }
    let changes = &entry.changes;
    let namespaces = ended(&changes.namespaces).map(|key| (dead::NAMESPACE, key.get()));
    let permissions = ended(&changes.permissions).map(|key| (dead::PERMISSION, key.get()));
    let roles = ended(&changes.roles).map(|key| (dead::ROLE, key.get()));
    let users = ended(&changes.users).map(|key| (dead::USER, key.get()));
    let groups = ended(&changes.groups).map(|key| (dead::GROUP, key.get()));
    let partition = i32::from(entry.position.partition.0);
    namespaces
        .chain(permissions)
        .chain(roles)
        .chain(users)
        .chain(groups)
        .map(|(kind, key)| {
            vec![
                Value::Int(partition),
                text(&entry.tenant),
                Value::Small(kind),
                big(key),
            ]
        })
        .collect()
}
