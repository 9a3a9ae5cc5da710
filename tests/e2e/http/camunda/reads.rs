//! Lists, counts and checks of authorizations, as the live engine was seen to answer.

use serde_json::json;
use writ_tests::Server;

use super::{Engine, User, bad_user_request, engine, framework, invalid};
use crate::ledger::{list, text};

async fn grant(camunda: &Engine, user: &str, resource_type: i32, id: &str) -> String {
    let body = json!({
        "type": 1, "permissions": ["READ"], "userId": user, "resourceType": resource_type,
        "resourceId": id,
    });
    camunda.made(&body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_order_are_the_engines() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    for (user, id) in [("u", "b"), ("u", "a"), ("v", "c")] {
        grant(&camunda, user, 1, id).await;
    }
    let revoke =
        r#"{"type":2,"permissions":["READ"],"userId":"","resourceType":1,"resourceId":"d"}"#;
    camunda.made(revoke).await;
    for (query, expected) in [
        (
            "userIdIn=u,v&sortBy=resourceId&sortOrder=asc",
            &["a", "b", "c"][..],
        ),
        (
            "userIdIn=u,v&sortBy=resourceId&sortOrder=desc",
            &["c", "b", "a"],
        ),
        (
            "userIdIn=u,v&sortBy=resourceId&sortOrder=asc&firstResult=1&maxResults=1",
            &["b"],
        ),
        ("userIdIn=u&resourceId=a", &["a"]),
        ("userIdIn=&type=2", &["d"]),
        ("userIdIn=u&type=1.0&resourceType=%201&resourceId=b", &["b"]),
        ("userIdIn=u&type=7", &[]),
        ("userIdIn=u&maxResults=0", &[]),
        ("userIdIn=u&firstResult=-1", &[]),
        ("userIdIn=v&userIdIn=u&unknown=1&firstResult=", &["c"]),
        ("userIdIn=v&maxResults=%2B2", &["c"]),
        ("userIdIn=v&maxResults=00002", &["c"]),
        ("id=nothing", &[]),
    ] {
        let answer = camunda
            .ask("GET", &format!("/authorization?{query}"), "")
            .await;
        let rows = list(&answer.expect(200).json());
        let ids: Vec<String> = rows.iter().map(|row| text(&row["resourceId"])).collect();
        assert_eq!(ids, expected, "{query}");
    }
    let all = r#"{"count":26}"#;
    camunda
        .answers_all(&[
            ("GET", "/authorization/count?userIdIn=,", "", 200, all),
            (
                "GET",
                "/authorization/count?firstResult=x&maxResults=0",
                "",
                200,
                all,
            ),
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_queries_are_answered_in_the_order_of_the_engine() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    let paging = framework("QueryParamException", "404 Not Found");
    let conversion = |value: &str| {
        invalid(&format!(
            "Cannot set query parameter 'type' to value '{value}': Cannot convert value {value} \
             to java type java.lang.Integer"
        ))
    };
    let both = engine(
        "ProcessEngineException",
        "Cannot query for user and group authorizations at the same time.",
        0,
    );
    let single = "Only a single sorting parameter specified. sortBy and sortOrder required";
    for (query, status, told) in [
        ("firstResult=x&type=y", 404, paging),
        ("type=abc&userIdIn=a&groupIdIn=b", 400, conversion("abc")),
        ("type=", 400, conversion("")),
        (
            "sortBy=foo",
            400,
            invalid("Cannot set query parameter 'sortBy' to value 'foo'"),
        ),
        ("sortOrder=asc", 400, invalid(single)),
        ("userIdIn=&groupIdIn=x&sortBy=resourceId", 500, both),
    ] {
        let path = format!("/authorization?{query}");
        camunda
            .answers_all(&[("GET", &path, "", status, &told)])
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_the_caller_may_read_and_a_check_asks_for_whom_it_may() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    camunda.user("ann").await;
    let ann = User::new("ann", "ann");
    grant(&camunda, "ann", 6, "p").await;
    camunda
        .answers(&ann, ("GET", "/authorization", ""), (200, "[]"))
        .await;
    let check = |more: &str| {
        format!("/authorization/check?permissionName=READ&resourceName=odd&resourceType=6{more}")
    };
    let checked = |id: &str, authorized: bool| {
        format!(
            r#"{{"permissionName":"READ","resourceName":"odd","resourceId":{id},"authorized":{authorized}}}"#
        )
    };
    let denied = invalid("You must have READ permission for Authorization resource.");
    for (more, status, told) in [
        ("&resourceId=p", 200, checked("\"p\"", true)),
        ("&resourceId=p&userId=ann", 200, checked("\"p\"", true)),
        ("", 200, checked("null", false)),
        ("&resourceId=*", 200, checked("\"*\"", false)),
        ("&userId=somebody", 403, denied.clone()),
        ("&userId=", 403, denied),
    ] {
        camunda
            .answers(&ann, ("GET", &check(more), ""), (status, &told))
            .await;
    }
    let not_null = |name: &str| invalid(&format!("Query parameter '{name}' cannot be null"));
    let paging = framework("QueryParamException", "404 Not Found");
    for (query, status, told) in [
        ("", 400, not_null("permissionName")),
        ("permissionName=READ", 400, not_null("resourceName")),
        (
            "permissionName=READ&resourceName=x",
            400,
            not_null("resourceType"),
        ),
        (
            "permissionName=READ&resourceName=x&resourceType=",
            400,
            not_null("resourceType"),
        ),
        ("resourceType=1.0", 404, paging.clone()),
        ("resourceType=4294967296", 404, paging),
        (
            "permissionName=ACCESS&resourceName=x&resourceType=13",
            400,
            bad_user_request("The permission 'ACCESS' is not valid for 'BATCH' resource type."),
        ),
        (
            "permissionName=ACCESS&resourceName=x&resourceType=1",
            400,
            bad_user_request(
                "ENGINE-03086 The resource type 'x' is not valid for 'ACCESS' permission.",
            ),
        ),
    ] {
        let path = format!("/authorization/check?{query}");
        camunda
            .answers_all(&[("GET", &path, "", status, &told)])
            .await;
    }
}
