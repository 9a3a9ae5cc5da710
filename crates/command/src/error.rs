//! Why a submission has no outcome.

use core::time::Duration;

use writ_domain::{CommandId, Partition};

/// No outcome is known. What the caller can do differs.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Nothing was appended: the caller may try again as if it had not asked.
    #[error("the command was not appended")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Deciding has stopped where the command belongs, so nothing was appended. A person must act.
    #[error("partition {partition} is halted: nothing is appended to it")]
    Halted {
        /// Where the caller's tenant lives.
        partition: Partition,
        /// When to try again.
        retry_after: Duration,
    },
    /// It was appended, or may have been. The ledger says how it ended once it is decided; past
    /// its deadline it has no effect.
    #[error("the outcome of command {command_id} is not known yet")]
    Undecided {
        /// The command.
        command_id: CommandId,
    },
    /// It is decided and the outcome could not be read. Asked again, it can be.
    #[error("the outcome of command {command_id} could not be read")]
    Unread {
        /// The command.
        command_id: CommandId,
        /// Why.
        source: writ_store::Error,
    },
    /// The command does not fit in a record. Nothing was appended.
    #[error("the command has more than {limit_bytes} bytes")]
    TooLarge {
        /// How many may be.
        limit_bytes: usize,
    },
    /// A text of the stamp is none that the ledger can keep. Nothing was appended.
    #[error("the request cannot be recorded")]
    BadStamp {
        /// Which text, and what is wrong with it.
        source: writ_envelope::Fault,
    },
}

impl SubmitError {
    /// The situation in a word, for metrics.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "unavailable",
            Self::Halted { .. } => "halted",
            Self::Undecided { .. } => "undecided",
            Self::Unread { .. } => "unread",
            Self::TooLarge { .. } => "too_large",
            Self::BadStamp { .. } => "bad_stamp",
        }
    }
}
