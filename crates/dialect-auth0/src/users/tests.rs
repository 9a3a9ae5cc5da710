use writ_domain::{JsonText, Settings, UserKey};
use writ_store::reads::User;

use super::profile;
use crate::json::Json;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn user(profile: Settings) -> User {
    let time = chrono::DateTime::from_timestamp(1_699_614_499, 262_000_000);
    User {
        key: UserKey::from_stored(7),
        id: "auth0|abc".to_owned(),
        profile,
        created_at: time,
        updated_at: time,
    }
}

/// A user that is made and then patched, as it is shown; without what all users have.
fn after(create: &str, patches: &[&str]) -> String {
    let mut profile = profile::of_new(&json(create));
    for patch in patches {
        for (field, value) in profile::changes(&json(patch), &profile.clone()) {
            match value {
                Some(value) => profile.insert(field, value),
                None => profile.remove(&field),
            };
        }
    }
    let Json::Object(members) = profile::show(&user(profile)) else {
        panic!("a user is an object")
    };
    let all = [
        "created_at",
        "updated_at",
        "identities",
        "user_id",
        "email_verified",
    ];
    let own = members
        .into_iter()
        .filter(|(name, _)| !all.contains(&name.as_str()))
        .collect();
    Json::Object(own).to_string()
}

#[test]
fn a_supplied_id_is_made_auth0s() {
    for (body, id) in [
        (r#"{"user_id":"testaccuser"}"#, "auth0|testaccuser"),
        (r#"{"user_id":"auth0|x"}"#, "auth0|x"),
        (r#"{"user_id":""}"#, "auth0|minted"),
        ("{}", "auth0|minted"),
    ] {
        assert_eq!(
            profile::id(&json(body), || "minted".to_owned()),
            id,
            "{body}"
        );
    }
}

#[test]
fn a_password_enters_no_profile() {
    let body = r#"{"connection":"c","email":"ann@x.org","password":"secret","verify_email":true,
        "user_id":"a"}"#;
    assert_eq!(
        after(
            body,
            &[r#"{"password":"other","client_id":"x","connection":"c"}"#]
        ),
        r#"{"email":"ann@x.org","name":"ann@x.org","nickname":"ann"}"#
    );
}

#[test]
fn root_fields_are_replaced_and_metadata_merge_one_level_deep() {
    let made =
        r#"{"email":"a@x.org","name":"A","nickname":"a","user_metadata":{"a":{"x":1},"b":2}}"#;
    let start = r#""email":"a@x.org","name":"A","nickname":"a""#;
    for (patches, expected) in [
        (
            &[][..],
            format!(r#"{{{start},"user_metadata":{{"a":{{"x":1}},"b":2}}}}"#),
        ),
        (
            &[r#"{"user_metadata":{"a":{"y":2},"c":3}}"#],
            format!(r#"{{{start},"user_metadata":{{"a":{{"y":2}},"b":2,"c":3}}}}"#),
        ),
        (
            &[r#"{"user_metadata":{"a":null}}"#],
            format!(r#"{{{start},"user_metadata":{{"b":2}}}}"#),
        ),
        (
            &[r#"{"user_metadata":{}}"#],
            format!(r#"{{{start},"user_metadata":{{}}}}"#),
        ),
        (
            &[r#"{"app_metadata":{"p":1},"user_metadata":{}}"#],
            format!(r#"{{"app_metadata":{{"p":1}},{start},"user_metadata":{{}}}}"#),
        ),
        (
            &[
                r#"{"app_metadata":{"p":1}}"#,
                r#"{"app_metadata":{},"user_metadata":{}}"#,
            ],
            format!(r#"{{{start},"user_metadata":{{}}}}"#),
        ),
        (
            &[r#"{"name":null,"nickname":"b","user_metadata":{}}"#],
            r#"{"email":"a@x.org","nickname":"b","user_metadata":{}}"#.to_owned(),
        ),
    ] {
        assert_eq!(after(made, patches), expected, "{patches:?}");
    }
}

#[test]
fn only_emptying_looks_at_what_is_there() {
    assert!(profile::empties(&json(r#"{"app_metadata":{}}"#)));
    assert!(!profile::empties(&json(r#"{"app_metadata":{"a":null}}"#)));
    assert!(!profile::empties(&json("{}")));
}

#[test]
fn a_user_is_shown_with_its_identity_and_times() {
    let profile: Settings = [("email".to_owned(), JsonText("\"a@x\"".to_owned()))]
        .into_iter()
        .collect();
    assert_eq!(
        profile::show(&user(profile)).to_string(),
        concat!(
            r#"{"created_at":"2023-11-10T11:08:19.262Z","email":"a@x","identities":[{"connection":"#,
            r#""Username-Password-Authentication","user_id":"abc","provider":"auth0","#,
            r#""isSocial":false}],"updated_at":"2023-11-10T11:08:19.262Z","user_id":"auth0|abc"}"#
        )
    );
}
