//! `PATCH /auth/admin/api/permissions/{id}`: what is answered, and what is on record.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Launch, Server};

use super::{Console, PERMISSIONS, text};
use crate::ledger;

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// The newest entry of a permission's history, from the outside.
async fn newest(server: &Server, id: &str) -> Value {
    let path = format!("/v1/history?permission_id={id}&realm=nestauth&order=newest&limit=1");
    let page = server.client().get(&path).await.expect(200).json();
    let entry = page.pointer("/entries/0").cloned();
    entry.unwrap_or_else(|| panic!("no history of {id}: {page}"))
}

#[tokio::test]
async fn a_change_is_answered_and_on_record_with_its_before_image_and_actor() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let id = console.permission("users.create").await;
    let path = format!("{PERMISSIONS}/{id}");
    let body = json!({"name": " users.add ", "category": "people"});
    let answer = console
        .request(Method::PATCH, &path)
        .header("writ-reason", "audit 7")
        .json(&body)
        .send()
        .await
        .expect(200);
    let permission = answer.json();
    assert_eq!(text(&permission, "/permission/name"), "users.add");
    assert_ne!(
        permission.pointer("/permission/createdAt"),
        permission.pointer("/permission/updatedAt")
    );
    let entry = newest(&server, &id).await;
    assert_eq!(text(&entry, "/outcome/type"), "applied", "{entry}");
    let told = entry.to_string();
    for word in [
        "UpdatePermission",
        "PermissionRenamed",
        "\"name\":\"users.create\"",
        "\"after\":\"users.add\"",
        "PermissionCategorized",
        "audit 7",
        &server.ready().nestauth.email,
    ] {
        assert!(told.contains(word), "{word} in {told}");
    }
    let got = console.request(Method::GET, &path).send().await.expect(200);
    assert_eq!(got.text(), answer.text());
    // What was seen may be named when it is changed: the tag is of the permission's page.
    let tag = got.header("etag").to_owned();
    let described = |tag: &str| {
        let body = json!({"description": tag});
        console
            .request(Method::PATCH, &path)
            .header("if-match", tag)
            .json(&body)
    };
    drop(described(&tag).send().await.expect(200));
    let stale = described(&tag).send().await.expect(412);
    assert!(
        stale.text().contains("Precondition Failed"),
        "{}",
        stale.text()
    );
    let entry = newest(&server, &id).await;
    assert!(entry.to_string().contains("Stale"), "{entry}");
}

#[tokio::test]
async fn what_changes_nothing_is_on_record_and_moves_no_time() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let id = console.permission("users.create").await;
    let path = format!("{PERMISSIONS}/{id}");
    let before = console.request(Method::GET, &path).send().await.expect(200);
    let same = json!({"name": "users.create", "description": " d "});
    for body in [json!({}), same] {
        let answer = console.request(Method::PATCH, &path).json(&body);
        let answer = answer.send().await.expect(200);
        assert_eq!(answer.text(), before.text());
        let entry = newest(&server, &id).await;
        assert_eq!(text(&entry, "/outcome/type"), "unchanged", "{entry}");
    }
}

#[tokio::test]
async fn an_unknown_id_is_on_record_and_what_is_malformed_or_nobody_s_is_not() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let id = console.permission("users.create").await;
    let path = format!("{PERMISSIONS}/{id}");
    let unknown = format!("{PERMISSIONS}/{UNKNOWN}");
    let rename = json!({"name": "z"});
    let answer = console.request(Method::PATCH, &unknown).json(&rename);
    let answer = answer.send().await.expect(404);
    assert_eq!(
        answer.text(),
        format!(
            r#"{{"statusCode":404,"error":"Not Found","message":"Permission with id {UNKNOWN} not found"}}"#
        )
    );
    let entry = newest(&server, UNKNOWN).await;
    assert_eq!(text(&entry, "/outcome/type"), "rejected", "{entry}");
    let client = server.client();
    let head = ledger::head(&client).await;
    for (body, status) in [
        (json!({"name": 1}), 400),
        (json!({"name": " "}), 400),
        (json!({"name": null}), 500),
        (json!([]), 400),
    ] {
        let answer = console.request(Method::PATCH, &path).json(&body);
        drop(answer.send().await.expect(status));
    }
    let nobody = server.anonymous().patch(&path, &rename).await.expect(401);
    assert_eq!(
        nobody.text(),
        r#"{"statusCode":401,"error":"Unauthorized","message":"Admin authentication required"}"#
    );
    assert_eq!(ledger::head(&client).await, head);
}

