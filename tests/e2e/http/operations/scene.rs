//! An API, a role and a user, who all hold something of each other.

use serde_json::{Value, json};
use writ_tests::{Client, Server};

use super::callers::Callers;
use crate::ledger::{self, encoded, number, text};

/// Identifiers of Auth0's APIs often look so; the slash at the end counts.
pub(super) const API: &str = "https://operations.example/v1/";
pub(super) const USER: &str = "auth0|operator";

/// A server on which the role and the user hold `read:a` and `write:a`, and the user has the role.
pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) client: Client,
    pub(super) callers: Callers,
    pub(super) api_id: String,
    pub(super) role_id: String,
    /// All that happened, by the kind of fact: the entry's number and the fact.
    facts: Vec<(u64, Value)>,
}

impl Scene {
    pub(super) async fn start() -> Self {
        let server = Server::start().await;
        let client = server.client();
        let before = ledger::head(&client).await;
        let api = json!({"name": "Operations", "identifier": API, "scopes": [
            {"value": "read:a", "description": "Read a"},
            {"value": "write:a"},
            {"value": "read:b", "description": ""},
        ]});
        let api = client
            .post("/api/v2/resource-servers", &api)
            .await
            .expect(201)
            .json();
        let role = json!({"name": "Operator", "description": "Operates"});
        let role = client.post("/api/v2/roles", &role).await.expect(200).json();
        let user = json!({
            "connection": "Username-Password-Authentication",
            "user_id": "operator",
            "email": "operator@writ.example",
            "password": "correct horse battery staple",
        });
        let user = client.post("/api/v2/users", &user).await.expect(201).json();
        assert_eq!(user["user_id"], USER);
        let role_id = text(&role["id"]);
        let held = pairs(&["read:a", "write:a"]);
        let to_role = client
            .post(&format!("/api/v2/roles/{role_id}/permissions"), &held)
            .await;
        drop(to_role.expect(201));
        let user = format!("/api/v2/users/{}", encoded(USER));
        drop(
            client
                .post(&format!("{user}/permissions"), &held)
                .await
                .expect(201),
        );
        let roles = json!({"roles": [role_id]});
        drop(
            client
                .post(&format!("{user}/roles"), &roles)
                .await
                .expect(204),
        );
        let mut facts = Vec::new();
        for change in ledger::changes_after(&client, before).await {
            let at = number(&change["tenant_seq"]);
            facts.extend(
                ledger::list(&change["facts"])
                    .into_iter()
                    .map(|fact| (at, fact)),
            );
        }
        let callers = Callers::of(&server).await;
        let (api_id, role_id) = (text(&api["id"]), role_id);
        Self {
            server,
            client,
            callers,
            api_id,
            role_id,
            facts,
        }
    }

    /// The first fact of this type for which this holds, and the entry that it stands in.
    fn fact(&self, kind: &str, holds: impl Fn(&Value) -> bool) -> (u64, &Value) {
        let found = self
            .facts
            .iter()
            .find(|(_, fact)| fact["type"] == kind && holds(fact));
        let (at, fact) = found.unwrap_or_else(|| panic!("no {kind} in {:?}", self.facts));
        (*at, fact)
    }

    /// The number under which the API is known to facts.
    pub(super) fn api_key(&self) -> u64 {
        number(&self.fact("ApiCreated", |_| true).1["key"])
    }

    /// A permission of the API, as facts name it.
    pub(super) fn permission(&self, name: &str) -> Value {
        let (_, fact) = self.fact("PermissionDefined", |fact| {
            fact["permission"]["name"] == name
        });
        fact["permission"].clone()
    }

    /// The role, as facts name it.
    pub(super) fn role(&self) -> Value {
        let (_, fact) = self.fact("RoleCreated", |_| true);
        json!({"key": fact["key"], "realm": "auth0", "id": self.role_id})
    }

    /// The user, as facts name it.
    pub(super) fn user(&self) -> Value {
        let (_, fact) = self.fact("UserRegistered", |_| true);
        json!({"key": fact["key"], "realm": "auth0", "id": USER})
    }

    /// The entry that holds the first fact of this type.
    pub(super) fn at(&self, kind: &str) -> u64 {
        self.fact(kind, |_| true).0
    }

    /// The exact text of a list.
    pub(super) async fn list(&self, path: &str) -> String {
        self.client.get(path).await.expect(200).text()
    }

    /// The effects of the newest entry.
    pub(super) async fn newest_effects(&self) -> Value {
        let newest = ledger::head(&self.client).await - 1;
        let changes = ledger::changes_after(&self.client, newest).await;
        let effects = text(&changes[0]["effects"]);
        self.client.get(&effects).await.expect(200).json()
    }
}

/// Permissions of the API, as bodies name them.
pub(super) fn pairs(names: &[&str]) -> Value {
    let pair = |name: &&str| json!({"resource_server_identifier": API, "permission_name": name});
    json!({"permissions": names.iter().map(pair).collect::<Vec<_>>()})
}

/// A permission in the list of a role, to the byte.
pub(super) fn listed(name: &str, description: &str) -> String {
    format!(
        r#"{{"permission_name":"{name}","description":"{description}","resource_server_name":"Operations","resource_server_identifier":"{API}"}}"#
    )
}
