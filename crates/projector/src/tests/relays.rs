//! What a consumer of the topic of changes sees, whatever happens to relay and topic.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use writ_domain::{Partition, Seq, Submission, TenantSeq};
use writ_envelope::event::Told;
use writ_log::memory::{Fault, MemoryLog};
use writ_log::{Log, Logged, Record};
use writ_store::relay::RelayCursor;

use super::dice::Dice;
use super::logs::{Exchanged, Hooked, all, nothing, records};
use super::world::{Running, Stack, execute, memory};
use crate::{Options, relay};

const PARTITIONS: u16 = 2;

/// A ledger that is decided, and its log.
async fn ledger(seed: u64, commands: usize) -> (Stack, Running, Dice) {
    let stack = Stack::on(Arc::new(memory(PARTITIONS))).await;
    let owners = stack.own(&Options {
        batch_records_max: 7,
        ..Options::new("one".to_owned())
    });
    let mut dice = Dice(seed);
    decide(&stack, &mut dice, commands).await;
    (stack, owners, dice)
}

async fn decide(stack: &Stack, dice: &mut Dice, commands: usize) {
    let submissions: Vec<Submission> = (0..commands).map(|_| dice.submission()).collect();
    stack.append(&submissions).await;
    stack.decide_all().await;
}

/// Starts a relay; what an earlier one said of itself is forgotten, so that [`told`] waits for it.
fn relay(stack: &Stack, changes: &Arc<dyn Log>) -> Running {
    for partition in stack.partitions() {
        stack
            .statuses
            .update(partition, |status| status.relayed = None);
    }
    let stop = CancellationToken::new();
    let relay = relay::run(
        stack.store.clone(),
        Arc::clone(changes),
        stack.statuses.clone(),
        Arc::clone(&stack.wake),
        stop.clone(),
    );
    Running::start(stop, [relay])
}

/// Waits until everything that is decided is told.
async fn told(stack: &Stack) {
    for partition in stack.partitions() {
        let last = Seq(u64::try_from(stack.raw(partition).await.len()).unwrap());
        stack
            .status(partition, |status| {
                status
                    .relayed
                    .as_ref()
                    .is_some_and(|relayed| relayed.seq == last && relayed.problem.is_none())
            })
            .await;
    }
}

/// What a consumer has after dropping repeats: 1 … n, or it panics. And how many it dropped.
fn consumed(messages: &[Logged]) -> (Vec<Told>, usize) {
    let mut seen: Vec<Told> = Vec::new();
    let mut repeats = 0;
    for message in messages {
        let told = Told::of(&message.record.headers).unwrap();
        let last = u64::try_from(seen.len()).unwrap();
        if told.position.seq.0 <= last {
            repeats += 1;
        } else {
            assert_eq!(told.position.seq.0, last + 1, "a gap");
            seen.push(told);
        }
    }
    (seen, repeats)
}

/// Every entry was told, in order, with its hash. How many repeats there were.
async fn whole(stack: &Stack, changes: &dyn Log) -> usize {
    let mut all_repeats = 0;
    for partition in stack.partitions() {
        let (seen, repeats) = consumed(&all(changes, partition).await);
        let entries = stack.raw(partition).await;
        let expected: Vec<Told> = entries
            .iter()
            .map(|entry| Told {
                position: entry.position,
                hash: entry.chain,
            })
            .collect();
        assert_eq!(seen, expected);
        all_repeats += repeats;
    }
    all_repeats
}

#[tokio::test]
async fn every_entry_is_told_once_while_nothing_happens() {
    let (stack, owners, mut dice) = ledger(1, 60).await;
    let changes: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
    let telling = relay(&stack, &changes);
    told(&stack).await;
    for _ in 0..5 {
        decide(&stack, &mut dice, 11).await;
    }
    told(&stack).await;
    assert_eq!(whole(&stack, &*changes).await, 0);
    // Stopped and started: not one repeat.
    telling.end().await;
    decide(&stack, &mut dice, 20).await;
    let telling = relay(&stack, &changes);
    told(&stack).await;
    assert_eq!(whole(&stack, &*changes).await, 0);
    let status = &stack.statuses.all()[&Partition(0)];
    assert_eq!(status.relay_lag(), Some(0));
    telling.end().await;
    owners.end().await;
}

