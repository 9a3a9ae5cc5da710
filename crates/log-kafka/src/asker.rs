//! Questions about a topic: how many partitions, how far they reach.
//!
//! A client of its own. Kafka answers the requests of one connection one after the other, so that
//! on a tail's connection a question would wait behind the long poll.

use core::time::Duration;
use std::sync::Arc;

use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::types::RDKafkaErrorCode;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};
use writ_domain::{BucketMap, Offset, Partition};
use writ_log::{Bounds, ReadError};

use crate::client::{Client, Voice};
use crate::error::not_made;
use crate::{Cluster, Error, Failure};

/// How soon a question is asked again that nobody could answer at that moment.
pub(crate) const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Clones ask through the same client.
#[derive(Clone)]
pub(crate) struct Asker {
    client: Arc<Client<BaseConsumer<Voice>>>,
    cluster: Arc<Cluster>,
    topic: Arc<str>,
}

/// A topic as its brokers describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) partitions: u16,
    /// Of the partition that has the fewest.
    pub(crate) replicas: usize,
    /// Whether every partition has somebody who takes records.
    pub(crate) led: bool,
}

impl Asker {
    pub(crate) async fn connect(cluster: &Cluster, topic: &str) -> Result<Self, Error> {
        let mut config = cluster.config()?;
        // Without a group nothing is joined, and nothing is fetched.
        config.set("topic.metadata.propagation.max.ms", "0");
        let brokers = cluster.brokers.clone();
        let client = blocking(move || {
            BaseConsumer::from_config_and_context(&config, Voice::new("asker"))
                .map(Client::new)
                .map_err(|error| not_made(error, &brokers))
        })
        .await
        .unwrap_or_else(|ended| Err(unavailable(cluster, ended)))?;
        Ok(Self {
            client: Arc::new(client),
            cluster: Arc::new(cluster.clone()),
            topic: topic.into(),
        })
    }

    /// How far a partition reaches. Asks again while it is between two leaders.
    pub(crate) async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        let deadline = Instant::now() + self.cluster.answer_timeout;
        loop {
            let failure = match self.fetch_bounds(partition).await {
                Ok(bounds) => return Ok(bounds),
                Err(failure) => failure,
            };
            if failure.is_between_leaders() && Instant::now() < deadline {
                sleep(ASK_AGAIN).await;
                continue;
            }
            // A client that has not heard of a topic yet says so too. The brokers know.
            let missing = failure.is_missing_topic() && self.is_topic_missing().await;
            let source = failure.into_cause();
            return Err(if missing {
                ReadError::Missing { source }
            } else {
                ReadError::Unavailable { source }
            });
        }
    }

    async fn is_topic_missing(&self) -> bool {
        matches!(self.layout().await, Err(Error::NoSuchTopic { .. }))
    }

    async fn fetch_bounds(&self, partition: Partition) -> Result<Bounds, Failure> {
        self.ask(move |client, topic, timeout| {
            let (low, high) = client.fetch_watermarks(topic, i32::from(partition.0), timeout)?;
            match (u64::try_from(low), u64::try_from(high)) {
                (Ok(low), Ok(high)) => Ok(Bounds {
                    low: Offset(low),
                    high: Offset(high),
                }),
                (Err(_), _) | (_, Err(_)) => Err(Failure::new(format!(
                    "the brokers said that the partition reaches from {low} to {high}"
                ))),
            }
        })
        .await
    }

    pub(crate) async fn layout(&self) -> Result<Layout, Error> {
        let found = self.ask(Self::fetch_layout).await;
        match found {
            Ok((partitions, replicas, led)) => {
                let count = u16::try_from(partitions)
                    .ok()
                    .filter(|count| BucketMap::try_new(*count).is_some());
                let partitions = count.ok_or(Error::PartitionsOutOfRange { partitions })?;
                Ok(Layout {
                    partitions,
                    replicas,
                    led,
                })
            }
            Err(failure) if failure.is_missing_topic() => Err(Error::NoSuchTopic {
                topic: self.topic.to_string(),
            }),
            Err(failure) => Err(unavailable(&self.cluster, failure)),
        }
    }

    /// How many brokers there are.
    pub(crate) async fn brokers(&self) -> Result<usize, Error> {
        self.ask(|client, topic, timeout| {
            let metadata = client.fetch_metadata(Some(topic), timeout)?;
            Ok(metadata.brokers().len())
        })
        .await
        .map_err(|failure| unavailable(&self.cluster, failure))
    }

    fn fetch_layout(
        client: &BaseConsumer<Voice>,
        topic: &str,
        timeout: Duration,
    ) -> Result<(usize, usize, bool), Failure> {
        let metadata = client.fetch_metadata(Some(topic), timeout)?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        let Some(found) = found else {
            return Err(RDKafkaErrorCode::UnknownTopicOrPartition.into());
        };
        // SUBTLE: the error first. A topic that is not there has no list of partitions to look at.
        if let Some(error) = found.error() {
            return Err(RDKafkaErrorCode::from(error).into());
        }
        let partitions = found.partitions();
        let replicas = partitions.iter().map(|one| one.replicas().len()).min();
        let led = partitions.iter().all(|one| one.leader() >= 0);
        Ok((partitions.len(), replicas.unwrap_or(0), led))
    }

    /// Asks on a thread that may wait.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&BaseConsumer<Voice>, &str, Duration) -> Result<T, Failure>
        + Send
        + 'static,
    ) -> Result<T, Failure> {
        let asker = self.clone();
        let timeout = self.cluster.answer_timeout;
        blocking(move || {
            asker.hear();
            let answer = question(&asker.client, &asker.topic, timeout);
            asker.hear();
            answer.map_err(|failure| asker.client.context().explain(failure))
        })
        .await
        .unwrap_or_else(Err)
    }

    /// Lets the client say what it has to say. Nobody polls it otherwise.
    fn hear(&self) {
        /// More than a client says between two questions; the rest is for the next time.
        const LINES_MAX: usize = 32;
        for _ in 0..LINES_MAX {
            // An error was logged by the client's voice.
            drop(self.client.poll(Duration::ZERO));
        }
    }
}

pub(crate) fn unavailable(cluster: &Cluster, source: Failure) -> Error {
    Error::Unavailable {
        brokers: cluster.brokers.clone(),
        source,
    }
}

/// Runs what may wait for a broker.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    spawn_blocking(work)
        .await
        .map_err(|ended| Failure::new(format!("the runtime ended before the answer: {ended}")))
}
