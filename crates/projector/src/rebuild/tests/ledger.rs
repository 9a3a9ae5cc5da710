//! `writ rebuild`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use writ_domain::Partition;
use writ_envelope::restore::{Mark, Seal};
use writ_log::Log;
use writ_log::Record;
use writ_log::memory::{MemoryLog, Options};
use writ_store::Store;

use super::dice::Dice;
use super::world::{
    Ledger, assert_filled, assert_same, assert_verified, changes, empty, execute, map, new_log,
    now, partitions, sweep_all,
};
use crate::rebuild::{Error, Phase, Report, run};

pub(super) const OUTCOMES: [&str; 7] = [
    "applied",
    "denied",
    "duplicate",
    "expired",
    "invalid",
    "rejected",
    "unchanged",
];

async fn folded(seed: u64, records: usize) -> (Ledger, Dice) {
    let mut dice = Dice::new(seed);
    let ledger = Ledger::own(&new_log(), empty().await, 37).await;
    ledger.append(&mut dice, records).await;
    ledger.decide_all().await;
    (ledger, dice)
}

async fn rebuild(
    store: &Store,
    log: &Arc<MemoryLog>,
    changes: Option<Arc<dyn Log>>,
) -> Result<Report, Error> {
    let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(log);
    let stop = CancellationToken::new();
    run(store, log, changes, &map(), &|_, _, _| (), &stop).await
}

#[tokio::test]
async fn the_rebuilt_ledger_has_the_rows_of_the_live_one() {
    let (live, mut dice) = folded(1, 3_000).await;
    let outcomes: BTreeSet<&str> = {
        let entries = live.entries.lock().unwrap();
        entries.iter().map(|entry| entry.outcome.kind()).collect()
    };
    assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), OUTCOMES);

    let rebuilt = empty().await;
    let report = rebuild(&rebuilt, &live.log, None).await.unwrap();
    assert_eq!((report.is_clean(), report.entries()), (true, 3_000));
    assert!(report.partitions.iter().all(|one| one.compared.is_none()));
    assert_same(&live.store, &rebuilt).await;
    assert_filled(&rebuilt, &[]).await;
    assert_verified(&rebuilt, &*live.log).await;

    // The owner goes on where the rebuild ended, and the sweep finds what is dead.
    let rebuilt = Ledger::own(&live.log, rebuilt, 200).await;
    live.append(&mut dice, 700).await;
    live.decide_all().await;
    rebuilt.decide_all().await;
    assert_same(&live.store, &rebuilt.store).await;
    for store in [&live.store, &rebuilt.store] {
        sweep_all(store).await;
    }
    assert_same(&live.store, &rebuilt.store).await;
    assert_verified(&rebuilt.store, &*live.log).await;
}

#[tokio::test]
async fn an_empty_log_is_rebuilt_to_an_empty_ledger() {
    let store = empty().await;
    let report = rebuild(&store, &new_log(), Some(changes([]).await))
        .await
        .unwrap();
    assert_eq!((report.is_clean(), report.entries()), (true, 0));
    store.check_schema().await.unwrap();
}

#[tokio::test]
async fn what_was_told_is_compared_up_to_where_the_relay_came() {
    let (live, _) = folded(2, 900).await;
    let mut messages = live.told();
    let all = messages.len();
    // The relay of each partition had not come to the end, and had sent some of it twice.
    let mut told: Vec<(Partition, Record)> = Vec::new();
    for partition in partitions() {
        let mut of_it: Vec<_> = messages.extract_if(.., |(p, _)| *p == partition).collect();
        of_it.truncate(of_it.len() - 20);
        let again: Vec<_> = of_it[50..90].to_vec();
        of_it.splice(90..90, again);
        told.extend(of_it);
    }
    let rebuilt = empty().await;
    let report = rebuild(&rebuilt, &live.log, Some(changes(told).await))
        .await
        .unwrap();
    assert!(report.is_clean(), "{report:?}");
    let compared = report.partitions.iter().map(|one| one.compared.unwrap());
    let (entries, repeats) = compared.fold((0, 0), |(entries, repeats), one| {
        (entries + one.entries, repeats + one.repeats)
    });
    assert_eq!((entries, repeats), (all as u64 - 40, 80));
    assert_same(&live.store, &rebuilt).await;
}

