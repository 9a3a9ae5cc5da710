//! What each write asks for, and how it is answered.

use writ_domain::{
    Command, Expected, JsonText, Outcome, PermissionRef, PermissionSpec, Realm, Rejection,
    Settings, TenantSeq,
};

use super::world::{AT, World, revision};

const REALM: Realm = Realm::Auth0;
const ROLE: &str = "/api/v2/roles/rol_reader";
const USER: &str = "/api/v2/users/auth0%7Ca";
const API: &str = "/api/v2/resource-servers/https%3A%2F%2Fa%2F";
const PAIR: &str =
    r#"{"permissions":[{"resource_server_identifier":"https://a/","permission_name":"read:x"}]}"#;

fn text(text: &str) -> String {
    text.to_owned()
}

fn pair() -> Vec<PermissionRef> {
    vec![PermissionRef {
        api: text("https://a/"),
        name: text("read:x"),
    }]
}

fn spec(name: &str, description: Option<&str>) -> PermissionSpec {
    PermissionSpec {
        name: text(name),
        description: description.map(text),
    }
}

fn setting(name: &str, value: Option<&str>) -> (String, Option<JsonText>) {
    (text(name), value.map(|value| JsonText(text(value))))
}

fn update(name: Option<&str>, settings: Vec<(String, Option<JsonText>)>) -> Command {
    Command::UpdateApi {
        realm: REALM,
        api: text("https://a/"),
        name: name.map(text),
        settings,
    }
}

fn replace(permissions: Vec<PermissionSpec>) -> Command {
    Command::ReplaceApiPermissions {
        realm: REALM,
        api: text("https://a/"),
        permissions,
    }
}

