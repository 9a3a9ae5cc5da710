//! Entries, their effects, and the history of nouns.

use serde_json::{Value, json};
use writ_domain::Command;

use super::world::{
    API, Answer, Client, World, assign, create_api, create_role, grant_role, grant_user,
    register_user, replace_permissions, revoke_user,
};

#[tokio::test]
async fn an_entry_shows_what_was_asked_and_what_happened() {
    let world = World::new().await;
    let decided = world.submit(create_role("r")).await;
    let shown = world.client("ledger:audit").read("/v1/entries/0-1").await;
    assert_eq!(shown.body["position"], "0-1");
    assert_eq!(
        shown.body["command"],
        json!({
            "type": "CreateRole", "realm": "auth0", "id": "r", "name": "r",
        })
    );
    assert_eq!(shown.body["facts"][0]["type"], "RoleCreated");
    assert_eq!(shown.body["hash"], decided.entry.chain.to_string());
    assert_eq!(shown.body["leaf"], decided.entry.leaf.to_string());
    assert_eq!(shown.body["revision"], decided.revision.to_string());
    let command_id = decided.entry.command_id.unwrap().to_string();
    assert_eq!(shown.body["command_id"], command_id);
}

#[tokio::test]
async fn what_belongs_to_another_tenant_is_not_there() {
    let world = World::new().await;
    world.submit_for("other", create_role("r")).await;
    let client = world.client("ledger:read");
    for uri in [
        "/v1/entries/0-1",
        "/v1/entries/0-1/effects",
        "/v1/entries/0-2",
        "/v1/entries/x",
    ] {
        assert_eq!(client.get(uri).await.problem(), (404, "not-found"), "{uri}");
    }
    assert_eq!(client.read("/v1/changes").await.body["changes"], json!([]));
    assert_eq!(
        client.read("/v1/history?role=r").await.body["entries"],
        json!([])
    );
    assert_eq!(
        client.get("/v1/entries/%zz").await.problem(),
        (400, "bad-path")
    );
}

/// Two users and a role that hold permissions of one API.
async fn holders() -> World {
    let world = World::new().await;
    let commands = [
        create_api(&["read", "write"]),
        create_role("r"),
        register_user("u1"),
        register_user("u2"),
        grant_role("r", &["read", "write"]),
        assign("u1", "r"),
        grant_user("u1", &["read", "write"]),
        grant_user("u2", &["read"]),
    ];
    for command in commands {
        let decided = world.submit(command).await;
        assert_eq!(decided.entry.outcome.kind(), "applied");
    }
    world
}

fn lost(kind: &str, holder: (&str, &str), opened_by: u64, remains: Option<bool>) -> Value {
    let mut effect = json!({
        "kind": kind, "change": "lost", "realm": "auth0", "api": API, "permission": "read",
        "opened_by": opened_by, "closed_by": 9,
    });
    effect[holder.0] = json!(holder.1);
    if let Some(remains) = remains {
        effect["remains"] = json!(remains);
    }
    effect
}

#[tokio::test]
async fn the_effects_of_a_removal_name_their_cause() {
    let world = holders().await;
    world.submit(replace_permissions(&["write"])).await;
    let client = world.client("ledger:read");
    let whole = client.read("/v1/entries/0-9/effects").await;
    assert_eq!(
        whole.body,
        json!({
            "position": "0-9", "tenant_seq": 9, "total": 3, "total_at_least": false,
            "effects": [
                lost("role_permission", ("role", "r"), 5, None),
                lost("user_permission", ("user", "u1"), 7, Some(false)),
                lost("user_permission", ("user", "u2"), 8, Some(false)),
            ],
        })
    );
    // Defined again, it is another permission; and what happened stays as it was.
    world.submit(replace_permissions(&["write", "read"])).await;
    let mut paged = Vec::new();
    let mut uri = "/v1/entries/0-9/effects?limit=2".to_owned();
    loop {
        let page = client.read(&uri).await;
        assert_eq!(page.body["total"], 3);
        paged.extend(page.body["effects"].as_array().unwrap().clone());
        let Some(next) = page.body["next"].as_str() else {
            break;
        };
        uri = format!("/v1/entries/0-9/effects?limit=2&cursor={next}");
    }
    assert_eq!(&Value::from(paged), &whole.body["effects"]);
    assert_eq!(
        client.read("/v1/entries/0-10/effects").await.body["total"],
        0
    );
}

#[tokio::test]
async fn a_revoked_grant_says_what_remains_and_a_grant_is_gained() {
    let world = holders().await;
    world.submit(revoke_user("u1", &["read"])).await;
    let client = world.client("ledger:read");
    let effects = client.read("/v1/entries/0-9/effects").await;
    let remains = lost("user_permission", ("user", "u1"), 7, Some(true));
    assert_eq!(effects.body["effects"], json!([remains]));
    let gained = client.read("/v1/entries/0-8/effects").await;
    assert_eq!(
        gained.body["effects"],
        json!([{
            "kind": "user_permission", "change": "gained", "realm": "auth0", "user": "u2",
            "api": API, "permission": "read", "opened_by": 8,
        }])
    );
}

async fn seqs(client: &Client, uri: &str) -> Vec<u64> {
    let answer: Answer = client.read(uri).await;
    let seqs = answer.each("entries", "tenant_seq");
    seqs.into_iter().map(|seq| seq.as_u64().unwrap()).collect()
}

#[tokio::test]
async fn history_tells_what_concerned_a_noun_by_any_of_its_names() {
    let world = holders().await;
    world.submit(replace_permissions(&["write"])).await;
    // A no is history too.
    let unknown = world.submit(grant_user("u2", &["read"])).await;
    assert_eq!(unknown.entry.outcome.kind(), "rejected");
    let native = Command::CreateRole {
        realm: writ_domain::Realm::Native,
        id: "r".to_owned(),
        name: "r".to_owned(),
        description: None,
    };
    world.submit(native).await;
    let client = world.client("ledger:read");
    // The ninth names neither the users nor the role that lost by it.
    let rows: [(&str, &[u64]); 8] = [
        ("user=u2", &[10, 9, 8, 4]),
        ("user=u2&order=oldest", &[4, 8, 9, 10]),
        ("role=r", &[11, 9, 6, 5, 2]),
        ("role=r&realm=auth0", &[9, 6, 5, 2]),
        ("role=r&realm=native", &[11]),
        ("api=api-1&user=u2", &[10, 9, 8]),
        ("role=r&user=u1", &[9, 6]),
        ("user=nobody", &[]),
    ];
    for (query, expected) in rows {
        assert_eq!(
            seqs(&client, &format!("/v1/history?{query}")).await,
            expected,
            "{query}"
        );
    }
    let by_id = seqs(&client, "/v1/history?api=api-1").await;
    let by_identifier = seqs(&client, "/v1/history?api=https%3A%2F%2Fa%2F").await;
    assert_eq!((&by_id, &by_identifier), (&vec![10, 9, 8, 7, 5, 1], &by_id));
    let page = client.read("/v1/history?api=api-1&limit=4").await;
    assert_eq!(page.each("entries", "changed"), [false, true, false, false]);
    let next = page.body["next"].as_str().unwrap();
    let rest = format!("/v1/history?api=api-1&limit=4&cursor={next}");
    assert_eq!(seqs(&client, &rest).await, [5, 1]);
    assert_eq!(client.read(&rest).await.body.get("next"), None);
}
