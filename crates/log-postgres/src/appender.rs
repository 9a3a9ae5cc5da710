//! One task a partition: takes what is queued, appends it in one statement, answers everybody.

use core::time::Duration;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{debug, info, warn};
use writ_crash::{Point, here};
use writ_domain::Partition;
use writ_log::{AppendError, Appended, BATCH_BYTES_MAX, Cause, Record};
use writ_store::log::{Connector, Session};

use crate::Options;
use crate::heads::Heads;

/// Appends that may stand in one queue; their bytes are bounded apart.
const QUEUE_APPENDS_MAX: usize = 4096;

const BACKOFF_FIRST: Duration = Duration::from_millis(20);
const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// The way into one partition's queue.
#[derive(Debug)]
pub(crate) struct Lane {
    queue: mpsc::Sender<Message>,
    bytes: Arc<Semaphore>,
    patience: Duration,
}

type Answer = oneshot::Sender<Result<Vec<Appended>, AppendError>>;

/// The queue as the appender holds it.
pub(crate) type Queue = mpsc::Receiver<Message>;

pub(crate) enum Message {
    Append(Request),
    /// Nothing more is accepted; what was queued before is still appended.
    Close,
}

pub(crate) struct Request {
    records: Vec<Record>,
    bytes: usize,
    /// When it has waited long enough to be sent.
    deadline: Instant,
    answer: Answer,
    /// Given back when the request is answered.
    _queued_bytes: OwnedSemaphorePermit,
}

/// The only task that appends to this partition from this process.
pub(crate) struct Appender {
    partition: Partition,
    connector: Connector,
    heads: Arc<Heads>,
    queue: Queue,
    options: Options,
    session: Option<Session>,
    /// The request that did not fit into the last group; first of the next.
    carried: Option<Request>,
    outage: Option<Outage>,
}

/// Postgres could not be reached, and when it will be tried again.
struct Outage {
    cause: Cause,
    retry_at: Instant,
    backoff: Duration,
}

/// An append that did not reach the appender.
#[derive(Debug, thiserror::Error)]
enum Unsent {
    #[error("the log is closed")]
    Closed,
    #[error("the queue of the log stayed full")]
    QueueFull,
}

/// The appender ended without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the log ended before it answered")]
struct Unanswered;

/// A queue, and the way into it.
pub(crate) fn lane(options: &Options) -> (Lane, Queue) {
    let (sender, queue) = mpsc::channel(QUEUE_APPENDS_MAX);
    // Fewer permits than one batch may need would let it wait for ever.
    let bytes = usize::try_from(options.queue_bytes_max)
        .unwrap_or(0)
        .max(BATCH_BYTES_MAX);
    let bytes = Arc::new(Semaphore::new(bytes));
    (
        Lane {
            queue: sender,
            bytes,
            patience: options.patience,
        },
        queue,
    )
}

impl Lane {
    pub(crate) async fn append(
        &self,
        records: Vec<Record>,
        bytes: usize,
    ) -> Result<Vec<Appended>, AppendError> {
        let deadline = Instant::now() + self.patience;
        let (answer, answered) = oneshot::channel();
        here(Point::LogQueue).await;
        let queuing = async {
            let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
            let queued_bytes = Arc::clone(&self.bytes).acquire_many_owned(permits).await;
            let Ok(queued_bytes) = queued_bytes else {
                return Err(Unsent::Closed);
            };
            let request = Request {
                records,
                bytes,
                deadline,
                answer,
                _queued_bytes: queued_bytes,
            };
            self.queue
                .send(Message::Append(request))
                .await
                .map_err(|_returned| Unsent::Closed)
        };
        timeout(self.patience, queuing)
            .await
            .unwrap_or(Err(Unsent::QueueFull))
            .map_err(|unsent| AppendError::NotAppended {
                source: Arc::new(unsent),
            })?;
        here(Point::LogQueued).await;
        answered.await.unwrap_or_else(|_gone| {
            Err(AppendError::MaybeAppended {
                source: Arc::new(Unanswered),
            })
        })
    }

    pub(crate) async fn close(&self) {
        if self.queue.send(Message::Close).await.is_err() {
            debug!("the log is closed already");
        }
    }
}

impl Appender {
    pub(crate) fn new(
        partition: Partition,
        connector: Connector,
        heads: Arc<Heads>,
        queue: Queue,
        options: Options,
    ) -> Self {
        let (session, carried, outage) = (None, None, None);
        Self {
            partition,
            connector,
            heads,
            queue,
            options,
            session,
            carried,
            outage,
        }
    }

    /// Runs until the log is closed.
    pub(crate) async fn run(mut self) {
        // The first append should not wait for a connection.
        // Where there is none, the first append tries again and says why.
        self.session = self.connect(Instant::now()).await.ok();
        while let Some(group) = self.next_group().await {
            self.append(group).await;
        }
    }

