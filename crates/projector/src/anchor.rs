//! Whether a log is the one that was decided so far.
//!
//! An offset says nothing of which log it is from: a topic that was deleted and made again, a
//! database that was put back, a log that lost its end and grew past ours all have a record at
//! every offset. So the cursor keeps the hash of the last record that was decided, with its offset
//! and the log's time. Before anything is decided, that record is fetched again and compared.
//!
//! **Correctness.** A tail ends with every error and never reconnects by itself, and an owner has
//! nothing of a tail that ended. What it compares is the first record that the tail itself brings:
//! another log before that is seen here, and one after that ends the tail. So nothing is committed
//! that was read from a log which was not compared. A record that was read beside the tail would
//! not do: for a while two brokers may both say that they lead, and have different logs.

use writ_domain::Offset;
use writ_log::{Log, Logged, ReadError, Tail, TailError};
use writ_store::ledger::Cursor;

use crate::Halt;
use crate::generation::anchor_of;

/// Where a tail begins that [`compare_through`] can take: one record before those to be decided.
pub(crate) fn begin(cursor: &Cursor) -> Offset {
    let next_offset = cursor.next_offset;
    next_offset.previous().unwrap_or(next_offset)
}

/// Compares the log with what was decided: `None` if it is the same, and `tail` has the records to
/// be decided next.
pub(crate) async fn compare_through(
    tail: &mut dyn Tail,
    log: &dyn Log,
    cursor: &Cursor,
) -> Result<Option<Halt>, TailError> {
    if let Some(halt) = compare_bounds(log, cursor).await? {
        return Ok(Some(halt));
    }
    if cursor.next_offset.previous().is_none() {
        return Ok(None);
    }
    let last = tail.try_next(1).await?.pop();
    Ok(compare_last(last.as_ref(), cursor))
}

/// The same for somebody who follows nothing.
pub(crate) async fn compare(log: &dyn Log, cursor: &Cursor) -> Result<Option<Halt>, ReadError> {
    if let Some(halt) = compare_bounds(log, cursor).await? {
        return Ok(Some(halt));
    }
    let Some(last) = cursor.next_offset.previous() else {
        return Ok(None);
    };
    let last = log.read(cursor.partition, last).await?;
    Ok(compare_last(last.as_ref(), cursor))
}

async fn compare_bounds(log: &dyn Log, cursor: &Cursor) -> Result<Option<Halt>, ReadError> {
    let (partition, next_offset) = (cursor.partition, cursor.next_offset);
    let bounds = log.bounds(partition).await?;
    let fits = bounds.low.0 == 0 && bounds.can_follow(next_offset);
    Ok((!fits).then_some(Halt::OutOfBounds {
        partition,
        next_offset,
        bounds,
    }))
}

fn compare_last(found: Option<&Logged>, cursor: &Cursor) -> Option<Halt> {
    let next_offset = cursor.next_offset;
    let same = found.map(anchor_of) == cursor.anchor;
    (!same).then_some(Halt::AnchorMismatch { next_offset })
}
