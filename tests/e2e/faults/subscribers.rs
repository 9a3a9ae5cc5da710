//! Subscribers who are disconnected over and over while everybody writes: each change comes to them
//! once, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_tests::{Client, Server};

use super::load::{Dice, seed};
use crate::ledger::{self, list, number, text};

const WRITERS: usize = 32;
const CHANGES: usize = 10_000;
const DISCONNECTS: usize = 200;

/// What a subscriber got, in the order in which it came.
#[derive(Debug)]
struct Heard {
    /// The entry after which it began.
    begun_after: u64,
    changes: Vec<Value>,
    disconnects: usize,
}

impl Heard {
    fn after(begun_after: u64) -> Self {
        Self {
            begun_after,
            changes: Vec::new(),
            disconnects: 0,
        }
    }

    fn last(&self) -> u64 {
        let last = self.changes.last();
        last.map_or(self.begun_after, |change| number(&change["tenant_seq"]))
    }

    /// Whether a disconnect is due: they are spread over the changes.
    fn is_due(&self) -> bool {
        let heard = self.changes.len().min(CHANGES);
        self.disconnects < DISCONNECTS && self.disconnects * CHANGES <= heard * DISCONNECTS
    }

    fn is_done(&self) -> bool {
        self.changes.len() >= CHANGES && self.disconnects >= DISCONNECTS
    }
}

/// The name of a role.
fn role(number: usize) -> String {
    format!("role-{number}")
}

/// Writes roles, each of its own name, until there are enough.
async fn write(client: Client, left: Arc<AtomicUsize>) {
    let one_less = |left: usize| left.checked_sub(1);
    while let Ok(before) = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
        let id = role(before);
        let role = json!({"command": {"type": "CreateRole", "id": id, "name": id}});
        drop(client.post("/v1/commands", &role).await.expect(200));
    }
}

/// Streams, and hangs up after some events that it was told.
async fn stream(client: Client, mut heard: Heard, mut dice: Dice) -> Heard {
    // Up to where it has everything, as checkpoints say too.
    let mut last = heard.last();
    while !heard.is_done() {
        let request = client.request(Method::GET, "/v1/changes/stream");
        let mut events = request
            .header("last-event-id", &last.to_string())
            .events()
            .await;
        let mut patience = 1 + dice.below(2 * CHANGES / DISCONNECTS);
        while patience > 0 && !heard.is_done() {
            let Some(event) = events.next().await else {
                break;
            };
            last = event.id;
            patience -= 1;
            match event.name.as_str() {
                "change" => heard.changes.push(event.data),
                // All was told: whoever is not done only waits to be disconnected.
                "checkpoint" => {
                    assert_eq!(event.id, heard.last());
                    if heard.changes.len() >= CHANGES {
                        break;
                    }
                }
                other => assert_eq!(other, "lagged", "{}", event.data),
            }
        }
        heard.disconnects += 1;
    }
    heard
}

/// Polls, and hangs up now and then before there is an answer.
async fn poll(client: Client, mut heard: Heard, mut dice: Dice) -> Heard {
    while !heard.is_done() {
        let limit = 1 + dice.below(2 * CHANGES / DISCONNECTS);
        let path = format!(
            "/v1/changes?after={}&limit={limit}&wait_ms=1000",
            heard.last()
        );
        let moment = Duration::from_millis(u64::try_from(dice.below(40)).expect("few"));
        // Each on a connection of its own, or the next one would be the same again.
        let answer = if heard.is_due() {
            let alone = client.unpooled();
            match timeout(moment, alone.get(&path)).await {
                Ok(answer) => answer,
                Err(_hung_up) => {
                    heard.disconnects += 1;
                    continue;
                }
            }
        } else {
            client.get(&path).await
        };
        let page = answer.expect(200).json();
        heard.changes.extend(list(&page["changes"]));
        assert_eq!(page["checkpoint"]["tenant_seq"], heard.last());
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_changes_reach_subscribers_who_are_disconnected_two_hundred_times() {
    let mut dice = Dice::new(seed());
    let server = Server::start().await;
    let client = server.client();
    // What the start wrote comes before.
    let base = ledger::head(&client).await;
    let begun = Instant::now();
    let heard = || Heard::after(base);
    let streaming = tokio::spawn(stream(client.clone(), heard(), dice.split()));
    let polling = tokio::spawn(poll(client.clone(), heard(), dice.split()));
    let left = Arc::new(AtomicUsize::new(CHANGES));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(client.clone(), Arc::clone(&left)));
    }
    writers.join_all().await;
    eprintln!("{CHANGES} changes written in {:?}", begun.elapsed());
    let (streamed, polled) = (
        streaming.await.expect("ended"),
        polling.await.expect("ended"),
    );
    eprintln!(
        "heard by {:?}, after {} and {} disconnects",
        begun.elapsed(),
        streamed.disconnects,
        polled.disconnects
    );
    assert!(streamed.disconnects >= DISCONNECTS && polled.disconnects >= DISCONNECTS);
    let whole: Vec<u64> = (base + 1..=base + u64::try_from(CHANGES).expect("few")).collect();
    for (way, heard) in [("streamed", &streamed), ("polled", &polled)] {
        let changes = heard.changes.iter();
        let seqs: Vec<u64> = changes
            .map(|change| number(&change["tenant_seq"]))
            .collect();
        assert!(
            seqs == whole,
            "{way}: a change was missed, or came twice, or too early"
        );
    }
    assert!(streamed.changes == polled.changes, "two ways, two feeds");
    // And they are the changes that were written, each once.
    let told = streamed.changes.iter();
    let mut told: Vec<String> = told.map(|change| text(&change["facts"][0]["id"])).collect();
    let mut written: Vec<String> = (1..=CHANGES).map(role).collect();
    told.sort();
    written.sort();
    assert!(
        told == written,
        "other changes than those that were written"
    );
}
