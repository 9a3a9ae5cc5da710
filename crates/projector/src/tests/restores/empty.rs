//! Partitions without a record: what moves of them, and what does not.

use std::sync::Arc;

use writ_domain::{Partition, Submission};
use writ_envelope::restore::SEAL_KIND;
use writ_log::Log;

use super::super::dice::Dice;
use super::super::world::{Stack, memory};
use super::{FIRST, PARTITIONS, clean, goes_on, lengths, options, postgres, silent};
use crate::Options;
use crate::restore::{self, Report};

const SECOND: Partition = Partition(1);

/// The partitions that take nothing but what was restored, up to the seal.
async fn restoring(stack: &Stack) -> Vec<bool> {
    let client = stack.store.client().await.unwrap();
    let sql = "SELECT restoring FROM ledger_cursor ORDER BY partition";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Of a log that is written to memory, copied there, or copied to tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Restore,
    Copy,
    CopyToTables,
}

async fn goes(way: Way, stack: &mut Stack) -> Report {
    let to: Arc<dyn Log> = match way {
        Way::Restore | Way::Copy => Arc::new(memory(PARTITIONS)),
        Way::CopyToTables => Arc::new(postgres(stack).await),
    };
    let options = restore::Options {
        retire: way == Way::CopyToTables,
        ..options()
    };
    let report = match way {
        Way::Restore => restore::run(&stack.store, &*to, &options, &silent).await,
        Way::Copy | Way::CopyToTables => {
            restore::copy(&stack.store, (&*stack.log, &*to), &options, &silent).await
        }
    };
    stack.log = to;
    report.unwrap()
}

async fn high(stack: &Stack, partition: Partition) -> u64 {
    stack.log.bounds(partition).await.unwrap().high.0
}

/// A mark in the first record is what says that a log was restored; without a record there is
/// nothing to say, and nothing to end.
#[tokio::test]
async fn an_empty_partition_needs_no_seal_and_is_decided_from_its_first_record() {
    for way in [Way::Restore, Way::Copy, Way::CopyToTables] {
        let mut stack = Stack::on(Arc::new(memory(PARTITIONS))).await;
        let mut dice = Dice(31);
        let map = stack.map();
        let (first, second): (Vec<_>, Vec<_>) = (0..80)
            .map(|_| dice.submission())
            .partition(|submission| map.partition_of(&submission.stamp.tenant) == FIRST);
        let owners = stack.own(&Options::new("before".to_owned()));
        stack.append(&second).await;
        stack.decide_all().await;
        owners.end().await;

        let report = goes(way, &mut stack).await;
        let empty = report.partitions[0];
        assert_eq!((empty.records, empty.written), (0, 0), "{way:?}");
        assert_eq!(high(&stack, FIRST).await, 0, "{way:?}");
        assert_eq!(
            high(&stack, SECOND).await,
            second.len() as u64 + 1,
            "{way:?}"
        );
        assert_eq!(restoring(&stack).await, [false, true], "{way:?}");

        let owners = stack.own(&Options::new("after".to_owned()));
        stack.append(&first).await;
        stack.decide_all().await;
        owners.end().await;
        clean(&stack).await;
        assert_eq!(restoring(&stack).await, [false, false], "{way:?}");
        let entries = stack.raw(FIRST).await;
        assert_eq!(entries.len(), first.len(), "{way:?}: no seal among them");
        assert!(entries.iter().all(|entry| entry.kind != SEAL_KIND));
        // Not empty any more, it gets one.
        goes(Way::Restore, &mut stack).await;
        assert_eq!(high(&stack, FIRST).await, first.len() as u64 + 1, "{way:?}");
        goes_on(&stack, &mut dice).await;
    }
}

#[tokio::test]
async fn a_ledger_without_an_entry_moves_without_a_record() {
    for way in [Way::Restore, Way::Copy, Way::CopyToTables] {
        let mut stack = Stack::on(Arc::new(memory(PARTITIONS))).await;
        goes(way, &mut stack).await;
        for partition in stack.partitions() {
            assert_eq!(high(&stack, partition).await, 0, "{way:?}");
        }
        assert_eq!(restoring(&stack).await, [false, false], "{way:?}");
        let submissions: Vec<Submission> = {
            let mut dice = Dice(32);
            (0..20).map(|_| dice.submission()).collect()
        };
        let owners = stack.own(&Options::new("after".to_owned()));
        stack.append(&submissions).await;
        stack.decide_all().await;
        owners.end().await;
        clean(&stack).await;
        assert_eq!(lengths(&stack).await.iter().sum::<usize>(), 20, "{way:?}");
    }
}
