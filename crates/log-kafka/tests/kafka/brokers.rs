//! What happens when brokers fail: with librdkafka's mock of a cluster, which does so on request.

use core::error::Error as _;
use core::time::Duration;

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tokio::time::timeout;
use writ_domain::Offset;
use writ_log::{AppendError, Log as _, TailError};
use writ_log_kafka::{Cluster, KafkaLog, Options};

use crate::support::{FIRST, LONG, append, eventually, record, values};

const TOPIC: &str = "mocked";

struct Mock(MockCluster<'static, DefaultProducerContext>);

impl Mock {
    fn new(brokers: i32) -> Self {
        let cluster = MockCluster::new(brokers).unwrap();
        cluster.create_topic(TOPIC, 1, brokers).unwrap();
        cluster.partition_leader(TOPIC, 0, Some(1)).unwrap();
        Self(cluster)
    }

    async fn log(&self, change: impl FnOnce(&mut Options)) -> KafkaLog {
        let cluster = Cluster::new(self.0.bootstrap_servers());
        let mut options = Options::new(cluster, TOPIC);
        change(&mut options);
        KafkaLog::connect(options).await.unwrap()
    }
}

#[tokio::test]
async fn a_tail_never_survives_the_loss_of_its_connection() {
    let mock = Mock::new(1);
    let log = mock.log(|_options| {}).await;
    append(&log, &["a"]).await;
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
    mock.0.broker_down(1).unwrap();
    mock.0.broker_up(1).unwrap();
    let error = timeout(LONG, tail.next(10)).await.unwrap().unwrap_err();
    assert!(matches!(error, TailError::Unavailable { .. }), "{error:?}");
    // Whoever asks again gets another tail, when there is a broker again.
    append(&log, &["b"]).await;
    assert!(tail.try_next(10).await.is_err());
    let mut tail = log.tail(FIRST, Offset(1)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
    assert_eq!(values(&log).await, ["a", "b"]);
}

/// Where other brokers stand, librdkafka connects again and goes on without a word.
#[tokio::test]
async fn a_tail_never_survives_the_loss_of_its_leader() {
    let mock = Mock::new(3);
    let log = mock.log(|_options| {}).await;
    append(&log, &["a"]).await;
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
    mock.0.broker_down(1).unwrap();
    mock.0.broker_up(1).unwrap();
    append(&log, &["b"]).await;
    let error = timeout(LONG, tail.next(10)).await.unwrap().unwrap_err();
    assert!(matches!(error, TailError::Unavailable { .. }), "{error:?}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("may be another log"), "{cause}");
}

/// The old leader may live on, and its connection with it: it was cut off from the others, or stood
/// still. What the new one has is another log if it lagged, and librdkafka follows it in silence.
#[tokio::test]
async fn a_tail_never_follows_another_leader() {
    // One that has brought nothing yet, and one that has.
    for from in [2, 1] {
        let mock = Mock::new(3);
        let log = mock.log(|_options| {}).await;
        append(&log, &["a", "b"]).await;
        let mut tail = log.tail(FIRST, Offset(from)).await.unwrap();
        let brought = tail.try_next(10).await.unwrap().len() as u64;
        assert_eq!(from + brought, 2);
        mock.0.partition_leader(TOPIC, 0, Some(2)).unwrap();
        append(&log, &["c"]).await;
        let next = timeout(LONG, tail.next(10)).await.unwrap();
        let error = next.expect_err("it went on in silence");
        assert!(matches!(error, TailError::Unavailable { .. }), "{error:?}");
        assert!(tail.try_next(10).await.is_err());
    }
}

/// One of three machines away is everyday life.
#[tokio::test]
async fn a_tail_does_without_brokers_that_it_does_not_need() {
    let mock = Mock::new(3);
    let log = mock.log(|_options| {}).await;
    append(&log, &["a"]).await;
    mock.0.broker_down(2).unwrap();
    mock.0.broker_down(3).unwrap();
    eventually(async || log.bounds(FIRST).await, Result::is_ok)
        .await
        .unwrap();
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    assert_eq!(
        timeout(LONG, tail.next(10)).await.unwrap().unwrap().len(),
        1
    );
    for name in ["b", "c", "d"] {
        append(&log, &[name]).await;
        assert_eq!(
            timeout(LONG, tail.next(10)).await.unwrap().unwrap().len(),
            1
        );
    }
}

#[tokio::test]
async fn an_append_without_brokers_fails_in_time_and_later_ones_succeed() {
    let mock = Mock::new(1);
    let log = mock
        .log(|options| {
            options.message_timeout = Duration::from_secs(3);
            options.cluster.answer_timeout = Duration::from_secs(3);
        })
        .await;
    append(&log, &["a"]).await;
    mock.0.broker_down(1).unwrap();
    let lost = timeout(LONG, log.append(FIRST, vec![record("b")]))
        .await
        .unwrap();
    assert!(
        matches!(lost, Err(AppendError::MaybeAppended { .. })),
        "{lost:?}"
    );
    assert!(log.bounds(FIRST).await.is_err());
    mock.0.broker_up(1).unwrap();
    let again = async || log.append(FIRST, vec![record("c")]).await;
    eventually(again, Result::is_ok).await.unwrap();
    eventually(async || log.bounds(FIRST).await, Result::is_ok)
        .await
        .unwrap();
    assert_eq!(values(&log).await.last().map(String::as_str), Some("c"));
}

/// A producer that gave up for ever does not take the log with it.
#[tokio::test]
async fn a_producer_that_failed_for_good_is_replaced() {
    for gapless in [false, true] {
        let mock = Mock::new(1);
        let log = mock.log(|options| options.gapless = gapless).await;
        append(&log, &["a"]).await;
        let refusal = if gapless {
            // Definite for a record, and so a gap.
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
        } else {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER
        };
        let produce = RDKafkaApiKey::Produce;
        mock.0.request_errors(produce, &[refusal]);
        let refused = log.append(FIRST, vec![record("b")]).await;
        assert!(
            matches!(refused, Err(AppendError::MaybeAppended { .. })),
            "{refused:?}"
        );
        append(&log, &["c"]).await;
        assert_eq!(values(&log).await, ["a", "c"], "gapless: {gapless}");
    }
}

#[tokio::test]
async fn a_read_survives_the_loss_of_its_connection() {
    let mock = Mock::new(1);
    let log = mock.log(|_options| {}).await;
    append(&log, &["a"]).await;
    for _ in 0..2 {
        let read = log.read(FIRST, Offset(0)).await.unwrap().unwrap();
        assert_eq!(read.record, record("a"));
        mock.0.broker_down(1).unwrap();
        mock.0.broker_up(1).unwrap();
        eventually(async || log.bounds(FIRST).await, Result::is_ok)
            .await
            .unwrap();
    }
}
