//! Who holds what of Auth0's, worked out from the facts of the feed, as of each entry.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::readers::Holder;
use crate::faults::load::feed::Entry;
use crate::ledger::{list, number, text};

/// Permission, resource, and the role by which it is held, if by any.
pub(super) type Held = BTreeSet<(String, String, Option<String>)>;

/// What the facts so far come to. Keys are those that facts name.
#[derive(Debug, Default)]
struct Model {
    /// By realm and id.
    roles: BTreeMap<(String, String), u64>,
    users: BTreeMap<(String, String), u64>,
    role_ids: BTreeMap<u64, String>,
    /// The namespace, resource and name of each permission that there is.
    permissions: BTreeMap<u64, (u64, String, String)>,
    role_permissions: BTreeSet<(u64, u64)>,
    user_permissions: BTreeSet<(u64, u64)>,
    user_roles: BTreeSet<(u64, u64)>,
}

/// What an answer of `/v1/grants` says; nothing if that is not all.
pub(super) fn held(page: &Value) -> Option<Held> {
    let role = |via: &Value| match text(&via["type"]).as_str() {
        "direct" => None,
        "role" => Some(text(&via["role"])),
        other => panic!("held via {other}"),
    };
    let grants = list(&page["grants"]);
    let held = grants.iter().map(|grant| {
        (
            text(&grant["permission"]),
            text(&grant["resource"]),
            role(&grant["via"]),
        )
    });
    (page["more"] == false).then(|| held.collect())
}

/// Panics unless all that was answered is what the facts come to; `seen` is by entry.
pub(super) fn agree(entries: &[Entry], seen: &BTreeMap<(u64, Holder), Held>) {
    let mut model = Model::default();
    for entry in entries {
        for fact in &entry.facts {
            model.apply(fact);
        }
        let seq = entry.tenant_seq;
        let first = (seq, Holder::Role(String::new()));
        for ((at, holder), held) in seen.range(first..) {
            if *at != seq {
                break;
            }
            assert_eq!(held, &model.held(holder), "{holder:?} as of {seq}");
        }
    }
}

impl Model {
    fn apply(&mut self, fact: &Value) {
        let key = |name: &str| number(&fact[name]["key"]);
        match text(&fact["type"]).as_str() {
            "RoleCreated" => {
                self.role_ids
                    .insert(number(&fact["key"]), text(&fact["id"]));
                self.roles.insert(name(fact), number(&fact["key"]));
            }
            "RoleDeleted" => {
                let gone = key("role");
                self.roles.retain(|_, role| *role != gone);
                self.role_permissions.retain(|(role, _)| *role != gone);
                self.user_roles.retain(|(_, role)| *role != gone);
            }
            "UserRegistered" => {
                self.users.insert(name(fact), number(&fact["key"]));
            }
            "PermissionDefined" => {
                let permission = &fact["permission"];
                let (api, name) = (text(&permission["api"]), text(&permission["name"]));
                let row = (number(&fact["namespace"]), api, name);
                self.permissions.insert(key("permission"), row);
            }
            "PermissionRemoved" => {
                self.permissions.remove(&key("permission"));
            }
            "ApiDeleted" => {
                let gone = key("api");
                self.permissions.retain(|_, (api, _, _)| *api != gone);
            }
            "RolePermissionGranted" => {
                self.role_permissions
                    .insert((key("role"), key("permission")));
            }
            "RolePermissionRevoked" => {
                self.role_permissions
                    .remove(&(key("role"), key("permission")));
            }
            "UserPermissionGranted" => {
                self.user_permissions
                    .insert((key("user"), key("permission")));
            }
            "UserPermissionRevoked" => {
                self.user_permissions
                    .remove(&(key("user"), key("permission")));
            }
            "UserRoleAssigned" => {
                self.user_roles.insert((key("user"), key("role")));
            }
            "UserRoleUnassigned" => {
                self.user_roles.remove(&(key("user"), key("role")));
            }
            "UserDeleted" | "PermissionRenamed" => panic!("nobody asks for that: {fact}"),
            _changes_no_grant => {}
        }
    }

    fn held(&self, holder: &Holder) -> Held {
        let auth0 = |id: &String| ("auth0".to_owned(), id.clone());
        match holder {
            Holder::Role(id) => {
                let Some(role) = self.roles.get(&auth0(id)) else {
                    return Held::new();
                };
                self.named(&self.role_permissions, *role, None).collect()
            }
            Holder::User(id) => {
                let Some(user) = self.users.get(&auth0(id)) else {
                    return Held::new();
                };
                let roles = self.user_roles.range((*user, 0)..=(*user, u64::MAX));
                let by_role = roles.flat_map(|(_, role)| {
                    let id = self.role_ids.get(role).cloned();
                    self.named(&self.role_permissions, *role, id)
                });
                by_role
                    .chain(self.named(&self.user_permissions, *user, None))
                    .collect()
            }
        }
    }

    /// The permissions that one holds which are still there.
    fn named(
        &self,
        edges: &BTreeSet<(u64, u64)>,
        holder: u64,
        via: Option<String>,
    ) -> impl Iterator<Item = (String, String, Option<String>)> {
        let edges = edges.range((holder, 0)..=(holder, u64::MAX));
        edges.filter_map(move |(_, permission)| {
            let (_, resource, name) = self.permissions.get(permission)?;
            Some((name.clone(), resource.clone(), via.clone()))
        })
    }
}

fn name(fact: &Value) -> (String, String) {
    (text(&fact["realm"]), text(&fact["id"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A role that is granted a permission by entry 2, which ends with entry 3.
    fn entries() -> Vec<Entry> {
        let permission = json!({"api": "https://a/", "key": 11, "name": "read", "realm": "auth0"});
        let role = json!({"id": "r", "key": 12, "realm": "auth0"});
        let facts = [
            json!([
                {"type": "PermissionDefined", "permission": permission, "namespace": 10},
                {"type": "RoleCreated", "id": "r", "key": 12, "realm": "auth0"},
            ]),
            json!([{"type": "RolePermissionGranted", "role": role, "permission": permission}]),
            json!([{"type": "PermissionRemoved", "permission": permission, "namespace": 10}]),
        ];
        let entry = |(tenant_seq, facts): (u64, &Value)| Entry {
            position: format!("0-{tenant_seq}"),
            tenant_seq,
            command_id: None,
            kind: None,
            request_id: None,
            outcome: json!({"type": "applied"}),
            facts: list(facts),
            hash: String::new(),
        };
        (1..).zip(&facts).map(entry).collect()
    }

    fn seen(seqs: impl IntoIterator<Item = u64>) -> BTreeMap<(u64, Holder), Held> {
        let grants = json!([{
            "permission": "read", "resource": "https://a/", "via": {"type": "direct"},
        }]);
        let shown = held(&json!({"grants": grants, "more": false})).expect("all of them");
        let holder = Holder::Role("r".to_owned());
        let seqs = seqs.into_iter();
        seqs.map(|seq| ((seq, holder.clone()), shown.clone()))
            .collect()
    }

    #[test]
    fn what_is_held_is_what_the_facts_come_to() {
        agree(&entries(), &seen([2]));
    }

    #[test]
    #[should_panic(expected = "as of 1")]
    fn an_answer_one_entry_early_is_noticed() {
        agree(&entries(), &seen([1, 2]));
    }

    #[test]
    #[should_panic(expected = "as of 3")]
    fn a_grant_that_outlives_its_permission_is_noticed() {
        agree(&entries(), &seen([2, 3]));
    }
}