#[tokio::test]
async fn a_message_is_a_cloud_event_of_the_change() {
    let (stack, owners, _) = ledger(2, 40).await;
    let broken = Record {
        key: b"x".to_vec(),
        value: b"?".to_vec(),
        headers: Vec::new(),
    };
    stack.log.append(Partition(0), vec![broken]).await.unwrap();
    stack.decide_all().await;
    let changes: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
    let telling = relay(&stack, &changes);
    told(&stack).await;
    telling.end().await;
    owners.end().await;
    let mut tenants: BTreeMap<Vec<u8>, TenantSeq> = BTreeMap::new();
    for partition in stack.partitions() {
        let messages = all(&*changes, partition).await;
        let entries = stack.raw(partition).await;
        assert_eq!(messages.len(), entries.len());
        for (message, raw) in messages.into_iter().zip(entries) {
            let entry = raw.read().unwrap();
            let Record {
                key,
                value,
                headers,
            } = message.record;
            assert_eq!(key, entry.tenant.as_str().as_bytes());
            assert_eq!(value, entry.change_json().into_bytes());
            let headers: BTreeMap<&str, &str> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), core::str::from_utf8(value).unwrap()))
                .collect();
            let change: Value = serde_json::from_slice(&value).unwrap();
            assert_eq!(headers["ce_id"], change["position"]);
            assert_eq!(headers["ce_hash"], change["hash"]);
            assert_eq!(headers["ce_time"], change["time"]);
            assert_eq!(headers["ce_subject"], entry.tenant.as_str());
            assert_eq!(headers["content-type"], "application/json");
            let seen = tenants.entry(key).or_insert(TenantSeq::ZERO);
            assert_eq!(
                seen.next(),
                Some(entry.tenant_seq),
                "per tenant without a gap"
            );
            *seen = entry.tenant_seq;
        }
    }
    assert!(tenants.contains_key(b"~0".as_slice()), "broken records too");
}

/// Orders faults of all kinds for the next appends.
fn disturb(changes: &MemoryLog, dice: &mut Dice, count: u64) {
    for _ in 0..count {
        let fault = match dice.roll(3) {
            0 => Fault::NotAppended,
            1 => Fault::LostBeforeAppend,
            _ => Fault::LostAfterAppend,
        };
        let partition = Partition(u16::try_from(dice.roll(2)).unwrap());
        assert!(changes.order(partition, fault));
    }
}

#[tokio::test]
async fn appends_that_fail_or_lose_their_answer_leave_no_gap() {
    let (stack, owners, mut dice) = ledger(3, 60).await;
    let topic = memory(PARTITIONS);
    let changes: Arc<dyn Log> = Arc::new(topic.clone());
    let telling = relay(&stack, &changes);
    for _ in 0..8 {
        disturb(&topic, &mut dice, 3);
        decide(&stack, &mut dice, 13).await;
    }
    told(&stack).await;
    whole(&stack, &*changes).await;
    telling.end().await;
    owners.end().await;
}

#[tokio::test]
async fn two_relays_at_once_tell_repeats_only() {
    let (stack, owners, mut dice) = ledger(4, 30).await;
    let topic = memory(PARTITIONS);
    let changes: Arc<dyn Log> = Arc::new(topic.clone());
    // One of them is held up before every other append, and at its first until the other has
    // told everything: what it sends comes late.
    let gate = CancellationToken::new();
    let opened = gate.clone();
    let late = Hooked::new(
        topic.clone(),
        Box::new(move |number| {
            let opened = opened.clone();
            Box::pin(async move {
                opened.cancelled().await;
                for _ in 0..(number % 2) * 300 {
                    tokio::task::yield_now().await;
                }
            })
        }),
        nothing(),
    );
    let late = Arc::new(late);
    let held = relay(&stack, &(Arc::<Hooked>::clone(&late) as _));
    while late.appends() < u64::from(PARTITIONS) {
        tokio::task::yield_now().await;
    }
    let relays = [relay(&stack, &changes), held];
    told(&stack).await;
    assert_eq!(whole(&stack, &*changes).await, 0);
    gate.cancel();
    // Before any fault is ordered, which might keep the late ones from arriving.
    for partition in stack.partitions() {
        let entries = u64::try_from(stack.raw(partition).await.len()).unwrap();
        while topic.bounds(partition).await.unwrap().high.0 <= entries {
            tokio::task::yield_now().await;
        }
    }
    assert!(whole(&stack, &*changes).await > 0, "they did meet");
    for _ in 0..12 {
        disturb(&topic, &mut dice, 1);
        decide(&stack, &mut dice, 9).await;
        stack.wake.notify_waiters();
        told(&stack).await;
    }
    for relay in relays {
        relay.end().await;
    }
    whole(&stack, &*changes).await;
    // A third one, alone, tells the rest.
    decide(&stack, &mut dice, 9).await;
    let telling = relay(&stack, &changes);
    told(&stack).await;
    whole(&stack, &*changes).await;
    telling.end().await;
    owners.end().await;
}

