//! What can go wrong before there is a log, and the cause of what goes wrong with one.

use core::fmt;
use std::sync::Arc;

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use writ_log::Cause;

use crate::topics::Wrong;

/// The log could not be opened, or its topic is not fit to be one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A property of the client that must not be set, or that librdkafka does not take.
    #[error("the Kafka property {name} cannot be used: {reason}")]
    Property {
        /// Which.
        name: String,
        /// Why, without its value.
        reason: String,
    },
    /// The brokers could not be asked. Another try may succeed.
    #[error("failed to ask the Kafka brokers {brokers}")]
    Unavailable {
        /// Which.
        brokers: String,
        /// Why.
        source: Failure,
    },
    /// There is no such topic.
    #[error(
        "there is no topic {topic}; `writ topics create` makes it, and if it was lost, `writ topics \
         restore` does with all of its records"
    )]
    NoSuchTopic {
        /// Which.
        topic: String,
    },
    /// No log can have that many partitions.
    #[error("a log has 1 to 4096 partitions, not {partitions}")]
    PartitionsOutOfRange {
        /// What was asked for, or found.
        partitions: usize,
    },
    /// The topic has another number of partitions, which was fixed at the genesis.
    #[error("the topic {topic} has {found} partitions, {expected} were expected")]
    OtherPartitions {
        /// Which.
        topic: String,
        /// How many it has.
        found: u16,
        /// How many the ledger has had since its genesis.
        expected: u16,
    },
    /// Settings of the topic with which a ledger would be lost or distorted.
    #[error("the topic {topic} is not fit to hold a ledger: {}", Listed(wrong))]
    WrongSettings {
        /// Which.
        topic: String,
        /// All of them.
        wrong: Vec<Wrong>,
    },
    /// The brokers refused to make or to mend the topic.
    #[error("the Kafka brokers refused to set up the topic {topic}")]
    Refused {
        /// Which.
        topic: String,
        /// Why.
        source: Failure,
    },
}

struct Listed<'a>(&'a [Wrong]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, wrong) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "; " };
            write!(f, "{comma}{wrong}")?;
        }
        f.write_str("; `writ topics create` mends them all")
    }
}

/// Why librdkafka, or the log itself, did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", Aside(said))]
pub struct Failure {
    what: String,
    /// What the client had said by itself, which is often what a person needs to know.
    said: Option<String>,
    code: Option<RDKafkaErrorCode>,
}

struct Aside<'a>(&'a Option<String>);

impl fmt::Display for Aside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .as_ref()
            .map_or(Ok(()), |said| write!(f, " (the client said: {said})"))
    }
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            said: None,
            code: None,
        }
    }

    /// With what the client said before.
    pub(crate) fn said(mut self, said: Option<String>) -> Self {
        self.said = said;
        self
    }

    pub(crate) fn code(&self) -> Option<RDKafkaErrorCode> {
        self.code
    }

    pub(crate) fn into_cause(self) -> Cause {
        Arc::new(self)
    }

    /// Whether it says that another broker, or the same one in a moment, knows the answer.
    pub(crate) fn is_between_leaders(&self) -> bool {
        use RDKafkaErrorCode as Code;
        matches!(
            self.code,
            Some(
                Code::NotLeaderForPartition
                    | Code::LeaderNotAvailable
                    | Code::ReplicaNotAvailable
                    | Code::OffsetNotAvailable
                    | Code::FencedLeaderEpoch
                    | Code::UnknownLeaderEpoch
            )
        )
    }

    /// Whether it says that the topic, or a partition of it, is not there.
    pub(crate) fn is_missing_topic(&self) -> bool {
        matches!(
            self.code,
            Some(
                RDKafkaErrorCode::UnknownTopic
                    | RDKafkaErrorCode::UnknownPartition
                    | RDKafkaErrorCode::UnknownTopicOrPartition
                    | RDKafkaErrorCode::UnknownTopicId
            )
        )
    }
}

impl From<KafkaError> for Failure {
    fn from(error: KafkaError) -> Self {
        let code = match &error {
            KafkaError::AdminOp(code) => Some(*code),
            error => error.rdkafka_error_code(),
        };
        let what = match &error {
            // Its own text has the value, which may be a password.
            KafkaError::ClientConfig(_, _, name, _) => {
                format!("the property {name} was not taken")
            }
            error => error.to_string(),
        };
        Self {
            what,
            said: None,
            code,
        }
    }
}

impl From<RDKafkaErrorCode> for Failure {
    fn from(code: RDKafkaErrorCode) -> Self {
        Self {
            what: code.to_string(),
            said: None,
            code: Some(code),
        }
    }
}

/// A client that could not be made.
pub(crate) fn not_made(error: KafkaError, brokers: &str) -> Error {
    match error {
        KafkaError::ClientConfig(_, reason, name, value) => {
            let reason = if value.is_empty() {
                reason
            } else {
                reason.replace(&value, "…")
            };
            Error::Property { name, reason }
        }
        error => Error::Unavailable {
            brokers: brokers.to_owned(),
            source: error.into(),
        },
    }
}
