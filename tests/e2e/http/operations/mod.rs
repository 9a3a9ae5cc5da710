//! The three operations from which the ledger began, from every side: what is answered, and what
//! is on record afterwards.
//!
//! One [`check`], many rows. A row says who asks what, the exact answer, and the entry that it
//! leaves, if it leaves one.

mod api;
mod callers;
mod naming;
mod role;
mod scene;
mod user;

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::{Client, Response};

use self::callers::Callers;
use self::scene::Scene;
use crate::ledger::{self, Revision, text};

/// One of the three.
struct Operation {
    method: Method,
    /// The scope that it needs.
    scope: &'static str,
    /// The command that it is, unless a row says otherwise.
    command: &'static str,
}

/// A request, its exact answer, and what it leaves in the ledger.
struct Row {
    what: String,
    client: Client,
    path: String,
    content_type: &'static str,
    body: String,
    status: u16,
    answer: String,
    leaves: Leaves,
}

enum Leaves {
    /// Not a trace, and an answer that may know no tenant.
    Nothing {
        revision: bool,
    },
    Entry(Box<Entry>),
}

/// What is on record of a request.
struct Entry {
    kind: &'static str,
    outcome: Value,
    facts: Vec<Value>,
    /// Queries of history that show the entry, and whether it changed what they ask for.
    concerns: Vec<(String, bool)>,
}

impl Row {
    /// A request by somebody who may, with a JSON body.
    fn new(what: &str, client: &Client, path: &str, body: &Value) -> Self {
        Self {
            what: what.to_owned(),
            client: client.clone(),
            path: path.to_owned(),
            content_type: "application/json",
            body: body.to_string(),
            status: 0,
            answer: String::new(),
            leaves: Leaves::Nothing { revision: true },
        }
    }

    fn answers(mut self, status: u16, answer: impl Into<String>) -> Self {
        self.status = status;
        self.answer = answer.into();
        self
    }

    fn leaves(mut self, entry: Entry) -> Self {
        self.leaves = Leaves::Entry(Box::new(entry));
        self
    }
}

impl Entry {
    fn unchanged(kind: &'static str, concerns: Vec<(String, bool)>) -> Self {
        let outcome = json!({"type": "unchanged"});
        Self {
            kind,
            outcome,
            facts: Vec::new(),
            concerns,
        }
    }

    fn applied(kind: &'static str, facts: Vec<Value>, concerns: Vec<(String, bool)>) -> Self {
        let outcome = json!({"type": "applied"});
        Self {
            kind,
            outcome,
            facts,
            concerns,
        }
    }

    fn rejected(kind: &'static str, rejection: &Value, concerns: Vec<(String, bool)>) -> Self {
        let outcome = json!({"type": "rejected", "rejection": rejection});
        Self {
            kind,
            outcome,
            facts: Vec::new(),
            concerns,
        }
    }
}

