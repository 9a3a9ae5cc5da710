//! One connection for the log, with its statements prepared.

use core::fmt;
use core::future::poll_fn;
use core::time::Duration;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket, Statement};
use tracing::debug;
use writ_domain::{Offset, Partition};
use writ_log::Cause;

use super::statements::{APPEND, BOUNDS, LISTEN, READ, SESSION, TAIL};
use crate::Error;

/// How long Postgres may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To take a connection and prepare it.
    pub connect: Duration,
    /// To answer one statement. MUST be longer than the 3 s that an append waits for a lock, or
    /// what would have been a definite no becomes "perhaps".
    pub answer: Duration,
}

/// Makes connections for the log.
#[derive(Debug, Clone)]
pub struct Connector {
    config: Config,
    timeouts: Timeouts,
}

/// One connection for the log. Dropping it closes the connection.
///
/// After an answer that did not come in time it MUST be dropped: what it still waits for would
/// stand before everything that is sent later.
pub struct Session {
    pub(super) client: Client,
    pub(super) append: Statement,
    pub(super) tail: Statement,
    pub(super) read: Statement,
    pub(super) bounds: Statement,
    pub(super) answer: Duration,
    ended: watch::Receiver<Option<Cause>>,
    _driver: Driver,
}

impl Connector {
    /// A connector to `config`. Where that is silent, a dead peer is noticed within `timeouts`.
    #[must_use]
    pub fn new(mut config: Config, timeouts: Timeouts) -> Self {
        const KEEPALIVES_IDLE_DEFAULT: Duration = Duration::from_hours(2);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(timeouts.connect);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(timeouts.answer);
        }
        if config.get_keepalives_idle() == KEEPALIVES_IDLE_DEFAULT {
            config.keepalives_idle(timeouts.answer);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(Duration::from_secs(2));
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(3);
        }
        // A standby shows an older log, and hears no notifications.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        Self { config, timeouts }
    }

    /// Connects. `name` is what `pg_stat_activity` shows.
    ///
    /// Once the session [listens](Session::listen), `heard` is told the head of a partition after
    /// each append, whoever made it.
    pub async fn session(
        &self,
        name: &str,
        heard: impl Fn(Partition, Offset) + Send + 'static,
    ) -> Result<Session, Error> {
        timeout(self.timeouts.connect, self.connect(name, heard))
            .await
            .unwrap_or_else(|elapsed| {
                Err(Error::Unavailable {
                    source: Box::new(elapsed),
                })
            })
    }

    async fn connect(
        &self,
        name: &str,
        heard: impl Fn(Partition, Offset) + Send + 'static,
    ) -> Result<Session, Error> {
        let mut config = self.config.clone();
        config.application_name(name);
        let (client, connection) =
            config
                .connect(NoTls)
                .await
                .map_err(|source| Error::Unavailable {
                    source: Box::new(source),
                })?;
        let (ending, ended) = watch::channel(None);
        let driver = Driver::start(async move {
            let cause = drive(connection, heard).await;
            ending.send_replace(Some(cause));
        });
        client
            .batch_execute(SESSION)
            .await
            .map_err(Error::statement("store.log.session"))?;
        let prepare = async |name, statement| {
            client
                .prepare(statement)
                .await
                .map_err(Error::statement(name))
        };
        let (append, tail, read, bounds) = tokio::try_join!(
            prepare("store.log.append", APPEND),
            prepare("store.log.tail", TAIL),
            prepare("store.log.read", READ),
            prepare("store.log.bounds", BOUNDS),
        )?;
        let answer = self.timeouts.answer;
        Ok(Session {
            client,
            append,
            tail,
            read,
            bounds,
            answer,
            ended,
            _driver: driver,
        })
    }
}

impl Session {
    /// Begins to hear of appends.
    pub async fn listen(&self) -> Result<(), Error> {
        self.client
            .batch_execute(LISTEN)
            .await
            .map_err(Error::statement("store.log.listen"))
    }

    /// Whether the connection is known to have ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits until the connection has ended, and says why. Cancel-safe.
    pub async fn ended(&self) -> Cause {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(cause)) => Arc::clone(cause),
            Ok(None) | Err(_) => Arc::new(ConnectionEnded),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// The connection was closed in good order.
#[derive(Debug, thiserror::Error)]
#[error("the connection to postgres has ended")]
struct ConnectionEnded;

/// The task that moves bytes for one connection; it ends with this value.
struct Driver(JoinHandle<()>);

impl Driver {
    fn start(driving: impl Future<Output = ()> + Send + 'static) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "owned and aborted by the session; its end is seen in `Session::ended`"
        )]
        let task = tokio::spawn(driving);
        Self(task)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs a connection to its end, and says why it ended.
async fn drive(
    mut connection: Connection<Socket, NoTlsStream>,
    heard: impl Fn(Partition, Offset),
) -> Cause {
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                // Anybody may notify on the channel; what is not ours wakes nobody.
                if let Some((partition, head)) = parse(notification.payload()) {
                    heard(partition, head);
                }
            }
            Some(Ok(other)) => debug!(message = ?other, "postgres says"),
            Some(Err(source)) => return Arc::new(source),
            None => return Arc::new(ConnectionEnded),
        }
    }
}

/// Reads what `append.sql` notifies: the partition and its head.
fn parse(payload: &str) -> Option<(Partition, Offset)> {
    let (partition, head) = payload.split_once(' ')?;
    Some((
        Partition(partition.parse().ok()?),
        Offset(head.parse().ok()?),
    ))
}
