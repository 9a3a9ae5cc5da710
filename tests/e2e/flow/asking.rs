//! The command line asks what the API is asked, and is answered the same.

use serde_json::{Value, json};
use writ_tests::{Client, Database, Server};

use crate::http::camunda::Engine;
use crate::ledger::{changes_after, encoded, head, list, number, text};

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

/// Ids of what somebody holds by the rules of the other realms.
struct Others {
    authorization: String,
    permission: String,
    admin: String,
}

/// Ann is somebody in Camunda, by a group, and in Nest Auth, by a role; one person, for a while.
async fn others(server: &Server) -> Others {
    let client = server.client();
    let engine = Engine::of(server);
    engine.user("ann").await;
    let group = json!({"id": "sales", "name": "Sales"}).to_string();
    for (method, path, body) in [
        ("POST", "/group/create", group.as_str()),
        ("PUT", "/group/sales/members/ann", ""),
    ] {
        drop(engine.ask(method, path, body).await.expect(204));
    }
    let held = |permissions: Value, holder: (&str, &str)| {
        json!({
            "type": 1, "permissions": permissions, holder.0: holder.1, "resourceType": 6,
            "resourceId": "invoice",
        })
        .to_string()
    };
    let authorization = engine
        .made(&held(json!(["READ", "UPDATE"]), ("groupId", "sales")))
        .await;
    let path = format!("/authorization/{authorization}");
    let less = held(json!(["READ"]), ("groupId", "sales"));
    drop(engine.ask("PUT", &path, &less).await.expect(204));
    let permission = "11111111-1111-4111-8111-111111111111";
    let subject = |realm: &str, id: &str| json!({"realm": realm, "id": id});
    for command in [
        json!({"type": "CreatePermission", "realm": "nestauth", "api": "web", "id": permission,
               "name": "orders.read"}),
        json!({"type": "CreateGuardedRole", "realm": "nestauth", "id": "clerks", "guard": "web",
               "name": "clerks", "system": false, "active": true,
               "permissions": ["orders.read"]}),
        json!({"type": "AssignUserRoles", "realm": "nestauth", "user": "7", "roles": ["clerks"]}),
        json!({"type": "UpdatePermission", "realm": "nestauth", "permission": permission,
               "name": "orders.list"}),
        json!({"type": "LinkSubject", "subject": subject("nestauth", "7"),
               "with": subject("native", "ann")}),
        json!({"type": "LinkSubject", "subject": subject("auth0", "auth0|ann"),
               "with": subject("native", "ann")}),
        json!({"type": "UnlinkSubject", "subject": subject("auth0", "auth0|ann")}),
        json!({"type": "CreateAdmin", "email": "b@example.com", "password": "x", "first": false}),
    ] {
        submit(&client, command).await;
    }
    let newest = head(&client).await - 1;
    let admin = changes_after(&client, newest).await.remove(0);
    Others {
        authorization,
        permission: permission.to_owned(),
        admin: text(&admin["facts"][0]["id"]),
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
    // What the start wrote comes before.
    let base = head(&client).await;
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
    assert_eq!(explain["lost"]["closed_by"]["tenant_seq"], base + 7);
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
        (&json!(true), &json!(base + 6))
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

/// Of every realm, and with every noun that history knows.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_answers_as_the_api_does_in_every_realm() {
    let server = Server::start().await;
    let client = server.client();
    ground(&client).await;
    let ids = others(&server).await;
    let was = text(&printed(&server, &["check", "ann", "read", API]).await["as_of"]["revision"]);
    let engine = Engine::of(&server);
    let path = format!("/authorization/{}", ids.authorization);
    drop(engine.ask("DELETE", &path, "").await.expect(204));
    for (subject, realm) in [("ann", "camunda"), ("7", "nestauth"), ("ann", "native")] {
        for as_of in [None, Some(was.as_str())] {
            grants_are_answered_alike(&server, subject, realm, as_of).await;
        }
    }
    let read = async |path: &str| client.get(path).await.expect(200).json();
    let admin = engine.admin().name;
    for (words, query, entries) in [
        (["--authorization", &ids.authorization], "authorization", 3),
        (["--group", "sales"], "group", 5),
        (["--permission-id", &ids.permission], "permission_id", 2),
        (["--admin", &ids.admin], "admin", 1),
        (["--role", "clerks"], "role", 2),
        (["--actor", &admin], "actor", 6),
    ] {
        let history = printed(&server, &[&["history"], &words[..]].concat()).await;
        let path = format!("/v1/history?{query}={}", encoded(words[1]));
        assert_eq!(history, read(&path).await);
        assert_eq!(
            list(&history["entries"]).len(),
            entries,
            "{words:?}: {history}"
        );
    }
}

/// A subject's grants, and the answer and the reason of each.
async fn grants_are_answered_alike(
    server: &Server,
    subject: &str,
    realm: &str,
    as_of: Option<&str>,
) {
    let client = server.client();
    let mut more = vec!["--realm", realm];
    more.extend(as_of.iter().flat_map(|at| ["--as-of", at]));
    let as_of = as_of.map_or(String::new(), |at| format!("&as_of={at}"));
    let query = format!("subject={subject}&realm={realm}{as_of}");
    let read = async |path: String| client.get(&path).await.expect(200).json();
    let grants = printed(
        server,
        &[&["grants", "--subject", subject], &more[..]].concat(),
    )
    .await;
    assert_eq!(grants, read(format!("/v1/grants?{query}")).await);
    assert_ne!(list(&grants["grants"]), Vec::<Value>::new(), "{query}");
    for grant in list(&grants["grants"]) {
        let (permission, resource) = (text(&grant["permission"]), text(&grant["resource"]));
        let asked = [&[subject, &permission, &resource], &more[..]].concat();
        let check = printed(server, &[&["check"], &asked[..]].concat()).await;
        let question = json!({
            "subject": subject, "permission": permission, "resource": resource, "realm": realm,
        });
        let path = format!("/v1/check?{}", as_of.trim_start_matches('&'));
        let answer = client.post(&path, &question).await.expect(200).json();
        assert_eq!(check, answer);
        assert_eq!(check["allowed"], true, "{grant}: {check}");
        let explain = printed(server, &[&["explain"], &asked[..]].concat()).await;
        let (permission, resource) = (encoded(&permission), encoded(&resource));
        let path =
            format!("/v1/explain?{query}&permission={permission}&resource={resource}&limit=1000");
        assert_eq!(explain, read(path).await);
        assert_eq!(explain["allowed"], true, "{grant}: {explain}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_every_entry_and_folds_to_the_same_state() {
    let server = Server::start().await;
    let client = server.client();
    // What the start wrote comes before.
    let base = usize::try_from(head(&client).await).expect("few");
    ground(&client).await;
    submit(&client, json!({"type": "DeleteRole", "role": "r"})).await;
    drop(others(&server).await);
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
    let from = text(&changes[base + 5]["position"]);
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
    let entries = entries.map(|part| number(&part["entries"])).sum::<u64>();
    assert_eq!(entries, head(&client).await);
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
    let nowhere = server.try_run(&["replay", "--from", "999-1"]).await;
    assert!(!nowhere.status.success(), "{}", nowhere.stdout);
    // It says by its name which of two databases it cannot reach.
    for url in [
        &format!("{}-that-is-not-there", target.url()),
        "not a url",
        "",
    ] {
        let refused = server.try_run(&["replay", "--into", url]).await;
        assert!(!refused.status.success(), "{}", refused.stdout);
    }
    let complaints = server.complaints();
    for complaint in [
        "there is no partition 999",
        "failed to connect to the database of `--into`",
        "`--into` is not a connection string",
        "`--into` names no host",
    ] {
        assert!(complaints.contains(complaint), "{complaints}");
    }
    assert!(!complaints.contains("database_url"), "{complaints}");
}
