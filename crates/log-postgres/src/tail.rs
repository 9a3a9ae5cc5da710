//! Following one partition.

use async_trait::async_trait;
use core::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;
use writ_crash::{Point, here};
use writ_domain::{Offset, Partition};
use writ_log::{Logged, ReadError, Tail, TailError};
use writ_store::log::Session;

/// How long a tail waits for a sign before it looks by itself. A notification may be lost with a
/// failover, and nothing else would tell that the log was truncated.
const RECHECK: Duration = Duration::from_secs(1);

pub(crate) struct PostgresTail {
    session: Session,
    partition: Partition,
    /// The first offset that was not yet returned.
    from: Offset,
    /// How far the partition is known to reach; may be behind, or ahead of a truncated log.
    head: watch::Receiver<Offset>,
    /// Whether there may be records that no head was heard of.
    unlooked: bool,
    /// Why it is broken; it stays so.
    broken: Option<TailError>,
}

impl PostgresTail {
    pub(crate) fn new(
        session: Session,
        partition: Partition,
        from: Offset,
        head: watch::Receiver<Offset>,
    ) -> Self {
        Self {
            session,
            partition,
            from,
            head,
            unlooked: true,
            broken: None,
        }
    }

    async fn wait_and_take(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        loop {
            let known = *self.head.borrow_and_update();
            if self.unlooked || known > self.from {
                let taken = self.take(limit).await?;
                if !taken.is_empty() {
                    return Ok(taken);
                }
                self.unlooked = false;
            }
            // SUBTLE: beyond both. A head that is known and not in the tables (the log was
            // truncated) would otherwise end every wait at once.
            let beyond = known.max(self.from);
            let woken = tokio::select! {
                woken = self.head.wait_for(|head| *head > beyond) => woken.is_ok(),
                source = self.session.ended() => return Err(TailError::Unavailable { source }),
                () = sleep(RECHECK) => false,
            };
            if !woken {
                let taken = self.recheck(limit).await?;
                if !taken.is_empty() {
                    return Ok(taken);
                }
            }
        }
    }

    /// Looks at the bounds before the records, so that a truncation and a hole are seen.
    async fn recheck(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        let bounds = self.session.bounds(self.partition).await?;
        if !bounds.can_follow(self.from) {
            return Err(TailError::OutOfRange {
                from: self.from,
                bounds,
            });
        }
        if bounds.high == self.from {
            return Ok(Vec::new());
        }
        let taken = self.take(limit).await?;
        if taken.is_empty() {
            return Err(self.hole(bounds.high));
        }
        Ok(taken)
    }

    /// What is there, from the tables. Moves on only when it has it all in hand.
    async fn take(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        here(Point::LogFetch).await;
        let taken = self.session.tail(self.partition, self.from, limit).await?;
        here(Point::LogFetched).await;
        let mut expected = Some(self.from);
        for logged in &taken {
            if expected != Some(logged.offset) {
                return Err(self.hole(logged.offset));
            }
            expected = logged.offset.next();
        }
        if let Some(last) = taken.last() {
            self.from = last.offset.next().ok_or_else(|| self.hole(last.offset))?;
        }
        Ok(taken)
    }

    /// A record that was appended once is not there.
    fn hole(&self, next: Offset) -> TailError {
        ReadError::Corrupt {
            partition: self.partition,
            offset: self.from,
            problem: format!("there are no records from here to {next}"),
        }
        .into()
    }

    fn check_broken(&self) -> Result<(), TailError> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn keep_broken(
        &mut self,
        taken: Result<Vec<Logged>, TailError>,
    ) -> Result<Vec<Logged>, TailError> {
        if let Err(error) = &taken {
            self.broken = Some(error.clone());
        }
        taken
    }
}

#[async_trait]
impl Tail for PostgresTail {
    async fn next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        self.check_broken()?;
        let taken = self.wait_and_take(limit).await;
        self.keep_broken(taken)
    }

    async fn try_next(&mut self, limit: usize) -> Result<Vec<Logged>, TailError> {
        self.check_broken()?;
        let taken = self.take(limit).await;
        self.keep_broken(taken)
    }
}
