//! What loading teaches a state: key by key what the store's loader does.

use std::collections::BTreeMap;

use super::{Rows, Store};
use crate::state::{
    Cancelled, GroupMember, Kind, Lookup, RolePermission, UserPermission, UserRole,
};
use crate::{
    Admin, Authorization, AuthorizationKind, Counted, Group, Holder, Key, LinkedSubject, Namespace,
    NamespaceKey, Permission, PermissionKey, PermissionRef, Realm, Role, RoleKey, State, TenantSeq,
    User, UserKey,
};

impl Store {
    /// Loads keys into a state. Counts MUST be asked for only while the store holds all that the
    /// state has settled.
    pub fn load(&self, wanted: impl IntoIterator<Item = Key>, state: &mut State) {
        let mut lists = Vec::new();
        let mut groups: BTreeMap<(bool, &str), Vec<Key>> = BTreeMap::new();
        for mut key in wanted {
            #[cfg(test)]
            assert_text(&key);
            if let Key::ApiPermissions { realm, handle } = key {
                // The list of an API's permissions is found by its key, so the API comes first.
                lists.push((realm, handle.clone()));
                key = Key::Api { realm, handle };
            }
            groups.entry(statement(&key)).or_default().push(key);
        }
        for keys in groups.values() {
            for key in keys {
                self.learn_rows(key, state);
            }
            for key in keys {
                learn_absence(key, state);
            }
        }
        let lists: Vec<NamespaceKey> = lists
            .iter()
            .filter_map(|(realm, handle)| state.namespace_of(*realm, handle))
            .collect();
        for namespace in lists {
            for (key, (row, at)) in &self.permissions {
                if row.namespace == namespace {
                    state.learn_row(*key, row.clone(), *at);
                }
            }
            state.learn_full(namespace);
        }
    }

