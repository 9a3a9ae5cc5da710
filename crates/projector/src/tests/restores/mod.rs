//! Writing the log anew, and moving to another: what is equal afterwards, and what is refused.

mod empty;

use core::time::Duration;
use std::sync::Arc;

use tokio::sync::Notify;
use writ_domain::{Offset, Partition, Submission};
use writ_envelope::Hash;
use writ_envelope::restore::{Mark, SEAL_KIND, Seal};
use writ_log::memory::{Fault, MemoryLog};
use writ_log::{Log, Record};
use writ_log_postgres::PostgresLog;

use super::dice::Dice;
use super::logs::{Hooked, nothing, records};
use super::world::{Stack, execute, memory, record};
use crate::Options;
use crate::restore::{self, Error, Progress, Report};

const PARTITIONS: u16 = 2;
const FIRST: Partition = Partition(0);

fn silent(_: Progress) {}

/// Small pages, so that a few records are many appends.
fn options() -> restore::Options {
    restore::Options {
        patience: Duration::from_millis(500),
        page_records_max: 16,
        ..restore::Options::new("restore".to_owned())
    }
}

async fn restored(stack: &Stack, log: &dyn Log) -> Result<Report, Error> {
    restore::run(&stack.store, log, &options(), &silent).await
}

/// What no command role appends: broken ones, forged marks, forged seals.
fn odd_records() -> Vec<Record> {
    let forged = Mark {
        position: "0-3".parse().unwrap(),
        time: super::world::now(),
        chain: Hash([7; 32]),
    };
    let mut marked = record(&Dice(99).submission());
    marked.headers = forged.headers().to_vec();
    let seal = Seal {
        partition: FIRST,
        records: 1,
        chain: Hash([7; 32]),
    };
    let sealed = Record {
        key: seal.key(),
        value: seal.encode(),
        headers: Vec::new(),
    };
    let broken = Record {
        key: b"x".to_vec(),
        value: b"{\"v\":1".to_vec(),
        headers: vec![("traceparent".to_owned(), b"00-".to_vec())],
    };
    vec![marked, sealed, broken]
}

/// A ledger of two partitions with a history, whose owners have stopped.
async fn history(seed: u64, commands: usize) -> (Stack, Dice) {
    let stack = Stack::on(Arc::new(memory(PARTITIONS))).await;
    let mut dice = Dice(seed);
    let owners = stack.own(&Options::new("before".to_owned()));
    let submissions: Vec<Submission> = (0..commands).map(|_| dice.submission()).collect();
    let (early, late) = submissions.split_at(commands / 2);
    stack.append(early).await;
    for partition in stack.partitions() {
        let odd = odd_records();
        stack.log.append(partition, odd).await.unwrap();
    }
    stack.append(late).await;
    stack.decide_all().await;
    owners.end().await;
    for partition in stack.partitions() {
        assert!(stack.raw(partition).await.len() > commands / 10);
    }
    (stack, dice)
}

