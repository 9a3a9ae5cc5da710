//! Making and removing authorizations.

use super::world::World;
use crate::Profile;

const CREATE: &str = "/authorization/create";

#[tokio::test]
async fn what_is_made_is_shown_with_nine_members_in_order() {
    let world = World::new().await;
    let body = r#"{"type":"1","permissions":["UPDATE","READ"],"userId":12,"resourceType":1.5,"resourceId":"*"}"#;
    let made = world.ask("POST", CREATE, body).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let shown = format!(
        r#"{{"id":"{id}","type":1,"permissions":["READ","UPDATE"],"userId":"12","groupId":null,"resourceType":1,"resourceId":"*","removalTime":null,"rootProcessInstanceId":null}}"#
    );
    made.is(200, &shown);
    assert_eq!(made.header("content-type"), Some("application/json"));
    world.end().await;
}

#[tokio::test]
async fn the_same_request_under_its_key_has_the_same_answer() {
    let world = World::new().await;
    let body =
        r#"{"type":1,"permissions":["READ"],"userId":"u","resourceType":1,"resourceId":"*"}"#;
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let first = world.ask_more("POST", CREATE, body, &headers).await;
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let changed = r#"{"userId":"u","resourceType":1,"resourceId":"y","permissions":["ALL"]}"#;
    world
        .ask("PUT", &format!("/authorization/{id}"), changed)
        .await
        .is(204, "");
    let again = world.ask_more("POST", CREATE, body, &headers).await;
    assert_eq!((again.status, again.body), (first.status, first.body));
    world.end().await;
}

#[tokio::test]
async fn refusals_come_in_the_order_of_the_engine() {
    let world = World::new().await;
    world.user("ann").await;
    let refused = world
        .ask_as(("ann", "ann"), "POST", CREATE, r#"{"type":5}"#)
        .await;
    let told = r#"{"type":"AuthorizationException","message":"The user with id 'ann' does not have 'CREATE' permission on resource 'Authorization'.","code":0,"userId":"ann","resourceName":"Authorization","resourceId":null,"permissionName":"CREATE","missingAuthorizations":[{"permissionName":"CREATE","resourceName":"Authorization","resourceId":null}]}"#;
    refused.is(403, told);
    assert_eq!(world.newest().await.outcome.kind(), "denied");
    let null = r#"{"type":"NullPointerException","message":null,"code":null}"#;
    world
        .ask_as(("ann", "ann"), "POST", CREATE, "{}")
        .await
        .is(500, null);
    let kind = r#"{"type":"ProcessEngineException","message":"ENGINE-03025 Unrecognized authorization type '5'. Must be one of ['0', '1', '2']","code":0}"#;
    world
        .ask("POST", CREATE, r#"{"type":5}"#)
        .await
        .is(500, kind);
    // Sent as nothing, the type is 0.
    let global = r#"{"type":"ProcessEngineException","message":"ENGINE-03028 Illegal value 'u' for userId for GLOBAL authorization. Must be '*'","code":0}"#;
    for nothing in ["null", r#""""#] {
        let body = format!(r#"{{"type":{nothing},"userId":"u"}}"#);
        world.ask("POST", CREATE, &body).await.is(500, global);
    }
    world
        .ask("POST", CREATE, r#"{"type":1,"userId":"u"}"#)
        .await
        .is(500, null);
    world
        .ask(
            "POST",
            CREATE,
            r#"{"type":1,"userId":"u","resourceType":1}"#,
        )
        .await
        .is(500, null);
    world.end().await;
}

#[tokio::test]
async fn who_may_make_and_not_read_is_told_404_though_it_is_made() {
    let world = World::new().await;
    world.user("ann").await;
    world.made(r#"{"type":1,"permissions":["CREATE"],"userId":"ann","resourceType":4,"resourceId":"*"}"#).await;
    let body =
        r#"{"type":1,"permissions":["READ"],"userId":"u","resourceType":1,"resourceId":"x"}"#;
    let made = world.ask_as(("ann", "ann"), "POST", CREATE, body).await;
    assert_eq!(made.status.as_u16(), 404, "{}", made.body);
    let count = world
        .ask("GET", "/authorization/count?userIdIn=u", "")
        .await;
    count.is(200, r#"{"count":1}"#);
    world.end().await;
}

#[tokio::test]
async fn the_clean_profile_shows_what_was_made() {
    let world = World::with(Profile::Clean).await;
    world.user("ann").await;
    world.made(r#"{"type":1,"permissions":["CREATE"],"userId":"ann","resourceType":4,"resourceId":"*"}"#).await;
    let body =
        r#"{"type":1,"permissions":["READ"],"userId":"u","resourceType":1,"resourceId":"x"}"#;
    let made = world.ask_as(("ann", "ann"), "POST", CREATE, body).await;
    assert_eq!(made.status.as_u16(), 200, "{}", made.body);
    world.end().await;
}

#[tokio::test]
async fn what_is_removed_takes_along_what_is_on_it() {
    let world = World::new().await;
    let id = world
        .made(r#"{"type":1,"permissions":["READ"],"userId":"u","resourceType":1,"resourceId":"x"}"#)
        .await;
    let on = format!(
        r#"{{"type":1,"permissions":["READ"],"userId":"u","resourceType":4,"resourceId":"{id}"}}"#
    );
    world.made(&on).await;
    let path = format!("/authorization/{id}");
    world.ask("DELETE", &path, "").await.is(204, "");
    world
        .ask("GET", "/authorization/count?userIdIn=u", "")
        .await
        .is(200, r#"{"count":0}"#);
    assert_eq!(world.ask("DELETE", &path, "").await.status.as_u16(), 404);
    assert_eq!(world.newest().await.outcome.kind(), "rejected");
    world.end().await;
}
