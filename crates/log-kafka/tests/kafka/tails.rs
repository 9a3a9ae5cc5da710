//! What breaks a tail, and what is left of one.

use core::time::Duration;
use std::fs;
use std::sync::Mutex;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};
use tokio::time::timeout;
use writ_domain::Offset;
use writ_log::{Bounds, Log as _, ReadError, Tail, TailError};

use crate::support::{FIRST, LONG, Topic, admin, answered, append, client, eventually, record};

async fn broken(tail: &mut dyn Tail) -> TailError {
    timeout(LONG, tail.next(10)).await.unwrap().unwrap_err()
}

#[tokio::test]
async fn a_tail_breaks_when_its_topic_is_deleted_and_stays_broken() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    append(&log, &["a"]).await;
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
    topic.delete().await;
    let error = broken(&mut *tail).await;
    assert!(matches!(error, TailError::Unavailable { .. }), "{error:?}");
    for _ in 0..2 {
        let still = tail.try_next(10).await;
        assert!(
            matches!(still, Err(TailError::Unavailable { .. })),
            "{still:?}"
        );
    }
}

/// Whoever follows can tell a log that is gone from one that does not answer.
#[tokio::test]
async fn a_topic_that_is_not_there_is_missing() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    append(&log, &["a"]).await;
    assert_eq!(log.bounds(FIRST).await.unwrap().high, Offset(1));
    topic.delete().await;
    let asked = eventually(|| log.bounds(FIRST), Result::is_err).await;
    assert!(matches!(asked, Err(ReadError::Missing { .. })), "{asked:?}");
    let Err(refused) = log.tail(FIRST, Offset(1)).await else {
        panic!("it is followed");
    };
    assert!(matches!(refused, TailError::Missing { .. }), "{refused:?}");
    let read = log.read(FIRST, Offset(0)).await;
    assert!(matches!(read, Err(ReadError::Missing { .. })), "{read:?}");
    topic.make().await;
    let bounds = eventually(|| log.bounds(FIRST), Result::is_ok).await;
    assert_eq!(bounds.unwrap().high, Offset(0));
}

/// A topic of the same name that is long enough to go on reading is not gone on reading.
#[tokio::test]
async fn a_tail_breaks_when_its_topic_is_made_anew_and_longer() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    append(&log, &["a", "b"]).await;
    let mut tail = log.tail(FIRST, Offset(1)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
    // As fast as can be, so that the tail hardly finds the topic missing.
    topic.make_anew().await;
    append(&*topic.log().await, &["x", "y", "z"]).await;
    let error = broken(&mut *tail).await;
    assert!(
        matches!(
            error,
            TailError::Unavailable { .. }
                | TailError::Missing { .. }
                | TailError::OutOfRange { .. }
        ),
        "{error:?}"
    );
}

/// The line by which a tail knows it, where it did not find the topic missing. Not an interface:
/// should librdkafka say it otherwise, `signs` must learn to read that.
#[tokio::test]
async fn librdkafka_tells_its_log_that_a_topic_was_made_anew() {
    let topic = Topic::create().await;
    let mut config = client();
    config
        .set("debug", "metadata")
        .set_log_level(RDKafkaLogLevel::Debug);
    let producer: BaseProducer<Lines> = config.create_with_context(Lines::default()).unwrap();
    let record = BaseRecord::<[u8], str>::to(&topic.name)
        .partition(0)
        .payload("a");
    assert!(producer.send(record).is_ok());
    producer.flush(LONG).unwrap();
    topic.make_anew().await;
    producer
        .client()
        .fetch_metadata(Some(&topic.name), LONG)
        .unwrap();
    let told = async || {
        producer.poll(Duration::from_millis(10));
        let lines = producer.context().0.lock().unwrap();
        let told = format!("Topic {} changed id from ", topic.name);
        let of_ids = lines.iter().filter_map(|(facility, line)| {
            let (_, ids) = line.split_once(&told)?;
            (facility == "METADATA").then(|| ids.to_owned())
        });
        of_ids.collect::<Vec<_>>()
    };
    let ids = eventually(told, |ids| ids.len() > 1).await;
    assert!(ids[0].starts_with("AAAAAAAAAAAAAAAAAAAAAA "), "{ids:?}");
    assert!(!ids[1].starts_with("AAAAAAAAAAAAAAAAAAAAAA "), "{ids:?}");
}

/// What librdkafka says, by facility.
#[derive(Default)]
struct Lines(Mutex<Vec<(String, String)>>);

impl ClientContext for Lines {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, message: &str) {
        let line = (facility.to_owned(), message.to_owned());
        self.0.lock().unwrap().push(line);
    }
}

impl ProducerContext for Lines {
    type DeliveryOpaque = ();

    fn delivery(&self, _delivery: &DeliveryResult<'_>, _opaque: ()) {}
}

#[tokio::test]
async fn a_log_that_lost_its_beginning_says_so() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    append(&log, &["a", "b", "c"]).await;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&topic.name, 0, KafkaOffset::Offset(2))
        .unwrap();
    admin().delete_records(&list, &answered()).await.unwrap();
    let held = Bounds {
        low: Offset(2),
        high: Offset(3),
    };
    let seen = eventually(
        async || log.bounds(FIRST).await.unwrap(),
        |seen| seen.low.0 > 0,
    )
    .await;
    assert_eq!(seen, held);
    let refused = log.tail(FIRST, Offset(1)).await.map(|_tail| ());
    assert!(
        matches!(refused, Err(TailError::OutOfRange { from: Offset(1), bounds }) if bounds == held),
        "{refused:?}"
    );
    assert_eq!(log.read(FIRST, Offset(1)).await.unwrap(), None);
    let read = log.read(FIRST, Offset(2)).await.unwrap().unwrap();
    assert_eq!(read.record, record("c"));
    let mut tail = log.tail(FIRST, Offset(2)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
}

/// The connection of a tail that nobody asks may end without a word.
#[tokio::test]
async fn a_tail_that_was_left_alone_does_not_go_on() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    append(&log, &["a"]).await;
    let mut tail = log.tail(FIRST, Offset(1)).await.unwrap();
    assert_eq!(tail.try_next(10).await.unwrap(), []);
    // To wait for long is not to leave it alone.
    let waiting = async {
        let waited = timeout(Duration::from_millis(1), tail.next(10)).await;
        assert!(waited.is_err(), "{waited:?}");
    };
    waiting.await;
    assert_eq!(tail.try_next(10).await.unwrap(), []);
    pass(Duration::from_mins(1)).await;
    let error = tail.next(10).await.unwrap_err();
    assert!(matches!(error, TailError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_tail_that_waits_for_long_goes_on() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let mut waiting = Box::pin(tail.next(10));
    let soon = timeout(Duration::from_millis(1), &mut waiting).await;
    assert!(soon.is_err(), "{soon:?}");
    pass(Duration::from_hours(1)).await;
    drop(waiting);
    append(&log, &["a"]).await;
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
}

/// Lets time pass for us, though not for Kafka.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tails_that_are_dropped_leave_nothing_behind() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    append(&log, &["a"]).await;
    log.read(FIRST, Offset(0)).await.unwrap();
    let settled = threads();
    for round in 0..10 {
        let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
        if round % 2 == 0 {
            assert_eq!(tail.next(10).await.unwrap().len(), 1);
        }
        drop(tail);
    }
    // Each of them had four or more.
    eventually(async || threads(), |now| *now <= settled + 4).await;
    drop(log);
    eventually(async || threads(), |now| *now < settled).await;
}

/// How many threads this process has, those of librdkafka among them.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}
