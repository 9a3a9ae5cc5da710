//! What one entry changed: the difference that the store persists.

use super::apply::Contradiction;
use super::{
    Bound, Cancelled, CommandState, Draft, GroupMember, KeyUse, Kind, Password, RolePermission,
    Slot, State, Tables, UserPermission, UserRole,
};
use crate::decide::Settled;
use crate::{
    Admin, Authorization, CamundaSettings, Fact, Group, LinkedSubject, Namespace, NounRef,
    Permission, Placement, Role, Submission, TenantSeq, User,
};

/// The net difference that one entry made to one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<K: Kind> {
    /// Which row.
    pub key: K::Key,
    /// The row before, and the entry that had written it.
    pub before: Option<(K, TenantSeq)>,
    /// The row after.
    pub after: Option<K>,
}

/// The net differences that one entry made, by key. Rows that end as they were are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Namespaces.
    pub namespaces: Vec<Change<Namespace>>,
    /// Permissions.
    pub permissions: Vec<Change<Permission>>,
    /// Roles.
    pub roles: Vec<Change<Role>>,
    /// Users.
    pub users: Vec<Change<User>>,
    /// Which roles hold which permissions.
    pub role_permissions: Vec<Change<RolePermission>>,
    /// Which users hold which permissions directly.
    pub user_permissions: Vec<Change<UserPermission>>,
    /// Which users have which roles.
    pub user_roles: Vec<Change<UserRole>>,
    /// Admins of Nest Auth's console.
    pub admins: Vec<Change<Admin>>,
    /// Who is linked with whom.
    pub linked_subjects: Vec<Change<LinkedSubject>>,
    /// Which commands were cancelled before they were decided.
    pub cancelled: Vec<Change<Cancelled>>,
    /// Groups.
    pub groups: Vec<Change<Group>>,
    /// Passwords.
    pub passwords: Vec<Change<Password>>,
    /// Which users are members of which groups.
    pub group_members: Vec<Change<GroupMember>>,
    /// Authorizations.
    pub authorizations: Vec<Change<Authorization>>,
    /// How Camunda's rules are to be read.
    pub camunda_settings: Vec<Change<CamundaSettings>>,
}

impl State {
    /// Takes in an entry: its facts, and what is remembered of its command.
    ///
    /// # Errors
    /// A [`Contradiction`] leaves the state as it was.
    pub fn settle(
        &mut self,
        submission: &Submission,
        placement: &Placement,
        settled: &Settled,
    ) -> Result<Changes, Contradiction> {
        let changes = self.apply(&settled.facts, placement.tenant_seq)?;
        let stamp = &submission.stamp;
        if settled.remembers_command {
            let decided = CommandState::Decided(placement.tenant_seq);
            self.commands.insert(stamp.command_id, decided);
        }
        if let Some(idempotency) = stamp.idempotency.as_ref().filter(|_| settled.holds_key) {
            let holder = (stamp.actor.caller().to_owned(), idempotency.key.clone());
            let used = KeyUse {
                fingerprint: idempotency.fingerprint,
                entry: placement.tenant_seq,
                time: placement.time,
            };
            self.idempotency_keys.insert(holder, Some(used));
        }
        Ok(changes)
    }

    /// Applies an entry's facts.
    ///
    /// # Errors
    /// A [`Contradiction`] leaves the state as it was.
    pub fn apply(&mut self, facts: &[Fact], at: TenantSeq) -> Result<Changes, Contradiction> {
        if facts.is_empty() {
            return Ok(Changes::default());
        }
        let mut draft = Draft::new(self, at);
        for fact in facts {
            draft.apply(fact)?;
        }
        let (top, tally, revokes, ended) = draft.into_parts();
        let changes = Changes {
            namespaces: self.difference(&top),
            permissions: self.difference(&top),
            roles: self.difference(&top),
            users: self.difference(&top),
            role_permissions: self.difference(&top),
            user_permissions: self.difference(&top),
            user_roles: self.difference(&top),
            admins: self.difference(&top),
            linked_subjects: self.difference(&top),
            cancelled: self.difference(&top),
            groups: self.difference(&top),
            passwords: self.difference(&top),
            group_members: self.difference(&top),
            authorizations: self.difference(&top),
            camunda_settings: self.difference(&top),
        };
        self.keep(top);
        for (what, by) in tally {
            let endings = self.endings;
            let known_from_start = self.complete || self.is_fresh(what);
            match self.counts.get_mut(&what) {
                Some(bound) => bound.at_most = bound.at_most.saturating_add_signed(by),
                // Nothing was known: a noun made here had none, of another it stays unknown.
                None if known_from_start => {
                    let at_most = u64::try_from(by).unwrap_or(0);
                    self.counts.insert(what, Bound { at_most, endings });
                }
                None => {}
            }
        }
        for (holder, by) in revokes {
            self.count_revokes(holder, by);
        }
        self.endings += u64::from(ended);
        for noun in facts.iter().flat_map(changed_nouns) {
            self.last_changed.insert(noun, at);
        }
        Ok(changes)
    }

