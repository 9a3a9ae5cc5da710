//! The log itself: opened, asked, closed.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use rdkafka::config::ClientConfig;
use writ_domain::{Offset, Partition};
use writ_log::{
    AppendError, Appended, Bounds, Log, Logged, ReadError, Record, Tail, TailError, check_batch,
};

use crate::appender::Appender;
use crate::asker::Asker;
use crate::reader::Reader;
use crate::tail::{self, KafkaTail};
use crate::topics::{self, Examiner, Warning};
use crate::{Cluster, Error, Failure};

/// Which topic, and how the log behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the topic is.
    pub cluster: Cluster,
    /// The topic's name.
    pub topic: String,
    /// Whether a record that the brokers refused fails all that are under way behind it:
    /// `enable.gapless.guarantee`. For what one writer appends in order. Its records never run out
    /// of time: after `message_timeout` the append answers that it does not know, and the producer
    /// goes on trying.
    ///
    /// It does not cover records that ran out of time. A writer whose records must have no gap
    /// MUST have one append under way at a time, and look at the log after an error.
    pub gapless: bool,
    /// How long the producer tries to append a record. It MUST be below the deadline of whoever
    /// waits for the record.
    pub message_timeout: Duration,
}

impl Options {
    /// The log in `topic`, whose appends fail after 8 s.
    #[must_use]
    pub fn new(cluster: Cluster, topic: impl Into<String>) -> Self {
        Self {
            cluster,
            topic: topic.into(),
            gapless: false,
            message_timeout: Duration::from_secs(8),
        }
    }
}

/// A log in a topic of Kafka. It needs a tokio runtime.
pub struct KafkaLog {
    topic: Arc<str>,
    partitions: u16,
    answer_timeout: Duration,
    appender: Appender,
    asker: Asker,
    reader: Reader,
    examiner: Examiner,
    tail: ClientConfig,
}

impl KafkaLog {
    /// Opens the log in a topic that MUST be there.
    ///
    /// The topic has the number of partitions that it has; whether that is the right one, and
    /// whether the topic is fit to be a log, [`recheck`](Self::recheck) says.
    pub async fn connect(options: Options) -> Result<Self, Error> {
        let Options {
            cluster,
            topic,
            gapless,
            message_timeout,
        } = options;
        let asker = Asker::connect(&cluster, &topic).await?;
        let topic: Arc<str> = topic.into();
        let partitions = asker.layout().await?.partitions;
        let appender =
            Appender::connect(&cluster, Arc::clone(&topic), gapless, message_timeout).await?;
        let examiner = Examiner::connect(&cluster, asker.clone()).await?;
        let consumer = consumer(&cluster)?;
        let mut single = consumer.clone();
        single.set("queued.min.messages", "1");
        let answer_timeout = cluster.answer_timeout;
        Ok(Self {
            partitions,
            answer_timeout,
            appender,
            asker,
            reader: Reader::new(single, Arc::clone(&topic), answer_timeout),
            examiner,
            tail: tail::config(&consumer),
            topic,
        })
    }

    /// Whether the topic is there, and still fit to be this log; what should be better.
    ///
    /// To be called at the start and every few seconds, since anybody with the right to may
    /// change a topic's settings: Kafka would then delete old records, or take other people's
    /// times. A handful of requests, some milliseconds.
    pub async fn recheck(&self) -> Result<Vec<Warning>, Error> {
        let expected = Some(self.partitions);
        let checked = topics::examine(&self.examiner, &self.topic, expected).await?;
        Ok(checked.warnings)
    }

    /// Appends what was handed over before the call, refuses what comes after it, and
    /// disconnects.
    ///
    /// Takes as long as an append may take. Tails go on.
    pub async fn close(&self) {
        self.appender.close().await;
        self.reader.close().await;
    }

    fn check_partition(&self, partition: Partition) -> Result<(), ReadError> {
        let partitions = self.partitions;
        if partition.0 < partitions {
            Ok(())
        } else {
            Err(ReadError::NoSuchPartition {
                partition,
                partitions,
            })
        }
    }
}

#[async_trait]
impl Log for KafkaLog {
    fn partitions(&self) -> u16 {
        self.partitions
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        let partitions = self.partitions;
        if partition.0 >= partitions {
            return Err(AppendError::NoSuchPartition {
                partition,
                partitions,
            });
        }
        let bytes = check_batch(&records)?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        self.appender.append(partition, records, bytes).await
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        let bounds = self.bounds(partition).await?;
        if !bounds.can_follow(from) {
            return Err(TailError::OutOfRange { from, bounds });
        }
        let mut tail = KafkaTail::open(
            self.tail.clone(),
            self.asker.clone(),
            Arc::clone(&self.topic),
            partition,
            from,
            self.answer_timeout,
        )
        .await
        .map_err(unavailable)?;
        tail.stand().await?;
        Ok(Box::new(tail))
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        self.check_partition(partition)?;
        self.asker.bounds(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        let bounds = self.bounds(partition).await?;
        if offset < bounds.low || offset >= bounds.high {
            return Ok(None);
        }
        self.reader.read(partition, offset).await.map(Some)
    }
}

impl fmt::Debug for KafkaLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLog")
            .field("topic", &self.topic)
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

/// What the consumers have in common.
fn consumer(cluster: &Cluster) -> Result<ClientConfig, Error> {
    let mut config = cluster.config()?;
    config
        // librdkafka assigns nothing to a consumer without a group. This one is never joined.
        .set("group.id", "writ")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        .set("isolation.level", "read_uncommitted")
        .set("check.crcs", "true")
        // The longest poll; a record ends it at once.
        .set("fetch.wait.max.ms", "500")
        .set("fetch.queue.backoff.ms", "5")
        .set("fetch.error.backoff.ms", "50")
        .set("queued.min.messages", "20000")
        .set("queued.max.messages.kbytes", "32768")
        .set("max.poll.interval.ms", "86400000")
        // A broker that froze is noticed after this.
        .set("socket.timeout.ms", "10000")
        // The topic was there when the log was opened: that it is not there now is news at once.
        .set("topic.metadata.propagation.max.ms", "0");
    Ok(config)
}

fn unavailable(failure: Failure) -> ReadError {
    ReadError::Unavailable {
        source: failure.into_cause(),
    }
}
