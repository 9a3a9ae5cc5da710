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
use writ_log::{Bounds, Log, Logged, ReadError};
use writ_store::ledger::Cursor;

use crate::Halt;
use crate::generation::anchor_of;

/// Where an owner's tail begins: one record before those to be decided, for [`compare_last`].
pub(crate) fn begin(cursor: &Cursor) -> Offset {
    let next_offset = cursor.next_offset;
    next_offset.previous().unwrap_or(next_offset)
}

/// Compares what the log holds with what was decided: `None` if that can be it.
pub(crate) fn compare_bounds(bounds: Bounds, cursor: &Cursor) -> Option<Halt> {
    let (partition, next_offset) = (cursor.partition, cursor.next_offset);
    let fits = bounds.low.0 == 0 && bounds.can_follow(next_offset);
    (!fits).then_some(Halt::OutOfBounds {
        partition,
        next_offset,
        bounds,
    })
}

/// Compares the record before those to be decided with the one that was: `None` if it is the same.
/// Where nothing was decided there is none to be compared.
pub(crate) fn compare_last(found: Option<&Logged>, cursor: &Cursor) -> Option<Halt> {
    let next_offset = cursor.next_offset;
    let same = found.map(anchor_of) == cursor.anchor;
    (!same).then_some(Halt::AnchorMismatch { next_offset })
}

/// Compares a log that nobody follows here with what was decided: `None` if it is the same.
pub(crate) async fn compare(log: &dyn Log, cursor: &Cursor) -> Result<Option<Halt>, ReadError> {
    let bounds = log.bounds(cursor.partition).await?;
    if let Some(halt) = compare_bounds(bounds, cursor) {
        return Ok(Some(halt));
    }
    let Some(last) = cursor.next_offset.previous() else {
        return Ok(None);
    };
    let last = log.read(cursor.partition, last).await?;
    Ok(compare_last(last.as_ref(), cursor))
}
