use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::{Offset, Partition};

use super::{Fault, MemoryLog, Options};
use crate::conformance::{PARTITIONS, Place};
use crate::{AppendError, Bounds, Log, Record, TailError};

const FIRST: Partition = Partition(0);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 1_999).unwrap()
}

/// A log whose clock moves on by a second with each append.
fn log() -> MemoryLog {
    let seconds = AtomicI64::new(1_000);
    let options = Options {
        partitions: PARTITIONS,
        ..Options::default()
    };
    MemoryLog::new(options, move || at(seconds.fetch_add(1, Ordering::Relaxed)))
}

fn record(value: &str) -> Vec<Record> {
    vec![Record {
        value: value.as_bytes().to_vec(),
        ..Record::default()
    }]
}

#[async_trait]
impl Place for MemoryLog {
    async fn open(&self) -> Arc<dyn Log> {
        Arc::new(self.clone())
    }
}

crate::conformance_tests!(async { log() });

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_lie_side_by_side() {
    crate::conformance::batches_lie_side_by_side(&log()).await;
}

#[tokio::test]
async fn faults_happen_in_the_order_in_which_they_were_ordered() {
    let log = log();
    for fault in [
        Fault::NotAppended,
        Fault::LostBeforeAppend,
        Fault::LostAfterAppend,
    ] {
        assert!(log.order(FIRST, fault));
    }
    let refused = log.append(FIRST, record("refused")).await;
    assert!(
        matches!(refused, Err(AppendError::NotAppended { .. })),
        "{refused:?}"
    );
    for name in ["lost before", "lost after"] {
        let lost = log.append(FIRST, record(name)).await;
        assert!(
            matches!(lost, Err(AppendError::MaybeAppended { .. })),
            "{lost:?}"
        );
    }
    let appended = log.append(FIRST, record("kept")).await.unwrap();
    assert_eq!(appended[0].offset, Offset(1));
    let first = log.read(FIRST, Offset(0)).await.unwrap().unwrap();
    assert_eq!(first.record.value, b"lost after");
}

#[tokio::test]
async fn the_clock_can_step_back_for_one_append() {
    let log = log();
    assert_eq!(
        log.append(FIRST, record("a")).await.unwrap()[0].time,
        at(1_000) - nanos()
    );
    assert!(log.order(FIRST, Fault::ClockOff(TimeDelta::hours(-1))));
    let back = log.append(FIRST, record("b")).await.unwrap()[0].time;
    assert_eq!(back, at(1_001) - nanos() - TimeDelta::hours(1));
    assert_eq!(
        log.append(FIRST, record("c")).await.unwrap()[0].time,
        at(1_002) - nanos()
    );
}

/// What is below a microsecond in the clock of these tests.
fn nanos() -> TimeDelta {
    TimeDelta::nanoseconds(999)
}

#[tokio::test]
async fn a_full_log_refuses_and_keeps_what_it_has() {
    let record_bytes = record("a")[0].size();
    let options = Options {
        partitions: 1,
        partition_bytes_max: 2 * record_bytes,
    };
    let log = MemoryLog::new(options, || at(0));
    log.append(FIRST, record("a")).await.unwrap();
    let two = [record("b"), record("c")].concat();
    let refused = log.append(FIRST, two).await;
    assert!(
        matches!(refused, Err(AppendError::NotAppended { .. })),
        "{refused:?}"
    );
    assert_eq!(
        log.append(FIRST, record("d")).await.unwrap()[0].offset,
        Offset(1)
    );
}

#[tokio::test]
async fn a_truncation_ends_the_tails_beyond_it() {
    let log = log();
    for name in ["a", "b", "c"] {
        log.append(FIRST, record(name)).await.unwrap();
    }
    let mut beyond = log.tail(FIRST, Offset(3)).await.unwrap();
    let mut within = log.tail(FIRST, Offset(0)).await.unwrap();
    let truncating = async { log.truncate(FIRST, Offset(1)) };
    let (ended, ()) = tokio::join!(beyond.next(10), truncating);
    let held = Bounds {
        low: Offset(0),
        high: Offset(1),
    };
    assert!(
        matches!(ended, Err(TailError::OutOfRange { from: Offset(3), bounds }) if bounds == held),
        "{ended:?}"
    );
    assert_eq!(within.next(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_broken_tail_stays_broken_and_another_one_works() {
    let log = log();
    log.append(FIRST, record("a")).await.unwrap();
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    log.break_tails(FIRST);
    for _ in 0..2 {
        let broken = tail.next(10).await;
        assert!(
            matches!(broken, Err(TailError::Unavailable { .. })),
            "{broken:?}"
        );
    }
    assert_eq!(
        log.tail(FIRST, Offset(0))
            .await
            .unwrap()
            .next(10)
            .await
            .unwrap()
            .len(),
        1
    );
}
