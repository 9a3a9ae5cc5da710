//! Kafka loses everything: its log is written again from the entries, and on it goes.

use writ_tests::kafka::Cluster;
use writ_tests::{Database, Server};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{launch, prefix};
use crate::kafka::past::{Digests, Past, done, is_not_ready, takes_no_write, tells_all};

const CALLERS: usize = 16;
const COMMANDS: usize = 6_000;
const RESTORE: [&str; 2] = ["topics", "restore"];

/// Records of a topic, all partitions together.
async fn records(kafka: &Cluster, topic: &str) -> u64 {
    if kafka.client().describe(topic).await.is_none() {
        return 0;
    }
    let offsets = kafka.client().offsets(topic).await;
    offsets.iter().map(|(_, high)| high).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_is_lost_twice_and_nothing_that_was_acknowledged() {
    let mut dice = Dice::new(seed());
    let mut kafka = Cluster::start(1).await;
    let prefix = prefix();
    let database = Database::fresh().await;
    let mut server = launch(database, kafka.brokers(), &prefix).start().await;
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;

    // At rest, so that digests can be had before; whoever restores is killed.
    load.answered(COMMANDS / 2).await;
    load.rest().await;
    let past = Past::of(&server.client()).await;
    let digests = Digests::of(&server).await;
    kafka.wipe().await;
    let said = is_not_ready(&server.client(), "writ topics restore").await;
    eprintln!("{said}");
    takes_no_write(&server.client()).await;
    past.is_all(&server.client()).await;
    load.is(Life::Down(0));
    server.kill9().await;

    restore_with_kills(&server, &kafka, &prefix, &mut dice).await;
    assert_eq!(Digests::of(&server).await, digests);
    server.restart().await;
    past.is_all(&server.client()).await;
    load.is(Life::Up(1));
    load.go_on();

    // Under load, and what is lost was restored once: its seals are entries now.
    load.answered(COMMANDS * 3 / 4).await;
    kafka.wipe().await;
    is_not_ready(&server.client(), "writ topics restore").await;
    takes_no_write(&server.client()).await;
    let past = Past::of(&server.client()).await;
    load.is(Life::Down(1));
    assert!(server.sigterm().await.status.success());
    eprintln!("{}", done(&server.begin(&RESTORE).end().await));
    server.restart().await;
    past.is_below(&server.client()).await;
    load.is(Life::Up(2));

    load.done().await.holds(&server, COMMANDS).await;
    past.is_below(&server.client()).await;

    // Made anew with the log, it tells everything from the first entry.
    let mut follower = kafka.client().follow(&format!("{prefix}changes")).await;
    tells_all(&mut follower, &server.client()).await;
}

/// Restores the log, which is cut off with -9 at its beginning and in its middle.
async fn restore_with_kills(server: &Server, kafka: &Cluster, prefix: &str, dice: &mut Dice) {
    let topic = format!("{prefix}commands");
    let total = u64::try_from(COMMANDS / 2).expect("few");
    for least in [1, 1_001 + dice.below(1_000)] {
        let least = u64::try_from(least).expect("few");
        let enough = async || records(kafka, &topic).await >= least;
        let killed = server.begin(&RESTORE).kill9_when(enough).await;
        let written = records(kafka, &topic).await;
        assert!(killed, "it had ended before, with {written} records");
        eprintln!("killed when {written} records were written");
        assert!(least <= written && written < total, "{written}");
        // Nobody takes half a log for a whole one.
        let verified = server.begin(&["verify", "--json"]).end().await;
        assert!(!verified.status.success(), "{verified:?}");
    }
    let exit = server.begin(&RESTORE).end().await;
    eprintln!("{}", done(&exit));
    assert!(exit.stdout.contains("restored now"), "{exit:?}");
    // Once more there is nothing to do.
    let again = server.begin(&RESTORE).end().await;
    assert!(
        done(&again).contains(" 0 of them restored now"),
        "{again:?}"
    );
}
