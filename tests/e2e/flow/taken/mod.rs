//! What a removal took from whom is in the history of whoever lost it, and among its effects: in
//! every realm, by the API and on the command line.

mod camunda;

use serde_json::{Value, json};
use writ_tests::{Client, Server};

use crate::ledger::{Revision, encoded, head, history, list, number, text};

const API: &str = "https://a/";
const OTHER: &str = "https://b/";

async fn submit(client: &Client, command: Value) -> u64 {
    let body = json!({ "command": command });
    let answer = client.post("/v1/commands", &body).await.expect(200);
    Revision::of(&answer).tenant_seq()
}

/// The numbers of the entries of a history, and whether each changed what was asked for.
async fn told(client: &Client, query: &str) -> Vec<(u64, bool)> {
    let entries = history(client, query).await;
    let entry = |entry: &Value| (number(&entry["tenant_seq"]), entry["changed"] == true);
    entries.iter().map(entry).collect()
}

/// The effects of the newest entry of a history.
async fn effects(client: &Client, query: &str) -> Vec<Value> {
    let newest = history(client, query).await.remove(0);
    let path = text(&newest["effects"]);
    let page = client.get(&path).await.expect(200).json();
    let effects = list(&page["effects"]);
    assert_eq!(page["total"], effects.len(), "{page}");
    effects
}

/// Asserts that the newest entry of a history is the newest of the ledger, which changed what was
/// asked for, and that the command line tells the same.
async fn took(server: &Server, name: &str, id: &str) {
    let client = server.client();
    let query = format!("{name}={}", encoded(id));
    let newest = (head(&client).await, true);
    assert_eq!(
        told(&client, &query).await.first(),
        Some(&newest),
        "{query}"
    );
    let option = format!("--{name}");
    let printed = server.run(&["history", &option, id, "--json"]).await;
    let printed: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(list(&printed["entries"]), history(&client, &query).await);
}

