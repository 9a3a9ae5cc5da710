//! The command line asks what the API is asked, and is answered the same.

use serde_json::{Value, json};
use writ_tests::{Client, Database, Server};

use crate::ledger::{changes_after, encoded, number, text};

const API: &str = "https://a/";

async fn submit(client: &Client, command: Value) -> Value {
    let answer = client
        .post("/v1/commands", &json!({ "command": command }))
        .await;
    answer.expect(200).json()
}

/// Ann may read by a role, and may no longer write.
async fn ground(client: &Client) {
    let permission = |name: &str| json!([{"api": API, "name": name}]);
    for command in [
        json!({"type": "CreateApi", "id": "a", "identifier": API,
               "permissions": [{"name": "read"}, {"name": "write"}]}),
        json!({"type": "CreateRole", "id": "r", "name": "r"}),
        json!({"type": "RegisterUser", "id": "ann"}),
        json!({"type": "GrantRolePermissions", "role": "r", "permissions": permission("read")}),
        json!({"type": "AssignUserRoles", "user": "ann", "roles": ["r"]}),
        json!({"type": "GrantUserPermissions", "user": "ann", "permissions": permission("write")}),
        json!({"type": "RevokeUserPermissions", "user": "ann", "permissions": permission("write")}),
    ] {
        submit(client, command).await;
    }
}

async fn printed(server: &Server, arguments: &[&str]) -> Value {
    let text = server.run(&[arguments, &["--json"]].concat()).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_answers_as_the_api_does() {
    let server = Server::start().await;
    let client = server.client();
    ground(&client).await;
    let api = encoded(API);
    let read = async |path: String| client.get(&path).await.expect(200).json();
    let grants = printed(&server, &["grants", "--subject", "ann"]).await;
    assert_eq!(grants, read("/v1/grants?subject=ann".to_owned()).await);
    assert_eq!(grants["total"], 1);
    let check = printed(&server, &["check", "ann", "read", API]).await;
    let question = json!({"subject": "ann", "permission": "read", "resource": API});
    assert_eq!(
        check,
        client.post("/v1/check", &question).await.expect(200).json()
    );
    assert_eq!(check["allowed"], true);
    let path = format!("/v1/explain?subject=ann&permission=write&resource={api}");
    let explain = printed(&server, &["explain", "ann", "write", API]).await;
    assert_eq!(explain, read(path).await);
    assert_eq!(explain["lost"]["closed_by"]["tenant_seq"], 7);
    let history = printed(&server, &["history", "--user", "ann", "--limit", "2"]).await;
    assert_eq!(
        history,
        read("/v1/history?user=ann&limit=2".to_owned()).await
    );
    // As of before: by the revision that an answer told.
    let before = text(&explain["lost"]["ways"][0]["opened_by"]["revision"]);
    let was = printed(&server, &["check", "ann", "write", API, "--as-of", &before]).await;
    assert_eq!(
        (&was["allowed"], &was["as_of"]["tenant_seq"]),
        (&json!(true), &json!(6))
    );
    // For a person, without colours where no terminal is.
    for (arguments, said) in [
        (
            &["check", "ann", "read", API][..],
            "yes, by role r, in native",
        ),
        (&["check", "ann", "write", API], "no\n"),
        (&["explain", "ann", "write", API], "no, taken away by"),
        (&["grants", "--resource", API], "2 in all"),
        (&["history", "--actor", "nobody"], "Nothing."),
    ] {
        let text = server.run(arguments).await;
        assert!(text.contains(said) && !text.contains('\u{1b}'), "{text}");
    }
    for wrong in [
        &["grants"][..],
        &["check", "ann", "read", API, "--as-of", "then"],
        &["check", "ann", "read", API, "--realm", "mars"],
        &["replay", "--from", "x"],
    ] {
        let exit = server.try_run(wrong).await;
        assert!(!exit.status.success(), "{wrong:?}: {}", exit.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_every_entry_and_folds_to_the_same_state() {
    let server = Server::start().await;
    let client = server.client();
    ground(&client).await;
    submit(&client, json!({"type": "DeleteRole", "role": "r"})).await;
    let told = server
        .run(&["replay", "--json", "--tenant", "default"])
        .await;
    let told: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    let mut changes = changes_after(&client, 0).await;
    for change in &mut changes {
        let members = change.as_object_mut().expect("an object");
        members.remove("effects");
        members.insert("tenant".to_owned(), json!("default"));
    }
    assert_eq!(told, changes);
    let from = text(&changes[5]["position"]);
    let rest = server
        .run(&["replay", "--from", &from, "--limit", "2"])
        .await;
    let lines: Vec<&str> = rest.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(lines.len(), 2, "{rest}");
    assert!(lines[0].starts_with(&from) && lines[0].ends_with("GrantUserPermissions applied"));

    let target = Database::fresh().await;
    let into = ["replay", "--into", target.url(), "--json"];
    let folded: Value = serde_json::from_str(&server.run(&into).await).expect("JSON");
    assert_eq!(folded["equal"], true, "{folded}");
    let entries = folded["partitions"].as_array().expect("a list").iter();
    assert_eq!(entries.map(|part| number(&part["entries"])).sum::<u64>(), 8);
    let verified: Value =
        serde_json::from_str(&server.run(&["verify", "--json"]).await).expect("JSON");
    for (folded, verified) in folded["partitions"]
        .as_array()
        .expect("a list")
        .iter()
        .zip(verified["partitions"].as_array().expect("a list"))
    {
        assert_eq!(folded["digest"], verified["views"]);
    }
    // What is not empty is not written over.
    let again = server.try_run(&into).await;
    assert!(!again.status.success(), "{}", again.stdout);
}
