//! `writ.changes` as an independent consumer sees it, after those who write it and the broker were
//! killed: repeats there may be, but the first time that a change is told comes right after the
//! first time of the one before.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use writ_tests::kafka::{Client, Cluster, Record};
use writ_tests::{Database, Fleet, until};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{launch, prefix};

const CALLERS: usize = 8;
const COMMANDS: usize = 4_000;
const KILLS: usize = 10;
/// How long it may take until everything is told.
const TOLD: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_once_and_in_order_whatever_is_killed() {
    let mut dice = Dice::new(seed());
    let mut cluster = Cluster::start(1).await;
    let broker = cluster.nodes()[0];
    let prefix = prefix();
    let launch = launch(Database::fresh().await, cluster.brokers(), &prefix);
    let members = [
        ("front", "command,query"),
        ("projector-1", "projector"),
        ("projector-2", "projector"),
    ];
    let mut fleet = Fleet::start(launch, &members).await;
    let topic = format!("{prefix}changes");
    let kafka: Client = cluster.client().clone();
    let url = fleet.url("front").to_owned();
    let mut load = Load::start_at(&url, fleet.home(), &mut dice, (CALLERS, COMMANDS)).await;
    load.is(Life::Up(0));
    for kill in 1..=KILLS {
        load.answered(kill * COMMANDS / (KILLS + 2) + dice.below(100))
            .await;
        match dice.below(3) {
            0 => {
                eprintln!("{kill}: broker");
                cluster.kill_9(broker);
                cluster.restart(broker).await;
            }
            number => {
                eprintln!("{kill}: projector {number}");
                fleet
                    .restart(["projector-1", "projector-2"][number - 1])
                    .await;
            }
        }
    }
    let done = load.done().await;
    let reader = fleet.client("front");
    done.agrees_at(&reader, fleet.home()).await;

    let feed = whole_feed(&reader).await;
    // From the beginning: what the brokers kept is what any consumer is shown, in this order.
    let records = until("everything is told", TOLD, async || {
        let records = kafka.records(&topic).await;
        let last = records
            .iter()
            .filter_map(|record| record.json()["tenant_seq"].as_u64());
        (last.max() == Some(feed.len() as u64)).then_some(records)
    })
    .await;
    let told = Told::of(&records).unwrap_or_else(|wrong| panic!("{wrong}"));
    eprintln!("{} changes, {} repeats", told.first.len(), told.repeats);
    for (expected, change) in feed.iter().zip(&told.first) {
        let mut expected = expected.clone();
        let fields = expected.as_object_mut().expect("an object");
        fields.remove("effects");
        assert_eq!(&expected, change, "the topic tells what the feed does");
    }
    let record = records.first().expect("a record");
    let change = record.json();
    for (header, expected) in [
        ("ce_specversion", "1.0"),
        ("ce_source", "/writ"),
        ("content-type", "application/json"),
        ("ce_subject", "default"),
        ("ce_id", change["position"].as_str().expect("a position")),
    ] {
        assert_eq!(record.header(header), Some(expected), "{header}");
    }
    assert_eq!(record.key_text(), "default");
}

/// What the records come to without repeats: the changes of the one tenant, in order.
struct Told {
    first: Vec<Value>,
    repeats: usize,
}

impl Told {
    fn of(records: &[Record]) -> Result<Self, String> {
        let mut first: Vec<Value> = Vec::new();
        let mut hashes: BTreeMap<u64, Value> = BTreeMap::new();
        let mut repeats = 0;
        for record in records {
            let change = record.json();
            let seq = change["tenant_seq"].as_u64().ok_or("no tenant_seq")?;
            let next = first.len() as u64 + 1;
            if seq == next {
                hashes.insert(seq, change["hash"].clone());
                first.push(change);
            } else if seq > next {
                return Err(format!("{seq} is told before {next}"));
            } else if hashes.get(&seq) == Some(&change["hash"]) {
                repeats += 1;
            } else {
                return Err(format!("{seq} is told twice, each time otherwise"));
            }
        }
        Ok(Self { first, repeats })
    }
}

/// All changes that the feed tells.
async fn whole_feed(reader: &writ_tests::Client) -> Vec<Value> {
    let mut feed = Vec::new();
    loop {
        let path = format!("/v1/changes?after={}&limit=500", feed.len());
        let page = reader.get(&path).await.expect(200).json();
        feed.extend(page["changes"].as_array().expect("changes").clone());
        if page["more"] == false {
            return feed;
        }
    }
}
