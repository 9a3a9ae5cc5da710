//! `PUT /authorization/{id}`: what succeeds, and what each refusal leaves.

use writ_domain::Outcome;

use super::world::World;
use crate::Profile;

const GRANT: &str =
    r#"{"type":1,"permissions":["READ"],"userId":"jonny","resourceType":1,"resourceId":"x"}"#;

fn path(id: &str) -> String {
    format!("/authorization/{id}")
}

fn no_such(id: &str) -> String {
    format!(
        r#"{{"type":"InvalidRequestException","message":"Authorization with id {id} does not exist.","code":null}}"#
    )
}

#[tokio::test]
async fn it_replaces_holder_and_resource_and_keeps_the_type() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    let body = r#"{"id":"other","type":2,"permissions":["UPDATE","DELETE"],"groupId":"g",
        "resourceType":2,"removalTime":"2018-02-10T14:33:19.000+0200","unknown":[1]}"#;
    let put = world.ask("PUT", &path(&id), body).await;
    put.is(204, "");
    assert!(put.header("writ-revision").is_some());
    assert_eq!(put.header("content-type"), None);
    let shown = format!(
        r#"{{"id":"{id}","type":1,"permissions":["UPDATE","DELETE"],"userId":null,"groupId":"g","resourceType":2,"resourceId":null,"removalTime":null,"rootProcessInstanceId":null}}"#
    );
    world.ask("GET", &path(&id), "").await.is(200, &shown);
    assert_eq!(world.newest().await.outcome, Outcome::Applied);
    world.end().await;
}