#[tokio::test]
async fn a_forged_request_is_refused_on_record() {
    let server = Launch::on_fresh_database()
        .await
        .setting("WRIT_NESTAUTH_CSRF", "on")
        .start()
        .await;
    let mut console = Console::of(&server).await;
    console.cookie.push_str("; nest_auth_csrf=c");
    let body = json!({"name": "users.create"});
    let made = console.request(Method::POST, PERMISSIONS);
    let made = made.header("x-csrf-token", "c").json(&body).send().await;
    let id = text(&made.expect(201).json(), "/permission/id");
    let path = format!("{PERMISSIONS}/{id}");
    let rename = json!({"name": "z"});
    let answer = console.request(Method::PATCH, &path).json(&rename);
    let answer = answer.send().await.expect(403);
    assert!(answer.text().ends_with(r#""code":"CSRF_TOKEN_INVALID"}"#));
    let entry = newest(&server, &id).await;
    assert_eq!(text(&entry, "/outcome/type"), "denied", "{entry}");
    let allowed = console.request(Method::PATCH, &path);
    let allowed = allowed.header("x-csrf-token", "c").json(&rename);
    drop(allowed.send().await.expect(200));
}

#[tokio::test]
async fn a_deleted_admin_is_nobody() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let me = console.request(Method::GET, "/auth/admin/me").send().await;
    let id = text(&me.expect(200).json(), "/id");
    let client = server.client();
    let other = json!({
        "type": "CreateAdmin", "email": "b@example.com", "password": "x", "first": false,
    });
    drop(
        client
            .post("/v1/commands", &json!({"command": other}))
            .await
            .expect(200),
    );
    let delete = json!({"type": "DeleteAdmin", "admin": id});
    drop(
        client
            .post("/v1/commands", &json!({"command": delete}))
            .await
            .expect(200),
    );
    let answer = console
        .request(Method::GET, PERMISSIONS)
        .send()
        .await
        .expect(401);
    assert_eq!(
        answer.text(),
        r#"{"statusCode":401,"error":"Unauthorized","message":"Admin account not found"}"#
    );
}

#[tokio::test]
async fn the_clean_profile_says_what_was_meant() {
    let server = Launch::on_fresh_database()
        .await
        .setting("WRIT_NESTAUTH_PROFILE", "clean")
        .start()
        .await;
    let console = Console::of(&server).await;
    let path = format!("{PERMISSIONS}/not-a-uuid");
    let answer = console.request(Method::PATCH, &path).json(&json!({}));
    let answer = answer.send().await.expect(404);
    assert_eq!(
        answer.text(),
        r#"{"statusCode":404,"error":"Not Found","message":"Permission with id not-a-uuid not found","code":"PERMISSION_NOT_FOUND"}"#
    );
}

/// Two names swapped in one entry are one UPDATE of two rows that are unique; and what the realm
/// keeps is the same in views, in history and in a fold of the log.
#[tokio::test]
async fn names_are_swapped_and_everything_verifies() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let (one, two) = (console.permission("a").await, console.permission("b").await);
    let role = json!({"name": "r", "guard": "web", "permissions": ["a"]});
    let role = console
        .request(Method::POST, "/auth/admin/api/roles")
        .json(&role);
    let role = text(&role.send().await.expect(201).json(), "/role/id");
    let client = server.client();
    let rename = |permission: &str, name: &str| json!({"type": "UpdatePermission", "permission": permission, "name": name});
    let commands = [
        rename(&one, "tmp"),
        rename(&two, "a"),
        rename(&one, "b"),
        json!({"type": "AssignUserRoles", "realm": "nestauth", "user": "7", "roles": [role]}),
        json!({
            "type": "LinkSubject",
            "subject": {"realm": "nestauth", "id": "7"},
            "with": {"realm": "auth0", "id": "auth0|7"},
        }),
    ];
    let batch = json!({"type": "Batch", "commands": commands});
    drop(
        client
            .post("/v1/commands", &json!({"command": batch}))
            .await
            .expect(200),
    );
    let roles = console
        .request(Method::GET, "/auth/admin/api/roles")
        .send()
        .await;
    let roles = roles.expect(200).json();
    assert_eq!(roles.pointer("/data/0/permissions"), Some(&json!(["b"])));
    let unlink = json!({
        "type": "UnlinkSubject", "subject": {"realm": "auth0", "id": "auth0|7"},
    });
    drop(
        client
            .post("/v1/commands", &json!({"command": unlink}))
            .await
            .expect(200),
    );
    server.run(&["verify"]).await;
}
