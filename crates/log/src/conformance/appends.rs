//! What an append promises.

use std::sync::Arc;

use tokio::task::JoinSet;
use writ_domain::{Offset, Partition};

use super::{FIRST, PARTITIONS, Place, SECOND, append, record, values};
use crate::{
    AppendError, Appended, BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Bounds, HEADERS_BYTES_MAX,
    KEY_BYTES_MAX, Log, ReadError, Record, TailError, VALUE_BYTES_MAX,
};

/// The first record is at 0, the next at 1.
pub async fn offsets_are_dense_from_zero(place: &dyn Place) {
    let log = place.open().await;
    for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
        let appended = append(&*log, FIRST, &[name]).await;
        assert_eq!(appended.len(), 1);
        assert_eq!(appended[0].offset, Offset(number as u64));
    }
    assert_eq!(values(&*log, FIRST).await, ["a", "b", "c"]);
}

/// The records of one append are told in their order, and lie in it.
pub async fn a_batch_keeps_its_order(place: &dyn Place) {
    let log = place.open().await;
    append(&*log, FIRST, &["before"]).await;
    let appended = append(&*log, FIRST, &["x", "y", "z"]).await;
    assert_eq!(appended.len(), 3);
    assert!(
        appended.is_sorted_by(|one, next| one.offset < next.offset),
        "{appended:?}"
    );
    assert_eq!(values(&*log, FIRST).await, ["before", "x", "y", "z"]);
}

/// Nothing in, nothing out, no offset spent.
pub async fn an_empty_append_appends_nothing(place: &dyn Place) {
    let log = place.open().await;
    assert_eq!(append(&*log, FIRST, &[]).await, []);
    assert_eq!(append(&*log, FIRST, &["a"]).await[0].offset, Offset(0));
}

/// Many callers over two handles: each finds its records at the offsets it was told, in the
/// order in which it appended them, whether in one append or in several.
pub async fn concurrent_appenders_keep_their_own_order(place: &dyn Place) {
    let handles = [place.open().await, place.open().await];
    let told = append_from_many(&handles).await;
    let values = values(&*handles[0], FIRST).await;
    assert_eq!(values.len(), told.iter().map(Vec::len).sum::<usize>());
    for caller in told {
        let mut previous: Option<(Offset, String)> = None;
        for (Appended { offset, .. }, name) in caller {
            assert_eq!(values[usize::try_from(offset.0).expect("small")], name);
            if let Some((before, before_name)) = previous {
                assert!(
                    before < offset,
                    "{before_name} at {before}, then {name} at {offset}"
                );
            }
            previous = Some((offset, name));
        }
    }
}

/// More than a log must promise: nobody's record lies inside another one's batch.
///
/// Not among the conformance tests; logs that append a batch as a whole call it by themselves.
pub async fn batches_lie_side_by_side(place: &dyn Place) {
    let handles = [place.open().await, place.open().await];
    for caller in append_from_many(&handles).await {
        let mut previous: Option<Offset> = None;
        for (Appended { offset, .. }, name) in caller {
            if !name.ends_with("/0") {
                assert_eq!(
                    previous.and_then(Offset::next),
                    Some(offset),
                    "nothing inside a batch: {name}"
                );
            }
            previous = Some(offset);
        }
    }
}

/// Callers who append batches of one to three records at the same time; what each was told.
async fn append_from_many(handles: &[Arc<dyn Log>]) -> Vec<Vec<(Appended, String)>> {
    const CALLERS: usize = 8;
    const ROUNDS: usize = 10;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let log = Arc::clone(&handles[caller % handles.len()]);
        callers.spawn(async move {
            let mut told = Vec::new();
            for round in 0..ROUNDS {
                let names: Vec<String> = (0..=round % 3)
                    .map(|part| format!("{caller}/{round}/{part}"))
                    .collect();
                let batch = names.iter().map(|name| record(name)).collect();
                let appended = log.append(FIRST, batch).await.expect("an append");
                assert_eq!(appended.len(), names.len());
                told.extend(appended.into_iter().zip(names));
            }
            told
        });
    }
    callers.join_all().await
}

/// What is appended to one partition is not in the other.
pub async fn partitions_are_independent(place: &dyn Place) {
    let log = place.open().await;
    assert_eq!(log.partitions(), PARTITIONS);
    append(&*log, FIRST, &["a", "b"]).await;
    let appended = append(&*log, SECOND, &["c"]).await;
    assert_eq!(appended[0].offset, Offset(0));
    assert_eq!(values(&*log, FIRST).await, ["a", "b"]);
    assert_eq!(values(&*log, SECOND).await, ["c"]);
}

