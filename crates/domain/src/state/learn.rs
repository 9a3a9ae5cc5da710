//! Learning rows from the store.
//!
//! **Correctness.** What is known already stands: it may be newer than what was read. Only counts
//! are replaced; they MUST be learned while the store holds all that this state has settled.

use super::{Bound, CommandState, CountKey, Draft, KeyUse, Kind, Lookup, Slot, State};
use crate::{CommandId, Counted, Key, NamespaceKey, NounRef, Realm, RoleKey, TenantSeq, UserKey};

impl State {
    /// A row is there.
    pub fn learn_row<K: Kind>(&mut self, key: K::Key, row: K, changed: TenantSeq) {
        if K::table(&self.tables).contains_key(&key) {
            return;
        }
        for (lookup, number) in K::lookups(key, &row) {
            self.lookups.entry(lookup).or_insert(Some(number));
        }
        let slot = Slot {
            row,
            changed,
            fresh: false,
        };
        K::table_mut(&mut self.tables).insert(key, Some(slot));
    }

    /// No row has this key.
    pub fn learn_absent_row<K: Kind>(&mut self, key: K::Key) {
        K::table_mut(&mut self.tables).entry(key).or_insert(None);
    }

    /// An edge is there since this entry, or is not there.
    pub fn learn_edge<K: Kind>(&mut self, key: K::Key, edge: K, at: Option<TenantSeq>) {
        match at {
            Some(at) => self.learn_row(key, edge, at),
            None => self.learn_absent_row::<K>(key),
        }
    }

    /// The namespace of this id or identifier, if it is known to be there.
    #[must_use]
    pub fn namespace_of(&self, realm: Realm, handle: &str) -> Option<NamespaceKey> {
        let by_id = self
            .lookups
            .get(&Lookup::NamespaceId(realm, handle.to_owned()));
        let found = by_id.copied().flatten().map(NamespaceKey::from_stored);
        found.or_else(|| self.namespace_identified(realm, handle))
    }

    /// The namespace of this identifier, if it is known to be there.
    #[must_use]
    pub fn namespace_identified(&self, realm: Realm, identifier: &str) -> Option<NamespaceKey> {
        let found = self
            .lookups
            .get(&Lookup::NamespaceIdentifier(realm, identifier.to_owned()));
        found.copied().flatten().map(NamespaceKey::from_stored)
    }

    /// Nothing has this name.
    pub fn learn_absent(&mut self, lookup: Lookup) {
        self.lookups.entry(lookup).or_insert(None);
    }

    /// A role of this name is there.
    pub fn learn_role_name(&mut self, realm: Realm, name: String, role: RoleKey) {
        self.lookups
            .entry(Lookup::RoleName(realm, name))
            .or_insert(Some(role.get()));
    }

    /// A role of this name is there, in this guard.
    pub fn learn_guard_role(&mut self, realm: Realm, guard: String, name: String, role: RoleKey) {
        self.lookups
            .entry(Lookup::GuardRole(realm, guard, name))
            .or_insert(Some(role.get()));
    }

    /// Every namespace of the realm was learned.
    pub fn learn_full_realm(&mut self, realm: Realm) {
        self.full_realms.insert(realm);
    }

    /// Every permission that the role of this id holds was learned, if it is there.
    pub fn learn_full_role(&mut self, realm: Realm, role: &str) {
        let found = self.lookups.get(&Lookup::RoleId(realm, role.to_owned()));
        if let Some(key) = found.copied().flatten() {
            self.full_roles.insert(RoleKey::from_stored(key));
        }
    }

    /// Every permission of the namespace was learned.
    pub fn learn_full(&mut self, namespace: NamespaceKey) {
        self.full.insert(namespace);
    }

    /// The user of this id, if it is known to be there.
    #[must_use]
    pub fn user_of(&self, realm: Realm, user: &str) -> Option<UserKey> {
        let lookup = Lookup::UserId(realm, user.to_owned());
        let found = self.lookups.get(&lookup).copied().flatten();
        found.map(UserKey::from_stored)
    }

    /// Every group of the user was learned.
    pub fn learn_all_groups(&mut self, user: UserKey) {
        self.full_members.insert(user);
    }

