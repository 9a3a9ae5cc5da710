//! Which log the ledger stands on: tables of Postgres, or topics of Kafka.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use writ_log::Log;
use writ_log_kafka::topics::{self, Created, Topic, Warning};
use writ_log_kafka::{Cluster, KafkaLog, Options as KafkaOptions};
use writ_log_postgres::{Error as LogError, Options as LogOptions, PostgresLog};

use super::Context;
use crate::config::{Partitions, Replication, Settings};
use crate::database::Database;
use crate::supervisor::Stage;

/// How often the settings of the topics are looked at.
const RECHECK_EVERY: Duration = Duration::from_secs(5);
/// Part of the time for a command that its append may take.
const APPEND_SHARE: f64 = 0.8;

/// The logs of the ledger.
#[derive(Debug, Clone)]
pub(super) struct Logs {
    /// Where commands are appended.
    pub(super) commands: Arc<dyn Log>,
    /// Where changes are told; only Kafka has it.
    pub(super) changes: Option<Arc<dyn Log>>,
    /// What is wrong with the topics, as last seen; only Kafka has it.
    pub(super) health: Option<watch::Receiver<Option<String>>>,
}

/// Opens the logs that the settings name; makes what is not there, if this process may.
pub(super) async fn open(context: &Context<'_>) -> anyhow::Result<Logs> {
    let Some(kafka) = Kafka::of(context.settings) else {
        let log = postgres(context.database, context.settings.partitions).await?;
        return Ok(Logs {
            commands: Arc::new(log),
            changes: None,
            health: None,
        });
    };
    if context.makes_topics {
        kafka.create().await?;
    }
    let (commands, changes) = kafka.connect(false).await?;
    let (say, health) = watch::channel(None);
    let opened = [Arc::clone(&commands), Arc::clone(&changes)];
    for log in &opened {
        log.recheck().await?.iter().for_each(warn_of);
    }
    context
        .supervisor
        .spawn(Stage::Work, "topics", |stop| async move {
            keep_checking(&opened, &say, stop).await;
            for log in &opened {
                log.close().await;
            }
            Ok(())
        });
    Ok(Logs {
        commands,
        changes: Some(changes),
        health: Some(health),
    })
}

/// The log of commands that is there; nothing is made for somebody who only looks.
pub(super) async fn existing(
    settings: &Settings,
    database: &Database,
) -> anyhow::Result<Arc<dyn Log>> {
    match Kafka::of(settings) {
        Some(kafka) => Ok(kafka.connect(false).await?.0),
        None => Ok(Arc::new(existing_postgres(database).await?)),
    }
}

/// The log in Postgres that is there.
pub(super) async fn existing_postgres(database: &Database) -> anyhow::Result<PostgresLog> {
    let config = &database.config;
    // Asked with any count, the log says which one it has.
    match PostgresLog::connect(config.clone(), LogOptions::new(1)).await {
        Err(LogError::OtherPartitions { found, .. }) => {
            Ok(PostgresLog::connect(config.clone(), LogOptions::new(found)).await?)
        }
        opened => Ok(opened?),
    }
}

