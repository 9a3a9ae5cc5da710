//! A model of the store: rows as the owner's writes leave them, and what loading them teaches.
//!
//! **Correctness.** It is written from what the store's statements say, not from the state: rows
//! come only from [`Changes`], names are found by looking at every row, and what is dead is found
//! by joining. Every write asserts the entry that had written the row, as the store's do.

mod load;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::state::{
    Change, Changes, GroupMember, KeyUse, Kind, LiveRow, Password, RolePermission, UserPermission,
    UserRole,
};
use crate::{
    Admin, Authorization, CamundaSettings, CommandId, Group, LinkedSubject, Namespace, NounRef,
    Permission, PermissionKey, Role, Stamp, TenantSeq, User,
};

/// Rows by key, each with the entry that wrote it last.
type Rows<K> = BTreeMap<<K as Kind>::Key, (K, TenantSeq)>;

/// The rows of one tenant.
#[derive(Debug, Clone, Default)]
pub struct Store {
    namespaces: Rows<Namespace>,
    permissions: Rows<Permission>,
    roles: Rows<Role>,
    users: Rows<User>,
    role_permissions: Rows<RolePermission>,
    user_permissions: Rows<UserPermission>,
    user_roles: Rows<UserRole>,
    groups: Rows<Group>,
    passwords: Rows<Password>,
    group_members: Rows<GroupMember>,
    authorizations: Rows<Authorization>,
    camunda_settings: Rows<CamundaSettings>,
    admins: Rows<Admin>,
    linked_subjects: Rows<LinkedSubject>,
    decided: BTreeMap<CommandId, TenantSeq>,
    cancelled: BTreeMap<CommandId, TenantSeq>,
    idempotency_keys: BTreeMap<(String, String), KeyUse>,
    /// The newest entry that changed a noun.
    changed: BTreeMap<NounRef, TenantSeq>,
}

/// A write that does not find what it was decided on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Mismatch(String);

/// What an entry writes.
#[derive(Debug, Clone, Copy)]
pub struct Written<'e> {
    /// Where it stands in its tenant.
    pub at: TenantSeq,
    /// Its time.
    pub time: DateTime<Utc>,
    /// The stamp of its command; absent where the record could not be read.
    pub stamp: Option<&'e Stamp>,
    /// The rows that it changed.
    pub changes: &'e Changes,
    /// The nouns that it concerns, and whether it changed them.
    pub concerns: &'e BTreeMap<NounRef, bool>,
    /// Whether it decided its command's id.
    pub remembers_command: bool,
    /// Whether it holds its idempotency key.
    pub holds_key: bool,
}

