//! What everybody asks about: APIs, roles and users that are there before the load.

use serde_json::{Value, json};
use writ_tests::Client;

use crate::ledger::Revision;

/// Names that all callers share, so that they get in each other's way.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) apis: Vec<Api>,
    /// Ids.
    pub(crate) roles: Vec<String>,
    /// Ids.
    pub(crate) users: Vec<String>,
    /// The number of the last entry that is not of the load.
    pub(crate) entries: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) id: String,
    pub(crate) identifier: String,
}

/// What an API may come to have; a change of its list leaves some out.
pub(crate) const PERMISSIONS: [&str; 16] = [
    "read:a", "read:b", "read:c", "read:d", "write:a", "write:b", "write:c", "write:d", "list:a",
    "list:b", "list:c", "list:d", "drop:a", "drop:b", "drop:c", "drop:d",
];

const APIS: usize = 4;
const ROLES: usize = 24;
const USERS: usize = 40;

impl Ground {
    pub(crate) async fn lay(client: &Client) -> Self {
        let mut apis = Vec::new();
        for n in 0..APIS {
            let identifier = format!("https://api-{n}.load.example/");
            let api = json!({"name": format!("API {n}"), "identifier": identifier, "scopes": scopes(&PERMISSIONS)});
            let made = client
                .post("/api/v2/resource-servers", &api)
                .await
                .expect(201)
                .json();
            apis.push(Api {
                id: text(&made, "id"),
                identifier,
            });
        }
        let mut roles = Vec::new();
        for n in 0..ROLES {
            let role = json!({"name": format!("role {n}")});
            let made = client.post("/api/v2/roles", &role).await.expect(200).json();
            roles.push(text(&made, "id"));
        }
        let mut users = Vec::new();
        let mut entries = 0;
        for n in 0..USERS {
            let user = user(&format!("u{n}"));
            let made = client.post("/api/v2/users", &user).await.expect(201);
            entries = Revision::of(&made).tenant_seq();
            users.push(text(&made.json(), "user_id"));
        }
        Self {
            apis,
            roles,
            users,
            entries,
        }
    }
}

/// The body that registers a user.
pub(crate) fn user(name: &str) -> Value {
    json!({
        "connection": "Username-Password-Authentication",
        "user_id": name,
        "email": format!("{name}@load.example"),
        "password": "correct horse battery staple",
    })
}

/// A list of permissions as Auth0 takes it.
pub(crate) fn scopes(names: &[&str]) -> Value {
    let scope = |name: &&str| json!({"value": name, "description": format!("May {name}")});
    names.iter().map(scope).collect()
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    let text = value[name].as_str();
    text.unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}
