//! What a key stands for: one caller, one request, once it was decided.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Response, Server};

use super::{Ask, Setting, assert_same};
use crate::ledger::{self, Revision, text};

fn create_role(name: &str) -> Ask {
    Ask::new(
        "make a role",
        Method::POST,
        "/api/v2/roles",
        json!({"name": name}),
    )
}

/// A native command that makes a role.
fn command(name: &str) -> Ask {
    let command = json!({"command": {"type": "CreateRole", "id": name, "name": name}});
    Ask::new("a native command", Method::POST, "/v1/commands", command)
}

/// Panics unless an answer says that the key of an earlier one is taken, and so does the ledger.
async fn check_refused(client: &Client, what: &str, answer: &Response, of: &Response) {
    let of = Revision::of(of).tenant_seq();
    let at = Revision::of(answer).tenant_seq();
    let entry = ledger::changes_after(client, at - 1).await.remove(0);
    let rejection = json!({"type": "IdempotencyKeyReused", "of": of});
    let outcome = json!({"type": "rejected", "rejection": rejection});
    assert_eq!(entry["outcome"], outcome, "{what}");
    if answer.header("content-type") == "application/problem+json" {
        let body = answer.json();
        assert_eq!(body["code"], "idempotency-key-reused", "{what}: {body}");
        assert_eq!(body["entry"], of, "{what}: {body}");
        assert_eq!(body["outcome"], outcome, "{what}: {body}");
    } else {
        let said = "The idempotency key was used for another request.";
        let body =
            format!(r#"{{"statusCode":422,"error":"Unprocessable Entity","message":"{said}"}}"#);
        assert_eq!(answer.text(), body, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_request() {
    let server = Server::start().await;
    let client = server.client();
    let setting = Setting::make(&client).await;
    let api = format!("/api/v2/resource-servers/{}", setting.api);
    let patch = |body: Value| Ask::new("patch an API", Method::PATCH, api.as_str(), body);
    let from_role = Ask::new(
        "from a role",
        Method::DELETE,
        setting.role_path(),
        json!({
            "permissions": [{"resource_server_identifier": super::API, "permission_name": "write"}],
        }),
    );
    let of_query = Ask {
        path: "/api/v2/roles?a=b".to_owned(),
        ..create_role("New")
    };
    let by_identifier = Ask {
        path: "/api/v2/resource-servers/https%3A%2F%2Fretries.example%2F".to_owned(),
        ..patch(json!({"name": "A"}))
    };
    for (number, (first, others)) in [
        (
            create_role("New"),
            vec![
                create_role("Newer"),
                of_query,
                command("new"),
                from_role.clone(),
            ],
        ),
        (
            patch(json!({"name": "A"})),
            vec![patch(json!({"name": "B"})), by_identifier],
        ),
        (
            from_role.answers(204),
            vec![
                Ask {
                    path: super::USER_PATH.to_owned(),
                    ..patch(super::permissions(&["read"]))
                }
                .method(Method::DELETE),
            ],
        ),
        (
            command("native"),
            vec![command("other"), create_role("Other")],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("\"key-{number}\"");
        let answer = first.send(&client, &key).await;
        for other in others {
            let what = format!("{} after {}", other.what, first.what);
            let refused = other.answers(422).send(&client, &key).await;
            check_refused(&client, &what, &refused, &answer).await;
        }
        // Quoted or not, it is the same key; and what was asked first is still answered.
        let again = first.send(&client, key.trim_matches('"')).await;
        assert_same(first.what, &answer, &again);
    }
    let user = client.get(super::USER_PATH).await.expect(200).json();
    assert_eq!(
        user.as_array().map(Vec::len),
        Some(1),
        "nothing was taken: {user}"
    );
}

impl Ask {
    fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }
}

/// A second client of the installation, with a token of the server's own endpoint.
async fn another_caller(server: &Server) -> Client {
    let made = server.create_client("create:roles ledger:read").await;
    let grant = json!({
        "grant_type": "client_credentials",
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        "audience": server.ready().audience,
    });
    let token = server
        .anonymous()
        .post("/oauth/token", &grant)
        .await
        .expect(200)
        .json();
    server.anonymous().with_token(&text(&token["access_token"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_its_callers_own() {
    let server = Server::start().await;
    let (one, other) = (server.client(), another_caller(&server).await);
    let mine = create_role("Mine").send(&one, "key").await;
    let yours = create_role("Yours").send(&other, "key").await;
    assert_ne!(mine.json()["id"], yours.json()["id"]);
    assert_same(
        "one's own",
        &mine,
        &create_role("Mine").send(&one, "key").await,
    );
    assert_same(
        "the other's",
        &yours,
        &create_role("Yours").send(&other, "key").await,
    );
    // The same request is another's wish: it is decided, not answered from memory.
    let taken = create_role("Mine")
        .answers(409)
        .send(&other, "another-key")
        .await;
    assert_eq!(taken.json()["errorCode"], "role_conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_up_only_by_what_was_decided() {
    let server = Server::start().await;
    let client = server.client();
    let bad = Ask::new(
        "a bad body",
        Method::POST,
        "/api/v2/roles",
        json!({"title": "New"}),
    );
    drop(bad.answers(400).send(&client, "key").await);
    let lacking = server.client_with("read:roles").await;
    drop(create_role("New").answers(403).send(&lacking, "key").await);
    let made = create_role("New").send(&client, "key").await;
    assert_same(
        "made",
        &made,
        &create_role("New").send(&client, "key").await,
    );
}
