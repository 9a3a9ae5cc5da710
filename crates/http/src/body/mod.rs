//! Reading a request's body: all of it, bounded in bytes, time and depth.
//!
//! Deliberately absent: DTOs. What a body must say is for routes and dialects; here it becomes
//! bytes, and then one JSON value.

mod error;
mod fingerprint;
mod json;
mod media_type;
mod read;
#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use serde_json::Value;

pub use error::BodyError;
pub use fingerprint::fingerprint;
pub use read::read;

/// How much of a body is read, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that a body may have.
    pub max_bytes: usize,
    /// The deepest that its arrays and objects may be nested; at most 127.
    pub max_depth: usize,
    /// How long the whole body may take to arrive.
    pub read_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 1024 * 1024,
            max_depth: 64,
            read_timeout: Duration::from_secs(10),
        }
    }
}

/// A body that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The bytes, as they were sent.
    pub bytes: Bytes,
    /// `Content-Type`, if it was sent.
    pub media_type: Option<String>,
    /// The deepest that [`Received::json`] goes.
    pub max_depth: usize,
}

impl Received {
    fn new(bytes: Bytes, headers: &HeaderMap, limits: &Limits) -> Self {
        let media_type = headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            bytes,
            media_type,
            max_depth: limits.max_depth,
        }
    }

    /// Whether the body says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// The body as one JSON value. A body without `Content-Type` is taken for JSON.
    pub fn json(&self) -> Result<Value, BodyError> {
        // An empty body has no format that could be wrong.
        if self.is_empty() {
            return Err(BodyError::Empty);
        }
        media_type::check_json(self.media_type.as_deref())?;
        json::parse(&self.bytes, self.max_depth)
    }
}
