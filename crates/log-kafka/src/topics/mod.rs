//! The topics of a log: whether they are fit to be one, and how they are made so.
//!
//! Deliberately absent: deleting a topic, and changing how many partitions it has. Both would end
//! a ledger.

mod examiner;
mod settings;

use core::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::info;
use writ_domain::BucketMap;

pub(crate) use self::examiner::Examiner;
use self::settings::{Judged, judge};
pub use self::settings::{Needed, Warning, Wrong};
use crate::asker::{ASK_AGAIN, Asker, Layout};
use crate::{Cluster, Error};

/// A topic as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions. Never changed once the topic is there.
    pub partitions: u16,
    /// On how many brokers each record is to be; where it is not said, on three, or on as many as
    /// there are. Of use only where the topic is not there yet.
    pub replication_factor: Option<u16>,
}

/// A topic that is fit to be a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many partitions it has.
    pub partitions: u16,
    /// What should be better.
    pub warnings: Vec<Warning>,
}

/// What [`create`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Whether the topic was made.
    pub made: bool,
    /// Settings of a topic that was there, as they were before they were mended.
    pub mended: Vec<Wrong>,
    /// What should be better.
    pub warnings: Vec<Warning>,
}

/// Looks whether `topic` is there and fit to be a log of so many partitions.
pub async fn check(
    cluster: &Cluster,
    topic: &str,
    partitions: Option<u16>,
) -> Result<Checked, Error> {
    let asker = Asker::connect(cluster, topic).await?;
    let examiner = Examiner::connect(cluster, asker).await?;
    examine(&examiner, topic, partitions).await
}

/// Makes `topic`, or mends the settings of one that is there. Does nothing where all is well.
///
/// Settings that are none of ours stay as they are, and so do those that are only warned of: to
/// have fewer replicas is somebody's choice.
pub async fn create(cluster: &Cluster, topic: &Topic) -> Result<Created, Error> {
    let partitions = topic.partitions;
    if BucketMap::try_new(partitions).is_none() {
        let partitions = usize::from(partitions);
        return Err(Error::PartitionsOutOfRange { partitions });
    }
    let name = topic.name.as_str();
    let asker = Asker::connect(cluster, name).await?;
    let examiner = Examiner::connect(cluster, asker).await?;
    let (made, layout) = match examiner.layout().await {
        Ok(layout) => (false, layout),
        Err(Error::NoSuchTopic { .. }) => {
            let made = examiner.make(topic).await?;
            (
                made,
                await_leaders(&examiner, cluster.answer_timeout).await?,
            )
        }
        Err(error) => return Err(error),
    };
    check_partitions(name, layout, Some(partitions))?;
    let judged = judge(
        cluster,
        name,
        layout.replicas,
        &examiner.settings(name).await?,
    );
    if !judged.wrong.is_empty() {
        examiner.mend(name, &judged.wrong).await?;
    }
    let checked = await_fit(&examiner, name, partitions, cluster.answer_timeout).await?;
    info!(
        kafka.topic = name,
        kafka.made = made,
        kafka.mended = judged.wrong.len(),
        "the topic is fit to be a log"
    );
    Ok(Created {
        made,
        mended: judged.wrong,
        warnings: checked.warnings,
    })
}

pub(crate) async fn examine(
    examiner: &Examiner,
    topic: &str,
    partitions: Option<u16>,
) -> Result<Checked, Error> {
    let layout = examiner.layout().await?;
    check_partitions(topic, layout, partitions)?;
    let settings = examiner.settings(topic).await?;
    let Judged { wrong, warnings } = judge(examiner.cluster(), topic, layout.replicas, &settings);
    if wrong.is_empty() {
        let partitions = layout.partitions;
        Ok(Checked {
            partitions,
            warnings,
        })
    } else {
        let topic = topic.to_owned();
        Err(Error::WrongSettings { topic, wrong })
    }
}

fn check_partitions(topic: &str, layout: Layout, expected: Option<u16>) -> Result<(), Error> {
    let found = layout.partitions;
    match expected {
        Some(expected) if expected != found => Err(Error::OtherPartitions {
            topic: topic.to_owned(),
            found,
            expected,
        }),
        Some(_) | None => Ok(()),
    }
}

/// Waits until the brokers tell the settings that were made; says what is wrong if they do not.
async fn await_fit(
    examiner: &Examiner,
    topic: &str,
    partitions: u16,
    patience: Duration,
) -> Result<Checked, Error> {
    let deadline = Instant::now() + patience;
    loop {
        match examine(examiner, topic, Some(partitions)).await {
            Err(Error::WrongSettings { .. }) if Instant::now() < deadline => {}
            settled => return settled,
        }
        sleep(ASK_AGAIN).await;
    }
}

/// Waits until the brokers agree that the topic is there, and who answers for its partitions.
async fn await_leaders(examiner: &Examiner, patience: Duration) -> Result<Layout, Error> {
    let deadline = Instant::now() + patience;
    loop {
        let late = Instant::now() >= deadline;
        match examiner.layout().await {
            Ok(layout) if late || (layout.led && examiner.answers(layout).await) => {
                return Ok(layout);
            }
            Err(error) if late => return Err(error),
            Ok(_) | Err(Error::NoSuchTopic { .. } | Error::Unavailable { .. }) => {}
            Err(error) => return Err(error),
        }
        sleep(ASK_AGAIN).await;
    }
}
