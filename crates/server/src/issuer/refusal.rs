//! The errors of the token endpoint, in RFC 6749's form with Auth0's words.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a request gets no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not a request that can be read.
    Malformed(String),
    TooLarge,
    MissingParameter(&'static str),
    UnsupportedGrant(String),
    /// No client by that id, or not its secret; which, is nobody's business.
    Unauthorized {
        basic: bool,
    },
    NoAudience,
    UnknownAudience(String),
    /// Scopes that the client does not have.
    NotGranted(Vec<String>),
    /// Our own fault; what it was is in the log.
    Failed,
}

impl Refusal {
    fn parts(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::Malformed(why) => (StatusCode::BAD_REQUEST, "invalid_request", why.clone()),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_request",
                "The request body is too large".to_owned(),
            ),
            Self::MissingParameter(name) => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                format!("Missing required parameter: {name}"),
            ),
            Self::UnsupportedGrant(grant) => (
                StatusCode::FORBIDDEN,
                "unsupported_grant_type",
                format!("Unsupported grant type: {grant}"),
            ),
            Self::Unauthorized { .. } => (
                StatusCode::UNAUTHORIZED,
                "access_denied",
                "Unauthorized".to_owned(),
            ),
            Self::NoAudience => (
                StatusCode::FORBIDDEN,
                "access_denied",
                "No audience parameter was provided, and no default audience has been configured"
                    .to_owned(),
            ),
            Self::UnknownAudience(audience) => (
                StatusCode::FORBIDDEN,
                "access_denied",
                format!("Service not found: {audience}"),
            ),
            Self::NotGranted(scopes) => (
                StatusCode::FORBIDDEN,
                "access_denied",
                format!("Client has not been granted scopes: {}", scopes.join(", ")),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "The token could not be made".to_owned(),
            ),
        }
    }
}

impl Refusal {
    /// Status and body.
    pub(super) fn told(&self) -> (StatusCode, Value) {
        let (status, error, description) = self.parts();
        let body = json!({ "error": error, "error_description": description });
        (status, body)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = self.told();
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if (Self::Unauthorized { basic: true }) == self {
            let challenge = HeaderValue::from_static("Basic realm=\"writ\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
