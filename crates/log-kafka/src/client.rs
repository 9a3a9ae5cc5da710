//! What all clients of librdkafka have in common: a voice, and an end that nobody waits for.

use core::ops::Deref;
use std::sync::{Mutex, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use tracing::{debug, warn};
use writ_domain::Partition;

use crate::Failure;
use crate::signs::Signs;

/// The facility of librdkafka's warnings about properties. We chose ours, and read them once.
const REMARKS_ON_PROPERTIES: &str = "CONFWARN";

/// Brings what a client says by itself into our log, and remembers the last complaint.
pub(crate) struct Voice {
    /// What the client is for, as a person reads it.
    role: &'static str,
    pub(crate) signs: Signs,
    complaint: Mutex<Option<String>>,
}

impl Voice {
    pub(crate) fn new(role: &'static str) -> Self {
        Self {
            role,
            signs: Signs::default(),
            complaint: Mutex::new(None),
        }
    }

    /// The voice of one who follows a partition.
    pub(crate) fn of_tail(partition: Partition) -> Self {
        Self {
            signs: Signs::of(partition),
            ..Self::new("tail")
        }
    }

    /// The error, with what the client complained of since it was last asked.
    pub(crate) fn explain(&self, error: impl Into<Failure>) -> Failure {
        let complaint = self
            .complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        error.into().said(complaint)
    }

    fn complain(&self, message: &str) {
        *self
            .complaint
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(message.to_owned());
    }
}

impl ClientContext for Voice {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.signs.hear(facility, message);
        if facility == REMARKS_ON_PROPERTIES {
            debug!(
                kafka.role = self.role,
                kafka.facility = facility,
                "{message}"
            );
            return;
        }
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => {
                self.complain(message);
                warn!(
                    kafka.role = self.role,
                    kafka.facility = facility,
                    "{message}"
                );
            }
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                debug!(
                    kafka.role = self.role,
                    kafka.facility = facility,
                    "{message}"
                );
            }
            // Asked for where there are signs to be heard, and of no use to a person.
            RDKafkaLogLevel::Debug => {}
        }
    }

    /// An event that says again what was logged, or that all brokers are down, but not why.
    fn error(&self, error: KafkaError, reason: &str) {
        debug!(
            kafka.role = self.role,
            error = &error as &dyn std::error::Error,
            "{reason}"
        );
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ConsumerContext for Voice {}

/// A client whose end is awaited on a thread of its own.
///
/// To destroy a client joins its threads, which takes until the last of them looks up: up to a
/// second. Neither the runtime nor whoever drops a tail can wait for that.
pub(crate) struct Client<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Client<T> {
    pub(crate) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> Deref for Client<T> {
    type Target = T;

    #[expect(clippy::expect_used, reason = "it is taken by drop alone")]
    fn deref(&self) -> &T {
        self.0.as_ref().expect("a client that was not dropped")
    }
}

impl<T: Send + 'static> Drop for Client<T> {
    fn drop(&mut self) {
        let client = self.0.take();
        let ending = std::thread::Builder::new()
            .name("writ-kafka-end".to_owned())
            .spawn(move || drop(client));
        if let Err(error) = ending {
            warn!(
                error = &error as &dyn std::error::Error,
                "a Kafka client was ended while others waited"
            );
        }
    }
}
