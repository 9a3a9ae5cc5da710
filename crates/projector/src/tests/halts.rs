//! A log that is not the one that was decided: halted, until it is.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use writ_domain::{Offset, Partition, Submission};
use writ_envelope::restore::Mark;
use writ_log::memory::MemoryLog;
use writ_log::{Cause, Log as _, ReadError};

use super::dice::Dice;
use super::logs::{Exchanged, records};
use super::world::{Running, Stack, execute, memory, record};
use crate::restore::{self, Options as RestoreOptions};
use crate::{Halt, Options, Statuses};

const PARTITIONS: u16 = 2;
const FIRST: Partition = Partition(0);
const SECOND: Partition = Partition(1);

fn options(name: &str) -> Options {
    Options {
        lease: Duration::from_millis(400),
        recheck: Duration::from_millis(30),
        ..Options::new(name.to_owned())
    }
}

fn submissions(dice: &mut Dice, count: usize) -> Vec<Submission> {
    (0..count).map(|_| dice.submission()).collect()
}

/// A ledger with some history on a log that can be exchanged, and its owners.
async fn running(seed: u64) -> (Stack, Arc<Exchanged>, Running, Dice) {
    let log = Arc::new(Exchanged::new(memory(PARTITIONS)));
    let stack = Stack::on(Arc::<Exchanged>::clone(&log)).await;
    let owners = stack.own(&options("one"));
    let mut dice = Dice(seed);
    stack.append(&submissions(&mut dice, 50)).await;
    stack.decide_all().await;
    (stack, log, owners, dice)
}

async fn restored(stack: &Stack) {
    let options = RestoreOptions {
        patience: Duration::from_secs(20),
        ..RestoreOptions::new("restore".to_owned())
    };
    restore::run(&stack.store, &*stack.log, &options, &|_| {})
        .await
        .unwrap();
}

