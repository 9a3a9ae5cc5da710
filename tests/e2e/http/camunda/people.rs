//! Users, groups and memberships, as the live engine was seen to answer.

use serde_json::{Value, json};
use writ_tests::Server;

use super::{Engine, PERSISTENCE, User, bad_user_request, engine, invalid};
use crate::ledger;

fn null(message: &str) -> String {
    engine("NullValueException", message, 0)
}

fn no_such(noun: &str, id: &str) -> String {
    invalid(&format!("{noun} with id {id} does not exist"))
}

fn odd(noun: &str, id: &str) -> String {
    let message = format!("{noun} has an invalid id: '{id}' is not a valid resource identifier.");
    engine("ProcessEngineException", &message, 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn users_come_and_go_in_the_engines_words() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    let create = "/user/create";
    let ann = r#"{"profile":{"id":"ann","firstName":"Ann","email":"a@x"},"credentials":{"password":"ann"}}"#;
    let shown = r#"{"id":"ann","firstName":"Ann","lastName":null,"email":"a@x"}"#;
    let exists = bad_user_request("The user already exists");
    let none = invalid("request object must provide profile information with valid id.");
    let profile = "/user/ann/profile";
    camunda
        .answers_all(&[
            ("POST", create, ann, 204, ""),
            ("POST", create, ann, 400, &exists),
            ("POST", create, "{}", 400, &none),
            (
                "POST",
                create,
                r#"{"profile":{"id":"a b"}}"#,
                500,
                &odd("User", "a b"),
            ),
            ("GET", profile, "", 200, shown),
            ("GET", "/user/bob/profile", "", 404, &no_such("User", "bob")),
            ("DELETE", "/user/ann", "", 204, ""),
            ("GET", profile, "", 404, &no_such("User", "ann")),
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_memberships_come_and_go_in_the_engines_words() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    camunda.user("ann").await;
    let create = "/group/create";
    let g = r#"{"id":"g","name":"G","type":"T"}"#;
    let exists = bad_user_request("The group already exists");
    let twice = engine("ProcessEnginePersistenceException", PERSISTENCE, 0);
    let no_user = null("No user found with id 'x'.: user is null");
    let no_group = null("No group found with id 'x'.: group is null");
    let (member, of_ann) = ("/group/g/members/ann", "/group?member=ann");
    camunda
        .answers_all(&[
            ("POST", create, g, 204, ""),
            ("POST", create, g, 400, &exists),
            ("POST", create, r#"{"id":"a-b"}"#, 500, &odd("Group", "a-b")),
            ("GET", "/group/g", "", 200, g),
            ("GET", "/group/h", "", 404, &no_such("Group", "h")),
            ("PUT", member, "", 204, ""),
            ("PUT", member, "", 500, &twice),
            ("PUT", "/group/g/members/x", "", 500, &no_user),
            ("PUT", "/group/x/members/ann", "", 500, &no_group),
            ("GET", of_ann, "", 200, &format!("[{g}]")),
            ("DELETE", member, "", 204, ""),
            ("DELETE", member, "", 204, ""),
            ("GET", of_ann, "", 200, "[]"),
            ("PUT", member, "", 204, ""),
            ("DELETE", "/group/g", "", 204, ""),
            ("GET", of_ann, "", 200, "[]"),
        ])
        .await;
}

/// A membership, a password, and the end of a user act on the very next request.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_about_somebody_acts_on_the_next_request() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    camunda.user("ann").await;
    let ann = User::new("ann", "ann");
    let hidden = invalid("Group with id g does not exist");
    let g = r#"{"id":"g","name":"G","type":null}"#;
    camunda
        .answers_all(&[("POST", "/group/create", r#"{"id":"g","name":"G"}"#, 204, "")])
        .await;
    camunda
        .answers(&ann, ("GET", "/group/g", ""), (404, &hidden))
        .await;
    camunda
        .answers_all(&[("PUT", "/group/g/members/ann", "", 204, "")])
        .await;
    camunda
        .answers(&ann, ("GET", "/group/g", ""), (200, g))
        .await;
    camunda
        .answers_all(&[("DELETE", "/group/g/members/ann", "", 204, "")])
        .await;
    camunda
        .answers(&ann, ("GET", "/group/g", ""), (404, &hidden))
        .await;
    camunda
        .answers_all(&[("DELETE", "/user/ann", "", 204, "")])
        .await;
    camunda
        .answers(&ann, ("GET", "/group/g", ""), (401, ""))
        .await;
}

/// Rows held by somebody who went stay, and act again for whoever has the id next; rows on what
/// went go with it, but for those on the memberships of a group.
#[tokio::test(flavor = "multi_thread")]
async fn rows_outlive_their_holders_and_not_what_they_are_on() {
    let server = Server::start().await;
    let camunda = Engine::of(&server);
    camunda.user("ann").await;
    camunda.user("bob").await;
    camunda
        .answers_all(&[("POST", "/group/create", r#"{"id":"g"}"#, 204, "")])
        .await;
    let row = |user: &str, resource_type: i32, id: &str| {
        let permission = if resource_type == 3 { "CREATE" } else { "READ" };
        json!({
            "type": 1, "permissions": [permission], "userId": user,
            "resourceType": resource_type, "resourceId": id,
        })
        .to_string()
    };
    let held = camunda.made(&row("ann", 6, "p")).await;
    let on_ann = camunda.made(&row("bob", 1, "ann")).await;
    let on_group = camunda.made(&row("bob", 2, "g")).await;
    let on_members = camunda.made(&row("bob", 3, "g")).await;
    camunda
        .answers_all(&[
            ("DELETE", "/user/ann", "", 204, ""),
            ("DELETE", "/group/g", "", 204, ""),
        ])
        .await;
    for (id, status) in [
        (held, 200),
        (on_ann, 404),
        (on_group, 404),
        (on_members, 200),
    ] {
        let got = camunda
            .ask("GET", &format!("/authorization/{id}"), "")
            .await;
        assert_eq!(got.status, status, "{}", got.text());
    }
    let client = server.client();
    let newest = ledger::history(&client, "group=g&realm=camunda").await;
    let facts = ledger::list(&newest[0]["facts"]);
    let kinds: Vec<&Value> = facts.iter().map(|fact| &fact["type"]).collect();
    assert!(kinds.contains(&&json!("GroupDeleted")), "{kinds:?}");
    assert!(kinds.contains(&&json!("AuthorizationDeleted")), "{kinds:?}");
    camunda.user("ann").await;
    let path =
        "/authorization/check?permissionName=READ&resourceName=x&resourceType=6&resourceId=p";
    let told = r#"{"permissionName":"READ","resourceName":"x","resourceId":"p","authorized":true}"#;
    let ann = User::new("ann", "ann");
    camunda.answers(&ann, ("GET", path, ""), (200, told)).await;
}