    /// Every authorization on the resource was learned.
    pub fn learn_all_authorizations(&mut self, resource_type: i32, resource_id: String) {
        self.full_resources.insert((resource_type, resource_id));
    }

    /// How many there are, exactly, in a store that holds all that was settled here.
    pub fn learn_count(&mut self, what: &Counted, count: u64) {
        if let Counted::Revokes(holder) = what {
            self.revokes.insert(holder.clone(), count);
            return;
        }
        let Some(key) = self.count_key(what) else {
            return;
        };
        self.counts.insert(
            key,
            Bound {
                at_most: count,
                endings: self.endings,
            },
        );
    }

    fn count_key(&self, what: &Counted) -> Option<CountKey> {
        let role = |realm: Realm, id: &String| {
            let found = self.lookups.get(&Lookup::RoleId(realm, id.clone()));
            found.copied().flatten().map(RoleKey::from_stored)
        };
        let user = |realm: Realm, id: &String| {
            let found = self.lookups.get(&Lookup::UserId(realm, id.clone()));
            found.copied().flatten().map(UserKey::from_stored)
        };
        match what {
            Counted::Apis(realm) => Some(CountKey::Apis(*realm)),
            Counted::Roles(realm) => Some(CountKey::Roles(*realm)),
            Counted::RolePermissions(realm, id) => role(*realm, id).map(CountKey::RolePermissions),
            Counted::UserPermissions(realm, id) => user(*realm, id).map(CountKey::UserPermissions),
            Counted::UserRoles(realm, id) => user(*realm, id).map(CountKey::UserRoles),
            Counted::Revokes(_) => None,
            Counted::Admins => Some(CountKey::Admins),
        }
    }

    /// When a noun changed last; zero if never.
    pub fn learn_last_changed(&mut self, noun: NounRef, at: TenantSeq) {
        self.last_changed.entry(noun).or_insert(at);
    }

    /// Which entry decided a command, if one did.
    pub fn learn_command(&mut self, command: CommandId, decided_at: Option<TenantSeq>) {
        let state = decided_at.map_or(CommandState::Unseen, CommandState::Decided);
        self.commands.entry(command).or_insert(state);
    }

    /// Who used an idempotency key last, if anybody did.
    pub fn learn_idempotency_key(&mut self, caller: String, key: String, used: Option<KeyUse>) {
        self.idempotency_keys.entry((caller, key)).or_insert(used);
    }