/// Decides what is there, then some more commands; everything is as if nothing had happened.
async fn goes_on(stack: &Stack, dice: &mut Dice) {
    let before: Vec<usize> = lengths(stack).await;
    let owners = stack.own(&Options::new("after".to_owned()));
    let submissions: Vec<Submission> = (0..40).map(|_| dice.submission()).collect();
    stack.append(&submissions).await;
    stack.decide_all().await;
    owners.end().await;
    for (partition, before) in stack.partitions().zip(before) {
        let entries = stack.raw(partition).await;
        let kinds: Vec<&str> = entries[before..].iter().map(|e| e.kind.as_str()).collect();
        let seals = kinds.iter().filter(|kind| **kind == SEAL_KIND).count();
        assert_eq!((kinds[0], seals), (SEAL_KIND, 1), "the seal comes first");
        let sealed = &entries[before];
        assert_eq!(sealed.outcome_json, r#"{"type":"unchanged"}"#);
        assert_eq!(sealed.tenant.as_str(), format!("~{partition}"));
        for (entry, seq) in entries.iter().zip(1..) {
            assert_eq!((entry.position.seq.0, entry.offset.0), (seq, seq - 1));
        }
    }
    clean(stack).await;
}

async fn lengths(stack: &Stack) -> Vec<usize> {
    let mut lengths = Vec::new();
    for partition in stack.partitions() {
        lengths.push(stack.raw(partition).await.len());
    }
    lengths
}

/// Nothing differs between log, entries and views.
async fn clean(stack: &Stack) {
    for report in stack.verify_all().await {
        assert_eq!(report.differences, Vec::<String>::new());
        assert_eq!(report.folded, report.views);
    }
}

#[tokio::test]
async fn a_lost_log_is_restored_and_decided_on() {
    let (mut stack, mut dice) = history(1, 200).await;
    let views: Vec<Hash> = stack.verify_all().await.iter().map(|r| r.views).collect();
    stack.log = Arc::new(memory(PARTITIONS));
    let told = std::sync::Mutex::new(Vec::new());
    let report = restore::run(&stack.store, &*stack.log, &options(), &|progress| {
        told.lock().unwrap().push(progress);
    })
    .await
    .unwrap();
    for (restored, length) in report.partitions.iter().zip(lengths(&stack).await) {
        let length = u64::try_from(length).unwrap();
        assert_eq!((restored.records, restored.written), (length, length));
        let partition = restored.partition;
        let high = stack.log.bounds(partition).await.unwrap().high;
        assert_eq!(high.0, length + 1, "the records and the seal");
        let last = Progress {
            partition,
            done: length,
            total: length,
        };
        assert!(told.lock().unwrap().contains(&last));
    }
    let after: Vec<Hash> = stack.verify_all().await.iter().map(|r| r.views).collect();
    assert_eq!(after, views, "nothing is decided by a restore");
    clean(&stack).await;
    goes_on(&stack, &mut dice).await;
}

#[tokio::test]
async fn a_ledger_is_decided_again_from_a_log_that_was_restored_twice() {
    let (mut stack, mut dice) = history(2, 150).await;
    for _ in 0..2 {
        stack.log = Arc::new(memory(PARTITIONS));
        restored(&stack, &*stack.log).await.unwrap();
        goes_on(&stack, &mut dice).await;
    }
    let mut again = Stack::on(Arc::clone(&stack.log)).await;
    let options = Options {
        batch_records_max: 9,
        ..Options::new("again".to_owned())
    };
    let owners = again.own(&options);
    again.decide_all().await;
    owners.end().await;
    for partition in stack.partitions() {
        assert_eq!(again.raw(partition).await, stack.raw(partition).await);
    }
    clean(&again).await;
    // And that one is as good as the first.
    again.log = Arc::new(memory(PARTITIONS));
    restored(&again, &*again.log).await.unwrap();
    goes_on(&again, &mut dice).await;
}

#[tokio::test]
async fn killed_at_any_append_it_is_carried_on() {
    let (stack, _) = history(3, 100).await;
    let whole = Arc::new(Hooked::new(memory(PARTITIONS), nothing(), nothing()));
    restored(&stack, &*whole).await.unwrap();
    let appends = whole.appends();
    assert!(appends > 8, "{appends} appends");
    for killed in 0..appends {
        for is_before in [true, false] {
            let target = memory(PARTITIONS);
            let now = Arc::new(Notify::new());
            let (hook, other) = (hang(killed, &now), nothing());
            let (before, after) = if is_before {
                (hook, other)
            } else {
                (other, hook)
            };
            let log = Hooked::new(target.clone(), before, after);
            tokio::select! {
                ended = restored(&stack, &log) => panic!("{killed}: {ended:?}"),
                () = now.notified() => {}
            }
            release(&stack).await;
            let report = restored(&stack, &target).await.unwrap();
            for partition in &report.partitions {
                assert!(!partition.was_there);
                let number = partition.partition;
                assert_eq!(
                    records(&target, number).await,
                    records(&whole.log, number).await,
                    "{killed} {is_before}"
                );
            }
        }
    }
    // Once more, on the last one: nothing is to be done.
    let (mut stack, mut dice) = (stack, Dice(33));
    stack.log = Arc::new(memory(PARTITIONS));
    restored(&stack, &*stack.log).await.unwrap();
    let report = restored(&stack, &*stack.log).await.unwrap();
    assert!(
        report
            .partitions
            .iter()
            .all(|p| p.was_there && p.written == 0)
    );
    goes_on(&stack, &mut dice).await;
}

/// Hangs at one append, and says so.
fn hang(at: u64, now: &Arc<Notify>) -> super::logs::Hook {
    let now = Arc::clone(now);
    Box::new(move |number| {
        let now = Arc::clone(&now);
        Box::pin(async move {
            if number == at {
                now.notify_one();
                core::future::pending::<()>().await;
            }
        })
    })
}

/// A process that was killed gives nothing back: its leases end.
async fn release(stack: &Stack) {
    execute(
        &stack.config,
        "UPDATE ledger_cursor SET lease_until = 'epoch'",
    )
    .await;
}

#[tokio::test]
async fn appends_that_fail_or_lose_their_answer_are_looked_for() {
    let (mut stack, mut dice) = history(4, 60).await;
    let log = memory(PARTITIONS);
    for fault in [
        Fault::NotAppended,
        Fault::LostAfterAppend,
        Fault::LostBeforeAppend,
    ] {
        assert!(log.order(FIRST, fault));
    }
    stack.log = Arc::new(log);
    restored(&stack, &*stack.log).await.unwrap();
    goes_on(&stack, &mut dice).await;
}

#[tokio::test]
async fn a_log_that_holds_something_else_is_refused_and_the_ledger_stays() {
    let (stack, mut dice) = history(5, 60).await;
    let ordinary = || record(&Dice(5).submission());
    let begun = memory(PARTITIONS);
    restored(&stack, &begun).await.unwrap();
    let prefix = records(&begun, FIRST).await;
    let other_seal = Seal {
        partition: FIRST,
        records: 3,
        chain: Hash::ZERO,
    };
    let other_seal = Record {
        key: other_seal.key(),
        value: other_seal.encode(),
        headers: Vec::new(),
    };
    let anchored = Arc::clone(&stack.log);
    restore::copy(&stack.store, (&begun, &*anchored), &options(), &silent)
        .await
        .unwrap_err();
    for (at, foreign) in [
        (0, ordinary()),
        (7, ordinary()),
        (7, prefix[8].clone()),
        (prefix.len() - 1, ordinary()),
        (prefix.len() - 1, other_seal),
    ] {
        let log = memory(PARTITIONS);
        log.append(FIRST, prefix[..at].to_vec()).await.unwrap();
        log.append(FIRST, vec![foreign]).await.unwrap();
        let refused = restored(&stack, &log).await.unwrap_err();
        let offset = Offset(u64::try_from(at).unwrap());
        assert!(
            matches!(refused, Error::Foreign { partition: FIRST, offset: o } if o == offset),
            "{at}: {refused:?}"
        );
    }
    let mut stack = stack;
    stack.log = Arc::new(begun);
    goes_on(&stack, &mut dice).await;
}

#[tokio::test]
async fn what_comes_behind_the_seal_is_left_to_be_decided() {
    let (mut stack, mut dice) = history(6, 60).await;
    let whole = memory(PARTITIONS);
    restored(&stack, &whole).await.unwrap();
    // Killed before its last transaction; somebody begins to use the log.
    let copy = memory(PARTITIONS);
    for partition in stack.partitions() {
        let all = records(&whole, partition).await;
        copy.append(partition, all).await.unwrap();
    }
    stack.log = Arc::new(copy);
    let submissions: Vec<Submission> = (0..10).map(|_| dice.submission()).collect();
    stack.append(&submissions).await;
    let report = restored(&stack, &*stack.log).await.unwrap();
    assert!(
        report
            .partitions
            .iter()
            .all(|p| !p.was_there && p.written == 0)
    );
    goes_on(&stack, &mut dice).await;
}

#[tokio::test]
async fn somebody_who_appends_meanwhile_is_noticed() {
    let (stack, _) = history(7, 60).await;
    for at in [0, 2] {
        let log = memory(PARTITIONS);
        let intruder = log.clone();
        let before: super::logs::Hook = Box::new(move |number| {
            let intruder = intruder.clone();
            Box::pin(async move {
                if number == at {
                    let foreign = vec![record(&Dice(7).submission())];
                    intruder.append(FIRST, foreign).await.unwrap();
                }
            })
        });
        let hooked = Hooked::new(log, before, nothing());
        let refused = restored(&stack, &hooked).await.unwrap_err();
        assert!(
            matches!(
                refused,
                Error::Intruder {
                    partition: FIRST,
                    ..
                }
            ),
            "{refused:?}"
        );
    }
    clean(&stack).await;
}

#[tokio::test]
async fn one_that_loses_a_lease_changes_nothing() {
    let (stack, mut dice) = history(8, 60).await;
    let config = stack.config.clone();
    let before: super::logs::Hook = Box::new(move |number| {
        let config = config.clone();
        Box::pin(async move {
            if number == 3 {
                let take = "UPDATE ledger_cursor SET owner = 'thief', owner_epoch = owner_epoch + 1 \
                            WHERE partition = 1";
                execute(&config, take).await;
            }
        })
    });
    let log = Hooked::new(memory(PARTITIONS), before, nothing());
    let lost = restored(&stack, &log).await.unwrap_err();
    assert!(matches!(lost, Error::Lease(_)), "{lost:?}");
    release(&stack).await;
    let owners = stack.own(&Options::new("after".to_owned()));
    stack.append(&[dice.submission(), dice.submission()]).await;
    stack.decide_all().await;
    owners.end().await;
    clean(&stack).await;
}

#[tokio::test]
async fn it_waits_for_owners_and_not_for_ever() {
    let (stack, _) = history(9, 20).await;
    let owners = stack.own(&Options::new("alive".to_owned()));
    for partition in stack.partitions() {
        stack.status(partition, |status| status.owned).await;
    }
    let refused = restored(&stack, &memory(PARTITIONS)).await.unwrap_err();
    assert!(matches!(refused, Error::Owned { .. }), "{refused:?}");
    owners.end().await;
    restored(&stack, &memory(PARTITIONS)).await.unwrap();
}

#[tokio::test]
async fn a_damaged_entry_is_not_restored() {
    let (stack, _) = history(10, 40).await;
    for damage in [
        "UPDATE ledger_entry SET record_value = 'x' WHERE partition = 0 AND seq = 5",
        "DELETE FROM ledger_entry WHERE partition = 0 AND seq = 3",
    ] {
        execute(&stack.config, damage).await;
        let refused = restored(&stack, &memory(PARTITIONS)).await.unwrap_err();
        assert!(matches!(refused, Error::Entry { .. }), "{refused:?}");
    }
}

#[tokio::test]
async fn only_a_log_that_is_wholly_decided_is_copied() {
    let (mut stack, mut dice) = history(11, 60).await;
    let copied = async |stack: &Stack, to: &MemoryLog| {
        restore::copy(&stack.store, (&*stack.log, to), &options(), &silent).await
    };
    let one = memory(PARTITIONS);
    stack.append(&[dice.submission()]).await;
    let refused = copied(&stack, &one).await.unwrap_err();
    assert!(
        matches!(refused, Error::Undecided { records: 1, .. }),
        "{refused:?}"
    );
    let owners = stack.own(&Options::new("before".to_owned()));
    stack.decide_all().await;
    owners.end().await;
    // One that is appended while it is copied.
    let log = Arc::clone(&stack.log);
    let late = record(&dice.submission());
    let before: super::logs::Hook = Box::new(move |number| {
        let (log, late) = (Arc::clone(&log), late.clone());
        Box::pin(async move {
            if number == 1 {
                log.append(FIRST, vec![late]).await.unwrap();
            }
        })
    });
    let hooked = Hooked::new(one.clone(), before, nothing());
    let refused = restore::copy(&stack.store, (&*stack.log, &hooked), &options(), &silent).await;
    assert!(
        matches!(refused, Err(Error::Undecided { records: 1, .. })),
        "{refused:?}"
    );
    let owners = stack.own(&Options::new("before".to_owned()));
    stack.decide_all().await;
    owners.end().await;
    // What was begun is carried on with what was decided since.
    copied(&stack, &one).await.unwrap();
    let old = Arc::clone(&stack.log);
    stack.log = Arc::new(one);
    goes_on(&stack, &mut dice).await;
    let to = memory(PARTITIONS);
    let refused = restore::copy(&stack.store, (&*old, &to), &options(), &silent).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, Error::OldLog(_)), "{refused:?}");
}

