//! The drills' own ground: a broker does what a test does to it, and the client sees it.

use std::future::ready;
use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpStream;
use writ_tests::kafka::{Acks, Client, Cluster, Message, Record, Topic};
use writ_tests::until;

const SOON: Duration = Duration::from_mins(1);

fn messages(partition: u32, values: impl IntoIterator<Item = u32>) -> Vec<Message> {
    values
        .into_iter()
        .map(|value| {
            Message::to(partition)
                .key(format!("key of {value}"))
                .value(format!(r#"{{"n":{value}}}"#))
                .header("writ-n", value.to_string())
        })
        .collect()
}

fn values(records: &[Record]) -> Vec<(u32, u64, u64)> {
    let value = |record: &Record| record.json()["n"].as_u64().expect("a number");
    records
        .iter()
        .map(|record| (record.partition, record.offset, value(record)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_and_restarted_has_its_records() {
    let mut kafka = Cluster::start(1).await;
    let [node] = kafka.nodes()[..] else {
        panic!("one node");
    };
    let topic = Topic::named("t")
        .partitions(2)
        .config("message.timestamp.type", "LogAppendTime")
        .config("retention.ms", -1);
    kafka.client().create(&topic).await;
    let offsets = kafka
        .client()
        .produce("t", Acks::All, &messages(0, 0..100))
        .await;
    assert_eq!(offsets, (0..100).collect::<Vec<_>>());
    let bare = kafka
        .client()
        .produce("t", Acks::Leader, &[Message::to(1)])
        .await;
    assert_eq!(bare, [0]);

    let before = kafka.client().records("t").await;
    assert_eq!(before.len(), 101);
    assert_eq!(before[7].partition, 0);
    assert_eq!(before[7].offset, 7);
    assert_eq!(before[7].key_text(), "key of 7");
    assert_eq!(before[7].text(), r#"{"n":7}"#);
    assert_eq!(before[7].header("writ-n"), Some("7"));
    assert_eq!(before[7].header("writ-m"), None);
    assert!(before[7].at_append);
    assert_eq!(before[100].partition, 1);
    assert_eq!((&before[100].key, &before[100].value), (&None, &None));

    kafka.kill_9(node);
    let limit = Duration::from_millis(1500);
    let client = kafka.client();
    let last = messages(0, [100]);
    let refused = client.try_produce("t", Acks::All, limit, &last).await;
    let error = refused.expect_err("nobody is there");
    assert!(error.contains("TimeoutException"), "{error}");

    kafka.restart(node).await;
    assert_eq!(kafka.client().records("t").await, before);
    assert_eq!(kafka.client().offsets("t").await, [(0, 100), (0, 1)]);
    let next = kafka.client().produce("t", Acks::All, &last).await;
    assert_eq!(next, [100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_broker_is_empty_and_in_the_same_place() {
    let mut kafka = Cluster::start(1).await;
    let brokers = kafka.brokers().to_owned();
    kafka.client().create(&Topic::named("t")).await;
    let written = messages(0, 0..3);
    kafka.client().produce("t", Acks::All, &written).await;

    kafka.wipe().await;
    assert_eq!(kafka.brokers(), brokers);
    assert_eq!(kafka.client().topics().await, Vec::<String>::new());
    assert_eq!(kafka.client().describe("t").await, None);
    kafka.client().create(&Topic::named("t")).await;
    assert_eq!(kafka.client().offsets("t").await, [(0, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_changed_cut_and_made_again() {
    let kafka = Cluster::start(1).await;
    let client = kafka.client();
    client
        .create(&Topic::named("t").config("retention.ms", 5000))
        .await;
    assert_eq!(client.configs("t").await["retention.ms"], "5000");
    client
        .alter(
            "t",
            &[("retention.ms", "-1"), ("cleanup.policy", "compact")],
        )
        .await;
    let configs = client.configs("t").await;
    assert_eq!(configs["retention.ms"], "-1");
    assert_eq!(configs["cleanup.policy"], "compact");
    client.reset("t", "cleanup.policy").await;
    assert_eq!(client.configs("t").await["cleanup.policy"], "delete");

    client.produce("t", Acks::All, &messages(0, 0..10)).await;
    client.truncate_before("t", 0, 4).await;
    assert_eq!(client.offsets("t").await, [(4, 10)]);
    let left: Vec<_> = (4..10).map(|n| (0, n, n)).collect();
    assert_eq!(values(&client.records("t").await), left);
    client.grow("t", 3).await;
    assert_eq!(client.offsets("t").await, [(4, 10), (0, 0), (0, 0)]);

    let first = client.describe("t").await.expect("a topic");
    client.delete("t").await;
    assert_eq!(client.topics().await, Vec::<String>::new());
    client.create(&Topic::named("t")).await;
    let second = client.describe("t").await.expect("a topic");
    assert_ne!(first.id, second.id);
    let offsets = client.produce("t", Acks::All, &messages(0, [77])).await;
    assert_eq!(offsets, [0]);
    assert_eq!(values(&client.records("t").await), [(0, 0, 77)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_reads_on_when_the_broker_comes_back() {
    let mut kafka = Cluster::start(1).await;
    let [node] = kafka.nodes()[..] else {
        panic!("one node");
    };
    let client = kafka.client().clone();
    client.create(&Topic::named("t").partitions(2)).await;
    client.produce("t", Acks::All, &messages(1, 0..50)).await;
    let mut follower = client.follow("t").await;
    follower.until_seen(50, SOON).await;

    kafka.kill_9(node);
    kafka.restart(node).await;
    client.produce("t", Acks::All, &messages(1, 50..90)).await;
    let copies: Vec<_> = client.records("t").await;
    let copies: Vec<_> = copies.iter().take(2).map(Message::like).collect();
    client.produce("t", Acks::All, &copies).await;
    follower.until_seen(92, SOON).await;
    let expected = (0..90).chain(0..2).zip(0..);
    let expected: Vec<_> = expected.map(|(n, offset)| (1, offset, n)).collect();
    assert_eq!(values(follower.seen()), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_reads_while_nobody_asks_it() {
    let mut kafka = Cluster::start(1).await;
    let node = kafka.nodes()[0];
    let client = kafka.client().clone();
    client.create(&Topic::named("t")).await;
    let mut follower = client.follow("t").await;
    // A megabyte each time: more than a pipe holds.
    let large: Vec<_> = (0..1_000)
        .map(|_| Message::to(0).value(vec![b'x'; 1_000]))
        .collect();
    for round in 1..=2 {
        client.produce("t", Acks::All, &large).await;
        until("it has read everything", SOON, || {
            ready((follower.seen().len() == round * large.len()).then_some(()))
        })
        .await;
        kafka.kill_9(node);
        kafka.restart(node).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_broker_outlives_a_test_that_fails() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let failing = tokio::spawn(async move {
        let mut kafka = Cluster::start(1).await;
        let [node] = kafka.nodes()[..] else {
            panic!("one node");
        };
        drop(TcpStream::connect(kafka.brokers()).await.expect("a broker"));
        kafka.freeze(node);
        tell.send(kafka.brokers().to_owned()).expect("a listener");
        panic!("as intended");
    });
    let brokers = told.await.expect("an address");
    let failed = failing.await.expect_err("it failed");
    assert!(failed.is_panic());
    let refused = TcpStream::connect(&brokers).await.expect_err("nobody");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_broker_is_there() {
    assert_eq!(Client::of_shared().nodes().await.len(), 1);
}