/// What differs from what was told, when `change` was done to the messages.
async fn differences(
    live: &Ledger,
    change: impl FnOnce(&mut Vec<(Partition, Record)>),
) -> (Store, Vec<String>) {
    let mut messages = live.told();
    change(&mut messages);
    let rebuilt = empty().await;
    let report = rebuild(&rebuilt, &live.log, Some(changes(messages).await))
        .await
        .unwrap();
    let differences = report
        .partitions
        .into_iter()
        .flat_map(|one| one.differences.first)
        .collect();
    (rebuilt, differences)
}

fn header<'a>(record: &'a mut Record, name: &str) -> &'a mut Vec<u8> {
    let mut headers = record.headers.iter_mut();
    &mut headers.find(|(known, _)| known == name).unwrap().1
}

#[tokio::test]
async fn another_hash_than_the_one_told_leaves_the_ledger_closed() {
    let (live, _) = folded(3, 300).await;
    let (rebuilt, found) = differences(&live, |messages| {
        let hash = header(&mut messages[7].1, "ce_hash");
        hash[0] = if hash[0] == b'0' { b'1' } else { b'0' };
    })
    .await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("entry 0-8 was told with hash"),
        "{found:?}"
    );
    let refused = rebuilt.check_schema().await.unwrap_err();
    assert!(refused.to_string().contains("writ rebuild"), "{refused}");
    // A person may decide to do without the comparison.
    rebuild(&rebuilt, &live.log, None).await.unwrap();
    assert_same(&live.store, &rebuilt).await;
}

#[tokio::test]
async fn an_entry_that_was_told_and_is_not_in_the_log_is_found() {
    let (live, _) = folded(4, 300).await;
    let last = live.log.bounds(Partition(1)).await.unwrap().high;
    let gone = live
        .log
        .read(Partition(1), last.previous().unwrap())
        .await
        .unwrap();
    assert!(gone.is_some());
    live.log.truncate(Partition(1), last.previous().unwrap());
    let (_, found) = differences(&live, |_| ()).await;
    assert_eq!(
        found,
        [format!("entry 1-{last} was told and is not in the log")]
    );
}

#[tokio::test]
async fn entries_that_were_left_out_and_messages_that_tell_none_are_found() {
    let (live, _) = folded(5, 300).await;
    let (_, found) = differences(&live, |messages| {
        messages.remove(10);
        messages[0].0 = Partition(1);
        messages[1].1.headers.clear();
    })
    .await;
    // Without their first message, entries 1, 2 and 11 of partition 0 were left out; in
    // partition 1 the misplaced message comes first.
    assert_eq!(
        found,
        [
            "change at offset 0 of partition 0 tells no entry",
            "entry 0-1 was not told, 0-3 was",
            "entry 0-2 was not told, 0-3 was",
            "entry 0-11 was not told, 0-12 was",
            "change at offset 0 of partition 1 tells entry 0-1",
        ]
    );
}

/// The log anew from the entries, as a restore writes it.
async fn restored(live: &Ledger) -> Arc<MemoryLog> {
    let log = new_log();
    let mut entries = live.entries.lock().unwrap().clone();
    entries.sort_by_key(|entry| entry.position);
    for partition in partitions() {
        let mut seal = Seal {
            partition,
            records: 0,
            chain: writ_envelope::Hash::ZERO,
        };
        for entry in entries
            .iter()
            .filter(|entry| entry.position.partition == partition)
        {
            let offset = entry.offset;
            let mut record = live
                .log
                .read(partition, offset)
                .await
                .unwrap()
                .unwrap()
                .record;
            let mark = Mark {
                position: entry.position,
                time: entry.time,
                chain: entry.chain,
            };
            record.headers.extend(mark.headers());
            log.append(partition, vec![record]).await.unwrap();
            seal.records = entry.position.seq.0;
            seal.chain = entry.chain;
        }
        let record = Record {
            key: seal.key(),
            value: seal.encode(),
            headers: Vec::new(),
        };
        log.append(partition, vec![record]).await.unwrap();
    }
    log
}

#[tokio::test]
async fn a_log_that_was_restored_is_rebuilt_to_the_same_entries() {
    let (live, mut dice) = folded(6, 400).await;
    let log = restored(&live).await;
    let told = changes(live.told()).await;
    let rebuilt = empty().await;
    let report = rebuild(&rebuilt, &log, Some(told)).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.entries(), 402, "the seals are entries");
    // As an owner folds the same log.
    let again = Ledger::own(&log, empty().await, 37).await;
    again.decide_all().await;
    assert_same(&again.store, &rebuilt).await;
    // And both go on.
    let rebuilt = Ledger::own(&log, rebuilt, 200).await;
    again.append(&mut dice, 100).await;
    again.decide_all().await;
    rebuilt.decide_all().await;
    assert_same(&again.store, &rebuilt.store).await;
}

