//! Who may do what, worked out plainly from facts: the whole of it after each entry.
//!
//! It says the rules once more, in another way than the code that it judges: every way there is, not
//! one question's, and over sets in memory.

mod camunda;
mod edges;

use std::collections::{BTreeMap, BTreeSet};

use writ_domain::{Fact, Realm};

pub(super) use self::camunda::{Authorized, BITS, Camunda, RESOURCE_TYPES};
pub(super) use self::edges::Change;

/// A question: subject, permission, resource.
pub(super) type Asked = [String; 3];

/// A way by edges, by keys: user, role if there is one, permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WayKey {
    pub(super) user: u64,
    pub(super) role: Option<u64>,
    pub(super) permission: u64,
}

/// How somebody comes to be asked about: themselves, or as the same person as the one named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Person {
    /// The key of their link; 0 for the one named.
    pub(super) linked: u64,
    /// The realm in which the one named has the link.
    pub(super) named_in: Option<Realm>,
    pub(super) realm: Realm,
    pub(super) subject: String,
    /// The entry that made them the same person, as their links stand.
    pub(super) since: u64,
}

/// By what somebody may do something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Direct,
    Role(String),
    Group(String),
    Everyone,
}

/// A yes by one way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Yes {
    pub(super) person: Person,
    pub(super) by: By,
    /// Of Camunda's realm: the authorization.
    pub(super) authorization: Option<String>,
    pub(super) opened: u64,
}

/// Edges, with the entries since which they are there.
type Edges = BTreeMap<(u64, u64), u64>;

/// What a fold of facts has come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    at: u64,
    users: BTreeMap<u64, (Realm, String)>,
    roles: BTreeMap<u64, (Realm, String)>,
    apis: BTreeMap<u64, (Realm, String)>,
    /// What permissions are called now.
    permissions: BTreeMap<u64, (u64, String)>,
    /// The entries that ended nouns.
    pub(super) ended: BTreeMap<u64, u64>,
    /// The entries that took a permission's name from it.
    pub(super) renamed: BTreeSet<u64>,
    role_permissions: Edges,
    user_permissions: Edges,
    user_roles: Edges,
    /// By key: the link, who has it, since when.
    links: BTreeMap<u64, (u64, Realm, String, u64)>,
    pub(super) camunda: Camunda,
    /// The open ways of each name, with the entries that opened them.
    by_name: BTreeMap<(Realm, Asked), BTreeMap<WayKey, u64>>,
}

