//! Restoring, copying and telling on a real Kafka, at `WRIT_TEST_KAFKA` (`host:port`).

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use writ_domain::Submission;
use writ_envelope::event::Told;
use writ_envelope::restore::SEAL_KIND;
use writ_log::Log;
use writ_log_kafka::{Cluster, KafkaLog, Options as KafkaOptions, topics};

use super::dice::Dice;
use super::logs::{all, records};
use super::world::{Running, Stack, memory, now};
use crate::restore::{self, Options as RestoreOptions};
use crate::{Options, relay};

const PARTITIONS: u16 = 2;

/// A log in a topic that no other test has.
async fn topic(name: &str, gapless: bool) -> Arc<dyn Log> {
    #[expect(clippy::disallowed_methods, reason = "where the test broker is")]
    let brokers = std::env::var("WRIT_TEST_KAFKA")
        .expect("WRIT_TEST_KAFKA names a Kafka broker: run the tests by `cargo xtask test`");
    let cluster = Cluster::new(brokers);
    let micros = now().timestamp_micros();
    let wanted = topics::Topic {
        name: format!("writ-projector-{}-{micros}-{name}", std::process::id()),
        partitions: PARTITIONS,
        replication_factor: Some(1),
    };
    assert!(topics::create(&cluster, &wanted).await.unwrap().made);
    let options = KafkaOptions {
        gapless,
        ..KafkaOptions::new(cluster, wanted.name)
    };
    Arc::new(KafkaLog::connect(options).await.unwrap())
}

async fn decide(stack: &Stack, dice: &mut Dice, commands: usize) {
    let owners = stack.own(&Options::new("one".to_owned()));
    let submissions: Vec<Submission> = (0..commands).map(|_| dice.submission()).collect();
    stack.append(&submissions).await;
    stack.decide_all().await;
    owners.end().await;
    for report in stack.verify_all().await {
        assert_eq!(report.differences, Vec::<String>::new());
        assert_eq!(report.folded, report.views);
    }
}

fn options() -> RestoreOptions {
    RestoreOptions {
        page_records_max: 20,
        ..RestoreOptions::new("restore".to_owned())
    }
}

#[tokio::test]
async fn a_ledger_moves_to_kafka_is_restored_there_and_moves_back() {
    let mut stack = Stack::on(Arc::new(memory(PARTITIONS))).await;
    let mut dice = Dice(21);
    decide(&stack, &mut dice, 100).await;
    let targets: [(&str, bool); 3] = [("first", true), ("second", false), ("third", true)];
    for (name, copies) in targets {
        let to = topic(name, true).await;
        let moved = if copies {
            restore::copy(&stack.store, (&*stack.log, &*to), &options(), &|_| {}).await
        } else {
            restore::run(&stack.store, &*to, &options(), &|_| {}).await
        };
        assert_eq!(moved.unwrap().partitions.len(), usize::from(PARTITIONS));
        let again = restore::run(&stack.store, &*to, &options(), &|_| {}).await;
        assert!(again.unwrap().partitions.iter().all(|p| p.was_there));
        stack.log = to;
        decide(&stack, &mut dice, 40).await;
    }
    let back: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
    restore::copy(&stack.store, (&*stack.log, &*back), &options(), &|_| {})
        .await
        .unwrap();
    let kafka = core::mem::replace(&mut stack.log, back);
    decide(&stack, &mut dice, 20).await;
    for partition in stack.partitions() {
        let entries = stack.raw(partition).await;
        let seals = entries.iter().filter(|entry| entry.kind == SEAL_KIND);
        assert_eq!(seals.count(), 4);
        assert!(!records(&*kafka, partition).await.is_empty());
    }
    // The ledger has another log now: this one is refused.
    stack.log = kafka;
    let owners = stack.own(&Options::new("lost".to_owned()));
    for partition in stack.partitions() {
        stack.halted(partition).await;
    }
    owners.end().await;
}

#[tokio::test]
async fn changes_are_told_on_kafka() {
    let stack = Stack::on(topic("commands", false).await).await;
    let changes = topic("changes", true).await;
    let owners = stack.own(&Options::new("one".to_owned()));
    let mut dice = Dice(22);
    for _ in 0..3 {
        let stop = CancellationToken::new();
        let telling = relay::run(
            stack.store.clone(),
            Arc::clone(&changes),
            stack.statuses.clone(),
            Arc::clone(&stack.wake),
            stop.clone(),
        );
        let telling = Running::start(stop, [telling]);
        let submissions: Vec<Submission> = (0..50).map(|_| dice.submission()).collect();
        stack.append(&submissions).await;
        stack.decide_all().await;
        for partition in stack.partitions() {
            let last = stack.raw(partition).await.last().unwrap().position.seq;
            stack
                .status(partition, |status| {
                    status.relayed.as_ref().is_some_and(|r| r.seq == last)
                })
                .await;
        }
        telling.end().await;
    }
    owners.end().await;
    for partition in stack.partitions() {
        let told: Vec<Told> = all(&*changes, partition)
            .await
            .iter()
            .map(|message| Told::of(&message.record.headers).unwrap())
            .collect();
        let entries = stack.raw(partition).await;
        let expected: Vec<Told> = entries
            .iter()
            .map(|entry| Told {
                position: entry.position,
                hash: entry.chain,
            })
            .collect();
        assert_eq!(told, expected, "not one repeat");
    }
}