#[tokio::test]
async fn a_relay_that_was_frozen_in_an_append_comes_back_with_repeats() {
    let (stack, owners, mut dice) = ledger(5, 30).await;
    let topic = memory(PARTITIONS);
    let frozen = Arc::new(tokio::sync::Notify::new());
    let thaw = Arc::clone(&frozen);
    let zombie = Hooked::new(
        topic.clone(),
        Box::new(move |_| {
            let thaw = Arc::clone(&thaw);
            Box::pin(async move { thaw.notified().await })
        }),
        nothing(),
    );
    let zombie = Arc::new(zombie);
    let old = relay(&stack, &(Arc::<Hooked>::clone(&zombie) as _));
    while zombie.appends() < 2 {
        tokio::task::yield_now().await;
    }
    let changes: Arc<dyn Log> = Arc::new(topic.clone());
    let telling = relay(&stack, &changes);
    decide(&stack, &mut dice, 20).await;
    for partition in stack.partitions() {
        let last = u64::try_from(stack.raw(partition).await.len()).unwrap();
        while topic.bounds(partition).await.unwrap().high.0 < last {
            tokio::task::yield_now().await;
        }
    }
    let before: usize = whole(&stack, &*changes).await;
    frozen.notify_waiters();
    let high = async || {
        let first = topic.bounds(Partition(0)).await.unwrap().high.0;
        first + topic.bounds(Partition(1)).await.unwrap().high.0
    };
    let told_before = high().await;
    while high().await <= told_before {
        tokio::task::yield_now().await;
    }
    let after = whole(&stack, &*changes).await;
    assert!(
        after > before,
        "the zombie told something: {before} {after}"
    );
    telling.end().await;
    old.stop.cancel();
    frozen.notify_waiters();
    drop(old);
    owners.end().await;
}

#[tokio::test]
async fn a_lost_cursor_is_found_again_on_the_topic() {
    let (stack, owners, mut dice) = ledger(6, 60).await;
    let changes: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
    let telling = relay(&stack, &changes);
    told(&stack).await;
    telling.end().await;
    for lost in [
        "DELETE FROM relay_cursor",
        // Put back to an older copy, or of another topic.
        "UPDATE relay_cursor SET seq = 3, log_offset = 2",
        "UPDATE relay_cursor SET seq = 1000000, log_offset = 1000000",
    ] {
        execute(&stack.config, lost).await;
        decide(&stack, &mut dice, 10).await;
        let telling = relay(&stack, &changes);
        told(&stack).await;
        telling.end().await;
        assert_eq!(whole(&stack, &*changes).await, 0, "{lost}");
    }
    let kept = stack.store.relay_cursor(Partition(0)).await.unwrap();
    let entries = stack.raw(Partition(0)).await.len();
    assert_eq!(kept.unwrap().seq.0, u64::try_from(entries).unwrap());
    owners.end().await;
}

#[tokio::test]
async fn a_topic_that_is_made_anew_is_told_from_the_first_entry() {
    let (stack, owners, mut dice) = ledger(7, 60).await;
    let topic = Arc::new(Exchanged::new(memory(PARTITIONS)));
    let changes: Arc<dyn Log> = Arc::<Exchanged>::clone(&topic);
    let telling = relay(&stack, &changes);
    told(&stack).await;
    topic.exchange(memory(PARTITIONS));
    decide(&stack, &mut dice, 20).await;
    whole_soon(&stack, &*changes).await;
    // While nobody tells, too.
    telling.end().await;
    topic.exchange(memory(PARTITIONS));
    let telling = relay(&stack, &changes);
    whole_soon(&stack, &*changes).await;
    telling.end().await;
    owners.end().await;
}

/// Waits until the topic has everything, and compares.
async fn whole_soon(stack: &Stack, changes: &dyn Log) {
    for partition in stack.partitions() {
        let last = u64::try_from(stack.raw(partition).await.len()).unwrap();
        while changes.bounds(partition).await.unwrap().high.0 < last {
            tokio::task::yield_now().await;
        }
    }
    whole(stack, changes).await;
}

