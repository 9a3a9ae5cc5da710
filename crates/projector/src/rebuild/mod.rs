//! Folding again: the whole ledger from its log, or the views from the entries.
//!
//! ```text
//!   reader ──records or entries──► fold, in memory ──chunks──► copier      one of each a partition
//!                                    ▲
//!   reader of writ.changes ──────────┘  hashes to compare with
//! ```
//!
//! **Shape.** [`run`] decides every record of the log again, with complete states, into an empty
//! database: Postgres was lost. [`views`] folds the facts of the entries into a second set of views,
//! catches up with the owners, compares, and switches: readers and owners go on meanwhile. The fold
//! itself is computing alone and has a thread; reading and copying wait for it and it for them,
//! with a few chunks between.
//!
//! **Correctness.** Both fold by the code that live folding uses ([`crate::Decider`],
//! `State::apply`), and write the rows that it writes (`writ_store::rebuild`). What comes out is
//! compared before anybody reads it: with the hashes that were told to the world on `writ.changes`,
//! or with the live views. Killed at any moment, the same command begins again.

mod comparison;
mod ledger;
mod pipeline;
#[cfg(test)]
mod tests;
mod views;

use writ_domain::{Partition, Position};

use crate::Halt;

pub use comparison::Compared;
pub use ledger::{PartitionReport, Report, run};
pub use views::{PartitionViews, ViewsReport, views};

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Folding; counted in entries.
    Fold,
    /// Making indexes and analyzing; counted in tables.
    Index,
}

/// Is told how far a phase is: what is done, and of how much.
pub type Told<'a> = &'a (dyn Fn(Phase, u64, u64) + Sync);

/// Differences kept in a report, at most; more are counted.
const DIFFERENCES_MAX: usize = 100;

/// What differs from what was told before: the first ones, and how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The first ones.
    pub first: Vec<String>,
    /// How many.
    pub count: u64,
}

impl Differences {
    fn add(&mut self, difference: String) {
        self.count += 1;
        if self.first.len() < DIFFERENCES_MAX {
            self.first.push(difference);
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Why a rebuild ended before its end. What it made is used by nobody; run it again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store did not let it begin, or failed.
    #[error(transparent)]
    Store(#[from] writ_store::rebuild::Error),
    /// A log does not say what it holds.
    #[error("the log cannot be asked what it holds")]
    Bounds(#[source] writ_log::ReadError),
    /// A log cannot be read.
    #[error("the log cannot be read")]
    Log(#[source] writ_log::TailError),
    /// The log has lost its beginning.
    #[error("partition {partition} of the log begins at {low}: what was before is lost")]
    Beginning {
        /// Which.
        partition: Partition,
        /// Its first offset.
        low: writ_domain::Offset,
    },
    /// The topic of changes is another ledger's.
    #[error("the log of changes has {changes} partitions and the log of commands {commands}")]
    Partitions {
        /// How many the log of changes has.
        changes: u16,
        /// How many the log of commands has.
        commands: u16,
    },
    /// A record must not be decided by this build.
    #[error("partition {partition} cannot be decided to its end")]
    Halted {
        /// Which.
        partition: Partition,
        /// Why.
        source: Box<Halt>,
    },
    /// An entry cannot be folded.
    #[error("entry {position} cannot be folded: {problem}")]
    Entry {
        /// Which.
        position: Position,
        /// Why.
        problem: String,
    },
    /// The rows of a state came in another order than the digest's: a bug.
    #[error("the fold's rows are out of order")]
    Order(#[source] writ_envelope::digest::OutOfOrder),
    /// It was asked to stop.
    #[error("it was stopped")]
    Stopped,
    /// The fold's thread has ended without an answer.
    #[error("the fold broke off")]
    Broken(#[source] tokio::task::JoinError),
}

impl From<writ_store::Error> for Error {
    fn from(error: writ_store::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<writ_store::rebuild::Stopped> for Error {
    fn from(_: writ_store::rebuild::Stopped) -> Self {
        Self::Stopped
    }
}

/// How many partitions or tables are worked on side by side: as many as there are cores.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, core::num::NonZeroUsize::get)
}
