//! The log itself: opened, asked, closed.

use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use writ_crash::{Point, here};
use writ_domain::{BucketMap, Offset, Partition};
use writ_log::{
    AppendError, Appended, Bounds, Cause, Log, Logged, ReadError, Record, Tail, TailError,
    check_batch,
};
use writ_store::log::{Config, Connector, Session, Timeouts};

use crate::appender::{self, Appender, Lane};
use crate::heads::Heads;
use crate::tail::PostgresTail;

/// How the log behaves. The number of partitions is all that must be said.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many partitions the log has since its genesis; another number refuses to open.
    pub partitions: u16,
    /// How long Postgres may take to take a connection.
    pub connect_timeout: Duration,
    /// How long Postgres may take to answer one statement; more than 3 s.
    pub answer_timeout: Duration,
    /// How long an append may wait to be sent: for the queue, or for a connection.
    pub patience: Duration,
    /// Bytes of a partition's appends that may wait or be under way; at least one full batch.
    pub queue_bytes_max: u32,
    /// Records that one statement appends, unless a single append has more.
    pub group_records_max: usize,
    /// Bytes that one statement appends, unless a single append has more.
    pub group_bytes_max: usize,
}

impl Options {
    /// What suits one machine.
    #[must_use]
    pub fn new(partitions: u16) -> Self {
        Self {
            partitions,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(10),
            patience: Duration::from_secs(5),
            queue_bytes_max: 64 * 1024 * 1024,
            group_records_max: 500,
            group_bytes_max: 8 * 1024 * 1024,
        }
    }
}

/// The log could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No log can have that many partitions.
    #[error("a log has 1 to 4096 partitions, not {partitions}")]
    PartitionsOutOfRange {
        /// What was asked for.
        partitions: u16,
    },
    /// The log was made with another number of partitions, which is fixed for ever.
    #[error("the log has had {found} partitions since its genesis, {expected} were configured")]
    OtherPartitions {
        /// What the log has.
        found: u16,
        /// What was asked for.
        expected: u16,
    },
    /// The tables are there, the genesis is not.
    #[error("the log was not created yet")]
    NotCreated,
    /// Postgres refused, or could not be reached.
    #[error("failed to open the log")]
    Open {
        /// Why.
        source: writ_store::Error,
    },
}

/// A log in tables of Postgres. It needs a tokio runtime, and dies with it.
#[derive(Debug)]
pub struct PostgresLog {
    connector: Connector,
    heads: Arc<Heads>,
    lanes: Vec<Lane>,
    /// The connection for the odd read, made when it is needed.
    reader: Mutex<Option<Arc<Session>>>,
    /// The appenders. Dropping the log aborts them.
    appenders: Mutex<JoinSet<()>>,
}

impl PostgresLog {
    /// Makes the genesis with `options.partitions`; does nothing where it is made already.
    ///
    /// The tables MUST be there (`writ_store`'s migrations).
    pub async fn create(config: Config, options: &Options) -> Result<(), Error> {
        let partitions = options.partitions;
        if BucketMap::try_new(partitions).is_none() {
            return Err(Error::PartitionsOutOfRange { partitions });
        }
        let connector = connector(config, options);
        let session = session(&connector, "writ log genesis")
            .await
            .map_err(open)?;
        session.create(partitions).await.map_err(open)?;
        check_partitions(&session, partitions).await
    }

    /// Opens the log, which MUST have been [created](Self::create) with as many partitions.
    pub async fn connect(config: Config, options: Options) -> Result<Self, Error> {
        let connector = connector(config, &options);
        let reader = session(&connector, READER).await.map_err(open)?;
        check_partitions(&reader, options.partitions).await?;
        let heads = Arc::new(Heads::new(options.partitions));
        let mut appenders = JoinSet::new();
        let mut lanes = Vec::new();
        for partition in (0..options.partitions).map(Partition) {
            let (lane, queue) = appender::lane(&options);
            let (connector, heads) = (connector.clone(), Arc::clone(&heads));
            appenders.spawn(Appender::new(partition, connector, heads, queue, options).run());
            lanes.push(lane);
        }
        let reader = Mutex::new(Some(Arc::new(reader)));
        Ok(Self {
            connector,
            heads,
            lanes,
            reader,
            appenders: Mutex::new(appenders),
        })
    }

