//! What rules of guards, admins and links may ask of a draft.

use std::collections::BTreeSet;

use super::{Draft, Found, Missing};
use crate::state::{Lookup, RolePermission};
use crate::{
    Admin, AdminKey, Key, LinkKey, LinkedSubject, LinkedSubjectKey, Namespace, NamespaceKey,
    Permission, PermissionKey, Realm, Role, RoleKey, SubjectRef, TenantSeq,
};

impl Draft<'_> {
    /// Every API of a realm, by identifier.
    pub(crate) fn apis_of(&self, realm: Realm) -> Result<Vec<(NamespaceKey, &Namespace)>, Missing> {
        if !self.base.complete && !self.base.full_realms.contains(&realm) {
            return Err(Missing(Key::Apis { realm }));
        }
        let first = Lookup::NamespaceIdentifier(realm, String::new());
        let here = |lookup: &&Lookup| matches!(lookup, Lookup::NamespaceIdentifier(other, _) if *other == realm);
        let mut apis = Vec::new();
        for lookup in self.lookups_from(&first, here) {
            let missing = || Key::Apis { realm };
            if let Some((key, slot)) = self.find(lookup, NamespaceKey::from_stored, missing)? {
                apis.push((key, &slot.row));
            }
        }
        Ok(apis)
    }

    /// The permission of this id, and its namespace.
    pub(crate) fn permission_identified(
        &self,
        realm: Realm,
        id: &str,
    ) -> Result<Option<(PermissionKey, &Permission, &Namespace)>, Missing> {
        let missing = || Key::permission_id(realm, id);
        let lookup = Lookup::PermissionId(id.to_owned());
        let found: Found<'_, Permission> =
            self.find(&lookup, PermissionKey::from_stored, missing)?;
        let Some((key, slot)) = found else {
            return Ok(None);
        };
        // A permission whose namespace ended is not there.
        let namespace = self.known::<Namespace>(slot.row.namespace);
        let namespace = namespace.or_missing(missing)?;
        Ok(namespace
            .filter(|namespace| namespace.row.realm == realm)
            .map(|namespace| (key, &slot.row, &namespace.row)))
    }

    /// The role of this name in a guard.
    pub(crate) fn guard_role(
        &self,
        realm: Realm,
        guard: &str,
        name: &str,
    ) -> Result<Option<RoleKey>, Missing> {
        let lookup = Lookup::GuardRole(realm, guard.to_owned(), name.to_owned());
        let missing = || Key::guard_role(realm, guard, name);
        let found = self.found(&lookup).or_missing(missing)?;
        Ok(found.map(RoleKey::from_stored))
    }

    /// Every live permission that a role holds, and the entry that gave it.
    pub(crate) fn holdings_of(
        &self,
        role: RoleKey,
        missing: impl Fn() -> Key,
    ) -> Result<Vec<(PermissionKey, &Permission, TenantSeq)>, Missing> {
        let fresh = self.present::<Role>(role).is_some_and(|slot| slot.fresh);
        if !self.base.complete && !self.base.full_roles.contains(&role) && !fresh {
            return Err(Missing(missing()));
        }
        let first = (role, PermissionKey::from_stored(0));
        let mut keys = BTreeSet::new();
        for table in [
            &self.base.tables.role_permissions,
            &self.top.role_permissions,
        ] {
            let held = table
                .range(first..)
                .take_while(|((holder, _), _)| *holder == role);
            keys.extend(held.map(|(key, _)| *key));
        }
        let held = |key: (RoleKey, PermissionKey)| {
            let edge = self.present::<RolePermission>(key)?;
            let permission = self.present::<Permission>(key.1)?;
            self.present::<Namespace>(permission.row.namespace)?;
            Some((key.1, &permission.row, edge.changed))
        };
        Ok(keys.into_iter().filter_map(held).collect())
    }

    /// The admin of this id.
    pub(crate) fn admin(&self, id: &str) -> Result<Found<'_, Admin>, Missing> {
        let lookup = Lookup::AdminId(id.to_owned());
        self.find(&lookup, AdminKey::from_stored, || Key::admin(id))
    }

    /// The admin of this e-mail address.
    pub(crate) fn admin_addressed(&self, email: &str) -> Result<Found<'_, Admin>, Missing> {
        let lookup = Lookup::AdminEmail(email.to_owned());
        self.find(&lookup, AdminKey::from_stored, || Key::admin_email(email))
    }

    /// The subject among those that are linked.
    pub(crate) fn linked(&self, subject: &SubjectRef) -> Result<Found<'_, LinkedSubject>, Missing> {
        let lookup = Lookup::Linked(subject.realm, subject.id.clone());
        let missing = || Key::linked(subject);
        self.find(&lookup, LinkedSubjectKey::from_stored, missing)
    }

    /// All that have a link, of which one is known: they are learned together.
    pub(crate) fn members_of(
        &self,
        link: LinkKey,
        missing: impl Fn() -> Key,
    ) -> Result<Vec<(LinkedSubjectKey, LinkedSubject, TenantSeq)>, Missing> {
        let first = Lookup::LinkMember(link, LinkedSubjectKey::from_stored(0));
        let here =
            |lookup: &&Lookup| matches!(lookup, Lookup::LinkMember(other, _) if *other == link);
        let mut members = Vec::new();
        for lookup in self.lookups_from(&first, here) {
            let found: Found<'_, LinkedSubject> =
                self.find(lookup, LinkedSubjectKey::from_stored, &missing)?;
            if let Some((key, slot)) = found {
                members.push((key, slot.row.clone(), slot.changed));
            }
        }
        Ok(members)
    }

    /// The names from `first` on, as long as `here`, in their order.
    fn lookups_from(&self, first: &Lookup, here: impl Fn(&&Lookup) -> bool) -> BTreeSet<&Lookup> {
        let mut names = BTreeSet::new();
        for lookups in [&self.base.lookups, &self.lookups] {
            let from = lookups.range(first..).map(|(lookup, _)| lookup);
            names.extend(from.take_while(&here));
        }
        names
    }
}
