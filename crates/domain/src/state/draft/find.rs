//! What a decision may ask of a draft. What is not known comes back as [`Missing`].

use std::collections::BTreeSet;

use super::{Draft, Found, Known, Missing};
use crate::state::{
    Cancelled, CommandState, CountKey, KeyUse, Kind, Lookup, RolePermission, UserPermission,
    UserRole,
};
use crate::{
    CommandId, Counted, Key, Namespace, NamespaceKey, NounRef, Permission, PermissionKey,
    PermissionRef, Realm, Role, RoleKey, TenantSeq, User, UserKey,
};

impl Draft<'_> {
    /// The API of this id or identifier.
    pub(crate) fn api(&self, realm: Realm, handle: &str) -> Result<Found<'_, Namespace>, Missing> {
        let missing = || Key::api(realm, handle);
        let by_id = Lookup::NamespaceId(realm, handle.to_owned());
        if let Some(found) = self.find(&by_id, NamespaceKey::from_stored, missing)? {
            return Ok(Some(found));
        }
        self.api_identified(realm, handle)
    }

    /// The API of this identifier.
    pub(crate) fn api_identified(
        &self,
        realm: Realm,
        identifier: &str,
    ) -> Result<Found<'_, Namespace>, Missing> {
        let missing = || Key::api(realm, identifier);
        let lookup = Lookup::NamespaceIdentifier(realm, identifier.to_owned());
        self.find(&lookup, NamespaceKey::from_stored, missing)
    }

    /// The permission of this name in a namespace that is there.
    pub(crate) fn permission(
        &self,
        realm: Realm,
        namespace: NamespaceKey,
        permission: &PermissionRef,
    ) -> Result<Found<'_, Permission>, Missing> {
        let lookup = Lookup::Permission(namespace, permission.name.clone());
        if matches!(self.found(&lookup), Known::Unknown) && self.knows_all_permissions(namespace) {
            return Ok(None);
        }
        let missing = || Key::permission(realm, permission);
        self.find(&lookup, PermissionKey::from_stored, missing)
    }

    fn knows_all_permissions(&self, namespace: NamespaceKey) -> bool {
        self.base.complete
            || self.base.full.contains(&namespace)
            || self
                .present::<Namespace>(namespace)
                .is_some_and(|slot| slot.fresh)
    }

    /// Every permission of a namespace that is there, in the order of its list.
    pub(crate) fn permissions_of(
        &self,
        namespace: NamespaceKey,
        missing: impl Fn() -> Key,
    ) -> Result<Vec<(PermissionKey, &Permission)>, Missing> {
        if !self.knows_all_permissions(namespace) {
            return Err(Missing(missing()));
        }
        let first = Lookup::Permission(namespace, String::new());
        let here =
            |lookup: &&Lookup| matches!(lookup, Lookup::Permission(key, _) if *key == namespace);
        let mut names: BTreeSet<&Lookup> = BTreeSet::new();
        names.extend(
            self.base
                .lookups
                .range(&first..)
                .map(|(lookup, _)| lookup)
                .take_while(here),
        );
        names.extend(
            self.lookups
                .range(&first..)
                .map(|(lookup, _)| lookup)
                .take_while(here),
        );
        let mut permissions = Vec::new();
        for lookup in names {
            if let Some((key, slot)) = self.find(lookup, PermissionKey::from_stored, &missing)? {
                permissions.push((key, &slot.row));
            }
        }
        permissions.sort_by_key(|(key, row): &(PermissionKey, &Permission)| (row.ordinal, *key));
        Ok(permissions)
    }

    /// The role of this id.
    pub(crate) fn role(&self, realm: Realm, role: &str) -> Result<Found<'_, Role>, Missing> {
        let lookup = Lookup::RoleId(realm, role.to_owned());
        self.find(&lookup, RoleKey::from_stored, || Key::role(realm, role))
    }

    /// Whether a role has this name, and which.
    pub(crate) fn role_named(&self, realm: Realm, name: &str) -> Result<Option<RoleKey>, Missing> {
        let missing = || Key::role_named(realm, name);
        let lookup = Lookup::RoleName(realm, name.to_owned());
        let found = self.found(&lookup).or_missing(missing)?;
        Ok(found.map(RoleKey::from_stored))
    }

    /// The user of this id.
    pub(crate) fn user(&self, realm: Realm, user: &str) -> Result<Found<'_, User>, Missing> {
        let lookup = Lookup::UserId(realm, user.to_owned());
        self.find(&lookup, UserKey::from_stored, || Key::user(realm, user))
    }

    fn edge<K: Kind>(
        &self,
        key: K::Key,
        fresh: bool,
        missing: impl Fn() -> Key,
    ) -> Result<Option<TenantSeq>, Missing> {
        match self.known::<K>(key) {
            Known::Unknown if fresh => Ok(None),
            known @ (Known::Unknown | Known::Absent | Known::There(_)) => {
                Ok(known.or_missing(missing)?.map(|slot| slot.changed))
            }
        }
    }

    pub(super) fn fresh<K: Kind>(&self, key: K::Key) -> bool {
        self.present::<K>(key).is_some_and(|slot| slot.fresh)
    }

    /// The entry that gave the role the permission, if it holds it.
    pub(crate) fn role_permission(
        &self,
        key: (RoleKey, PermissionKey),
        missing: impl Fn() -> Key,
    ) -> Result<Option<TenantSeq>, Missing> {
        let known = self.fresh::<Role>(key.0)
            || self.fresh::<Permission>(key.1)
            || self.base.full_roles.contains(&key.0);
        self.edge::<RolePermission>(key, known, missing)
    }

    /// The entry that gave the user the permission, if it holds it directly.
    pub(crate) fn user_permission(
        &self,
        key: (UserKey, PermissionKey),
        missing: impl Fn() -> Key,
    ) -> Result<Option<TenantSeq>, Missing> {
        let fresh = self.fresh::<User>(key.0) || self.fresh::<Permission>(key.1);
        self.edge::<UserPermission>(key, fresh, missing)
    }

    /// The entry that gave the user the role, if it has it.
    pub(crate) fn user_role(
        &self,
        key: (UserKey, RoleKey),
        missing: impl Fn() -> Key,
    ) -> Result<Option<TenantSeq>, Missing> {
        let fresh = self.fresh::<User>(key.0) || self.fresh::<Role>(key.1);
        self.edge::<UserRole>(key, fresh, missing)
    }

    /// Whether there are more than `limit` now. Asks for the exact count only where the bound
    /// does not answer.
    ///
    /// What a command removes together with its container makes room for the next command, not
    /// for the rest of the same one: so the answer needs no count of a state that is not stored.
    pub(crate) fn exceeds(
        &self,
        what: CountKey,
        limit: u32,
        counted: impl Fn() -> Counted,
    ) -> Result<bool, Missing> {
        let tally = self.counted.get(&what).copied().unwrap_or(0);
        let fresh = match what {
            CountKey::Apis(_) | CountKey::Roles(_) | CountKey::Admins => false,
            CountKey::RolePermissions(role) => self.fresh::<Role>(role),
            CountKey::UserPermissions(user) | CountKey::UserRoles(user) => self.fresh::<User>(user),
        };
        let known = self.base.counts.get(&what).copied();
        let (at_most, exact) = match known {
            Some(bound) => (bound.at_most, bound.endings == self.base.endings),
            None if fresh || self.base.complete => (0, true),
            None => return Err(Missing(Key::Count(counted()))),
        };
        let exceeds = |count: u64| count.saturating_add_signed(tally) > u64::from(limit);
        if !exceeds(at_most) {
            return Ok(false);
        }
        if exact {
            return Ok(true);
        }
        if self.base.complete {
            return Ok(exceeds(self.base.count_live(what)));
        }
        Err(Missing(Key::Count(counted())))
    }

    /// When the noun changed last; zero if never.
    pub(crate) fn last_changed(&self, noun: &NounRef) -> Result<TenantSeq, Missing> {
        match self.base.last_changed.get(noun) {
            Some(seq) => Ok(*seq),
            None if self.base.complete => Ok(TenantSeq::ZERO),
            None => Err(Missing(Key::LastChanged(noun.clone()))),
        }
    }

    /// What is known of a command's fate.
    pub(crate) fn command(&self, command: CommandId) -> Result<CommandState, Missing> {
        match self.base.commands.get(&command) {
            Some(state) => Ok(*state),
            None if self.base.complete => Ok(CommandState::Unseen),
            None => Err(Missing(Key::Command(command))),
        }
    }

    /// The cancel of a command that is not decided.
    pub(crate) fn cancelled(&self, command: CommandId) -> Result<Option<TenantSeq>, Missing> {
        self.edge::<Cancelled>(command, false, || Key::Command(command))
    }

    /// Who used an idempotency key last.
    pub(crate) fn idempotency_key(
        &self,
        caller: &str,
        key: &str,
    ) -> Result<Option<&KeyUse>, Missing> {
        match self
            .base
            .idempotency_keys
            .get(&(caller.to_owned(), key.to_owned()))
        {
            Some(used) => Ok(used.as_ref()),
            None if self.base.complete => Ok(None),
            None => {
                let (caller, key) = (caller.to_owned(), key.to_owned());
                Err(Missing(Key::IdempotencyKey { caller, key }))
            }
        }
    }
}
