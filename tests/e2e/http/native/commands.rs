//! `POST /v1/commands` and `GET /v1/commands/{id}`: what is granted.

use serde_json::{Value, json};
use writ_tests::{Client, Server};

use super::submit;
use crate::ledger::{self, Revision, list, number, text};

const API: &str = "https://native.example/";

fn create_api() -> Value {
    json!({"type": "CreateApi", "id": "native", "identifier": API, "name": "Native",
           "permissions": [{"name": "read"}, {"name": "write", "description": "Write"}]})
}

fn grant(role: &str, names: &[&str]) -> Value {
    let permissions: Vec<Value> = names
        .iter()
        .map(|name| json!({"api": API, "name": name}))
        .collect();
    json!({"type": "GrantRolePermissions", "role": role, "permissions": permissions})
}

/// Submits what must succeed; the answer's body, which is on record as it says.
async fn granted(client: &Client, body: &Value, outcome: &str) -> Value {
    let (answer, changes) = submit(client, body).await;
    let answer = answer.expect(200);
    let told = answer.json();
    assert_eq!(changes.len(), 1, "{changes:?}");
    let change = &changes[0];
    assert_eq!(told["state"], "decided", "{told}");
    assert_eq!(told["outcome"], json!({"type": outcome}), "{told}");
    for name in ["command_id", "position", "tenant_seq", "outcome", "facts"] {
        assert_eq!(told[name], change[name], "{name} of {told}");
    }
    let revision = Revision::of(&answer);
    assert_eq!(told["revision"], revision.text());
    assert_eq!(told["tenant_seq"], revision.tenant_seq());
    assert!(text(&change["hash"]).starts_with(&revision.hash()));
    // Asked again by id, the answer is the same.
    let path = format!("/v1/commands/{}", text(&told["command_id"]));
    let status = client.get(&path).await.expect(200);
    assert_eq!(status.text(), answer.text());
    assert_eq!(Revision::of(&status), revision);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_answered_with_its_entry() {
    let server = Server::start().await;
    let client = server.client();
    let api = granted(&client, &json!({"command": create_api()}), "applied").await;
    let kinds: Vec<String> = list(&api["facts"])
        .iter()
        .map(|fact| text(&fact["type"]))
        .collect();
    let created = [
        "ApiCreated",
        "ApiPermissionsDeclared",
        "PermissionDefined",
        "PermissionDefined",
    ];
    assert_eq!(kinds, created);
    assert_eq!(api["facts"][0]["realm"], "native");

    // Ids that callers leave to us are told by the fact.
    let role = json!({"command": {"type": "CreateRole", "name": "Reader"}});
    let role = granted(&client, &role, "applied").await;
    let role = text(&role["facts"][0]["id"]);
    assert!(!role.is_empty());

    let grant = json!({"command": grant(&role, &["read"])});
    let first = granted(&client, &grant, "applied").await;
    assert_eq!(first["facts"][0]["type"], "RolePermissionGranted");
    // Without a key the same wish is another command, and finds nothing to do.
    let again = granted(&client, &grant, "unchanged").await;
    assert_eq!(again["facts"], json!([]));
    assert_ne!(again["command_id"], first["command_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_one_entry_all_or_nothing() {
    let server = Server::start().await;
    let client = server.client();
    let batch = json!({"batch": [
        create_api(),
        {"type": "CreateRole", "id": "reader", "name": "Reader"},
        {"type": "RegisterUser", "id": "ann", "profile": {"email": "\"ann@writ.example\""}},
        grant("reader", &["read", "write"]),
        {"type": "AssignUserRoles", "user": "ann", "roles": ["reader"]},
        {"type": "RevokeRolePermissions", "role": "reader",
         "permissions": [{"api": API, "name": "write"}]},
    ]});
    let told = granted(&client, &batch, "applied").await;
    let facts = list(&told["facts"]);
    let last = facts.last().expect("facts");
    assert_eq!(last["type"], "RolePermissionRevoked");
    assert_eq!(last["granted_at"], told["tenant_seq"]);
    // What is granted and revoked in one entry was never had.
    let effects = format!("/v1/entries/{}/effects", text(&told["position"]));
    let effects = client.get(&effects).await.expect(200).json();
    let edges: Vec<String> = list(&effects["effects"])
        .iter()
        .map(|effect| text(&effect["kind"]))
        .collect();
    assert_eq!(edges, ["role_permission", "user_role"], "{effects}");

    let before = ledger::head(&client).await;
    let half = json!({"batch": [
        {"type": "CreateRole", "id": "writer", "name": "Writer"},
        grant("writer", &["write", "nothing"]),
    ]});
    let answer = client.post("/v1/commands", &half).await;
    let refused = super::problem(&answer, 404, "no-such-permission");
    assert_eq!(refused["index"], 1, "{refused}");
    let changes = ledger::changes_after(&client, before).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["kind"], "Batch");
    assert_eq!(changes[0]["facts"], json!([]));
    let none = json!({"command": grant("writer", &["write"])});
    super::problem(
        &client.post("/v1/commands", &none).await,
        404,
        "no-such-role",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_believes_is_held_against_the_ledger() {
    let server = Server::start().await;
    let client = server.client();
    drop(
        client
            .post("/v1/commands", &json!({"command": create_api()}))
            .await
            .expect(200),
    );
    let create = json!({"command": {"type": "CreateRole", "id": "r", "name": "R"}});
    let created = client.post("/v1/commands", &create).await.expect(200);
    let (made_at, seen) = (Revision::of(&created).tenant_seq(), Revision::of(&created));
    let update = |name: &str, expected: Value| json!({"command": {"type": "UpdateRole", "role": "r", "name": name}, "expected": expected});
    for (name, expected) in [
        ("by number", json!({"changed_at": made_at})),
        ("not changed after", json!({"unchanged_since": made_at + 1})),
        ("at its revision", Value::Null),
    ] {
        let newest = client.get("/v1/changes?limit=1").await.expect(200);
        let expected = match expected {
            Value::Null => json!({"revision": Revision::of(&newest).text()}),
            expected => expected,
        };
        let told = granted(&client, &update(name, expected), "applied").await;
        assert_eq!(told["facts"][0]["type"], "RoleRenamed", "{told}");
    }
    let changed_at = ledger::head(&client).await;
    for (what, expected) in [
        ("changed since", json!({"changed_at": made_at})),
        ("changed after", json!({"unchanged_since": made_at})),
        ("changed after a revision", json!({"revision": seen.text()})),
    ] {
        let (answer, changes) = submit(&client, &update("Stale", expected)).await;
        let stale = super::problem(&answer, 412, "stale");
        assert_eq!(stale["changed_at"], changed_at, "{what}: {stale}");
        assert_eq!(changes.len(), 1, "{what}");
        assert_eq!(
            number(&changes[0]["outcome"]["rejection"]["changed_at"]),
            changed_at
        );
    }
    let forged = json!({"revision": seen.of_another_history().text()});
    let (answer, changes) = submit(&client, &update("Forked", forged)).await;
    super::problem(&answer, 409, "history-forked");
    assert_eq!(changes, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_foretells_and_leaves_nothing() {
    let server = Server::start().await;
    let client = server.client();
    drop(
        client
            .post("/v1/commands", &json!({"command": create_api()}))
            .await
            .expect(200),
    );
    let command = json!({"type": "CreateRole", "id": "r", "name": "R"});
    let before = client.get("/v1/changes?limit=1").await.expect(200);
    let asked = client
        .request(hyper::Method::POST, "/v1/commands?dry_run=true")
        .header("idempotency-key", "rehearsed")
        .json(&json!({"command": command}));
    let foretold = asked.send().await.expect(200);
    let told = foretold.json();
    assert_eq!(told["dry_run"], true);
    assert_eq!(told["outcome"], json!({"type": "applied"}));
    // The state that it was decided on, in the body and in the header.
    assert_eq!(Revision::of(&foretold), Revision::of(&before));
    assert_eq!(told["revision"], Revision::of(&before).text());
    assert_eq!(told["tenant_seq"], Revision::of(&before).tenant_seq());
    assert_eq!(told.get("position"), None, "{told}");

    let refused = json!({"dry_run": true, "command": grant("nobody", &["read"])});
    let refused = client
        .post("/v1/commands", &refused)
        .await
        .expect(200)
        .json();
    let rejection = json!({"type": "NoSuchRole", "role": "nobody"});
    assert_eq!(
        refused["outcome"],
        json!({"type": "rejected", "rejection": rejection})
    );
    assert_eq!(refused["facts"], json!([]));
    let unchanged = json!({"dry_run": true, "command": {"type": "DeleteRole", "role": "nobody"}});
    let unchanged = client
        .post("/v1/commands", &unchanged)
        .await
        .expect(200)
        .json();
    assert_eq!(unchanged["outcome"], json!({"type": "unchanged"}));
    assert_eq!(
        ledger::head(&client).await,
        Revision::of(&before).tenant_seq()
    );

    // The key is as free as the name, and what was foretold happens.
    let real = client
        .request(hyper::Method::POST, "/v1/commands")
        .header("idempotency-key", "rehearsed")
        .json(&json!({"command": command}));
    let real = real.send().await.expect(200).json();
    assert_eq!(real["facts"], told["facts"]);
}