/// The log in tables of the ledger's own database, made where there is none.
async fn postgres(stack: &Stack) -> PostgresLog {
    let options = writ_log_postgres::Options::new(PARTITIONS);
    PostgresLog::create(stack.config.clone(), &options)
        .await
        .unwrap();
    PostgresLog::connect(stack.config.clone(), options)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_ledger_moves_to_postgres_and_back_and_there_again() {
    let (mut stack, mut dice) = history(12, 120).await;
    let retiring = restore::Options {
        retire: true,
        ..options()
    };
    let mut old = Arc::clone(&stack.log);
    for round in 1..=3_u32 {
        let tables: Arc<dyn Log> = Arc::new(postgres(&stack).await);
        let report = restore::copy(&stack.store, (&*old, &*tables), &retiring, &silent)
            .await
            .unwrap();
        assert_eq!(report.retired, (round > 1).then(|| round - 1));
        stack.log = tables;
        clean(&stack).await;
        goes_on(&stack, &mut dice).await;
        // Another handle, as another process has it.
        stack.log = Arc::new(postgres(&stack).await);
        clean(&stack).await;
        let memory: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
        restore::copy(&stack.store, (&*stack.log, &*memory), &retiring, &silent)
            .await
            .unwrap();
        stack.log = Arc::clone(&memory);
        goes_on(&stack, &mut dice).await;
        old = memory;
    }
    // What was put aside is all there, and stays as it is.
    let delete = "DO $$ BEGIN \
                      DELETE FROM log_record_retired_1; RAISE 'deleted'; \
                  EXCEPTION WHEN raise_exception THEN \
                      IF SQLERRM = 'deleted' THEN RAISE; END IF; \
                  END $$";
    execute(&stack.config, delete).await;
    let again = postgres(&stack).await;
    let truncate = delete.replace("DELETE FROM log_record_retired_1", "TRUNCATE log_record");
    execute(&stack.config, &truncate).await;
    drop(again);
}

#[tokio::test]
async fn a_log_in_postgres_with_what_nobody_decided_is_not_put_aside() {
    let (mut stack, mut dice) = history(13, 60).await;
    let tables: Arc<dyn Log> = Arc::new(postgres(&stack).await);
    let retiring = restore::Options {
        retire: true,
        ..options()
    };
    let old = Arc::clone(&stack.log);
    restore::copy(&stack.store, (&*old, &*tables), &retiring, &silent)
        .await
        .unwrap();
    stack.log = Arc::clone(&tables);
    goes_on(&stack, &mut dice).await;
    let next: Arc<dyn Log> = Arc::new(memory(PARTITIONS));
    restore::copy(&stack.store, (&*tables, &*next), &retiring, &silent)
        .await
        .unwrap();
    // Somebody still appends to the old one.
    stack.append(&[dice.submission()]).await;
    stack.log = Arc::clone(&next);
    goes_on(&stack, &mut dice).await;
    let refused = restore::copy(&stack.store, (&*next, &*tables), &retiring, &silent).await;
    assert!(
        matches!(
            refused,
            Err(Error::Foreign { .. } | Error::Undecided { .. })
        ),
        "{refused:?}"
    );
    clean(&stack).await;
}
