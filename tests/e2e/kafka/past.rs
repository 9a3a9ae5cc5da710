//! What a ledger said once, to be compared with what it says after it was lost and repaired.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use writ_tests::kafka::{Follower, Record};
use writ_tests::{Client, Database, Exit, Server, until};

use crate::kafka::ground::SOON;
use crate::ledger::{Revision, encoded, list, text};

/// Roles and users that are looked at closely, of each so many.
const NOUNS: usize = 12;
/// How long a server may take to find out by itself that something is wrong.
const NOTICED: Duration = Duration::from_secs(30);

/// The answers of a ledger at one moment, byte for byte.
#[derive(Debug)]
pub(crate) struct Past {
    revision: Revision,
    /// The whole feed.
    changes: Vec<String>,
    /// Bodies, by path: lists, holdings and histories.
    answers: BTreeMap<String, String>,
}

/// The digests of a ledger that was folded again from its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digests(Vec<Digest>);

/// Of the state that the entries come to, of the views, and of all they ever showed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Digest {
    folded: String,
    views: String,
    history: String,
}

#[derive(Deserialize)]
struct Page {
    changes: Vec<Box<RawValue>>,
    checkpoint: Checkpoint,
    more: bool,
}

#[derive(Deserialize)]
struct Checkpoint {
    tenant_seq: u64,
}

impl Past {
    /// Reads a ledger to which nobody writes.
    pub(crate) async fn of(client: &Client) -> Self {
        let (revision, changes) = feed(client).await;
        let mut answers = BTreeMap::new();
        let mut paths = vec![
            "/api/v2/roles?per_page=100".to_owned(),
            "/api/v2/users?per_page=100".to_owned(),
            "/api/v2/resource-servers?per_page=100".to_owned(),
        ];
        for (list_path, id, noun) in [(0, "id", "role"), (1, "user_id", "user")] {
            let all = client.get(&paths[list_path]).await.expect(200).json();
            for one in list(&all).iter().take(NOUNS) {
                let id = encoded(&text(&one[id]));
                paths.push(format!("/api/v2/{noun}s/{id}/permissions?per_page=100"));
                paths.push(format!(
                    "/v1/history?{noun}={id}&realm=auth0&order=oldest&limit=100"
                ));
            }
        }
        for path in paths {
            let answer = client.get(&path).await.expect(200).text();
            answers.insert(path, answer);
        }
        Self {
            revision,
            changes,
            answers,
        }
    }

    /// The feed, entry by entry.
    pub(crate) fn changes(&self) -> &[String] {
        &self.changes
    }

    /// Panics unless everything is as it was.
    pub(crate) async fn is_all(&self, client: &Client) {
        self.is_below(client).await;
        let now = Self::of(client).await;
        assert_eq!(now.changes.len(), self.changes.len(), "more was decided");
        for (path, answer) in &self.answers {
            assert_eq!(now.answers.get(path), Some(answer), "{path}");
        }
        assert_eq!(now.answers.len(), self.answers.len());
    }

    /// Panics unless whatever was decided is as it was; more may have come.
    pub(crate) async fn is_below(&self, client: &Client) {
        let (_, changes) = feed(client).await;
        same_beginning(&self.changes, &changes);
        let known = format!("/v1/changes?limit=1&at_least={}", self.revision.text());
        drop(client.get(&known).await.expect(200));
        let forged = self.revision.clone().of_another_history();
        let forged = format!("/v1/changes?limit=1&at_least={}", forged.text());
        drop(client.get(&forged).await.expect(409));
    }
}

impl Digests {
    /// Folds every entry again; panics if anything differs.
    pub(crate) async fn of(server: &Server) -> Self {
        let verified: Value =
            serde_json::from_str(&server.run(&["verify", "--json"]).await).expect("JSON");
        assert_eq!(verified["equal"], true, "{verified}");
        let digest = |part: &Value| Digest {
            folded: text(&part["folded"]),
            views: text(&part["views"]),
            history: text(&part["history"]),
        };
        Self(list(&verified["partitions"]).iter().map(digest).collect())
    }
}

/// The whole feed as it was sent, and the revision that came with its end.
pub(crate) async fn feed(client: &Client) -> (Revision, Vec<String>) {
    let mut changes = Vec::new();
    let mut after = 0;
    loop {
        let path = format!("/v1/changes?after={after}&limit=1000");
        let answer = client.get(&path).await.expect(200);
        let page: Page = serde_json::from_slice(&answer.body).expect("a page of the feed");
        changes.extend(page.changes.iter().map(|change| change.get().to_owned()));
        if !page.more {
            return (Revision::of(&answer), changes);
        }
        after = page.checkpoint.tenant_seq;
    }
}

#[track_caller]
fn same_beginning(old: &[String], now: &[String]) {
    for (number, old) in (1..).zip(old) {
        assert_eq!(now.get(number - 1), Some(old), "change {number}");
    }
}

