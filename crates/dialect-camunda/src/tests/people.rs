//! Users, groups and memberships.

use super::world::World;

const PERSISTENCE: &str = r#"{"type":"ProcessEnginePersistenceException","message":"An exception occurred in the persistence layer. Please check the server logs for a detailed message and the entire exception stack trace.","code":0}"#;

fn engine(kind: &str, message: &str) -> String {
    format!(r#"{{"type":"{kind}","message":"{message}","code":0}}"#)
}

#[tokio::test]
async fn a_user_logs_in_at_once_and_is_shown_to_itself() {
    let world = World::new().await;
    let body = r#"{"profile":{"id":"ann","firstName":"Ann","email":"a@x"},"credentials":{"password":"ann"}}"#;
    world.ask("POST", "/user/create", body).await.is(204, "");
    let ann = ("ann", "ann");
    let shown = r#"{"id":"ann","firstName":"Ann","lastName":null,"email":"a@x"}"#;
    world
        .ask_as(ann, "GET", "/user/ann/profile", "")
        .await
        .is(200, shown);
    let hidden = r#"{"type":"InvalidRequestException","message":"User with id admin does not exist","code":null}"#;
    world
        .ask_as(ann, "GET", "/user/admin/profile", "")
        .await
        .is(404, hidden);
    world.ask("DELETE", "/user/ann", "").await.is(204, "");
    world
        .ask_as(ann, "GET", "/user/ann/profile", "")
        .await
        .is(401, "");
    world.ask("DELETE", "/user/ann", "").await.is(204, "");
    world.end().await;
}

#[tokio::test]
async fn a_new_password_takes_the_old_ones_place_at_once() {
    let world = World::new().await;
    world.user("ann").await;
    let body = r#"{"password":"new","authenticatedUserPassword":"ann"}"#;
    world
        .ask_as(("ann", "ann"), "PUT", "/user/ann/credentials", body)
        .await
        .is(204, "");
    world
        .ask_as(("ann", "ann"), "GET", "/group", "")
        .await
        .is(401, "");
    world
        .ask_as(("ann", "new"), "GET", "/group", "")
        .await
        .is(200, "[]");
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_made_is_told_in_the_engines_words() {
    let world = World::new().await;
    world.user("ann").await;
    world
        .ask("POST", "/group/create", r#"{"id":"g"}"#)
        .await
        .is(204, "");
    let bad = "BadUserRequestException";
    let odd = "ProcessEngineException";
    for (path, body, status, told) in [
        ("/user/create", r#"{"profile":{"id":"ann"}}"#, 400, engine(bad, "The user already exists")),
        ("/group/create", r#"{"id":"g"}"#, 400, engine(bad, "The group already exists")),
        ("/user/create", r#"{"profile":{"id":"a b"}}"#, 500, engine(odd, "User has an invalid id: 'a b' is not a valid resource identifier.")),
        ("/group/create", r#"{"id":"a-b"}"#, 500, engine(odd, "Group has an invalid id: 'a-b' is not a valid resource identifier.")),
        ("/user/create", "{}", 400, r#"{"type":"InvalidRequestException","message":"request object must provide profile information with valid id.","code":null}"#.to_owned()),
    ] {
        world.ask("POST", path, body).await.is(status, &told);
    }
    world.end().await;
}

#[tokio::test]
async fn a_membership_acts_on_the_next_request() {
    let world = World::new().await;
    world.user("ann").await;
    let ann = ("ann", "ann");
    world
        .ask(
            "POST",
            "/group/create",
            r#"{"id":"g","name":"G","type":"T"}"#,
        )
        .await
        .is(204, "");
    let hidden = r#"{"type":"InvalidRequestException","message":"Group with id g does not exist","code":null}"#;
    world
        .ask_as(ann, "GET", "/group/g", "")
        .await
        .is(404, hidden);
    world
        .ask("PUT", "/group/g/members/ann", "")
        .await
        .is(204, "");
    let shown = r#"{"id":"g","name":"G","type":"T"}"#;
    world
        .ask_as(ann, "GET", "/group/g", "")
        .await
        .is(200, shown);
    world
        .ask_as(ann, "GET", "/group?member=ann", "")
        .await
        .is(200, &format!("[{shown}]"));
    world
        .ask("PUT", "/group/g/members/ann", "")
        .await
        .is(500, PERSISTENCE);
    let user = engine(
        "NullValueException",
        "No user found with id 'x'.: user is null",
    );
    world
        .ask("PUT", "/group/g/members/x", "")
        .await
        .is(500, &user);
    let group = engine(
        "NullValueException",
        "No group found with id 'x'.: group is null",
    );
    world
        .ask("PUT", "/group/x/members/ann", "")
        .await
        .is(500, &group);
    world
        .ask("DELETE", "/group/g/members/ann", "")
        .await
        .is(204, "");
    world
        .ask("DELETE", "/group/x/members/nobody", "")
        .await
        .is(204, "");
    world
        .ask_as(ann, "GET", "/group?member=ann", "")
        .await
        .is(200, "[]");
    world.ask("DELETE", "/group/g", "").await.is(204, "");
    world.end().await;
}

#[tokio::test]
async fn who_lacks_the_right_is_told_which() {
    let world = World::new().await;
    world.user("ann").await;
    let ann = ("ann", "ann");
    for (method, path, body, message) in [
        (
            "POST",
            "/user/create",
            r#"{"profile":{"id":"x"}}"#,
            "'CREATE' permission on resource 'User'.",
        ),
        (
            "DELETE",
            "/user/x",
            "",
            "'DELETE' permission on resource 'x' of type 'User'.",
        ),
        (
            "POST",
            "/group/create",
            r#"{"id":"x"}"#,
            "'CREATE' permission on resource 'Group'.",
        ),
        (
            "DELETE",
            "/group/x",
            "",
            "'DELETE' permission on resource 'x' of type 'Group'.",
        ),
        (
            "PUT",
            "/group/x/members/y",
            "",
            "'CREATE' permission on resource 'x' of type 'Group membership'.",
        ),
        (
            "DELETE",
            "/group/x/members/y",
            "",
            "'DELETE' permission on resource 'x' of type 'Group membership'.",
        ),
    ] {
        let refused = world.ask_as(ann, method, path, body).await;
        assert_eq!(refused.status.as_u16(), 403, "{path}");
        let told = refused.json();
        let expected = format!("The user with id 'ann' does not have {message}");
        assert_eq!(told["message"], expected.as_str());
        assert_eq!(world.newest().await.outcome.kind(), "denied");
    }
    world.end().await;
}
