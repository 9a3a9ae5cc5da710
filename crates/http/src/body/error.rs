//! Why a body cannot be taken.

use std::time::Duration;

use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Why a body cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It has more bytes than the limit.
    #[error("the body has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// It was still arriving when the time for it was over.
    #[error("the body did not arrive within {after:?}")]
    TimedOut {
        /// The time for it.
        after: Duration,
    },
    /// The connection failed, or the framing of the body is broken.
    #[error("the body ended early")]
    Disconnected {
        /// What the connection says.
        source: axum::Error,
    },
    /// A body is needed, and there is none.
    #[error("the body is empty")]
    Empty,
    /// It is not UTF-8.
    #[error("the body is not UTF-8 after {valid_up_to} bytes")]
    NotUtf8 {
        /// How many bytes are right.
        valid_up_to: usize,
    },
    /// It is not one JSON value.
    #[error("the body is not JSON: {message} at line {line} column {column}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is nested deeper than the limit.
    #[error("the body is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// It is not JSON by its `Content-Type`.
    #[error("the body is {found:?}, and only application/json in UTF-8 is read")]
    WrongMediaType {
        /// What the header says.
        found: String,
    },
    /// It is compressed, by its `Content-Encoding`.
    #[error("the body is encoded as {found:?}, and only bodies as they are are read")]
    WrongEncoding {
        /// What the header says.
        found: String,
    },
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        let detail = error.to_string();
        match error {
            BodyError::TooLarge { limit } => Self::too_large(limit),
            BodyError::TimedOut { .. } => Self::timed_out().with_detail(detail),
            // Nobody can be told; the connection's words are no fault of ours to log.
            BodyError::Disconnected { .. } => Self::body_interrupted(),
            BodyError::Empty => Self::empty_body(),
            BodyError::NotUtf8 { .. } => Self::malformed(detail),
            BodyError::Malformed { line, column, .. } => Self::malformed(detail)
                .with_extension("line", line)
                .with_extension("column", column),
            BodyError::TooDeep { limit } => Self::too_deep(limit),
            BodyError::WrongMediaType { .. } | BodyError::WrongEncoding { .. } => {
                Self::unsupported_media_type(detail)
            }
        }
    }
}

impl IntoResponse for BodyError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
