//! What every read does before and after its own work.

use core::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::Value;
use writ_domain::TenantId;
use writ_http::body::{Received, read as read_body};
use writ_http::path::Segments;
use writ_http::revision::WRIT_REVISION;
use writ_http::{Caller, Problem, Revision};
use writ_store::entries::{Head, head};

use crate::QueryState;
use crate::freshness::revision;

/// A request of somebody who may read.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) tenant: TenantId,
    pub(crate) parts: Parts,
    body: Option<Received>,
}

/// What is shown, and the revision that it shows.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) body: String,
    pub(crate) revision: Revision,
}

impl Reader {
    /// A parameter of the path.
    pub(crate) fn segment(&self, name: &str) -> Result<String, Problem> {
        let pattern = self.parts.extensions.get::<MatchedPath>();
        let pattern = pattern.map_or("", MatchedPath::as_str);
        let segments = Segments::read(pattern, self.parts.uri.path())?;
        Ok(segments.get(name)?.to_owned())
    }

    /// The body of the request, of a route that has one.
    pub(crate) fn json(&self) -> Result<Value, Problem> {
        let body = self.body.as_ref().ok_or_else(Problem::empty_body)?;
        Ok(body.json()?)
    }

    /// A body with the revision of a head.
    pub(crate) fn show(&self, body: &impl Serialize, head: &Head) -> Result<Shown, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Shown {
            body,
            revision: revision(&self.tenant, head),
        })
    }
}

/// Serves a read: who calls, with which scopes, then the read itself.
///
/// Every answer to somebody who may speak carries a revision.
pub(crate) async fn serve<F>(
    state: Arc<QueryState>,
    request: Request,
    scopes: &[&str],
    read: impl FnOnce(Arc<QueryState>, Reader) -> F,
) -> Response
where
    F: Future<Output = Result<Shown, Problem>>,
{
    let (parts, _body) = request.into_parts();
    answered(state, (parts, None), scopes, read).await
}

/// The same of a read whose question is in the body.
pub(crate) async fn serve_body<F>(
    state: Arc<QueryState>,
    request: Request,
    scopes: &[&str],
    read: impl FnOnce(Arc<QueryState>, Reader) -> F,
) -> Response
where
    F: Future<Output = Result<Shown, Problem>>,
{
    let (parts, body) = request.into_parts();
    answered(state, (parts, Some(body)), scopes, read).await
}

async fn answered<F>(
    state: Arc<QueryState>,
    (parts, body): (Parts, Option<Body>),
    scopes: &[&str],
    read: impl FnOnce(Arc<QueryState>, Reader) -> F,
) -> Response
where
    F: Future<Output = Result<Shown, Problem>>,
{
    let caller = match state.caller(&parts) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let tenant = caller.tenant.clone();
    let shown = async {
        if !caller.holds_any(scopes) {
            return Err(Problem::insufficient_scope(scopes));
        }
        let body = match body {
            Some(body) => Some(read_body(body, &parts.headers, &state.body_limits).await?),
            None => None,
        };
        let tenant = tenant.clone();
        let reader = Reader {
            tenant,
            parts,
            body,
        };
        read(Arc::clone(&state), reader).await
    };
    match shown.await {
        Ok(shown) => answer(shown),
        Err(problem) => state.refuse(&tenant, problem).await,
    }
}

impl QueryState {
    /// Who calls.
    pub(crate) fn caller(&self, parts: &Parts) -> Result<Caller, Problem> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|peer| peer.0.ip());
        Ok(self.verifier.authenticate(&parts.headers, peer)?)
    }

    /// The answer to somebody who may speak and is refused.
    pub(crate) async fn refuse(&self, tenant: &TenantId, problem: Problem) -> Response {
        let mut response = problem.into_response();
        if let Ok(newest) = head(&self.store, tenant).await {
            let revision = revision(tenant, &newest.unwrap_or_else(Head::none));
            response
                .headers_mut()
                .insert(WRIT_REVISION, HeaderValue::from(&revision));
        }
        response
    }
}

fn answer(shown: Shown) -> Response {
    let mut response = (StatusCode::OK, shown.body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    shown.revision.set_on(headers);
    response
}
