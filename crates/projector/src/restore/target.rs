//! The log that is written: compared as far as it goes, appended to behind that.

use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;

use tracing::warn;
use writ_domain::{Offset, Partition, Position, Seq};
use writ_envelope::restore::Mark;
use writ_log::{
    AppendError, Appended, BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Log, Logged, Record, Tail,
};
use writ_store::entries::Raw;
use writ_store::ledger::Cursor;

use super::Error;
use crate::generation::Place;

/// How often an append is tried that the log could not take.
const TRIES: u32 = 20;
/// How long to wait before the next try, and for an append without an answer to arrive.
const PAUSE: Duration = Duration::from_millis(500);

/// A partition of the target.
pub(super) struct Target<'a> {
    log: &'a dyn Log,
    cursor: &'a Cursor,
    /// What stood there when it was opened: read and compared up to here.
    high: Offset,
    tail: Box<dyn Tail>,
    ahead: VecDeque<Logged>,
    /// The offset that the next entry's record has, or gets.
    next: Offset,
    batch: Batch,
    written: u64,
}

/// What became of a partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    /// Records that were appended.
    pub(super) records: u64,
    /// Whether the seal stands behind them already.
    pub(super) sealed: bool,
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("cursor", &self.cursor)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<'a> Target<'a> {
    pub(super) async fn open(log: &'a dyn Log, cursor: &'a Cursor) -> Result<Self, Error> {
        let partition = cursor.partition;
        let bounds = log.bounds(partition).await?;
        if bounds.low.0 != 0 {
            let offset = bounds.low;
            return Err(Error::Foreign { partition, offset });
        }
        Ok(Self {
            log,
            cursor,
            high: bounds.high,
            tail: log.tail(partition, Offset(0)).await?,
            ahead: VecDeque::new(),
            next: Offset(0),
            batch: Batch::default(),
            written: 0,
        })
    }

    /// Compares or appends the record of the next entry.
    pub(super) async fn take(&mut self, entry: Raw) -> Result<(), Error> {
        let offset = self.next;
        let record = restored(entry);
        if offset < self.high {
            self.compare(&record).await?;
        } else {
            let size = record.size();
            if self.batch.is_full_with(size) {
                self.flush().await?;
            }
            self.batch.push(record, size);
        }
        self.next = offset.next().unwrap_or(offset);
        Ok(())
    }

    async fn compare(&mut self, record: &Record) -> Result<(), Error> {
        if self.ahead.is_empty() {
            self.ahead.extend(self.tail.next(BATCH_RECORDS_MAX).await?);
        }
        let offset = self.next;
        let found = self.ahead.pop_front();
        if found.is_some_and(|found| found.offset == offset && found.record == *record) {
            Ok(())
        } else {
            let partition = self.cursor.partition;
            Err(Error::Foreign { partition, offset })
        }
    }

    /// Appends what was taken.
    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        let records = self.batch.empty();
        let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let first = Offset(self.next.0.saturating_sub(count));
        append(self.log, self.cursor.partition, first, records).await?;
        self.written += count;
        Ok(())
    }

    /// Records that stand in the log by now.
    pub(super) fn done(&self) -> u64 {
        self.next.0
    }

    /// What stands behind the records: the seal, or nothing.
    pub(super) async fn finish(mut self) -> Result<Written, Error> {
        let sealed = self.high > self.next;
        if sealed {
            self.compare(&seal_record(self.cursor)).await?;
        }
        Ok(Written {
            records: self.written,
            sealed,
        })
    }
}

/// Records on their way.
#[derive(Debug, Default)]
struct Batch {
    records: Vec<Record>,
    bytes: usize,
}

impl Batch {
    fn is_full_with(&self, size: usize) -> bool {
        self.records.len() >= BATCH_RECORDS_MAX
            || (!self.records.is_empty() && self.bytes.saturating_add(size) > BATCH_BYTES_MAX)
    }

    fn push(&mut self, record: Record, size: usize) {
        self.records.push(record);
        self.bytes = self.bytes.saturating_add(size);
    }

    fn empty(&mut self) -> Vec<Record> {
        self.bytes = 0;
        core::mem::take(&mut self.records)
    }
}

/// The record of an entry, and its mark.
fn restored(entry: Raw) -> Record {
    let mark = Mark {
        position: entry.position,
        time: entry.time,
        chain: entry.chain,
    };
    marked(entry.record, &mark)
}

/// A record as it stands in a log that was written anew.
#[must_use]
pub fn marked(mut record: Record, mark: &Mark) -> Record {
    record.headers.extend(mark.headers());
    record
}

/// The seal that stands behind the records of a partition in a log that was written anew.
#[must_use]
pub fn seal_record(cursor: &Cursor) -> Record {
    let seal = Place::of(cursor).seal();
    Record {
        key: seal.key(),
        value: seal.encode(),
        headers: Vec::new(),
    }
}

/// Appends the seal behind the records.
pub(super) async fn seal(log: &dyn Log, cursor: &Cursor) -> Result<(), Error> {
    let records = vec![seal_record(cursor)];
    append(log, cursor.partition, cursor.next_offset, records).await
}

/// Appends records, the first of which gets offset `first` or it is an error.
///
/// An append that may have happened is looked for, and what is missing of it is sent again. One
/// that arrives later still lands behind what was sent again, and is found by its offset.
async fn append(
    log: &dyn Log,
    partition: Partition,
    mut first: Offset,
    mut records: Vec<Record>,
) -> Result<(), Error> {
    let mut tries = 0;
    while !records.is_empty() {
        let source =
            match log.append(partition, records.clone()).await {
                Ok(appended) => return check_landed(partition, first, &appended),
                Err(
                    source @ (AppendError::NotAppended { .. } | AppendError::MaybeAppended { .. }),
                ) if tries < TRIES => source,
                Err(source) => {
                    let seq = Seq(first.0.saturating_add(1));
                    let position = Position { partition, seq };
                    return Err(Error::Append { position, source });
                }
            };
        tries += 1;
        warn!(partition = %partition, offset = %first, error = crate::causes::chain(&source), "an append was not acknowledged; it is looked for");
        tokio::time::sleep(PAUSE).await;
        let arrived = arrived(log, partition, first, &records).await?;
        records.drain(..arrived);
        let arrived = u64::try_from(arrived).unwrap_or(u64::MAX);
        first = Offset(first.0.saturating_add(arrived));
    }
    Ok(())
}

/// How many of the records stand at `first` and after it. Anything else there is an error.
async fn arrived(
    log: &dyn Log,
    partition: Partition,
    first: Offset,
    records: &[Record],
) -> Result<usize, Error> {
    let high = log.bounds(partition).await?.high;
    let count = usize::try_from(high.0.saturating_sub(first.0)).unwrap_or(usize::MAX);
    if count == 0 {
        return Ok(0);
    }
    let mut tail = log.tail(partition, first).await?;
    let mut expected = records.iter();
    let mut left = count;
    while left > 0 {
        let found = tail.next(left).await?;
        for logged in &found {
            if expected.next() != Some(&logged.record) {
                let offset = logged.offset;
                return Err(Error::Foreign { partition, offset });
            }
        }
        left = left.saturating_sub(found.len());
    }
    Ok(count.min(records.len()))
}

fn check_landed(partition: Partition, first: Offset, appended: &[Appended]) -> Result<(), Error> {
    let mut expected = first;
    for landed in appended {
        if landed.offset != expected {
            let found = landed.offset;
            return Err(Error::Intruder {
                partition,
                expected,
                found,
            });
        }
        expected = expected.next().unwrap_or(expected);
    }
    Ok(())
}