impl Store {
    /// Writes entries.
    #[cfg(test)]
    pub(crate) fn commit<'e>(&mut self, entries: impl IntoIterator<Item = &'e super::Entry>) {
        for entry in entries {
            let written = Written {
                at: entry.placement.tenant_seq,
                time: entry.placement.time,
                stamp: Some(&entry.submission.stamp),
                changes: &entry.changes,
                concerns: &crate::concerns(&entry.submission.command, &entry.settled.facts),
                remembers_command: entry.settled.remembers_command,
                holds_key: entry.settled.holds_key,
            };
            self.record(&written).unwrap();
        }
        self.check_unique().unwrap();
    }

    /// Writes an entry. After an error the model is of no use: the transaction is aborted.
    pub fn record(&mut self, entry: &Written<'_>) -> Result<(), Mismatch> {
        self.write(entry.changes, entry.at)?;
        let changed = entry.concerns.iter().filter(|(_, changed)| **changed);
        self.changed
            .extend(changed.map(|(noun, _)| (noun.clone(), entry.at)));
        let Some(stamp) = entry.stamp else {
            return Ok(());
        };
        if entry.remembers_command && self.decided.insert(stamp.command_id, entry.at).is_some() {
            return Err(Mismatch(format!("{} was decided twice", stamp.command_id)));
        }
        if let Some(idempotency) = &stamp.idempotency
            && entry.holds_key
        {
            let holder = (stamp.actor.caller().to_owned(), idempotency.key.clone());
            let used = KeyUse {
                fingerprint: idempotency.fingerprint,
                entry: entry.at,
                time: entry.time,
            };
            self.idempotency_keys.insert(holder, used);
        }
        Ok(())
    }

    /// Writes rows.
    pub fn write(&mut self, changes: &Changes, at: TenantSeq) -> Result<(), Mismatch> {
        write(&mut self.namespaces, &changes.namespaces, at)?;
        write(&mut self.permissions, &changes.permissions, at)?;
        write(&mut self.roles, &changes.roles, at)?;
        write(&mut self.users, &changes.users, at)?;
        write(&mut self.role_permissions, &changes.role_permissions, at)?;
        write(&mut self.user_permissions, &changes.user_permissions, at)?;
        write(&mut self.user_roles, &changes.user_roles, at)?;
        write(&mut self.groups, &changes.groups, at)?;
        write(&mut self.passwords, &changes.passwords, at)?;
        write(&mut self.group_members, &changes.group_members, at)?;
        write(&mut self.authorizations, &changes.authorizations, at)?;
        write(&mut self.camunda_settings, &changes.camunda_settings, at)?;
        write(&mut self.admins, &changes.admins, at)?;
        write(&mut self.linked_subjects, &changes.linked_subjects, at)?;
        for change in &changes.cancelled {
            let is_new = change.before.is_none() && change.after.is_some();
            if !is_new || self.cancelled.insert(change.key, at).is_some() {
                return Err(Mismatch(format!("{} was cancelled twice", change.key)));
            }
        }
        Ok(())
    }

    /// The entry that decided a command.
    #[must_use]
    pub fn decided(&self, command: CommandId) -> Option<TenantSeq> {
        self.decided.get(&command).copied()
    }

    /// Deletes every row whose container or end is gone.
    pub fn sweep(&mut self) {
        let namespaces = &self.namespaces;
        self.permissions
            .retain(|_, (row, _)| namespaces.contains_key(&row.namespace));
        let (permissions, roles, users) = (&self.permissions, &self.roles, &self.users);
        self.role_permissions.retain(|(role, permission), _| {
            roles.contains_key(role) && permissions.contains_key(permission)
        });
        self.user_permissions.retain(|(user, permission), _| {
            users.contains_key(user) && permissions.contains_key(permission)
        });
        self.user_roles
            .retain(|(user, role), _| users.contains_key(user) && roles.contains_key(role));
        self.passwords.retain(|user, _| users.contains_key(user));
        let groups = &self.groups;
        self.group_members
            .retain(|(user, group), _| users.contains_key(user) && groups.contains_key(group));
    }

    /// Every live row, by kind and then by key.
    pub fn live_rows(&self) -> Vec<LiveRow<'_>> {
        let mut rows = Vec::new();
        rows.extend(named(&self.namespaces, LiveRow::Namespace));
        let permissions = named(&self.permissions, LiveRow::Permission);
        rows.extend(permissions.filter(
            |row| matches!(row, LiveRow::Permission(key, ..) if self.permission_lives(*key)),
        ));
        rows.extend(named(&self.roles, LiveRow::Role));
        rows.extend(named(&self.users, LiveRow::User));
        for ((role, permission), (_, at)) in &self.role_permissions {
            if self.roles.contains_key(role) && self.permission_lives(*permission) {
                rows.push(LiveRow::RolePermission(*role, *permission, *at));
            }
        }
        for ((user, permission), (_, at)) in &self.user_permissions {
            if self.users.contains_key(user) && self.permission_lives(*permission) {
                rows.push(LiveRow::UserPermission(*user, *permission, *at));
            }
        }
        for ((user, role), (_, at)) in &self.user_roles {
            if self.users.contains_key(user) && self.roles.contains_key(role) {
                rows.push(LiveRow::UserRole(*user, *role, *at));
            }
        }
        rows.extend(named(&self.groups, LiveRow::Group));
        for (user, (row, at)) in &self.passwords {
            if self.users.contains_key(user) {
                rows.push(LiveRow::Password(*user, row, *at));
            }
        }
        for ((user, group), (_, at)) in &self.group_members {
            if self.users.contains_key(user) && self.groups.contains_key(group) {
                rows.push(LiveRow::GroupMember(*user, *group, *at));
            }
        }
        rows.extend(named(&self.authorizations, LiveRow::Authorization));
        for (row, at) in self.camunda_settings.values() {
            rows.push(LiveRow::CamundaSettings(row, *at));
        }
        rows.extend(named(&self.admins, LiveRow::Admin));
        rows.extend(named(&self.linked_subjects, LiveRow::LinkedSubject));
        rows
    }

    fn permission_lives(&self, key: PermissionKey) -> bool {
        let permission = self.permissions.get(&key);
        permission.is_some_and(|(row, _)| self.namespaces.contains_key(&row.namespace))
    }

    /// The unique constraints of the tables.
    pub fn check_unique(&self) -> Result<(), Mismatch> {
        fn unique<T: Ord>(what: &str, mut names: impl Iterator<Item = T>) -> Result<(), Mismatch> {
            let mut seen = BTreeSet::new();
            if names.all(|name| seen.insert(name)) {
                return Ok(());
            }
            Err(Mismatch(format!("two rows have the same {what}")))
        }
        let namespaces = || self.namespaces.values().map(|(row, _)| row);
        unique("id", namespaces().map(|row| (row.realm, &row.id)))?;
        unique(
            "identifier",
            namespaces().map(|row| (row.realm, &row.identifier)),
        )?;
        let permissions = self.permissions.values();
        unique(
            "name",
            permissions.map(|(row, _)| (row.namespace, &row.name)),
        )?;
        unique(
            "id",
            self.roles.values().map(|(row, _)| (row.realm, &row.id)),
        )?;
        let guard = |row: &Role| row.guarded.as_ref().map(|guarded| guarded.guard.clone());
        unique(
            "name",
            self.roles
                .values()
                .map(|(row, _)| (row.realm, guard(row), &row.name)),
        )?;
        let permissions = self.permissions.values();
        unique("id", permissions.filter_map(|(row, _)| row.id.as_ref()))?;
        unique("id", self.admins.values().map(|(row, _)| &row.id))?;
        unique("email", self.admins.values().map(|(row, _)| &row.email))?;
        let linked = self.linked_subjects.values();
        unique("subject", linked.map(|(row, _)| &row.subject))?;
        unique(
            "id",
            self.users.values().map(|(row, _)| (row.realm, &row.id)),
        )?;
        let groups = self.groups.values();
        unique("id", groups.map(|(row, _)| (row.realm, &row.id)))?;
        let authorizations = || self.authorizations.values().map(|(row, _)| row);
        unique("id", authorizations().map(|row| &row.id))?;
        let placed = authorizations().filter(|row| row.terms.resource_id.is_some());
        unique(
            "kind, holder and resource",
            placed.map(|row| {
                let terms = &row.terms;
                (
                    row.kind,
                    &terms.holder,
                    terms.resource_type,
                    &terms.resource_id,
                )
            }),
        )
    }
}

