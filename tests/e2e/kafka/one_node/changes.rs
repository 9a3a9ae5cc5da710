//! `writ.changes` as an independent consumer sees it that reads while those who write it and the
//! broker are killed: repeats there may be, but the first time that a change is told comes right
//! after the first time of the one before.

use std::time::Duration;

use writ_tests::kafka::{Cluster, Record};
use writ_tests::{Database, Fleet};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{SOON, launch, prefix};
use crate::kafka::past::{Past, are_kept, is_the_ledger, position, tell, tells_last};

const CALLERS: usize = 8;
const COMMANDS: usize = 3_000;
/// How long it may take until everything is told.
const TOLD: Duration = Duration::from_secs(90);

/// Whoever may own the partition, and so tell it.
const RELAYS: [&str; 2] = ["projector-1", "projector-2"];
/// What is killed in a drill, twice over, in an order that the dice choose.
const VICTIMS: [Victim; 5] = [
    Victim::Broker,
    Victim::Relay(RELAYS[0]),
    Victim::Relay(RELAYS[1]),
    Victim::BrokerAndRelay(RELAYS[0]),
    Victim::BrokerAndRelay(RELAYS[1]),
];

#[derive(Debug, Clone, Copy)]
enum Victim {
    Broker,
    Relay(&'static str),
    BrokerAndRelay(&'static str),
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_once_and_in_order_whatever_is_killed() {
    let mut dice = Dice::new(seed());
    let mut cluster = Cluster::start(1).await;
    let prefix = prefix();
    let database = Database::fresh().await;
    let launch = launch(database.clone(), cluster.brokers(), &prefix);
    let members = [
        ("front", "command,query"),
        (RELAYS[0], "projector"),
        (RELAYS[1], "projector"),
    ];
    let mut fleet = Fleet::start(launch, &members).await;
    let topic = format!("{prefix}changes");
    let mut follower = cluster.client().follow(&topic).await;
    let url = fleet.url("front").to_owned();
    let mut load = Load::start_at(&url, fleet.home(), &mut dice, (CALLERS, COMMANDS)).await;
    load.is(Life::Up(0));
    let mut victims = VICTIMS.repeat(2);
    let kills = victims.len();
    for kill in 1..=kills {
        load.answered(kill * COMMANDS / (kills + 2) + dice.below(100))
            .await;
        let before = last_told(follower.seen());
        // Every other time the consumer must have seen how it went on, and it is in the middle of
        // telling that they are killed; else they are killed whatever was told.
        if kill % 2 == 0 {
            let goes_on = |record: &Record| position(record).1 > before;
            follower.until(SOON, goes_on).await;
        }
        let victim = victims.swap_remove(dice.below(victims.len()));
        let told = last_told(follower.seen());
        let seen = follower.seen().len();
        eprintln!("{kill}: {victim:?}, when {told} were told, of {seen} records");
        victim.is_killed(&mut cluster, &mut fleet).await;
    }
    let done = load.done().await;
    let reader = fleet.client("front");
    done.agrees_at(&reader, fleet.home()).await;

    let past = Past::of(&reader).await;
    follower.until(TOLD, tells_last(past.changes())).await;
    let seen = follower.seen();
    let repeats = tell(seen, past.changes());
    eprintln!("{} records, {repeats} repeats", seen.len());
    is_the_ledger(seen, &database).await;
    are_kept(seen, &cluster.client().records(&topic).await);
    is_a_cloud_event(seen.first().expect("a record"));
}

impl Victim {
    /// Ends it as a crash would, and starts it again.
    async fn is_killed(self, cluster: &mut Cluster, fleet: &mut Fleet) {
        let broker = cluster.nodes()[0];
        match self {
            Self::Broker => {
                cluster.kill_9(broker);
                cluster.restart(broker).await;
            }
            Self::Relay(name) => fleet.restart(name).await,
            Self::BrokerAndRelay(name) => {
                cluster.kill_9(broker);
                fleet.kill9(name).await;
                cluster.restart(broker).await;
                fleet.restart(name).await;
            }
        }
    }
}

/// How far the ledger's one tenant was told, which lies in one partition.
fn last_told(seen: &[Record]) -> u64 {
    let seqs = seen.iter().map(|record| position(record).1);
    seqs.max().unwrap_or(0)
}

fn is_a_cloud_event(record: &Record) {
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
