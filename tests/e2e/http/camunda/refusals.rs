//! `PUT /engine-rest/authorization/{id}` that cannot be read, or that the engine stumbles over.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::Server;

use super::put::{COMMAND, GRANT, path, put};
use super::{
    Engine, PERSISTENCE, User, bad_user_request, basic, framework, invalid, no_such, null,
};
use crate::http::five::{Entry, Row};
use crate::watch::Watch;

/// Bodies that are answered 400.
fn bad_bodies() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = [
        "{",
        "[]",
        "\"x\"",
        "1",
        r#"{"permissions":16,"userId":"u","resourceType":1}"#,
        r#"{"permissions":"READ","userId":"u","resourceType":1}"#,
        r#"{"permissions":{},"userId":"u","resourceType":1}"#,
        r#"{"userId":"u","resourceType":true}"#,
        r#"{"userId":"u","resourceType":"User"}"#,
        r#"{"userId":"u","resourceType":4294967296}"#,
        r#"{"userId":"u","resourceType":[1]}"#,
        r#"{"userId":{}}"#,
        r#"{"groupId":["g"]}"#,
        r#"{"userId":"u","resourceId":{"id":"x"}}"#,
        r#"{"userId":"u","type":{}}"#,
    ]
    .map(|body| (body.to_owned(), invalid("")))
    .into();
    for (permission, resource_type, message) in [
        (
            "16",
            1,
            "The permission '16' is not valid for 'USER' resource type.",
        ),
        (
            "\"read\"",
            1,
            "The permission 'read' is not valid for 'USER' resource type.",
        ),
        (
            "null",
            1,
            "The permission 'null' is not valid for 'USER' resource type.",
        ),
        (
            "\"TASK_WORK\"",
            8,
            "The permission 'TASK_WORK' is not valid for 'PROCESS_INSTANCE' resource type.",
        ),
        (
            "\"odd\"",
            9999,
            "The permission 'odd' is not valid for 'null' resource type.",
        ),
        (
            "\"ACCESS\"",
            1,
            "ENGINE-03087 The resource type with id:'1' is not valid for 'ACCESS' permission.",
        ),
        (
            "\"READ\"",
            9999,
            "ENGINE-03087 The resource type with id:'9999' is not valid for 'READ' permission.",
        ),
    ] {
        let body = format!(
            r#"{{"permissions":[{permission}],"userId":"u","resourceType":{resource_type}}}"#
        );
        all.push((body, bad_user_request(message)));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_400_or_401_leaves_no_entry() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let id = engine.made(GRANT).await;
    let mut watch = Watch::on(&server).await;
    for (body, answer) in bad_bodies() {
        let row = put(&engine, &admin, &id, &body).answers(400, answer);
        row.check(&mut watch).await;
    }
    let nobody = Row::new("nobody", engine.client(), Method::PUT, &path(&id)).json(GRANT);
    nobody.answers(401, "").check(&mut watch).await;
    for header in [
        basic(&User::new(&admin.name, "wrong")),
        basic(&User::new("nobody", "nobody")),
        basic(&admin).replace("Basic", "basic"),
        "Basic %".to_owned(),
        format!("Bearer {}", server.ready().token),
    ] {
        let row = Row::new("wrong", engine.client(), Method::PUT, &path(&id)).json(GRANT);
        let row = row.header("authorization", &header).answers(401, "");
        row.check(&mut watch).await;
    }
    let answer = engine
        .client()
        .request(Method::PUT, &path(&id))
        .json(&json!({}));
    let answer = answer.send().await.expect(401);
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"default\"");
    let shown = engine
        .ask("GET", &format!("/authorization/{id}"), "")
        .await
        .json();
    assert_eq!(
        (&shown["userId"], &shown["permissions"]),
        (&json!("jonny"), &json!(["READ"]))
    );
    watch.end().await;
}