fn write<K: Kind>(
    rows: &mut Rows<K>,
    changes: &[Change<K>],
    at: TenantSeq,
) -> Result<(), Mismatch> {
    for change in changes {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let key = change.key;
        if before.map(|(row, _)| row) == after {
            return Err(Mismatch(format!("nothing of {key:?} was changed")));
        }
        if rows.get(&key) != before {
            return Err(Mismatch(format!("{key:?} was decided on otherwise")));
        }
        match after {
            Some(row) => rows.insert(key, (row.clone(), at)),
            None => rows.remove(&key),
        };
    }
    Ok(())
}

fn named<'r, K: Kind>(
    rows: &'r Rows<K>,
    row: fn(K::Key, &'r K, TenantSeq) -> LiveRow<'r>,
) -> impl Iterator<Item = LiveRow<'r>> {
    rows.iter()
        .map(move |(key, (value, at))| row(*key, value, *at))
}

#[cfg(test)]
impl Store {
    /// A namespace that no command made.
    pub(crate) fn insert_namespace(
        &mut self,
        key: crate::NamespaceKey,
        row: Namespace,
        at: TenantSeq,
    ) {
        self.namespaces.insert(key, (row, at));
    }

    /// The edges that are alive.
    pub(crate) fn edges(&self) -> usize {
        let edge = |row: &LiveRow<'_>| match row {
            LiveRow::RolePermission(..)
            | LiveRow::UserPermission(..)
            | LiveRow::UserRole(..)
            | LiveRow::GroupMember(..) => true,
            LiveRow::Namespace(..)
            | LiveRow::Permission(..)
            | LiveRow::Role(..)
            | LiveRow::User(..)
            | LiveRow::Group(..)
            | LiveRow::Password(..)
            | LiveRow::Authorization(..)
            | LiveRow::CamundaSettings(..)
            | LiveRow::Admin(..)
            | LiveRow::LinkedSubject(..) => false,
        };
        self.live_rows().iter().filter(|row| edge(row)).count()
    }
}