impl Model {
    /// Takes the facts of the next entry.
    pub(super) fn take(&mut self, facts: &[Fact]) {
        self.at += 1;
        let edges = |of: &Self| {
            let (one, two) = (of.role_permissions.clone(), of.user_permissions.clone());
            [one, two, of.user_roles.clone()]
        };
        let before = edges(self);
        self.camunda.begin();
        for fact in facts {
            self.apply(fact);
            self.camunda.apply(fact, self.at);
        }
        self.camunda.end(self.at);
        let now = [
            &mut self.role_permissions,
            &mut self.user_permissions,
            &mut self.user_roles,
        ];
        for (before, now) in before.into_iter().zip(now) {
            keep_since(&before, now);
        }
        self.by_name = BTreeMap::new();
        for (way, opened) in self.ways() {
            let ways = self.by_name.entry(self.named(&way)).or_default();
            ways.insert(way, opened);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what makes, ends or renames no holder and no edge is nothing here"
    )]
    #[expect(clippy::too_many_lines, reason = "flat: an arm a fact")]
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
            Fact::PermissionRenamed { permission, after } => {
                self.permissions.get_mut(&permission.key.get()).unwrap().1 = after.clone();
                self.renamed.insert(at);
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
                let edge = (role.key.get(), permission.key.get());
                self.role_permissions.insert(edge, at);
            }
            Fact::RolePermissionRevoked {
                role, permission, ..
            } => {
                let edge = (role.key.get(), permission.key.get());
                self.role_permissions.remove(&edge);
            }
            Fact::UserPermissionGranted { user, permission } => {
                let edge = (user.key.get(), permission.key.get());
                self.user_permissions.insert(edge, at);
            }
            Fact::UserPermissionRevoked {
                user, permission, ..
            } => {
                let edge = (user.key.get(), permission.key.get());
                self.user_permissions.remove(&edge);
            }
            Fact::UserRoleAssigned { user, role } => {
                self.user_roles.insert((user.key.get(), role.key.get()), at);
            }
            Fact::UserRoleUnassigned { user, role, .. } => {
                self.user_roles.remove(&(user.key.get(), role.key.get()));
            }
            Fact::SubjectLinked { key, link, subject } => {
                let row = (link.get(), subject.realm, subject.id.clone(), at);
                self.links.insert(key.get(), row);
            }
            Fact::SubjectUnlinked { key, .. } => {
                self.links.remove(&key.get());
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

    /// What roles hold, since when.
    pub(super) fn of_roles(&self) -> impl Iterator<Item = ((u64, u64), u64)> {
        let held = self.role_permissions.iter().map(|(edge, at)| (*edge, *at));
        held.filter(|((role, permission), _)| {
            self.is_alive(*role) && self.permission_lives(*permission)
        })
    }

    /// Every open way by edges, with the entry that opened it.
    pub(super) fn ways(&self) -> BTreeMap<WayKey, u64> {
        let mut ways = BTreeMap::new();
        for ((user, permission), since) in &self.user_permissions {
            if self.is_alive(*user) && self.permission_lives(*permission) {
                let (user, permission) = (*user, *permission);
                let role = None;
                ways.insert(
                    WayKey {
                        user,
                        role,
                        permission,
                    },
                    *since,
                );
            }
        }
        let mut of_roles: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
        for ((role, permission), held) in self.of_roles() {
            of_roles.entry(role).or_default().push((permission, held));
        }
        for ((user, role), assigned) in &self.user_roles {
            for (permission, held) in of_roles.get(role).into_iter().flatten() {
                if self.is_alive(*user) {
                    let (user, role, permission) = (*user, Some(*role), *permission);
                    ways.insert(
                        WayKey {
                            user,
                            role,
                            permission,
                        },
                        *held.max(assigned),
                    );
                }
            }
        }
        ways
    }

    /// The user of a way, its permission and the API of that, by their names.
    pub(super) fn named(&self, way: &WayKey) -> (Realm, Asked) {
        let (realm, user) = self.users[&way.user].clone();
        let (permission, resource) = self.held(way.permission);
        (realm, [user, permission, resource])
    }

    /// The names of a permission and of its API.
    pub(super) fn held(&self, permission: u64) -> (String, String) {
        let (api, name) = &self.permissions[&permission];
        (name.clone(), self.apis[api].1.clone())
    }

    pub(super) fn role(&self, key: u64) -> (Realm, String) {
        self.roles[&key].clone()
    }

    /// The users that are there, by realm and id.
    pub(super) fn user(&self, realm: Realm, id: &str) -> Option<u64> {
        let mut found = self
            .users
            .iter()
            .filter(|(key, (of, name))| self.is_alive(**key) && *of == realm && name == id);
        found.next().map(|(key, _)| *key)
    }

    /// The groups of a user of Camunda's.
    pub(super) fn groups_of(&self, user: &str) -> BTreeMap<u64, (String, u64)> {
        let key = self.user(Realm::Camunda, user);
        key.map(|key| self.camunda.groups_of(key))
            .unwrap_or_default()
    }

    /// Who a user of this key is, if it is there.
    pub(super) fn live_user(&self, key: u64) -> Option<&str> {
        let (_, id) = self.users.get(&key)?;
        self.is_alive(key).then_some(id.as_str())
    }

    /// Who is asked about when somebody of this name is.
    pub(super) fn persons(&self, name: &str, known: &[Realm], answering: &[Realm]) -> Vec<Person> {
        let own = answering.iter().filter(|realm| known.contains(realm));
        let own = own.map(|realm| Person {
            linked: 0,
            named_in: None,
            realm: *realm,
            subject: name.to_owned(),
            since: 0,
        });
        let mut persons: Vec<Person> = own.collect();
        for (link, named_in, named, since) in self.links.values() {
            if named != name || !known.contains(named_in) {
                continue;
            }
            for (key, (other_link, realm, subject, other_since)) in &self.links {
                let is_named = subject == name && known.contains(realm);
                if other_link == link && !is_named && answering.contains(realm) {
                    persons.push(Person {
                        linked: *key,
                        named_in: Some(*named_in),
                        realm: *realm,
                        subject: subject.clone(),
                        since: *since.max(other_since),
                    });
                }
            }
        }
        persons
    }

    /// Every way by which the question is answered with yes, of every realm and person.
    pub(super) fn yes(&self, asked: &Asked, known: &[Realm], answering: &[Realm]) -> Vec<Yes> {
        let mut all = Vec::new();
        for person in self.persons(&asked[0], known, answering) {
            if person.realm == Realm::Camunda {
                let verdict = self.verdict(&person.subject, asked);
                if let Some(row) = verdict.filter(|row| row.allows) {
                    all.push(row.yes(person));
                }
                continue;
            }
            let [_, permission, resource] = asked.clone();
            let name = (person.realm, [person.subject.clone(), permission, resource]);
            for (way, opened) in self.by_name.get(&name).into_iter().flatten() {
                all.push(Yes {
                    person: person.clone(),
                    by: way
                        .role
                        .map_or(By::Direct, |role| By::Role(self.role(role).1)),
                    authorization: None,
                    opened: person.since.max(*opened),
                });
            }
        }
        all
    }

    /// What Camunda's rules say of a subject; nothing matched where there is nothing.
    pub(super) fn verdict(&self, subject: &str, asked: &Asked) -> Option<Authorized> {
        let [_, permission, resource] = asked;
        self.camunda
            .verdict(subject, &self.groups_of(subject), permission, resource)
    }

    /// The one that a check tells: the one named before others, by realm, then who was linked first;
    /// direct before any role, an older role before a newer one.
    pub(super) fn answer(
        &self,
        asked: &Asked,
        known: &[Realm],
        answering: &[Realm],
    ) -> Option<Yes> {
        let rank = |yes: &Yes| {
            let realm = answering
                .iter()
                .position(|realm| *realm == yes.person.realm);
            (yes.person.linked > 0, realm, yes.person.linked)
        };
        let all = self.yes(asked, known, answering);
        let first = all.iter().map(rank).min()?;
        let mut all: Vec<Yes> = all.into_iter().filter(|yes| rank(yes) == first).collect();
        // Of several links of the one named, the oldest counts.
        let since = all.iter().map(|yes| yes.person.since).min()?;
        all.retain(|yes| yes.person.since == since);
        // The ways of one person come in the order of their roles.
        Some(all.remove(0))
    }
}

/// What was there before and is there again has never gone.
fn keep_since(before: &Edges, now: &mut Edges) {
    for (edge, since) in now {
        if let Some(was) = before.get(edge) {
            *since = *was;
        }
    }
}
