//! `POST /v1/commands` and `GET /v1/commands/{id}`: what is refused, and what of it is on record.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Server};

use super::{problem, submit};
use crate::ledger::{self, Revision, text};

fn create_role(id: &str) -> Value {
    json!({"type": "CreateRole", "id": id, "name": format!("Role {id}")})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_refuse_is_on_record() {
    let server = Server::start().await;
    let client = server.client();
    drop(
        client
            .post("/v1/commands", &json!({"command": create_role("r")}))
            .await
            .expect(200),
    );
    let permission = json!([{"api": "https://a/", "name": "read"}]);
    for (command, status, code, rejection) in [
        (
            json!({"type": "GrantRolePermissions", "role": "x", "permissions": permission}),
            404,
            "no-such-role",
            json!({"type": "NoSuchRole", "role": "x"}),
        ),
        (
            json!({"type": "GrantRolePermissions", "role": "r", "permissions": permission}),
            404,
            "no-such-api",
            json!({"type": "NoSuchApi", "api": "https://a/"}),
        ),
        (
            json!({"type": "AssignUserRoles", "user": "ann", "roles": ["r"]}),
            404,
            "no-such-user",
            json!({"type": "NoSuchUser", "user": "ann"}),
        ),
        (
            create_role("r"),
            409,
            "exists",
            json!({"type": "RoleExists", "name": "r"}),
        ),
        (
            json!({"type": "CreateRole", "id": "s", "name": "Role r"}),
            409,
            "exists",
            json!({"type": "RoleExists", "name": "Role r"}),
        ),
        (
            json!({"type": "CreateRole", "id": "s", "name": "a\u{0}b"}),
            409,
            "bad-text",
            json!({"type": "BadText", "field": "name", "problem": {"type": "HoldsNul"}}),
        ),
    ] {
        let (answer, changes) = submit(&client, &json!({"command": command})).await;
        let body = problem(&answer, status, code);
        let outcome = json!({"type": "rejected", "rejection": rejection});
        assert_eq!(changes.len(), 1, "{command}");
        for name in ["command_id", "position", "tenant_seq", "outcome"] {
            assert_eq!(body[name], changes[0][name], "{name} of {body}");
        }
        assert_eq!(body["outcome"], outcome, "{command}");
        assert_eq!(
            Revision::of(&answer).tenant_seq(),
            changes[0]["tenant_seq"],
            "{command}"
        );
        let status = format!("/v1/commands/{}", text(&body["command_id"]));
        let status = client.get(&status).await.expect(200).json();
        assert_eq!(status["state"], "decided");
        assert_eq!(status["outcome"], outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_needs_the_scope_of_the_route_that_does_the_same() {
    let server = Server::start().await;
    let reader = server.client();
    let role = json!({"command": create_role("r")});
    let both = json!({"batch": [create_role("r"), {"type": "RegisterUser", "id": "ann"}]});
    let cancel = json!({"command": {
        "type": "CancelCommand", "command": "01976c6b-4a8d-7000-8000-000000000000",
    }});
    for (scopes, body, missing, kind) in [
        ("create:roles", &role, "ledger:write", "CreateRole"),
        (
            "ledger:read ledger:write update:roles",
            &role,
            "create:roles",
            "CreateRole",
        ),
        ("ledger:write create:roles", &both, "create:users", "Batch"),
        ("ledger:read", &cancel, "ledger:write", "CancelCommand"),
    ] {
        let client = server.client_with(scopes).await;
        let before = ledger::head(&reader).await;
        let answer = client.post("/v1/commands", body).await;
        let refused = problem(&answer, 403, "forbidden");
        assert_eq!(refused["scopes"], json!([missing]), "{scopes}: {refused}");
        let changes = ledger::changes_after(&reader, before).await;
        assert_eq!(changes.len(), 1, "{scopes}: {changes:?}");
        assert_eq!(changes[0]["kind"], "RecordDenial");
        let denial = json!({"type": "InsufficientScope", "required": [missing]});
        assert_eq!(
            changes[0]["outcome"],
            json!({"type": "denied", "denial": denial})
        );
        assert_eq!(Revision::of(&answer).tenant_seq(), changes[0]["tenant_seq"]);
        let entry = format!("/v1/entries/{}", text(&changes[0]["position"]));
        let entry = reader.get(&entry).await.expect(200).json();
        assert_eq!(entry["command"]["operation"], kind, "{entry}");
    }
    let enough = server
        .client_with("ledger:write create:roles create:users")
        .await;
    drop(enough.post("/v1/commands", &both).await.expect(200));
}

/// Bodies that are no request, and the place in a command that is to blame.
fn unreadable(role: &str) -> Vec<(String, Option<&'static str>)> {
    let in_command = |command: &str| format!(r#"{{"command":{command}}}"#);
    vec![
        ("{}".to_owned(), None),
        ("[]".to_owned(), None),
        (format!(r#"{{"command":{role},"batch":[{role}]}}"#), None),
        (format!(r#"{{"command":{role},"other":{role}}}"#), None),
        (format!(r#"{{"command":{role},"dry_run":"yes"}}"#), None),
        (format!(r#"{{"command":{role},"not_after":"soon"}}"#), None),
        (format!(r#"{{"command":{role},"expected":{{}}}}"#), None),
        (
            format!(r#"{{"command":{role},"expected":{{"revision":"AAAA"}}}}"#),
            None,
        ),
        (format!(r#"{{"command":{role},"command":{role}}}"#), None),
        (
            in_command(r#"{"type":"DropEverything"}"#),
            Some("/command/type"),
        ),
        (
            in_command(r#"{"type":"CreateRole","name":"R","colour":1}"#),
            Some("/command/colour"),
        ),
        (
            in_command(r#"{"type":"CreateRole"}"#),
            Some("/command/name"),
        ),
        (
            in_command(r#"{"type":"CreateRole","name":7}"#),
            Some("/command/name"),
        ),
        (
            in_command(r#"{"type":"CreateRole","name":"R","name":"S"}"#),
            Some("/command/name"),
        ),
        (
            in_command(r#"{"type":"DeleteRole","realm":"mars","role":"r"}"#),
            Some("/command/realm"),
        ),
        (
            in_command(r#"{"type":"RecordDenial","operation":"o","count":1}"#),
            Some("/command/type"),
        ),
        (
            format!(r#"{{"batch":[{role},{{"type":"DeleteRole"}}]}}"#),
            Some("/batch/1/role"),
        ),
        (r#"{"batch":{}}"#.to_owned(), Some("/batch")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_without_a_trace() {
    let server = Server::start().await;
    let client = server.client();
    let role = create_role("r").to_string();
    let before = ledger::head(&client).await;
    for (body, pointer) in unreadable(&role) {
        let request = client.request(Method::POST, "/v1/commands");
        let answer = request.body("application/json", body.clone()).send().await;
        let told = problem(&answer, 400, "malformed");
        assert_eq!(
            told.get("pointer").and_then(Value::as_str),
            pointer,
            "{body}: {told}"
        );
        assert!(
            told["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{told}"
        );
        assert_eq!(Revision::of(&answer).tenant_seq(), before, "{body}");
    }
    check_outer_shell(&client, &role).await;
    assert_eq!(ledger::head(&client).await, before);
}

/// Bodies, headers and queries around a command that is right.
async fn check_outer_shell(client: &Client, role: &str) {
    let body = format!(r#"{{"command":{role}}}"#);
    let post = |path: &str| client.request(Method::POST, path);
    let json = |path: &str| post(path).body("application/json", body.clone());
    for (request, status, code) in [
        (
            post("/v1/commands").body("application/json", ""),
            400,
            "empty-body",
        ),
        (
            post("/v1/commands").body("application/json", "{\"command\":"),
            400,
            "malformed",
        ),
        (
            post("/v1/commands").body("application/json", "[".repeat(1_000)),
            400,
            "too-deep",
        ),
        (
            post("/v1/commands").body("text/plain", body.clone()),
            415,
            "unsupported-media-type",
        ),
        (json("/v1/commands?dryrun=true"), 400, "malformed"),
        (json("/v1/commands?dry_run=1"), 400, "malformed"),
        (
            json("/v1/commands").header("if-match", "\"1\""),
            400,
            "bad-header",
        ),
        (
            json("/v1/commands").header("idempotency-key", ""),
            400,
            "bad-header",
        ),
        (
            json("/v1/commands").header("writ-reason", "%FF"),
            400,
            "bad-header",
        ),
        (json("/v1/command"), 404, "not-found"),
    ] {
        problem(&request.send().await, status, code);
    }
    let wrong_method = client.delete("/v1/commands").await;
    problem(&wrong_method, 405, "method-not-allowed");
    assert_eq!(wrong_method.header("allow"), "POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_speak_leaves_no_trace() {
    let server = Server::start().await;
    let (client, nobody) = (server.client(), server.anonymous());
    let before = ledger::head(&client).await;
    let body = json!({"command": create_role("r")});
    let late = writ_tests::TokenRequest {
        expires_in: Some(-5),
        ..Default::default()
    };
    let elsewhere = writ_tests::TokenRequest {
        audience: Some("https://elsewhere.example/"),
        ..Default::default()
    };
    let late = nobody.with_token(&server.token(late).await);
    let elsewhere = nobody.with_token(&server.token(elsewhere).await);
    for (client, challenge) in [
        (&nobody, "Bearer"),
        (&late, r#"Bearer error="invalid_token""#),
        (&elsewhere, r#"Bearer error="invalid_token""#),
    ] {
        for answer in [
            client.post("/v1/commands", &body).await,
            client
                .get("/v1/commands/01976c6b-4a8d-7000-8000-000000000000")
                .await,
            client.get("/v1/changes").await,
            client.get("/v1/history?role=r").await,
            client.get("/v1/entries/0-1").await,
            client.get("/v1/entries/0-1/effects").await,
        ] {
            problem(&answer, 401, "unauthenticated");
            assert_eq!(answer.header("www-authenticate"), challenge);
        }
    }
    let garbled = nobody
        .with_token("garbled")
        .post("/v1/commands", &body)
        .await;
    problem(&garbled, 400, "bad-header");
    assert_eq!(ledger::head(&client).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_read_the_ledger_do() {
    let server = Server::start().await;
    let client = server.client();
    let role = client
        .post("/v1/commands", &json!({"command": create_role("r")}))
        .await
        .expect(200);
    let (id, position) = (
        text(&role.json()["command_id"]),
        text(&role.json()["position"]),
    );
    let paths = [
        format!("/v1/commands/{id}"),
        "/v1/changes".to_owned(),
        "/v1/history?role=r".to_owned(),
        format!("/v1/entries/{position}"),
        format!("/v1/entries/{position}/effects"),
    ];
    for (scope, may) in [
        ("ledger:read", [true; 5]),
        ("ledger:audit", [true, false, true, true, true]),
        ("ledger:write", [true, false, false, false, false]),
        ("read:roles", [false; 5]),
    ] {
        let client = server.client_with(scope).await;
        for (path, may) in paths.iter().zip(may) {
            let answer = client.get(path).await;
            if may {
                drop(answer.expect(200));
            } else {
                let refused = problem(&answer, 403, "forbidden");
                assert!(
                    refused["scopes"]
                        .as_array()
                        .is_some_and(|all| !all.is_empty())
                );
            }
        }
    }
    // Reads that are refused are no writes: nothing is on record of them.
    assert_eq!(
        ledger::head(&client).await,
        Revision::of(&role).tenant_seq()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_never_was_is_unknown() {
    let server = Server::start().await;
    let client = server.client();
    let id = "01976c6b-4a8d-7000-8000-000000000000";
    let unknown = problem(
        &client.get(&format!("/v1/commands/{id}")).await,
        404,
        "no-such-command",
    );
    assert_eq!(unknown["command"], id);
    for id in ["1", "not-an-id", "%2e%2e"] {
        problem(
            &client.get(&format!("/v1/commands/{id}")).await,
            404,
            "no-such-command",
        );
    }
    let query = client.get(&format!("/v1/commands/{id}?wait=1")).await;
    problem(&query, 400, "malformed");
}
