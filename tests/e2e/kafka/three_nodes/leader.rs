//! The leader of the busy partition is killed under load: nothing that was acknowledged is lost, and
//! writes go on soon after there is another leader.

use std::time::{Duration, Instant};

use serde_json::json;
use writ_tests::kafka::{Client, Cluster};
use writ_tests::{Database, Server, until};

use crate::faults::load::{Dice, Load, PROBE, seed};
use crate::kafka::ground::{SOON, launch, prefix};

const CALLERS: usize = 8;
const COMMANDS: usize = 6_000;
const KILLS: usize = 2;
/// What the promise allows, from the moment at which there is another leader.
const BACK: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_leader_dies() {
    let mut dice = Dice::new(seed());
    let mut cluster = Cluster::start(3).await;
    let prefix = prefix();
    let launch = launch(Database::fresh().await, cluster.brokers(), &prefix);
    let server = launch.start().await;
    let kafka: Client = cluster.client().clone();
    let topic = format!("{prefix}commands");
    assert_eq!(
        kafka.in_sync(&topic, 0).await.len(),
        3,
        "each record thrice"
    );
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;
    for kill in 1..=KILLS {
        load.answered(kill * COMMANDS / (KILLS + 1)).await;
        let busy = busiest(&kafka, &topic).await;
        let leader = kafka.leader_of(&topic, busy).await;
        cluster.kill_9(leader);
        let next = kafka.other_leader_of(&topic, busy, leader).await;
        let led = Instant::now();
        let took = writes_again(&server, led).await;
        eprintln!("{leader} was killed; {next} leads, and a write was answered after {took:?}");
        assert!(took <= BACK, "{took:?}");
        cluster.restart(leader).await;
        kafka.until_in_sync(&topic).await;
    }
    let done = load.done().await;
    let summary = done.agrees_with(&server).await;
    assert_eq!(summary.wishes, COMMANDS);
    drop(server.anonymous().get("/readyz").await.expect(200));
}

/// The partition that the one tenant is in.
async fn busiest(kafka: &Client, topic: &str) -> u32 {
    let offsets = kafka.offsets(topic).await;
    let (number, _) = (0..)
        .zip(offsets)
        .max_by_key(|(_, (_, next))| *next)
        .expect("partitions");
    number
}

/// From `since` to the answer of the first write that was sent after it and was answered.
async fn writes_again(server: &Server, since: Instant) -> Duration {
    until("a write is answered", SOON, async || {
        let role = json!({"name": "probe"});
        let answer = server
            .client()
            .request(hyper::Method::POST, "/api/v2/roles")
            .header("x-request-id", PROBE)
            .json(&role)
            .try_send()
            .await;
        answer.ok().filter(|answer| answer.status < 500)
    })
    .await;
    since.elapsed()
}
