//! Reading and writing the settings of topics.

use core::time::Duration;
use std::sync::Arc;

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigEntry, ConfigSource, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::config::{FromClientConfigAndContext as _, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use tokio::time::timeout;
use writ_domain::Partition;

use super::Topic;
use super::settings::{Settings, Wrong, needed};
use crate::asker::{Asker, Layout, blocking, unavailable};
use crate::client::{Client, Voice};
use crate::error::not_made;
use crate::{Cluster, Error, Failure};

/// With so many replicas, one machine may be lost while another one is away.
const REPLICAS_ADVISED: u16 = 3;

/// Asks about one topic, and sets it up.
pub(crate) struct Examiner {
    admin: Client<AdminClient<Voice>>,
    asker: Asker,
    cluster: Arc<Cluster>,
}

impl Examiner {
    pub(crate) async fn connect(cluster: &Cluster, asker: Asker) -> Result<Self, Error> {
        let mut config = cluster.config()?;
        // Nobody polls this client for what it has to say, and the asker says the same.
        config.set_log_level(RDKafkaLogLevel::Emerg);
        let brokers = cluster.brokers.clone();
        let admin = blocking(move || {
            AdminClient::from_config_and_context(&config, Voice::new("admin"))
                .map(Client::new)
                .map_err(|error| not_made(error, &brokers))
        })
        .await
        .unwrap_or_else(|ended| Err(unavailable(cluster, ended)))?;
        Ok(Self {
            admin,
            asker,
            cluster: Arc::new(cluster.clone()),
        })
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub(crate) async fn layout(&self) -> Result<Layout, Error> {
        self.asker.layout().await
    }

    /// Whether every partition has somebody who answers for it.
    pub(crate) async fn answers(&self, layout: Layout) -> bool {
        for partition in (0..layout.partitions).map(Partition) {
            if self.asker.bounds(partition).await.is_err() {
                return false;
            }
        }
        true
    }

    /// All settings that the topic has, its own and those that it inherits.
    pub(crate) async fn settings(&self, topic: &str) -> Result<Settings, Error> {
        let entries = self.entries(topic).await?;
        Ok(entries.into_iter().filter_map(named).collect())
    }

    /// Makes the topic; false where somebody else was faster.
    pub(crate) async fn make(&self, topic: &Topic) -> Result<bool, Error> {
        let replicas = match topic.replication_factor {
            Some(replicas) => replicas,
            None => self.replicas().await?,
        };
        let settings: Vec<(&str, String)> = needed().chain(wished(replicas)).collect();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let new = NewTopic {
            name: &topic.name,
            num_partitions: i32::from(topic.partitions),
            replication: TopicReplication::Fixed(i32::from(replicas)),
            config: settings.collect(),
        };
        let made = self.admin.create_topics([&new], &self.options());
        let made = self.answered(made).await?.into_iter().next();
        match made {
            Some(Ok(_name)) => Ok(true),
            Some(Err((_name, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
            Some(Err((_name, code))) => Err(refused(&topic.name, code.into())),
            None => Err(self.silent()),
        }
    }

    /// Three, or as many as there are brokers.
    async fn replicas(&self) -> Result<u16, Error> {
        let brokers = self.asker.brokers().await?;
        Ok(u16::try_from(brokers).map_or(REPLICAS_ADVISED, |one| one.clamp(1, REPLICAS_ADVISED)))
    }

    /// Sets what is wrong to what it must be, and nothing else.
    pub(crate) async fn mend(&self, topic: &str, wrong: &[Wrong]) -> Result<(), Error> {
        // SUBTLE: what is not in the request goes back to its default, so that all that the topic
        // has of its own is written again.
        let entries = self.entries(topic).await?;
        let own = entries
            .into_iter()
            .filter(|entry| entry.source == ConfigSource::DynamicTopic)
            .filter_map(named);
        let mut settings: Settings = own.collect();
        for one in wrong {
            settings.insert(one.setting.to_owned(), one.needed.value());
        }
        let alteration = settings.iter().fold(
            AlterConfig::new(ResourceSpecifier::Topic(topic)),
            |alteration, (name, value)| alteration.set(name, value),
        );
        let altered = self.admin.alter_configs([&alteration], &self.options());
        let altered = timeout(self.patience(), altered).await;
        match altered {
            // Nor here; whoever mends looks again.
            Ok(Ok(_specifiers)) => Ok(()),
            Ok(Err(KafkaError::AdminOp(code))) => Err(refused(topic, code.into())),
            Ok(Err(error)) => Err(unavailable(&self.cluster, error.into())),
            Err(_elapsed) => Err(self.silent()),
        }
    }

    async fn entries(&self, topic: &str) -> Result<Vec<ConfigEntry>, Error> {
        let specifier = ResourceSpecifier::Topic(topic);
        let described = self.admin.describe_configs([&specifier], &self.options());
        match self.answered(described).await?.into_iter().next() {
            Some(Ok(resource)) if !resource.entries.is_empty() => Ok(resource.entries),
            // rdkafka does not say why: it does not look at the error of a single resource.
            Some(Ok(_empty)) => Err(unavailable(
                &self.cluster,
                Failure::new(format!(
                    "the brokers told no settings of the topic {topic}; \
                     is this principal allowed to DescribeConfigs?"
                )),
            )),
            Some(Err(code)) => Err(unavailable(&self.cluster, code.into())),
            None => Err(self.silent()),
        }
    }

    async fn answered<T>(
        &self,
        question: impl Future<Output = Result<T, KafkaError>>,
    ) -> Result<T, Error> {
        match timeout(self.patience(), question).await {
            Ok(answer) => answer.map_err(|error| unavailable(&self.cluster, error.into())),
            Err(_elapsed) => Err(self.silent()),
        }
    }

    fn silent(&self) -> Error {
        unavailable(&self.cluster, Failure::new("the brokers did not answer"))
    }

    fn options(&self) -> AdminOptions {
        let answer_timeout = Some(self.cluster.answer_timeout);
        AdminOptions::new()
            .request_timeout(answer_timeout)
            .operation_timeout(answer_timeout)
    }

    /// For what librdkafka's own timeout lets through.
    fn patience(&self) -> Duration {
        self.cluster
            .answer_timeout
            .saturating_add(Duration::from_secs(1))
    }
}

/// What a new topic is made with for durability, where there are replicas enough.
fn wished(replicas: u16) -> impl Iterator<Item = (&'static str, String)> {
    let enough = replicas >= REPLICAS_ADVISED;
    let in_sync = enough.then(|| ("min.insync.replicas", "2".to_owned()));
    let clean = ("unclean.leader.election.enable", "false".to_owned());
    in_sync.into_iter().chain([clean])
}

fn named(entry: ConfigEntry) -> Option<(String, String)> {
    entry.value.map(|value| (entry.name, value))
}

fn refused(topic: &str, source: Failure) -> Error {
    Error::Refused {
        topic: topic.to_owned(),
        source,
    }
}