    #[expect(clippy::too_many_lines, reason = "flat: an arm a key")]
    fn learn_rows(&self, key: &Key, state: &mut State) {
        match key {
            Key::Api { realm, handle } | Key::ApiPermissions { realm, handle } => {
                learn(
                    &self.namespaces,
                    |row| row.realm == *realm && row.id == *handle,
                    state,
                );
                let identified = |row: &Namespace| named_so(row, *realm, handle);
                learn(&self.namespaces, identified, state);
            }
            Key::Permission { realm, permission } => {
                if let Some((key, row, at)) = self.permission(*realm, permission) {
                    state.learn_row(key, row.clone(), at);
                }
            }
            Key::Role { realm, role } => {
                learn(
                    &self.roles,
                    |row| row.realm == *realm && row.id == *role,
                    state,
                );
            }
            Key::RoleNamed { realm, name } => {
                let named =
                    |row: &Role| row.realm == *realm && row.name == *name && row.guarded.is_none();
                let role = find(&self.roles, named);
                if let Some((key, ..)) = role {
                    state.learn_role_name(*realm, name.clone(), key);
                }
            }
            Key::User { realm, user } => {
                learn(
                    &self.users,
                    |row| row.realm == *realm && row.id == *user,
                    state,
                );
            }
            Key::RolePermission {
                realm,
                role,
                permission,
            } => {
                let ends = (self.role(*realm, role), self.permission(*realm, permission));
                if let (Some(role), Some((permission, ..))) = ends {
                    let at = at(&self.role_permissions, (role, permission));
                    state.learn_edge((role, permission), RolePermission, at);
                }
            }
            Key::UserPermission {
                realm,
                user,
                permission,
            } => {
                let ends = (self.user(*realm, user), self.permission(*realm, permission));
                if let (Some(user), Some((permission, ..))) = ends {
                    let at = at(&self.user_permissions, (user, permission));
                    state.learn_edge((user, permission), UserPermission, at);
                }
            }
            Key::UserRole { realm, user, role } => {
                let ends = (self.user(*realm, user), self.role(*realm, role));
                if let (Some(user), Some(role)) = ends {
                    let at = at(&self.user_roles, (user, role));
                    state.learn_edge((user, role), UserRole, at);
                }
            }
            Key::Apis { realm } => {
                for (key, (row, at)) in &self.namespaces {
                    if row.realm == *realm {
                        state.learn_row(*key, row.clone(), *at);
                    }
                }
                state.learn_full_realm(*realm);
            }
            Key::PermissionId { permission, .. } => {
                let found = find(&self.permissions, |row: &Permission| {
                    row.id.as_ref() == Some(permission)
                });
                if let Some((key, row, at)) = found {
                    self.learn_with_namespace(key, row, at, state);
                }
            }
            Key::GuardRole { realm, guard, name } => {
                let here = |row: &Role| {
                    let guarded = row.guarded.as_ref();
                    row.realm == *realm
                        && row.name == *name
                        && guarded.is_some_and(|guarded| guarded.guard == *guard)
                };
                if let Some((key, ..)) = find(&self.roles, here) {
                    state.learn_guard_role(*realm, guard.clone(), name.clone(), key);
                }
            }
            Key::RoleHoldings { realm, role } => {
                if let Some(role) = self.role(*realm, role) {
                    for ((holder, held), (_, at)) in &self.role_permissions {
                        if *holder == role
                            && self.permission_lives(*held)
                            && let Some((row, changed)) = self.permissions.get(held)
                        {
                            self.learn_with_namespace(*held, row, *changed, state);
                            state.learn_edge((role, *held), RolePermission, Some(*at));
                        }
                    }
                }
                state.learn_full_role(*realm, role);
            }
            Key::Admin { admin } => learn(&self.admins, |row: &Admin| row.id == *admin, state),
            Key::AdminEmail { email } => {
                learn(&self.admins, |row: &Admin| row.email == *email, state);
            }
            Key::Linked { subject } => {
                let is = |row: &LinkedSubject| row.subject == *subject;
                if let Some((_, found, _)) = find(&self.linked_subjects, is) {
                    for (key, (row, at)) in &self.linked_subjects {
                        if row.link == found.link {
                            state.learn_row(*key, row.clone(), *at);
                        }
                    }
                }
            }
            Key::Count(what) => state.learn_count(what, self.count(what)),
            Key::LastChanged(noun) => {
                if let Some(at) = self.changed.get(noun) {
                    state.learn_last_changed(noun.clone(), *at);
                }
            }
            Key::Command(command) => {
                state.learn_command(*command, self.decided.get(command).copied());
                state.learn_edge(*command, Cancelled, self.cancelled.get(command).copied());
            }
            Key::IdempotencyKey { caller, key } => {
                let used = self.idempotency_keys.get(&(caller.clone(), key.clone()));
                if let Some(used) = used {
                    state.learn_idempotency_key(caller.clone(), key.clone(), Some(used.clone()));
                }
            }
            Key::CamundaSettings
            | Key::Group { .. }
            | Key::UserPassword { .. }
            | Key::UserGroups { .. }
            | Key::Authorization { .. }
            | Key::AuthorizationsOf { .. }
            | Key::AuthorizationsOn { .. } => self.learn_camunda(key, state),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "learn_rows, above, names every key"
    )]
    fn learn_camunda(&self, key: &Key, state: &mut State) {
        let with = |state: &mut State, is: &dyn Fn(&Authorization) -> bool| {
            for (key, (row, at)) in &self.authorizations {
                if is(row) {
                    state.learn_row(*key, row.clone(), *at);
                }
            }
        };
        match key {
            Key::CamundaSettings => {
                for (row, at) in self.camunda_settings.values() {
                    state.learn_row((), *row, *at);
                }
            }
            Key::Group { realm, group } => {
                let is = |row: &Group| row.realm == *realm && row.id == *group;
                learn(&self.groups, is, state);
            }
            Key::UserPassword { realm, user } => {
                if let Some(user) = self.user(*realm, user) {
                    match self.passwords.get(&user) {
                        Some((row, at)) => state.learn_row(user, row.clone(), *at),
                        None => state.learn_absent_row::<crate::state::Password>(user),
                    }
                }
            }
            Key::UserGroups { realm, user } => {
                let Some(user) = self.user(*realm, user) else {
                    return;
                };
                for ((member, group), (_, at)) in &self.group_members {
                    if let Some((row, made)) = self.groups.get(group)
                        && *member == user
                    {
                        state.learn_row(*group, row.clone(), *made);
                        state.learn_edge((user, *group), GroupMember, Some(*at));
                    }
                }
            }
            Key::Authorization { authorization } => with(state, &|row| row.id == *authorization),
            Key::AuthorizationsOf {
                holder,
                resource_type,
                resource_id,
            } => with(state, &|row| {
                row.terms.holder == *holder && is_on(row, *resource_type, resource_id)
            }),
            Key::AuthorizationsOn {
                resource_type,
                resource_id,
            } => with(state, &|row| is_on(row, *resource_type, resource_id)),
            _ => {}
        }
    }

