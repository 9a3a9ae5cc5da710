//! `DELETE /api/v2/roles/{id}/permissions`

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{API, Scene, listed, pairs};
use super::{Entry, Operation, Row, check_all, envelope, refusals};
use crate::ledger::encoded;

const OPERATION: Operation = Operation {
    method: Method::DELETE,
    scope: "update:roles",
    command: "RevokeRolePermissions",
};

const PAIRS: &str = "(array of resource_server_identifier, permission_name pairs)";

/// Bodies that are not what the route takes. The schema of the users' route differs in one text.
pub(super) fn bad_bodies(description: &str) -> Vec<(&'static str, String)> {
    let named = "(Resource server (API) identifier that this permission is for)";
    vec![
        ("", "'Expected type object but found type null'".to_owned()),
        (
            "[]",
            "'Expected type object but found type array'".to_owned(),
        ),
        ("{}", "'Missing required property: permissions'".to_owned()),
        (
            r#"{"permissions":[],"all":true}"#,
            "'Additional properties not allowed: all'".to_owned(),
        ),
        (
            r#"{"permissions":[]}"#,
            format!("'Array is too short (0), minimum 1' on property permissions {description}"),
        ),
        (
            r#"{"permissions":null}"#,
            format!(
                "'Expected type array but found type null' on property permissions {description}"
            ),
        ),
        (
            r#"{"permissions":["read:a"]}"#,
            "'Expected type object but found type string' on property permissions[0]".to_owned(),
        ),
        (
            r#"{"permissions":[{"permission_name":"read:a"}]}"#,
            "'Missing required property: resource_server_identifier' on property permissions[0]"
                .to_owned(),
        ),
        (
            r#"{"permissions":[{"resource_server_identifier":"a","permission_name":"b","c":1}]}"#,
            "'Additional properties not allowed: c' on property permissions[0]".to_owned(),
        ),
        (
            r#"{"permissions":[{"resource_server_identifier":1,"permission_name":"read:a"}]}"#,
            format!(
                "'Expected type string but found type integer' on property \
                 permissions[0].resource_server_identifier {named}"
            ),
        ),
    ]
}

/// Requests that find nothing to take away.
pub(super) fn nothing_to_take() -> Vec<(&'static str, Value)> {
    let elsewhere = json!({"permissions": [
        {"resource_server_identifier": "https://nowhere.example/", "permission_name": "read:a"},
    ]});
    vec![
        ("a permission that is not held", pairs(&["read:b"])),
        ("a permission that does not exist", pairs(&["read:z"])),
        ("an API that does not exist", elsewhere),
    ]
}

fn path(role: &str) -> String {
    format!("/api/v2/roles/{role}/permissions")
}

fn concerns(role: &str, changed: bool) -> Vec<(String, bool)> {
    vec![
        (format!("role={role}"), changed),
        (format!("role={role}&realm=auth0"), changed),
        (format!("api={}&role={role}", encoded(API)), changed),
        // The API was only named.
        (format!("api={}", encoded(API)), false),
    ]
}

fn success(scene: &Scene) -> Row {
    let body = pairs(&["read:a", "read:b", "read:z"]);
    let revoked = json!({
        "type": "RolePermissionRevoked",
        "role": scene.role(),
        "permission": scene.permission("read:a"),
        "granted_at": scene.at("RolePermissionGranted"),
    });
    let entry = Entry::applied(
        OPERATION.command,
        vec![revoked],
        concerns(&scene.role_id, true),
    );
    let what = "one that is held, with others";
    Row::new(what, scene.callers.all(), &path(&scene.role_id), &body)
        .answers(204, "")
        .leaves(entry)
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_taken_from_a_role_on_record() {
    let scene = Scene::start().await;
    let (all, role) = (scene.callers.all(), scene.role_id.as_str());
    let here = path(role);
    let (held, bad) = (pairs(&["read:a"]), bad_bodies(PAIRS));
    let mut rows = refusals(
        &OPERATION,
        &scene.callers,
        &here,
        (&held, bad),
        &format!("role={role}"),
    );
    for unknown in ["rol_0000000000000000", "nonsense"] {
        let rejection = json!({"type": "NoSuchRole", "role": unknown});
        let concerns = vec![(format!("role={unknown}"), false)];
        rows.push(
            Row::new("an unknown role", all, &path(unknown), &held)
                .answers(
                    404,
                    envelope(404, "Not Found", "The role does not exist.", None),
                )
                .leaves(Entry::rejected(OPERATION.command, &rejection, concerns)),
        );
    }
    for (what, body) in nothing_to_take() {
        let concerns = vec![(format!("role={role}"), false)];
        let entry = Entry::unchanged(OPERATION.command, concerns);
        rows.push(
            Row::new(what, all, &here, &body)
                .answers(204, "")
                .leaves(entry),
        );
    }
    let untouched = format!("[{},{}]", listed("read:a", "Read a"), listed("write:a", ""));
    check_all(&scene, &OPERATION, rows).await;
    assert_eq!(scene.list(&here).await, untouched);

    check_all(&scene, &OPERATION, vec![success(&scene)]).await;
    let left = listed("write:a", "");
    assert_eq!(scene.list(&here).await, format!("[{left}]"));
    let with_totals = format!(r#"{{"permissions":[{left}],"start":0,"limit":50,"total":1}}"#);
    assert_eq!(
        scene.list(&format!("{here}?include_totals=true")).await,
        with_totals
    );
    let effects = scene.newest_effects().await;
    assert_eq!(effects["total"], 1, "{effects}");
    let taken = json!({
        "kind": "role_permission", "change": "lost", "realm": "auth0", "role": role,
        "api": API, "permission": "read:a",
        "opened_by": scene.at("RolePermissionGranted"), "closed_by": effects["tenant_seq"],
    });
    assert_eq!(effects["effects"], json!([taken]));

    // The same wish again finds nothing to do.
    let again = Entry::unchanged(OPERATION.command, vec![(format!("role={role}"), false)]);
    let again = Row::new("again", all, &here, &held)
        .answers(204, "")
        .leaves(again);
    check_all(&scene, &OPERATION, vec![again]).await;
}
