//! Auth0's three.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Server};

use super::{Entry, Operation, Row};
use crate::ledger::{encoded, text};

const API: &str = "https://five.example/";
const USER: &str = "auth0|five";

/// An API, a role that may read and write, and a user who has the role and may also delete.
pub(super) struct Ground {
    client: Client,
    nobody: Client,
    lacking: Client,
    actor: String,
    api: String,
    role: String,
}

/// Where an operation is, and how it is said there.
struct Place<'a> {
    method: Method,
    path: String,
    unknown: String,
    scope: &'a str,
    command: &'static str,
    concern: String,
    body: Value,
}

/// Taking a permission away, from whomever.
struct Taking<'a> {
    place: Place<'a>,
    taken: &'static str,
    fact: Value,
    /// How the body's list is described.
    list: &'a str,
    /// What is said of a holder that is not there, and what is on record of it.
    missing: (&'a str, Option<&'a str>),
    rejection: Value,
}

impl Ground {
    pub(super) async fn of(server: &Server) -> Self {
        let client = server.client();
        let made =
            async |path: &str, body: Value, status| client.post(path, &body).await.expect(status);
        let scopes = ["delete:a", "read:a", "write:a"].map(|value| json!({"value": value}));
        let api = json!({"name": "Five", "identifier": API, "scopes": scopes});
        let api = made("/api/v2/resource-servers", api, 201).await.json();
        let role = made("/api/v2/roles", json!({"name": "Five"}), 200).await;
        let role = text(&role.json()["id"]);
        let user = json!({
            "connection": "Username-Password-Authentication", "user_id": "five",
            "email": "five@writ.example", "password": "correct horse battery staple",
        });
        drop(made("/api/v2/users", user, 201).await);
        let user = format!("/api/v2/users/{}", encoded(USER));
        let of_role = pairs(&["read:a", "write:a"]);
        drop(made(&format!("/api/v2/roles/{role}/permissions"), of_role, 201).await);
        drop(made(&format!("{user}/roles"), json!({"roles": [role]}), 204).await);
        drop(made(&format!("{user}/permissions"), pairs(&["delete:a"]), 201).await);
        Self {
            nobody: server.anonymous(),
            lacking: server.client_with("ledger:read").await,
            actor: format!("{}@clients", server.ready().client_id),
            api: text(&api["id"]),
            client,
            role,
        }
    }

    fn row(&self, what: &str, place: &Place<'_>, body: &Value) -> Row {
        Row::new(what, &self.client, place.method.clone(), &place.path).json(body)
    }

    fn unauthenticated(&self, place: &Place<'_>) -> Vec<Row> {
        let row = |client: &Client, message: &str| {
            Row::new("nobody", client, place.method.clone(), &place.path)
                .json(&place.body)
                .answers(401, envelope(401, "Unauthorized", message, None))
        };
        vec![row(&self.nobody, "Missing authentication")]
    }

    fn lacking(&self, place: &Place<'_>) -> Row {
        let message = format!("Insufficient scope, expected any of: {}", place.scope);
        let code = Some("insufficient_scope");
        let denial = json!({"type": "InsufficientScope", "required": [place.scope]});
        let entry = Entry::denied(&self.actor, "RecordDenial", &denial, &place.concern);
        Row::new(
            "lacks the scope",
            &self.lacking,
            place.method.clone(),
            &place.path,
        )
        .json(&place.body)
        .answers(403, envelope(403, "Forbidden", &message, code))
        .leaves(entry)
    }

    fn invalid(&self, place: &Place<'_>, bad: &[(Value, &str)]) -> Vec<Row> {
        let answer = |problem: &str| {
            let message = format!("Payload validation error: {problem}.");
            envelope(400, "Bad Request", &message, Some("invalid_body"))
        };
        let not_json = envelope(
            400,
            "Bad Request",
            "Invalid request payload JSON format",
            None,
        );
        let not_json = Row::new("not JSON", &self.client, place.method.clone(), &place.path)
            .json("{")
            .answers(400, not_json);
        bad.iter()
            .map(|(body, problem)| self.row(problem, place, body).answers(400, answer(problem)))
            .chain([not_json])
            .collect()
    }

