//! Appending: an idempotent producer, and everybody who waits for its reports.
//!
//! **Shape.** A caller takes permits for its bytes, hands its records to librdkafka in one go, and
//! waits. librdkafka reports on each record from a thread of its own; the last report answers.
//!
//! **Correctness.** What librdkafka does not take is not appended. What it took may be, whatever
//! is reported: an error may follow an answer that was lost. Permits are given back by the last
//! report, not by the caller, so that callers who leave do not let the queue grow.

mod reports;

use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};
use tracing::warn;
use writ_domain::Partition;
use writ_log::{AppendError, Appended, BATCH_BYTES_MAX, Record};

use self::reports::{Outcome, Pending, Report, Reports};
use crate::asker::blocking;
use crate::client::{Client, Voice};
use crate::error::not_made;
use crate::{Cluster, Error, Failure, wire};

/// Bytes that may be with librdkafka at a time.
const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// librdkafka's own bound, which ours is to keep it from reaching: twice as much.
const QUEUE_KBYTES: usize = 2 * QUEUE_BYTES_MAX / 1024;

/// The least that a record counts for, so that as many as fit are fewer than librdkafka takes.
const RECORD_BYTES_MIN: usize = 64;

/// More than `QUEUE_BYTES_MAX / RECORD_BYTES_MIN`.
const QUEUE_RECORDS: usize = 2_000_000;

/// How long after the producer should have reported it is no longer waited for.
const GRACE: Duration = Duration::from_secs(2);

type Producer = Client<ThreadedProducer<Reports>>;

pub(crate) struct Appender {
    config: ClientConfig,
    topic: Arc<str>,
    message_timeout: Duration,
    /// None when the log is closed.
    producer: Mutex<Option<Arc<Producer>>>,
    bytes: Arc<Semaphore>,
}

/// How handing over a batch ended.
enum Handed {
    /// All of it is under way.
    Over(oneshot::Receiver<Outcome>),
    /// Nothing was taken.
    Refused(Failure),
    /// Some was taken.
    Torn(Failure),
}

impl Appender {
    pub(crate) async fn connect(
        cluster: &Cluster,
        topic: Arc<str>,
        gapless: bool,
        message_timeout: Duration,
    ) -> Result<Self, Error> {
        let config = config(cluster, gapless, message_timeout)?;
        let made = make(config.clone()).await;
        let producer = made.map_err(|error| not_made(error, &cluster.brokers))?;
        Ok(Self {
            config,
            topic,
            message_timeout,
            producer: Mutex::new(Some(Arc::new(producer))),
            bytes: Arc::new(Semaphore::new(QUEUE_BYTES_MAX)),
        })
    }

    /// Appends a batch that is not empty, and within all limits.
    pub(crate) async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
        bytes: usize,
    ) -> Result<Vec<Appended>, AppendError> {
        let deadline = Instant::now() + self.message_timeout;
        let mut permit = Some(self.permit(bytes, deadline).await?);
        let mut producer = self.producer()?;
        let mut handed = hand_over(&producer, &self.topic, partition, &records, &mut permit);
        // A producer that has failed for good takes nothing. Another one does.
        if matches!(&handed, Handed::Refused(_)) && self.replace_failed(&producer).await {
            producer = self.producer()?;
            handed = hand_over(&producer, &self.topic, partition, &records, &mut permit);
        }
        let outcome = match handed {
            Handed::Over(answer) => self.await_answer(answer).await,
            Handed::Refused(failure) => Err(refused(failure)),
            Handed::Torn(failure) => Err(maybe_appended(failure)),
        };
        if outcome.is_err() {
            self.replace_failed(&producer).await;
        }
        outcome
    }

    /// Refuses what comes from now on, waits for what is under way, and ends the producer.
    pub(crate) async fn close(&self) {
        let producer = self
            .producer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let all = u32::try_from(QUEUE_BYTES_MAX).unwrap_or(u32::MAX);
        let deadline = Instant::now() + self.message_timeout + GRACE;
        let reported = timeout_at(deadline, self.bytes.acquire_many(all)).await;
        if reported.is_err() {
            warn!(kafka.topic = %self.topic, "appends were under way when the log was closed");
        }
        drop(producer);
    }

    async fn permit(
        &self,
        bytes: usize,
        deadline: Instant,
    ) -> Result<OwnedSemaphorePermit, AppendError> {
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        let acquiring = Arc::clone(&self.bytes).acquire_many_owned(permits);
        match timeout_at(deadline, acquiring).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_closed)) => Err(refused(Failure::new("the log is closed"))),
            Err(_elapsed) => Err(refused(Failure::new("the queue of the log stayed full"))),
        }
    }

    fn producer(&self) -> Result<Arc<Producer>, AppendError> {
        let producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        producer
            .as_ref()
            .map(Arc::clone)
            .ok_or_else(|| refused(Failure::new("the log is closed")))
    }

    async fn await_answer(
        &self,
        answer: oneshot::Receiver<Outcome>,
    ) -> Result<Vec<Appended>, AppendError> {
        let deadline = Instant::now() + self.message_timeout + GRACE;
        let outcome = match timeout_at(deadline, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_gone)) => Err(Failure::new("the producer ended without a report")),
            Err(_elapsed) => Err(Failure::new("the producer did not report in time")),
        };
        outcome.map_err(maybe_appended)
    }

    /// Puts another producer in the place of one that has failed for good; whether it did.
    async fn replace_failed(&self, failed: &Arc<Producer>) -> bool {
        let Some((code, reason)) = failed.client().fatal_error() else {
            return false;
        };
        let made = match make(self.config.clone()).await {
            Ok(made) => Arc::new(made),
            Err(error) => {
                warn!(
                    kafka.topic = %self.topic,
                    error = &error as &dyn std::error::Error,
                    "the Kafka producer failed for good and another one could not be made"
                );
                return false;
            }
        };
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        // Closed meanwhile, or replaced by another caller.
        let Some(current) = producer.as_mut() else {
            return false;
        };
        if Arc::ptr_eq(current, failed) {
            *current = made;
            warn!(
                kafka.topic = %self.topic,
                kafka.code = %code,
                "the Kafka producer failed for good and was replaced: {reason}"
            );
        }
        true
    }
}

