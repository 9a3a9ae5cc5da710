//! A request that is not answered in time is answered with `deadline-passed`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use tower::{Layer, Service};

use crate::problem::{Problem, Render};

/// When a client may try again after an answer that did not come.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Bounds the time to the beginning of an answer; how long its body streams is not bounded.
///
/// The handler's future is dropped when the time is over. A write MUST therefore be carried by
/// something that outlives the request from the moment that it may be in the log.
#[derive(Debug, Clone, Copy)]
pub struct DeadlineLayer {
    limit: Duration,
    render: Render,
}

impl DeadlineLayer {
    /// A layer that waits this long.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            render: Problem::into_response,
        }
    }

    /// Answers in a dialect's own words.
    #[must_use]
    pub fn with_render(mut self, render: Render) -> Self {
        self.render = render;
        self
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Deadline {
            inner,
            layer: *self,
        }
    }
}

/// What [`DeadlineLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct Deadline<S> {
    inner: S,
    layer: DeadlineLayer,
}

impl<S> Service<Request> for Deadline<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let DeadlineLayer { limit, render } = self.layer;
        let answer = self.inner.call(request);
        Box::pin(async move {
            match tokio::time::timeout(limit, answer).await {
                Ok(answered) => answered,
                Err(_elapsed) => {
                    tracing::warn!(limit_ms = limit.as_millis(), "gave up on a request");
                    Ok(render(Problem::deadline_passed(RETRY_AFTER)))
                }
            }
        })
    }
}
