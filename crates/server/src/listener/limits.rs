//! Limits that hold for all routes together: requests at a time, time for one, and no panic.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::error;

/// What all requests together may take.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    slots: Arc<Semaphore>,
    timeout: Duration,
}

impl Limits {
    /// `requests_max` at a time, each answered, or beginning to be, within `timeout`.
    pub(crate) fn new(requests_max: usize, timeout: Duration) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(requests_max)),
            timeout,
        }
    }
}

/// `router` within limits.
pub(crate) fn limited(router: Router, limits: Limits) -> Router {
    router
        .layer(CatchPanicLayer::custom(after))
        .layer(from_fn_with_state(limits, within))
}

async fn within(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    // Refused rather than queued: what waits here would be answered too late anyway.
    let Ok(slot) = limits.slots.try_acquire() else {
        return not_now("overloaded", "There are too many requests at the moment.");
    };
    let answer = tokio::time::timeout(limits.timeout, next.run(request)).await;
    drop(slot);
    answer.unwrap_or_else(|_elapsed| not_now("timeout", "The request took too long."))
}

fn not_now(code: &str, detail: &str) -> Response {
    let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, code, detail);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer gives the panic away"
)]
fn after(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    error!(panic = said, "a request panicked");
    problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "The request failed.",
    )
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason();
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, content_type, body.to_string()).into_response()
}
