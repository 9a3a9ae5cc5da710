//! One partition of the topic of changes: how far it is, and telling on.

use tracing::warn;
use writ_domain::{Offset, Partition, Position, Seq};
use writ_envelope::event::Told;
use writ_log::{BATCH_RECORDS_MAX, Log, Logged};
use writ_store::relay::RelayCursor;

use super::Error;
use super::message::Batch;
use crate::generation::anchor_of;

/// Where the topic stands.
pub(super) struct Topic<'a> {
    log: &'a dyn Log,
    partition: Partition,
    /// The entry that is told last; the topic is whole up to it at least.
    last: Option<Told>,
    /// Behind everything that is known to stand there.
    high: Offset,
    /// The offset of a message of `last`.
    offset: Offset,
}

impl<'a> Topic<'a> {
    /// Finds out how far the topic is.
    pub(super) async fn open(
        log: &'a dyn Log,
        partition: Partition,
        kept: Option<RelayCursor>,
    ) -> Result<Self, Error> {
        let bounds = log.bounds(partition).await?;
        if bounds.low.0 != 0 {
            return Err(Error::NoBeginning);
        }
        let mut topic = Self {
            log,
            partition,
            last: None,
            high: bounds.high,
            offset: Offset(0),
        };
        let Some(end) = bounds.high.previous() else {
            if kept.is_some() {
                warn!(partition = %partition, "the topic of changes is empty: it is told from entry 1");
            }
            return Ok(topic);
        };
        if let Some((told, offset)) = topic.believed(kept).await? {
            topic.stand(told, offset);
            topic.read_on(offset.next()).await?;
            return Ok(topic);
        }
        match topic.told_at(end).await? {
            // A whole topic has at least as many messages as the number of any entry on it.
            Some(told) if told.position.seq.0 <= bounds.high.0 => topic.stand(told, end),
            Some(_) | None => {
                warn!(partition = %partition, messages = bounds.high.0, "the topic of changes does not end as it should: it is read from its beginning");
                topic.read_on(Some(Offset(0))).await?;
            }
        }
        Ok(topic)
    }

    /// The message at an offset, if it tells an entry of this partition.
    async fn told_at(&self, offset: Offset) -> Result<Option<Told>, Error> {
        let logged = self.log.read(self.partition, offset).await?;
        Ok(logged.and_then(|logged| self.told(&logged)))
    }

    fn told(&self, logged: &Logged) -> Option<Told> {
        Told::of(&logged.record.headers).filter(|told| {
            told.position.partition == self.partition && told.position.seq != Seq::ZERO
        })
    }

    fn stand(&mut self, told: Told, offset: Offset) {
        self.last = Some(told);
        self.offset = offset;
    }

    /// What was kept, if this is still the topic: it was whole up to there.
    async fn believed(&self, kept: Option<RelayCursor>) -> Result<Option<(Told, Offset)>, Error> {
        let Some(kept) = kept else { return Ok(None) };
        let logged = self.log.read(self.partition, kept.offset).await?;
        let logged = logged.filter(|logged| anchor_of(logged) == kept.anchor);
        let told = logged.and_then(|logged| self.told(&logged));
        if told.is_none() {
            warn!(partition = %self.partition, "the topic of changes is not the one of before: it is told on from its end");
        }
        Ok(told.map(|told| (told, kept.offset)))
    }

    /// Reads from an offset to the end: how far the topic is whole.
    async fn read_on(&mut self, from: Option<Offset>) -> Result<(), Error> {
        let Some(mut read) = from.filter(|from| *from < self.high) else {
            return Ok(());
        };
        let mut tail = self.log.tail(self.partition, read).await?;
        while read < self.high {
            for logged in tail.next(BATCH_RECORDS_MAX).await? {
                let told = self.told(&logged);
                if let Some(told) = told.filter(|told| Some(told.position.seq) == self.seq().next())
                {
                    self.stand(told, logged.offset);
                }
                read = logged.offset.next().unwrap_or(logged.offset);
            }
        }
        Ok(())
    }

    /// The entry that is told last; zero if none is.
    pub(super) fn seq(&self) -> Seq {
        self.last.map_or(Seq::ZERO, |told| told.position.seq)
    }

    pub(super) fn last(&self) -> Option<Told> {
        self.last
    }

    /// Tells the entries that come next.
    pub(super) async fn append(&mut self, batch: Batch) -> Result<(), Error> {
        let Batch { records, last } = batch;
        let told = self.high.0;
        let bounds = self.log.bounds(self.partition).await?;
        if bounds.low.0 != 0 {
            return Err(Error::NoBeginning);
        }
        let truncated = |high| Error::Truncated { high, told };
        if bounds.high.0 < told {
            return Err(truncated(bounds.high.0));
        }
        let next = self.seq().next().unwrap_or(self.seq());
        let position = Position {
            partition: self.partition,
            seq: next,
        };
        let appended = self.log.append(self.partition, records).await;
        let appended = appended.map_err(|source| Error::Append { position, source })?;
        if let Some(landed) = appended.iter().find(|landed| landed.offset.0 < told) {
            return Err(truncated(landed.offset.0));
        }
        if let Some(landed) = appended.last() {
            self.high = landed.offset.next().unwrap_or(landed.offset);
            self.stand(last, landed.offset);
        }
        Ok(())
    }

    /// What is worth keeping, read back from the topic; `None` if nothing is told.
    pub(super) async fn cursor(&self) -> Result<Option<RelayCursor>, Error> {
        let Some(last) = self.last else {
            return Ok(None);
        };
        let logged = self.log.read(self.partition, self.offset).await?;
        Ok(logged.map(|logged| RelayCursor {
            seq: last.position.seq,
            offset: self.offset,
            anchor: anchor_of(&logged),
        }))
    }
}