/// Ann holds scopes of two APIs and a role, which holds one of each.
async fn ground(client: &Client) {
    let held = json!([
        {"api": API, "name": "read"}, {"api": API, "name": "write"}, {"api": OTHER, "name": "read"},
    ]);
    for command in [
        json!({"type": "CreateApi", "id": "a", "identifier": API,
               "permissions": [{"name": "read"}, {"name": "write"}]}),
        json!({"type": "CreateApi", "id": "b", "identifier": OTHER,
               "permissions": [{"name": "read"}]}),
        json!({"type": "CreateRole", "id": "r", "name": "r"}),
        json!({"type": "RegisterUser", "id": "ann"}),
        json!({"type": "RegisterUser", "id": "bob"}),
        json!({"type": "GrantUserPermissions", "user": "ann", "permissions": held}),
        json!({"type": "GrantRolePermissions", "role": "r", "permissions": held}),
        json!({"type": "AssignUserRoles", "user": "ann", "roles": ["r"]}),
    ] {
        submit(client, command).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_auth0_removes_is_in_the_history_of_whoever_held_it() {
    let server = Server::start().await;
    let client = server.client();
    let realm = "realm=auth0&";
    for command in [
        json!({"type": "CreateApi", "realm": "auth0", "id": "a", "identifier": API,
               "permissions": [{"name": "read"}, {"name": "write"}]}),
        json!({"type": "CreateRole", "realm": "auth0", "id": "r", "name": "r"}),
        json!({"type": "RegisterUser", "realm": "auth0", "id": "auth0|ann"}),
        json!({"type": "RegisterUser", "realm": "auth0", "id": "auth0|bob"}),
        json!({"type": "GrantUserPermissions", "realm": "auth0", "user": "auth0|ann",
               "permissions": [{"api": API, "name": "read"}, {"api": API, "name": "write"}]}),
        json!({"type": "GrantRolePermissions", "realm": "auth0", "role": "r",
               "permissions": [{"api": API, "name": "write"}]}),
        json!({"type": "AssignUserRoles", "realm": "auth0", "user": "auth0|ann", "roles": ["r"]}),
    ] {
        submit(&client, command).await;
    }
    let bob = told(&client, "user=auth0%7Cbob").await;
    let less = json!({"scopes": [{"value": "read"}]});
    let path = "/api/v2/resource-servers/a";
    drop(client.patch(path, &less).await.expect(200));
    took(&server, "user", "auth0|ann").await;
    took(&server, "role", "r").await;
    // Asked for both, for the permission, and in another realm.
    let patched = (head(&client).await, true);
    for query in [
        format!("{realm}user=auth0%7Cann&role=r"),
        format!("{realm}user=auth0%7Cann&api=a&permission=write"),
    ] {
        assert_eq!(
            told(&client, &query).await.first(),
            Some(&patched),
            "{query}"
        );
    }
    assert_eq!(told(&client, "user=auth0%7Cann&realm=native").await, []);
    drop(client.delete("/api/v2/roles/r").await.expect(200));
    took(&server, "user", "auth0|ann").await;
    drop(client.delete(path).await.expect(204));
    took(&server, "user", "auth0|ann").await;
    let lost = effects(&client, "user=auth0%7Cann").await;
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!(
        (&lost[0]["user"], &lost[0]["permission"]),
        (&json!("auth0|ann"), &json!("read"))
    );
    // The end of an API is in the history of each permission that it had.
    let newest = (head(&client).await, true);
    let ended = told(&client, &format!("api={}&permission=read", encoded(API))).await;
    assert_eq!(ended.first(), Some(&newest));
    let of_gone = told(&client, &format!("api={}&permission=write", encoded(API))).await;
    assert_eq!(of_gone.first(), Some(&patched));
    assert_eq!(told(&client, "user=auth0%7Cbob").await, bob);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_removes_is_in_the_history_of_whoever_held_it() {
    let server = Server::start().await;
    let client = server.client();
    ground(&client).await;
    let bob = told(&client, "user=bob").await;
    submit(
        &client,
        json!({"type": "ReplaceApiPermissions", "api": API, "permissions": [{"name": "read"}]}),
    )
    .await;
    took(&server, "user", "ann").await;
    took(&server, "role", "r").await;
    submit(&client, json!({"type": "DeleteApi", "api": OTHER})).await;
    took(&server, "user", "ann").await;
    took(&server, "role", "r").await;
    submit(&client, json!({"type": "DeleteRole", "role": "r"})).await;
    took(&server, "user", "ann").await;
    let kinds: Vec<String> = effects(&client, "user=ann")
        .await
        .iter()
        .map(|effect| text(&effect["kind"]))
        .collect();
    assert_eq!(kinds, ["role_permission", "user_role"]);
    submit(&client, json!({"type": "DeleteUser", "user": "ann"})).await;
    // What ends afterwards takes nothing from who is gone.
    submit(&client, json!({"type": "DeleteApi", "api": API})).await;
    let newest = head(&client).await;
    let ann = told(&client, "user=ann").await;
    assert_eq!(ann.first(), Some(&(newest - 1, true)), "{ann:?}");
    assert_eq!(told(&client, "user=bob").await, bob);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nest_auth_removes_is_in_the_history_of_whoever_held_it() {
    let server = Server::start().await;
    let client = server.client();
    let permission = "11111111-1111-4111-8111-111111111111";
    let clerks = "22222222-2222-4222-8222-222222222222";
    for command in [
        json!({"type": "CreatePermission", "realm": "nestauth", "api": "web", "id": permission,
               "name": "orders.read"}),
        json!({"type": "CreateGuardedRole", "realm": "nestauth", "id": clerks, "guard": "web",
               "name": "clerks", "system": false, "active": true,
               "permissions": ["orders.read"]}),
        json!({"type": "AssignUserRoles", "realm": "nestauth", "user": "7", "roles": [clerks]}),
        json!({"type": "DeletePermission", "realm": "nestauth", "permission": permission}),
    ] {
        submit(&client, command).await;
    }
    took(&server, "role", clerks).await;
    submit(
        &client,
        json!({"type": "DeleteRole", "realm": "nestauth", "role": clerks}),
    )
    .await;
    took(&server, "user", "7").await;
    let lost = effects(&client, "user=7").await;
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!(
        (&lost[0]["kind"], &lost[0]["user"]),
        (&json!("user_role"), &json!("7"))
    );
}
