//! `PATCH /api/v2/resource-servers/{id}`

use hyper::Method;
use serde_json::{Value, json};

use super::scene::{API, Scene, USER, listed};
use super::{Entry, Operation, Row, check, check_all, envelope, invalid_body, refusals};
use crate::ledger::{self, Revision, encoded, number};

const OPERATION: Operation = Operation {
    method: Method::PATCH,
    scope: "update:resource_servers",
    command: "ReplaceApiPermissions",
};

const SCOPES: &str = "(List of permissions (scopes) that this API uses.)";

fn path(api: &str) -> String {
    format!("/api/v2/resource-servers/{}", encoded(api))
}

fn bad_bodies() -> Vec<(&'static str, String)> {
    let scope = "(Value of this scope)";
    let name = "(Friendly name for this resource server. Can not contain `<` or `>` characters)";
    let lifetime = "(Expiration value (in seconds) for access tokens issued for this API from the \
                    token endpoint)";
    let algorithm = "(Algorithm used to sign JWTs. Can be `HS256` (default) or `RS256`. `PS256` \
                     available via addon)";
    vec![
        ("", "'Expected type object but found type null'".to_owned()),
        (
            "[]",
            "'Expected type object but found type array'".to_owned(),
        ),
        (
            r#"{"identifier":"https://other.example/"}"#,
            "'Additional properties not allowed: identifier'".to_owned(),
        ),
        (
            r#"{"scopes":{}}"#,
            format!("'Expected type array but found type object' on property scopes {SCOPES}"),
        ),
        (
            r#"{"scopes":[{"value":"read:a"},{"description":"Read"}]}"#,
            "'Missing required property: value' on property scopes[1]".to_owned(),
        ),
        (
            r#"{"scopes":[{"value":""}]}"#,
            format!(
                "'String is too short (0 chars), minimum 1' on property scopes[0].value {scope}"
            ),
        ),
        (
            r#"{"name":"<b>"}"#,
            format!("'String does not match pattern ^[^<>]+$: <b>' on property name {name}"),
        ),
        (
            r#"{"token_lifetime":-1}"#,
            format!("'Value -1 is less than minimum 0' on property token_lifetime {lifetime}"),
        ),
        (
            r#"{"signing_alg":"none"}"#,
            format!("'No enum match for: none' on property signing_alg {algorithm}"),
        ),
    ]
}

/// The API as it is answered, to the byte.
fn shown(scene: &Scene, name: &str, scopes: &str, token_lifetime: u32) -> String {
    let id = &scene.api_id;
    format!(
        concat!(
            r#"{{"id":"{}","name":"{}","identifier":"{}","scopes":{},"#,
            r#""allow_offline_access":false,"#,
            r#""skip_consent_for_verifiable_first_party_clients":false,"#,
            r#""subject_type_authorization":{{"client":{{"policy":"require_client_grant"}},"#,
            r#""user":{{"policy":"allow_all"}}}},"#,
            r#""token_lifetime":{},"token_lifetime_for_web":7200,"signing_alg":"RS256"}}"#,
        ),
        id, name, API, scopes, token_lifetime
    )
}

const AT_FIRST: &str = concat!(
    r#"[{"value":"read:a","description":"Read a"},{"value":"write:a"},"#,
    r#"{"value":"read:b","description":""}]"#,
);

