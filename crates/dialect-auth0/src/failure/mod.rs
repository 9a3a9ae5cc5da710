//! Refusals in Auth0's words.
//!
//! The texts are a contract: clients parse some of them. Where a recording has the text it is
//! byte for byte that; full stops are there or missing as recorded.

mod auth;
mod outcome;
#[cfg(test)]
mod tests;

use core::time::Duration;
use std::borrow::Cow;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use writ_domain::TenantSeq;
use writ_http::Revision;
use writ_http::body::BodyError;

use crate::json::Json;
use crate::schema::Problem;

pub(crate) use outcome::{Named, failure};

/// A request that is not granted: Auth0's error envelope.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    status: StatusCode,
    message: Cow<'static, str>,
    code: Option<&'static str>,
    /// The `error` of the extra member `attributes` that some envelopes carry.
    attribute: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What the answer shows, where that is known.
    pub(crate) revision: Option<Box<Revision>>,
}

impl Failure {
    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
            attribute: None,
            headers: Vec::new(),
            revision: None,
        }
    }

    fn coded(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn at(self, revision: Revision) -> Self {
        Self {
            revision: Some(Box::new(revision)),
            ..self
        }
    }

    /// A body that does not look as it must.
    pub(crate) fn payload(problem: &Problem) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem.message("Payload")).coded("invalid_body")
    }

    /// A query string that does not look as it must.
    pub(crate) fn query(problem: &Problem) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem.message("Query")).coded("invalid_query_string")
    }

    /// A path that cannot be read.
    pub(crate) fn path(problem: &Problem) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem.message("Path")).coded("invalid_uri")
    }

    /// A body that the rules refuse though it looks right.
    pub(crate) fn body(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message).coded("invalid_body")
    }

    /// A header of the ledger's own that cannot be read.
    pub(crate) fn header(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A page beyond the window of offset paging.
    pub(crate) fn beyond_window(page: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            format!(
                "Requesting page {page} exceeds the allowed maximum of 1000 records. To fetch \
                 results beyond 1000, use the checkpoint pagination method."
            ),
        )
        .coded("invalid_paging")
    }

    /// The same on lists of users, which have no checkpoints.
    pub(crate) fn beyond_users_window() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "You can only page through the first 1000 records. See \
             https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation",
        )
        .coded("invalid_paging")
    }

    /// The scope that is missing. auth0-cli and deploy-cli parse this text.
    pub(crate) fn insufficient_scope(scopes: &[&str]) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!("Insufficient scope, expected any of: {}", scopes.join(", ")),
        )
        .coded("insufficient_scope")
    }

    pub(crate) fn unknown_connection() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The connection does not exist.")
            .coded("inexistent_connection")
    }

    pub(crate) fn no_such_role() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The role does not exist.")
    }

    pub(crate) fn no_such_user() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The user does not exist.").coded("inexistent_user")
    }

    /// One of several users of a body.
    pub(crate) fn no_such_users() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "One or more of the users do not exist.",
        )
        .coded("inexistent_user")
    }

    /// The resource server of the path.
    pub(crate) fn no_such_resource_server() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The resource server does not exist")
            .coded("inexistent_resource_server")
    }

    /// A resource server of the body.
    pub(crate) fn no_such_resource_server_named(identifier: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("The resource server does not exist: '{identifier}'"),
        )
        .coded("inexistent_resource_server")
    }

    pub(crate) fn no_such_permission(api: &str, name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("This permission does not exist: '{api} - {name}'"),
        )
        .coded("inexistent_resource_server_permission")
    }

    pub(crate) fn resource_server_exists() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "A resource server with the same identifier already exists",
        )
        .coded("resource_server_conflict")
    }

    pub(crate) fn role_exists() -> Self {
        Self::new(StatusCode::CONFLICT, "The role already exists.").coded("role_conflict")
    }

    pub(crate) fn user_exists() -> Self {
        Self::new(StatusCode::CONFLICT, "The user already exists.").coded("auth0_idp_error")
    }

    /// A precondition that no longer holds.
    pub(crate) fn stale() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "The resource has changed since it was read.",
        )
    }

    /// The idempotency key of another request.
    pub(crate) fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The idempotency key was used for another request.",
        )
    }

    /// No route, or not with that method.
    pub(crate) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// More requests than the rate allows.
    pub(crate) fn too_many_requests(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Global limit has been reached",
        )
        .coded("too_many_requests")
        .with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Not now. Nothing was done.
    pub(crate) fn unavailable(retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            .with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Our fault. What it was is logged and not told.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "an Auth0 request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "An internal server error occurred",
        )
    }

    /// What an entry says was done is not there.
    pub(crate) fn missing(what: &'static str, at: TenantSeq) -> Self {
        Self::internal(&Missing { what, at })
    }

    pub(crate) fn with_rate(mut self, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        self.headers.extend(headers);
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The envelope.
    pub(crate) fn envelope(&self) -> Json {
        let reason = match self.status {
            // Node's name for it, which Auth0 prints.
            StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
            status => status.canonical_reason().unwrap_or_default(),
        };
        let mut members = vec![
            (
                "statusCode".to_owned(),
                Json::Number(self.status.as_u16().into()),
            ),
            ("error".to_owned(), Json::text(reason)),
            ("message".to_owned(), Json::text(self.message.as_ref())),
        ];
        if let Some(attribute) = self.attribute {
            let attributes = vec![("error".to_owned(), Json::text(attribute))];
            members.push(("attributes".to_owned(), Json::Object(attributes)));
        }
        if let Some(code) = self.code {
            members.push(("errorCode".to_owned(), Json::text(code)));
        }
        Json::Object(members)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no {what} is stored as of entry {at}, which succeeded")]
struct Missing {
    what: &'static str,
    at: TenantSeq,
}

/// A store that fails for a while is unavailable; one that fails for good is our fault.
impl From<writ_store::Error> for Failure {
    fn from(error: writ_store::Error) -> Self {
        if error.is_transient() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the store is unavailable"
            );
            return Self::unavailable(Duration::from_secs(1));
        }
        Self::internal(&error)
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { limit } => Self::too_large(limit),
            BodyError::TimedOut { .. } => Self::timed_out(),
            BodyError::WrongMediaType { .. } | BodyError::WrongEncoding { .. } => {
                Self::not_json_by_type()
            }
            BodyError::Disconnected { .. }
            | BodyError::Empty
            | BodyError::NotUtf8 { .. }
            | BodyError::Malformed { .. }
            | BodyError::TooDeep { .. } => Self::not_json(),
        }
    }
}

impl Failure {
    /// More bytes than are taken.
    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("Payload content length greater than maximum allowed: {limit}"),
        )
    }

    /// A body that did not arrive in time.
    pub(crate) fn timed_out() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "Request Timeout")
    }

    /// A body whose headers say that it is something else.
    pub(crate) fn not_json_by_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")
    }

    /// The stable name of the refusal; of one that has none, that of its status.
    pub(crate) fn code_or_reason(&self) -> &'static str {
        let reason = self.status.canonical_reason().unwrap_or("refused");
        self.code.unwrap_or(reason)
    }

    /// A body that is not one JSON value.
    pub(crate) fn not_json() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Invalid request payload JSON format",
        )
    }

    fn challenged(self) -> Self {
        self.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }
}