/// Rebuilds and is killed when it has told of `phase` so often; whether it came to that.
async fn killed(store: &Store, log: &Arc<MemoryLog>, phase: Phase, after: usize) -> bool {
    let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(log);
    let (times, now) = (AtomicUsize::new(0), Notify::new());
    let told = |at: Phase, _, _| {
        if at == phase && times.fetch_add(1, Ordering::Relaxed) + 1 == after {
            now.notify_one();
        }
    };
    let stop = CancellationToken::new();
    let map = map();
    let running = run(store, log, None, &map, &told, &stop);
    tokio::select! {
        biased;
        () = now.notified() => true,
        ended = running => {
            ended.unwrap();
            false
        }
    }
}

#[tokio::test]
async fn killed_at_any_moment_it_is_run_again() {
    let (live, _) = folded(7, 500).await;
    let rebuilt = empty().await;
    for (phase, after) in [
        (Phase::Fold, 1),
        (Phase::Fold, 2),
        (Phase::Index, 1),
        (Phase::Index, 9),
        (Phase::Index, 20),
    ] {
        assert!(
            killed(&rebuilt, &live.log, phase, after).await,
            "{phase:?} {after}"
        );
        rebuilt.check_schema().await.unwrap_err();
    }
    let report = rebuild(&rebuilt, &live.log, None).await.unwrap();
    assert!(report.is_clean());
    assert_same(&live.store, &rebuilt).await;
}

#[tokio::test]
async fn a_rebuild_that_loses_its_connections_is_run_again() {
    let (live, _) = folded(8, 500).await;
    let rebuilt = empty().await;
    let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(&live.log);
    let reached = Notify::new();
    let told = |phase, _, _| {
        if phase == Phase::Index {
            reached.notify_one();
        }
    };
    let kill = async {
        reached.notified().await;
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'writ-rebuild%'";
        execute(rebuilt.config(), all).await;
    };
    let (stop, map) = (CancellationToken::new(), map());
    let running = run(&rebuilt, log, None, &map, &told, &stop);
    let (ended, ()) = tokio::join!(running, kill);
    assert!(matches!(ended, Err(Error::Store(_))), "{ended:?}");
    rebuilt.check_schema().await.unwrap_err();
    rebuild(&rebuilt, &live.log, None).await.unwrap();
    assert_same(&live.store, &rebuilt).await;
}

#[tokio::test]
async fn asked_to_stop_it_stops_and_is_run_again() {
    let (live, _) = folded(9, 200).await;
    let rebuilt = empty().await;
    let stop = CancellationToken::new();
    stop.cancel();
    let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(&live.log);
    let ended = run(&rebuilt, log, None, &map(), &|_, _, _| (), &stop).await;
    assert!(matches!(ended, Err(Error::Stopped)), "{ended:?}");
    rebuild(&rebuilt, &live.log, None).await.unwrap();
    assert_same(&live.store, &rebuilt).await;
}

#[tokio::test]
async fn a_record_that_halts_owners_ends_a_rebuild() {
    let (live, _) = folded(10, 100).await;
    let newer = Record {
        key: b"alpha".to_vec(),
        value: br#"{"v":2,"something":"new"}"#.to_vec(),
        headers: Vec::new(),
    };
    live.log.append(Partition(0), vec![newer]).await.unwrap();
    let ended = rebuild(&empty().await, &live.log, None).await;
    let Err(Error::Halted { partition, source }) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(partition, Partition(0));
    assert!(source.to_string().contains("version 2"), "{source}");
}

#[tokio::test]
async fn a_ledger_with_entries_is_not_rebuilt() {
    let (live, _) = folded(11, 50).await;
    let refused = rebuild(&live.store, &live.log, None).await;
    let not_empty = writ_store::rebuild::Error::NotEmpty;
    assert_eq!(refused.unwrap_err().to_string(), not_empty.to_string());
    assert_verified(&live.store, &*live.log).await;
    let other: Arc<dyn Log> = Arc::new(MemoryLog::new(Options::default(), now));
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new(
        Options {
            partitions: 3,
            ..Options::default()
        },
        now,
    ));
    let stop = CancellationToken::new();
    let refused = run(
        &empty().await,
        log,
        Some(other),
        &map(),
        &|_, _, _| (),
        &stop,
    )
    .await;
    assert!(
        matches!(
            refused,
            Err(Error::Partitions {
                changes: 2,
                commands: 3
            })
        ),
        "{refused:?}"
    );
}
