//! Every way in which the ledger tells what happened, watched at once: the changes, the entry by its
//! position, the stream, and on Kafka the topic.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use writ_tests::kafka::Record;
use writ_tests::{Client, Events, Server, kafka, until};

use crate::ledger::{self, Revision, list, number, text};

/// How long it may take until everything is told in the topic.
const TOLD: Duration = Duration::from_mins(1);

/// Sees each entry from some moment on.
pub(crate) struct Watch {
    client: Client,
    stream: Events,
    topic: Option<String>,
    /// The newest entry that was seen.
    head: u64,
}

impl Watch {
    /// From now on.
    pub(crate) async fn on(server: &Server) -> Self {
        let client = server.client();
        let head = ledger::head(&client).await;
        let stream = client
            .request(Method::GET, "/v1/changes/stream")
            .header("last-event-id", &head.to_string())
            .events()
            .await;
        Self {
            client,
            stream,
            topic: server.changes_topic(),
            head,
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The number of the newest entry that was seen.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// Of the newest entry.
    pub(crate) async fn revision(&self) -> Revision {
        let answer = self.client.get("/v1/changes?limit=1").await.expect(200);
        Revision::of(&answer)
    }

    /// Nothing came of it. Should something come late, the next look finds it.
    pub(crate) async fn nothing(&self, what: &str) {
        let came = ledger::changes_after(&self.client, self.head).await;
        assert_eq!(came, Vec::<Value>::new(), "{what}");
    }

    /// One entry came of it: the change that the feed tells, and the stream too, with the command
    /// that the entry holds.
    pub(crate) async fn one(&mut self, what: &str) -> (Value, Value) {
        let came = ledger::changes_after(&self.client, self.head).await;
        assert_eq!(came.len(), 1, "{what}: {came:?}");
        let change = came.into_iter().next().expect("one");
        self.head += 1;
        assert_eq!(change["tenant_seq"], self.head, "{what}");
        let event = loop {
            let event = self.stream.next().await.expect("the stream goes on");
            if event.name != "checkpoint" {
                break event;
            }
            assert!(event.id < self.head, "{what}: {event:?} comes too early");
        };
        assert_eq!((event.name.as_str(), event.id), ("change", self.head));
        assert_eq!(event.data, change, "{what}: on the stream");
        let path = format!("/v1/entries/{}", text(&change["position"]));
        let mut entry = self.client.get(&path).await.expect(200).json();
        for (name, value) in change.as_object().expect("an object") {
            assert_eq!(&entry[name], value, "{what}: {name} of {entry}");
        }
        (change, entry["command"].take())
    }

    /// Looks away from all that is there by now.
    pub(crate) async fn skip(&mut self) {
        for _ in ledger::changes_after(&self.client, self.head).await {
            self.head += 1;
            while self.stream.next().await.expect("the stream goes on").name != "change" {}
        }
    }

    /// Nothing more came, and the topic, if there is one, tells what the feed does.
    pub(crate) async fn end(mut self) {
        loop {
            let event = self.stream.next().await.expect("the stream goes on");
            assert_eq!(event.name, "checkpoint", "{event:?}");
            if event.id == self.head {
                break;
            }
        }
        let Some(topic) = &self.topic else { return };
        let kafka = kafka::Client::of_shared();
        let told = until("everything is told in the topic", TOLD, async || {
            let told = told(&kafka.records(topic).await);
            (told.len() as u64 == self.head).then_some(told)
        })
        .await;
        let mut feed = ledger::changes_after(&self.client, 0).await;
        for change in &mut feed {
            let members = change.as_object_mut().expect("an object");
            members.remove("effects");
        }
        assert_eq!(told, feed, "the topic tells what the feed does");
    }
}

/// What records tell, in order, each change once: repeats are allowed, and say the same.
fn told(records: &[Record]) -> Vec<Value> {
    let mut told: Vec<Value> = Vec::new();
    for record in records {
        let change = record.json();
        let before = usize::try_from(number(&change["tenant_seq"]) - 1).expect("few");
        assert!(before <= told.len(), "told too early: {change}");
        if let Some(first) = told.get(before) {
            assert_eq!(&change, first, "told twice, each time otherwise");
        } else {
            told.push(change);
        }
    }
    told
}

/// The names of the permissions of grants that a query asks for, sorted, each with its resource.
pub(crate) async fn grants(client: &Client, query: &str) -> Vec<(String, String)> {
    let page = client.get(&format!("/v1/grants?{query}&limit=1000")).await;
    let page = page.expect(200).json();
    assert_eq!(page["more"], false, "{page}");
    let mut grants: Vec<(String, String)> = list(&page["grants"])
        .iter()
        .map(|grant| (text(&grant["permission"]), text(&grant["resource"])))
        .collect();
    grants.sort();
    grants
}
