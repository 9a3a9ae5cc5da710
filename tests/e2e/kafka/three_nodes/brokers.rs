//! The drills' own ground: a cluster loses a leader without loss, and records by force.

use writ_tests::kafka::{Acks, Cluster, Message, Topic};

fn messages(values: impl IntoIterator<Item = u32>) -> Vec<Message> {
    let message = |value: u32| Message::to(0).value(value.to_string());
    values.into_iter().map(message).collect()
}

async fn values(kafka: &Cluster, topic: &str) -> Vec<u32> {
    let records = kafka.client().records(topic).await;
    let value = |text: &str| text.parse().expect("a number");
    records.iter().map(|record| value(record.text())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_killed_is_replaced_and_nothing_is_lost() {
    let mut kafka = Cluster::start(3).await;
    let client = kafka.client().clone();
    client.create(&Topic::named("t")).await;
    assert_eq!(client.configs("t").await["min.insync.replicas"], "2");
    assert_eq!(client.in_sync("t", 0).await, kafka.nodes());
    client.produce("t", Acks::All, &messages(0..100)).await;

    let leader = client.leader_of("t", 0).await;
    kafka.kill_9(leader);
    assert_ne!(client.other_leader_of("t", 0, leader).await, leader);
    client.produce("t", Acks::All, &messages(100..200)).await;
    client.until_out_of_sync("t", 0, leader).await;
    assert_eq!(values(&kafka, "t").await, (0..200).collect::<Vec<_>>());

    kafka.restart(leader).await;
    client.until_in_sync("t").await;
    let frozen = client.follower_of("t", 0).await;
    kafka.freeze(frozen);
    client.until_out_of_sync("t", 0, frozen).await;
    client.produce("t", Acks::All, &messages(200..300)).await;
    kafka.thaw(frozen);
    client.until_in_sync("t").await;
    assert_eq!(values(&kafka, "t").await, (0..300).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclean_leader_forgets_what_it_never_had() {
    let mut kafka = Cluster::start(3).await;
    let client = kafka.client().clone();
    let [leads, lags, _] = kafka.nodes()[..] else {
        panic!("three nodes");
    };
    let topic = Topic::named("t")
        .partition_on([leads, lags])
        .config("min.insync.replicas", 1);
    client.create(&topic).await;
    client
        .alter("t", &[("unclean.leader.election.enable", "true")])
        .await;
    client.produce("t", Acks::All, &messages(0..10)).await;

    kafka.freeze(lags);
    client.until_out_of_sync("t", 0, lags).await;
    client.produce("t", Acks::All, &messages(10..20)).await;
    kafka.kill_9(leads);
    kafka.thaw(lags);
    assert_eq!(client.other_leader_of("t", 0, leads).await, lags);
    assert_eq!(values(&kafka, "t").await, (0..10).collect::<Vec<_>>());
    client.produce("t", Acks::All, &messages(30..35)).await;

    // The one that knew more follows the one that leads.
    kafka.restart(leads).await;
    client.until_in_sync("t").await;
    kafka.kill_9(lags);
    assert_eq!(client.other_leader_of("t", 0, lags).await, leads);
    let after: Vec<_> = (0..10).chain(30..35).collect();
    assert_eq!(values(&kafka, "t").await, after);
}