/// The log in Postgres, made where there is none.
pub(super) async fn postgres(
    database: &Database,
    partitions: Partitions,
) -> anyhow::Result<PostgresLog> {
    let wanted = wanted(partitions);
    let config = &database.config;
    let options = match PostgresLog::create(config.clone(), &LogOptions::new(wanted)).await {
        Ok(()) => LogOptions::new(wanted),
        Err(LogError::OtherPartitions { found, .. }) if partitions == Partitions::Auto => {
            LogOptions::new(found)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(PostgresLog::connect(config.clone(), options).await?)
}

/// How many partitions a new log gets.
fn wanted(partitions: Partitions) -> u16 {
    match partitions {
        Partitions::Exactly(count) => count,
        Partitions::Auto => match std::thread::available_parallelism() {
            Ok(cores) if cores.get() > 1 => 2,
            Ok(_) | Err(_) => 1,
        },
    }
}

/// The Kafka of the settings, and the topics there.
#[derive(Debug)]
pub(super) struct Kafka {
    cluster: Cluster,
    commands: String,
    changes: String,
    partitions: Partitions,
    replication: Replication,
    append_timeout: Duration,
}

impl Kafka {
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let brokers = settings.kafka.as_ref()?;
        let mut cluster = Cluster::new(brokers.0.clone());
        cluster.properties = settings.kafka_properties.pairs().into_iter().collect();
        let prefix = &settings.kafka_topic_prefix.0;
        Some(Self {
            cluster,
            commands: format!("{prefix}commands"),
            changes: format!("{prefix}changes"),
            partitions: settings.partitions,
            replication: settings.kafka_replication_factor,
            append_timeout: settings.command_timeout_ms.0.mul_f64(APPEND_SHARE),
        })
    }

    /// Opens both topics, which must be there and have equally many partitions. `alone` is for one
    /// who writes the log of commands in order, as nobody else appends.
    pub(super) async fn connect(
        &self,
        alone: bool,
    ) -> anyhow::Result<(Arc<KafkaLog>, Arc<KafkaLog>)> {
        let options = |topic: &str| KafkaOptions {
            message_timeout: self.append_timeout,
            ..KafkaOptions::new(self.cluster.clone(), topic)
        };
        let commands = KafkaLog::connect(KafkaOptions {
            gapless: alone,
            ..options(&self.commands)
        });
        let commands = commands.await?;
        let count = commands.partitions();
        if let Partitions::Exactly(expected) = self.partitions {
            anyhow::ensure!(
                count == expected,
                "the topic {} has {count} partitions, {expected} were configured",
                self.commands
            );
        }
        let changes = KafkaLog::connect(KafkaOptions {
            gapless: true,
            ..options(&self.changes)
        });
        let changes = changes.await?;
        anyhow::ensure!(
            changes.partitions() == count,
            "the topic {} has {} partitions and {} has {count}: they must have equally many",
            self.changes,
            changes.partitions(),
            self.commands
        );
        Ok((Arc::new(commands), Arc::new(changes)))
    }

    /// Makes both topics, or mends the settings of those that are there; what was done.
    pub(super) async fn create(&self) -> anyhow::Result<[(String, Created); 2]> {
        let partitions = match topics::check(&self.cluster, &self.commands, None).await {
            Ok(checked) => checked.partitions,
            Err(writ_log_kafka::Error::WrongSettings { .. }) => {
                let log =
                    KafkaLog::connect(KafkaOptions::new(self.cluster.clone(), &self.commands));
                log.await?.partitions()
            }
            Err(writ_log_kafka::Error::NoSuchTopic { .. }) => wanted(self.partitions),
            Err(error) => return Err(error.into()),
        };
        if let Partitions::Exactly(expected) = self.partitions {
            anyhow::ensure!(
                partitions == expected,
                "the topic {} has {partitions} partitions, {expected} were configured",
                self.commands
            );
        }
        self.create_like(partitions).await
    }

    /// Makes both topics with so many partitions, or mends those that are there.
    pub(super) async fn create_like(
        &self,
        partitions: u16,
    ) -> anyhow::Result<[(String, Created); 2]> {
        Ok([
            self.create_one(&self.commands, partitions).await?,
            self.create_one(&self.changes, partitions).await?,
        ])
    }

    async fn create_one(&self, name: &str, partitions: u16) -> anyhow::Result<(String, Created)> {
        let topic = |replication_factor| Topic {
            name: name.to_owned(),
            partitions,
            replication_factor,
        };
        let replicas = match self.replication {
            Replication::Exactly(count) => Some(count),
            // Three, or as many as there are brokers.
            Replication::Auto => None,
        };
        let created = topics::create(&self.cluster, &topic(replicas)).await;
        let created = created.with_context(|| format!("failed to set up the topic {name}"))?;
        Ok((name.to_owned(), created))
    }
}

/// Looks at the topics now and then, and says what is wrong with them.
async fn keep_checking(
    logs: &[Arc<KafkaLog>],
    say: &watch::Sender<Option<String>>,
    stop: CancellationToken,
) {
    let mut ticks = interval(RECHECK_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let mut problem = None;
        for log in logs {
            if let Err(found) = log.recheck().await {
                problem = Some(format!("{:#}", anyhow::Error::from(found)));
                break;
            }
        }
        if *say.borrow() != problem {
            if let Some(problem) = &problem {
                error!(problem, "the topics are not as they must be");
            } else {
                info!("the topics are as they must be");
            }
            say.send_replace(problem);
        }
    }
}

fn warn_of(warning: &Warning) {
    warn!("{warning}");
}
