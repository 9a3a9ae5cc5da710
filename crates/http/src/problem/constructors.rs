//! One constructor for each situation that code of ours meets.

use std::error::Error;
use std::time::Duration;

use axum::http::HeaderValue;
use serde_json::Value;

use super::{Problem, pages};

impl Problem {
    /// The request could not be understood.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(&pages::MALFORMED).with_detail(detail)
    }

    /// A header could not be understood.
    pub fn bad_header(header: &'static str, detail: impl Into<String>) -> Self {
        Self::new(&pages::BAD_HEADER)
            .with_detail(detail)
            .with_extension("header", header)
    }

    /// The path could not be understood.
    pub fn bad_path(detail: impl Into<String>) -> Self {
        Self::new(&pages::BAD_PATH).with_detail(detail)
    }

    /// A body is needed, and there is none.
    pub fn empty_body() -> Self {
        Self::new(&pages::EMPTY_BODY)
    }

    /// The body is nested deeper than the limit.
    pub fn too_deep(limit: usize) -> Self {
        Self::new(&pages::TOO_DEEP)
            .with_detail(format!("the body is nested deeper than {limit} levels"))
            .with_extension("limit", limit)
    }

    /// The connection failed while the body arrived.
    pub fn body_interrupted() -> Self {
        Self::new(&pages::BODY_INTERRUPTED)
    }

    /// No credential, or one that is not valid; challenged with plain `Bearer`.
    pub fn unauthenticated() -> Self {
        Self::new(&pages::UNAUTHENTICATED).with_challenge(HeaderValue::from_static("Bearer"))
    }

    /// The credential's rights do not suffice.
    pub fn forbidden() -> Self {
        Self::new(&pages::FORBIDDEN)
    }

    /// The credential's scopes do not suffice; any of these would have done.
    pub fn insufficient_scope<S: AsRef<str>>(scopes: &[S]) -> Self {
        let scopes: Vec<Value> = scopes.iter().map(|scope| scope.as_ref().into()).collect();
        Self::forbidden()
            .with_detail("the credential has none of the scopes that would do")
            .with_extension("scopes", scopes)
    }

    /// Nothing here, or nothing that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(&pages::NOT_FOUND)
    }

    /// The route does not take this method. The router adds `Allow`.
    pub fn method_not_allowed() -> Self {
        Self::new(&pages::METHOD_NOT_ALLOWED)
    }

    /// The request was still arriving when its time was over.
    pub fn timed_out() -> Self {
        Self::new(&pages::BODY_TIMED_OUT)
    }

    /// The request contradicts what the ledger holds.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(&pages::CONFLICT).with_detail(detail)
    }

    /// The revision is of another history.
    pub fn history_forked() -> Self {
        Self::new(&pages::HISTORY_FORKED)
    }

    /// The precondition no longer holds.
    pub fn stale() -> Self {
        Self::new(&pages::STALE)
    }

    /// The body has more bytes than the limit.
    pub fn too_large(limit: usize) -> Self {
        Self::new(&pages::TOO_LARGE)
            .with_detail(format!("the body has more than {limit} bytes"))
            .with_extension("limit", limit)
    }

    /// The body is in a format that is not read.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(&pages::UNSUPPORTED_MEDIA_TYPE).with_detail(detail)
    }

    /// The idempotency key was used for another request.
    pub fn idempotency_key_reused() -> Self {
        Self::new(&pages::IDEMPOTENCY_KEY_REUSED)
    }

    /// The caller is over its rate.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        Self::new(&pages::TOO_MANY_REQUESTS).with_retry_after(retry_after)
    }

    /// Our mistake.
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(&pages::INTERNAL).with_internal(error)
    }

    /// A part that is needed is not ready, out of reach or behind.
    pub fn unavailable(retry_after: Duration) -> Self {
        Self::new(&pages::UNAVAILABLE).with_retry_after(retry_after)
    }

    /// Nothing is decided where the caller's tenant lives.
    pub fn halted(retry_after: Duration) -> Self {
        Self::new(&pages::HALTED).with_retry_after(retry_after)
    }

    /// As many requests are in work as the server takes.
    pub fn overloaded(retry_after: Duration) -> Self {
        Self::new(&pages::OVERLOADED).with_retry_after(retry_after)
    }

    /// Our answer was not ready in time.
    pub fn deadline_passed(retry_after: Duration) -> Self {
        Self::new(&pages::DEADLINE_PASSED).with_retry_after(retry_after)
    }

    /// No command of that id.
    pub fn no_such_command(id: impl Into<String>) -> Self {
        Self::new(&pages::NO_SUCH_COMMAND).with_extension("command", id.into())
    }

    /// The command came after its deadline.
    pub fn expired() -> Self {
        Self::new(&pages::EXPIRED).with_retry_after(Duration::from_secs(1))
    }
}