/// A value, a key and headers exactly at their limits come back whole.
pub async fn a_record_at_the_limit_is_taken(place: &dyn Place) {
    let log = place.open().await;
    let name = "h".to_owned();
    let header = vec![0xfe; HEADERS_BYTES_MAX - name.len()];
    let large = Record {
        key: vec![0xff; KEY_BYTES_MAX],
        value: (0..VALUE_BYTES_MAX)
            .map(|byte| byte.to_le_bytes()[0])
            .collect(),
        headers: vec![(name, header)],
    };
    let appended = log
        .append(FIRST, vec![large.clone()])
        .await
        .expect("a record at the limits");
    let read = log
        .read(FIRST, appended[0].offset)
        .await
        .expect("a read")
        .expect("a record");
    assert!(
        read.record == large,
        "a record at the limits comes back whole"
    );
}

/// As many headers as there may be come back, even where they are empty.
pub async fn a_record_may_have_many_headers(place: &dyn Place) {
    let log = place.open().await;
    for name in ["", "\u{0}"] {
        let many = Record {
            headers: vec![(name.to_owned(), Vec::new()); HEADERS_BYTES_MAX],
            ..Record::default()
        };
        let appended = log.append(FIRST, vec![many.clone()]).await;
        let offset = appended.expect("a record of many headers")[0].offset;
        let read = log.read(FIRST, offset).await.expect("a read");
        assert!(
            read.expect("a record").record == many,
            "headers named {name:?}"
        );
        let more = Record {
            headers: vec![(name.to_owned(), Vec::new()); HEADERS_BYTES_MAX + 1],
            ..Record::default()
        };
        let refused = log.append(FIRST, vec![more]).await;
        assert!(
            matches!(
                refused,
                Err(AppendError::TooLarge {
                    limit_bytes: HEADERS_BYTES_MAX
                })
            ),
            "{refused:?}"
        );
    }
}

/// One byte more, in any part or in the sum of a batch, and nothing is appended.
pub async fn a_record_over_a_limit_is_refused(place: &dyn Place) {
    let log = place.open().await;
    let with_value = |bytes| Record {
        value: vec![7; bytes],
        ..Record::default()
    };
    let long_key = Record {
        key: vec![7; KEY_BYTES_MAX + 1],
        ..Record::default()
    };
    let headers = vec![("name".to_owned(), vec![7; HEADERS_BYTES_MAX - 3])];
    let long_headers = Record {
        headers,
        ..Record::default()
    };
    let rows = [
        (vec![with_value(VALUE_BYTES_MAX + 1)], VALUE_BYTES_MAX),
        (
            vec![record("small"), with_value(VALUE_BYTES_MAX + 1)],
            VALUE_BYTES_MAX,
        ),
        (vec![long_key], KEY_BYTES_MAX),
        (vec![long_headers], HEADERS_BYTES_MAX),
        (vec![with_value(VALUE_BYTES_MAX); 4], BATCH_BYTES_MAX),
    ];
    for (batch, limit) in rows {
        match log.append(FIRST, batch).await {
            Err(AppendError::TooLarge { limit_bytes }) => assert_eq!(limit_bytes, limit),
            other => assert!(other.is_err(), "over {limit} bytes, yet {other:?}"),
        }
    }
    let bounds = log.bounds(FIRST).await.expect("bounds");
    assert_eq!(
        bounds,
        Bounds {
            low: Offset(0),
            high: Offset(0)
        },
        "nothing was appended"
    );
}

/// A batch of the most records is taken, one more is refused.
pub async fn too_many_records_are_refused(place: &dyn Place) {
    let log = place.open().await;
    let refused = log
        .append(FIRST, vec![Record::default(); BATCH_RECORDS_MAX + 1])
        .await;
    assert!(
        matches!(
            refused,
            Err(AppendError::TooMany {
                limit_records: BATCH_RECORDS_MAX
            })
        ),
        "{refused:?}"
    );
    let taken = log
        .append(FIRST, vec![Record::default(); BATCH_RECORDS_MAX])
        .await;
    let offsets: Vec<u64> = taken
        .expect("a full batch")
        .iter()
        .map(|a| a.offset.0)
        .collect();
    assert_eq!(offsets, (0..BATCH_RECORDS_MAX as u64).collect::<Vec<_>>());
}

/// A partition that the log does not have is an error everywhere, and names itself.
pub async fn an_unknown_partition_is_refused(place: &dyn Place) {
    let log = place.open().await;
    for unknown in [Partition(PARTITIONS), Partition(u16::MAX)] {
        let appended = log.append(unknown, vec![record("a")]).await;
        assert!(
            matches!(appended, Err(AppendError::NoSuchPartition { partition, partitions })
                if partition == unknown && partitions == PARTITIONS),
            "{appended:?}"
        );
        let tail = log.tail(unknown, Offset(0)).await.map(|_tail| ());
        assert!(
            matches!(tail, Err(TailError::NoSuchPartition { .. })),
            "{tail:?}"
        );
        let bounds = log.bounds(unknown).await;
        assert!(
            matches!(bounds, Err(ReadError::NoSuchPartition { .. })),
            "{bounds:?}"
        );
        let read = log.read(unknown, Offset(0)).await;
        assert!(
            matches!(read, Err(ReadError::NoSuchPartition { .. })),
            "{read:?}"
        );
    }
}
