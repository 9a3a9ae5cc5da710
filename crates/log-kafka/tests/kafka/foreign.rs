//! Records that others wrote, and ours as others read them.

use core::time::Duration;

use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, OwnedHeaders, Timestamp};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};
use tokio::time::timeout;
use writ_domain::Offset;
use writ_log::{Log as _, Record, TailError};
use writ_log_kafka::KafkaLog;

use crate::raw;
use crate::support::{FIRST, LONG, Topic, append, client};

#[tokio::test]
async fn what_is_absent_in_a_foreign_record_is_read_as_empty() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let producer: BaseProducer = client().create().unwrap();
    let nothing = OwnedHeaders::new().insert(Header::<&[u8]> {
        key: "none",
        value: None,
    });
    let bare = BaseRecord::<[u8], [u8]>::to(&topic.name).partition(0);
    producer.send(bare).unwrap();
    let headed = BaseRecord::<[u8], [u8]>::to(&topic.name)
        .partition(0)
        .headers(nothing);
    producer.send(headed).unwrap();
    producer.flush(LONG).unwrap();
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let taken = timeout(LONG, tail.try_next(10)).await.unwrap().unwrap();
    let records: Vec<&Record> = taken.iter().map(|logged| &logged.record).collect();
    let headed = Record {
        headers: vec![("none".to_owned(), Vec::new())],
        ..Record::default()
    };
    assert_eq!(records, [&Record::default(), &headed]);
    assert_eq!(log.read(FIRST, Offset(1)).await.unwrap().unwrap(), taken[1]);
}

/// Brokers take a header whose name is not text. It must not end whoever reads it.
#[tokio::test]
async fn a_header_whose_name_is_not_text_stops_nobody() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    raw::produce(
        &topic.name,
        &[(b"good", b"1"), (&[0xc3, 0x28], b"2"), (b"\0", b"3")],
    );
    append(&log, &["after"]).await;
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let taken = timeout(LONG, tail.try_next(10)).await.unwrap().unwrap();
    assert_eq!(taken.len(), 2);
    let header = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    // Names end where C strings do; only ours are written so that this does not matter.
    let headers = [
        header("good", b"1"),
        header("\u{fffd}", b""),
        header("", b"3"),
    ];
    assert_eq!(taken[0].record.headers, headers);
    assert_eq!(log.read(FIRST, Offset(0)).await.unwrap().unwrap(), taken[0]);
}

#[tokio::test]
async fn others_read_our_records_as_they_are() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let record = Record {
        key: b"tenant".to_vec(),
        value: b"{\"command\":1}".to_vec(),
        headers: vec![
            ("writ-command-id".to_owned(), b"id".to_vec()),
            ("empty".to_owned(), Vec::new()),
        ],
    };
    let appended = log.append(FIRST, vec![record]).await.unwrap()[0];
    let consumer: BaseConsumer = client().set("group.id", "other").create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(&topic.name, 0, KafkaOffset::Beginning)
        .unwrap();
    consumer.assign(&list).unwrap();
    let message = consumer.poll(LONG).unwrap().unwrap();
    assert_eq!(message.offset(), 0);
    assert_eq!(message.key(), Some(&b"tenant"[..]));
    assert_eq!(message.payload(), Some(&b"{\"command\":1}"[..]));
    let headers = message.headers().unwrap();
    let read: Vec<_> = headers
        .iter()
        .map(|header| (header.key, header.value))
        .collect();
    let (id, empty) = (Some(&b"id"[..]), Some(&b""[..]));
    assert_eq!(read, [("writ-command-id", id), ("empty", empty)]);
    let millis = appended.time.timestamp_millis();
    assert_eq!(message.timestamp(), Timestamp::LogAppendTime(millis));
    assert_eq!(appended.time.timestamp_subsec_nanos() % 1_000_000, 0);
}

/// Marks of transactions take offsets. Nobody of ours writes them; the hole is not passed over.
#[tokio::test]
async fn a_hole_is_never_passed_over() {
    let topic = Topic::create().await;
    let mut options = topic.options();
    options.cluster.answer_timeout = Duration::from_secs(3);
    let log = KafkaLog::connect(options).await.unwrap();
    let producer: BaseProducer = client()
        .set("transactional.id", &topic.name)
        .create()
        .unwrap();
    producer.init_transactions(LONG).unwrap();
    for name in ["a", "b"] {
        producer.begin_transaction().unwrap();
        let record = BaseRecord::<[u8], str>::to(&topic.name)
            .partition(0)
            .payload(name);
        producer.send(record).unwrap();
        producer.commit_transaction(LONG).unwrap();
    }
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let broken = timeout(LONG, async {
        loop {
            match tail.next(1).await {
                Ok(taken) => assert_eq!(taken[0].offset, Offset(0)),
                Err(error) => return error,
            }
        }
    });
    let broken = broken.await.unwrap();
    assert!(
        matches!(
            broken,
            TailError::Corrupt {
                offset: Offset(1),
                ..
            }
        ),
        "{broken:?}"
    );
    let read = timeout(LONG, log.read(FIRST, Offset(1))).await.unwrap();
    assert!(
        matches!(
            read,
            Err(writ_log::ReadError::Corrupt {
                offset: Offset(1),
                ..
            })
        ),
        "{read:?}"
    );
    let mut at_end = log.tail(FIRST, Offset(3)).await.unwrap();
    let waited = timeout(LONG, at_end.try_next(1)).await.unwrap();
    assert!(waited.is_err(), "a mark is no record: {waited:?}");
}