#[tokio::test]
async fn a_topic_with_a_gap_is_read_through_and_filled() {
    let (stack, owners, mut dice) = ledger(8, 80).await;
    let right = memory(PARTITIONS);
    let changes: Arc<dyn Log> = Arc::new(right.clone());
    let telling = relay(&stack, &changes);
    told(&stack).await;
    telling.end().await;
    // As after an exchange between look and landing; as after a truncation; as by a stranger.
    let partition = Partition(0);
    let messages = records(&right, partition).await;
    let stranger = Record {
        key: b"k".to_vec(),
        value: b"v".to_vec(),
        headers: Vec::new(),
    };
    for (kept, above) in [(0, 10), (5, 10), (12, 30)] {
        let topic = memory(PARTITIONS);
        let mut left = messages[..kept].to_vec();
        left.extend_from_slice(&messages[above..above + 4]);
        if kept == 12 {
            left = [&messages[..kept], core::slice::from_ref(&stranger)].concat();
        }
        topic.append(partition, left.clone()).await.unwrap();
        let changes: Arc<dyn Log> = Arc::new(topic.clone());
        let telling = relay(&stack, &changes);
        told(&stack).await;
        telling.end().await;
        let after = records(&topic, partition).await;
        assert_eq!(after[..left.len()], left);
        assert_eq!(after[left.len()..], messages[kept..], "{kept} {above}");
    }
    decide(&stack, &mut dice, 1).await;
    owners.end().await;
}

#[tokio::test]
async fn a_part_of_a_batch_that_went_missing_is_told_late() {
    let (stack, owners, _) = ledger(12, 40).await;
    let partition = Partition(0);
    let right = memory(PARTITIONS);
    let telling = relay(&stack, &(Arc::new(right.clone()) as _));
    told(&stack).await;
    telling.end().await;
    let messages = records(&right, partition).await;
    // Repeats, so that the number of messages says nothing; and 11 without 10.
    let left = [&messages[..9], &messages[2..9], &messages[10..12]].concat();
    let topic = memory(PARTITIONS);
    topic.append(partition, left.clone()).await.unwrap();
    let ninth = all(&topic, partition).await.swap_remove(8);
    let kept = RelayCursor {
        seq: Seq(9),
        offset: ninth.offset,
        anchor: crate::generation::anchor_of(&ninth),
    };
    stack
        .store
        .keep_relay_cursor(partition, &kept)
        .await
        .unwrap();
    let telling = relay(&stack, &(Arc::new(topic.clone()) as _));
    told(&stack).await;
    telling.end().await;
    let after = records(&topic, partition).await;
    assert_eq!(after[left.len()..], messages[9..]);
    owners.end().await;
}

#[tokio::test]
async fn a_topic_of_another_history_is_not_told_on() {
    let (stack, owners, mut dice) = ledger(9, 30).await;
    let (other, others, _) = ledger(10, 30).await;
    let topic = memory(PARTITIONS);
    let changes: Arc<dyn Log> = Arc::new(topic.clone());
    let telling = relay(&other, &changes);
    told(&other).await;
    telling.end().await;
    let before = records(&topic, Partition(0)).await;
    let telling = relay(&stack, &changes);
    decide(&stack, &mut dice, 30).await;
    let status = stack
        .status(Partition(0), |status| {
            status
                .relayed
                .as_ref()
                .is_some_and(|relayed| relayed.problem.is_some())
        })
        .await;
    let problem = status.relayed.unwrap().problem.unwrap();
    assert!(problem.contains("another history"), "{problem}");
    assert_eq!(records(&topic, Partition(0)).await, before);
    telling.end().await;
    owners.end().await;
    others.end().await;
}

#[tokio::test]
async fn who_does_not_own_a_partition_does_not_tell_it() {
    let (stack, owners, mut dice) = ledger(11, 30).await;
    let changes: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
    let telling = relay(&stack, &changes);
    told(&stack).await;
    owners.end().await;
    for partition in stack.partitions() {
        stack
            .status(partition, |status| status.relayed.is_none())
            .await;
    }
    let owners = stack.own(&Options::new("two".to_owned()));
    decide(&stack, &mut dice, 10).await;
    told(&stack).await;
    assert_eq!(whole(&stack, &*changes).await, 0);
    telling.end().await;
    owners.end().await;
}
