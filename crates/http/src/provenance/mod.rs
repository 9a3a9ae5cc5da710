//! What a request says of itself by header: why, for whom, and under which key.
//!
//! Every header may be absent; one that is there must be right, since it goes into the ledger for
//! ever. Deliberately absent: who calls, which a credential says and never these headers.

mod entity_tag;
mod header;
#[cfg(test)]
mod tests;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::request_id::REQUEST_ID_BYTES_MAX;

pub use entity_tag::{EntityTag, IfMatch};

/// The most bytes of an idempotency key.
pub const KEY_BYTES_MAX: usize = 255;
/// The most bytes of a ticket.
pub const TICKET_BYTES_MAX: usize = 255;
/// The most bytes of a reason, decoded.
pub const REASON_BYTES_MAX: usize = 1_024;
/// The most bytes of the name that a caller acts for.
pub const ON_BEHALF_OF_BYTES_MAX: usize = 1_024;
/// The most bytes of a precondition.
pub const IF_MATCH_BYTES_MAX: usize = 1_024;

/// What a request says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// `Writ-Reason`: why, in the caller's words. Percent-encoded UTF-8 is decoded.
    pub reason: Option<String>,
    /// `Writ-Ticket`.
    pub ticket: Option<String>,
    /// `Writ-On-Behalf-Of`: for whom the caller says that it acts.
    pub on_behalf_of: Option<String>,
    /// `Idempotency-Key`, bare or as a quoted string: the same key.
    pub idempotency_key: Option<String>,
    /// `If-Match`.
    pub if_match: Option<IfMatch>,
    /// `X-Request-Id`.
    pub request_id: Option<String>,
}

impl Provenance {
    /// Reads the headers of a request.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, ProvenanceError> {
        Ok(Self {
            reason: header::prose(headers, "Writ-Reason", REASON_BYTES_MAX)?,
            ticket: header::words(headers, "Writ-Ticket", TICKET_BYTES_MAX)?,
            on_behalf_of: header::words(headers, "Writ-On-Behalf-Of", ON_BEHALF_OF_BYTES_MAX)?,
            idempotency_key: header::key(headers, "Idempotency-Key", KEY_BYTES_MAX)?,
            if_match: entity_tag::if_match(headers, "If-Match", IF_MATCH_BYTES_MAX)?,
            request_id: header::token(headers, "X-Request-Id", REQUEST_ID_BYTES_MAX)?,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Provenance {
    type Rejection = ProvenanceError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ProvenanceError> {
        Self::from_headers(&parts.headers)
    }
}

/// Why a header cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProvenanceError {
    /// It is there more than once.
    #[error("the header {header} is there more than once")]
    Repeated {
        /// The header.
        header: &'static str,
    },
    /// It says nothing.
    #[error("the header {header} is empty")]
    Empty {
        /// The header.
        header: &'static str,
    },
    /// It has more bytes than the limit.
    #[error("the header {header} has more than {limit} bytes")]
    TooLong {
        /// The header.
        header: &'static str,
        /// The limit.
        limit: usize,
    },
    /// It is not UTF-8.
    #[error("the header {header} is not UTF-8")]
    NotUtf8 {
        /// The header.
        header: &'static str,
    },
    /// It holds a character that a reader would not see.
    #[error("the header {header} holds a character that cannot be seen")]
    Invisible {
        /// The header.
        header: &'static str,
    },
    /// It begins as a quoted string and does not go on as one.
    #[error("the header {header} is not a quoted string, though it begins as one")]
    BadString {
        /// The header.
        header: &'static str,
    },
    /// It is neither `*` nor a list of entity tags.
    #[error("the header {header} is neither * nor a list of entity tags in quotes")]
    BadEntityTags {
        /// The header.
        header: &'static str,
    },
}

impl ProvenanceError {
    /// The header that it is about.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Repeated { header }
            | Self::Empty { header }
            | Self::TooLong { header, .. }
            | Self::NotUtf8 { header }
            | Self::Invisible { header }
            | Self::BadString { header }
            | Self::BadEntityTags { header } => header,
        }
    }
}

impl From<ProvenanceError> for Problem {
    fn from(error: ProvenanceError) -> Self {
        Self::bad_header(error.header(), error.to_string())
    }
}

impl IntoResponse for ProvenanceError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
