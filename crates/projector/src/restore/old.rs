//! Comparing a log that is left with the entries.

use std::collections::VecDeque;

use writ_domain::{BucketMap, Offset, Partition, Seq};
use writ_log::{BATCH_RECORDS_MAX, Log, Logged, Tail};
use writ_store::entries::Raw;

use super::Error;
use super::pages::Pages;
use crate::generation::{Content, Found, Logical, Place};

/// The records of a log in order, as they are decided: marks taken off.
pub(super) struct Records<'a> {
    map: &'a BucketMap,
    tail: Box<dyn Tail>,
    ahead: VecDeque<Logged>,
    /// What stands before the next record.
    place: Place,
}

impl<'a> Records<'a> {
    pub(super) async fn open(
        log: &dyn Log,
        partition: Partition,
        map: &'a BucketMap,
    ) -> Result<Self, Error> {
        Ok(Self {
            map,
            tail: log.tail(partition, Offset(0)).await?,
            ahead: VecDeque::new(),
            place: Place::genesis(partition),
        })
    }

    /// The next record. There MUST be one.
    async fn next(&mut self) -> Result<Option<Logical>, Error> {
        if self.ahead.is_empty() {
            self.ahead.extend(self.tail.next(BATCH_RECORDS_MAX).await?);
        }
        let Some(logged) = self.ahead.pop_front() else {
            return Ok(None);
        };
        let found = Found::of(self.map, self.place.partition, logged);
        // What would halt an owner is not what was decided.
        Ok(found.place(&self.place).ok())
    }

    /// Compares the next record with the entry in its place.
    pub(super) async fn compare(&mut self, entry: &Raw) -> Result<(), Error> {
        let position = entry.position;
        let found = self.next().await?;
        let Some(logical) = found.filter(|logical| tells(logical, entry)) else {
            return Err(Error::OldRecord { position });
        };
        self.place = self
            .place
            .after(position.seq, entry.chain, logical.restoring);
        Ok(())
    }
}

fn tells(logical: &Logical, entry: &Raw) -> bool {
    logical.offset == entry.offset
        && logical.record == entry.record
        && logical.check(&entry.chain).is_ok()
}

/// Whether every record of a partition is in an entry; its head.
///
/// A seal at the very end need not be: it says nothing that the records before it do not.
pub(super) async fn check_decided(
    log: &dyn Log,
    mut pages: Pages<'_>,
    map: &BucketMap,
) -> Result<Offset, Error> {
    let partition = pages.partition();
    let bounds = log.bounds(partition).await?;
    if bounds.low.0 != 0 {
        let offset = bounds.low;
        return Err(Error::Foreign { partition, offset });
    }
    let mut records = Records::open(log, partition, map).await?;
    while records.place.seq.0 < bounds.high.0 {
        let page = pages.next().await?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            if records.place.seq.0 == bounds.high.0 {
                break;
            }
            let is_last = records.place.seq.0.checked_add(1) == Some(bounds.high.0);
            let found = records.next().await?;
            match found {
                Some(logical) if tells(&logical, entry) => {
                    let Place { seq, .. } = records.place;
                    let seq = seq.next().unwrap_or(seq);
                    records.place = records.place.after(seq, entry.chain, logical.restoring);
                }
                Some(logical) if is_last && matches!(logical.content, Content::Seal) => {
                    return Ok(bounds.high);
                }
                Some(_) | None => {
                    let offset = entry.offset;
                    return Err(Error::Foreign { partition, offset });
                }
            }
        }
    }
    let Seq(decided) = records.place.seq;
    let records = bounds.high.0.saturating_sub(decided);
    if records > 0 {
        return Err(Error::Undecided { partition, records });
    }
    Ok(bounds.high)
}
