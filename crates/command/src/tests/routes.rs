//! The native write routes.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use writ_domain::TenantSeq;
use writ_http::Revision;
use writ_store::entries::{self, Window};

use super::client::{ALL, Client};
use super::world::{World, tenant};

fn role(id: &str) -> Value {
    json!({"type": "CreateRole", "id": id, "name": id})
}

async fn kinds_on_record(world: &World) -> Vec<String> {
    let window = Window {
        after: TenantSeq::ZERO,
        up_to: TenantSeq(100),
        limit: 100,
    };
    let entries = entries::changes(&world.store, &tenant(), window)
        .await
        .unwrap();
    entries
        .into_iter()
        .map(|entry| format!("{} {}", entry.kind, entry.outcome.kind()))
        .collect()
}

#[tokio::test]
async fn a_command_is_answered_with_its_outcome_and_place() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    let made = client.submit(&json!({"command": role("r")})).await;
    assert_eq!(made.status, StatusCode::OK);
    let expected = json!({
        "command_id": made.body["command_id"],
        "state": "decided",
        "position": "0-1",
        "tenant_seq": 1,
        "revision": made.revision.as_ref().unwrap().to_string(),
        "outcome": {"type": "applied"},
        "facts": made.body["facts"],
    });
    assert_eq!(made.body, expected);
    assert_eq!(made.body["facts"][0]["type"], "RoleCreated");
    assert_eq!(made.body["facts"][0]["realm"], "native");

    let shown = client
        .get(&format!(
            "/v1/commands/{}",
            made.body["command_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!((shown.status, shown.body), (StatusCode::OK, made.body));
    let unchanged = json!({"type": "UnassignUserRoles", "user": "u", "roles": ["r"]});
    let user = json!({"type": "RegisterUser", "id": "u", "profile": {}});
    let batch = client.submit(&json!({"batch": [user, unchanged]})).await;
    assert_eq!((batch.status, batch.seq()), (StatusCode::OK, 2));
    assert_eq!(batch.body["facts"].as_array().unwrap().len(), 1);
    let minted = client
        .submit(&json!({"command": {"type": "CreateRole", "name": "n"}}))
        .await;
    assert!(
        minted.body["facts"][0]["id"]
            .as_str()
            .unwrap()
            .starts_with("rol_")
    );
}

#[tokio::test]
async fn a_rejection_is_a_problem_that_names_its_entry() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    client.submit(&json!({"command": role("r")})).await;
    let delete = |id: &str| json!({"type": "DeleteRole", "role": id});
    let rename = json!({"type": "UpdateRole", "role": "none", "name": "n"});
    let changed_at = |seq: u64| json!({"command": delete("r"), "expected": {"changed_at": seq}});
    let rows = [
        (json!({"command": rename}), 404, "no-such-role"),
        (json!({"command": role("r")}), 409, "exists"),
        (changed_at(9), 412, "stale"),
        (json!({"batch": [role("r2"), rename]}), 404, "no-such-role"),
        (
            json!({"command": delete("r"), "not_after": "2001-01-01T00:00:00Z"}),
            503,
            "expired",
        ),
    ];
    for (number, (body, status, code)) in (2..).zip(rows) {
        let refused = client.submit(&body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (status, code),
            "{body}"
        );
        assert_eq!(refused.body["position"], format!("0-{number}"));
        assert_eq!(
            (refused.body["tenant_seq"].as_u64(), refused.seq()),
            (Some(number), number)
        );
        let id = refused.body["command_id"].as_str().unwrap();
        let shown = client.get(&format!("/v1/commands/{id}")).await;
        assert_eq!(
            (shown.status, &shown.body["outcome"]),
            (StatusCode::OK, &refused.body["outcome"])
        );
    }
    let unchanged_since = json!({"command": delete("r"), "expected": {"unchanged_since": 1}});
    assert_eq!(client.submit(&unchanged_since).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revision_of_another_history_is_refused() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    let made = client.submit(&json!({"command": role("r")})).await;
    let revision = made.revision.unwrap();
    let expecting = |revision: &Revision| {
        let expected = json!({"revision": revision.to_string()});
        json!({"command": {"type": "DeleteRole", "role": "r"}, "expected": expected})
    };
    let forked = Revision {
        chain8: [9; 8],
        ..revision.clone()
    };
    let refused = client.submit(&expecting(&forked)).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "history-forked")
    );
    let other = Revision {
        tenant: writ_domain::TenantId::try_new("x").unwrap(),
        ..revision.clone()
    };
    assert_eq!(client.submit(&expecting(&other)).await.code(), "malformed");
    assert_eq!(
        client.submit(&expecting(&revision)).await.status,
        StatusCode::OK
    );
    assert_eq!(
        kinds_on_record(&world).await,
        ["CreateRole applied", "DeleteRole applied"]
    );
}

