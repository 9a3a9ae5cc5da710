//! Answers, with the headers that the engine's have.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use writ_domain::TenantSeq;
use writ_http::Revision;

use crate::failure::Failure;

/// A request that was granted.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What the answer shows, where that is not what the request began with.
    pub(crate) revision: Option<Revision>,
}

impl Answer {
    /// 200 with a body.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_string(body).map_err(|error| Failure::internal(&error))?;
        Ok(Self {
            status: StatusCode::OK,
            body: Some(body),
            headers: Vec::new(),
            revision: None,
        })
    }

    /// 204: nothing to say.
    pub(crate) fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            headers: Vec::new(),
            revision: None,
        }
    }

    pub(crate) fn at(self, revision: Revision) -> Self {
        Self {
            revision: Some(revision),
            ..self
        }
    }

    /// Says when the noun changed last, for `If-Match`.
    pub(crate) fn tagged(mut self, changed_at: Option<TenantSeq>) -> Self {
        let tag = changed_at.and_then(|at| HeaderValue::try_from(format!("\"{at}\"")).ok());
        self.headers.extend(tag.map(|tag| (ETAG, tag)));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        response(self.status, self.body, self.headers, self.revision.as_ref())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let headers = self.headers.clone();
        response(self.status, self.text(), headers, self.revision.as_deref())
    }
}

fn response(
    status: StatusCode,
    body: Option<String>,
    others: Vec<(HeaderName, HeaderValue)>,
    revision: Option<&Revision>,
) -> Response {
    let has_body = body.is_some();
    let mut response = Response::new(body.map_or_else(Body::empty, Body::from));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in others {
        headers.insert(name, value);
    }
    if let Some(revision) = revision {
        revision.set_on(headers);
    }
    response
}
