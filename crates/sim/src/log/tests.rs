//! That the log of the world is a log, and fails as one.

use chrono::{DateTime, Utc};
use writ_domain::{Offset, Partition};
use writ_log::{Bounds, Record, TailError};

use super::Topic;
use crate::Moment;

const P: Partition = Partition(0);
const NOW: Moment = Moment(1_000);

fn record(value: &str) -> Record {
    Record {
        value: value.as_bytes().to_vec(),
        ..Record::default()
    }
}

fn topic(values: &[&str]) -> Topic {
    let mut topic = Topic::new(1);
    for value in values {
        topic
            .append(P, vec![record(value)], DateTime::<Utc>::UNIX_EPOCH)
            .unwrap();
    }
    topic
}

fn values(topic: &mut Topic, tail: super::TailId, now: Moment) -> Vec<String> {
    let records = topic.next(tail, 10, now).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    records
        .iter()
        .map(|logged| text(&logged.record.value))
        .collect()
}

#[test]
fn a_tail_returns_each_record_once_in_order() {
    let mut topic = topic(&["a", "b", "c"]);
    let tail = topic.tail(P, Offset(1), NOW).unwrap();
    assert_eq!(values(&mut topic, tail, NOW), ["b", "c"]);
    assert!(!topic.is_ready(tail, NOW));
    topic
        .append(P, vec![record("d")], DateTime::<Utc>::UNIX_EPOCH)
        .unwrap();
    assert!(topic.is_ready(tail, NOW));
    assert_eq!(values(&mut topic, tail, NOW), ["d"]);
}

#[test]
fn another_leader_breaks_the_tails_of_the_former_one() {
    let mut topic = topic(&["a", "b", "c"]);
    let tail = topic.tail(P, Offset(0), NOW).unwrap();
    topic.truncate(P, Offset(1), None);
    assert!(topic.is_ready(tail, NOW), "it has its end to tell");
    let broken = topic.next(tail, 10, NOW);
    assert!(
        matches!(broken, Err(TailError::Unavailable { .. })),
        "{broken:?}"
    );
    topic
        .append(P, vec![record("x")], DateTime::<Utc>::UNIX_EPOCH)
        .unwrap();
    let again = topic.next(tail, 10, NOW);
    assert!(again.is_err(), "it stays broken: {again:?}");
    let other = topic.tail(P, Offset(0), NOW).unwrap();
    assert_eq!(values(&mut topic, other, NOW), ["a", "x"]);
}

#[test]
fn a_former_leader_is_read_for_a_while_and_then_breaks() {
    let mut topic = topic(&["a", "b"]);
    let tail = topic.tail(P, Offset(0), NOW).unwrap();
    topic.truncate(P, Offset(1), Some(Moment(2_000)));
    topic
        .append(P, vec![record("x")], DateTime::<Utc>::UNIX_EPOCH)
        .unwrap();
    assert_eq!(values(&mut topic, tail, NOW), ["a", "b"]);
    assert!(topic.next(tail, 10, Moment(2_000)).is_err());
    let other = topic.tail(P, Offset(0), Moment(2_000)).unwrap();
    assert_eq!(values(&mut topic, other, Moment(2_000)), ["a", "x"]);
}

#[test]
fn a_deleted_topic_is_missing_and_another_one_when_it_is_made_again() {
    let mut topic = topic(&["a"]);
    let generation = topic.generation(P);
    topic.delete(P);
    assert!(topic.is_missing(P) && topic.bounds(P, NOW).is_err());
    assert_eq!(
        topic.append(P, vec![record("x")], DateTime::<Utc>::UNIX_EPOCH),
        None
    );
    topic.make(P);
    let empty = Bounds {
        low: Offset(0),
        high: Offset(0),
    };
    assert_eq!(topic.bounds(P, NOW).unwrap(), empty);
    assert_ne!(topic.generation(P), generation);
}