/// Decides some more, in every partition, without a difference.
async fn goes_on(stack: &Stack, dice: &mut Dice) {
    stack.append(&submissions(dice, 30)).await;
    stack.decide_all().await;
    for partition in stack.partitions() {
        stack
            .status(partition, |status| status.halted.is_none())
            .await;
    }
    for report in stack.verify_all().await {
        assert_eq!(report.differences, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_lost_log_halts_until_it_is_restored_and_no_process_is_started_again() {
    let (stack, log, owners, mut dice) = running(1).await;
    log.exchange(memory(PARTITIONS));
    for partition in stack.partitions() {
        let why = stack.halted(partition).await;
        assert!(
            why.contains("holds 0..0") && why.contains("topics restore"),
            "{why}"
        );
    }
    restored(&stack).await;
    goes_on(&stack, &mut dice).await;
    owners.end().await;
}

fn gone() -> Cause {
    Arc::new(std::io::Error::other("nobody knows it"))
}

/// Waits until every partition is halted in the store, or none is.
async fn halted_for_all(stack: &Stack, halted: bool) {
    let expected = if halted { usize::from(PARTITIONS) } else { 0 };
    while stack.store.halts().await.unwrap().len() != expected {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn that_a_partition_is_halted_is_for_every_process_to_see() {
    let (stack, log, owners, mut dice) = running(11).await;
    assert!(stack.store.halts().await.unwrap().is_empty());
    let right = log.now();
    log.exchange(memory(PARTITIONS));
    halted_for_all(&stack, true).await;
    for (partition, why) in stack.store.halts().await.unwrap() {
        assert_eq!(why, stack.halted(partition).await);
    }
    // Back, with nothing to decide.
    log.exchange(right.clone());
    halted_for_all(&stack, false).await;
    goes_on(&stack, &mut dice).await;
    // Another owner decides on, who knows of no halt but by the store.
    log.exchange(memory(PARTITIONS));
    halted_for_all(&stack, true).await;
    owners.end().await;
    let lost = log.now();
    log.exchange(right.clone());
    let others = stack.own(&options("other"));
    stack.append(&submissions(&mut dice, 30)).await;
    halted_for_all(&stack, false).await;
    goes_on(&stack, &mut dice).await;
    log.exchange(lost);
    halted_for_all(&stack, true).await;
    others.end().await;
    // What was restored is right whoever decides on.
    restored(&stack).await;
    assert!(stack.store.halts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_log_that_is_not_there_halts_until_it_is_back() {
    let (stack, log, owners, mut dice) = running(12).await;
    log.away(Some(ReadError::Missing { source: gone() }));
    for partition in stack.partitions() {
        let why = stack.halted(partition).await;
        assert!(
            why.contains("the log is not there: nobody knows it") && why.contains("topics restore"),
            "{why}"
        );
    }
    halted_for_all(&stack, true).await;
    log.away(None);
    halted_for_all(&stack, false).await;
    goes_on(&stack, &mut dice).await;
    owners.end().await;
}

/// The lease is asked for ever more seldom, and nobody is told the same again and again.
#[tokio::test]
async fn a_log_that_cannot_be_read_is_waited_for_with_patience() {
    const ASKED: u64 = 10;
    let (stack, log, owners, mut dice) = running(13).await;
    let before = Instant::now();
    log.away(Some(ReadError::Unavailable { source: gone() }));
    while log.asked() < ASKED {
        tokio::task::yield_now().await;
    }
    // Five questions of each of two owners: 50, 100, 200 and 400 ms lie between them.
    assert!(before.elapsed() >= Duration::from_millis(600));
    assert!(stack.statuses.all().values().all(|s| s.halted.is_none()));
    log.away(None);
    goes_on(&stack, &mut dice).await;
    owners.end().await;
}

#[tokio::test]
async fn another_log_that_grew_past_the_cursor_is_noticed_while_running() {
    let (stack, log, owners, mut dice) = running(2).await;
    let old = log.now();
    let decided = stack.entries.lock().unwrap().len();
    let other = memory(PARTITIONS);
    for partition in stack.partitions() {
        let more = records(&old, partition).await;
        other.append(partition, more.clone()).await.unwrap();
        other.append(partition, more).await.unwrap();
    }
    log.exchange(other);
    for partition in stack.partitions() {
        let why = stack.halted(partition).await;
        assert!(why.contains("not the one that was decided"), "{why}");
    }
    assert_eq!(stack.entries.lock().unwrap().len(), decided);
    // The right one is back.
    log.exchange(old);
    goes_on(&stack, &mut dice).await;
    owners.end().await;
}

#[tokio::test]
async fn one_partition_halts_and_the_other_one_goes_on() {
    let (stack, log, owners, mut dice) = running(3).await;
    log.now().truncate(FIRST, Offset(1));
    let why = stack.halted(FIRST).await;
    assert!(why.contains("holds 0..1"), "{why}");
    let map = stack.map();
    let more: Vec<_> = submissions(&mut dice, 40)
        .into_iter()
        .filter(|submission| map.partition_of(&submission.stamp.tenant) == SECOND)
        .collect();
    stack.append(&more).await;
    let high = stack.log.bounds(SECOND).await.unwrap().high;
    stack.decided_at(SECOND, high.0).await;
    let statuses = stack.statuses.all();
    assert!(statuses[&FIRST].halted.is_some() && statuses[&SECOND].halted.is_none());
    owners.end().await;
}

#[tokio::test]
async fn a_process_whose_partition_goes_on_elsewhere_is_halted_no_more() {
    let (mut stack, log, owners, mut dice) = running(4).await;
    let first = stack.statuses.clone();
    stack.statuses = Statuses::default();
    let others = stack.own(&options("two"));
    log.exchange(memory(PARTITIONS));
    for partition in stack.partitions() {
        stack.halted(partition).await;
    }
    restored(&stack).await;
    for statuses in [first, stack.statuses.clone()] {
        stack.statuses = statuses;
        goes_on(&stack, &mut dice).await;
    }
    owners.end().await;
    others.end().await;
}

/// A log that was restored from a ledger, and the ledger.
async fn whole(seed: u64) -> (Stack, MemoryLog, Dice) {
    let (mut stack, _, owners, dice) = running(seed).await;
    owners.end().await;
    let log = memory(PARTITIONS);
    stack.log = Arc::new(log.clone());
    restored(&stack).await;
    (stack, log, dice)
}

#[tokio::test]
async fn a_record_below_the_seal_halts_who_decides_again() {
    const INTRUDED: usize = 6;
    let (stack, whole, mut dice) = whole(5).await;
    let log = memory(PARTITIONS);
    let (first, second) = (records(&whole, FIRST).await, records(&whole, SECOND).await);
    let (below, above) = first.split_at(INTRUDED);
    log.append(FIRST, below.to_vec()).await.unwrap();
    let intruder = dice.submission();
    log.append(FIRST, vec![record(&intruder)]).await.unwrap();
    log.append(SECOND, second).await.unwrap();
    let again = Stack::on(Arc::new(log.clone())).await;
    let owners = again.own(&options("again"));
    let why = again.halted(FIRST).await;
    assert!(why.contains("offset 6 lies below the seal"), "{why}");
    assert_eq!(again.raw(FIRST).await.len(), INTRUDED);
    let high = log.bounds(SECOND).await.unwrap().high;
    again.decided_at(SECOND, high.0).await;
    // Without the intruder it goes on.
    log.truncate(FIRST, Offset(u64::try_from(INTRUDED).unwrap()));
    log.append(FIRST, above.to_vec()).await.unwrap();
    again.decide_all().await;
    goes_on(&again, &mut dice).await;
    owners.end().await;
    for partition in stack.partitions() {
        let before = stack.chain(partition).await;
        assert_eq!(again.chain(partition).await[..before.len()], before);
    }
}

#[tokio::test]
async fn a_restored_record_that_was_altered_or_moved_halts() {
    let (_, whole, _) = whole(6).await;
    let restored = records(&whole, FIRST).await;
    let mut altered = restored[4].clone();
    altered.key = b"nobody".to_vec();
    let mut remarked = restored[4].clone();
    let (mut mark, own) = Mark::split(&restored[4].headers).unwrap();
    let own = own.to_vec();
    mark.time += chrono::TimeDelta::microseconds(1);
    remarked.headers = [own, mark.headers().to_vec()].concat();
    for (record, problem) in [
        (altered, "offset 4 does not come to the hash of entry 0-5"),
        (remarked, "offset 4 does not come to the hash of entry 0-5"),
        (
            restored[6].clone(),
            "offset 4 was restored as entry 0-7, and 0-5 is next",
        ),
        (
            restored[3].clone(),
            "offset 4 was restored as entry 0-4, and 0-5 is next",
        ),
        (
            restored.last().unwrap().clone(),
            "offset 4 lies below the seal",
        ),
    ] {
        let log = memory(PARTITIONS);
        log.append(FIRST, restored[..4].to_vec()).await.unwrap();
        log.append(FIRST, vec![record]).await.unwrap();
        let again = Stack::on(Arc::new(log)).await;
        let owners = again.own(&options("again"));
        let why = again.halted(FIRST).await;
        assert!(why.contains(problem), "{why}");
        assert_eq!(
            again.raw(FIRST).await.len(),
            4,
            "what came before is decided"
        );
        owners.end().await;
    }
}

#[tokio::test]
async fn a_ledger_of_other_rules_is_not_decided_on() {
    let (stack, _, owners, _) = running(7).await;
    owners.end().await;
    let newer = "UPDATE ledger_cursor SET rules_version = 2 WHERE partition = 0";
    execute(&stack.config, newer).await;
    let owners = stack.own(&options("older"));
    let why = stack.halted(FIRST).await;
    assert!(why.contains("rules 2, this build has 1"), "{why}");
    stack.status(SECOND, |status| status.owned).await;
    owners.end().await;
}

#[test]
fn what_the_log_is_guilty_of_passes_and_what_we_are_stays() {
    let offset = Offset(0);
    let (stored, known) = (2, 1);
    let source = || Box::new(core::fmt::Error);
    for lasting in [
        Halt::Rules { stored, known },
        Halt::Newer { offset, version: 2 },
        Halt::Corrupt {
            seq: 0,
            source: source(),
        },
    ] {
        assert!(lasting.is_lasting(), "{lasting}");
    }
    for passing in [
        Halt::BelowSeal { offset },
        Halt::AnchorMismatch {
            next_offset: offset,
        },
        Halt::ClockAhead {
            offset,
            ahead_s: 400,
        },
        Halt::Log { source: source() },
    ] {
        assert!(!passing.is_lasting(), "{passing}");
    }
}