    fn unknown(&self, place: &Place<'_>, answer: String, rejection: &Value) -> Row {
        let (field, _) = place.concern.split_once('=').expect("a query");
        let id = place.unknown.split('/').nth(4).expect("an id");
        let concern = format!("{field}={id}");
        let entry = Entry::rejected(&self.actor, place.command, rejection, &concern);
        Row::new(
            "unknown",
            &self.client,
            place.method.clone(),
            &place.unknown,
        )
        .json(&place.body)
        .answers(404, answer)
        .leaves(entry)
    }

    pub(super) fn patching_an_api(&self) -> Operation {
        let kept = json!({"scopes": [{"value": "delete:a"}, {"value": "read:a"}]});
        let all = ["delete:a", "read:a", "write:a"].map(|value| json!({"value": value}));
        let place = Place {
            method: Method::PATCH,
            path: format!("/api/v2/resource-servers/{}", self.api),
            unknown: "/api/v2/resource-servers/000000000000000000000000".to_owned(),
            scope: "update:resource_servers",
            command: "ReplaceApiPermissions",
            concern: format!("api={}", self.api),
            body: kept.clone(),
        };
        let shown = |names: &[&str]| {
            let scopes: Vec<String> = names
                .iter()
                .map(|name| format!(r#"{{"value":"{name}"}}"#))
                .collect();
            shown(&self.api, &scopes.join(","))
        };
        let removed = json!({
            "type": "PermissionRemoved", "permission": permission("write:a"),
        });
        let unchanged = || Entry::unchanged(&self.actor, place.command, &place.concern);
        let applied = Entry::applied(&self.actor, place.command, vec![removed], &place.concern);
        let lists = "(List of permissions (scopes) that this API uses.)";
        let missing = envelope(
            404,
            "Not Found",
            "The resource server does not exist",
            Some("inexistent_resource_server"),
        );
        let unknown = json!({"type": "NoSuchApi", "api": "000000000000000000000000"});
        Operation {
            realm: "auth0",
            subject: USER,
            before: vec!["delete:a", "read:a", "write:a"],
            after: vec!["delete:a", "read:a"],
            resource: API,
            no_op: vec![
                self.row("the list as it is", &place, &json!({"scopes": all}))
                    .answers(200, shown(&["delete:a", "read:a", "write:a"]))
                    .leaves(unchanged()),
            ],
            unknown_id: self.unknown(&place, missing, &unknown),
            invalid: self.invalid(
                &place,
                &[
                    (json!([]), "'Expected type object but found type array'"),
                    (
                        json!({"scopes": {}}),
                        &format!(
                            "'Expected type array but found type object' on property scopes {lists}"
                        ),
                    ),
                ],
            ),
            unauthenticated: self.unauthenticated(&place),
            lacking: self.lacking(&place),
            success: self
                .row("one less", &place, &kept)
                .answers(200, shown(&["delete:a", "read:a"]))
                .leaves(applied),
            again: self
                .row("again", &place, &kept)
                .answers(200, shown(&["delete:a", "read:a"]))
                .leaves(unchanged()),
        }
    }

    /// What both ways of taking permissions have in common.
    fn taking(&self, taking: Taking<'_>) -> Operation {
        let Taking { place, fact, .. } = taking;
        let place = &place;
        let unchanged = || Entry::unchanged(&self.actor, place.command, &place.concern);
        let applied = Entry::applied(&self.actor, place.command, vec![fact], &place.concern);
        let before = vec!["delete:a", "read:a", "write:a"];
        let after = before.iter().copied().filter(|name| *name != taking.taken);
        let short = format!(
            "'Array is too short (0), minimum 1' on property permissions {}",
            taking.list
        );
        let (message, code) = taking.missing;
        let missing = envelope(404, "Not Found", message, code);
        Operation {
            realm: "auth0",
            subject: USER,
            after: after.collect(),
            before,
            resource: API,
            no_op: ["read:z", "other:a"]
                .map(|name| {
                    self.row("not held", place, &pairs(&[name]))
                        .answers(204, "")
                        .leaves(unchanged())
                })
                .into(),
            unknown_id: self.unknown(place, missing, &taking.rejection),
            invalid: self.invalid(
                place,
                &[
                    (json!({}), "'Missing required property: permissions'"),
                    (json!({"permissions": []}), &short),
                ],
            ),
            unauthenticated: self.unauthenticated(place),
            lacking: self.lacking(place),
            success: self
                .row("one that is held", place, &place.body)
                .answers(204, "")
                .leaves(applied),
            again: self
                .row("again", place, &place.body)
                .answers(204, "")
                .leaves(unchanged()),
        }
    }

    pub(super) fn taking_from_a_role(&self) -> Operation {
        let place = Place {
            method: Method::DELETE,
            path: format!("/api/v2/roles/{}/permissions", self.role),
            unknown: "/api/v2/roles/rol_0000000000000000/permissions".to_owned(),
            scope: "update:roles",
            command: "RevokeRolePermissions",
            concern: format!("role={}", self.role),
            body: pairs(&["read:a"]),
        };
        self.taking(Taking {
            place,
            taken: "read:a",
            fact: json!({
                "type": "RolePermissionRevoked",
                "role": {"realm": "auth0", "id": self.role},
                "permission": permission("read:a"),
            }),
            list: "(array of resource_server_identifier, permission_name pairs)",
            missing: ("The role does not exist.", None),
            rejection: json!({"type": "NoSuchRole", "role": "rol_0000000000000000"}),
        })
    }

    pub(super) fn taking_from_a_user(&self) -> Operation {
        let place = Place {
            method: Method::DELETE,
            path: format!("/api/v2/users/{}/permissions", encoded(USER)),
            unknown: format!("/api/v2/users/{}/permissions", encoded("auth0|nobody")),
            scope: "update:users",
            command: "RevokeUserPermissions",
            concern: format!("user={}", encoded(USER)),
            body: pairs(&["delete:a"]),
        };
        self.taking(Taking {
            place,
            taken: "delete:a",
            fact: json!({
                "type": "UserPermissionRevoked",
                "user": {"realm": "auth0", "id": USER},
                "permission": permission("delete:a"),
            }),
            list: "(List of permissions to remove from this user)",
            missing: ("The user does not exist.", Some("inexistent_user")),
            rejection: json!({"type": "NoSuchUser", "user": "auth0|nobody"}),
        })
    }
}

/// A permission as facts name it.
fn permission(name: &str) -> Value {
    json!({"realm": "auth0", "api": API, "name": name})
}

fn pairs(names: &[&str]) -> Value {
    let pair = |name: &&str| json!({"resource_server_identifier": API, "permission_name": name});
    json!({"permissions": names.iter().map(pair).collect::<Vec<_>>()})
}

/// The API as it is answered, to the byte.
fn shown(id: &str, scopes: &str) -> String {
    format!(
        concat!(
            r#"{{"id":"{}","name":"Five","identifier":"{}","scopes":[{}],"#,
            r#""allow_offline_access":false,"#,
            r#""skip_consent_for_verifiable_first_party_clients":false,"#,
            r#""subject_type_authorization":{{"client":{{"policy":"require_client_grant"}},"#,
            r#""user":{{"policy":"allow_all"}}}},"#,
            r#""token_lifetime":86400,"token_lifetime_for_web":7200,"signing_alg":"RS256"}}"#,
        ),
        id, API, scopes
    )
}

/// Auth0's error envelope, to the byte.
fn envelope(status: u16, error: &str, message: &str, code: Option<&str>) -> String {
    let message = Value::from(message);
    let code = code.map_or(String::new(), |code| format!(r#","errorCode":"{code}""#));
    format!(r#"{{"statusCode":{status},"error":"{error}","message":{message}{code}}}"#)
}