/// A media type that the engine does not read comes before everything but the password.
#[tokio::test(flavor = "multi_thread")]
async fn media_types_are_looked_at_before_rights_and_existence() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let mut watch = Watch::on(&server).await;
    let unsupported = framework("NotSupportedException", "415 Unsupported Media Type");
    let row = |what: &str| {
        Row::new(what, engine.client(), Method::PUT, &path("unknown"))
            .header("authorization", &basic(&admin))
    };
    for media in ["text/json", "*/*", "application/problem+json", "text/plain"] {
        let row = row(media)
            .body(media, "{}")
            .answers(415, unsupported.clone());
        row.check(&mut watch).await;
    }
    let html = row("html").json("{}").header("accept", "text/html");
    let not_acceptable = framework("NotAcceptableException", "406 Not Acceptable");
    html.answers(406, not_acceptable).check(&mut watch).await;
    let rejection = json!({"type": "NoSuchAuthorization", "authorization": "unknown"});
    // What is not there is told before the engine stumbles over a body that is not there.
    for row in [row("no body"), row("null").json("null")] {
        let entry = Entry::rejected(&admin.name, COMMAND, &rejection, "authorization=unknown");
        let row = row.answers(404, no_such("unknown"));
        row.leaves(entry).check(&mut watch).await;
    }
    for media in ["Application/JSON", "application/json; charset=utf-8"] {
        // Empty and JSON is an empty object.
        for body in ["{}", ""] {
            let entry = Entry::rejected(&admin.name, COMMAND, &rejection, "authorization=unknown");
            let row = row(media)
                .body(media, body)
                .answers(404, no_such("unknown"));
            row.leaves(entry).check(&mut watch).await;
        }
    }
    watch.end().await;
}

/// What the engine stumbles over: of which authorization, the body, the answer, the rejection.
fn stumbles<'a>(
    id: &'a str,
    global: &'a str,
    other: &'a str,
) -> Vec<(&'a str, String, String, Value)> {
    let process = |message: &str| super::engine("ProcessEngineException", message, 0);
    let persistence =
        |code: u32| super::engine("ProcessEnginePersistenceException", PERSISTENCE, code);
    let holder = super::engine(
        "NullValueException",
        "Authorization must either have a 'userId' or a 'groupId'.",
        0,
    );
    let group = process("ENGINE-03027 Cannot use 'groupId' for GLOBAL authorization");
    let user = process(
        "ENGINE-03028 Illegal value 'jonny' for userId for GLOBAL authorization. Must be '*'",
    );
    let bad = |problem: &str| json!({"type": "BadAuthorization", "problem": {"type": problem}});
    let both = r#"{"userId":"u","groupId":"g"}"#;
    let long = GRANT.replace("jonny", &"x".repeat(256));
    let of_jonny = json!({
        "type": "BadAuthorization", "problem": {"type": "UserOfGlobal", "user": "jonny"},
    });
    let twin = json!({"type": "AuthorizationExists", "authorization": id});
    let too_long = json!({
        "type": "BadText", "field": "user", "problem": {"type": "TooLong", "limit_bytes": 255},
    });
    let untyped = r#"{"userId":"u","permissions":["READ"]}"#;
    [
        (id, untyped, null(), bad("NoResourceType")),
        (id, "null", null(), bad("NotOneHolder")),
        (id, " ", null(), bad("NotOneHolder")),
        (id, "{}", holder.clone(), bad("NotOneHolder")),
        (id, both, holder, bad("NotOneHolder")),
        (global, both, group, bad("GroupOfGlobal")),
        (global, r#"{"userId":"jonny"}"#, user, of_jonny),
        (other, GRANT, persistence(0), twin),
        (id, &long, persistence(10_002), too_long),
    ]
    .map(|(id, body, answer, rejection)| (id, body.to_owned(), answer, rejection))
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_engine_stumbles_over_is_500_as_there() {
    let server = Server::start().await;
    let engine = Engine::of(&server);
    let admin = engine.admin();
    let id = engine.made(GRANT).await;
    let everybodys =
        r#"{"type":0,"permissions":[],"userId":"*","resourceType":1,"resourceId":"*"}"#;
    let global = engine.made(everybodys).await;
    let other = engine.made(&GRANT.replace("jonny", "mary")).await;
    let mut watch = Watch::on(&server).await;
    for (id, body, answer, rejection) in stumbles(&id, &global, &other) {
        let concern = format!("authorization={id}");
        let entry = Entry::rejected(&admin.name, COMMAND, &rejection, &concern);
        let row = put(&engine, &admin, id, &body).answers(500, answer);
        row.leaves(entry).check(&mut watch).await;
    }
    watch.end().await;
}
