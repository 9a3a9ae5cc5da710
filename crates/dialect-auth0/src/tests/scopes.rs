//! Who may do what.

use writ_domain::{Denial, NounKind, NounRef, Realm};

use super::world::World;

const PAIR: &str =
    r#"{"permissions":[{"resource_server_identifier":"https://a/","permission_name":"read:x"}]}"#;

/// Method, path, body, and the scopes without which it is refused, each named when it is missing.
const ROUTES: [(&str, &str, &str, &[&str]); 29] = [
    (
        "GET",
        "/api/v2/resource-servers",
        "",
        &["read:resource_servers"],
    ),
    (
        "POST",
        "/api/v2/resource-servers",
        r#"{"identifier":"https://new/"}"#,
        &["create:resource_servers"],
    ),
    (
        "GET",
        "/api/v2/resource-servers/https%3A%2F%2Fa%2F",
        "",
        &["read:resource_servers"],
    ),
    (
        "PATCH",
        "/api/v2/resource-servers/https%3A%2F%2Fa%2F",
        "{}",
        &["update:resource_servers"],
    ),
    (
        "DELETE",
        "/api/v2/resource-servers/https%3A%2F%2Fa%2F",
        "",
        &["delete:resource_servers"],
    ),
    ("GET", "/api/v2/roles", "", &["read:roles"]),
    (
        "POST",
        "/api/v2/roles",
        r#"{"name":"New"}"#,
        &["create:roles"],
    ),
    ("GET", "/api/v2/roles/rol_reader", "", &["read:roles"]),
    ("PATCH", "/api/v2/roles/rol_reader", "{}", &["update:roles"]),
    ("DELETE", "/api/v2/roles/rol_reader", "", &["delete:roles"]),
    (
        "GET",
        "/api/v2/roles/rol_reader/permissions",
        "",
        &["read:roles"],
    ),
    (
        "POST",
        "/api/v2/roles/rol_reader/permissions",
        PAIR,
        &["update:roles"],
    ),
    (
        "DELETE",
        "/api/v2/roles/rol_reader/permissions",
        PAIR,
        &["update:roles"],
    ),
    (
        "GET",
        "/api/v2/roles/rol_reader/users",
        "",
        &["read:users", "read:roles"],
    ),
    (
        "POST",
        "/api/v2/roles/rol_reader/users",
        r#"{"users":["auth0|a"]}"#,
        &["update:roles"],
    ),
    ("GET", "/api/v2/users", "", &["read:users"]),
    (
        "POST",
        "/api/v2/users",
        r#"{"connection":"Username-Password-Authentication","user_id":"new"}"#,
        &["create:users"],
    ),
    ("GET", "/api/v2/users/auth0%7Ca", "", &["read:users"]),
    ("PATCH", "/api/v2/users/auth0%7Ca", "{}", &["update:users"]),
    ("DELETE", "/api/v2/users/auth0%7Ca", "", &["delete:users"]),
    (
        "GET",
        "/api/v2/users/auth0%7Ca/permissions",
        "",
        &["read:users"],
    ),
    (
        "POST",
        "/api/v2/users/auth0%7Ca/permissions",
        PAIR,
        &["update:users"],
    ),
    (
        "DELETE",
        "/api/v2/users/auth0%7Ca/permissions",
        PAIR,
        &["update:users"],
    ),
    (
        "GET",
        "/api/v2/users/auth0%7Ca/roles",
        "",
        &["read:users", "read:roles"],
    ),
    (
        "POST",
        "/api/v2/users/auth0%7Ca/roles",
        r#"{"roles":["r"]}"#,
        &["update:users"],
    ),
    (
        "DELETE",
        "/api/v2/users/auth0%7Ca/roles",
        r#"{"roles":["r"]}"#,
        &["update:users"],
    ),
    (
        "GET",
        "/api/v2/users/auth0%7Ca/effective-permissions?resource_server_identifier=https%3A%2F%2Fa%2F",
        "",
        &["read:user_effective_permissions"],
    ),
    (
        "GET",
        "/api/v2/users/auth0%7Ca/effective-roles",
        "",
        &["read:user_effective_roles"],
    ),
    ("GET", "/api/v2/clients", "", &["read:clients"]),
];

