//! `at_least` and `Writ-Revision`: reading what one has written, and no other history.

use std::time::{Duration, Instant};

use serde_json::json;
use writ_tests::Server;

use super::problem;
use crate::ledger::Revision;

/// Far more than a wait may take, far less than for ever.
const BOUND: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_what_it_wrote_or_is_told_that_it_does_not() {
    let server = Server::start().await;
    let client = server.client();
    let role = json!({"name": "Reader"});
    let first = Revision::of(&client.post("/api/v2/roles", &role).await.expect(200));
    let role = json!({"command": {"type": "CreateRole", "id": "r", "name": "R"}});
    let written = Revision::of(&client.post("/v1/commands", &role).await.expect(200));
    assert_eq!(written.tenant_seq(), first.tenant_seq() + 1);
    let paths = ["/v1/changes?limit=1", "/v1/history?role=r"];
    for path in paths {
        for seen in [&first, &written] {
            let answer = client
                .get(&format!("{path}&at_least={}", seen.text()))
                .await
                .expect(200);
            assert_eq!(Revision::of(&answer), written, "{path}");
        }
        let forged = written.clone().of_another_history();
        let answer = client
            .get(&format!("{path}&at_least={}", forged.text()))
            .await;
        problem(&answer, 409, "history-forked");
        assert_eq!(Revision::of(&answer), written, "{path}");
        let old = first.clone().of_another_history();
        let answer = client.get(&format!("{path}&at_least={}", old.text())).await;
        problem(&answer, 409, "history-forked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_does_not_come_is_waited_for_in_bounds() {
    let server = Server::start().await;
    let client = server.client();
    let role = client
        .post("/api/v2/roles", &json!({"name": "Reader"}))
        .await
        .expect(200);
    let future = Revision::of(&role);
    let later = future.tenant_seq() + 1_000;
    let future = future.numbered(later);
    let since = Instant::now();
    let answer = client
        .get(&format!("/v1/changes?at_least={}", future.text()))
        .await;
    assert!(since.elapsed() < BOUND, "{:?}", since.elapsed());
    problem(&answer, 503, "unavailable");
    let retry_after: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!(retry_after > 0);
    assert_eq!(Revision::of(&answer), Revision::of(&role));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_comes_in_time_ends_the_wait() {
    let server = Server::start().await;
    let client = server.client();
    let first = Revision::of(
        &client
            .post("/api/v2/roles", &json!({"name": "A"}))
            .await
            .expect(200),
    );
    // Nobody can know a revision before it is made. Its number is enough to see that it is waited
    // for: once it is there, its hash is found to be another.
    let next = first.tenant_seq() + 1;
    let coming = first.numbered(next);
    let reading = tokio::spawn({
        let (client, path) = (
            client.clone(),
            format!("/v1/changes?at_least={}", coming.text()),
        );
        async move { client.get(&path).await }
    });
    tokio::pin!(reading);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut reading).await;
    assert!(early.is_err(), "{early:?}");
    drop(
        client
            .post("/api/v2/roles", &json!({"name": "B"}))
            .await
            .expect(200),
    );
    problem(&reading.await.expect("an answer"), 409, "history-forked");
}
