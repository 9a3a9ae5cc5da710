//! The way into the log, as this dialect sees it.

use core::fmt;
use core::time::Duration;

use async_trait::async_trait;
use writ_command::{Decided, Rehearsed, Request, Service, SubmitError};

use crate::failure::Failure;

/// Takes commands and answers with their entries.
#[async_trait]
pub trait Submit: Send + Sync + fmt::Debug {
    /// Appends a command and waits until it is decided.
    async fn submit(&self, request: Request) -> Result<Decided, SubmitError>;

    /// Decides a command on the present state, without a trace.
    async fn rehearse(&self, request: Request) -> Result<Rehearsed, writ_store::Error>;
}

#[async_trait]
impl Submit for Service {
    async fn submit(&self, request: Request) -> Result<Decided, SubmitError> {
        Self::submit(self, request).await
    }

    async fn rehearse(&self, request: Request) -> Result<Rehearsed, writ_store::Error> {
        Self::rehearse(self, request).await
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
            SubmitError::TooLarge { .. } => Self::too_large(),
            SubmitError::BadStamp { .. } => Self::header(&error.to_string()),
        }
    }
}

impl From<writ_store::Error> for Failure {
    fn from(error: writ_store::Error) -> Self {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the store did not answer"
        );
        Self::unavailable(Duration::from_secs(1))
    }
}