#[tokio::test]
async fn each_route_asks_for_its_scopes_and_no_more() {
    let world = World::new().await;
    for (method, path, body, scopes) in ROUTES {
        let at = format!("{method} {path}");
        let reply = world.ask_with(&scopes.join(" "), method, path, body).await;
        assert!(reply.status.is_success(), "{at}: {}", reply.body);
        for missing in scopes {
            let held: Vec<&str> = scopes
                .iter()
                .copied()
                .filter(|held| held != missing)
                .collect();
            let reply = world.ask_with(&held.join(" "), method, path, body).await;
            assert_eq!(reply.status.as_u16(), 403, "{at}");
            assert_eq!(
                reply.body,
                format!(
                    r#"{{"statusCode":403,"error":"Forbidden","message":"Insufficient scope, expected any of: {missing}","errorCode":"insufficient_scope"}}"#
                ),
                "{at}"
            );
        }
        let recorded = world.log.denials.lock().unwrap().drain(..).count();
        assert_eq!(
            recorded,
            if method == "GET" { 0 } else { scopes.len() },
            "{at}"
        );
    }
}

#[tokio::test]
async fn scopes_of_role_members_stand_in_for_the_roles_half() {
    let world = World::new().await;
    for (scopes, method, path, body) in [
        (
            "read:users read:role_members",
            "GET",
            "/api/v2/roles/rol_reader/users",
            "",
        ),
        (
            "read:users read:role_members",
            "GET",
            "/api/v2/users/auth0%7Ca/roles",
            "",
        ),
        (
            "create:role_members",
            "POST",
            "/api/v2/roles/rol_reader/users",
            r#"{"users":["a"]}"#,
        ),
    ] {
        let reply = world.ask_with(scopes, method, path, body).await;
        assert!(reply.status.is_success(), "{method} {path}: {}", reply.body);
    }
    let path = "/api/v2/users/auth0%7Ca/roles";
    let reply = world
        .ask_with("create:role_members", "POST", path, r#"{"roles":["r"]}"#)
        .await;
    assert_eq!(reply.status.as_u16(), 403);
}

#[tokio::test]
async fn a_denial_names_what_was_asked_of_what() {
    let world = World::new().await;
    let noun = |kind, id: &str| {
        Some(NounRef {
            realm: Realm::Auth0,
            kind,
            id: id.to_owned(),
        })
    };
    for (method, path, operation, target, scope) in [
        (
            "PATCH",
            "/api/v2/resource-servers/https%3A%2F%2Fa%2F",
            "UpdateApi",
            noun(NounKind::Api, "https://a/"),
            "update:resource_servers",
        ),
        ("POST", "/api/v2/roles", "CreateRole", None, "create:roles"),
        (
            "DELETE",
            "/api/v2/users/auth0%7Ca/permissions",
            "RevokeUserPermissions",
            noun(NounKind::User, "auth0|a"),
            "update:users",
        ),
        // Refused before its path and its body are looked at.
        (
            "DELETE",
            "/api/v2/roles/%00",
            "DeleteRole",
            None,
            "delete:roles",
        ),
    ] {
        let reply = world.ask_with("read:roles", method, path, "not json").await;
        assert_eq!(reply.status.as_u16(), 403, "{method} {path}");
        let required = vec![scope.to_owned()];
        let denial = Denial::InsufficientScope { required };
        let recorded = world.log.denials.lock().unwrap().pop().unwrap();
        assert_eq!(
            recorded,
            (operation.to_owned(), target, denial),
            "{method} {path}"
        );
    }
    assert!(world.log.commands().is_empty());
}
