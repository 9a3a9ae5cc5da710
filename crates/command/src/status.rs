//! How a command stands.

use core::time::Duration;

use tokio::time::{Instant, timeout_at};
use writ_domain::{CommandId, Offset, Partition, TenantId};
use writ_log::{Logged, ReadError};
use writ_store::entries::{self, Entry, Progress};

use crate::submission::{Asks, Heard, Inquiry, Standing};
use crate::{Decided, Service, SubmitError};

/// How a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is decided.
    Decided(Box<Decided>),
    /// A request of this process waits for its outcome.
    Appended,
    /// The ledger holds no such command, and the log held none when it was asked.
    Unknown,
    /// The projector has not come as far as the log was when it was asked.
    Behind,
}

impl Service {
    /// How a command of a tenant stands. Definite: an unknown one was not in the log.
    pub async fn status(
        &self,
        tenant: &TenantId,
        command: CommandId,
    ) -> Result<Status, SubmitError> {
        let mut deadline = Instant::now() + self.inner.options.patience;
        let mut occasions = self.inner.waiters.occasions();
        let partition = self.inner.parts.buckets.partition_of(tenant);
        let mut inquiry = Inquiry::default();
        let mut asks = Asks::Find;
        loop {
            let heard = match asks {
                Asks::Told(standing) => return self.stands(tenant, standing).await,
                Asks::Find => Heard::Found {
                    entry: self.find(tenant, command).await?,
                    waited_for: self.inner.waiters.is_waited_for(tenant, command),
                },
                Asks::End => {
                    let high = self.end(partition).await?;
                    deadline = Instant::now() + self.inner.options.patience;
                    Heard::End(high)
                }
                Asks::Progress => {
                    occasions.mark_unchanged();
                    Heard::Progress(self.progress(partition, command).await?)
                }
                Asks::Record(offset) => Heard::Record(self.record(partition, offset).await?),
                // The sender lives as long as the service.
                Asks::Wait => match timeout_at(deadline, occasions.changed()).await {
                    Ok(_) => Heard::Moved,
                    Err(_) => Heard::TimeUp,
                },
            };
            asks = inquiry.step(heard);
        }
    }

    async fn stands(&self, tenant: &TenantId, standing: Standing) -> Result<Status, SubmitError> {
        Ok(match standing {
            Standing::Decided(entry) => {
                Status::Decided(Box::new(self.decided(tenant, *entry).await?))
            }
            Standing::Appended => Status::Appended,
            Standing::Unknown => Status::Unknown,
            Standing::Behind => Status::Behind,
        })
    }

    async fn find(
        &self,
        tenant: &TenantId,
        command: CommandId,
    ) -> Result<Option<Box<Entry>>, SubmitError> {
        let found = entries::by_command(&self.inner.parts.store, tenant, &[command])
            .await
            .map_err(unread(command))?;
        Ok(found.into_iter().next().map(|(_, entry)| Box::new(entry)))
    }

    async fn end(&self, partition: Partition) -> Result<Offset, SubmitError> {
        let bounds = self.inner.parts.log.bounds(partition).await;
        Ok(bounds.map_err(unavailable)?.high)
    }

    async fn record(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, SubmitError> {
        let record = self.inner.parts.log.read(partition, offset).await;
        record.map_err(unavailable)
    }

    async fn progress(
        &self,
        partition: Partition,
        command: CommandId,
    ) -> Result<Progress, SubmitError> {
        entries::decided(&self.inner.parts.store, partition)
            .await
            .map_err(unread(command))
    }
}

fn unavailable(source: ReadError) -> SubmitError {
    SubmitError::Unavailable {
        retry_after: Duration::from_secs(1),
        source: Box::new(source),
    }
}

fn unread(command_id: CommandId) -> impl FnOnce(writ_store::Error) -> SubmitError {
    move |source| SubmitError::Unread { command_id, source }
}
