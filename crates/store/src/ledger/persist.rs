//! From the entries of a batch to rows: what each statement is given.

use std::collections::BTreeMap;

use writ_domain::state::{
    Change, Changes, GroupMember, KeyUse, Password, RolePermission, UserPermission, UserRole,
};
use writ_domain::{
    Admin, Authorization, CamundaSettings, Group, LinkedSubject, Namespace, Partition, Permission,
    Role, TenantId, TenantSeq, User,
};

use super::batch::{Batch, Decided};
use super::columns::{Columns, Value};
use super::entry_rows::{
    CANCELLED, DEAD_NOUNS, ENTRY, HEADS, IDEMPOTENCY_KEYS, NOUNS, OUTCOMES, POSITIONS,
    cancelled_rows, dead_rows, entry_row, head_row, key_row, noun_rows, outcome_row, position_row,
    text,
};
use super::rows::{Stored, big};

/// Statements and their parameters, in the order in which they must run.
pub(crate) type Writes = Vec<(&'static str, Columns)>;

/// Something that is done for each kind of row.
pub(crate) trait Kinds {
    /// Does it for one kind, whose changes `of` takes out of an entry's.
    fn kind<K: Stored>(&mut self, of: fn(&Changes) -> &[Change<K>]);
}

/// Every kind of row that has a table and a history: what live folding, a rebuild and a second set
/// of views write, the list of them all.
pub(crate) fn each_kind(visit: &mut impl Kinds) {
    // Names every field: a new kind of row breaks the build here until it has its line below.
    let Changes {
        namespaces: _,
        permissions: _,
        roles: _,
        users: _,
        role_permissions: _,
        user_permissions: _,
        user_roles: _,
        groups: _,
        passwords: _,
        group_members: _,
        authorizations: _,
        camunda_settings: _,
        admins: _,
        linked_subjects: _,
        // It has no history: `cancelled_rows`.
        cancelled: _,
    } = Changes::default();
    visit.kind::<Namespace>(|changes| &changes.namespaces);
    visit.kind::<Permission>(|changes| &changes.permissions);
    visit.kind::<Role>(|changes| &changes.roles);
    visit.kind::<User>(|changes| &changes.users);
    visit.kind::<RolePermission>(|changes| &changes.role_permissions);
    visit.kind::<UserPermission>(|changes| &changes.user_permissions);
    visit.kind::<UserRole>(|changes| &changes.user_roles);
    visit.kind::<Group>(|changes| &changes.groups);
    visit.kind::<Password>(|changes| &changes.passwords);
    visit.kind::<GroupMember>(|changes| &changes.group_members);
    visit.kind::<Authorization>(|changes| &changes.authorizations);
    visit.kind::<CamundaSettings>(|changes| &changes.camunda_settings);
    visit.kind::<Admin>(|changes| &changes.admins);
    visit.kind::<LinkedSubject>(|changes| &changes.linked_subjects);
}

/// What an entry did to the views.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folded<'a> {
    pub(crate) partition: Partition,
    pub(crate) tenant: &'a TenantId,
    pub(crate) at: TenantSeq,
    pub(crate) changes: &'a Changes,
}

impl<'a> Folded<'a> {
    pub(crate) fn of(entry: &'a Decided) -> Self {
        Self {
            partition: entry.position.partition,
            tenant: &entry.tenant,
            at: entry.tenant_seq,
            changes: &entry.changes,
        }
    }
}

/// Every write of a batch but the cursor's.
pub(super) fn writes(batch: &Batch) -> Writes {
    let entries = batch.entries.as_slice();
    let folded: Vec<Folded<'_>> = entries.iter().map(Folded::of).collect();
    let mut writes = view_writes(&folded);
    let version = batch.rules_version;
    writes.push((ENTRY, rows(entries, |entry| [entry_row(version, entry)])));
    writes.push((POSITIONS, rows(entries, |entry| [position_row(entry)])));
    writes.push((HEADS, heads(entries)));
    writes.push((OUTCOMES, rows(entries, outcome_row)));
    writes.push((CANCELLED, rows(entries, cancelled_rows)));
    writes.push((IDEMPOTENCY_KEYS, idempotency_keys(entries)));
    writes.push((NOUNS, rows(entries, noun_rows)));
    writes.retain(|(_, columns)| !columns.is_empty());
    writes
}

