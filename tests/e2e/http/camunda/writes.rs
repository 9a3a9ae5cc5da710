//! `POST /authorization/create` and `DELETE /authorization/{id}`.

use serde_json::{Value, json};
use writ_tests::Server;

use super::{Engine, PERSISTENCE, User, bad_user_request, engine, invalid, missing, no_such, null};
use crate::ledger::{list, text};
use crate::watch::Watch;

#[tokio::test(flavor = "multi_thread")]
async fn one_is_made_shown_and_removed_on_record() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    let mut watch = Watch::on(&server).await;
    let body = r#"{"type":2,"permissions":["DELETE","READ"],"groupId":"g","resourceType":5,"resourceId":"f"}"#;
    let made = camunda.ask("POST", "/authorization/create", body).await;
    let made = made.expect(200);
    let id = text(&made.json()["id"]);
    let shown = format!(
        r#"{{"id":"{id}","type":2,"permissions":["READ","DELETE"],"userId":null,"groupId":"g","resourceType":5,"resourceId":"f","removalTime":null,"rootProcessInstanceId":null}}"#
    );
    assert_eq!(made.text(), shown);
    let (created, _) = watch.one("made").await;
    assert_eq!(
        created["facts"][0]["authorization"]["id"],
        id.as_str(),
        "{created}"
    );
    let path = format!("/authorization/{id}");
    camunda
        .answers_all(&[("GET", &path, "", 200, &shown)])
        .await;
    // What is on it goes with it.
    let on_it = json!({
        "type": 1, "permissions": ["READ"], "userId": "u", "resourceType": 4, "resourceId": id,
    });
    camunda.made(&on_it.to_string()).await;
    watch.skip().await;
    camunda.answers_all(&[("DELETE", &path, "", 204, "")]).await;
    let (deleted, _) = watch.one("removed").await;
    let facts = list(&deleted["facts"]);
    assert_eq!(facts.len(), 2, "{deleted}");
    for (fact, holder) in facts.iter().zip([
        json!({"type": "group", "group": "g"}),
        json!({"type": "user", "user": "u"}),
    ]) {
        assert_eq!(fact["type"], "AuthorizationDeleted", "{deleted}");
        assert_eq!(fact["terms"]["holder"], holder, "{deleted}");
    }
    let none = no_such(&id);
    camunda
        .answers_all(&[
            ("GET", &path, "", 404, &none),
            ("DELETE", &path, "", 404, &none),
        ])
        .await;
    let (refused, _) = watch.one("removed again").await;
    assert_eq!(
        refused["outcome"]["rejection"]["type"],
        "NoSuchAuthorization"
    );
    watch.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_authorization_is_told_in_the_engines_order() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    let process = |message: &str| engine("ProcessEngineException", message, 0);
    let holder = engine(
        "NullValueException",
        "Authorization must either have a 'userId' or a 'groupId'.",
        0,
    );
    let twin = r#"{"type":1,"permissions":[],"userId":"u","resourceType":1,"resourceId":"x"}"#;
    camunda.made(twin).await;
    // On no resource there may be any number.
    for _ in 0..2 {
        camunda.made(&twin.replace("\"x\"", "null")).await;
    }
    for (body, status, told) in [
        ("{", 400, invalid("")),
        (r#"{"type":true}"#, 400, invalid("")),
        ("{}", 500, null()),
        (
            r#"{"type":5,"groupId":"g"}"#,
            500,
            process(
                "ENGINE-03025 Unrecognized authorization type '5'. Must be one of ['0', '1', '2']",
            ),
        ),
        (
            r#"{"type":0,"groupId":"g"}"#,
            500,
            process("ENGINE-03027 Cannot use 'groupId' for GLOBAL authorization"),
        ),
        (
            r#"{"type":null,"userId":"jonny"}"#,
            500,
            process(
                "ENGINE-03028 Illegal value 'jonny' for userId for GLOBAL authorization. Must be '*'",
            ),
        ),
        (r#"{"type":1,"permissions":["odd"]}"#, 500, null()),
        (r#"{"type":1,"resourceType":1}"#, 500, null()),
        (
            r#"{"type":1,"permissions":["READ_INSTANCE"],"resourceType":7}"#,
            400,
            bad_user_request(
                "The permission 'READ_INSTANCE' is not valid for 'TASK' resource type.",
            ),
        ),
        (
            r#"{"type":0,"permissions":["ACCESS"],"resourceType":1}"#,
            500,
            holder,
        ),
        (
            r#"{"type":1,"permissions":["ACCESS"],"userId":"u","resourceType":1}"#,
            400,
            bad_user_request(
                "ENGINE-03087 The resource type with id:'1' is not valid for 'ACCESS' permission.",
            ),
        ),
        (
            twin,
            500,
            engine("ProcessEnginePersistenceException", PERSISTENCE, 0),
        ),
    ] {
        camunda
            .answers_all(&[("POST", "/authorization/create", body, status, &told)])
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_refused_and_who_may_not_read_it_is_told_that_it_is_not_there() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    camunda.user("ann").await;
    let ann = User::new("ann", "ann");
    let mut watch = Watch::on(&server).await;
    let body =
        r#"{"type":1,"permissions":["READ"],"userId":"u","resourceType":1,"resourceId":"x"}"#;
    let create = ("POST", "/authorization/create", body);
    camunda
        .answers(&ann, create, (403, &missing("ann", "CREATE", None)))
        .await;
    let (denied, _) = watch.one("no right to create").await;
    assert_eq!(denied["outcome"]["type"], "denied", "{denied}");
    assert_eq!(denied["facts"], Value::Array(Vec::new()), "{denied}");
    let right =
        r#"{"type":1,"permissions":["CREATE"],"userId":"ann","resourceType":4,"resourceId":"*"}"#;
    camunda.made(right).await;
    watch.skip().await;
    let answer = camunda.ask_as(&ann, create.0, create.1, create.2).await;
    let answer = answer.expect(404);
    // It was made all the same.
    let (made, _) = watch.one("made and not shown").await;
    let id = text(&made["facts"][0]["authorization"]["id"]);
    assert_eq!(answer.text(), no_such(&id));
    assert_eq!(made["actor"]["subject"], "ann", "{made}");
    watch.end().await;
}
