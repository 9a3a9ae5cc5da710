//! The way into the log, as this dialect sees it.

use core::fmt;
use core::time::Duration;

use async_trait::async_trait;
use writ_command::{Decided, Refused, Request, Service, SubmitError};
use writ_domain::{Denial, NounRef};
use writ_http::{Caller, Provenance};

use crate::failure::Failure;

/// Takes commands and answers with their entries.
#[async_trait]
pub trait Submit: Send + Sync + fmt::Debug {
    /// Appends a command and waits until it is decided.
    async fn submit(&self, request: Request) -> Result<Decided, SubmitError>;

    /// Puts on record that a caller was refused.
    async fn record_denial(
        &self,
        who: (Caller, Provenance),
        operation: &str,
        target: Option<NounRef>,
        denial: Denial,
    ) -> Result<Refused, SubmitError>;
}

#[async_trait]
impl Submit for Service {
    async fn submit(&self, request: Request) -> Result<Decided, SubmitError> {
        Self::submit(self, request).await
    }

    async fn record_denial(
        &self,
        who: (Caller, Provenance),
        operation: &str,
        target: Option<NounRef>,
        denial: Denial,
    ) -> Result<Refused, SubmitError> {
        Self::record_denial(self, who, operation, target, denial).await
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        let soon = Duration::from_secs(1);
        match &error {
            SubmitError::Unavailable { retry_after, .. } => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a command was not appended"
                );
                Self::unavailable(*retry_after)
            }
            SubmitError::Halted { retry_after, .. } => Self::unavailable(*retry_after),
            // Decided later or never: asked again under the same key, the answer is the outcome.
            SubmitError::Undecided { .. } => Self::unavailable(soon),
            SubmitError::Unread { source, .. } => {
                tracing::warn!(
                    error = source as &dyn std::error::Error,
                    "an outcome was not read"
                );
                Self::unavailable(soon)
            }
            SubmitError::TooLarge { limit_bytes } => Self::too_large(*limit_bytes),
            SubmitError::BadStamp { .. } => Self::header(error.to_string()),
        }
    }
}