/// Every write to the views, in the order of the entries.
pub(crate) fn view_writes(entries: &[Folded<'_>]) -> Writes {
    struct Tables<'a, 'w>(&'a [Folded<'a>], &'w mut Writes);
    impl Kinds for Tables<'_, '_> {
        fn kind<K: Stored>(&mut self, of: fn(&Changes) -> &[Change<K>]) {
            table(self.0, of, self.1);
        }
    }
    let mut writes = Writes::new();
    each_kind(&mut Tables(entries, &mut writes));
    writes.push((DEAD_NOUNS, rows(entries, dead_rows)));
    writes.retain(|(_, columns)| !columns.is_empty());
    writes
}

fn rows<E, R: IntoIterator<Item = Vec<Value>>>(
    entries: &[E],
    rows_of: impl Fn(&E) -> R,
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
    entries: &'a [Folded<'a>],
    of: fn(&Changes) -> &[Change<K>],
    writes: &mut Writes,
) {
    let mut nets: BTreeMap<(&TenantId, K::Key), Net<'a, K>> = BTreeMap::new();
    let mut opened: Vec<Opened<'a, K>> = Vec::new();
    let mut open_here: BTreeMap<(&TenantId, K::Key), usize> = BTreeMap::new();
    let mut closed = Columns::default();
    for entry in entries {
        let (tenant, at) = (entry.tenant, entry.at);
        for change in of(entry.changes) {
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
        let lived = (interval.from, interval.to);
        open.push(history_row(
            interval.tenant,
            interval.key,
            lived,
            interval.row,
        ));
    }
    writes.push((K::TABLE.close, closed));
    writes.push((K::TABLE.open, open));
}

/// A row of history, open where it has no end.
pub(crate) fn history_row<K: Stored>(
    tenant: &TenantId,
    key: K::Key,
    (from, to): (TenantSeq, Option<TenantSeq>),
    row: &K,
) -> Vec<Value> {
    let to = to.map(|to| i64::try_from(to.0).unwrap_or(i64::MAX));
    let mut values = keyed::<K>(tenant, key, [big(from.0), Value::MaybeBig(to)]);
    values.extend(row.values());
    values
}

/// A row of a current table.
pub(crate) fn current_row<K: Stored>(
    tenant: &TenantId,
    key: K::Key,
    row: &K,
    changed: TenantSeq,
) -> Vec<Value> {
    let mut values = keyed::<K>(tenant, key, []);
    values.extend(row.values());
    values.push(big(changed.0));
    values
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
            (None, Some((row, at))) => insert.push(current_row(tenant, key, row, at)),
            (Some((_, before)), Some((row, at))) if K::TABLE.update.is_some() => {
                let mut values = keyed::<K>(tenant, key, [big(before.0)]);
                values.extend(row.values());
                values.push(big(at.0));
                update.push(values);
            }
            // An edge has nothing to update but the entry that made it: taken and given anew.
            (Some((_, before)), Some((row, at))) => {
                delete.push(keyed::<K>(tenant, key, [big(before.0)]));
                insert.push(current_row(tenant, key, row, at));
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

fn heads(entries: &[Decided]) -> Columns {
    let newest: BTreeMap<&TenantId, &Decided> =
        entries.iter().map(|entry| (&entry.tenant, entry)).collect();
    let mut columns = Columns::default();
    for (tenant, entry) in newest {
        let placed = (entry.position.partition, entry.tenant_seq, entry.time);
        columns.push(head_row(tenant, placed, &entry.chain));
    }
    columns
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
        let last = KeyUse {
            fingerprint: idempotency.fingerprint,
            entry: entry.tenant_seq,
            time: entry.time,
        };
        columns.push(key_row(tenant, (caller, key), &last));
    }
    columns
}