    /// Which of these must still be loaded.
    pub fn unknown_of<'k>(
        &'k self,
        keys: impl IntoIterator<Item = &'k Key> + 'k,
    ) -> impl Iterator<Item = &'k Key> + 'k {
        keys.into_iter().filter(|key| !self.knows(key))
    }

    fn knows(&self, key: &Key) -> bool {
        let draft = Draft::new(self, TenantSeq::ZERO);
        match key {
            Key::Api { realm, handle } => {
                // SUBTLE: an identifier may equal another API's id; both names must be known.
                let by_id = Lookup::NamespaceId(*realm, handle.clone());
                draft.api(*realm, handle).map(drop).is_ok()
                    && (draft.api_identified(*realm, handle).is_ok()
                        || self.lookups.get(&by_id).copied().flatten().is_some())
            }
            Key::ApiPermissions { realm, handle } => match draft.api(*realm, handle) {
                Ok(Some((namespace, _))) => draft.permissions_of(namespace, || key.clone()).is_ok(),
                Ok(None) => true,
                Err(_) => false,
            },
            Key::Permission { realm, permission } => {
                match draft.api_identified(*realm, &permission.api) {
                    Ok(Some((namespace, _))) => {
                        draft.permission(*realm, namespace, permission).is_ok()
                    }
                    Ok(None) => true,
                    Err(_) => false,
                }
            }
            Key::Role { realm, role } => draft.role(*realm, role).is_ok(),
            Key::RoleNamed { realm, name } => draft.role_named(*realm, name).is_ok(),
            Key::User { realm, user } => draft.user(*realm, user).is_ok(),
            Key::RolePermission { .. } | Key::UserPermission { .. } | Key::UserRole { .. } => {
                knows_edge(&draft, key)
            }
            Key::Apis { realm } => draft.apis_of(*realm).is_ok(),
            Key::PermissionId { realm, permission } => {
                draft.permission_identified(*realm, permission).is_ok()
            }
            Key::GuardRole { realm, guard, name } => draft.guard_role(*realm, guard, name).is_ok(),
            Key::RoleHoldings { realm, role } => match draft.role(*realm, role) {
                Ok(Some((role, _))) => draft.holdings_of(role, || key.clone()).is_ok(),
                Ok(None) => true,
                Err(_) => false,
            },
            Key::Admin { admin } => draft.admin(admin).is_ok(),
            Key::AdminEmail { email } => draft.admin_addressed(email).is_ok(),
            Key::Linked { subject } => draft.linked(subject).is_ok(),
            Key::Count(what) => self.knows_count(&draft, what),
            Key::LastChanged(noun) => draft.last_changed(noun).is_ok(),
            Key::Command(command) => {
                draft.command(*command).is_ok() && draft.cancelled(*command).is_ok()
            }
            Key::IdempotencyKey { caller, key } => draft.idempotency_key(caller, key).is_ok(),
            Key::CamundaSettings
            | Key::Group { .. }
            | Key::UserPassword { .. }
            | Key::UserGroups { .. }
            | Key::Authorization { .. }
            | Key::AuthorizationsOf { .. }
            | Key::AuthorizationsOn { .. } => draft.knows_camunda(key),
        }
    }

    /// A bound is enough: whether the exact count is needed shows when it is compared.
    fn knows_count(&self, draft: &Draft<'_>, what: &Counted) -> bool {
        if self.complete {
            return true;
        }
        if let Counted::Revokes(holder) = what {
            return draft.has_revoke(holder).is_ok();
        }
        let holder_is_absent = match what {
            Counted::Apis(_) | Counted::Roles(_) | Counted::Revokes(_) | Counted::Admins => false,
            Counted::RolePermissions(realm, role) => matches!(draft.role(*realm, role), Ok(None)),
            Counted::UserPermissions(realm, user) | Counted::UserRoles(realm, user) => {
                matches!(draft.user(*realm, user), Ok(None))
            }
        };
        holder_is_absent
            || self
                .count_key(what)
                .is_some_and(|key| self.counts.contains_key(&key))
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "called for the three edges only"
)]
fn knows_edge(draft: &Draft<'_>, key: &Key) -> bool {
    let permission_key = |realm: Realm, permission: &crate::PermissionRef| match draft
        .api_identified(realm, &permission.api)
    {
        Ok(Some((namespace, _))) => draft
            .permission(realm, namespace, permission)
            .map(|found| found.map(|(key, _)| key)),
        Ok(None) => Ok(None),
        Err(missing) => Err(missing),
    };
    let missing = || key.clone();
    let known = match key {
        Key::RolePermission {
            realm,
            role,
            permission,
        } => match (draft.role(*realm, role), permission_key(*realm, permission)) {
            (Ok(None), _) | (_, Ok(None)) => return true,
            (Ok(Some((role, _))), Ok(Some(permission))) => {
                draft.role_permission((role, permission), missing)
            }
            (Err(missing), _) | (_, Err(missing)) => Err(missing),
        },
        Key::UserPermission {
            realm,
            user,
            permission,
        } => match (draft.user(*realm, user), permission_key(*realm, permission)) {
            (Ok(None), _) | (_, Ok(None)) => return true,
            (Ok(Some((user, _))), Ok(Some(permission))) => {
                draft.user_permission((user, permission), missing)
            }
            (Err(missing), _) | (_, Err(missing)) => Err(missing),
        },
        Key::UserRole { realm, user, role } => {
            match (draft.user(*realm, user), draft.role(*realm, role)) {
                (Ok(None), _) | (_, Ok(None)) => return true,
                (Ok(Some((user, _))), Ok(Some((role, _)))) => {
                    draft.user_role((user, role), missing)
                }
                (Err(missing), _) | (_, Err(missing)) => Err(missing),
            }
        }
        _ => return false,
    };
    known.is_ok()
}