/// Its bits stay, and mean what they mean there.
#[tokio::test]
async fn what_stands_for_nothing_where_it_is_moved_to_is_not_shown() {
    let world = World::new().await;
    let grant = world
        .made(&GRANT.replace("\"READ\"", "\"READ\",\"CREATE\""))
        .await;
    let revoke = world.made(&GRANT.replace("\"type\":1", "\"type\":2")).await;
    for (number, granted, revoked) in [
        (0, "", ""),
        (3, "\"CREATE\"", ""),
        (9_999, "", ""),
        (6, "\"READ\"", "\"READ\""),
        (1, "\"READ\",\"CREATE\"", "\"READ\""),
    ] {
        for (id, names) in [(&grant, granted), (&revoke, revoked)] {
            let body = format!(r#"{{"userId":"jonny","resourceType":{number},"resourceId":"x"}}"#);
            world.ask("PUT", &path(id), &body).await.is(204, "");
            let shown = world.ask("GET", &path(id), "").await.body;
            let expected = format!("\"permissions\":[{names}],");
            assert!(shown.contains(&expected), "{number}: {shown}");
        }
    }
    world.end().await;
}

/// What follows the first value is not read, and a number keeps its digits as a text.
#[tokio::test]
async fn bodies_are_read_as_kindly_as_the_mapper_reads_them() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    for (body, user) in [
        ("{\"userId\":\"ann\"} and more", "ann"),
        ("\u{feff}{\"userId\":\"bob\"}", "bob"),
        (r#"{"userId":1.50,"resourceType":"null"}"#, "1.50"),
    ] {
        world.ask("PUT", &path(&id), body).await.is(204, "");
        let shown = world.ask("GET", &path(&id), "").await.json();
        assert_eq!(shown["userId"], user, "{body}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_so_already_is_a_success_on_record() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    let before = world.entries().await;
    world.ask("PUT", &path(&id), GRANT).await.is(204, "");
    assert_eq!(world.entries().await, before + 1);
    assert_eq!(world.newest().await.outcome, Outcome::Unchanged);
    world.end().await;
}

#[tokio::test]
async fn an_unknown_id_is_404_on_record_whatever_the_body() {
    let world = World::new().await;
    let odd = r#"{"permissions":["odd"],"resourceType":1}"#;
    for body in [GRANT, "{}", "null", odd] {
        let before = world.entries().await;
        let put = world.ask("PUT", "/authorization/unknown", body).await;
        put.is(404, &no_such("unknown"));
        assert_eq!(world.entries().await, before + 1, "{body}");
        assert_eq!(world.newest().await.outcome.kind(), "rejected");
    }
    // As is one that is too long for the record.
    let long = "x".repeat(3_000);
    for method in ["PUT", "DELETE"] {
        let answer = world.ask(method, &path(&long), GRANT).await;
        answer.is(404, &no_such(&long));
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_answered_400_leaves_no_entry() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    let before = world.entries().await;
    let unreadable = r#"{"type":"InvalidRequestException","message":"","code":null}"#;
    let bad = |message: &str| {
        format!(r#"{{"type":"BadUserRequestException","message":"{message}","code":0}}"#)
    };
    for body in [
        "{",
        "[]",
        "\"x\"",
        r#"{"permissions":16,"userId":"u","resourceType":1}"#,
        r#"{"permissions":"READ"}"#,
        r#"{"resourceType":true}"#,
        r#"{"resourceType":"User"}"#,
        r#"{"resourceType":4294967296}"#,
        r#"{"userId":{}}"#,
        r#"{"userId":["u"]}"#,
        r#"{"type":{}}"#,
    ] {
        world.ask("PUT", &path(&id), body).await.is(400, unreadable);
    }
    for (body, message) in [
        (
            r#"{"permissions":[16],"userId":"u","resourceType":1}"#,
            "The permission '16' is not valid for 'USER' resource type.",
        ),
        (
            r#"{"permissions":["TASK_WORK"],"userId":"u","resourceType":8}"#,
            "The permission 'TASK_WORK' is not valid for 'PROCESS_INSTANCE' resource type.",
        ),
        (
            r#"{"permissions":[null],"userId":"u","resourceType":1}"#,
            "The permission 'null' is not valid for 'USER' resource type.",
        ),
        (
            r#"{"permissions":["odd"],"userId":"u","resourceType":99}"#,
            "The permission 'odd' is not valid for 'null' resource type.",
        ),
        (
            r#"{"permissions":["ACCESS"],"userId":"u","resourceType":1}"#,
            "ENGINE-03087 The resource type with id:'1' is not valid for 'ACCESS' permission.",
        ),
    ] {
        world
            .ask("PUT", &path(&id), body)
            .await
            .is(400, &bad(message));
    }
    assert_eq!(world.entries().await, before);
    world.end().await;
}

#[tokio::test]
async fn what_the_engine_stumbles_over_is_500() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    let global = world
        .made(r#"{"type":0,"permissions":[],"userId":"*","resourceType":1,"resourceId":"*"}"#)
        .await;
    let null = r#"{"type":"NullPointerException","message":null,"code":null}"#;
    let holder = r#"{"type":"NullValueException","message":"Authorization must either have a 'userId' or a 'groupId'.","code":0}"#;
    let group = r#"{"type":"ProcessEngineException","message":"ENGINE-03027 Cannot use 'groupId' for GLOBAL authorization","code":0}"#;
    let user = r#"{"type":"ProcessEngineException","message":"ENGINE-03028 Illegal value 'jonny' for userId for GLOBAL authorization. Must be '*'","code":0}"#;
    let both = r#"{"userId":"u","groupId":"g"}"#;
    for (id, body, told) in [
        (&id, "null", null),
        (&id, r#"{"userId":"u","permissions":["READ"]}"#, null),
        (
            &id,
            r#"{"userId":"u","permissions":["READ"],"resourceType":""}"#,
            null,
        ),
        (&id, "{}", holder),
        (&id, both, holder),
        (&global, both, group),
        (&global, r#"{"userId":"jonny"}"#, user),
    ] {
        world.ask("PUT", &path(id), body).await.is(500, told);
    }
    world.end().await;
}

#[tokio::test]
async fn a_twin_is_a_failure_of_persistence_and_too_long_a_name_too() {
    let persistence = |code: u32| {
        format!(
            r#"{{"type":"ProcessEnginePersistenceException","message":"An exception occurred in the persistence layer. Please check the server logs for a detailed message and the entire exception stack trace.","code":{code}}}"#
        )
    };
    let world = World::new().await;
    world.made(GRANT).await;
    let other = world.made(&GRANT.replace("jonny", "mary")).await;
    world
        .ask("PUT", &path(&other), GRANT)
        .await
        .is(500, &persistence(0));
    let long = GRANT.replace("jonny", &"x".repeat(256));
    world
        .ask("PUT", &path(&other), &long)
        .await
        .is(500, &persistence(10_002));
    world.end().await;
}

#[tokio::test]
async fn without_credentials_there_is_401_and_no_entry() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    let before = world.entries().await;
    let put = world
        .send(
            "PUT",
            &path(&id),
            GRANT,
            &[("content-type", "application/json")],
        )
        .await;
    put.is(401, "");
    assert_eq!(
        put.header("www-authenticate"),
        Some("Basic realm=\"default\"")
    );
    world
        .ask_as(("admin", "wrong"), "PUT", &path(&id), GRANT)
        .await
        .is(401, "");
    world
        .ask_as(("nobody", "x"), "PUT", &path(&id), GRANT)
        .await
        .is(401, "");
    assert_eq!(world.entries().await, before);
    world.end().await;
}

#[tokio::test]
async fn who_may_not_read_is_told_404_and_who_may_not_update_403_on_record() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    world.user("ann").await;
    let ann = ("ann", "ann");
    let before = world.entries().await;
    world
        .ask_as(ann, "PUT", &path(&id), "{}")
        .await
        .is(404, &no_such(&id));
    let read =
        r#"{"type":1,"permissions":["READ"],"userId":"ann","resourceType":4,"resourceId":"*"}"#;
    world.made(read).await;
    let put = world.ask_as(ann, "PUT", &path(&id), GRANT).await;
    let told = format!(
        r#"{{"type":"AuthorizationException","message":"The user with id 'ann' does not have 'UPDATE' permission on resource '{id}' of type 'Authorization'.","code":0,"userId":"ann","resourceName":"Authorization","resourceId":"{id}","permissionName":"UPDATE","missingAuthorizations":[{{"permissionName":"UPDATE","resourceName":"Authorization","resourceId":"{id}"}}]}}"#
    );
    put.is(403, &told);
    assert_eq!(world.entries().await, before + 3);
    let newest = world.newest().await;
    assert_eq!(
        (newest.outcome.kind(), newest.subject.as_str()),
        ("denied", "ann")
    );
    // What is malformed comes before the right to update.
    world.ask_as(ann, "PUT", &path(&id), r#"{"userId":"u","permissions":["odd"],"resourceType":1}"#)
        .await
        .is(400, r#"{"type":"BadUserRequestException","message":"The permission 'odd' is not valid for 'USER' resource type.","code":0}"#);
    world.end().await;
}

#[tokio::test]
async fn media_types_are_looked_at_before_rights_and_existence() {
    let world = World::new().await;
    let unsupported = r#"{"type":"NotSupportedException","message":"HTTP 415 Unsupported Media Type","code":null}"#;
    let sent = async |media: &str| {
        world
            .ask_more(
                "PUT",
                "/authorization/unknown",
                "{}",
                &[("content-type", media)],
            )
            .await
    };
    for media in ["text/json", "*/*", "application/problem+json", "text/plain"] {
        sent(media).await.is(415, unsupported);
    }
    world
        .ask_more("PUT", "/authorization/unknown", "{}", &[])
        .await
        .is(415, unsupported);
    for media in ["Application/JSON", "application/json; charset=utf-8"] {
        sent(media).await.is(404, &no_such("unknown"));
    }
    // Empty and JSON is an empty object; empty and nothing is null.
    let empty = [("content-type", "application/json")];
    world
        .ask_more("PUT", "/authorization/unknown", "", &empty)
        .await
        .is(404, &no_such("unknown"));
    // It is looked for first.
    world
        .ask_more("PUT", "/authorization/unknown", "", &[])
        .await
        .is(404, &no_such("unknown"));
    let id = world.made(GRANT).await;
    let null = r#"{"type":"NullPointerException","message":null,"code":null}"#;
    let put = world.ask_more("PUT", &path(&id), "", &[]).await;
    put.is(500, null);
    assert!(put.header("writ-revision").is_some());
    world.end().await;
}

#[tokio::test]
async fn a_stale_tag_is_refused_and_a_key_answers_again() {
    let world = World::new().await;
    let id = world.made(GRANT).await;
    let got = world.ask("GET", &path(&id), "").await;
    let tag = got.header("etag").unwrap().to_owned();
    let json = ("content-type", "application/json");
    let update = GRANT.replace("READ", "UPDATE");
    let headers = [
        json,
        ("if-match", tag.as_str()),
        ("idempotency-key", "k"),
        ("writ-reason", "moved"),
    ];
    world
        .ask_more("PUT", &path(&id), &update, &headers)
        .await
        .is(204, "");
    let newest = world.newest().await;
    let stamp = newest.submission.unwrap().stamp;
    assert_eq!(stamp.reason.as_deref(), Some("moved"));
    // Asked again, it is the first answer, though the tag is stale by now.
    let again = world.ask_more("PUT", &path(&id), &update, &headers).await;
    again.is(204, "");
    let stale = world
        .ask_more(
            "PUT",
            &path(&id),
            GRANT,
            &[json, ("if-match", tag.as_str())],
        )
        .await;
    assert_eq!(stale.status.as_u16(), 412);
    world.end().await;
}

#[tokio::test]
async fn the_clean_profile_answers_mistakes_with_4xx_and_without_an_entry() {
    let world = World::with(Profile::Clean).await;
    let id = world.made(GRANT).await;
    let other = world.made(&GRANT.replace("jonny", "mary")).await;
    let before = world.entries().await;
    for body in ["null", "{}", r#"{"userId":"u","permissions":["READ"]}"#] {
        assert_eq!(
            world.ask("PUT", &path(&id), body).await.status.as_u16(),
            400,
            "{body}"
        );
    }
    assert_eq!(world.entries().await, before);
    assert_eq!(
        world.ask("PUT", &path(&other), GRANT).await.status.as_u16(),
        409
    );
    world.end().await;
}
