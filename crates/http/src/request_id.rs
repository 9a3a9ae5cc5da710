//! An id for each request: the client's if it is sane, else one of ours.
//!
//! The id is in the request's header for those who read headers, in its extensions as
//! [`RequestId`], on the span that the request is answered in, and in the answer.
//!
//! Deliberately absent: trust. A client may send any id, twice the same too; it is for finding
//! things, never for telling requests apart.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use tower::{Layer, Service};
use tracing::{Instrument as _, info_span};

/// The header that carries the id, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most bytes that a client's id may have; a longer one is replaced.
pub const REQUEST_ID_BYTES_MAX: usize = 255;

/// Makes ids. Injected, since randomness and time are the server's.
pub type Mint = Arc<dyn Fn() -> String + Send + Sync>;

/// The id of a request: visible ASCII, at most [`REQUEST_ID_BYTES_MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Visible ASCII by construction, so the conversion does not fail.
        self.0.to_str().unwrap_or_default()
    }

    /// What the client sent, if it is one sane id.
    fn sent(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(X_REQUEST_ID).iter();
        let value = values.next()?;
        (values.next().is_none() && sane(value.as_bytes())).then(|| Self(value.clone()))
    }

    fn minted(mint: &Mint) -> Option<Self> {
        let id = mint();
        sane(id.as_bytes())
            .then(|| HeaderValue::try_from(id).ok())
            .flatten()
            .map(Self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Gives every request an id. MUST be the outermost layer, or what lies outside has none.
#[derive(Clone)]
pub struct RequestIdLayer {
    mint: Mint,
}

impl RequestIdLayer {
    /// A layer that takes ids from `mint` where clients send none.
    #[must_use]
    pub fn new(mint: Mint) -> Self {
        Self { mint }
    }
}

impl fmt::Debug for RequestIdLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestIdLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RequestIdLayer {
    type Service = WithRequestId<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithRequestId {
            inner,
            mint: Arc::clone(&self.mint),
        }
    }
}

/// What [`RequestIdLayer`] makes of a service.
#[derive(Clone)]
pub struct WithRequestId<S> {
    inner: S,
    mint: Mint,
}

impl<S> fmt::Debug for WithRequestId<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithRequestId").finish_non_exhaustive()
    }
}

impl<S> Service<Request> for WithRequestId<S>
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

    fn call(&mut self, mut request: Request) -> Self::Future {
        let id = RequestId::sent(request.headers()).or_else(|| RequestId::minted(&self.mint));
        let Some(id) = id else {
            // A mint that makes insane ids costs the id, not the request.
            request.headers_mut().remove(X_REQUEST_ID);
            return Box::pin(self.inner.call(request));
        };
        let span = info_span!("request", request.id = %id, http.method = %request.method());
        request.headers_mut().insert(X_REQUEST_ID, id.0.clone());
        request.extensions_mut().insert(id.clone());
        // SUBTLE: a service may work, and log, before it gives its future.
        let answer = span.in_scope(|| self.inner.call(request));
        let answered = async move {
            let mut response = answer.await?;
            response.headers_mut().insert(X_REQUEST_ID, id.0);
            Ok(response)
        };
        Box::pin(answered.instrument(span))
    }
}

/// Whether an id may go into headers, logs and entries as it is.
fn sane(id: &[u8]) -> bool {
    (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use axum::{Extension, Router};
    use tower::ServiceExt as _;

    use super::*;
    use crate::problem::recorded::Recorded;

    /// Answers with what the handler sees: the header, a space, the extension.
    fn app() -> Router {
        let handler = |headers: HeaderMap, Extension(id): Extension<RequestId>| async move {
            format!("{} {id}", headers[X_REQUEST_ID].to_str().unwrap())
        };
        Router::new()
            .route("/", get(handler))
            .layer(RequestIdLayer::new(Arc::new(|| "minted".into())))
    }

    async fn answer(app: Router, sent: &[&[u8]]) -> (String, String) {
        let mut request = Request::new(Body::empty());
        for id in sent {
            request
                .headers_mut()
                .append(X_REQUEST_ID, HeaderValue::from_bytes(id).unwrap());
        }
        let response = app.oneshot(request).await.unwrap();
        let header = response.headers()[X_REQUEST_ID].to_str().unwrap().into();
        let body = axum::body::to_bytes(response.into_body(), 1024).await;
        (header, String::from_utf8(body.unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_sane_id_is_kept_and_any_other_replaced() {
        let longest = "x".repeat(255);
        let too_long = "x".repeat(256);
        let rows: &[(&[&[u8]], &str)] = &[
            (&[b"abc-123"], "abc-123"),
            (&[b"01J;/?\"~!"], "01J;/?\"~!"),
            (&[longest.as_bytes()], &longest),
            (&[], "minted"),
            (&[b""], "minted"),
            (&[too_long.as_bytes()], "minted"),
            (&[b"a b"], "minted"),
            (&[b"a\tb"], "minted"),
            (&["é".as_bytes()], "minted"),
            (&[b"one", b"two"], "minted"),
            (&[b"same", b"same"], "minted"),
        ];
        for (sent, expected) in rows {
            let (header, body) = answer(app(), sent).await;
            assert_eq!(header, *expected, "in the answer, of {sent:?}");
            assert_eq!(body, format!("{expected} {expected}"), "of {sent:?}");
        }
    }

    #[tokio::test]
    async fn errors_of_the_router_carry_the_id_too() {
        let request = Request::get("/nowhere")
            .header(X_REQUEST_ID, "lost")
            .body(Body::empty())
            .unwrap();
        let response = app().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()[X_REQUEST_ID], "lost");
    }

    #[tokio::test]
    async fn an_insane_mint_costs_the_id_and_not_the_request() {
        let app = Router::new()
            .route("/", get(|| async { "fine" }))
            .layer(RequestIdLayer::new(Arc::new(|| "not\nsane".into())));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().get(X_REQUEST_ID), None);
    }

    #[tokio::test]
    async fn what_is_logged_while_answering_names_the_request() {
        let recorded = Recorded::start();
        answer(app(), &[b"find-me"]).await;
        let expected = ["request request.id=find-me http.method=GET"];
        assert_eq!(recorded.lines(), expected);
    }
}
