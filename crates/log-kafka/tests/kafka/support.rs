//! A topic of its own for each test.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use tokio::time::{sleep, timeout};
use writ_domain::{Offset, Partition};
use writ_log::conformance::{PARTITIONS, Place};
use writ_log::{Log, Record};
use writ_log_kafka::{Cluster, KafkaLog, Options, topics};

pub(crate) const FIRST: Partition = Partition(0);

/// Far more than anything here takes; a wait that never ends fails instead.
pub(crate) const LONG: Duration = Duration::from_secs(30);

pub(crate) fn brokers() -> String {
    #[expect(clippy::disallowed_methods, reason = "where the test broker is")]
    std::env::var("WRIT_TEST_KAFKA")
        .expect("WRIT_TEST_KAFKA must name a Kafka broker (host:port) that takes topics")
}

pub(crate) fn cluster() -> Cluster {
    Cluster::new(brokers())
}

pub(crate) fn client() -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers());
    config
}

/// A topic that no other test uses. It is deleted when the test ends.
pub(crate) struct Topic {
    pub(crate) name: String,
}

impl Topic {
    /// A name, and no topic of it.
    pub(crate) fn absent() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        #[expect(clippy::disallowed_methods, reason = "for a name that was never used")]
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (process, now) = (std::process::id(), now.as_micros());
        Self {
            name: format!("writ-log-kafka-{process}-{now}-{number}"),
        }
    }

    /// As `writ topics create` makes it, with as many partitions as the conformance tests want.
    pub(crate) async fn create() -> Self {
        let topic = Self::absent();
        topic.make().await;
        topic
    }

    /// Makes it, or makes it anew.
    pub(crate) async fn make(&self) {
        let created = topics::create(&cluster(), &self.wanted(PARTITIONS)).await;
        assert!(created.unwrap().made);
    }

    /// As somebody makes it who has not heard of us.
    pub(crate) async fn make_plain(&self, settings: &[(&str, &str)]) {
        let new = NewTopic {
            name: &self.name,
            num_partitions: i32::from(PARTITIONS),
            replication: TopicReplication::Fixed(1),
            config: settings.to_vec(),
        };
        let made = admin().create_topics([&new], &answered()).await.unwrap();
        made.into_iter().next().unwrap().unwrap();
        let is_there = async || {
            let checked = topics::check(&cluster(), &self.name, None).await;
            !matches!(checked, Err(writ_log_kafka::Error::NoSuchTopic { .. }))
        };
        eventually(is_there, |there| *there).await;
    }

    pub(crate) fn wanted(&self, partitions: u16) -> topics::Topic {
        topics::Topic {
            name: self.name.clone(),
            partitions,
            replication_factor: Some(1),
        }
    }

    pub(crate) async fn delete(&self) {
        let deleted = admin().delete_topics(&[&self.name], &answered()).await;
        deleted.unwrap().into_iter().next().unwrap().unwrap();
    }

    /// Another topic in its place, at once.
    pub(crate) async fn make_anew(&self) {
        let admin = admin();
        let new = NewTopic {
            name: &self.name,
            num_partitions: i32::from(PARTITIONS),
            replication: TopicReplication::Fixed(1),
            config: Vec::new(),
        };
        let deleted = admin.delete_topics(&[&self.name], &answered());
        deleted.await.unwrap().into_iter().next().unwrap().unwrap();
        // The name may be taken for a moment longer.
        let make = async || {
            let made = admin.create_topics([&new], &answered()).await.unwrap();
            made.into_iter().next().unwrap()
        };
        eventually(make, Result::is_ok).await.unwrap();
    }

    /// These settings of its own, and no others.
    pub(crate) async fn alter(&self, settings: &[(String, String)]) {
        let alteration = settings.iter().fold(
            AlterConfig::new(ResourceSpecifier::Topic(&self.name)),
            |alteration, (name, value)| alteration.set(name, value),
        );
        admin()
            .alter_configs([&alteration], &answered())
            .await
            .unwrap();
    }

    /// A setting that the topic has.
    pub(crate) async fn setting(&self, name: &str) -> String {
        let specifier = ResourceSpecifier::Topic(&self.name);
        let described = admin().describe_configs([&specifier], &answered()).await;
        let resource = described.unwrap().into_iter().next().unwrap().unwrap();
        resource.get(name).unwrap().value.clone().unwrap()
    }

    pub(crate) fn options(&self) -> Options {
        Options::new(cluster(), &self.name)
    }

    pub(crate) async fn log(&self) -> Arc<KafkaLog> {
        Arc::new(KafkaLog::connect(self.options()).await.unwrap())
    }
}

#[async_trait]
impl Place for Topic {
    async fn open(&self) -> Arc<dyn Log> {
        self.log().await
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        let name = self.name.clone();
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            // Where the test never made it, or deleted it, there is nothing to do.
            drop(runtime.block_on(admin().delete_topics(&[&name], &answered())));
        });
        drop(deleting.join());
    }
}

pub(crate) fn admin() -> AdminClient<DefaultClientContext> {
    client().create().unwrap()
}

pub(crate) fn answered() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)))
}

/// Asks again until the answer is as wished.
pub(crate) async fn eventually<T>(ask: impl AsyncFn() -> T, wished: impl Fn(&T) -> bool) -> T {
    let asking = async {
        loop {
            let answer = ask().await;
            if wished(&answer) {
                return answer;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, asking)
        .await
        .expect("the answer that is wished")
}

pub(crate) fn record(name: &str) -> Record {
    Record {
        value: name.as_bytes().to_vec(),
        ..Record::default()
    }
}

pub(crate) async fn append(log: &KafkaLog, names: &[&str]) {
    for name in names {
        log.append(FIRST, vec![record(name)]).await.unwrap();
    }
}

/// The values of the first partition, in order.
pub(crate) async fn values(log: &KafkaLog) -> Vec<String> {
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let mut values = Vec::new();
    loop {
        let taken = tail.try_next(1_000).await.unwrap();
        if taken.is_empty() {
            return values;
        }
        for logged in taken {
            assert_eq!(logged.offset.0, values.len() as u64);
            values.push(String::from_utf8(logged.record.value).unwrap());
        }
    }
}
