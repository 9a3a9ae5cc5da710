//! Deciding: what is folded, what starts again, what halts.

use std::sync::Arc;

use writ_domain::Submission;
use writ_log::Record;

use super::dice::Dice;
use super::world::{PARTITION, Stack, execute, memory, record};
use crate::{Options, Statuses, sweep};

#[tokio::test]
async fn a_thousand_random_commands_fold_to_the_same_views() {
    let stack = Stack::start().await;
    let options = Options {
        batch_records_max: 37,
        known_max: 150,
        ..Options::new("one".to_owned())
    };
    let owners = stack.own(&options);
    let mut dice = Dice(7);
    let submissions: Vec<Submission> = (0..1_500).map(|_| dice.submission()).collect();
    for chunk in submissions.chunks(101) {
        stack.append(chunk).await;
    }
    stack.decided(1_500).await;
    let report = stack.verify().await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.entries, report.folded), (1_500, report.views));

    let applied = stack
        .entries
        .lock()
        .unwrap()
        .iter()
        .filter(|e| !e.facts.is_empty())
        .count();
    assert!(applied > 300, "the commands do something: {applied}");
    let swept = sweep::all(&stack.store, &[PARTITION], &owners.stop)
        .await
        .unwrap();
    assert!(swept > 0, "something was dead");
    let after = stack.verify().await;
    assert_eq!(
        (after.differences.as_slice(), after.views),
        ([].as_slice(), report.views)
    );
    owners.stop.cancel();
}

#[tokio::test]
async fn an_owner_that_loses_its_connection_starts_again_from_the_cursor() {
    let stack = Stack::start().await;
    let options = Options {
        batch_records_max: 11,
        ..Options::new("one".to_owned())
    };
    let owners = stack.own(&options);
    let mut dice = Dice(11);
    for _ in 0..20 {
        let submissions: Vec<Submission> = (0..50).map(|_| dice.submission()).collect();
        stack.append(&submissions).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND application_name = 'writ-projector'";
        execute(&stack.config, kill).await;
    }
    // A last command after the last kill: once it is told, all before it is decided.
    stack.append(&[dice.submission()]).await;
    stack.decided(1_001).await;
    let report = stack.verify().await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.entries, report.folded), (1_001, report.views));
    owners.stop.cancel();
}

#[tokio::test]
async fn broken_and_misrouted_records_become_invalid_entries() {
    let stack = Stack::start().await;
    let owners = stack.own(&Options::new("one".to_owned()));
    let mut dice = Dice(3);
    let mut misrouted = record(&dice.submission());
    misrouted.key = b"another".to_vec();
    let broken = Record {
        key: b"x".to_vec(),
        value: b"{\"v\":1".to_vec(),
        headers: Vec::new(),
    };
    let empty = Record {
        key: Vec::new(),
        value: Vec::new(),
        headers: Vec::new(),
    };
    let records = vec![broken, misrouted, empty, record(&dice.submission())];
    stack.log.append(PARTITION, records).await.unwrap();
    stack.decided(4).await;
    let kinds: Vec<&str> = stack
        .entries
        .lock()
        .unwrap()
        .iter()
        .map(|entry| entry.outcome.kind())
        .collect();
    assert_eq!(kinds[..3], ["invalid", "invalid", "invalid"]);
    assert_ne!(kinds[3], "invalid");
    assert_eq!(stack.verify().await.differences, Vec::<String>::new());
    owners.stop.cancel();
}

#[tokio::test]
async fn a_newer_record_halts_the_partition_after_what_came_before() {
    let stack = Stack::start().await;
    let owners = stack.own(&Options::new("one".to_owned()));
    let mut dice = Dice(5);
    let newer = Record {
        key: b"alpha".to_vec(),
        value: br#"{"v":2,"something":"new"}"#.to_vec(),
        headers: Vec::new(),
    };
    let records = vec![
        record(&dice.submission()),
        newer,
        record(&dice.submission()),
    ];
    stack.log.append(PARTITION, records).await.unwrap();
    stack.decided(1).await;
    let why = stack.halted(PARTITION).await;
    assert!(
        why.contains("offset 1") && why.contains("version 2"),
        "{why}"
    );
    assert_eq!(stack.entries.lock().unwrap().len(), 1);
    owners.stop.cancel();
}

#[tokio::test]
async fn another_log_than_the_one_decided_halts_the_partition() {
    let mut stack = Stack::start().await;
    let owners = stack.own(&Options::new("one".to_owned()));
    let mut dice = Dice(9);
    stack.append(&[dice.submission(), dice.submission()]).await;
    stack.decided(2).await;
    owners.stop.cancel();
    // The topic was deleted and made again: the same offsets, other records.
    stack.log = Arc::new(memory(1));
    stack
        .append(&[dice.submission(), dice.submission(), dice.submission()])
        .await;
    stack.statuses = Statuses::default();
    let owners = stack.own(&Options::new("one".to_owned()));
    let why = stack.halted(PARTITION).await;
    assert!(why.contains("not the one that was decided"), "{why}");
    assert_eq!(stack.entries.lock().unwrap().len(), 2);
    owners.stop.cancel();
}

#[tokio::test]
async fn two_owners_decide_each_record_once() {
    let stack = Stack::start().await;
    let lease = core::time::Duration::from_millis(300);
    let options = |name: &str| Options {
        batch_records_max: 7,
        lease,
        ..Options::new(name.to_owned())
    };
    let (one, two) = (stack.own(&options("one")), stack.own(&options("two")));
    let mut dice = Dice(13);
    for _ in 0..10 {
        let submissions: Vec<Submission> = (0..30).map(|_| dice.submission()).collect();
        stack.append(&submissions).await;
    }
    stack.decided(300).await;
    one.end().await;
    stack.append(&[dice.submission()]).await;
    stack.decided(301).await;
    two.end().await;
    let report = stack.verify().await;
    assert_eq!(
        (report.differences.as_slice(), report.entries),
        ([].as_slice(), 301)
    );
}
