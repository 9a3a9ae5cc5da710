//! Camunda's: an authorization is replaced.

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::Server;

use super::{Entry, Operation, Row};
use crate::http::camunda::{Engine, User, basic, missing, no_such};

const COMMAND: &str = "UpdateAuthorization";
const USER: &str = "jonny";
const INVOICE: &str = "invoice";

/// Jonny may do something with invoices; Ann may see authorizations, and no more.
pub(super) struct Ground {
    engine: Engine,
    admin: User,
    ann: User,
    id: String,
}

impl Ground {
    pub(super) async fn of(server: &Server) -> Self {
        let engine = Engine::of(server);
        let admin = engine.admin();
        engine.user("ann").await;
        let read = json!({
            "type": 1, "permissions": ["READ"], "userId": "ann", "resourceType": 4,
            "resourceId": "*",
        });
        drop(engine.made(&read.to_string()).await);
        let id = engine.made(&before()).await;
        Self {
            ann: User::new("ann", "ann"),
            admin,
            engine,
            id,
        }
    }

    fn by_nobody(&self, what: &str, id: &str, body: &str) -> Row {
        let path = format!("/engine-rest/authorization/{id}");
        Row::new(what, self.engine.client(), Method::PUT, &path).json(body)
    }

    fn by(&self, user: &User, what: &str, body: &str) -> Row {
        let row = self.by_nobody(what, &self.id, body);
        row.header("authorization", &basic(user))
    }

    fn concern(&self) -> String {
        format!("authorization={}", self.id)
    }

    fn no_op(&self, what: &str, body: &str) -> Row {
        let entry = Entry::unchanged(&self.admin.name, COMMAND, &self.concern());
        self.by(&self.admin, what, body)
            .answers(204, "")
            .leaves(entry)
    }

    fn unknown_id(&self) -> Row {
        let rejection = json!({"type": "NoSuchAuthorization", "authorization": "unknown"});
        let concern = "authorization=unknown";
        let entry = Entry::rejected(&self.admin.name, COMMAND, &rejection, concern);
        self.by_nobody("unknown", "unknown", &after())
            .header("authorization", &basic(&self.admin))
            .answers(404, no_such("unknown"))
            .leaves(entry)
    }

    fn invalid(&self) -> Vec<Row> {
        let unreadable = r#"{"type":"InvalidRequestException","message":"","code":null}"#;
        let elsewhere = r#"{"type":"BadUserRequestException","message":"The permission 'ACCESS' is not valid for 'PROCESS_DEFINITION' resource type.","code":0}"#;
        vec![
            self.by(&self.admin, "not JSON", "{")
                .answers(400, unreadable),
            self.by(&self.admin, "a permission of others", &body(&["ACCESS"]))
                .answers(400, elsewhere),
        ]
    }

    fn unauthenticated(&self) -> Vec<Row> {
        let wrong = User::new("ann", "other");
        vec![
            self.by_nobody("no password", &self.id, &after())
                .answers(401, ""),
            self.by(&wrong, "a wrong password", &after())
                .answers(401, ""),
        ]
    }

    fn lacking(&self) -> Row {
        let denial = json!({
            "type": "MissingPermission", "user": "ann", "permission": "UPDATE",
            "resource_type": 4, "resource_id": self.id,
        });
        self.by(&self.ann, "may only read", &after())
            .answers(403, missing("ann", "UPDATE", Some(&self.id)))
            .leaves(Entry::denied("ann", COMMAND, &denial, &self.concern()))
    }

    fn success(&self) -> Row {
        let changed = json!({
            "type": "AuthorizationChanged", "authorization": {"id": self.id}, "kind": "grant",
            "before": terms(2 | 512), "after": terms(2 | 16),
        });
        let entry = Entry::applied(&self.admin.name, COMMAND, vec![changed], &self.concern());
        self.by(&self.admin, "other permissions", &after())
            .answers(204, "")
            .leaves(entry)
    }

    pub(super) fn replacing_an_authorization(&self) -> Operation {
        Operation {
            realm: "camunda",
            subject: USER,
            before: vec!["READ", "READ_INSTANCE"],
            after: vec!["DELETE", "READ"],
            resource: INVOICE,
            no_op: vec![self.no_op("as it is", &before())],
            unknown_id: self.unknown_id(),
            invalid: self.invalid(),
            unauthenticated: self.unauthenticated(),
            lacking: self.lacking(),
            success: self.success(),
            again: self.no_op("again", &after()),
        }
    }
}

fn before() -> String {
    body(&["READ", "READ_INSTANCE"])
}

fn after() -> String {
    body(&["READ", "DELETE"])
}

/// What jonny may do with invoices.
fn body(permissions: &[&str]) -> String {
    json!({
        "type": 1, "permissions": permissions, "userId": USER, "resourceType": 6,
        "resourceId": INVOICE,
    })
    .to_string()
}

/// The same as facts tell it.
fn terms(permissions: u32) -> Value {
    json!({
        "holder": {"type": "user", "user": USER}, "resource_type": 6, "resource_id": INVOICE,
        "permissions": permissions,
    })
}
