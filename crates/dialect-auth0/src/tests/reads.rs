//! What each list and each noun looks like.

use super::world::{World, revision};
use writ_domain::TenantSeq;

const API: &str = concat!(
    r#"{"id":"64f000000000000000000001","name":"A","identifier":"https://a/","scopes":["#,
    r#"{"value":"write:x"},{"value":"read:x","description":"Read it"},"#,
    r#"{"value":"admin:x","description":""}],"allow_offline_access":false,"#,
    r#""token_lifetime":86400,"signing_alg":"RS256","enforce_policies":true,"zone":"eu"}"#
);
const BARE_API: &str = r#"{"id":"64f000000000000000000002","identifier":"https://b/"}"#;
const SYSTEM_API: &str = concat!(
    r#"{"id":"64f000000000000000000003","name":"System","is_system":true,"#,
    r#""identifier":"urn:system","scopes":[]}"#
);
const READER: &str = r#"{"id":"rol_reader","name":"Reader","description":""}"#;
const ADMIN: &str = r#"{"id":"rol_admin","name":"Admin","description":"All"}"#;
const READ_X: &str = concat!(
    r#"{"permission_name":"read:x","description":"Read it","resource_server_name":"A","#,
    r#""resource_server_identifier":"https://a/""#
);
const WRITE_X: &str = concat!(
    r#"{"permission_name":"write:x","description":"","resource_server_name":"A","#,
    r#""resource_server_identifier":"https://a/""#
);
const ADMIN_X: &str = concat!(
    r#"{"permission_name":"admin:x","description":"","resource_server_name":"A","#,
    r#""resource_server_identifier":"https://a/""#
);
const DIRECT: &str = r#"{"source_id":"","source_name":"","source_type":"DIRECT"}"#;
const BY_ADMIN: &str = r#"{"source_id":"rol_admin","source_name":"Admin","source_type":"ROLE"}"#;
const BY_READER: &str = r#"{"source_id":"rol_reader","source_name":"Reader","source_type":"ROLE"}"#;
const USER_A: &str = r#"{"user_id":"auth0|a","email":"a@x.org","name":"Ann"}"#;
const USER_B: &str =
    r#"{"user_id":"auth0|b","email":"b@x.org","picture":"https://p/","name":"Bob"}"#;

async fn check(world: &World, rows: &[(&str, u16, String)]) {
    for (path, status, body) in rows {
        let reply = world.ask("GET", path, "").await;
        assert_eq!(
            (reply.status.as_u16(), reply.body.as_str()),
            (*status, body.as_str()),
            "{path}"
        );
        assert_eq!(
            reply.header("writ-revision"),
            Some(&*revision(TenantSeq(12)).to_string())
        );
    }
    assert!(world.log.commands().is_empty(), "a read asks for nothing");
}

