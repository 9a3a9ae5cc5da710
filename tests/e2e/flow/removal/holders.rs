//! Those who hold a scope: very many users, made in batches, and a role.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use writ_tests::Client;

use crate::ledger::{self, Revision, encoded, list, number, text};

pub(super) const API: &str = "https://removal.example/";

/// Users in one command: registering and granting are two commands each, of a thousand at most.
const AT_ONCE: usize = 500;
/// Users whose lists are looked at.
const SAMPLE: usize = 7;

/// Users that hold `drop:it` directly, and a role that holds it and `keep:it`.
pub(super) struct Holders {
    pub(super) role: String,
    pub(super) granted_to_role: u64,
    /// By user, the entry of the grant.
    pub(super) granted_to: BTreeMap<String, u64>,
    /// The scope, as facts name it.
    pub(super) permission: Value,
    pub(super) api_key: u64,
    /// Has the role, and does not hold the scope directly.
    member: String,
}

pub(super) fn api_path() -> String {
    format!("/api/v2/resource-servers/{}", encoded(API))
}

fn user(number: usize) -> String {
    format!("auth0|holder-{number:05}")
}

fn user_path(user: &str) -> String {
    format!(
        "/api/v2/users/{}/permissions?include_totals=true",
        encoded(user)
    )
}

fn pairs(names: &[&str]) -> Value {
    let pair = |name: &&str| json!({"resource_server_identifier": API, "permission_name": name});
    json!({"permissions": names.iter().map(pair).collect::<Vec<_>>()})
}

/// Registers some users and grants them the scope, in one entry; its number.
async fn make_users(client: Client, users: Vec<String>) -> (u64, Vec<String>) {
    let realm = "auth0";
    let scope = json!([{"api": API, "name": "drop:it"}]);
    let register = |id: &String| json!({"type": "RegisterUser", "realm": realm, "id": id});
    let grant = |id: &String| json!({"type": "GrantUserPermissions", "realm": realm, "user": id, "permissions": scope});
    let batch: Vec<Value> = users
        .iter()
        .map(register)
        .chain(users.iter().map(grant))
        .collect();
    let answer = client
        .post("/v1/commands", &json!({"batch": batch}))
        .await
        .expect(200);
    (Revision::of(&answer).tenant_seq(), users)
}

impl Holders {
    pub(super) async fn make(client: &Client, count: usize) -> Self {
        let api = json!({"name": "Removal", "identifier": API, "scopes": [
            {"value": "keep:it"},
            {"value": "drop:it", "description": "Soon gone"},
        ]});
        let api = client
            .post("/api/v2/resource-servers", &api)
            .await
            .expect(201);
        let made_at = Revision::of(&api).tenant_seq();
        let made = ledger::changes_after(client, made_at - 1).await.remove(0);
        let scope = list(&made["facts"])
            .into_iter()
            .find(|fact| fact["permission"]["name"] == "drop:it")
            .expect("the scope");
        let role = client
            .post("/api/v2/roles", &json!({"name": "Holder"}))
            .await
            .expect(200);
        let role = text(&role.json()["id"]);
        let path = format!("/api/v2/roles/{role}/permissions");
        let to_role = client
            .post(&path, &pairs(&["keep:it", "drop:it"]))
            .await
            .expect(201);
        let member = json!({"connection": "Username-Password-Authentication", "user_id": "member"});
        let member = client
            .post("/api/v2/users", &member)
            .await
            .expect(201)
            .json();
        let member = text(&member["user_id"]);
        let has_role = format!("/api/v2/users/{}/roles", encoded(&member));
        drop(
            client
                .post(&has_role, &json!({"roles": [role]}))
                .await
                .expect(204),
        );

        let users: Vec<String> = (0..count).map(user).collect();
        let mut batches: JoinSet<_> = users
            .chunks(AT_ONCE)
            .map(|users| make_users(client.clone(), users.to_vec()))
            .collect();
        let mut granted_to = BTreeMap::new();
        while let Some(made) = batches.join_next().await {
            let (at, users) = made.expect("a batch");
            granted_to.extend(users.into_iter().map(|user| (user, at)));
        }
        Self {
            role,
            granted_to_role: Revision::of(&to_role).tenant_seq(),
            granted_to,
            permission: scope["permission"].clone(),
            api_key: number(&scope["namespace"]),
            member,
        }
    }

    /// Some users, from the first to the last.
    fn sample(&self) -> impl Iterator<Item = &String> {
        let step = (self.granted_to.len() - 1) / (SAMPLE - 1);
        self.granted_to.keys().step_by(step)
    }

    /// The lists of the role, of its member, and of some users.
    pub(super) async fn lists(&self, client: &Client) -> BTreeMap<String, Value> {
        let mut lists = BTreeMap::new();
        for path in self.expected_lists(true).into_keys() {
            let list = client.get(&path).await.expect(200).json();
            lists.insert(path, list);
        }
        lists
    }

    /// What those lists must be, with or without the scope.
    pub(super) fn expected_lists(&self, with_scope: bool) -> BTreeMap<String, Value> {
        let held = |name: &str, description: &str, source: Option<(&str, &str, &str)>| {
            let mut held = json!({
                "permission_name": name, "description": description,
                "resource_server_name": "Removal", "resource_server_identifier": API,
            });
            if let Some((id, name, kind)) = source {
                let source = json!({"source_id": id, "source_name": name, "source_type": kind});
                held["sources"] = json!([source]);
            }
            held
        };
        let of = |keeps: bool, source: Option<(&str, &str, &str)>| {
            let mut all = Vec::new();
            if with_scope {
                all.push(held("drop:it", "Soon gone", source));
            }
            if keeps {
                all.push(held("keep:it", "", source));
            }
            json!({"start": 0, "limit": 50, "total": all.len(), "permissions": all})
        };
        let by_role = Some((self.role.as_str(), "Holder", "ROLE"));
        let mut lists: BTreeMap<String, Value> = self
            .sample()
            .map(|user| (user_path(user), of(false, Some(("", "", "DIRECT")))))
            .collect();
        lists.insert(user_path(&self.member), of(true, by_role));
        let role = format!(
            "/api/v2/roles/{}/permissions?include_totals=true",
            self.role
        );
        lists.insert(role, of(true, None));
        lists
    }

    pub(super) async fn define_scope_again(&self, client: &Client) {
        let scopes =
            json!([{"value": "keep:it"}, {"value": "drop:it", "description": "Soon gone"}]);
        let api = client
            .patch(&api_path(), &json!({"scopes": scopes}))
            .await
            .expect(200);
        assert_eq!(api.json()["scopes"], scopes);
    }

    /// Grants the scope of today to one of the users; the path of that user's list.
    pub(super) async fn grant_again(&self, client: &Client) -> String {
        let user = self.sample().nth(1).expect("a user");
        let path = format!("/api/v2/users/{}/permissions", encoded(user));
        drop(client.post(&path, &pairs(&["drop:it"])).await.expect(201));
        user_path(user)
    }
}