/// Panics unless a consumer that drops what it has seen has each entry once, in order, from the
/// first; and, of the tenant that the feed is of, just the feed.
///
/// Returns how many records it saw more than once.
#[track_caller]
pub(crate) fn tell(records: &[Record], feed: &[String]) -> usize {
    let mut first: BTreeMap<(u32, u64), &Record> = BTreeMap::new();
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    let mut repeats = 0;
    for record in records {
        let (partition, seq) = position(record);
        assert_eq!(partition, record.partition, "{record:?}");
        if let Some(before) = first.get(&(record.partition, seq)) {
            let same = before.key == record.key
                && before.value == record.value
                && before.headers == record.headers;
            assert!(same, "told otherwise: {before:?}\n{record:?}");
            repeats += 1;
            continue;
        }
        let last = last.entry(record.partition).or_default();
        assert_eq!(seq, *last + 1, "a hole before {record:?}");
        *last = seq;
        first.insert((record.partition, seq), record);
    }
    let of_tenant: Vec<&Record> = first
        .into_values()
        .filter(|record| record.json()["kind"] != "seal")
        .collect();
    for (record, change) in of_tenant.iter().zip(feed) {
        assert!(tells(record, change), "{}\n{change}", record.text());
    }
    assert_eq!(of_tenant.len(), feed.len());
    repeats
}

/// Waits until the consumer has seen the last change of a ledger at rest; panics unless it has seen
/// all of them, in order.
///
/// Returns how many records it saw more than once.
pub(crate) async fn tells_all(follower: &mut Follower, client: &Client) -> usize {
    let (_, feed) = feed(client).await;
    follower.until(SOON, tells_last(&feed)).await;
    tell(follower.seen(), &feed)
}

/// Panics unless what was told, without repeats, is just the entries of the ledger, partition by
/// partition, with their hashes.
pub(crate) async fn is_the_ledger(seen: &[Record], database: &Database) {
    let sql = "SELECT partition, seq, encode(chain, 'hex') FROM ledger_entry";
    let rows = database.connect().await.query(sql, &[]).await;
    let entries: BTreeMap<(u32, u64), String> = rows
        .expect("the entries")
        .iter()
        .map(|row| {
            let partition: i32 = row.get(0);
            let seq: i64 = row.get(1);
            let partition = u32::try_from(partition).expect("a partition");
            (
                (partition, u64::try_from(seq).expect("a number")),
                row.get(2),
            )
        })
        .collect();
    let mut told = BTreeMap::new();
    for record in seen {
        let hash = record.header("ce_hash").expect("a hash");
        assert_eq!(record.json()["hash"], hash);
        told.insert(position(record), hash.to_owned());
    }
    assert_eq!(told, entries);
}

/// Panics unless a consumer that comes later is shown the same, offset by offset.
///
/// More may have been told in between: repeats.
pub(crate) fn are_kept(seen: &[Record], kept: &[Record]) {
    let partitions = kept.iter().map(|record| record.partition).max();
    for partition in 0..=partitions.expect("a record") {
        let of_partition = |record: &&Record| record.partition == partition;
        let mut kept = kept.iter().filter(of_partition);
        for record in seen.iter().filter(of_partition) {
            assert_eq!(Some(record), kept.next());
        }
    }
}

/// Of the entry that a record tells: its partition, and its number there.
#[track_caller]
pub(crate) fn position(record: &Record) -> (u32, u64) {
    let position = record.header("ce_id").expect("a position");
    let (partition, seq) = position.split_once('-').expect("partition-seq");
    let partition = partition.parse().expect("a partition");
    (partition, seq.parse().expect("a number"))
}

/// Whether a record is the last change of a feed, so that all of them should have been told.
pub(crate) fn tells_last(feed: &[String]) -> impl Fn(&Record) -> bool {
    let last = feed.last().expect("a change");
    move |record| tells(record, last)
}

/// Whether a record is a change of the feed, which adds where its effects are.
fn tells(record: &Record, change: &str) -> bool {
    let told = record.text();
    let beginning = told.strip_suffix('}').expect("an object");
    let added = change.strip_prefix(beginning).unwrap_or_default();
    change == told || added.starts_with(",\"effects\":")
}

/// Waits until the server says of itself that it is not ready, and that in these words.
pub(crate) async fn is_not_ready(client: &Client, says: &str) -> String {
    until(&format!("not ready: {says}"), NOTICED, async || {
        let answer = client.get("/readyz").await;
        let said = answer.text();
        (answer.status == 503 && said.contains(says)).then_some(said)
    })
    .await
}

/// Panics if a write is acknowledged.
pub(crate) async fn takes_no_write(client: &Client) {
    let role = serde_json::json!({"name": "never"});
    let answer = client.post("/api/v2/roles", &role).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
}

/// What a subcommand printed, which did what it was asked to.
#[track_caller]
pub(crate) fn done(exit: &Exit) -> &str {
    assert!(exit.status.success(), "{exit:?}");
    &exit.stdout
}
