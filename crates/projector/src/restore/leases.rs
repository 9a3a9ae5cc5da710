//! The leases of all partitions, held by one connection for as long as the log is written.

use core::time::Duration;

use tokio::time::Instant;
use tracing::warn;
use writ_domain::Partition;
use writ_envelope::hash::Hash;
use writ_store::ledger::{self, Cursor, Lease, Session};
use writ_store::log::Config;

use super::{Error, Options};

/// How often a lease that another holds is asked for.
const ASK: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Leases {
    session: Session,
    cursors: Vec<Cursor>,
    lease: Duration,
}

impl Leases {
    /// Claims every partition of the ledger, which MUST have this many.
    pub(super) async fn claim(
        config: &Config,
        partitions: u16,
        options: &Options,
    ) -> Result<Self, Error> {
        let lease = Lease {
            owner: options.owner.clone(),
            duration: options.lease,
        };
        let session = Session::open(config, lease).await.map_err(Error::Store)?;
        let has = async |number| {
            let cursor = session.peek(Partition(number)).await;
            Ok::<_, Error>(cursor.map_err(Error::Lease)?.is_some())
        };
        let log = partitions;
        if !has(partitions.saturating_sub(1)).await? || has(partitions).await? {
            return Err(Error::OtherPartitions { log });
        }
        let mut leases = Self {
            session,
            cursors: Vec::new(),
            lease: options.lease,
        };
        let deadline = Instant::now() + options.patience;
        for partition in (0..partitions).map(Partition) {
            if let Err(error) = leases.claim_one(partition, deadline).await {
                leases.release().await;
                return Err(error);
            }
        }
        Ok(leases)
    }

    async fn claim_one(&mut self, partition: Partition, deadline: Instant) -> Result<(), Error> {
        loop {
            for cursor in &self.cursors {
                self.session.renew(cursor).await.map_err(Error::Lease)?;
            }
            let claimed = self.session.claim(partition).await;
            if let Some(cursor) = claimed.map_err(Error::Lease)? {
                self.cursors.push(cursor);
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Error::Owned { partition });
            }
            tokio::time::sleep(ASK).await;
        }
    }

    /// Where each partition stands, and will stand as long as the leases are held.
    pub(super) fn cursors(&self) -> &[Cursor] {
        &self.cursors
    }

    /// Renews the leases until one is lost.
    pub(super) async fn keep(&self) -> Error {
        loop {
            tokio::time::sleep(self.lease / 3).await;
            if let Err(error) = self.renew().await {
                return Error::Lease(error);
            }
        }
    }

    async fn renew(&self) -> Result<(), ledger::Error> {
        for cursor in &self.cursors {
            self.session.renew(cursor).await?;
        }
        Ok(())
    }

    /// Makes the restored log the one that was decided.
    pub(super) async fn rebase(&self, moved: &[(Cursor, Hash)]) -> Result<(), Error> {
        if moved.is_empty() {
            return Ok(());
        }
        self.session.rebase(moved).await.map_err(Error::Lease)
    }

    /// Gives the leases back, so that owners need not wait for their end.
    pub(super) async fn release(&self) {
        for cursor in &self.cursors {
            if let Err(error) = self.session.release(cursor).await {
                warn!(partition = %cursor.partition, error = crate::causes::chain(&error), "a lease was not given back; it ends by itself");
            }
        }
    }
}