fn not_found(message: &str, code: &str) -> String {
    let code = if code.is_empty() {
        String::new()
    } else {
        format!(r#","errorCode":"{code}""#)
    };
    format!(r#"{{"statusCode":404,"error":"Not Found","message":"{message}"{code}}}"#)
}

#[tokio::test]
async fn resource_servers() {
    let world = World::new().await;
    let none = not_found(
        "The resource server does not exist",
        "inexistent_resource_server",
    );
    check(
        &world,
        &[
            (
                "/api/v2/resource-servers/64f000000000000000000001",
                200,
                API.to_owned(),
            ),
            (
                "/api/v2/resource-servers/https%3A%2F%2Fa%2F",
                200,
                API.to_owned(),
            ),
            (
                "/api/v2/resource-servers/https:%2F%2Fa%2F",
                200,
                API.to_owned(),
            ),
            (
                "/api/v2/resource-servers/https%3A%2F%2Fa",
                404,
                none.clone(),
            ),
            ("/api/v2/resource-servers/nix", 404, none),
            (
                "/api/v2/resource-servers/https%3A%2F%2Fa%2F?fields=id,name&include_fields=true",
                200,
                r#"{"id":"64f000000000000000000001","name":"A"}"#.to_owned(),
            ),
            (
                "/api/v2/resource-servers",
                200,
                format!("[{API},{BARE_API},{SYSTEM_API}]"),
            ),
            (
                "/api/v2/resource-servers?include_totals=true&per_page=1&page=1",
                200,
                format!(r#"{{"total":3,"start":1,"limit":1,"resource_servers":[{BARE_API}]}}"#),
            ),
            (
                "/api/v2/resource-servers?include_totals=true&page=1",
                200,
                r#"{"total":3,"start":50,"limit":50,"resource_servers":[]}"#.to_owned(),
            ),
            ("/api/v2/resource-servers?page=7", 200, "[]".to_owned()),
            (
                "/api/v2/resource-servers?identifiers=https%3A%2F%2Fb%2F&identifiers=nix",
                200,
                format!("[{BARE_API}]"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_bare_array_of_resource_servers_has_links_and_one_of_them_a_tag() {
    let world = World::new().await;
    let reply = world
        .ask("GET", "/api/v2/resource-servers?per_page=2", "")
        .await;
    assert_eq!(
        reply.header("link"),
        Some(
            "</api/v2/resource-servers?page=0&per_page=2>; rel=\"first\", \
             </api/v2/resource-servers?page=1&per_page=2>; rel=\"next\", \
             </api/v2/resource-servers?page=1&per_page=2>; rel=\"last\""
        )
    );
    for path in [
        "/api/v2/resource-servers?include_totals=true",
        "/api/v2/roles",
    ] {
        assert_eq!(
            world.ask("GET", path, "").await.header("link"),
            None,
            "{path}"
        );
    }
    let reply = world
        .ask("GET", "/api/v2/resource-servers/https%3A%2F%2Fa%2F", "")
        .await;
    assert_eq!(
        reply.header("etag"),
        Some("\"20\""),
        "the last change, not the last mention"
    );
}

#[tokio::test]
async fn roles() {
    let world = World::new().await;
    check(
        &world,
        &[
            ("/api/v2/roles/rol_reader", 200, READER.to_owned()),
            (
                "/api/v2/roles/nix",
                404,
                not_found("The role does not exist.", ""),
            ),
            (
                "/api/v2/roles/rol_x%2Fy",
                404,
                not_found("The role does not exist.", ""),
            ),
            (
                "/api/v2/roles?per_page=2&type=tenant",
                200,
                format!("[{ADMIN},{READER}]"),
            ),
            (
                "/api/v2/roles?include_totals=true&name_filter=ADM",
                200,
                format!(r#"{{"roles":[{ADMIN}],"start":0,"limit":50,"total":1}}"#),
            ),
            (
                "/api/v2/roles?include_totals=true&page=2",
                200,
                r#"{"roles":[],"start":100,"limit":50,"total":55}"#.to_owned(),
            ),
        ],
    )
    .await;
    let second = world.ask("GET", "/api/v2/roles?page=1", "").await;
    assert_eq!(second.body.matches("rol_").count(), 5);
}

#[tokio::test]
async fn permissions_of_roles_and_users() {
    let world = World::new().await;
    let unknown_user = || not_found("The user does not exist.", "inexistent_user");
    check(
        &world,
        &[
            (
                "/api/v2/roles/rol_reader/permissions",
                200,
                format!("[{READ_X}}},{WRITE_X}}}]"),
            ),
            (
                "/api/v2/roles/rol_reader/permissions?include_totals=true&per_page=1&page=1",
                200,
                format!(r#"{{"permissions":[{WRITE_X}}}],"start":1,"limit":1,"total":2}}"#),
            ),
            ("/api/v2/roles/rol_1/permissions", 200, "[]".to_owned()),
            ("/api/v2/roles/nix/permissions", 404, not_found("The role does not exist.", "")),
            (
                "/api/v2/users/auth0%7Ca/permissions",
                200,
                format!(
                    r#"[{ADMIN_X},"sources":[{DIRECT}]}},{READ_X},"sources":[{DIRECT},{BY_ADMIN},{BY_READER}]}},{WRITE_X},"sources":[{BY_READER}]}}]"#
                ),
            ),
            (
                "/api/v2/users/auth0|a/permissions?include_totals=true&page=1",
                200,
                r#"{"permissions":[],"start":50,"limit":50,"total":3}"#.to_owned(),
            ),
            ("/api/v2/users/nix/permissions", 404, unknown_user()),
            ("/api/v2/users/auth0|a/roles", 200, format!("[{ADMIN},{READER}]")),
            (
                "/api/v2/users/auth0|a/roles?include_totals=true&per_page=1",
                200,
                format!(r#"{{"roles":[{ADMIN}],"start":0,"limit":1,"total":2}}"#),
            ),
            ("/api/v2/users/nix/roles", 404, unknown_user()),
        ],
    )
    .await;
}

#[tokio::test]
async fn users_of_a_role_by_page_and_by_checkpoint() {
    let world = World::new().await;
    let path = "/api/v2/roles/rol_reader/users";
    let user_c = r#"{"user_id":"auth0|c"}"#;
    check(
        &world,
        &[
            (path, 200, format!("[{USER_B},{USER_A},{user_c}]")),
            (
                "/api/v2/roles/rol_reader/users?include_totals=true&per_page=2",
                200,
                format!(r#"{{"users":[{USER_B},{USER_A}],"start":0,"limit":2,"total":3}}"#),
            ),
            (
                "/api/v2/roles/rol_reader/users?include_totals=true&per_page=50&take=3",
                200,
                format!(r#"{{"users":[{USER_B},{USER_A},{user_c}]}}"#),
            ),
            ("/api/v2/roles/nix/users?take=3", 404, not_found("The role does not exist.", "")),
            (
                "/api/v2/roles/rol_reader/users?page=10&per_page=100",
                400,
                concat!(
                    r#"{"statusCode":400,"error":"Bad Request","message":"Requesting page 10 "#,
                    r#"exceeds the allowed maximum of 1000 records. To fetch results beyond 1000, "#,
                    r#"use the checkpoint pagination method.","errorCode":"invalid_paging"}"#
                )
                .to_owned(),
            ),
        ],
    )
    .await;

    let first = world.ask("GET", &format!("{path}?take=2"), "").await;
    let (users, next) = first.body.split_once(r#","next":""#).unwrap();
    assert_eq!(users, format!(r#"{{"users":[{USER_B},{USER_A}]"#));
    let next = next.trim_end_matches("\"}");
    let last = world
        .ask("GET", &format!("{path}?from={next}&take=2"), "")
        .await;
    assert_eq!(
        last.body,
        format!(r#"{{"users":[{user_c}]}}"#),
        "no next on the last page"
    );
    let forged = world.ask("GET", &format!("{path}?from=WyJ4Il0"), "").await;
    assert_eq!(forged.status.as_u16(), 400);
}

#[tokio::test]
async fn users() {
    let world = World::new().await;
    let identity = |id: &str| {
        format!(
            r#"[{{"connection":"Username-Password-Authentication","user_id":"{id}","provider":"auth0","isSocial":false}}]"#
        )
    };
    let user_a = format!(
        r#"{{"created_at":"2026-01-01T00:00:00.000Z","email":"a@x.org","email_verified":false,"identities":{},"name":"Ann","updated_at":"2026-01-20T00:00:00.000Z","user_id":"auth0|a","user_metadata":{{"lang":"de"}}}}"#,
        identity("a")
    );
    let beyond = concat!(
        r#"{"statusCode":400,"error":"Bad Request","message":"You can only page through the first "#,
        r#"1000 records. See https://auth0.com/docs/users/search/v3/view-search-results-by-page"#,
        r#"#limitation","errorCode":"invalid_paging"}"#
    );
    check(
        &world,
        &[
            ("/api/v2/users/auth0%7Ca", 200, user_a),
            (
                "/api/v2/users/auth0%7Ca?fields=email",
                200,
                r#"{"email":"a@x.org"}"#.to_owned(),
            ),
            (
                "/api/v2/users/x",
                404,
                not_found("The user does not exist.", "inexistent_user"),
            ),
            (
                "/api/v2/users?include_totals=true&fields=user_id",
                200,
                concat!(
                    r#"{"users":[{"user_id":"auth0|a"},{"user_id":"auth0|b"},"#,
                    r#"{"user_id":"auth0|c"}],"start":0,"limit":50,"total":3}"#
                )
                .to_owned(),
            ),
            ("/api/v2/users?page=20", 400, beyond.to_owned()),
            (
                "/api/v2/clients?page=0&per_page=100&include_totals=true",
                200,
                r#"{"clients":[],"start":0,"limit":100,"total":0}"#.to_owned(),
            ),
            ("/api/v2/clients", 200, "[]".to_owned()),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_effective_and_why() {
    let world = World::new().await;
    let permissions = "/api/v2/users/auth0%7Ca/effective-permissions?resource_server_identifier=";
    let roles = "/api/v2/users/auth0%7Ca/effective-roles";
    let why = "/api/v2/users/auth0%7Ca/effective-permissions/sources/effective-roles";
    let with_direct = |role: &str| role.replace('}', r#","sources":["direct"]}"#);
    let (admin, reader) = (with_direct(ADMIN), with_direct(READER));
    check(
        &world,
        &[
            (
                &format!("{permissions}https%3A%2F%2Fa%2F"),
                200,
                format!(
                    r#"{{"permissions":[{ADMIN_X},"sources":["direct"]}},{READ_X},"sources":["direct","roles"]}},{WRITE_X},"sources":["roles"]}}]}}"#
                ),
            ),
            (
                &format!("{permissions}nix"),
                404,
                not_found("The resource server does not exist: 'nix'", "inexistent_resource_server"),
            ),
            (roles, 200, format!(r#"{{"roles":[{admin},{reader}]}}"#)),
            (
                &format!("{why}?resource_server_identifier=https%3A%2F%2Fa%2F&permission_name=write:x"),
                200,
                format!(r#"{{"roles":[{reader}]}}"#),
            ),
            (
                &format!("{why}?resource_server_identifier=https%3A%2F%2Fa%2F&permission_name=nix"),
                404,
                not_found(
                    "This permission does not exist: 'https://a/ - nix'",
                    "inexistent_resource_server_permission",
                ),
            ),
        ],
    )
    .await;
    let first = world.ask("GET", &format!("{roles}?take=1"), "").await;
    let next = first
        .body
        .split_once(r#""next":""#)
        .unwrap()
        .1
        .trim_end_matches("\"}");
    let last = world.ask("GET", &format!("{roles}?from={next}"), "").await;
    assert_eq!(last.body, format!(r#"{{"roles":[{reader}]}}"#));
}
