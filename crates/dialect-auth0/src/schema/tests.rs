use super::{Node, bodies, check, queries};
use crate::json::Json;

fn message(node: &Node, body: &str, of: &str) -> String {
    let json = Json::parse(body.as_bytes()).unwrap();
    check(node, &json)
        .err()
        .map(|problem| problem.message(of))
        .unwrap_or_default()
}

#[test]
fn messages_are_those_of_z_schema() {
    let mut rows = 0;
    for line in include_str!("oracle.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let [schema, body, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a row has three fields: {line}");
        };
        let node = match schema {
            "create" => &bodies::CREATE_RESOURCE_SERVER,
            "update" => &bodies::UPDATE_RESOURCE_SERVER,
            "role_permissions" => &bodies::ROLE_PERMISSIONS,
            "add_user_permissions" => &bodies::ADD_USER_PERMISSIONS,
            "remove_user_permissions" => &bodies::REMOVE_USER_PERMISSIONS,
            "add_user_roles" => &bodies::ADD_USER_ROLES,
            "remove_user_roles" => &bodies::REMOVE_USER_ROLES,
            "role_users" => &bodies::ROLE_USERS,
            "role" => &bodies::CREATE_ROLE,
            "user" => &bodies::CREATE_USER,
            other => panic!("no schema is named {other}"),
        };
        assert_eq!(message(node, body, "Payload"), expected, "{schema} {body}");
        rows += 1;
    }
    assert_eq!(rows, 101);
}

/// Recorded or quoted from Auth0 itself.
#[test]
fn messages_are_those_of_auth0() {
    let scopes = format!(
        "[{}{{\"description\":\"d\"}}]",
        "{\"value\":\"v\"},".repeat(8)
    );
    for (node, of, body, expected) in [
        (
            &bodies::UPDATE_RESOURCE_SERVER,
            "Payload",
            format!("{{\"scopes\":{scopes}}}"),
            "Payload validation error: 'Missing required property: value' on property scopes[8].",
        ),
        (
            &bodies::ROLE_PERMISSIONS,
            "Payload",
            "{\"permissions\":null}".to_owned(),
            "Payload validation error: 'Expected type array but found type null' on property \
             permissions (array of resource_server_identifier, permission_name pairs).",
        ),
        (
            &queries::ROLES,
            "Query",
            "{\"per_page\":1000}".to_owned(),
            "Query validation error: 'Value 1000 is greater than maximum 100' on property \
             per_page (Number of results per page. Defaults to 50).",
        ),
    ] {
        assert_eq!(message(node, &body, of), expected);
    }
}

#[test]
fn all_members_that_do_not_belong_are_named() {
    assert_eq!(
        message(
            &bodies::CREATE_ROLE,
            r#"{"b":1,"name":"n","a":2,"7":3}"#,
            "Payload"
        ),
        "Payload validation error: 'Additional properties not allowed: 7,b,a'."
    );
}

#[test]
fn bodies_that_clients_are_recorded_to_send_are_accepted() {
    for (node, body) in [
        (
            &bodies::UPDATE_RESOURCE_SERVER,
            r#"{"token_lifetime_for_web":3600}"#,
        ),
        (
            &bodies::UPDATE_RESOURCE_SERVER,
            r#"{"authorization_details":null}"#,
        ),
        (
            &bodies::UPDATE_RESOURCE_SERVER,
            r#"{"proof_of_possession":null,"token_encryption":null,"consent_policy":null}"#,
        ),
        (
            &bodies::UPDATE_RESOURCE_SERVER,
            r#"{"allow_online_access":true,"authorization_policy":{"policy_id":"p"}}"#,
        ),
        (
            &bodies::UPDATE_RESOURCE_SERVER,
            r#"{"access_token":{"x":1},"require_consent_non_repudiation":true}"#,
        ),
        (
            &bodies::CREATE_RESOURCE_SERVER,
            r#"{"identifier":"https://a/"}"#,
        ),
        (&bodies::CREATE_ROLE, r#"{"name":"n","description":null}"#),
        (
            &bodies::UPDATE_USER,
            r#"{"email":null,"app_metadata":{"any":[1]}}"#,
        ),
    ] {
        assert_eq!(message(node, body, "Payload"), "", "{body}");
    }
}