struct Row {
    ask: (&'static str, &'static str, &'static str),
    command: Command,
    status: u16,
    body: &'static str,
}

async fn check(rows: Vec<Row>) {
    let world = World::new().await;
    for Row {
        ask: (method, path, body),
        command,
        status,
        body: answer,
    } in rows
    {
        let reply = world.ask(method, path, body).await;
        let at = format!("{method} {path} {body}");
        assert_eq!(
            (reply.status.as_u16(), reply.body.as_str()),
            (status, answer),
            "{at}"
        );
        assert_eq!(world.log.commands(), [command], "{at}");
        assert_eq!(
            reply.header("writ-revision"),
            Some(&*revision(AT).to_string()),
            "{at}"
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a row for each way to ask")]
async fn role_and_user_permissions() {
    let (role, user) = (|| text("rol_reader"), || text("auth0|a"));
    let row = |ask, command, status, body| Row {
        ask,
        command,
        status,
        body,
    };
    check(vec![
        row(
            ("POST", "/api/v2/roles/rol_reader/permissions", PAIR),
            Command::GrantRolePermissions {
                realm: REALM,
                role: role(),
                permissions: pair(),
            },
            201,
            "{}",
        ),
        row(
            ("DELETE", "/api/v2/roles/rol_reader/permissions", PAIR),
            Command::RevokeRolePermissions {
                realm: REALM,
                role: role(),
                permissions: pair(),
            },
            204,
            "",
        ),
        row(
            ("POST", "/api/v2/users/auth0%7Ca/permissions", PAIR),
            Command::GrantUserPermissions {
                realm: REALM,
                user: user(),
                permissions: pair(),
            },
            201,
            "{}",
        ),
        row(
            ("DELETE", "/api/v2/users/auth0|a/permissions", PAIR),
            Command::RevokeUserPermissions {
                realm: REALM,
                user: user(),
                permissions: pair(),
            },
            204,
            "",
        ),
        row(
            (
                "POST",
                "/api/v2/users/auth0%7Ca/roles",
                r#"{"roles":["rol_reader","x"]}"#,
            ),
            Command::AssignUserRoles {
                realm: REALM,
                user: user(),
                roles: vec![role(), text("x")],
            },
            204,
            "",
        ),
        row(
            (
                "DELETE",
                "/api/v2/users/auth0%7Ca/roles",
                r#"{"roles":["rol_reader"]}"#,
            ),
            Command::UnassignUserRoles {
                realm: REALM,
                user: user(),
                roles: vec![role()],
            },
            204,
            "",
        ),
        row(
            (
                "POST",
                "/api/v2/roles/rol_reader/users",
                r#"{"users":["auth0|a"]}"#,
            ),
            Command::AssignRoleUsers {
                realm: REALM,
                role: role(),
                users: vec![user()],
            },
            200,
            "{}",
        ),
    ])
    .await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a row for each way to ask")]
async fn roles() {
    let role = || text("rol_reader");
    let made = |description: Option<&str>| Command::CreateRole {
        realm: REALM,
        id: text("rol_0000000000000000"),
        name: text("New"),
        description: description.map(text),
    };
    let changed = |name: Option<&str>, description: Option<&str>| Command::UpdateRole {
        realm: REALM,
        role: role(),
        name: name.map(text),
        description: description.map(text),
    };
    // As of entry 20, whatever was asked.
    let new = r#"{"id":"rol_0000000000000000","name":"New"}"#;
    let reader = r#"{"id":"rol_reader","name":"Reader","description":""}"#;
    let row = |ask, command, status, body| Row {
        ask,
        command,
        status,
        body,
    };
    check(vec![
        row(
            ("POST", "/api/v2/roles", r#"{"name":"New"}"#),
            made(None),
            200,
            new,
        ),
        row(
            (
                "POST",
                "/api/v2/roles",
                r#"{"name":"New","description":null}"#,
            ),
            made(None),
            200,
            new,
        ),
        row(
            (
                "POST",
                "/api/v2/roles",
                r#"{"name":"New","description":""}"#,
            ),
            made(Some("")),
            200,
            new,
        ),
        row(
            ("PATCH", ROLE, r#"{"name":"X"}"#),
            changed(Some("X"), None),
            200,
            reader,
        ),
        row(
            ("PATCH", ROLE, r#"{"description":"D"}"#),
            changed(None, Some("D")),
            200,
            reader,
        ),
        row(
            ("PATCH", ROLE, r#"{"description":null}"#),
            changed(None, Some("")),
            200,
            reader,
        ),
        row(("PATCH", ROLE, "{}"), changed(None, None), 200, reader),
        row(
            ("DELETE", ROLE, ""),
            Command::DeleteRole {
                realm: REALM,
                role: role(),
            },
            200,
            "{}",
        ),
        row(
            ("DELETE", ROLE, "{}"),
            Command::DeleteRole {
                realm: REALM,
                role: role(),
            },
            200,
            "{}",
        ),
    ])
    .await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a row for each way to ask")]
async fn resource_servers() {
    let defaults = [
        ("allow_offline_access", "false"),
        ("signing_alg", "\"RS256\""),
        ("skip_consent_for_verifiable_first_party_clients", "false"),
        (
            "subject_type_authorization",
            r#"{"client":{"policy":"require_client_grant"},"user":{"policy":"allow_all"}}"#,
        ),
        ("token_lifetime", "86400"),
        ("token_lifetime_for_web", "7200"),
    ];
    let created = |name: Option<&str>, own: &[(&str, &str)], permissions| {
        let all = defaults.iter().chain(own);
        let settings: Settings = all
            .map(|(name, value)| (text(name), JsonText(text(value))))
            .collect();
        Command::CreateApi {
            realm: REALM,
            id: text("670d1db50000000000000000"),
            identifier: text("https://new/"),
            name: name.map(text),
            settings,
            permissions,
        }
    };
    let path = "/api/v2/resource-servers";
    let new =
        r#"{"id":"670d1db50000000000000000","identifier":"https://new/","token_lifetime":86400}"#;
    let row = |ask, command, status, body| Row {
        ask,
        command,
        status,
        body,
    };
    check(vec![
        row(
            ("POST", path, r#"{"identifier":"https://new/"}"#),
            created(None, &[], None),
            201,
            new,
        ),
        row(
            (
                "POST",
                path,
                concat!(
                    r#"{"name":"N","identifier":"https://new/","token_lifetime":5,"#,
                    r#""signing_secret":"sixteen characters","consent_policy":null,"#,
                    r#""scopes":[{"value":"b"},{"value":"a","description":""}]}"#
                ),
            ),
            created(
                Some("N"),
                &[("token_lifetime", "5")],
                Some(vec![spec("b", None), spec("a", Some(""))]),
            ),
            201,
            new,
        ),
        row(
            ("POST", path, r#"{"identifier":"https://new/","scopes":[]}"#),
            created(None, &[], Some(Vec::new())),
            201,
            new,
        ),
        row(
            ("DELETE", API, ""),
            Command::DeleteApi {
                realm: REALM,
                api: text("https://a/"),
            },
            204,
            "",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_patch_of_a_resource_server() {
    // As of entry 20: not as it was before, nor as it became since.
    let api = concat!(
        r#"{"id":"64f000000000000000000001","name":"A","identifier":"https://a/","#,
        r#""scopes":[{"value":"read:x","description":"Read it"}],"signing_alg":"RS256"}"#
    );
    let row = |body: &'static str, command| Row {
        ask: ("PATCH", API, body),
        command,
        status: 200,
        body: api,
    };
    check(vec![
        row("{}", update(None, Vec::new())),
        row(r#"{"scopes":[]}"#, replace(Vec::new())),
        row(
            r#"{"scopes":[{"value":"b"},{"description":"D","value":"a"}]}"#,
            replace(vec![spec("b", None), spec("a", Some("D"))]),
        ),
        row(r#"{"name":"N"}"#, update(Some("N"), Vec::new())),
        row(
            r#"{"authorization_details":null}"#,
            update(None, vec![setting("authorization_details", None)]),
        ),
        row(
            r#"{"token_lifetime":1.0,"subject_type_authorization":{"user":{"policy":"deny_all"}}}"#,
            update(
                None,
                vec![
                    setting("token_lifetime", Some("1")),
                    setting(
                        "subject_type_authorization",
                        Some(r#"{"user":{"policy":"deny_all"}}"#),
                    ),
                ],
            ),
        ),
        row(
            r#"{"scopes":[{"value":"a"}],"name":"N"}"#,
            Command::Batch(vec![
                update(Some("N"), Vec::new()),
                replace(vec![spec("a", None)]),
            ]),
        ),
    ])
    .await;
    let world = World::new().await;
    let reply = world.ask("PATCH", API, "{}").await;
    assert_eq!(reply.header("etag"), Some("\"20\""));
}

#[tokio::test]
async fn users() {
    let world = World::new().await;
    let body = concat!(
        r#"{"connection":"Username-Password-Authentication","email":"n@x.org","#,
        r#""password":"secret","user_id":"new"}"#
    );
    let reply = world.ask("POST", "/api/v2/users", body).await;
    assert_eq!(reply.status.as_u16(), 201);
    assert!(
        reply.body.contains(r#""user_id":"auth0|new""#),
        "{}",
        reply.body
    );
    let [Command::RegisterUser { id, profile, .. }] = &world.log.commands()[..] else {
        panic!("one user is registered")
    };
    assert_eq!(id, "auth0|new");
    assert_eq!(
        profile.keys().collect::<Vec<_>>(),
        ["email", "email_verified", "name", "nickname"],
        "no password"
    );

    let elsewhere = world
        .ask("POST", "/api/v2/users", r#"{"connection":"google"}"#)
        .await;
    assert_eq!(elsewhere.status.as_u16(), 400);
    assert_eq!(elsewhere.message(), "The connection does not exist.");
    assert!(world.log.commands().is_empty());

    let patch = r#"{"user_metadata":{},"name":null}"#;
    assert_eq!(world.ask("PATCH", USER, patch).await.status.as_u16(), 200);
    let changes = vec![
        setting("user_metadata", Some("{}")),
        setting("user_metadata.lang", None),
        setting("name", None),
    ];
    let user = || text("auth0|a");
    assert_eq!(
        world.log.commands(),
        [Command::UpdateUser {
            realm: REALM,
            user: user(),
            profile: changes
        }]
    );
    assert_eq!(world.ask("DELETE", USER, "").await.status.as_u16(), 204);
    assert_eq!(
        world.log.commands(),
        [Command::DeleteUser {
            realm: REALM,
            user: user()
        }]
    );
}

/// The second of two equal requests is answered from the entry of the first.
#[tokio::test]
async fn a_request_sent_again_is_answered_with_what_the_first_made() {
    let world = World::new().await;
    *world.log.on_record.lock().unwrap() = Some(Command::CreateApi {
        realm: REALM,
        id: text("first"),
        identifier: text("https://first/"),
        name: None,
        settings: Settings::new(),
        permissions: None,
    });
    let body = r#"{"identifier":"https://first/"}"#;
    let reply = world.ask("POST", "/api/v2/resource-servers", body).await;
    assert_eq!(
        reply.body,
        r#"{"id":"first","identifier":"https://first/"}"#
    );
}

#[tokio::test]
async fn an_outcome_that_is_no_success_is_auth0s_error() {
    let world = World::new().await;
    let no_role = Rejection::NoSuchRole { role: text("x") };
    *world.log.outcome.lock().unwrap() = Some(Outcome::Rejected(no_role));
    for (method, path, body) in [("DELETE", ROLE, ""), ("PATCH", ROLE, "{}")] {
        let reply = world.ask(method, path, body).await;
        assert_eq!(reply.status.as_u16(), 404);
        assert_eq!(
            reply.body,
            r#"{"statusCode":404,"error":"Not Found","message":"The role does not exist."}"#
        );
        assert_eq!(
            reply.header("writ-revision"),
            Some(&*revision(AT).to_string())
        );
    }
    *world.log.outcome.lock().unwrap() = Some(Outcome::Unchanged);
    let path = "/api/v2/roles/rol_reader/permissions";
    assert_eq!(world.ask("DELETE", path, PAIR).await.status.as_u16(), 204);
}

#[tokio::test]
async fn headers_of_the_ledger_go_with_the_command() {
    let world = World::new().await;
    let headers = [
        ("idempotency-key", "k1"),
        ("writ-reason", "an audit"),
        ("writ-ticket", "T-1"),
        ("writ-on-behalf-of", "ann"),
        ("if-match", "W/\"7\", \"17\""),
    ];
    let body = r#"{"scopes":[]}"#;
    let reply = world.ask_more("PATCH", API, body, &headers).await;
    assert_eq!(reply.status.as_u16(), 200);
    let reply = world
        .ask_more("PATCH", API, body, &[("if-match", "\"other\"")])
        .await;
    assert_eq!(reply.status.as_u16(), 200);
    let reply = world
        .ask_more("PATCH", API, body, &[("if-match", "*")])
        .await;
    assert_eq!(reply.status.as_u16(), 200);
    let reply = world
        .ask_more("PATCH", API, body, &[("if-match", "17")])
        .await;
    assert_eq!(reply.status.as_u16(), 400, "not a tag");

    let requests = world.log.requests.lock().unwrap();
    let first = &requests[0];
    assert_eq!(first.provenance.idempotency_key.as_deref(), Some("k1"));
    assert_eq!(first.provenance.reason.as_deref(), Some("an audit"));
    assert_eq!(first.provenance.ticket.as_deref(), Some("T-1"));
    assert_eq!(first.provenance.on_behalf_of.as_deref(), Some("ann"));
    assert_eq!(first.caller.subject, "robot@clients");
    assert_eq!(
        first.fingerprint, requests[1].fingerprint,
        "the same request"
    );
    let expected: Vec<_> = requests.iter().map(|request| request.expected).collect();
    assert_eq!(
        expected,
        [
            Some(Expected::ChangedAt(TenantSeq(17))),
            Some(Expected::ChangedAt(TenantSeq::ZERO)),
            None
        ]
    );
}
