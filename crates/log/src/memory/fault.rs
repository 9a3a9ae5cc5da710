//! Faults that a test or a simulation orders.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::AppendError;

/// What happens to the next append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused: `NotAppended`.
    NotAppended,
    /// It is lost on the way there: `MaybeAppended`, and it is not in the log.
    LostBeforeAppend,
    /// Its answer is lost on the way back: `MaybeAppended`, and it is in the log.
    LostAfterAppend,
    /// It succeeds, but the log's clock is off by this much; backwards where negative.
    ClockOff(TimeDelta),
}

/// The cause of an error that was ordered, or of a bound that was reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct OrderedFault {
    what: &'static str,
}

impl OrderedFault {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what }
    }

    pub(crate) fn not_appended(what: &'static str) -> AppendError {
        AppendError::NotAppended {
            source: Arc::new(Self::new(what)),
        }
    }

    pub(crate) fn maybe_appended() -> AppendError {
        AppendError::MaybeAppended {
            source: Arc::new(Self::new("a fault was ordered")),
        }
    }
}
