//! One record at one offset.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};
use tokio::sync::Mutex;
use writ_domain::{Offset, Partition};
use writ_log::{Logged, ReadError};

use crate::Failure;
use crate::asker::blocking;
use crate::client::{Client, Voice};
use crate::wire;

type Consumer = Client<BaseConsumer<Voice>>;

/// Reads records one at a time, over a consumer that it keeps.
pub(crate) struct Reader {
    config: ClientConfig,
    topic: Arc<str>,
    timeout: Duration,
    /// Taken out for each read, so that one that is given up takes its consumer along.
    idle: Mutex<Option<Consumer>>,
}

/// Why a read brought nothing.
enum Unread {
    /// Another consumer may do better.
    Failed(Failure),
    /// What is there is not to be read.
    Corrupt(String),
}

impl Reader {
    pub(crate) fn new(config: ClientConfig, topic: Arc<str>, timeout: Duration) -> Self {
        Self {
            config,
            topic,
            timeout,
            idle: Mutex::new(None),
        }
    }

    /// The record at `offset`, which MUST be within the bounds of the partition.
    pub(crate) async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Logged, ReadError> {
        let mut idle = self.idle.lock().await;
        let kept = idle.take();
        let was_kept = kept.is_some();
        let (mut read, mut consumer) = self.attempt(kept, partition, offset).await;
        // Its connection may have ended long ago; that says nothing about the log.
        if was_kept && matches!(read, Err(Unread::Failed(_))) {
            (read, consumer) = self.attempt(None, partition, offset).await;
        }
        if read.is_ok() {
            *idle = consumer;
        }
        read.map_err(|unread| match unread {
            Unread::Failed(failure) => ReadError::Unavailable {
                source: failure.into_cause(),
            },
            Unread::Corrupt(problem) => ReadError::Corrupt {
                partition,
                offset,
                problem,
            },
        })
    }

    /// Ends the consumer that is kept.
    pub(crate) async fn close(&self) {
        *self.idle.lock().await = None;
    }

    async fn attempt(
        &self,
        kept: Option<Consumer>,
        partition: Partition,
        offset: Offset,
    ) -> (Result<Logged, Unread>, Option<Consumer>) {
        let (config, topic, timeout) = (self.config.clone(), Arc::clone(&self.topic), self.timeout);
        let read = blocking(move || {
            let consumer = match kept {
                Some(consumer) => consumer,
                None => match open(&config) {
                    Ok(consumer) => consumer,
                    Err(failure) => return (Err(Unread::Failed(failure)), None),
                },
            };
            let read = read_one(&consumer, &topic, partition, offset, timeout);
            (read, Some(consumer))
        });
        read.await
            .unwrap_or_else(|failure| (Err(Unread::Failed(failure)), None))
    }
}

fn open(config: &ClientConfig) -> Result<Consumer, Failure> {
    BaseConsumer::from_config_and_context(config, Voice::new("reader"))
        .map(Client::new)
        .map_err(Failure::from)
}

fn read_one(
    consumer: &Consumer,
    topic: &str,
    partition: Partition,
    offset: Offset,
    timeout: Duration,
) -> Result<Logged, Unread> {
    let failed = |error| Unread::Failed(consumer.context().explain(error));
    let place = assignment(topic, partition, offset).map_err(Unread::Failed)?;
    consumer.assign(&place).map_err(failed)?;
    let read = await_record(consumer, partition, offset, timeout);
    // So that nothing more is fetched until the next read.
    consumer.unassign().map_err(failed)?;
    read
}

fn await_record(
    consumer: &Consumer,
    partition: Partition,
    offset: Offset,
    timeout: Duration,
) -> Result<Logged, Unread> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let failure = Failure::new("the record did not come in time");
            return Err(Unread::Failed(consumer.context().explain(failure)));
        }
        let message = match consumer.poll(left) {
            None => continue,
            Some(Err(error)) if is_of_one_broker(&Failure::from(error.clone())) => continue,
            Some(Err(error)) => return Err(Unread::Failed(consumer.context().explain(error))),
            Some(Ok(message)) => message,
        };
        if message.partition() != i32::from(partition.0) {
            continue;
        }
        let logged = wire::logged(&message).map_err(|error| Unread::Corrupt(error.to_string()))?;
        // Later ones come where the offset is that of a mark of a transaction.
        return if logged.offset == offset {
            Ok(logged)
        } else {
            let found = logged.offset;
            Err(Unread::Corrupt(format!("the next record is at {found}")))
        };
    }
}

/// Where a consumer is to read from.
pub(crate) fn assignment(
    topic: &str,
    partition: Partition,
    offset: Offset,
) -> Result<TopicPartitionList, Failure> {
    let from = i64::try_from(offset.0)
        .map_err(|_beyond| Failure::new(format!("Kafka has no offset {offset}")))?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, i32::from(partition.0), KafkaOffset::Offset(from))?;
    Ok(list)
}

/// Whether an error is about reaching one broker, while others may do.
pub(crate) fn is_of_one_broker(failure: &Failure) -> bool {
    use rdkafka::types::RDKafkaErrorCode as Code;
    matches!(
        failure.code(),
        Some(
            Code::BrokerTransportFailure
                | Code::Resolve
                | Code::OperationTimedOut
                | Code::TimedOutQueue
                | Code::Authentication
                | Code::SSL
        )
    )
}
