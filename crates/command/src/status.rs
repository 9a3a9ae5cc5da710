//! How a command stands.

use tokio::time::{Instant, timeout_at};
use writ_domain::{CommandId, Offset, Partition, TenantId};
use writ_store::entries;

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
        if let Some(decided) = self.find(tenant, command).await? {
            return Ok(Status::Decided(Box::new(decided)));
        }
        if self.inner.waiters.is_waited_for(tenant, command) {
            return Ok(Status::Appended);
        }
        let partition = self.inner.parts.buckets.partition_of(tenant);
        let bounds = self
            .inner
            .parts
            .log
            .bounds(partition)
            .await
            .map_err(|source| {
                let retry_after = core::time::Duration::from_secs(1);
                SubmitError::Unavailable {
                    retry_after,
                    source: Box::new(source),
                }
            })?;
        if !self.has_decided(partition, bounds.high, command).await? {
            return Ok(Status::Behind);
        }
        // SUBTLE: it may have been decided while we waited.
        Ok(match self.find(tenant, command).await? {
            Some(decided) => Status::Decided(Box::new(decided)),
            None => Status::Unknown,
        })
    }

    async fn find(
        &self,
        tenant: &TenantId,
        command: CommandId,
    ) -> Result<Option<Decided>, SubmitError> {
        let found = entries::by_command(&self.inner.parts.store, tenant, &[command])
            .await
            .map_err(|source| SubmitError::Unread {
                command_id: command,
                source,
            })?;
        match found.into_iter().next() {
            Some((_, entry)) => self.decided(tenant, entry).await.map(Some),
            None => Ok(None),
        }
    }

    /// Waits until every record before `high` is decided; `false` if that takes too long.
    async fn has_decided(
        &self,
        partition: Partition,
        high: Offset,
        command: CommandId,
    ) -> Result<bool, SubmitError> {
        let deadline = Instant::now() + self.inner.options.patience;
        let mut occasions = self.inner.waiters.occasions();
        loop {
            occasions.mark_unchanged();
            let decided = entries::decided(&self.inner.parts.store, partition)
                .await
                .map_err(|source| SubmitError::Unread {
                    command_id: command,
                    source,
                })?;
            if decided >= high {
                return Ok(true);
            }
            // The sender lives as long as the service.
            if timeout_at(deadline, occasions.changed()).await.is_err() {
                return Ok(false);
            }
        }
    }
}
