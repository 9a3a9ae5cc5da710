//! The rows that are alive: their containers and both their ends are there.

use super::{CountKey, GroupMember, KeyUse, Kind, Password, Slot, State};
use crate::{
    Admin, AdminKey, Authorization, AuthorizationKey, CamundaSettings, Group, GroupKey,
    LinkedSubject, LinkedSubjectKey, Namespace, NamespaceKey, Permission, PermissionKey, Role,
    RoleKey, TenantSeq, User, UserKey,
};

/// A live row with the entry that wrote it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveRow<'a> {
    /// A namespace.
    Namespace(NamespaceKey, &'a Namespace, TenantSeq),
    /// A permission whose namespace is there.
    Permission(PermissionKey, &'a Permission, TenantSeq),
    /// A role.
    Role(RoleKey, &'a Role, TenantSeq),
    /// A user.
    User(UserKey, &'a User, TenantSeq),
    /// A role holds a permission; both are there.
    RolePermission(RoleKey, PermissionKey, TenantSeq),
    /// A user holds a permission directly; both are there.
    UserPermission(UserKey, PermissionKey, TenantSeq),
    /// A user has a role; both are there.
    UserRole(UserKey, RoleKey, TenantSeq),
    /// A group.
    Group(GroupKey, &'a Group, TenantSeq),
    /// A password; its user is there.
    Password(UserKey, &'a Password, TenantSeq),
    /// A user is a member of a group; both are there.
    GroupMember(UserKey, GroupKey, TenantSeq),
    /// An authorization.
    Authorization(AuthorizationKey, &'a Authorization, TenantSeq),
    /// How Camunda's rules are to be read.
    CamundaSettings(&'a CamundaSettings, TenantSeq),
    /// An admin of Nest Auth's console.
    Admin(AdminKey, &'a Admin, TenantSeq),
    /// A linked subject.
    LinkedSubject(LinkedSubjectKey, &'a LinkedSubject, TenantSeq),
}

impl State {
    /// Every live row, by kind and then by key: the order of the digest.
    ///
    /// Of use on a complete state only; an incomplete one does not know all of its rows.
    pub fn live_rows(&self) -> impl Iterator<Item = LiveRow<'_>> {
        let t = &self.tables;
        let namespaces = rows::<Namespace>(&t.namespaces)
            .map(|(key, slot)| LiveRow::Namespace(key, &slot.row, slot.changed));
        let permissions = rows::<Permission>(&t.permissions)
            .filter(|(_, slot)| self.namespace_lives(slot.row.namespace))
            .map(|(key, slot)| LiveRow::Permission(key, &slot.row, slot.changed));
        let roles =
            rows::<Role>(&t.roles).map(|(key, slot)| LiveRow::Role(key, &slot.row, slot.changed));
        let users =
            rows::<User>(&t.users).map(|(key, slot)| LiveRow::User(key, &slot.row, slot.changed));
        let role_permissions = rows(&t.role_permissions)
            .filter(|((role, permission), _)| {
                self.role_lives(*role) && self.permission_lives(*permission)
            })
            .map(|((role, permission), slot)| {
                LiveRow::RolePermission(role, permission, slot.changed)
            });
        let user_permissions = rows(&t.user_permissions)
            .filter(|((user, permission), _)| {
                self.user_lives(*user) && self.permission_lives(*permission)
            })
            .map(|((user, permission), slot)| {
                LiveRow::UserPermission(user, permission, slot.changed)
            });
        let user_roles = rows(&t.user_roles)
            .filter(|((user, role), _)| self.user_lives(*user) && self.role_lives(*role))
            .map(|((user, role), slot)| LiveRow::UserRole(user, role, slot.changed));
        let admins = rows::<Admin>(&t.admins)
            .map(|(key, slot)| LiveRow::Admin(key, &slot.row, slot.changed));
        let linked_subjects = rows::<LinkedSubject>(&t.linked_subjects)
            .map(|(key, slot)| LiveRow::LinkedSubject(key, &slot.row, slot.changed));
        namespaces
            .chain(permissions)
            .chain(roles)
            .chain(users)
            .chain(role_permissions)
            .chain(user_permissions)
            .chain(user_roles)
            .chain(self.live_camunda())
            .chain(admins)
            .chain(linked_subjects)
    }

    fn live_camunda(&self) -> impl Iterator<Item = LiveRow<'_>> {
        let t = &self.tables;
        let groups = rows::<Group>(&t.groups)
            .map(|(key, slot)| LiveRow::Group(key, &slot.row, slot.changed));
        let passwords = rows::<Password>(&t.passwords)
            .filter(|(user, _)| self.user_lives(*user))
            .map(|(user, slot)| LiveRow::Password(user, &slot.row, slot.changed));
        let members = rows::<GroupMember>(&t.group_members)
            .filter(|((user, group), _)| self.user_lives(*user) && self.group_lives(*group))
            .map(|((user, group), slot)| LiveRow::GroupMember(user, group, slot.changed));
        let authorizations = rows::<Authorization>(&t.authorizations)
            .map(|(key, slot)| LiveRow::Authorization(key, &slot.row, slot.changed));
        let settings = rows::<CamundaSettings>(&t.camunda_settings)
            .map(|((), slot)| LiveRow::CamundaSettings(&slot.row, slot.changed));
        groups
            .chain(passwords)
            .chain(members)
            .chain(authorizations)
            .chain(settings)
    }

    /// Every row of one kind, by key, with the entry that wrote it last; also those whose container
    /// has ended, which a view holds until they are swept and its history for ever.
    ///
    /// Of use on a complete state only.
    pub fn rows<K: Kind + 'static>(&self) -> impl Iterator<Item = (K::Key, &K, TenantSeq)> {
        rows::<K>(K::table(&self.tables)).map(|(key, slot)| (key, &slot.row, slot.changed))
    }

    /// Every idempotency key that was used: its caller, the key, and its last use.
    ///
    /// Of use on a complete state only.
    pub fn key_uses(&self) -> impl Iterator<Item = (&str, &str, &KeyUse)> {
        self.idempotency_keys
            .iter()
            .filter_map(|((caller, key), used)| {
                used.as_ref()
                    .map(|used| (caller.as_str(), key.as_str(), used))
            })
    }

    /// How many there are that are alive. The state MUST be complete.
    pub(super) fn count_live(&self, what: CountKey) -> u64 {
        let t = &self.tables;
        let counted = match what {
            CountKey::Apis(realm) => rows(&t.namespaces)
                .filter(|(_, slot)| slot.row.realm == realm)
                .count(),
            CountKey::Roles(realm) => rows(&t.roles)
                .filter(|(_, slot)| slot.row.realm == realm)
                .count(),
            CountKey::RolePermissions(role) => t
                .role_permissions
                .range((role, PermissionKey::from_stored(0))..)
                .take_while(|((key, _), _)| *key == role)
                .filter(|((_, permission), slot)| {
                    slot.is_some() && self.permission_lives(*permission)
                })
                .count(),
            CountKey::UserPermissions(user) => t
                .user_permissions
                .range((user, PermissionKey::from_stored(0))..)
                .take_while(|((key, _), _)| *key == user)
                .filter(|((_, permission), slot)| {
                    slot.is_some() && self.permission_lives(*permission)
                })
                .count(),
            CountKey::UserRoles(user) => t
                .user_roles
                .range((user, RoleKey::from_stored(0))..)
                .take_while(|((key, _), _)| *key == user)
                .filter(|((_, role), slot)| slot.is_some() && self.role_lives(*role))
                .count(),
            CountKey::Admins => rows::<Admin>(&t.admins).count(),
        };
        u64::try_from(counted).unwrap_or(u64::MAX)
    }

    fn namespace_lives(&self, key: NamespaceKey) -> bool {
        self.tables
            .namespaces
            .get(&key)
            .is_some_and(Option::is_some)
    }

    fn permission_lives(&self, key: PermissionKey) -> bool {
        let slot = self.tables.permissions.get(&key).and_then(Option::as_ref);
        slot.is_some_and(|slot| self.namespace_lives(slot.row.namespace))
    }

    fn role_lives(&self, key: RoleKey) -> bool {
        self.tables.roles.get(&key).is_some_and(Option::is_some)
    }

    fn group_lives(&self, key: GroupKey) -> bool {
        self.tables.groups.get(&key).is_some_and(Option::is_some)
    }

    fn user_lives(&self, key: UserKey) -> bool {
        self.tables.users.get(&key).is_some_and(Option::is_some)
    }
}

fn rows<K: Kind>(table: &super::Table<K>) -> impl Iterator<Item = (K::Key, &Slot<K>)> {
    table
        .iter()
        .filter_map(|(key, slot)| slot.as_ref().map(|slot| (*key, slot)))
}
