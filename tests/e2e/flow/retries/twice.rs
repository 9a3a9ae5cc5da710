//! The same request twice under one key: one effect, one answer. Across a crash too.

use serde_json::json;
use writ_tests::{Client, Response, Server};

use super::{Ask, Setting, assert_same, outcomes_after};
use crate::ledger::{self, Revision};

/// Sends each; what was asked, under which key, and the answer.
async fn send_all(client: &Client, asks: Vec<Ask>) -> Vec<(Ask, String, Response)> {
    let mut sent = Vec::new();
    for ask in asks {
        let key = ask.what.replace(' ', "-");
        let answer = ask.send(client, &key).await;
        sent.push((ask, key, answer));
    }
    sent
}

/// Sends each again; each leaves an entry that says of which other it is the duplicate.
async fn send_again(client: &Client, sent: &[(Ask, String, Response)]) {
    for (ask, key, first) in sent {
        let before = ledger::head(client).await;
        let second = ask.send(client, key).await;
        assert_same(ask.what, first, &second);
        if ask.path.starts_with("/v1/") {
            assert_eq!(first.header("idempotent-replayed"), "");
            assert_eq!(second.header("idempotent-replayed"), "true");
        }
        let changes = ledger::changes_after(client, before).await;
        assert_eq!(changes.len(), 1, "{}: {changes:?}", ask.what);
        let of = Revision::of(first).tenant_seq();
        assert_eq!(
            changes[0]["outcome"],
            json!({"type": "duplicate", "of": of}),
            "{}",
            ask.what
        );
        assert_eq!(changes[0]["facts"], json!([]), "{}", ask.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_is_answered_again() {
    let server = Server::start().await;
    let client = server.client();
    let setting = Setting::make(&client).await;
    let refused = send_all(&client, Setting::refused_asks()).await;
    let before = ledger::head(&client).await;
    let mut applied = Vec::new();
    for ask in setting.asks() {
        // At once, so that an answer which is read anew could not be told apart.
        let sent = send_all(&client, vec![ask]).await;
        send_again(&client, &sent).await;
        applied.extend(sent);
    }
    let outcomes = outcomes_after(&client, before).await;
    let count = |wanted: &str| outcomes.iter().filter(|outcome| *outcome == wanted).count();
    assert_eq!(count("applied"), applied.len(), "{outcomes:?}");
    assert_eq!(count("duplicate"), applied.len(), "{outcomes:?}");
    // And later, when much has changed: the answer is of its time.
    send_again(&client, &applied).await;
    send_again(&client, &refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_after_a_crash_is_answered_again() {
    let mut server = Server::start().await;
    let client = server.client();
    let setting = Setting::make(&client).await;
    let mut sent = send_all(&client, Setting::refused_asks()).await;
    sent.extend(send_all(&client, setting.asks()).await);
    server.kill9().await;
    server.restart().await;
    // The token is a new one; who calls is the same.
    send_again(&server.client(), &sent).await;
}