fn config(
    cluster: &Cluster,
    gapless: bool,
    message_timeout: Duration,
) -> Result<ClientConfig, Error> {
    let mut config = cluster.config()?;
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.codec", "lz4")
        .set("linger.ms", "0")
        // While one request is under way, what comes in gathers for the next one: no pause for who
        // is alone, and few requests under load.
        .set("max.in.flight.requests.per.connection", "1")
        .set(
            "message.max.bytes",
            wire::PRODUCER_MESSAGE_BYTES.to_string(),
        )
        .set(
            "message.timeout.ms",
            message_timeout.as_millis().to_string(),
        )
        .set("queue.buffering.max.kbytes", QUEUE_KBYTES.to_string())
        .set("queue.buffering.max.messages", QUEUE_RECORDS.to_string())
        .set("retry.backoff.ms", "50");
    if gapless {
        config.set("enable.gapless.guarantee", "true");
        // SUBTLE: that guarantee does not cover records that run out of time, one by one. So none
        // does: the caller gives up, and the producer goes on trying, in order.
        config.set("message.timeout.ms", "0");
    }
    Ok(config)
}

async fn make(config: ClientConfig) -> Result<Producer, KafkaError> {
    blocking(move || {
        let reports = Reports::new(Voice::new("producer"));
        ThreadedProducer::from_config_and_context(&config, reports).map(Client::new)
    })
    .await
    .unwrap_or_else(|ended| Err(KafkaError::ClientCreation(ended.to_string())))
}

/// Gives the records to librdkafka without a pause, so that they keep their order.
fn hand_over(
    producer: &Producer,
    topic: &str,
    partition: Partition,
    records: &[Record],
    permit: &mut Option<OwnedSemaphorePermit>,
) -> Handed {
    let (answer, answered) = oneshot::channel();
    let append = Arc::new(Pending::new(records.len(), answer));
    for (index, record) in records.iter().enumerate() {
        let report = Box::new(Report::new(&append, index));
        let mut message = BaseRecord::with_opaque_to(topic, report)
            .partition(i32::from(partition.0))
            .key(record.key.as_slice())
            .payload(record.value.as_slice());
        message.headers = wire::headers(record);
        if let Err((error, _message)) = producer.send(message) {
            let failure = producer.context().voice().explain(error);
            if index == 0 {
                return Handed::Refused(failure);
            }
            append.give_up(records.len() - index);
            return Handed::Torn(failure);
        }
        if index == 0 {
            append.keep(permit.take());
        }
    }
    Handed::Over(answered)
}

fn refused(failure: Failure) -> AppendError {
    if failure.code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
        let limit_bytes = wire::PRODUCER_MESSAGE_BYTES;
        return AppendError::TooLarge { limit_bytes };
    }
    AppendError::NotAppended {
        source: failure.into_cause(),
    }
}

fn maybe_appended(failure: Failure) -> AppendError {
    AppendError::MaybeAppended {
        source: failure.into_cause(),
    }
}

const _: () = assert!(QUEUE_BYTES_MAX / RECORD_BYTES_MIN < QUEUE_RECORDS);
const _: () = assert!(BATCH_BYTES_MAX <= QUEUE_BYTES_MAX);
