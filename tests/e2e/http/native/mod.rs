//! The ledger's own API: commands, the feed, entries, history.

mod commands;
mod feed;
mod freshness;
mod refusals;
mod secrets;
mod tenants;

use serde_json::Value;
use writ_tests::{Client, Response};

use crate::ledger;

/// Panics unless an answer is the problem of this code and status; its body.
#[track_caller]
fn problem(answer: &Response, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["type"], format!("/problems/{code}"), "{body}");
    assert_eq!(body["status"], status, "{body}");
    assert!(
        body["title"]
            .as_str()
            .is_some_and(|title| !title.is_empty()),
        "{body}"
    );
    body
}

/// Submits; the answer, and the changes that came of it.
async fn submit(client: &Client, body: &Value) -> (Response, Vec<Value>) {
    let before = ledger::head(client).await;
    let answer = client.post("/v1/commands", body).await;
    let changes = ledger::changes_after(client, before).await;
    (answer, changes)
}
