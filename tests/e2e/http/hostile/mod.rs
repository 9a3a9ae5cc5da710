//! Input that nobody means well with: a clear error, and the process lives on.

mod bodies;
mod connections;
mod floods;

use serde_json::{Value, json};
use writ_tests::raw::Answer;
use writ_tests::{Client, Response, Server};

/// A server with an API, a role and a user to aim at.
struct Target {
    server: Server,
    client: Client,
    api: String,
    role: String,
    user: String,
}

impl Target {
    async fn start() -> Self {
        let server = Server::start().await;
        let client = server.client();
        let api = json!({
            "name": "Target",
            "identifier": "https://target.example/",
            "scopes": [{"value": "read:a"}],
        });
        let api = client
            .post("/api/v2/resource-servers", &api)
            .await
            .expect(201)
            .json();
        let role = client
            .post("/api/v2/roles", &json!({"name": "Target"}))
            .await
            .expect(200)
            .json();
        let user = json!({
            "connection": "Username-Password-Authentication",
            "email": "target@writ.example",
            "password": "correct horse battery staple",
        });
        let user = client.post("/api/v2/users", &user).await.expect(201).json();
        Self {
            api: text(&api, "id"),
            role: text(&role, "id"),
            user: text(&user, "user_id").replace('|', "%7C"),
            server,
            client,
        }
    }

    /// Every route that reads a body.
    fn routes(&self) -> Vec<(&'static str, String)> {
        let Self {
            api, role, user, ..
        } = self;
        vec![
            ("POST", "/api/v2/resource-servers".to_owned()),
            ("PATCH", format!("/api/v2/resource-servers/{api}")),
            ("POST", "/api/v2/roles".to_owned()),
            ("PATCH", format!("/api/v2/roles/{role}")),
            ("POST", format!("/api/v2/roles/{role}/permissions")),
            ("DELETE", format!("/api/v2/roles/{role}/permissions")),
            ("POST", "/api/v2/users".to_owned()),
            ("POST", format!("/api/v2/users/{user}/permissions")),
            ("DELETE", format!("/api/v2/users/{user}/permissions")),
            ("POST", format!("/api/v2/users/{user}/roles")),
            ("DELETE", format!("/api/v2/users/{user}/roles")),
        ]
    }

    /// The same process answers, decides and remembers.
    async fn lives_on(mut self) {
        assert!(self.server.is_running());
        drop(self.server.anonymous().get("/healthz").await.expect(200));
        let grant = json!({"permissions": [{
            "resource_server_identifier": "https://target.example/",
            "permission_name": "read:a",
        }]});
        let permissions = format!("/api/v2/roles/{}/permissions", self.role);
        drop(self.client.post(&permissions, &grant).await.expect(201));
        let list = self.client.get(&permissions).await.expect(200).json();
        assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}

/// Panics unless an answer is an error of the Auth0 dialect with one of these statuses.
#[track_caller]
fn assert_refused(what: &str, answer: &Response, statuses: &[u16]) {
    assert!(
        statuses.contains(&answer.status),
        "{what}: {} {}",
        answer.status,
        answer.text()
    );
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json"),
        "{what}: {answer:?}"
    );
    assert_error_body(what, answer.status, &answer.json());
}

/// The same for an answer on a raw connection.
#[track_caller]
fn assert_refused_raw(what: &str, answer: &Answer, statuses: &[u16]) {
    let status = answer
        .status()
        .unwrap_or_else(|| panic!("{what}: no answer: {answer:?}"));
    assert!(
        statuses.contains(&status),
        "{what}: {status} {}",
        answer.body()
    );
    let body = serde_json::from_str(&answer.body())
        .unwrap_or_else(|error| panic!("{what}: {error} in {:?}", answer.body()));
    assert_error_body(what, status, &body);
}

#[track_caller]
fn assert_error_body(what: &str, status: u16, body: &Value) {
    assert_eq!(body["statusCode"], status, "{what}: {body}");
    for name in ["error", "message"] {
        assert!(
            body[name].as_str().is_some_and(|text| !text.is_empty()),
            "{what}: {body}"
        );
    }
}
