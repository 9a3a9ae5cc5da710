//! Answers with the headers that Auth0's have.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, LINK, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use writ_domain::TenantSeq;
use writ_http::Revision;

use crate::failure::Failure;
use crate::json::Json;

/// A request that was granted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Json>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What the answer shows, where that is not what the request began with.
    pub(crate) revision: Option<Revision>,
}

impl Answer {
    fn new(status: StatusCode, body: Option<Json>) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
            revision: None,
        }
    }

    pub(crate) fn ok(body: Json) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    pub(crate) fn created(body: Json) -> Self {
        Self::new(StatusCode::CREATED, Some(body))
    }

    /// 204: nothing to say.
    pub(crate) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }

    pub(crate) fn at(self, revision: Revision) -> Self {
        Self {
            revision: Some(revision),
            ..self
        }
    }

    /// Says when the noun changed last, for `If-Match`.
    pub(crate) fn tagged(self, changed_at: Option<TenantSeq>) -> Self {
        let tag = changed_at.and_then(|at| HeaderValue::try_from(format!("\"{at}\"")).ok());
        self.with_header(ETAG, tag)
    }

    pub(crate) fn linked(self, link: &str) -> Self {
        self.with_header(LINK, HeaderValue::try_from(link).ok())
    }

    pub(crate) fn with_headers(mut self, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        self.headers.extend(headers);
        self
    }

    fn with_header(mut self, name: HeaderName, value: Option<HeaderValue>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let body = self
            .body
            .map_or_else(Body::empty, |body| Body::from(body.to_string()));
        response(self.status, body, self.headers, self.revision.as_ref())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Body::from(self.envelope().to_string());
        let headers = self.headers().to_vec();
        response(self.status(), body, headers, self.revision.as_deref())
    }
}

fn response(
    status: StatusCode,
    body: Body,
    others: Vec<(HeaderName, HeaderValue)>,
    revision: Option<&Revision>,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        // On 204 too, as recorded.
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
        (VARY, "origin,accept-encoding"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in others {
        headers.insert(name, value);
    }
    if let Some(revision) = revision {
        revision.set_on(headers);
    }
    response
}