    /// Notes that a holder has more revoking authorizations, or less. What is not known stays so.
    fn count_revokes(&mut self, holder: crate::Holder, by: i64) {
        if self.complete {
            let revokes = self.revokes.entry(holder).or_default();
            *revokes = revokes.saturating_add_signed(by);
        } else if let Some(revokes) = self.revokes.get_mut(&holder) {
            *revokes = revokes.saturating_add_signed(by);
        }
    }

    fn difference<K: Kind>(&self, top: &Tables) -> Vec<Change<K>> {
        let mut changes = Vec::new();
        for (key, slot) in K::table(top) {
            let before = K::table(&self.tables).get(key).and_then(Option::as_ref);
            let after = slot.as_ref().map(|slot| &slot.row);
            if before.map(|slot| &slot.row) != after {
                let before = before.map(|slot| (slot.row.clone(), slot.changed));
                changes.push(Change {
                    key: *key,
                    before,
                    after: after.cloned(),
                });
            }
        }
        changes
    }

    fn keep(&mut self, top: Tables) {
        self.keep_table::<Namespace>(top.namespaces);
        self.keep_table::<Permission>(top.permissions);
        self.keep_table::<Role>(top.roles);
        self.keep_table::<User>(top.users);
        self.keep_table::<RolePermission>(top.role_permissions);
        self.keep_table::<UserPermission>(top.user_permissions);
        self.keep_table::<UserRole>(top.user_roles);
        self.keep_table::<Admin>(top.admins);
        self.keep_table::<LinkedSubject>(top.linked_subjects);
        self.keep_table::<Cancelled>(top.cancelled);
        self.keep_table::<Group>(top.groups);
        self.keep_table::<Password>(top.passwords);
        self.keep_table::<GroupMember>(top.group_members);
        self.keep_table::<Authorization>(top.authorizations);
        self.keep_table::<CamundaSettings>(top.camunda_settings);
    }

    fn keep_table<K: Kind>(&mut self, rows: super::Table<K>) {
        for (key, slot) in rows {
            let before = K::table(&self.tables).get(&key).and_then(Option::as_ref);
            if before.map(|slot| &slot.row) == slot.as_ref().map(|slot| &slot.row) {
                // SUBTLE: taken and given again in one entry: nothing is written, so the row
                // keeps the entry that wrote it, which the next write will assert.
                if before.is_none() && !self.complete {
                    K::table_mut(&mut self.tables).insert(key, None);
                }
                continue;
            }
            self.replace(key, slot);
        }
    }

    /// Puts a row and its lookups in place.
    pub(super) fn replace<K: Kind>(&mut self, key: K::Key, slot: Option<Slot<K>>) {
        let before = K::table(&self.tables).get(&key).cloned().flatten();
        if let Some(before) = before {
            for (lookup, number) in K::lookups(key, &before.row) {
                if self.lookups.get(&lookup).copied().flatten() == Some(number) {
                    self.set_lookup(lookup, None);
                }
            }
        }
        if let Some(slot) = &slot {
            for (lookup, number) in K::lookups(key, &slot.row) {
                self.set_lookup(lookup, Some(number));
            }
        }
        if slot.is_none() && self.complete {
            K::table_mut(&mut self.tables).remove(&key);
        } else {
            K::table_mut(&mut self.tables).insert(key, slot);
        }
    }

    fn set_lookup(&mut self, lookup: super::Lookup, number: Option<u64>) {
        if number.is_none() && self.complete {
            self.lookups.remove(&lookup);
        } else {
            self.lookups.insert(lookup, number);
        }
    }
}