    /// Appends what was queued before the call, refuses what comes after it, and disconnects.
    ///
    /// Takes as long as Postgres may take: where it is gone, patience and a statement's time.
    pub async fn close(&self) {
        for lane in &self.lanes {
            lane.close().await;
        }
        while self.appenders.lock().await.join_next().await.is_some() {}
        *self.reader.lock().await = None;
    }

    fn lane(&self, partition: Partition) -> Option<&Lane> {
        self.lanes.get(usize::from(partition.0))
    }

    fn check_partition(&self, partition: Partition) -> Result<(), ReadError> {
        let partitions = self.partitions();
        if partition.0 < partitions {
            Ok(())
        } else {
            Err(ReadError::NoSuchPartition {
                partition,
                partitions,
            })
        }
    }

    /// The connection for reads; made anew where the last one ended.
    async fn reader(&self) -> Result<Arc<Session>, ReadError> {
        let mut reader = self.reader.lock().await;
        if let Some(session) = reader.as_ref().filter(|session| !session.is_closed()) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(
            session(&self.connector, READER)
                .await
                .map_err(unavailable)?,
        );
        *reader = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Forgets a connection that failed, so that the next read makes another.
    async fn drop_reader(&self, failed: &Arc<Session>) {
        let mut reader = self.reader.lock().await;
        if reader
            .as_ref()
            .is_some_and(|session| Arc::ptr_eq(session, failed))
        {
            *reader = None;
        }
    }

    /// Asks once, and once more over a new connection where the old one turns out to be dead.
    async fn ask<T, F>(&self, question: impl Fn(Arc<Session>) -> F) -> Result<T, ReadError>
    where
        F: Future<Output = Result<T, ReadError>>,
    {
        let session = self.reader().await?;
        match question(Arc::clone(&session)).await {
            Err(ReadError::Unavailable { .. }) => {
                self.drop_reader(&session).await;
                question(self.reader().await?).await
            }
            answer => answer,
        }
    }
}

#[async_trait]
impl Log for PostgresLog {
    fn partitions(&self) -> u16 {
        u16::try_from(self.lanes.len()).unwrap_or(u16::MAX)
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        let partitions = self.partitions();
        let lane = self.lane(partition).ok_or(AppendError::NoSuchPartition {
            partition,
            partitions,
        })?;
        let bytes = check_batch(&records)?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        lane.append(records, bytes).await
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        self.check_partition(partition)?;
        let partitions = self.partitions();
        let head = self
            .heads
            .follow(partition)
            .ok_or(TailError::NoSuchPartition {
                partition,
                partitions,
            })?;
        let heads = Arc::clone(&self.heads);
        here(Point::LogTail).await;
        let session = self
            .connector
            .session(
                &format!("writ log tail {partition}"),
                move |partition, head| {
                    heads.raise(partition, head);
                },
            )
            .await
            .map_err(unavailable)?;
        // Listening first, looking second: no append falls between the two.
        session.listen().await.map_err(unavailable)?;
        let bounds = session.bounds(partition).await?;
        if !bounds.can_follow(from) {
            return Err(TailError::OutOfRange { from, bounds });
        }
        here(Point::LogTailOpened).await;
        Ok(Box::new(PostgresTail::new(session, partition, from, head)))
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        self.check_partition(partition)?;
        here(Point::LogBounds).await;
        let bounds = self.ask(async |session| session.bounds(partition).await);
        let bounds = bounds.await?;
        here(Point::LogBoundsAnswered).await;
        Ok(bounds)
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        self.check_partition(partition)?;
        self.ask(async |session| session.read(partition, offset).await)
            .await
    }
}

const READER: &str = "writ log reader";

fn connector(config: Config, options: &Options) -> Connector {
    let timeouts = Timeouts {
        connect: options.connect_timeout,
        answer: options.answer_timeout,
    };
    Connector::new(config, timeouts)
}

/// A connection that listens to nothing.
async fn session(connector: &Connector, name: &str) -> Result<Session, writ_store::Error> {
    connector.session(name, |_partition, _head| {}).await
}

async fn check_partitions(session: &Session, expected: u16) -> Result<(), Error> {
    match session.partitions().await.map_err(open)? {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(Error::OtherPartitions { found, expected }),
        None => Err(Error::NotCreated),
    }
}

fn open(source: writ_store::Error) -> Error {
    Error::Open { source }
}

fn unavailable(source: writ_store::Error) -> ReadError {
    let source: Cause = Arc::new(source);
    ReadError::Unavailable { source }
}
