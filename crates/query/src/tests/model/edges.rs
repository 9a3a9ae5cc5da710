//! The edges and authorizations that are there, and what an entry made of them.

use std::collections::BTreeMap;

use writ_domain::{Authorization, NounKind, NounRef, Realm};

use super::Model;

/// Which it is: its kind, and the keys of its ends.
type EdgeKey = (&'static str, u64, u64);

/// An edge as it is there.
struct Edge {
    /// Its ends by name; of an authorization, its terms.
    told: String,
    /// The user or the role that it is of.
    holder: Option<NounRef>,
    since: u64,
}

/// What an entry made of an edge: `+`, `~` or `-`, its kind and ends, and of what was there before
/// the entry that had opened it.
pub(in super::super) type Change = String;

/// Who lost an edge because what it led to ended.
pub(in super::super) type Lost = NounRef;

impl Model {
    /// What has become of the edges of the model before this one, and who lost some to the end of
    /// what these led to.
    pub(in super::super) fn changes_since(&self, before: &Self) -> (Vec<Change>, Vec<Lost>) {
        let (old, new) = (before.edges(), self.edges());
        let ways = self.ways();
        let (mut changes, mut lost) = (Vec::new(), Vec::new());
        for (key, edge) in &old {
            let (kind, of, to) = *key;
            match new.get(key) {
                None => {
                    let remains = (kind == "user_permission").then(|| {
                        let by_role = |way: &super::WayKey| {
                            way.user == of && way.permission == to && way.role.is_some()
                        };
                        ways.keys().any(by_role)
                    });
                    let remains = remains.map_or(String::new(), |yes| format!(" remains {yes}"));
                    changes.push(format!("- {kind} {} ({}){remains}", edge.told, edge.since));
                    lost.extend(edge.holder.clone().filter(|_| self.is_dangling(key)));
                }
                Some(now) if now.told != edge.told && kind == "authorization" => {
                    let line = format!("~ {kind} {} > {} ({})", edge.told, now.told, edge.since);
                    changes.push(line);
                }
                Some(_) => {}
            }
        }
        for ((kind, ..), edge) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            changes.push(format!("+ {kind} {}", edge.told));
        }
        changes.sort_unstable();
        (changes, lost)
    }

    /// Whether an edge that is there no longer was taken by no fact of its own.
    fn is_dangling(&self, (kind, of, to): &EdgeKey) -> bool {
        let edges = match *kind {
            "role_permission" => &self.role_permissions,
            "user_permission" => &self.user_permissions,
            "user_role" => &self.user_roles,
            _ => return self.camunda.is_member(*of, *to),
        };
        edges.contains_key(&(*of, *to))
    }

    fn edges(&self) -> BTreeMap<EdgeKey, Edge> {
        let mut edges = BTreeMap::new();
        let noun = |kind, (realm, id): (Realm, String)| Some(NounRef { realm, kind, id });
        for ((role, permission), since) in self.of_roles() {
            let (held, of) = (self.held(permission), self.role(role));
            let edge = Edge {
                told: format!("{} {} {}", of.1, held.1, held.0),
                holder: noun(NounKind::Role, of),
                since,
            };
            edges.insert(("role_permission", role, permission), edge);
        }
        for ((user, permission), since) in &self.user_permissions {
            if self.is_alive(*user) && self.permission_lives(*permission) {
                let (held, of) = (self.held(*permission), self.users[user].clone());
                let edge = Edge {
                    told: format!("{} {} {}", of.1, held.1, held.0),
                    holder: noun(NounKind::User, of),
                    since: *since,
                };
                edges.insert(("user_permission", *user, *permission), edge);
            }
        }
        for ((user, role), since) in &self.user_roles {
            if self.is_alive(*user) && self.is_alive(*role) {
                let of = self.users[user].clone();
                let edge = Edge {
                    told: format!("{} {}", of.1, self.role(*role).1),
                    holder: noun(NounKind::User, of),
                    since: *since,
                };
                edges.insert(("user_role", *user, *role), edge);
            }
        }
        for (user, of) in self.users.iter().filter(|(user, _)| self.is_alive(**user)) {
            for (group, (id, since)) in self.camunda.groups_of(*user) {
                let edge = Edge {
                    told: format!("{} {id}", of.1),
                    holder: noun(NounKind::User, of.clone()),
                    since,
                };
                edges.insert(("group_member", *user, group), edge);
            }
        }
        for (key, row) in &self.camunda.rows {
            let Authorization { id, terms, .. } = &row.authorization;
            let edge = Edge {
                told: format!("{id} {terms:?}"),
                holder: None,
                since: row.since,
            };
            edges.insert(("authorization", *key, 0), edge);
        }
        edges
    }
}
