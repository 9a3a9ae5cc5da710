//! `DELETE /api/v2/users/{id}/permissions`

use hyper::Method;
use serde_json::json;

use super::role::{bad_bodies, nothing_to_take};
use super::scene::{API, Scene, USER, pairs};
use super::{Entry, Operation, Row, check_all, envelope, refusals};
use crate::ledger::encoded;

const OPERATION: Operation = Operation {
    method: Method::DELETE,
    scope: "update:users",
    command: "RevokeUserPermissions",
};

const LIST: &str = "(List of permissions to remove from this user)";

fn path(user: &str) -> String {
    format!("/api/v2/users/{}/permissions", encoded(user))
}

/// A permission in the list of the user, to the byte.
fn listed(scene: &Scene, name: &str, description: &str, direct: bool) -> String {
    let role = &scene.role_id;
    let by_role =
        format!(r#"{{"source_id":"{role}","source_name":"Operator","source_type":"ROLE"}}"#);
    let sources = if direct {
        format!(r#"{{"source_id":"","source_name":"","source_type":"DIRECT"}},{by_role}"#)
    } else {
        by_role
    };
    let held = super::scene::listed(name, description);
    let held = held.strip_suffix('}').expect("an object");
    format!(r#"{held},"sources":[{sources}]}}"#)
}

fn concerns(changed: bool) -> Vec<(String, bool)> {
    let user = encoded(USER);
    vec![
        (format!("user={user}"), changed),
        (
            format!("user={user}&realm=auth0&api={}", encoded(API)),
            changed,
        ),
    ]
}

fn success(scene: &Scene) -> Row {
    let revoked = json!({
        "type": "UserPermissionRevoked",
        "user": scene.user(),
        "permission": scene.permission("read:a"),
        "granted_at": scene.at("UserPermissionGranted"),
    });
    let body = pairs(&["read:b", "read:a", "read:a"]);
    Row::new(
        "one that is held, twice, with another",
        scene.callers.all(),
        &path(USER),
        &body,
    )
    .answers(204, "")
    .leaves(Entry::applied(
        OPERATION.command,
        vec![revoked],
        concerns(true),
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_taken_from_a_user_on_record() {
    let scene = Scene::start().await;
    let (all, here) = (scene.callers.all(), path(USER));
    let held = pairs(&["read:a"]);
    let concern = format!("user={}", encoded(USER));
    let bad = bad_bodies(LIST);
    let mut rows = refusals(&OPERATION, &scene.callers, &here, (&held, bad), &concern);
    for unknown in ["auth0|nobody", "nonsense"] {
        let rejection = json!({"type": "NoSuchUser", "user": unknown});
        let message = "The user does not exist.";
        let concerns = vec![(format!("user={}", encoded(unknown)), false)];
        rows.push(
            Row::new("an unknown user", all, &path(unknown), &held)
                .answers(
                    404,
                    envelope(404, "Not Found", message, Some("inexistent_user")),
                )
                .leaves(Entry::rejected(OPERATION.command, &rejection, concerns)),
        );
    }
    for (what, body) in nothing_to_take() {
        let entry = Entry::unchanged(OPERATION.command, vec![(concern.clone(), false)]);
        rows.push(
            Row::new(what, all, &here, &body)
                .answers(204, "")
                .leaves(entry),
        );
    }
    let list = |direct: bool| {
        let (read, write) = (
            listed(&scene, "read:a", "Read a", direct),
            listed(&scene, "write:a", "", true),
        );
        format!("[{read},{write}]")
    };
    check_all(&scene, &OPERATION, rows).await;
    assert_eq!(scene.list(&here).await, list(true));

    check_all(&scene, &OPERATION, vec![success(&scene)]).await;
    // What the user holds by its role stays.
    assert_eq!(scene.list(&here).await, list(false));
    let effects = scene.newest_effects().await;
    assert_eq!(effects["total"], 1, "{effects}");
    let taken = json!({
        "kind": "user_permission", "change": "lost", "realm": "auth0", "user": USER,
        "api": API, "permission": "read:a", "remains": true,
        "opened_by": scene.at("UserPermissionGranted"), "closed_by": effects["tenant_seq"],
    });
    assert_eq!(effects["effects"], json!([taken]));

    let again = Entry::unchanged(OPERATION.command, vec![(concern, false)]);
    let again = Row::new("again", all, &here, &held)
        .answers(204, "")
        .leaves(again);
    check_all(&scene, &OPERATION, vec![again]).await;
}
