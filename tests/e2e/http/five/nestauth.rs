//! Nest Auth's: a permission is renamed.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Server};

use super::{Entry, Operation, Row};
use crate::ledger::text;

const COMMAND: &str = "UpdatePermission";
const PERMISSIONS: &str = "/auth/admin/api/permissions";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";
const USER: &str = "7";
/// What is sent twice, once as a cookie: so that nobody else can have sent it.
const TOKEN: &str = "c";

/// A user whose role may create and read. The server checks for forgeries: without its token an
/// admin lacks the right.
pub(super) struct Ground {
    client: Client,
    cookie: String,
    actor: String,
    id: String,
}

impl Ground {
    pub(super) async fn of(server: &Server) -> Self {
        let client = server.anonymous();
        let ready = server.ready().nestauth.clone();
        let login = json!({"email": ready.email, "password": ready.password});
        let login = client.post("/auth/admin/login", &login).await.expect(201);
        let session = login.header("set-cookie").split(';').next();
        let session = session.expect("a cookie");
        let cookie = format!("{session}; nest_auth_csrf={TOKEN}");
        let post = async |path: &str, body: Value| {
            let request = client.request(Method::POST, path).header("cookie", &cookie);
            let request = request.header("x-csrf-token", TOKEN).json(&body);
            request.send().await.expect(201).json()
        };
        let made = post(PERMISSIONS, json!({"name": "users.create"})).await;
        drop(post(PERMISSIONS, json!({"name": "users.read"})).await);
        let role = json!({
            "name": "five", "guard": "web", "permissions": ["users.create", "users.read"],
        });
        let role = post("/auth/admin/api/roles", role).await;
        let assign = json!({"command": {
            "type": "AssignUserRoles", "realm": "nestauth", "user": USER,
            "roles": [text(&role["role"]["id"])],
        }});
        let assigned = server.client().post("/v1/commands", &assign).await;
        drop(assigned.expect(200));
        Self {
            actor: ready.email,
            id: text(&made["permission"]["id"]),
            client,
            cookie,
        }
    }

    /// Sent by nobody in particular.
    fn patch(&self, what: &str, id: &str, body: &str) -> Row {
        let path = format!("{PERMISSIONS}/{id}");
        Row::new(what, &self.client, Method::PATCH, &path).json(body)
    }

    fn by_admin(&self, what: &str, id: &str, body: &str) -> Row {
        self.patch(what, id, body)
            .header("cookie", &self.cookie)
            .header("x-csrf-token", TOKEN)
    }

    fn concern(&self) -> String {
        format!("permission_id={}&realm=nestauth", self.id)
    }

    /// The permission as it is answered.
    fn shown(&self, name: &str) -> String {
        let id = &self.id;
        format!(
            r#"{{"permission":{{"id":"{id}","name":"{name}","guard":"web","description":null,"category":null,"createdAt":"{{{{ts}}}}","updatedAt":"{{{{ts}}}}"}}}}"#
        )
    }

    fn no_op(&self, body: &str, name: &str) -> Row {
        self.by_admin("as it is", &self.id, body)
            .answers(200, self.shown(name))
            .leaves(Entry::unchanged(&self.actor, COMMAND, &self.concern()))
    }

    fn unknown_id(&self) -> Row {
        let rejection = json!({"type": "NoSuchPermissionId", "permission": UNKNOWN});
        let concern = format!("permission_id={UNKNOWN}");
        let message = format!("Permission with id {UNKNOWN} not found");
        self.by_admin("unknown", UNKNOWN, &rename())
            .answers(404, error(404, "Not Found", &message))
            .leaves(Entry::rejected(&self.actor, COMMAND, &rejection, &concern))
    }

    fn invalid(&self) -> Vec<Row> {
        let long = json!({"name": "b".repeat(256)}).to_string();
        let too_long = "name must be shorter than or equal to 255 characters";
        [
            ("{", "Expected property name or '}' in JSON at position 1"),
            ("[]", "Validation failed (object is expected)"),
            (r#"{"name":5}"#, too_long),
            (&long, too_long),
            (
                r#"{"name":""}"#,
                "name must be longer than or equal to 1 characters",
            ),
            (r#"{"name":" "}"#, "Permission name is required"),
            (r#"{"category":1}"#, "category must be a string"),
        ]
        .map(|(body, message)| {
            self.by_admin("invalid", &self.id, body)
                .answers(400, error(400, "Bad Request", message))
        })
        .into()
    }

    fn unauthenticated(&self) -> Vec<Row> {
        let nobody = "Admin authentication required";
        vec![
            self.patch("no cookie", &self.id, &rename())
                .answers(401, error(401, "Unauthorized", nobody)),
            self.patch("a garbled cookie", &self.id, &rename())
                .header(
                    "cookie",
                    &format!("nest_auth_admin=garbage; nest_auth_csrf={TOKEN}"),
                )
                .header("x-csrf-token", TOKEN)
                .answers(401, error(401, "Unauthorized", "Invalid admin session")),
        ]
    }

    fn lacking(&self) -> Row {
        let denial = json!({"type": "CsrfToken"});
        let answer = r#"{"statusCode":403,"error":"ForbiddenException","message":"Invalid or missing CSRF token.","code":"CSRF_TOKEN_INVALID"}"#;
        self.patch("a forgery", &self.id, &rename())
            .header("cookie", &self.cookie)
            .answers(403, answer)
            .leaves(Entry::denied(
                &self.actor,
                "RecordDenial",
                &denial,
                &self.concern(),
            ))
    }

    fn success(&self) -> Row {
        let renamed = json!({
            "type": "PermissionRenamed",
            "permission": {
                "realm": "nestauth", "api": "web", "name": "users.create", "id": self.id,
            },
            "after": "users.add",
        });
        self.by_admin("another name", &self.id, &rename())
            .answers(200, self.shown("users.add"))
            .leaves(Entry::applied(
                &self.actor,
                COMMAND,
                vec![renamed],
                &self.concern(),
            ))
    }

    pub(super) fn patching_a_permission(&self) -> Operation {
        Operation {
            realm: "nestauth",
            subject: USER,
            before: vec!["users.create", "users.read"],
            after: vec!["users.add", "users.read"],
            resource: "web",
            no_op: ["{}", r#"{"name":" users.create "}"#, r#"{"guard":"api"}"#]
                .map(|body| self.no_op(body, "users.create"))
                .into(),
            unknown_id: self.unknown_id(),
            invalid: self.invalid(),
            unauthenticated: self.unauthenticated(),
            lacking: self.lacking(),
            success: self.success(),
            again: self.no_op(&rename(), "users.add"),
        }
    }
}

fn rename() -> String {
    json!({"name": "users.add"}).to_string()
}

fn error(status: u16, error: &str, message: &str) -> String {
    format!(r#"{{"statusCode":{status},"error":"{error}","message":"{message}"}}"#)
}
