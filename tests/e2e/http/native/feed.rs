//! `GET /v1/changes`, entries and history: paging, waiting, and what is not there.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::timeout;
use writ_tests::{Client, Server};

use super::problem;
use crate::ledger::{self, Revision, list, number, text};

/// Longer than any answer that does not wait.
const LONG: Duration = Duration::from_secs(15);

async fn create_role(client: &Client, id: &str) -> u64 {
    let role = json!({"command": {"type": "CreateRole", "id": id, "name": id}});
    let answer = client.post("/v1/commands", &role).await.expect(200);
    Revision::of(&answer).tenant_seq()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_dense_however_it_is_paged() {
    let server = Server::start().await;
    let client = server.client();
    let mut newest = 0;
    for number in 0..10 {
        newest = create_role(&client, &format!("r{number}")).await;
    }
    let whole = ledger::changes_after(&client, 0).await;
    let seqs: Vec<u64> = whole
        .iter()
        .map(|change| number(&change["tenant_seq"]))
        .collect();
    assert_eq!(seqs, (1..=newest).collect::<Vec<_>>());
    for limit in [1, 3, 100] {
        let (mut after, mut paged) = (0, Vec::new());
        loop {
            let page = format!("/v1/changes?after={after}&limit={limit}");
            let answer = client.get(&page).await.expect(200);
            let page = answer.json();
            let changes = list(&page["changes"]);
            assert!(changes.len() <= limit, "{page}");
            after += u64::try_from(changes.len()).expect("few");
            paged.extend(changes);
            assert_eq!(page["checkpoint"]["tenant_seq"], after, "{page}");
            assert_eq!(page["more"], after < newest, "{page}");
            assert_eq!(Revision::of(&answer).tenant_seq(), newest);
            if page["more"] == false {
                let revision = Revision::of(&answer).text();
                assert_eq!(page["checkpoint"]["revision"], revision, "{page}");
                break;
            }
        }
        assert_eq!(paged, whole, "by {limit}");
    }
    let end = client
        .get(&format!("/v1/changes?after={newest}"))
        .await
        .expect(200)
        .json();
    assert_eq!(end["changes"], json!([]));
    assert_eq!(end["checkpoint"]["tenant_seq"], newest);
    // To wait for what lies beyond would be to lose what comes before it.
    let beyond = client
        .get(&format!("/v1/changes?after={}", newest + 1))
        .await;
    problem(&beyond, 409, "history-forked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_waits_hears_of_the_next_write() {
    let server = Server::start().await;
    let client = server.client();
    let before = create_role(&client, "first").await;
    let path = format!("/v1/changes?after={before}&wait_ms=20000");
    let poll = tokio::spawn({
        let client = client.clone();
        async move { client.get(&path).await }
    });
    tokio::pin!(poll);
    // Nothing has happened: an answer now would be one that did not wait.
    let early = timeout(Duration::from_millis(300), &mut poll).await;
    assert!(early.is_err(), "{early:?}");
    let written = create_role(&client, "second").await;
    let since = Instant::now();
    let answer = poll.await.expect("an answer").expect(200);
    assert!(since.elapsed() < LONG, "{:?}", since.elapsed());
    assert_eq!(Revision::of(&answer).tenant_seq(), written);
    let changes = list(&answer.json()["changes"]);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["facts"][0]["id"], "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_feed_ends_the_wait_with_a_checkpoint() {
    let server = Server::start().await;
    let client = server.client();
    let newest = create_role(&client, "only").await;
    let since = Instant::now();
    let path = format!("/v1/changes?after={newest}&wait_ms=400");
    let quiet = client.get(&path).await.expect(200).json();
    assert!(
        since.elapsed() >= Duration::from_millis(400),
        "{:?}",
        since.elapsed()
    );
    assert_eq!(quiet["changes"], json!([]));
    assert_eq!(quiet["checkpoint"]["tenant_seq"], newest);
    assert_eq!(quiet["more"], false);
    // Who is behind does not wait.
    let since = Instant::now();
    let behind = client
        .get("/v1/changes?after=0&wait_ms=20000")
        .await
        .expect(200)
        .json();
    assert!(since.elapsed() < LONG, "{:?}", since.elapsed());
    assert_eq!(
        list(&behind["changes"]).len(),
        usize::try_from(newest).expect("few")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_paged_from_either_end() {
    let server = Server::start().await;
    let client = server.client();
    let mut seqs = vec![create_role(&client, "r").await];
    for number in 0..5 {
        let update = json!({"command": {
            "type": "UpdateRole", "role": "r", "name": format!("Name {number}"),
        }});
        let answer = client.post("/v1/commands", &update).await.expect(200);
        seqs.push(Revision::of(&answer).tenant_seq());
        create_role(&client, &format!("other {number}")).await;
    }
    for (order, expected) in [
        ("oldest", seqs.clone()),
        ("newest", seqs.iter().rev().copied().collect::<Vec<_>>()),
    ] {
        let (mut cursor, mut paged) = (String::new(), Vec::<u64>::new());
        loop {
            let path = format!("/v1/history?role=r&realm=native&order={order}&limit=2{cursor}");
            let page = client.get(&path).await.expect(200).json();
            let entries = list(&page["entries"]);
            assert!(
                entries.iter().all(|entry| entry["changed"] == true),
                "{page}"
            );
            paged.extend(entries.iter().map(|entry| number(&entry["tenant_seq"])));
            let Some(next) = page.get("next") else { break };
            cursor = format!("&cursor={}", text(next));
        }
        assert_eq!(paged, expected, "{order}");
    }
    // The same name in another realm is another noun.
    assert_eq!(
        ledger::history(&client, "role=r&realm=auth0").await,
        Vec::<Value>::new()
    );
    assert_eq!(
        ledger::history(&client, "user=r").await,
        Vec::<Value>::new()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_taken_to_the_letter() {
    let server = Server::start().await;
    let client = server.client();
    let newest = create_role(&client, "r").await;
    for path in [
        "/v1/changes?after=-1",
        "/v1/changes?after=one",
        "/v1/changes?limit=0",
        "/v1/changes?limit=1001",
        "/v1/changes?wait_ms=999999999",
        "/v1/changes?since=1",
        "/v1/changes?after=0&after=0",
        "/v1/changes?consistency=maybe",
        "/v1/changes?at_least=yesterday",
        "/v1/history",
        "/v1/history?name=r",
        "/v1/history?role=r&role=s",
        "/v1/history?role=%00",
        "/v1/history?role=r&realm=mars",
        "/v1/history?role=r&order=random",
        "/v1/history?role=r&cursor=x",
        "/v1/entries/0-1?limit=1",
        "/v1/entries/0-1/effects?limit=0",
        "/v1/entries/0-1/effects?cursor=x",
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        problem(&answer, 400, "malformed");
        assert_eq!(Revision::of(&answer).tenant_seq(), newest, "{path}");
    }
    for consistency in ["latest", "any"] {
        let path = format!("/v1/changes?consistency={consistency}");
        drop(client.get(&path).await.expect(200));
    }
}
