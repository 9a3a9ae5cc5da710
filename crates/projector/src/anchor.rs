//! Whether a log is the one that was decided so far.
//!
//! An offset says nothing of which log it is from: a topic that was deleted and made again, a
//! database that was put back, a log that lost its end and grew past ours all have a record at
//! every offset. So the cursor keeps the hash of the last record that was decided, with its offset
//! and the log's time. Before anything is decided, that record is fetched again and compared.
//!
//! **Correctness.** A tail ends with every error and never reconnects by itself, and an owner has
//! nothing of a tail that ended. It compares after the tail is open: another log before that is
//! seen here, and one after that ends the tail. So nothing is committed that was read from a log
//! which was not compared.

use writ_log::{Log, ReadError};
use writ_store::ledger::Cursor;

use crate::Halt;
use crate::generation::anchor_of;

/// Compares the log with what was decided: `None` if it is the same.
pub(crate) async fn compare(log: &dyn Log, cursor: &Cursor) -> Result<Option<Halt>, ReadError> {
    let (partition, next_offset) = (cursor.partition, cursor.next_offset);
    let bounds = log.bounds(partition).await?;
    if bounds.low.0 != 0 || !bounds.can_follow(next_offset) {
        return Ok(Some(Halt::OutOfBounds {
            partition,
            next_offset,
            bounds,
        }));
    }
    let Some(last) = next_offset.previous() else {
        return Ok(None);
    };
    let found = log.read(partition, last).await?;
    let same = found.as_ref().map(anchor_of) == cursor.anchor;
    Ok((!same).then_some(Halt::AnchorMismatch { next_offset }))
}
