//! Lists, counts and checks.

use writ_domain::RevokeMode;

use super::world::World;

async fn ids(world: &World, who: (&str, &str), query: &str) -> Vec<String> {
    let reply = world
        .ask_as(who, "GET", &format!("/authorization{query}"), "")
        .await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.body);
    let list = reply.json();
    let list = list.as_array().unwrap();
    list.iter()
        .map(|row| row["resourceId"].as_str().unwrap_or("null").to_owned())
        .collect()
}

async fn grant(world: &World, user: &str, on: (i32, &str), names: &str) -> String {
    let (number, id) = on;
    world
        .made(&format!(
            r#"{{"type":1,"permissions":[{names}],"userId":"{user}","resourceType":{number},"resourceId":"{id}"}}"#
        ))
        .await
}

#[tokio::test]
async fn filters_and_order_are_the_engines() {
    let world = World::new().await;
    for (user, id) in [("u", "b"), ("u", "a"), ("v", "c")] {
        grant(&world, user, (1, id), "\"READ\"").await;
    }
    world
        .made(r#"{"type":2,"permissions":["READ"],"userId":"","resourceType":1,"resourceId":"d"}"#)
        .await;
    let admin = super::world::ADMIN;
    for (query, expected) in [
        (
            "?userIdIn=u,v&sortBy=resourceId&sortOrder=asc",
            &["a", "b", "c"][..],
        ),
        (
            "?userIdIn=u,v&sortBy=resourceId&sortOrder=desc",
            &["c", "b", "a"],
        ),
        (
            "?userIdIn=u,v&sortBy=resourceId&sortOrder=asc&firstResult=1&maxResults=1",
            &["b"],
        ),
        ("?userIdIn=u&resourceId=a", &["a"]),
        ("?userIdIn=&type=2", &["d"]),
        (
            "?userIdIn=u&type=1.0&resourceType=%201&resourceId=b",
            &["b"],
        ),
        ("?userIdIn=u&type=1%20x&resourceId=b", &["b"]),
        ("?userIdIn=u&type=7", &[]),
        ("?userIdIn=u&maxResults=0", &[]),
        ("?userIdIn=u&firstResult=-1", &[]),
        ("?userIdIn=u&maxResults=-1", &[]),
        ("?userIdIn=v&userIdIn=u&unknown=1&firstResult=", &["c"]),
        ("?userIdIn=v&maxResults=%2B2", &["c"]),
        ("?id=nothing", &[]),
    ] {
        assert_eq!(ids(&world, admin, query).await, expected, "{query}");
    }
    world
        .ask("GET", "/authorization/count?userIdIn=,", "")
        .await
        .is(200, r#"{"count":26}"#);
    world
        .ask("GET", "/authorization/count?firstResult=x", "")
        .await
        .is(200, r#"{"count":26}"#);
    world.end().await;
}

#[tokio::test]
async fn bad_queries_are_answered_in_the_order_of_the_engine() {
    let world = World::new().await;
    let framework = r#"{"type":"QueryParamException","message":"HTTP 404 Not Found","code":null}"#;
    let invalid = |message: &str| {
        format!(r#"{{"type":"InvalidRequestException","message":"{message}","code":null}}"#)
    };
    world
        .ask("GET", "/authorization?firstResult=x&type=y", "")
        .await
        .is(404, framework);
    for (query, message) in [
        (
            "type=abc&userIdIn=a&groupIdIn=b",
            "Cannot set query parameter 'type' to value 'abc': Cannot convert value abc to java type java.lang.Integer",
        ),
        (
            "type=",
            "Cannot set query parameter 'type' to value '': Cannot convert value  to java type java.lang.Integer",
        ),
        (
            "sortBy=foo",
            "Cannot set query parameter 'sortBy' to value 'foo'",
        ),
        (
            "sortOrder=up",
            "Cannot set query parameter 'sortOrder' to value 'up'",
        ),
        (
            "sortOrder=asc",
            "Only a single sorting parameter specified. sortBy and sortOrder required",
        ),
    ] {
        let path = format!("/authorization?{query}");
        world.ask("GET", &path, "").await.is(400, &invalid(message));
    }
    let both = r#"{"type":"ProcessEngineException","message":"Cannot query for user and group authorizations at the same time.","code":0}"#;
    // A list of nobody is one all the same.
    for users in ["", ","] {
        let path = format!("/authorization/count?userIdIn={users}&groupIdIn=x&sortBy=resourceId");
        world.ask("GET", &path, "").await.is(500, both);
    }
    world.end().await;
}

#[tokio::test]
async fn what_the_database_cannot_be_asked_is_a_failure_of_persistence() {
    let world = World::new().await;
    let told = r#"{"type":"ProcessEnginePersistenceException","message":"An exception occurred in the persistence layer. Please check the server logs for a detailed message and the entire exception stack trace.","code":0}"#;
    for path in [
        "/authorization?resourceId=%00",
        "/authorization/count?userIdIn=a%00",
        "/authorization/check?permissionName=READ&resourceName=x&resourceType=1&userId=%00",
        "/group?member=%00",
    ] {
        world.ask("GET", path, "").await.is(500, told);
    }
    world.end().await;
}

#[tokio::test]
async fn a_list_shows_what_the_caller_may_read_and_in_revoke_mode_less() {
    let world = World::new().await;
    world.user("ann").await;
    let (ann, own) = (("ann", "ann"), "\"READ\"");
    let row = grant(&world, "u", (1, "x"), own).await;
    assert!(ids(&world, ann, "").await.is_empty());
    world
        .ask_as(ann, "GET", "/authorization/count", "")
        .await
        .is(200, r#"{"count":0}"#);
    let to_all = grant(&world, "*", (4, &row), own).await;
    // A grant to everybody shows while no revoke counts.
    assert_eq!(ids(&world, ann, "").await, ["x"]);
    let path = format!("/authorization/{row}");
    assert_eq!(
        world.ask_as(ann, "GET", &path, "").await.status.as_u16(),
        200
    );
    world.configure(RevokeMode::Always).await;
    assert!(ids(&world, ann, "").await.is_empty());
    assert_eq!(
        world.ask_as(ann, "GET", &path, "").await.status.as_u16(),
        404
    );
    world.configure(RevokeMode::Auto).await;
    let revoke = r#"{"type":2,"permissions":[],"userId":"ann","resourceType":7,"resourceId":"q"}"#;
    world.made(revoke).await;
    assert!(ids(&world, ann, "").await.is_empty());
    world.configure(RevokeMode::Never).await;
    assert_eq!(ids(&world, ann, "").await, ["x"]);
    world
        .ask("DELETE", &format!("/authorization/{to_all}"), "")
        .await
        .is(204, "");
    assert!(ids(&world, ann, "").await.is_empty());
    world.end().await;
}

fn checked(id: Option<&str>, authorized: bool) -> String {
    let id = id.map_or("null".to_owned(), |id| format!("\"{id}\""));
    format!(
        r#"{{"permissionName":"READ","resourceName":"odd","resourceId":{id},"authorized":{authorized}}}"#
    )
}

#[tokio::test]
async fn a_check_is_of_the_caller_or_of_somebody_whom_it_may_ask_about() {
    let world = World::new().await;
    world.user("ann").await;
    grant(&world, "ann", (6, "p"), "\"READ\"").await;
    let check = |more: &str| {
        format!("/authorization/check?permissionName=READ&resourceName=odd&resourceType=6{more}")
    };
    let ann = ("ann", "ann");
    let ask = async |more: &str| world.ask_as(ann, "GET", &check(more), "").await;
    ask("&resourceId=p")
        .await
        .is(200, &checked(Some("p"), true));
    ask("&resourceId=p&userId=ann")
        .await
        .is(200, &checked(Some("p"), true));
    ask("").await.is(200, &checked(None, false));
    ask("&resourceId=*")
        .await
        .is(200, &checked(Some("*"), false));
    let denied = r#"{"type":"InvalidRequestException","message":"You must have READ permission for Authorization resource.","code":null}"#;
    ask("&userId=admin").await.is(403, denied);
    ask("&userId=").await.is(403, denied);
    let other = check("&resourceId=p&userId=ann");
    world
        .ask("GET", &other, "")
        .await
        .is(200, &checked(Some("p"), true));
    world.end().await;
}

#[tokio::test]
async fn groups_that_the_caller_may_not_see_drop_out_of_a_check() {
    let world = World::new().await;
    world.user("ann").await;
    world.user("bob").await;
    world
        .ask("POST", "/group/create", r#"{"id":"g"}"#)
        .await
        .is(204, "");
    world
        .ask("PUT", "/group/g/members/ann", "")
        .await
        .is(204, "");
    world
        .made(
            r#"{"type":1,"permissions":["READ"],"groupId":"g","resourceType":6,"resourceId":"*"}"#,
        )
        .await;
    grant(&world, "bob", (4, "*"), "\"READ\"").await;
    let path = "/authorization/check?permissionName=READ&resourceName=odd&resourceType=6";
    let own = world.ask_as(("ann", "ann"), "GET", path, "").await;
    own.is(200, &checked(None, true));
    let of_ann = format!("{path}&userId=ann");
    world
        .ask_as(("bob", "bob"), "GET", &of_ann, "")
        .await
        .is(200, &checked(None, false));
    world
        .ask("GET", &of_ann, "")
        .await
        .is(200, &checked(None, true));
    world.end().await;
}

#[tokio::test]
async fn a_check_needs_its_parameters_and_a_permission_of_the_resource() {
    let world = World::new().await;
    let missing = |name: &str| {
        format!(
            r#"{{"type":"InvalidRequestException","message":"Query parameter '{name}' cannot be null","code":null}}"#
        )
    };
    let bad = |message: &str| {
        format!(r#"{{"type":"BadUserRequestException","message":"{message}","code":0}}"#)
    };
    let framework = r#"{"type":"QueryParamException","message":"HTTP 404 Not Found","code":null}"#;
    for (query, status, told) in [
        ("", 400, missing("permissionName")),
        ("?permissionName=READ", 400, missing("resourceName")),
        (
            "?permissionName=READ&resourceName=x&resourceType=",
            400,
            missing("resourceType"),
        ),
        ("?resourceType=abc", 404, framework.to_owned()),
        ("?resourceType=1.0", 404, framework.to_owned()),
        (
            "?permissionName=ACCESS&resourceName=x&resourceType=13",
            400,
            bad("The permission 'ACCESS' is not valid for 'BATCH' resource type."),
        ),
        (
            "?permissionName=access&resourceName=x&resourceType=0",
            400,
            bad("The permission 'access' is not valid for 'APPLICATION' resource type."),
        ),
        (
            "?permissionName=ACCESS&resourceName=x&resourceType=1",
            400,
            bad("ENGINE-03086 The resource type 'x' is not valid for 'ACCESS' permission."),
        ),
        (
            "?permissionName=READ&resourceName=x&resourceType=99",
            400,
            bad("ENGINE-03086 The resource type 'x' is not valid for 'READ' permission."),
        ),
    ] {
        let path = format!("/authorization/check{query}");
        world.ask("GET", &path, "").await.is(status, &told);
    }
    let path = "/authorization/check?permissionName=ALL&resourceName=x&resourceType=%2B01";
    assert_eq!(world.ask("GET", path, "").await.json()["authorized"], true);
    world.end().await;
}