fn concerns(scene: &Scene, changed: bool) -> Vec<(String, bool)> {
    vec![
        (format!("api={}", scene.api_id), changed),
        (format!("api={}", encoded(API)), changed),
        (format!("api={}&realm=auth0", encoded(API)), changed),
    ]
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Requests that ask for what is so.
fn unchanged(scene: &Scene) -> Vec<Row> {
    let answer = shown(scene, "Operations", AT_FIRST, 86_400);
    [
        (
            "the list as it is",
            "ReplaceApiPermissions",
            json!({"scopes": json_of(AT_FIRST)}),
        ),
        ("nothing", "UpdateApi", json!({})),
        (
            "null for what is not set",
            "UpdateApi",
            json!({"authorization_details": null}),
        ),
        (
            "the name as it is",
            "UpdateApi",
            json!({"name": "Operations"}),
        ),
        (
            "all as it is",
            "Batch",
            json!({"scopes": json_of(AT_FIRST), "token_lifetime": 86_400}),
        ),
    ]
    .into_iter()
    .map(|(what, kind, body)| {
        Row::new(what, scene.callers.all(), &path(&scene.api_id), &body)
            .answers(200, answer.clone())
            .leaves(Entry::unchanged(kind, concerns(scene, false)))
    })
    .collect()
}

/// Lists that look right and hold a name that none may have: 400, without a trace.
fn refused_by_rules(scene: &Scene) -> Vec<Row> {
    let row = |what: &str, names: &[&str], problem: &str| {
        let name = names[names.len() - 1];
        let scopes: Vec<Value> = names.iter().map(|name| json!({"value": name})).collect();
        let problem = format!("'{problem}: {name}' on property scopes");
        let body = json!({"scopes": scopes});
        Row::new(what, scene.callers.all(), &path(&scene.api_id), &body)
            .answers(400, invalid_body(&problem))
    };
    vec![
        row(
            "a scope twice",
            &["read:a", "new:c", "read:a"],
            "Duplicate scope value",
        ),
        row(
            "a name of OpenID Connect's",
            &["read:a", "openid"],
            "Reserved scope value",
        ),
    ]
}

/// Takes two scopes away, describes one anew and defines another.
async fn replace_scopes(scene: &Scene) {
    let scopes = r#"[{"value":"read:a","description":"Read anything"},{"value":"new:c"}]"#;
    let api = scene.api_key();
    let removed = |name: &str, more: Value| {
        let mut fact = json!({
            "type": "PermissionRemoved",
            "permission": scene.permission(name),
            "namespace": api,
        });
        fact.as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        fact
    };
    let described = json!({
        "type": "PermissionDescribed",
        "permission": scene.permission("read:a"),
        "before": "Read a",
        "after": "Read anything",
    });
    let body = json!({"scopes": json_of(scopes)});
    // The number of the new permission is the ledger's to choose; a dry run foretells it.
    let foretold = json!({"dry_run": true, "command": {
        "type": "ReplaceApiPermissions", "realm": "auth0", "api": API,
        "permissions": [{"name": "read:a", "description": "Read anything"}, {"name": "new:c"}],
    }});
    let foretold = scene
        .client
        .post("/v1/commands", &foretold)
        .await
        .expect(200)
        .json();
    let key = number(&foretold["facts"][3]["permission"]["key"]);
    let defined = json!({
        "type": "PermissionDefined",
        "permission": {"key": key, "realm": "auth0", "api": API, "name": "new:c"},
        "namespace": api,
        "ordinal": 3,
    });
    let facts = vec![
        removed("read:b", json!({"description": ""})),
        removed("write:a", json!({})),
        described,
        defined,
    ];
    let row = Row::new(
        "another list",
        scene.callers.all(),
        &path(&scene.api_id),
        &body,
    )
    .answers(200, shown(scene, "Operations", scopes, 86_400))
    .leaves(Entry::applied(
        OPERATION.command,
        facts,
        concerns(scene, true),
    ));
    drop(check(scene, &OPERATION, &row, "replace").await);
}

/// What went with the scopes.
async fn check_what_followed(scene: &Scene) {
    let role = format!("/api/v2/roles/{}/permissions", scene.role_id);
    assert_eq!(
        scene.list(&role).await,
        format!("[{}]", listed("read:a", "Read anything"))
    );
    let user = format!("/api/v2/users/{}/permissions", encoded(USER));
    let held = scene.client.get(&user).await.expect(200).json();
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    assert_eq!(held[0]["permission_name"], "read:a");

    let effects = scene.newest_effects().await;
    assert_eq!(effects["total"], 2, "{effects}");
    let lost = |kind: &str, holder: (&str, &str), grant: &str| {
        json!({
            "kind": kind, "change": "lost", "realm": "auth0", holder.0: holder.1,
            "api": API, "permission": "write:a",
            "opened_by": scene.at(grant), "closed_by": effects["tenant_seq"],
        })
    };
    let mut of_user = lost("user_permission", ("user", USER), "UserPermissionGranted");
    of_user["remains"] = false.into();
    let of_role = lost(
        "role_permission",
        ("role", scene.role_id.as_str()),
        "RolePermissionGranted",
    );
    let all = ledger::list(&effects["effects"]);
    assert!(all.contains(&of_user), "{all:?} lacks {of_user}");
    assert!(all.contains(&of_role), "{all:?} lacks {of_role}");
}

/// Name, setting and scopes in one request: one entry with every before-image.
async fn change_everything(scene: &Scene) {
    let api = json!({"key": scene.api_key(), "realm": "auth0", "identifier": API});
    let renamed = json!({
        "type": "ApiRenamed", "api": api, "before": "Operations", "after": "Renamed",
    });
    let set = json!({
        "type": "ApiSettingChanged", "api": api, "setting": "token_lifetime",
        "before": "86400", "after": "3600",
    });
    let removed = json!({
        "type": "PermissionRemoved", "permission": scene.permission("read:a"),
        "namespace": scene.api_key(), "description": "Read anything",
    });
    let body = json!({"name": "Renamed", "token_lifetime": 3600, "scopes": [{"value": "new:c"}]});
    let entry = Entry::applied("Batch", vec![renamed, set, removed], concerns(scene, true));
    let answer = shown(scene, "Renamed", r#"[{"value":"new:c"}]"#, 3600);
    let here = path(&scene.api_id);
    let row = Row::new("name, setting and list", scene.callers.all(), &here, &body)
        .answers(200, answer.clone())
        .leaves(entry);
    drop(check(scene, &OPERATION, &row, "everything").await);
    assert_eq!(scene.list(&here).await, answer);
    let role = format!("/api/v2/roles/{}/permissions", scene.role_id);
    assert_eq!(scene.list(&role).await, "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_is_patched_on_record() {
    let scene = Scene::start().await;
    let (all, here) = (scene.callers.all(), path(&scene.api_id));
    let body = json!({"scopes": []});
    let concern = format!("api={}", encoded(API));
    let mut rows = refusals(
        &OPERATION,
        &scene.callers,
        &here,
        (&body, bad_bodies()),
        &concern,
    );
    let message = "The resource server does not exist";
    for unknown in ["000000000000000000000000", "https://operations.example/v1"] {
        let rejection = json!({"type": "NoSuchApi", "api": unknown});
        let code = Some("inexistent_resource_server");
        let concerns = vec![(format!("api={}", encoded(unknown)), false)];
        rows.push(
            Row::new("an unknown API", all, &path(unknown), &body)
                .answers(404, envelope(404, "Not Found", message, code))
                .leaves(Entry::rejected(OPERATION.command, &rejection, concerns)),
        );
    }
    rows.extend(refused_by_rules(&scene));
    rows.extend(unchanged(&scene));
    check_all(&scene, &OPERATION, rows).await;
    assert_eq!(
        scene.list(&here).await,
        shown(&scene, "Operations", AT_FIRST, 86_400)
    );

    replace_scopes(&scene).await;
    check_what_followed(&scene).await;
    change_everything(&scene).await;
    let empty = shown(&scene, "Renamed", "[]", 3600);
    for time in ["once", "and again"] {
        drop(all.patch(&here, &body).await.expect(200));
        assert_eq!(scene.list(&here).await, empty, "{time}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_is_patched_only_as_it_was_read_if_that_is_asked() {
    let scene = Scene::start().await;
    let (client, here) = (&scene.client, path(&scene.api_id));
    let read = client.get(&here).await.expect(200);
    let tag = read.header("etag").to_owned();
    assert!(!tag.is_empty(), "{read:?}");
    let patch = |name: &str, tag: &str| {
        let request = client.request(Method::PATCH, &here).header("if-match", tag);
        request.json(&json!({"name": name})).send()
    };
    let first = patch("First", &tag).await.expect(200);
    let changed_at = Revision::of(&first).tenant_seq();
    assert_eq!(first.header("etag"), format!("\"{changed_at}\""));
    assert_eq!(client.get(&here).await.header("etag"), first.header("etag"));

    let message = "The resource has changed since it was read.";
    for stale in [
        tag.as_str(),
        "\"nothing-of-ours\"",
        &format!("W/{}", first.header("etag")),
    ] {
        let answer = patch("Second", stale).await;
        assert_eq!(answer.status, 412, "{stale}: {}", answer.text());
        assert_eq!(
            answer.text(),
            envelope(412, "Precondition Failed", message, None)
        );
        let at = Revision::of(&answer).tenant_seq();
        let entry = ledger::changes_after(client, at - 1).await.remove(0);
        let rejection = json!({"type": "Stale", "changed_at": changed_at});
        assert_eq!(
            entry["outcome"],
            json!({"type": "rejected", "rejection": rejection})
        );
    }
    assert_eq!(client.get(&here).await.json()["name"], "First");
    drop(patch("Second", first.header("etag")).await.expect(200));
    drop(patch("Third", "*").await.expect(200));
    assert_eq!(client.get(&here).await.json()["name"], "Third");
}
