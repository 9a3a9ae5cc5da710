//! What a tail promises.

use core::time::Duration;
use std::sync::Arc;

use tokio::time::{Instant, timeout};
use writ_domain::Offset;

use super::{FIRST, Place, append, record};
use crate::{BATCH_BYTES_MAX, Bounds, Log, Logged, Record, Tail, TailError, VALUE_BYTES_MAX};

/// Far below the second at which a log that only polls would notice.
const AT_ONCE: Duration = Duration::from_millis(400);

/// From the beginning, from the middle, from the end.
pub async fn a_tail_begins_anywhere(place: &dyn Place) {
    let log = place.open().await;
    append(&*log, FIRST, &["a", "b", "c"]).await;
    for (from, expected) in [
        (0, &["a", "b", "c"][..]),
        (1, &["b", "c"]),
        (2, &["c"]),
        (3, &[]),
    ] {
        let mut tail = log.tail(FIRST, Offset(from)).await.expect("a tail");
        let taken = tail.try_next(10).await.expect("records");
        assert_eq!(names(&taken), expected, "from {from}");
        assert_eq!(
            taken.first().map(|l| l.offset.0),
            (from < 3).then_some(from)
        );
    }
}

/// A limit of records, and one of bytes that still lets a single record through.
pub async fn a_tail_keeps_to_its_limit(place: &dyn Place) {
    let log = place.open().await;
    append(&*log, FIRST, &["a", "b", "c", "d"]).await;
    let mut tail = log.tail(FIRST, Offset(0)).await.expect("a tail");
    // Who waits is given what came first, which may be less.
    assert_eq!(
        names(&tail.try_next(3).await.expect("records")),
        ["a", "b", "c"]
    );
    assert_eq!(names(&tail.next(0).await.expect("records")), ["d"]);

    let large = Record {
        value: vec![7; VALUE_BYTES_MAX],
        ..Record::default()
    };
    for _ in 0..5 {
        log.append(FIRST, vec![large.clone()])
            .await
            .expect("an append");
    }
    let mut read = 0;
    while read < 5 {
        let taken = tail.next(100).await.expect("records");
        let bytes: usize = taken.iter().map(|logged| logged.record.size()).sum();
        assert!(bytes <= BATCH_BYTES_MAX, "{bytes} bytes at once");
        assert_eq!(
            taken.first().map(|logged| logged.offset),
            Some(Offset(4 + read))
        );
        read += taken.len() as u64;
    }
}

/// Beyond the end there is no place to wait at.
pub async fn a_tail_outside_the_log_is_refused(place: &dyn Place) {
    let log = place.open().await;
    append(&*log, FIRST, &["a"]).await;
    let refused = log.tail(FIRST, Offset(2)).await.map(|_tail| ());
    let held = Bounds {
        low: Offset(0),
        high: Offset(1),
    };
    assert!(
        matches!(refused, Err(TailError::OutOfRange { from: Offset(2), bounds }) if bounds == held),
        "{refused:?}"
    );
}

/// Whether it waits or not, a tail on a growing log returns every record once and in order.
pub async fn a_tail_sees_every_record_once_while_it_grows(place: &dyn Place) {
    const RECORDS: u64 = 200;
    let log = place.open().await;
    let appender = async {
        for number in 0..RECORDS {
            append(&*log, FIRST, &[&number.to_string()]).await;
        }
    };
    let reader = async {
        let mut tail = log.tail(FIRST, Offset(0)).await.expect("a tail");
        let mut next = 0;
        while next < RECORDS {
            for logged in tail.next(7).await.expect("records") {
                assert_eq!(logged.offset, Offset(next));
                assert_eq!(logged.record, record(&next.to_string()));
                next += 1;
            }
        }
        assert_eq!(tail.try_next(7).await.expect("nothing more"), []);
    };
    tokio::join!(appender, reader);
}

/// A tail that waits returns when an append is made, not when it would have looked again.
pub async fn a_waiting_tail_wakes_at_once(place: &dyn Place) {
    let log = place.open().await;
    wakes_at_once(Arc::clone(&log), log).await;
}

/// The same where the append comes from another handle.
pub async fn a_waiting_tail_wakes_for_another_handle(place: &dyn Place) {
    wakes_at_once(place.open().await, place.open().await).await;
}

/// The median of several waits, so that one slow moment of the machine is not taken for polling.
async fn wakes_at_once(reader: Arc<dyn Log>, writer: Arc<dyn Log>) {
    let mut tail = reader.tail(FIRST, Offset(0)).await.expect("a tail");
    let mut waits = Vec::new();
    for round in 0..7 {
        assert_eq!(tail.try_next(1).await.expect("nothing yet"), []);
        let name = round.to_string();
        let appending = async {
            append(&*writer, FIRST, &[&name]).await;
            Instant::now()
        };
        let waiting = async {
            let taken = tail.next(1).await.expect("a record");
            (taken, Instant::now())
        };
        let ((taken, seen), appended) = tokio::join!(waiting, appending);
        assert_eq!(names(&taken), [name.as_str()]);
        waits.push(seen.saturating_duration_since(appended));
    }
    waits.sort();
    assert!(
        waits[3] < AT_ONCE,
        "waited {waits:?} after the append was acknowledged"
    );
}

/// A wait that is given up, at whatever point, has consumed nothing.
pub async fn a_dropped_wait_loses_nothing(place: &dyn Place) {
    const RECORDS: u64 = 20;
    let log = place.open().await;
    let mut tail = log.tail(FIRST, Offset(0)).await.expect("a tail");
    let mut returned = Vec::new();
    for number in 0..RECORDS {
        collect_within(&mut *tail, Duration::ZERO, &mut returned).await;
        append(&*log, FIRST, &[&number.to_string()]).await;
        let patience = Duration::from_micros(50 * number);
        collect_within(&mut *tail, patience, &mut returned).await;
    }
    while returned.len() < usize::try_from(RECORDS).expect("small") {
        returned.extend(
            tail.next(1)
                .await
                .expect("records")
                .into_iter()
                .map(|l| l.offset.0),
        );
    }
    assert_eq!(returned, (0..RECORDS).collect::<Vec<_>>());
}

/// Keeps what `next` returned if it did so in time, and drops its future otherwise.
async fn collect_within(tail: &mut dyn Tail, patience: Duration, into: &mut Vec<u64>) {
    if let Ok(taken) = timeout(patience, tail.next(1)).await {
        into.extend(
            taken
                .expect("records")
                .into_iter()
                .map(|logged| logged.offset.0),
        );
    }
}

fn names(taken: &[Logged]) -> Vec<&str> {
    taken
        .iter()
        .map(|l| core::str::from_utf8(&l.record.value).expect("a name"))
        .collect()
}