    fn permission(
        &self,
        realm: Realm,
        wanted: &PermissionRef,
    ) -> Option<(PermissionKey, &Permission, TenantSeq)> {
        let (namespace, ..) = find(&self.namespaces, |row| named_so(row, realm, &wanted.api))?;
        let here = |row: &Permission| row.namespace == namespace && row.name == wanted.name;
        find(&self.permissions, here)
    }

    fn learn_with_namespace(
        &self,
        key: PermissionKey,
        row: &Permission,
        at: TenantSeq,
        state: &mut State,
    ) {
        if let Some((namespace, changed)) = self.namespaces.get(&row.namespace) {
            state.learn_row(row.namespace, namespace.clone(), *changed);
            state.learn_row(key, row.clone(), at);
        }
    }

    fn role(&self, realm: Realm, id: &str) -> Option<RoleKey> {
        let found = find::<Role>(&self.roles, |row| row.realm == realm && row.id == id);
        found.map(|(key, ..)| key)
    }

    fn user(&self, realm: Realm, id: &str) -> Option<UserKey> {
        let found = find::<User>(&self.users, |row| row.realm == realm && row.id == id);
        found.map(|(key, ..)| key)
    }

    fn count(&self, what: &Counted) -> u64 {
        let counted = match what {
            Counted::Apis(realm) => count(&self.namespaces, |_, row| row.realm == *realm),
            Counted::Roles(realm) => count(&self.roles, |_, row| row.realm == *realm),
            Counted::RolePermissions(realm, id) => self.role(*realm, id).map_or(0, |holder| {
                count(&self.role_permissions, |(role, permission), _| {
                    role == holder && self.permission_lives(permission)
                })
            }),
            Counted::UserPermissions(realm, id) => self.user(*realm, id).map_or(0, |holder| {
                count(&self.user_permissions, |(user, permission), _| {
                    user == holder && self.permission_lives(permission)
                })
            }),
            Counted::UserRoles(realm, id) => self.user(*realm, id).map_or(0, |holder| {
                count(&self.user_roles, |(user, role), _| {
                    user == holder && self.roles.contains_key(&role)
                })
            }),
            Counted::Revokes(holder) => count(&self.authorizations, |_, row| {
                row.kind == AuthorizationKind::Revoke && row.terms.holder == *holder
            }),
            Counted::Admins => self.admins.len(),
        };
        counted as u64
    }
}

#[cfg(test)]
fn assert_text(key: &Key) {
    assert!(
        !format!("{key:?}").contains("\\0"),
        "Postgres takes no U+0000: {key:?}"
    );
}

fn named_so(row: &Namespace, realm: Realm, identifier: &str) -> bool {
    row.realm == realm && row.identifier == identifier
}

fn find<K: Kind>(rows: &Rows<K>, is: impl Fn(&K) -> bool) -> Option<(K::Key, &K, TenantSeq)> {
    let (key, (row, at)) = rows.iter().find(|(_, (row, _))| is(row))?;
    Some((*key, row, *at))
}

fn learn<K: Kind>(rows: &Rows<K>, is: impl Fn(&K) -> bool, state: &mut State) {
    if let Some((key, row, at)) = find(rows, is) {
        state.learn_row(key, row.clone(), at);
    }
}

fn at<K: Kind>(rows: &Rows<K>, key: K::Key) -> Option<TenantSeq> {
    rows.get(&key).map(|(_, at)| *at)
}

fn count<K: Kind>(rows: &Rows<K>, is: impl Fn(K::Key, &K) -> bool) -> usize {
    rows.iter().filter(|(key, (row, _))| is(**key, row)).count()
}

