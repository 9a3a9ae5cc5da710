//! Asking again: what was asked once happens once, and is answered as it was.

mod at_once;
mod deadlines;
mod keys;
mod twice;

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Request, Response};

use crate::ledger::{self, text};

const API: &str = "https://retries.example/";

/// A request that somebody may send again under the same key.
#[derive(Debug, Clone)]
struct Ask {
    what: &'static str,
    method: Method,
    path: String,
    body: Value,
    status: u16,
}

impl Ask {
    fn new(what: &'static str, method: Method, path: impl Into<String>, body: Value) -> Self {
        let path = path.into();
        Self {
            what,
            method,
            path,
            body,
            status: 200,
        }
    }

    fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same under a key.
    fn request(&self, client: &Client, key: &str) -> Request {
        client
            .request(self.method.clone(), &self.path)
            .header("idempotency-key", key)
            .json(&self.body)
    }

    async fn send(&self, client: &Client, key: &str) -> Response {
        let answer = self.request(client, key).send().await;
        assert_eq!(
            answer.status,
            self.status,
            "{}: {}",
            self.what,
            answer.text()
        );
        answer
    }
}

/// What requests need: an API, a role that holds its permission, a user that holds it directly.
struct Setting {
    api: String,
    role: String,
}

impl Setting {
    async fn make(client: &Client) -> Self {
        let scopes = json!([{"value": "read"}, {"value": "write"}]);
        let api = json!({"name": "Retries", "identifier": API, "scopes": scopes});
        let api = client
            .post("/api/v2/resource-servers", &api)
            .await
            .expect(201)
            .json();
        let role = client
            .post("/api/v2/roles", &json!({"name": "Held"}))
            .await
            .expect(200)
            .json();
        let setting = Self {
            api: text(&api["id"]),
            role: text(&role["id"]),
        };
        let user = json!({"connection": "Username-Password-Authentication", "user_id": "held"});
        drop(client.post("/api/v2/users", &user).await.expect(201));
        for path in [setting.role_path(), USER_PATH.to_owned()] {
            drop(
                client
                    .post(&path, &permissions(&["read"]))
                    .await
                    .expect(201),
            );
        }
        setting
    }

    fn role_path(&self) -> String {
        format!("/api/v2/roles/{}/permissions", self.role)
    }

    /// One request of every kind, each of which has an effect, in this order.
    fn asks(&self) -> Vec<Ask> {
        let api = format!("/api/v2/resource-servers/{}", self.api);
        let command = json!({"command": {"type": "CreateRole", "name": "Native"}});
        let batch = json!({"batch": [
            {"type": "CreateRole", "name": "One"},
            {"type": "RegisterUser", "id": "two"},
        ]});
        let new_api = json!({"identifier": "https://new.example/"});
        let user =
            json!({"connection": "Username-Password-Authentication", "email": "n@writ.example"});
        let revoked = permissions(&["read"]);
        vec![
            Ask::new(
                "make an API",
                Method::POST,
                "/api/v2/resource-servers",
                new_api,
            )
            .answers(201),
            Ask::new(
                "make a role",
                Method::POST,
                "/api/v2/roles",
                json!({"name": "New"}),
            ),
            Ask::new("make a user", Method::POST, "/api/v2/users", user).answers(201),
            Ask::new(
                "take from a role",
                Method::DELETE,
                self.role_path(),
                revoked.clone(),
            )
            .answers(204),
            Ask::new("take from a user", Method::DELETE, USER_PATH, revoked).answers(204),
            Ask::new(
                "give to a role",
                Method::POST,
                self.role_path(),
                permissions(&["write"]),
            )
            .answers(201),
            Ask::new(
                "patch an API",
                Method::PATCH,
                api,
                json!({"name": "Patched", "scopes": []}),
            ),
            Ask::new(
                "delete a role",
                Method::DELETE,
                format!("/api/v2/roles/{}", self.role),
                json!({}),
            ),
            Ask::new("a native command", Method::POST, "/v1/commands", command),
            Ask::new("a native batch", Method::POST, "/v1/commands", batch),
        ]
    }

    /// Requests that the rules refuse, and whose refusal is the outcome.
    fn refused_asks() -> Vec<Ask> {
        let missing = "/api/v2/roles/rol_0000000000000000/permissions";
        let native = json!({"command": {"type": "UpdateRole", "role": "none", "name": "Some"}});
        vec![
            Ask::new(
                "a second role of a name",
                Method::POST,
                "/api/v2/roles",
                json!({"name": "Held"}),
            )
            .answers(409),
            Ask::new(
                "from no role",
                Method::DELETE,
                missing,
                permissions(&["read"]),
            )
            .answers(404),
            Ask::new("a native refusal", Method::POST, "/v1/commands", native).answers(404),
        ]
    }
}

const USER_PATH: &str = "/api/v2/users/auth0%7Cheld/permissions";

fn permissions(names: &[&str]) -> Value {
    let pair = |name: &&str| json!({"resource_server_identifier": API, "permission_name": name});
    json!({"permissions": names.iter().map(pair).collect::<Vec<_>>()})
}

/// Panics unless the second answer is the first one, to the byte.
#[track_caller]
fn assert_same(what: &str, first: &Response, second: &Response) {
    assert_eq!(first.status, second.status, "{what}: {}", second.text());
    assert_eq!(first.text(), second.text(), "{what}");
    for name in ["writ-revision", "etag", "content-type", "location"] {
        assert_eq!(first.header(name), second.header(name), "{what}: {name}");
    }
}

/// The outcomes of the entries after this one.
async fn outcomes_after(client: &Client, after: u64) -> Vec<String> {
    let changes = ledger::changes_after(client, after).await;
    changes
        .iter()
        .map(|change| text(&change["outcome"]["type"]))
        .collect()
}
