//! Hears that entries were committed: one notification per batch, from whichever process.
//!
//! **Shape.** One connection of its own, driven by whoever waits. It says only "look again": a
//! notification may be lost with the connection, so whoever waits looks on a timer too.

use core::future::poll_fn;
use core::task::{Context, Poll};

use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Socket};

use super::statement::Statement;
use crate::{Error, Store};

pub(super) const LISTEN: Statement = Statement {
    name: "store.entries.listen",
    sql: include_str!("listen.sql"),
};

/// A connection that hears of commits.
pub struct Listener {
    /// Held because the connection ends with its last client.
    _client: Client,
    connection: Connection<Socket, NoTlsStream>,
    heard: bool,
}

impl core::fmt::Debug for Listener {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// The other end closed the connection.
#[derive(Debug, thiserror::Error)]
#[error("postgres closed the connection that listens for entries")]
struct Closed;

impl Listener {
    /// Connects and listens: whatever is committed from now on is heard.
    pub async fn open(store: &Store) -> Result<Self, Error> {
        let (client, mut connection) =
            store
                .config()
                .connect(NoTls)
                .await
                .map_err(|source| Error::Unavailable {
                    source: Box::new(source),
                })?;
        let mut heard = false;
        {
            let listening = client.batch_execute(LISTEN.sql);
            let driving = poll_fn(|context| drive(&mut connection, context, &mut heard));
            tokio::pin!(listening, driving);
            tokio::select! {
                listening = &mut listening => {
                    listening.map_err(Error::statement(LISTEN.name))?;
                }
                error = &mut driving => return Err(error),
            }
        }
        Ok(Self {
            _client: client,
            connection,
            heard,
        })
    }

    /// Waits until something was committed since the last call. Cancel-safe.
    ///
    /// After an error, open another: what was committed meanwhile was not heard.
    pub async fn heard(&mut self) -> Result<(), Error> {
        poll_fn(
            |context| match drive(&mut self.connection, context, &mut self.heard) {
                Poll::Ready(error) => Poll::Ready(Err(error)),
                Poll::Pending if core::mem::take(&mut self.heard) => Poll::Ready(Ok(())),
                Poll::Pending => Poll::Pending,
            },
        )
        .await
    }
}

/// Takes everything that has arrived; ready only with an error.
fn drive(
    connection: &mut Connection<Socket, NoTlsStream>,
    context: &mut Context<'_>,
    heard: &mut bool,
) -> Poll<Error> {
    loop {
        match connection.poll_message(context) {
            Poll::Ready(Some(Ok(AsyncMessage::Notification(_)))) => *heard = true,
            Poll::Ready(Some(Ok(_notice))) => {}
            Poll::Ready(Some(Err(source))) => {
                return Poll::Ready(Error::Unavailable {
                    source: Box::new(source),
                });
            }
            Poll::Ready(None) => {
                return Poll::Ready(Error::Unavailable {
                    source: Box::new(Closed),
                });
            }
            Poll::Pending => return Poll::Pending,
        }
    }
}
