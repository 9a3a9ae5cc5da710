//! Why a partition stops, and what somebody does about it.
//!
//! A halted partition decides nothing and fails readiness; the process and its other partitions go
//! on. The owner gives the lease back, so that another process can try: one with a newer release
//! may do better. It also says in the store that it halted, so that no process appends commands
//! until somebody decides on: they would stand in the way of a log that is restored.
//!
//! | | the owner looks again | until |
//! | --- | --- | --- |
//! | the log is at fault: [`Halt::is_lasting`] says no | every few seconds, from the cursor, anchor first | it was repaired (`writ topics restore`, clocks set right), without a restart |
//! | the store or this build is at fault | never | the process is started again |
//!
//! To look again is safe because it decides nothing that the checks have not passed: a log that is
//! still wrong halts at the same place.

use writ_domain::{Offset, Partition, Position};
use writ_log::{Bounds, Cause};

use crate::causes::chain;

/// Deciding on would be wrong. The partition stops; the process and the other partitions go on.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The record was written by a newer release.
    #[error("the record at offset {offset} has envelope version {version}, newer than this build")]
    Newer {
        /// Where.
        offset: Offset,
        /// Its version.
        version: u64,
    },
    /// The ledger was decided by rules that this build lacks.
    #[error("the ledger is decided by rules {stored}, this build has {known}")]
    Rules {
        /// The version in the cursor.
        stored: u32,
        /// The version of this build.
        known: u32,
    },
    /// The log's clock, or ours, is wrong by minutes.
    #[error("the record at offset {offset} lies {ahead_s} s in the future of this process's clock")]
    ClockAhead {
        /// Where.
        offset: Offset,
        /// By how much.
        ahead_s: i64,
    },
    /// There is no log. One that is made in its place is another one.
    #[error("the log is not there")]
    Missing {
        /// Who says so.
        source: Cause,
    },
    /// The log is not the one that was decided so far.
    #[error("the record before offset {next_offset} is not the one that was decided")]
    AnchorMismatch {
        /// Where the cursor stands.
        next_offset: Offset,
    },
    /// The log lost records that were decided, or does not begin at its beginning.
    #[error("the log holds {bounds}, the cursor of partition {partition} stands at {next_offset}")]
    OutOfBounds {
        /// Which.
        partition: Partition,
        /// Where the cursor stands.
        next_offset: Offset,
        /// What the log holds.
        bounds: Bounds,
    },
    /// The log has a hole: every record has the offset of its seq less one, in every generation.
    #[error("the record at offset {offset} comes where {expected} is next: the log has a hole")]
    Hole {
        /// What was read.
        offset: Offset,
        /// What comes next.
        expected: Offset,
    },
    /// Somebody else wrote into a log that was being restored.
    #[error("the record at offset {offset} lies below the seal and was not restored")]
    BelowSeal {
        /// Where.
        offset: Offset,
    },
    /// A restored record is not where it belongs.
    #[error("the record at offset {offset} was restored as entry {marked}, and {expected} is next")]
    Misplaced {
        /// Where.
        offset: Offset,
        /// What its mark says.
        marked: Position,
        /// What comes next.
        expected: Position,
    },
    /// A restored record is decided otherwise than it was.
    #[error("the record at offset {offset} does not come to the hash of entry {position}")]
    RestoredOtherwise {
        /// Where.
        offset: Offset,
        /// The entry that it was.
        position: Position,
    },
    /// The stored state contradicts what was decided on.
    #[error("the store contradicts what was decided on after seq {seq}")]
    Corrupt {
        /// The last seq before the batch.
        seq: u64,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A decision asks again for what was loaded: a bug in what it says it touches.
    #[error("the record at offset {offset} asks again for {key}")]
    AsksAgain {
        /// Where.
        offset: Offset,
        /// For what.
        key: String,
    },
    /// A position would exceed the range of its number.
    #[error("partition {partition} has no positions left")]
    Exhausted {
        /// Which.
        partition: Partition,
    },
    /// The log itself is broken.
    #[error("the log is broken")]
    Log {
        /// How.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Halt {
    /// Whether it stays until the process is started again: looking again would find the same.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Newer { .. }
            | Self::Rules { .. }
            | Self::Corrupt { .. }
            | Self::AsksAgain { .. }
            | Self::Exhausted { .. } => true,
            Self::ClockAhead { .. }
            | Self::Missing { .. }
            | Self::AnchorMismatch { .. }
            | Self::OutOfBounds { .. }
            | Self::Hole { .. }
            | Self::BelowSeal { .. }
            | Self::Misplaced { .. }
            | Self::RestoredOtherwise { .. }
            | Self::Log { .. } => false,
        }
    }

    /// What it is, why, and what to do, for a person.
    pub(crate) fn to_text(&self) -> String {
        format!("{}; {}", chain(self), self.remedy())
    }

    /// What an operator does next.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Newer { .. } | Self::Rules { .. } => {
                "start the newer release, which wrote it; never go back behind it"
            }
            Self::ClockAhead { .. } => "set the clocks of this machine and of the log right",
            Self::Missing { .. } | Self::AnchorMismatch { .. } | Self::OutOfBounds { .. } => {
                "if the log was lost, truncated or moved: stop what appends, empty the log (`writ \
                 topics create` makes new topics) and run `writ topics restore`; if the database \
                 was put back to before a restore: `writ rebuild`; if this is the wrong log: \
                 configure the right one"
            }
            Self::Hole { .. } | Self::BelowSeal { .. } | Self::Misplaced { .. } => {
                "stop what appends, empty the log and restore it anew: `writ topics restore`, or \
                 `writ log copy` where the old log is still there"
            }
            Self::RestoredOtherwise { .. } => {
                "the log was altered or the release is another than the one that decided: run \
                 `writ verify`, then restore the log anew from the entries"
            }
            Self::Corrupt { .. } => {
                "run `writ verify`; `writ rebuild` makes the store anew from the log"
            }
            Self::AsksAgain { .. } | Self::Exhausted { .. } => "this is a bug: please report it",
            Self::Log { .. } => "repair the log, or restore it from the entries",
        }
    }
}
