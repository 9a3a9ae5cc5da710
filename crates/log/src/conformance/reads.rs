//! What reading back promises.

use writ_domain::Offset;

use super::{FIRST, Place, append, records, values};
use crate::{Bounds, Log, Record};

/// Empty parts, all 256 bytes, names that repeat, values that are not text: as they were.
pub async fn bytes_come_back_exactly(place: &dyn Place) {
    let log = place.open().await;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let header = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    let odd = vec![
        Record::default(),
        Record {
            key: every_byte.clone(),
            ..Record::default()
        },
        Record {
            value: every_byte.clone(),
            ..Record::default()
        },
        Record {
            key: vec![0],
            value: vec![0, 0],
            headers: vec![header("", b"")],
        },
        Record {
            headers: vec![
                header("twice", b"1"),
                header("once", &[0xff, 0xfe, 0x00, 0xc3]),
                header("twice", b""),
                header("twice", b"1"),
                header("Größe\u{0}\u{1f600}", &every_byte),
            ],
            ..Record::default()
        },
    ];
    log.append(FIRST, odd.clone()).await.expect("an append");
    let mut tail = log.tail(FIRST, Offset(0)).await.expect("a tail");
    let tailed: Vec<Record> = tail
        .try_next(100)
        .await
        .expect("records")
        .into_iter()
        .map(|l| l.record)
        .collect();
    assert_eq!(tailed, odd, "by tail");
    for (number, record) in odd.into_iter().enumerate() {
        let read = log
            .read(FIRST, Offset(number as u64))
            .await
            .expect("a read");
        assert_eq!(read.map(|l| l.record), Some(record), "by read");
    }
}

/// The time that the append told is the one that tail and read return, in microseconds.
pub async fn times_come_back_exactly(place: &dyn Place) {
    let log = place.open().await;
    let mut told = append(&*log, FIRST, &["a"]).await;
    told.extend(append(&*log, FIRST, &["b", "c"]).await);
    let mut tail = log.tail(FIRST, Offset(0)).await.expect("a tail");
    let tailed = tail.try_next(100).await.expect("records");
    assert_eq!(tailed.len(), told.len());
    for (appended, logged) in told.iter().zip(&tailed) {
        assert_eq!(
            (appended.offset, appended.time),
            (logged.offset, logged.time)
        );
        assert_eq!(
            logged.time.timestamp_subsec_nanos() % 1_000,
            0,
            "{}",
            logged.time
        );
        let read = log
            .read(FIRST, appended.offset)
            .await
            .expect("a read")
            .expect("a record");
        assert_eq!(&read, logged);
    }
}

/// Before the first and after the last there is nothing, and that is no error.
pub async fn a_missing_offset_reads_as_none(place: &dyn Place) {
    let log = place.open().await;
    assert_eq!(log.read(FIRST, Offset(0)).await.expect("a read"), None);
    append(&*log, FIRST, &["a"]).await;
    assert!(log.read(FIRST, Offset(0)).await.expect("a read").is_some());
    for missing in [1, 2, u64::MAX] {
        assert_eq!(
            log.read(FIRST, Offset(missing)).await.expect("a read"),
            None,
            "{missing}"
        );
    }
}

/// `high` is the next offset, `low` the first.
pub async fn bounds_follow_the_appends(place: &dyn Place) {
    let log = place.open().await;
    let bounds = |high| Bounds {
        low: Offset(0),
        high: Offset(high),
    };
    assert_eq!(log.bounds(FIRST).await.expect("bounds"), bounds(0));
    append(&*log, FIRST, &["a"]).await;
    assert_eq!(log.bounds(FIRST).await.expect("bounds"), bounds(1));
    append(&*log, FIRST, &["b", "c"]).await;
    assert_eq!(log.bounds(FIRST).await.expect("bounds"), bounds(3));
}

/// Another handle sees the same records, and goes on where the first one ended.
pub async fn a_reopened_log_shows_the_same(place: &dyn Place) {
    let log = place.open().await;
    append(&*log, FIRST, &["a", "b"]).await;
    let before = everything(&*log).await;
    drop(log);
    let log = place.open().await;
    assert_eq!(everything(&*log).await, before);
    assert_eq!(append(&*log, FIRST, &["c"]).await[0].offset, Offset(2));
    assert_eq!(values(&*log, FIRST).await, ["a", "b", "c"]);
}

/// An append that was acknowledged through one handle is seen through the other at once.
pub async fn two_handles_see_each_others_appends(place: &dyn Place) {
    let (one, other) = (place.open().await, place.open().await);
    let mut tail = other.tail(FIRST, Offset(0)).await.expect("a tail");
    for name in ["a", "b", "c"] {
        let (writer, reader) = if name == "b" {
            (&other, &one)
        } else {
            (&one, &other)
        };
        let appended = append(&**writer, FIRST, &[name]).await;
        let read = reader
            .read(FIRST, appended[0].offset)
            .await
            .expect("a read");
        assert_eq!(read.map(|l| l.record), records(&[name]).pop());
        let tailed = tail.try_next(10).await.expect("records");
        assert_eq!(tailed.len(), 1, "{name} by the tail");
    }
    assert_eq!(
        one.bounds(FIRST).await.expect("bounds"),
        other.bounds(FIRST).await.expect("bounds")
    );
}

async fn everything(log: &dyn Log) -> Vec<crate::Logged> {
    let mut tail = log.tail(FIRST, Offset(0)).await.expect("a tail");
    tail.try_next(100).await.expect("records")
}