impl State {
    fn is_fresh(&self, what: super::CountKey) -> bool {
        fn fresh<K: Kind>(state: &State, key: K::Key) -> bool {
            let slot = K::table(&state.tables).get(&key).and_then(Option::as_ref);
            slot.is_some_and(|slot| slot.fresh)
        }
        match what {
            super::CountKey::Apis(_) | super::CountKey::Roles(_) | super::CountKey::Admins => false,
            super::CountKey::RolePermissions(role) => fresh::<Role>(self, role),
            super::CountKey::UserPermissions(user) | super::CountKey::UserRoles(user) => {
                fresh::<User>(self, user)
            }
        }
    }
}

/// The nouns that a fact changed.
pub(crate) fn changed_nouns(fact: &Fact) -> impl Iterator<Item = NounRef> {
    changed_noun(fact)
        .into_iter()
        .chain(changed_permission(fact))
}

/// The permission that a fact changed, where permissions are nouns of their own.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "changed_noun, below, names every fact"
)]
fn changed_permission(fact: &Fact) -> Option<NounRef> {
    match fact {
        Fact::PermissionDefined { permission, .. }
        | Fact::PermissionRenamed { permission, .. }
        | Fact::PermissionCategorized { permission, .. }
        | Fact::PermissionDescribed { permission, .. }
        | Fact::PermissionRemoved { permission, .. } => permission.noun(),
        _ => None,
    }
}

/// The noun that a fact changed; of a permission, its namespace.
fn changed_noun(fact: &Fact) -> Option<NounRef> {
    use crate::{NounKind, Realm};
    let noun = |realm: Realm, kind, id: &String| {
        Some(NounRef {
            realm,
            kind,
            id: id.clone(),
        })
    };
    match fact {
        Fact::ApiCreated {
            realm, identifier, ..
        } => noun(*realm, NounKind::Api, identifier),
        Fact::ApiRenamed { api, .. }
        | Fact::ApiSettingChanged { api, .. }
        | Fact::ApiPermissionsDeclared { api }
        | Fact::ApiPermissionsReordered { api, .. }
        | Fact::ApiDeleted { api, .. } => Some(api.noun()),
        Fact::PermissionDefined { permission, .. }
        | Fact::PermissionRenamed { permission, .. }
        | Fact::PermissionCategorized { permission, .. }
        | Fact::PermissionDescribed { permission, .. }
        | Fact::PermissionRemoved { permission, .. } => Some(permission.api_noun()),
        Fact::RoleCreated { realm, id, .. } => noun(*realm, NounKind::Role, id),
        Fact::RoleRenamed { role, .. }
        | Fact::RoleDescribed { role, .. }
        | Fact::RoleActivated { role }
        | Fact::RoleDeactivated { role }
        | Fact::RoleSaved { role }
        | Fact::RoleDeleted { role, .. }
        | Fact::RolePermissionGranted { role, .. }
        | Fact::RolePermissionRevoked { role, .. } => Some(role.noun()),
        Fact::UserRegistered { realm, id, .. } => noun(*realm, NounKind::User, id),
        Fact::UserProfileChanged { user, .. }
        | Fact::UserDeleted { user, .. }
        | Fact::UserPermissionGranted { user, .. }
        | Fact::UserPermissionRevoked { user, .. }
        | Fact::UserRoleAssigned { user, .. }
        | Fact::UserRoleUnassigned { user, .. }
        | Fact::UserPasswordSet { user, .. } => Some(user.noun()),
        Fact::GroupCreated { realm, id, .. } => noun(*realm, NounKind::Group, id),
        Fact::GroupRenamed { group, .. }
        | Fact::GroupKindChanged { group, .. }
        | Fact::GroupDeleted { group, .. }
        | Fact::GroupMemberAdded { group, .. }
        | Fact::GroupMemberRemoved { group, .. } => Some(group.noun()),
        Fact::AuthorizationCreated { authorization, .. } => {
            noun(Realm::Camunda, NounKind::Authorization, &authorization.id)
        }
        Fact::AuthorizationChanged { authorization, .. }
        | Fact::AuthorizationDeleted { authorization, .. } => Some(authorization.noun()),
        Fact::AdminCreated { id, .. } => noun(Realm::NestAuth, NounKind::Admin, id),
        Fact::AdminPasswordChanged { admin, .. }
        | Fact::AdminSessionsEnded { admin, .. }
        | Fact::AdminDeleted { admin, .. } => Some(admin.noun()),
        Fact::SubjectLinked { subject, .. } | Fact::SubjectUnlinked { subject, .. } => {
            Some(subject.noun())
        }
        Fact::CommandCancelled { .. } | Fact::CamundaConfigured { .. } => None,
    }
}
