//! What an owner has to tell: to people, to metrics, to whoever looks at the process's state.

use writ_domain::{Offset, Seq};
use writ_store::ledger;

use crate::Halt;

/// Something that happened to an owner.
#[derive(Debug)]
pub enum Note {
    /// The partition is this process's, and decided up to here.
    Stands(Offset, Seq),
    /// The log is the right one: deciding goes on.
    Owned {
        /// The last entry.
        seq: Seq,
        /// The lease.
        epoch: i64,
    },
    /// The partition is this process's no more.
    Lost,
    /// Another owner has it.
    Fenced,
    /// Others have less than their share.
    HandedBack,
    /// It may go better at the next try.
    Failed {
        /// Why.
        why: String,
        /// Whether a person was not told this last.
        news: bool,
    },
    /// The partition is halted.
    Halted {
        /// Why.
        halt: Halt,
        /// Whether it was not halted for the same before.
        news: bool,
    },
    /// It is halted no more.
    Recovered,
    /// The lease could not be given back.
    NotGivenBack(ledger::Error),
    /// Records are left that did not fit into the batch.
    Cut,
    /// What was known is forgotten: it was too much.
    Trimmed,
}