/// Bodies of `POST /v1/commands`, and the code of the problem that each is.
const UNREADABLE: &[(&str, &str)] = &[
    ("", "empty-body"),
    ("{", "malformed"),
    ("[]", "malformed"),
    ("{}", "malformed"),
    (r#"{"command":null}"#, "malformed"),
    (
        r#"{"command":{"type":"CreateRole","name":"a"},"batch":[]}"#,
        "malformed",
    ),
    (r#"{"command":{"type":"Nonsense"}}"#, "malformed"),
    (r#"{"command":{"type":"DeleteRole"}}"#, "malformed"),
    (
        r#"{"command":{"type":"DeleteRole","role":"r","role":"s"}}"#,
        "malformed",
    ),
    (
        r#"{"command":{"type":"DeleteRole","role":"r"},"dryrun":true}"#,
        "malformed",
    ),
    (r#"{"batch":[{"type":"DeleteRole","role":7}]}"#, "malformed"),
    (
        r#"{"command":{"type":"DeleteRole","role":"r"},"not_after":"soon"}"#,
        "malformed",
    ),
    (
        r#"{"command":{"type":"DeleteRole","role":"r"},"expected":{}}"#,
        "malformed",
    ),
    (
        r#"{"command":{"type":"RecordDenial","operation":"x"}}"#,
        "malformed",
    ),
];

#[tokio::test]
async fn a_request_that_cannot_be_read_leaves_no_entry() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    let deep = format!(r#"{{"command":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let too_deep = [(deep.as_str(), "too-deep")];
    for (body, code) in UNREADABLE.iter().copied().chain(too_deep) {
        let refused = client.send(Method::POST, "/v1/commands", &[], body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (400, code),
            "{body:.200}"
        );
        assert_eq!(
            refused.seq(),
            0,
            "every answer to a caller carries a revision"
        );
    }
    let wrong = client
        .submit(&json!({"batch": [{"type": "DeleteRole", "role": 7}]}))
        .await;
    assert_eq!(wrong.body["pointer"], "/batch/0/role");
    let wrong = client
        .send(Method::POST, "/v1/commands?dry=1", &[], "{}")
        .await;
    assert_eq!(wrong.body["key"], "dry");
    assert!(world.logged().await.is_empty());
}

#[tokio::test]
async fn a_request_that_cannot_be_taken_leaves_no_entry() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    let large = json!({"command": role(&"x".repeat(200_000))}).to_string();
    let refused = client.send(Method::POST, "/v1/commands", &[], &large).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (413, "too-large")
    );
    assert_eq!(refused.seq(), 0);
    let if_match = [("if-match", "\"1\"")];
    let body = json!({"command": role("r")}).to_string();
    let refused = client
        .send(Method::POST, "/v1/commands", &if_match, &body)
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (400, "bad-header")
    );
    let nobody = Client::of(&world, ALL).with_token("x.y.z");
    let refused = nobody.submit(&json!({"command": role("r")})).await;
    assert_eq!((refused.status.as_u16(), refused.revision), (401, None));
    assert!(world.logged().await.is_empty());
}

#[tokio::test]
async fn who_lacks_a_scope_is_refused_on_record() {
    let world = World::new().await;
    let delete = json!({"command": {"type": "DeleteRole", "role": "r"}});
    let rows = [
        ("ledger:read delete:roles", delete.clone(), "ledger:write"),
        ("ledger:write", delete.clone(), "delete:roles"),
        (
            "ledger:write create:roles",
            json!({"batch": [role("r"), delete["command"]]}),
            "delete:roles",
        ),
        ("ledger:read", json!({"nonsense": true}), "ledger:write"),
    ];
    for (number, (scopes, body, required)) in (1..).zip(rows) {
        let refused = Client::of(&world, scopes).submit(&body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (403, "forbidden"),
            "{scopes}"
        );
        assert_eq!(refused.body["scopes"], json!([required]), "{scopes}");
        assert_eq!(
            (refused.seq(), refused.body["outcome"]["type"].as_str()),
            (number, Some("denied"))
        );
    }
    let dry = json!({"command": delete["command"], "dry_run": true});
    let refused = Client::of(&world, "ledger:write").submit(&dry).await;
    assert_eq!(
        (refused.status.as_u16(), refused.body.get("position")),
        (403, None)
    );
    let id = "/v1/commands/00000000-0000-7000-8000-000000000001";
    let refused = Client::of(&world, "delete:roles").get(id).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let cancel = Client::of(&world, "ledger:read");
    let refused = cancel
        .send(Method::POST, &format!("{id}/cancel"), &[], "")
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(kinds_on_record(&world).await, ["RecordDenial denied"; 5]);
    let entry = entries::at(&world.store, &tenant(), TenantSeq(2))
        .await
        .unwrap()
        .unwrap();
    let command = entry.command_json().unwrap();
    assert!(command.contains(r#""operation":"DeleteRole""#) && command.contains(r#""id":"r""#));
}

#[tokio::test]
async fn a_key_makes_a_retry_safe() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    let key = [("idempotency-key", "k1")];
    let body = json!({"command": {"type": "CreateRole", "name": "n"}}).to_string();
    let send = async |body: &str| client.send(Method::POST, "/v1/commands", &key, body).await;
    let first = send(&body).await;
    let again = send(&body).await;
    assert_eq!((again.status, again.seq()), (StatusCode::OK, 1));
    assert_eq!(again.body, first.body);
    let other = send(&format!("{body} ")).await;
    assert_eq!(
        (other.status.as_u16(), other.code()),
        (422, "idempotency-key-reused")
    );
    let bad = client
        .send(
            Method::POST,
            "/v1/commands",
            &[("idempotency-key", "")],
            &body,
        )
        .await;
    assert_eq!((bad.status.as_u16(), bad.code()), (400, "bad-header"));
}

#[tokio::test]
async fn a_dry_run_says_what_would_become_of_it() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    client.submit(&json!({"command": role("r")})).await;
    let asked = json!({"command": {"type": "DeleteRole", "role": "r"}, "dry_run": true});
    let dry = client.submit(&asked).await;
    assert_eq!((dry.status, dry.seq()), (StatusCode::OK, 1));
    assert_eq!(dry.body["dry_run"], true);
    assert_eq!(dry.body["outcome"], json!({"type": "applied"}));
    assert_eq!(dry.body["facts"][0]["type"], "RoleDeleted");
    let rename = json!({"type": "UpdateRole", "role": "none", "name": "n"});
    let asked = json!({"command": rename}).to_string();
    let dry = client
        .send(Method::POST, "/v1/commands?dry_run=true", &[], &asked)
        .await;
    assert_eq!(
        (dry.status, &dry.body["outcome"]["type"]),
        (StatusCode::OK, &json!("rejected"))
    );
    assert_eq!(world.logged().await.len(), 1);
}

#[tokio::test]
async fn a_command_whose_outcome_is_not_known_in_time_is_accepted() {
    let brief = crate::Options {
        deadline: core::time::Duration::from_millis(30),
        grace: core::time::Duration::ZERO,
        patience: core::time::Duration::from_millis(30),
        ..super::world::options()
    };
    let mut world = World::undecided(brief).await;
    let client = Client::of(&world, ALL);
    let accepted = client.submit(&json!({"command": role("r")})).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    let location = accepted.location.unwrap();
    let id = accepted.body["command_id"].as_str().unwrap();
    assert_eq!(
        (location.as_str(), accepted.body["state"].as_str()),
        (&*format!("/v1/commands/{id}"), Some("appended"))
    );
    let behind = client.get(&location).await;
    assert_eq!(
        (behind.status.as_u16(), behind.code()),
        (503, "unavailable")
    );
    // A cancel that came later loses, whoever decides.
    let cancelled = client
        .send(Method::POST, &format!("{location}/cancel"), &[], "")
        .await;
    assert_eq!(cancelled.status, StatusCode::ACCEPTED);
    let service = world.service.clone();
    world.decide(Arc::new(move |entries| service.committed(entries)));
    let heads = &world.service.inner.parts.heads;
    let patience = core::time::Duration::from_secs(30);
    heads
        .newer(&world.store, &tenant(), TenantSeq(1), patience)
        .await
        .unwrap()
        .unwrap();
    let decided = client.get(&location).await;
    assert_eq!(
        (decided.status, &decided.body["state"]),
        (StatusCode::OK, &json!("decided"))
    );
}

#[tokio::test]
async fn unknown_commands_are_not_found() {
    let world = World::new().await;
    let client = Client::of(&world, ALL);
    for id in ["00000000-0000-7000-8000-00000000abcd", "nonsense", "%00"] {
        let unknown = client.get(&format!("/v1/commands/{id}")).await;
        let expected = if id == "%00" {
            (400, "bad-path")
        } else {
            (404, "no-such-command")
        };
        assert_eq!((unknown.status.as_u16(), unknown.code()), expected, "{id}");
    }
    let made = client.submit(&json!({"command": role("r")})).await;
    let id = made.body["command_id"].as_str().unwrap();
    let late = client
        .send(Method::POST, &format!("/v1/commands/{id}/cancel"), &[], "")
        .await;
    assert_eq!(
        (late.status.as_u16(), late.code()),
        (409, "already-decided")
    );
    let early = "/v1/commands/00000000-0000-7000-8000-00000000abcd/cancel";
    let cancelled = client.send(Method::POST, early, &[], "").await;
    assert_eq!(
        (cancelled.status, &cancelled.body["facts"][0]["type"]),
        (StatusCode::OK, &json!("CommandCancelled"))
    );
    let keyed = client
        .get("/v1/commands/00000000-0000-7000-8000-00000000abcd?x=1")
        .await;
    assert_eq!(
        (keyed.status.as_u16(), keyed.body["key"].as_str()),
        (400, Some("x"))
    );
}
