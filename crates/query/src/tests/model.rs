//! Who may do what, worked out plainly from facts: the whole set of ways after each entry.

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{Fact, Realm};

/// The names of a question, in one realm.
pub(super) type Named = (Realm, String, String, String);

/// A way, by keys: user, role if there is one, permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WayKey {
    pub(super) user: u64,
    pub(super) role: Option<u64>,
    pub(super) permission: u64,
}

/// What a fold of facts has come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    at: u64,
    /// What nouns were ever called; names never change.
    users: BTreeMap<u64, (Realm, String)>,
    roles: BTreeMap<u64, (Realm, String)>,
    apis: BTreeMap<u64, (Realm, String)>,
    permissions: BTreeMap<u64, (u64, String)>,
    /// The entries that ended nouns.
    pub(super) ended: BTreeMap<u64, u64>,
    role_permissions: BTreeSet<(u64, u64)>,
    user_permissions: BTreeSet<(u64, u64)>,
    user_roles: BTreeSet<(u64, u64)>,
    /// What is open, with the entry that opened it.
    pub(super) ways: BTreeMap<WayKey, u64>,
    pub(super) of_roles: BTreeMap<(u64, u64), u64>,
    /// What was lost last for each question: when, and the ways with the entries that opened them.
    pub(super) lost: BTreeMap<Named, (u64, BTreeMap<WayKey, u64>)>,
}

impl Model {
    /// Takes the facts of the next entry.
    pub(super) fn take(&mut self, facts: &[Fact]) {
        self.at += 1;
        for fact in facts {
            self.apply(fact);
        }
        let (ways, of_roles) = (self.open_ways(), self.open_of_roles());
        let before = std::mem::take(&mut self.ways);
        let mut lost: BTreeMap<Named, BTreeMap<WayKey, u64>> = BTreeMap::new();
        for (way, opened) in &before {
            if !ways.contains(way) {
                let named = self.named(way);
                lost.entry(named).or_default().insert(*way, *opened);
            }
        }
        for (named, ways) in lost {
            self.lost.insert(named, (self.at, ways));
        }
        let at = self.at;
        self.ways = ways
            .into_iter()
            .map(|way| (way, before.get(&way).copied().unwrap_or(at)))
            .collect();
        let were = std::mem::take(&mut self.of_roles);
        self.of_roles = of_roles
            .into_iter()
            .map(|held| (held, were.get(&held).copied().unwrap_or(at)))
            .collect();
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what makes, ends or renames no holder and no edge is nothing here"
    )]
    fn apply(&mut self, fact: &Fact) {
        let at = self.at;
        match fact {
            Fact::ApiCreated {
                key,
                realm,
                identifier,
                ..
            } => {
                self.apis.insert(key.get(), (*realm, identifier.clone()));
            }
            Fact::ApiDeleted { api, .. } => {
                self.ended.insert(api.key.get(), at);
            }
            Fact::PermissionDefined {
                permission,
                namespace,
                ..
            } => {
                let row = (namespace.get(), permission.name.clone());
                self.permissions.insert(permission.key.get(), row);
            }
            Fact::PermissionRemoved { permission, .. } => {
                self.ended.insert(permission.key.get(), at);
            }
            Fact::RoleCreated { key, realm, id, .. } => {
                self.roles.insert(key.get(), (*realm, id.clone()));
            }
            Fact::RoleDeleted { role, .. } => {
                self.ended.insert(role.key.get(), at);
            }
            Fact::UserRegistered { key, realm, id, .. } => {
                self.users.insert(key.get(), (*realm, id.clone()));
            }
            Fact::UserDeleted { user, .. } => {
                self.ended.insert(user.key.get(), at);
            }
            Fact::RolePermissionGranted { role, permission } => {
                self.role_permissions
                    .insert((role.key.get(), permission.key.get()));
            }
            Fact::RolePermissionRevoked {
                role, permission, ..
            } => {
                self.role_permissions
                    .remove(&(role.key.get(), permission.key.get()));
            }
            Fact::UserPermissionGranted { user, permission } => {
                self.user_permissions
                    .insert((user.key.get(), permission.key.get()));
            }
            Fact::UserPermissionRevoked {
                user, permission, ..
            } => {
                self.user_permissions
                    .remove(&(user.key.get(), permission.key.get()));
            }
            Fact::UserRoleAssigned { user, role } => {
                self.user_roles.insert((user.key.get(), role.key.get()));
            }
            Fact::UserRoleUnassigned { user, role, .. } => {
                self.user_roles.remove(&(user.key.get(), role.key.get()));
            }
            _ => {}
        }
    }

    fn is_alive(&self, key: u64) -> bool {
        !self.ended.contains_key(&key)
    }

    fn permission_lives(&self, key: u64) -> bool {
        self.is_alive(key) && self.is_alive(self.permissions[&key].0)
    }

    fn open_of_roles(&self) -> BTreeSet<(u64, u64)> {
        let held = self.role_permissions.iter().copied();
        held.filter(|(role, permission)| self.is_alive(*role) && self.permission_lives(*permission))
            .collect()
    }

    fn open_ways(&self) -> BTreeSet<WayKey> {
        let mut ways = BTreeSet::new();
        for (user, permission) in self.user_permissions.iter().copied() {
            if self.is_alive(user) && self.permission_lives(permission) {
                ways.insert(WayKey {
                    user,
                    role: None,
                    permission,
                });
            }
        }
        for (user, role) in self.user_roles.iter().copied() {
            for (holder, permission) in self.open_of_roles() {
                if holder == role && self.is_alive(user) {
                    ways.insert(WayKey {
                        user,
                        role: Some(role),
                        permission,
                    });
                }
            }
        }
        ways
    }

    pub(super) fn named(&self, way: &WayKey) -> Named {
        let (realm, user) = self.users[&way.user].clone();
        let (permission, resource) = self.held(way.permission);
        (realm, user, permission, resource)
    }

    /// The names of a permission and of its API.
    pub(super) fn held(&self, permission: u64) -> (String, String) {
        let (api, name) = &self.permissions[&permission];
        (name.clone(), self.apis[api].1.clone())
    }

    pub(super) fn role(&self, key: u64) -> (Realm, String) {
        self.roles[&key].clone()
    }

    /// The open ways of each question that has any.
    pub(super) fn by_name(&self) -> BTreeMap<Named, BTreeMap<WayKey, u64>> {
        let mut all: BTreeMap<Named, BTreeMap<WayKey, u64>> = BTreeMap::new();
        for (way, opened) in &self.ways {
            all.entry(self.named(way))
                .or_default()
                .insert(*way, *opened);
        }
        all
    }
}