/// The statement that loads a key; those that need the keys of nouns come late.
fn statement(key: &Key) -> (bool, &'static str) {
    match key {
        Key::Api { .. } | Key::ApiPermissions { .. } => (false, "apis"),
        Key::Role { .. } => (false, "roles"),
        Key::RoleNamed { .. } => (false, "role_names"),
        Key::User { .. } => (false, "users"),
        Key::LastChanged(_) => (false, "last_changed"),
        Key::Command(_) => (false, "commands"),
        Key::IdempotencyKey { .. } => (false, "idempotency_keys"),
        Key::Apis { .. } => (false, "namespaces"),
        Key::PermissionId { .. } => (false, "permission_ids"),
        Key::GuardRole { .. } => (false, "guard_roles"),
        Key::Admin { .. } => (false, "admins"),
        Key::AdminEmail { .. } => (false, "admin_emails"),
        Key::Linked { .. } => (false, "links"),
        Key::RoleHoldings { .. } => (true, "role_holdings"),
        Key::Count(Counted::Admins) => (true, "count_admins"),
        Key::Permission { .. } => (true, "permissions"),
        Key::RolePermission { .. } => (true, "role_permissions"),
        Key::UserPermission { .. } => (true, "user_permissions"),
        Key::UserRole { .. } => (true, "user_roles"),
        Key::Count(Counted::Apis(_)) => (true, "count_apis"),
        Key::Count(Counted::Roles(_)) => (true, "count_roles"),
        Key::Count(Counted::RolePermissions(..)) => (true, "count_role_permissions"),
        Key::Count(Counted::UserPermissions(..)) => (true, "count_user_permissions"),
        Key::Count(Counted::UserRoles(..)) => (true, "count_user_roles"),
        Key::Count(Counted::Revokes(_)) => (true, "count_revokes"),
        Key::CamundaSettings => (false, "camunda_settings"),
        Key::Group { .. } => (false, "groups"),
        Key::UserPassword { .. } => (true, "user_passwords"),
        Key::UserGroups { .. } => (true, "user_groups"),
        Key::Authorization { .. } => (false, "authorizations"),
        Key::AuthorizationsOf { .. } => (false, "authorizations_of"),
        Key::AuthorizationsOn { .. } => (false, "authorizations_on"),
    }
}

/// What was not found is absent.
fn learn_absence(key: &Key, state: &mut State) {
    match key {
        Key::Api { realm, handle } | Key::ApiPermissions { realm, handle } => {
            state.learn_absent(Lookup::NamespaceId(*realm, handle.clone()));
            state.learn_absent(Lookup::NamespaceIdentifier(*realm, handle.clone()));
        }
        Key::Permission { realm, permission } => {
            if let Some(namespace) = state.namespace_identified(*realm, &permission.api) {
                state.learn_absent(Lookup::Permission(namespace, permission.name.clone()));
            }
        }
        Key::Role { realm, role } => state.learn_absent(Lookup::RoleId(*realm, role.clone())),
        Key::RoleNamed { realm, name } => {
            state.learn_absent(Lookup::RoleName(*realm, name.clone()));
        }
        Key::User { realm, user } => state.learn_absent(Lookup::UserId(*realm, user.clone())),
        Key::LastChanged(noun) => state.learn_last_changed(noun.clone(), TenantSeq::ZERO),
        Key::IdempotencyKey { caller, key } => {
            state.learn_idempotency_key(caller.clone(), key.clone(), None);
        }
        Key::PermissionId { permission, .. } => {
            state.learn_absent(Lookup::PermissionId(permission.clone()));
        }
        Key::GuardRole { realm, guard, name } => {
            state.learn_absent(Lookup::GuardRole(*realm, guard.clone(), name.clone()));
        }
        Key::Admin { admin } => state.learn_absent(Lookup::AdminId(admin.clone())),
        Key::AdminEmail { email } => state.learn_absent(Lookup::AdminEmail(email.clone())),
        Key::Linked { subject } => {
            state.learn_absent(Lookup::Linked(subject.realm, subject.id.clone()));
        }
        Key::RolePermission { .. }
        | Key::UserPermission { .. }
        | Key::UserRole { .. }
        | Key::Apis { .. }
        | Key::RoleHoldings { .. }
        | Key::Count(_)
        | Key::UserPassword { .. }
        | Key::Command(_) => {}
        Key::CamundaSettings => state.learn_absent_row::<crate::CamundaSettings>(()),
        Key::Group { realm, group } => {
            state.learn_absent(Lookup::GroupId(*realm, group.clone()));
        }
        Key::UserGroups { realm, user } => {
            if let Some(user) = state.user_of(*realm, user) {
                state.learn_all_groups(user);
            }
        }
        Key::Authorization { authorization } => {
            state.learn_absent(Lookup::AuthorizationId(authorization.clone()));
        }
        Key::AuthorizationsOf {
            holder,
            resource_type,
            resource_id,
        } => {
            for kind in AuthorizationKind::ALL {
                let (holder, id): (Holder, String) = (holder.clone(), resource_id.clone());
                let lookup = Lookup::AuthorizationOf(kind, holder, *resource_type, id);
                state.learn_absent(lookup);
            }
        }
        Key::AuthorizationsOn {
            resource_type,
            resource_id,
        } => state.learn_all_authorizations(*resource_type, resource_id.clone()),
    }
}

fn is_on(row: &Authorization, resource_type: i32, resource_id: &str) -> bool {
    row.terms.resource_type == resource_type
        && row.terms.resource_id.as_deref() == Some(resource_id)
}
