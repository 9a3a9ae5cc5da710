//! Why owning ended, and what follows from each error.

use writ_log::TailError;
use writ_store::ledger::{self, Cursor};

use crate::Halt;

/// Why owning ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Asked to stop.
    Stopped,
    /// Another owner has it.
    Fenced,
    /// Others have less than their share: one of them shall have it.
    HandedBack,
    /// It may go better at the next try.
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// It must not go on.
    Halted(Halt),
}

impl From<Halt> for Ended {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

pub(super) fn tail_ended(cursor: &Cursor, error: TailError) -> Ended {
    match error {
        TailError::OutOfRange { bounds, .. } => {
            let (partition, next_offset) = (cursor.partition, cursor.next_offset);
            Halt::OutOfBounds {
                partition,
                next_offset,
                bounds,
            }
            .into()
        }
        error @ (TailError::Corrupt { .. } | TailError::NoSuchPartition { .. }) => Halt::Log {
            source: Box::new(error),
        }
        .into(),
        TailError::Missing { source } => Halt::Missing { source }.into(),
        error @ TailError::Unavailable { .. } => Ended::Failed(Box::new(error)),
    }
}

pub(super) fn ended(error: ledger::Error) -> Ended {
    match error {
        ledger::Error::Fenced { .. } => Ended::Fenced,
        error @ (ledger::Error::Corrupt { .. }
        | ledger::Error::CommitUnknown { .. }
        | ledger::Error::Store(_)) => Ended::Failed(Box::new(error)),
    }
}

/// The same, of a commit.
pub(super) fn committed(before: &Cursor, error: ledger::Error) -> Ended {
    match error {
        ledger::Error::Corrupt { source } => Ended::Halted(Halt::Corrupt {
            seq: before.seq.0,
            source: Box::new(source),
        }),
        other @ (ledger::Error::Fenced { .. }
        | ledger::Error::CommitUnknown { .. }
        | ledger::Error::Store(_)) => ended(other),
    }
}
