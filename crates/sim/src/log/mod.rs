//! A log as its users see it: topics in memory, with a past that may be lost.
//!
//! **Shape.** [`Topic`] holds partitions; the world carries requests to it and answers back, and
//! orders the faults. A tail is what its client has: records are taken when the answer is
//! delivered, so that a wait that was given up has taken none.
//!
//! **Correctness.** It keeps the promises of [`writ_log::Log`] where no fault was ordered: offsets
//! without a hole, times as they were given, a tail that ends where its log does. After an unclean
//! change of the leader a tail may go on to see the former leader's records for a while, as readers
//! of two brokers do, and then breaks.

#[cfg(test)]
mod tests;
mod topic;

pub(crate) use topic::cause;
pub use topic::{TailId, Topic};
use writ_domain::{Offset, Partition};
use writ_log::{AppendError, Appended, Bounds, Logged, ReadError, Record, TailError};

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// `writ.commands`.
    Commands,
    /// `writ.changes`.
    Changes,
}

/// What a log is asked.
#[derive(Debug)]
pub enum Request {
    /// To append, in order.
    Append(Partition, Vec<Record>),
    /// To be followed from an offset.
    Tail(Partition, Offset),
    /// For at most so many records of a tail; whether to wait until there is one.
    Next(TailId, usize, bool),
    /// What a partition holds.
    Bounds(Partition),
    /// The record at an offset.
    Read(Partition, Offset),
}

/// What a log answers.
#[derive(Debug)]
pub enum Answer {
    /// To an append.
    Appended(Result<Vec<Appended>, AppendError>),
    /// To the opening of a tail.
    Tail(Result<TailId, TailError>),
    /// Records of a tail.
    Records(Result<Vec<Logged>, TailError>),
    /// To a look at what there is.
    Bounds(Result<Bounds, ReadError>),
    /// To a look at one record.
    Read(Result<Option<Logged>, ReadError>),
}