    /// Waits for a request, and takes with it what else is queued, up to the bounds.
    async fn next_group(&mut self) -> Option<Vec<Request>> {
        let first = match self.carried.take() {
            Some(carried) => carried,
            None => self.next_request().await?,
        };
        let (mut records, mut bytes) = (first.records.len(), first.bytes);
        let mut group = vec![first];
        while let Ok(message) = self.queue.try_recv() {
            let Some(request) = self.accept(message) else {
                continue;
            };
            records = records.saturating_add(request.records.len());
            bytes = bytes.saturating_add(request.bytes);
            if records > self.options.group_records_max || bytes > self.options.group_bytes_max {
                self.carried = Some(request);
                break;
            }
            group.push(request);
        }
        Some(group)
    }

    async fn next_request(&mut self) -> Option<Request> {
        loop {
            let message = self.queue.recv().await?;
            if let Some(request) = self.accept(message) {
                return Some(request);
            }
        }
    }

    /// The request, unless its caller has gone: then nobody would learn how it ended.
    fn accept(&mut self, message: Message) -> Option<Request> {
        match message {
            Message::Append(request) => (!request.answer.is_closed()).then_some(request),
            Message::Close => {
                self.queue.close();
                None
            }
        }
    }

    async fn append(&mut self, group: Vec<Request>) {
        // The requests of a group came one after the other: the first waited longest.
        let deadline = group
            .first()
            .map_or_else(Instant::now, |request| request.deadline);
        let session = match self.connected(deadline).await {
            Ok(session) => session,
            Err(source) => return refuse(group, &AppendError::NotAppended { source }),
        };
        let records: Vec<&Record> = group.iter().flat_map(|request| &request.records).collect();
        here(Point::LogAppend).await;
        match session.append(self.partition, &records).await {
            Ok(appended) => {
                here(Point::LogAppended).await;
                if let Some(head) = appended.last().and_then(|last| last.offset.next()) {
                    self.heads.raise(self.partition, head);
                }
                here(Point::LogRaised).await;
                acknowledge(group, appended);
                here(Point::LogAcknowledged).await;
                self.session = Some(session);
            }
            Err(error) => {
                // SUBTLE: only a definite no leaves a connection of use. After any other error
                // it may still hold the lock of the head, so it is dropped.
                if matches!(error, AppendError::NotAppended { .. }) {
                    self.session = Some(session);
                }
                warn!(
                    partition = %self.partition,
                    error = &error as &dyn std::error::Error,
                    appends = group.len(),
                    "appends were not acknowledged"
                );
                refuse(group, &error);
            }
        }
    }

    /// Takes the connection out, or makes one where it has ended.
    async fn connected(&mut self, deadline: Instant) -> Result<Session, Cause> {
        match self.session.take().filter(|session| !session.is_closed()) {
            Some(session) => Ok(session),
            None => self.connect(deadline).await,
        }
    }

    /// Makes a connection. Tries until `deadline`, at least once, and never faster than the
    /// backoff lets it: callers who come again at once do not hammer a Postgres that is down.
    async fn connect(&mut self, deadline: Instant) -> Result<Session, Cause> {
        let name = format!("writ log appender {}", self.partition);
        loop {
            if let Some(outage) = &self.outage {
                if outage.retry_at > deadline.max(Instant::now()) {
                    return Err(Arc::clone(&outage.cause));
                }
                sleep_until(outage.retry_at).await;
            }
            here(Point::LogConnect).await;
            match self.connector.session(&name, |_partition, _head| {}).await {
                Ok(session) => {
                    here(Point::LogConnected).await;
                    if self.outage.take().is_some() {
                        info!(partition = %self.partition, "the log is connected again");
                    }
                    return Ok(session);
                }
                Err(source) => self.note_outage(source),
            }
        }
    }

    fn note_outage(&mut self, source: writ_store::Error) {
        let backoff = self.outage.as_ref().map_or(BACKOFF_FIRST, |outage| {
            outage.backoff.saturating_mul(2).min(BACKOFF_MAX)
        });
        if self.outage.is_none() {
            warn!(
                partition = %self.partition,
                error = &source as &dyn std::error::Error,
                "the log has no connection"
            );
        }
        let retry_at = Instant::now() + backoff;
        self.outage = Some(Outage {
            cause: Arc::new(source),
            retry_at,
            backoff,
        });
    }
}

fn acknowledge(group: Vec<Request>, appended: Vec<Appended>) {
    let mut appended = appended.into_iter();
    for Request {
        records, answer, ..
    } in group
    {
        let own = appended.by_ref().take(records.len()).collect();
        answer_caller(answer, Ok(own));
    }
}

fn refuse(group: Vec<Request>, error: &AppendError) {
    for Request { answer, .. } in group {
        answer_caller(answer, Err(error.clone()));
    }
}

fn answer_caller(answer: Answer, outcome: Result<Vec<Appended>, AppendError>) {
    if answer.send(outcome).is_err() {
        debug!("whoever appended did not wait for the answer");
    }
}
