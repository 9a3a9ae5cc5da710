//! What was said in a storm, held against what is in the ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};
use writ_tests::kafka::Follower;
use writ_tests::{Client, Database};

use super::model::{self, Held};
use super::readers::{Holder, Seen};
use super::stage::Stage;
use super::subscribers::Heard;
use crate::faults::load::Done;
use crate::faults::load::check::Summary;
use crate::faults::load::feed::Feed;
use crate::kafka::past::{are_kept, feed, is_the_ledger, tell, tells_last};
use crate::ledger::{list, number};

/// How long it may take until everything is told in the topic.
const TOLD: Duration = Duration::from_secs(90);
/// Commands whose senders were told nothing are asked after, so many of them.
const ASKED_AFTER: usize = 1_000;

pub(super) struct Verdict<'a> {
    pub(super) stage: &'a Stage,
    pub(super) reader: Client,
}

impl Verdict<'_> {
    /// Panics unless all is well.
    pub(super) async fn on(
        &self,
        done: Done,
        seen: &[Seen],
        heard: &[Heard],
        follower: &mut Follower,
    ) -> Summary {
        let unknown = done.unknown();
        let (sent, told) = done.sent_and_told();
        eprintln!("{sent} requests of writers, {told} definite answers");
        self.went_from_hand_to_hand().await;
        // What writers were told, the order of it, effects; and the chain and the digests.
        let summary = done.agrees_at(&self.reader, self.stage.home()).await;
        let told = Feed::read(&self.reader).await;
        self.is_definite(&unknown, &told).await;
        Self::was_read(seen, &told);
        self.was_told(heard, follower).await;
        self.is_folded_again(told.entries.len()).await;
        self.stage.says_nothing_of_bugs();
        summary
    }

    /// Every partition had one owner after the other.
    async fn went_from_hand_to_hand(&self) {
        let database = self.stage.postgres.database().connect().await;
        let epochs = "SELECT owner_epoch FROM ledger_cursor ORDER BY partition";
        let rows = database.query(epochs, &[]).await.expect("the cursors");
        let epochs: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        eprintln!("claimed so many times, by partition: {epochs:?}");
        assert!(epochs.iter().all(|epoch| *epoch > 2), "{epochs:?}");
    }

    /// Whoever was told nothing can ask, and is told what the ledger says.
    async fn is_definite(&self, unknown: &[String], told: &Feed) {
        let mut by_command: BTreeMap<&str, &Value> = BTreeMap::new();
        for entry in &told.entries {
            // The same request under the same key has the outcome of the first.
            let of = entry.outcome["of"].as_u64().unwrap_or(entry.tenant_seq);
            let original = usize::try_from(of - 1).expect("few");
            if let Some(id) = &entry.command_id {
                let outcome = &told.entries[original].outcome;
                by_command.entry(id).or_insert(outcome);
            }
        }
        let client = self.stage.fleet.client(super::COMMANDS[0]);
        let mut in_log = 0;
        for id in unknown.iter().take(ASKED_AFTER) {
            let path = format!("/v1/commands/{id}");
            let answer = client.request(Method::GET, &path).send().await;
            match by_command.get(id.as_str()) {
                Some(outcome) => {
                    in_log += 1;
                    assert_eq!(&answer.expect(200).json()["outcome"], *outcome, "{id}");
                }
                None => drop(answer.expect(404)),
            }
        }
        eprintln!(
            "{} were told later, of which {in_log} are in the ledger",
            unknown.len()
        );
    }

    /// What was read as of an entry is what the facts up to it come to.
    fn was_read(seen: &[Seen], told: &Feed) {
        let mut all: BTreeMap<(u64, Holder), Held> = BTreeMap::new();
        for Seen { held, .. } in seen {
            for (key, held) in held {
                if let Some(other) = all.insert(key.clone(), held.clone()) {
                    assert_eq!(held, &other, "{key:?} was answered otherwise");
                }
            }
        }
        let sum = |of: fn(&Seen) -> usize| seen.iter().map(of).sum::<usize>();
        eprintln!(
            "{} reads of the newest, {} of at least, {} as of entries, of which {} again; \
             {} not now, {} broken",
            sum(|seen| seen.latest),
            sum(|seen| seen.at_least),
            sum(|seen| seen.as_of),
            sum(|seen| seen.again),
            sum(|seen| seen.not_now),
            sum(|seen| seen.broken),
        );
        assert!(all.values().filter(|held| !held.is_empty()).count() > 10);
        assert!(sum(|seen| seen.latest) > 10 && sum(|seen| seen.at_least) > 10);
        model::agree(&told.entries, &all);
    }

    /// Streams, polls and the topic tell what the feed does.
    async fn was_told(&self, heard: &[Heard], follower: &mut Follower) {
        let (_, changes) = feed(&self.reader).await;
        for heard in heard {
            heard.is(&changes);
            eprintln!("a subscriber began {} times", heard.begun);
        }
        follower.until(TOLD, tells_last(&changes)).await;
        let repeats = tell(follower.seen(), &changes);
        eprintln!(
            "{} changes in the topic, {repeats} repeats",
            follower.seen().len()
        );
        let database = self.stage.postgres.database();
        is_the_ledger(follower.seen(), &database).await;
        let kafka = self.stage.kafka();
        let topic = self.stage.topic("changes");
        are_kept(follower.seen(), &kafka.records(&topic).await);
        // Each record of the log has one entry.
        let ends = kafka.offsets(&self.stage.topic("commands")).await;
        let records: u64 = ends.iter().map(|(_, next)| next).sum();
        let count = "SELECT count(*) FROM ledger_entry";
        let count = database.connect().await.query_one(count, &[]).await;
        let entries: i64 = count.expect("the entries").get(0);
        assert_eq!(u64::try_from(entries).expect("a number"), records);
    }

    /// Folded into another database, the entries come to the same views.
    async fn is_folded_again(&self, entries: usize) {
        let target = Database::fresh().await;
        let into = ["replay", "--into", target.url(), "--json"];
        let folded = self.stage.home().run(&into).await;
        let folded: Value = serde_json::from_str(&folded).expect("JSON");
        assert_eq!(folded["equal"], json!(true), "{folded}");
        let parts = list(&folded["partitions"]);
        let count: u64 = parts.iter().map(|part| number(&part["entries"])).sum();
        assert_eq!(count, entries as u64);
    }
}
