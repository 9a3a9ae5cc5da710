//! Path parameters, read from the path as it was sent.
//!
//! The raw path is split on `/` first, then each segment is percent-decoded by itself, so an id
//! may hold anything: `https:%2F%2Fapi.example.com%2F` is one segment, and its trailing slash
//! counts. Nothing is normalised: no dot segments, no doubled slashes, no `+` for a space.
//!
//! Deliberately absent: routing. The router (axum 0.8 on matchit 0.8) matches the raw path too, so
//! `%2F` never splits a segment there either. But its `Path` decodes leniently (`%zz` stays as it
//! is, `%00` becomes U+0000), and it takes `/roles//permissions` for a role without an id, while
//! `/roles/` matches no role; [`Segments`] does neither. The tests hold the router to all of this.

mod segments;
#[cfg(test)]
mod tests;

use std::str;

use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::problem::Problem;

pub use segments::Segments;

/// Why a path cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A `%` without two hexadecimal digits after it.
    #[error("the path segment {segment:?} holds a % without two hexadecimal digits after it")]
    BadPercent {
        /// As it was sent.
        segment: String,
    },
    /// Decoded, it is not UTF-8.
    #[error("the path segment {segment:?} is not UTF-8 when it is decoded")]
    NotUtf8 {
        /// As it was sent.
        segment: String,
    },
    /// Decoded, it holds U+0000, which the ledger cannot keep.
    #[error("the path segment {segment:?} holds U+0000")]
    HoldsNul {
        /// As it was sent.
        segment: String,
    },
    /// A parameter is empty: there is nothing at such a path.
    #[error("the path parameter {name:?} is empty")]
    Empty {
        /// The parameter's name.
        name: String,
    },
    /// The route has no parameter of that name, or is no route: our mistake.
    #[error("the route has no path parameter {name:?}")]
    NoParameter {
        /// The name.
        name: String,
    },
}

impl From<PathError> for Problem {
    fn from(error: PathError) -> Self {
        match error {
            PathError::BadPercent { .. }
            | PathError::NotUtf8 { .. }
            | PathError::HoldsNul { .. } => Self::bad_path(error.to_string()),
            PathError::Empty { .. } => Self::not_found(),
            PathError::NoParameter { .. } => Self::internal(error),
        }
    }
}

impl IntoResponse for PathError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// The segments of a raw path, decoded. `/a//b/` has four: `a`, nothing, `b`, nothing.
pub fn split(raw_path: &str) -> Result<Vec<String>, PathError> {
    raw_segments(raw_path).map(decode).collect()
}

/// One segment, decoded.
pub fn decode(segment: &str) -> Result<String, PathError> {
    let refused = || segment.to_owned();
    if has_bad_percent(segment.as_bytes()) {
        return Err(PathError::BadPercent { segment: refused() });
    }
    let bytes: Vec<u8> = percent_decode_str(segment).collect();
    if bytes.contains(&0) {
        return Err(PathError::HoldsNul { segment: refused() });
    }
    String::from_utf8(bytes).or(Err(PathError::NotUtf8 { segment: refused() }))
}

fn raw_segments(raw_path: &str) -> str::Split<'_, char> {
    raw_path.strip_prefix('/').unwrap_or(raw_path).split('/')
}

fn has_bad_percent(mut bytes: &[u8]) -> bool {
    while let Some(at) = bytes.iter().position(|byte| *byte == b'%') {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        match rest {
            [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => bytes = rest,
            _ => return true,
        }
    }
    false
}
