//! What is done while the leases are held: every partition written and sealed.

use core::fmt;

use writ_domain::BucketMap;
use writ_envelope::hash::Hash;
use writ_log::Log;
use writ_store::Store;
use writ_store::ledger::Cursor;
use writ_store::log::retire;

use super::target::{self, Target, Written};
use super::{Error, OnProgress, Progress, Report, Restored, old, pages};
use crate::anchor;
use crate::generation::anchor_of;

/// What a run goes by.
pub(super) struct Work<'a> {
    pub(super) page: u32,
    pub(super) store: &'a Store,
    pub(super) from: Option<&'a dyn Log>,
    pub(super) to: &'a dyn Log,
    pub(super) map: BucketMap,
    pub(super) on_progress: OnProgress<'a>,
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}

/// A partition on its way into the target.
struct Moving<'a> {
    cursor: &'a Cursor,
    /// `None` if there is nothing to restore, or it is there already.
    written: Option<Written>,
    was_there: bool,
}

impl Work<'_> {
    /// Writes every partition and its seal; the cursors to move, and where to.
    pub(super) async fn all(
        &self,
        cursors: &[Cursor],
        may_retire: bool,
    ) -> Result<(Report, Vec<(Cursor, Hash)>), Error> {
        let mut moving = self.begin(cursors).await?;
        let mut retired = None;
        match self.write(&mut moving).await {
            Err(Error::Foreign { .. })
                if may_retire && !moving.iter().any(|partition| partition.was_there) =>
            {
                retired = Some(self.retire(cursors).await?);
                self.write(&mut moving).await?;
            }
            written => written?,
        }
        // Again, as late as can be: the old log may still be appended to by somebody.
        for partition in moving.iter().filter(|partition| !partition.was_there) {
            self.check_old(partition.cursor).await?;
        }
        let mut moved = Vec::new();
        for partition in &moving {
            if let Some(anchor) = self.seal(partition).await? {
                moved.push((partition.cursor.clone(), anchor));
            }
        }
        let report = Report {
            partitions: moving.iter().map(Moving::restored).collect(),
            retired,
        };
        Ok((report, moved))
    }

    async fn begin<'c>(&self, cursors: &'c [Cursor]) -> Result<Vec<Moving<'c>>, Error> {
        let mut moving = Vec::new();
        for cursor in cursors {
            let was_there =
                cursor.anchor.is_some() && anchor::compare(self.to, cursor).await?.is_none();
            if !was_there {
                self.check_old(cursor).await?;
            }
            moving.push(Moving {
                cursor,
                written: None,
                was_there,
            });
        }
        Ok(moving)
    }

    /// Whether the old log, if one was given, is the one that was decided, and wholly.
    async fn check_old(&self, cursor: &Cursor) -> Result<(), Error> {
        let Some(from) = self.from else { return Ok(()) };
        if let Some(halt) = anchor::compare(from, cursor).await? {
            return Err(Error::OldLog(halt));
        }
        let high = from.bounds(cursor.partition).await?.high;
        let records = high.0.saturating_sub(cursor.next_offset.0);
        if records > 0 {
            let partition = cursor.partition;
            return Err(Error::Undecided { partition, records });
        }
        Ok(())
    }

    async fn write(&self, moving: &mut [Moving<'_>]) -> Result<(), Error> {
        for partition in moving {
            // Where nothing was decided nothing is to be trusted: the log may begin as it likes.
            if !partition.was_there && partition.cursor.anchor.is_some() {
                partition.written = Some(self.write_partition(partition.cursor).await?);
            }
        }
        Ok(())
    }

    async fn write_partition(&self, cursor: &Cursor) -> Result<Written, Error> {
        let mut target = Target::open(self.to, cursor).await?;
        let mut old = match self.from {
            Some(from) => Some(old::Records::open(from, cursor.partition, &self.map).await?),
            None => None,
        };
        let mut pages = pages::Pages::new(self.store, cursor, self.page);
        let mut page = pages.next().await?;
        while !page.is_empty() {
            let work = async {
                for entry in page {
                    if let Some(old) = &mut old {
                        old.compare(&entry).await?;
                    }
                    target.take(entry).await?;
                }
                target.flush().await
            };
            let (worked, next) = tokio::join!(work, pages.next());
            worked?;
            page = next?;
            (self.on_progress)(Progress {
                partition: cursor.partition,
                done: target.done(),
                total: cursor.seq.0,
            });
        }
        target.finish().await
    }

    /// Seals what was written; the anchor to move to.
    async fn seal(&self, partition: &Moving<'_>) -> Result<Option<Hash>, Error> {
        let cursor = partition.cursor;
        let sealed = match &partition.written {
            Some(written) => written.sealed,
            // A restored log that lost its end, the seal: it gets the same again.
            None if partition.was_there && cursor.restoring => {
                self.to.bounds(cursor.partition).await?.high > cursor.next_offset
            }
            None => return Ok(None),
        };
        if !sealed {
            target::seal(self.to, cursor).await?;
        }
        let Some(last) = cursor.next_offset.previous() else {
            return Ok(None);
        };
        let logged = self.to.read(cursor.partition, last).await?;
        let logged = logged.ok_or(Error::Foreign {
            partition: cursor.partition,
            offset: last,
        })?;
        Ok(partition.written.as_ref().map(|_| anchor_of(&logged)))
    }

    /// Puts aside what the target holds, if all of it is in entries.
    async fn retire(&self, cursors: &[Cursor]) -> Result<u32, Error> {
        let mut looked = Vec::new();
        for cursor in cursors {
            let pages = pages::Pages::new(self.store, cursor, self.page);
            let head = old::check_decided(self.to, pages, &self.map).await?;
            looked.push((cursor.clone(), head));
        }
        retire(self.store, &looked).await.map_err(Error::Retire)
    }
}

impl Moving<'_> {
    fn restored(&self) -> Restored {
        Restored {
            partition: self.cursor.partition,
            records: self.cursor.seq.0,
            written: self.written.as_ref().map_or(0, |written| written.records),
            was_there: self.was_there,
        }
    }
}