/// Auth0's error envelope, to the byte.
fn envelope(status: u16, error: &str, message: &str, code: Option<&str>) -> String {
    let message = Value::from(message);
    let code = code.map_or(String::new(), |code| format!(r#","errorCode":"{code}""#));
    format!(r#"{{"statusCode":{status},"error":"{error}","message":{message}{code}}}"#)
}

/// A body that is not what the route takes, in Auth0's words.
fn invalid_body(problem: &str) -> String {
    let message = format!("Payload validation error: {problem}.");
    envelope(400, "Bad Request", &message, Some("invalid_body"))
}

/// Rows that are the same for every operation: bad callers, bad bodies.
fn refusals(
    operation: &Operation,
    callers: &Callers,
    path: &str,
    (body, bad_bodies): (&Value, Vec<(&str, String)>),
    concern: &str,
) -> Vec<Row> {
    let mut rows = callers.rows(operation, path, body, concern);
    for (bad, problem) in bad_bodies {
        let row = Row::new(
            &format!("the body {bad}"),
            callers.all(),
            path,
            &Value::Null,
        );
        let row = Row {
            body: bad.to_owned(),
            ..row
        };
        rows.push(row.answers(400, invalid_body(&problem)));
    }
    let not_json = Row::new("not JSON", callers.all(), path, &Value::Null);
    let not_json = Row {
        body: r#"{"scopes":["#.to_owned(),
        ..not_json
    };
    let message = "Invalid request payload JSON format";
    rows.push(not_json.answers(400, envelope(400, "Bad Request", message, None)));
    let form = Row::new("not as JSON", callers.all(), path, body);
    let form = Row {
        content_type: "text/plain",
        ..form
    };
    let unsupported = "Unsupported Media Type";
    rows.push(form.answers(415, envelope(415, unsupported, unsupported, None)));
    rows
}

async fn check_all(scene: &Scene, operation: &Operation, rows: Vec<Row>) {
    for (number, row) in rows.into_iter().enumerate() {
        check(
            scene,
            operation,
            &row,
            &format!("{}-{number}", operation.command),
        )
        .await;
    }
}

/// Sends a request; compares answer and ledger with what the row says. The answer.
async fn check(scene: &Scene, operation: &Operation, row: &Row, request_id: &str) -> Response {
    let what = format!("{} {}: {}", operation.method, row.path, row.what);
    let reader = &scene.client;
    let before = ledger::head(reader).await;
    let request = row.client.request(operation.method.clone(), &row.path);
    let answer = request
        .header("x-request-id", request_id)
        .header("writ-reason", "Clean-up %E2%80%93 third quarter")
        .header("writ-ticket", "OPS-17")
        .header("writ-on-behalf-of", "auth0|ann")
        .header("user-agent", "operations/1.0")
        .body(row.content_type, row.body.clone())
        .send()
        .await;
    assert_eq!(answer.status, row.status, "{what}\n{}", answer.text());
    assert_eq!(answer.text(), row.answer, "{what}");
    check_headers(&what, &answer, request_id);
    let changes = ledger::changes_after(reader, before).await;
    match &row.leaves {
        Leaves::Nothing { revision } => {
            assert_eq!(changes, Vec::<Value>::new(), "{what}");
            assert_eq!(ledger::head(reader).await, before, "{what}");
            if *revision {
                assert_eq!(Revision::of(&answer).tenant_seq(), before, "{what}");
            } else {
                assert_eq!(answer.header("writ-revision"), "", "{what}");
            }
        }
        Leaves::Entry(entry) => {
            assert_eq!(changes.len(), 1, "{what}: {changes:?}");
            assert_eq!(changes[0]["tenant_seq"], before + 1, "{what}");
            assert_eq!(changes[0]["request_id"], request_id, "{what}");
            check_entry(scene, &what, &changes[0], entry, &answer).await;
        }
    }
    answer
}

/// The headers that every answer has, and those that only a success has.
fn check_headers(what: &str, answer: &Response, request_id: &str) {
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-request-id", request_id),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    for name in [
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ] {
        let value = answer.header(name);
        if (200..300).contains(&answer.status) {
            assert!(value.parse::<u64>().is_ok(), "{what}: {name} is {value:?}");
        } else {
            assert_eq!(value, "", "{what}: {name}");
        }
    }
}

/// What is on record: the same in the feed, by position, by command and in history.
async fn check_entry(
    scene: &Scene,
    what: &str,
    change: &Value,
    expected: &Entry,
    answer: &Response,
) {
    let client_id = &scene.server.ready().client_id;
    let mut told = change.clone();
    let members = told.as_object_mut().expect("an object");
    let mut take = |name: &str| text(&members.remove(name).unwrap_or_default());
    let (position, hash) = (take("position"), take("hash"));
    let (command_id, time, effects) = (take("command_id"), take("time"), take("effects"));
    assert!(members.remove("tenant_seq").is_some(), "{what}");
    assert!(members.remove("request_id").is_some(), "{what}");
    let wanted = json!({
        "kind": expected.kind,
        "actor": {
            "subject": format!("{client_id}@clients"),
            "client": client_id,
            "on_behalf_of": "auth0|ann",
            "address": "127.0.0.1",
            "user_agent": "operations/1.0",
        },
        "reason": "Clean-up – third quarter",
        "ticket": "OPS-17",
        "outcome": expected.outcome,
        "facts": expected.facts,
    });
    assert_eq!(told, wanted, "{what}");
    assert_eq!(
        time.len(),
        "2026-01-31T23:59:59.000000Z".len(),
        "{what}: {time}"
    );
    assert_eq!(effects, format!("/v1/entries/{position}/effects"), "{what}");
    let revision = Revision::of(answer);
    assert_eq!(change["tenant_seq"], revision.tenant_seq(), "{what}");
    assert!(
        hash.starts_with(&revision.hash()),
        "{what}: {hash} {revision:?}"
    );

    let reader = &scene.client;
    let entry = reader
        .get(&format!("/v1/entries/{position}"))
        .await
        .expect(200)
        .json();
    for (name, value) in change.as_object().expect("an object") {
        assert_eq!(&entry[name], value, "{what}: {name} of {entry}");
    }
    assert_eq!(entry["command"]["type"], expected.kind, "{what}");
    assert_eq!(entry["revision"], revision.text(), "{what}");
    let status = reader
        .get(&format!("/v1/commands/{command_id}"))
        .await
        .expect(200)
        .json();
    assert_eq!(status["position"], position.as_str(), "{what}");
    assert_eq!(status["outcome"], expected.outcome, "{what}");
    for (query, changed) in &expected.concerns {
        let newest = ledger::history(reader, query).await.into_iter().next();
        let mut newest = newest.unwrap_or_else(|| panic!("{what}: no history of {query}"));
        let was_changed = newest
            .as_object_mut()
            .and_then(|entry| entry.remove("changed"));
        assert_eq!(&newest, change, "{what}: history of {query}");
        assert_eq!(
            was_changed,
            Some(Value::Bool(*changed)),
            "{what}: history of {query}"
        );
    }
}
