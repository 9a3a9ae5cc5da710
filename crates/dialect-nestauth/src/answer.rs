//! Answers with the headers that Express's have.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use writ_http::Revision;
use writ_http::problem::CountedAs;

use crate::failure::Failure;
use crate::state::Profile;

/// What every answer of the console's controllers carries. A page that is framed could be made to
/// click.
const SECURITY: [(&str, &str); 4] = [
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'; \
         form-action 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self' data:; connect-src 'self'",
    ),
];

/// A request that was granted.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
    pub(crate) cookies: Vec<HeaderValue>,
    /// What the answer shows.
    pub(crate) revision: Option<Revision>,
}

impl Answer {
    pub(crate) fn ok(body: String) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            cookies: Vec::new(),
            revision: None,
        }
    }

    pub(crate) fn created(body: String) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::ok(body)
        }
    }

    pub(crate) fn at(self, revision: Revision) -> Self {
        Self {
            revision: Some(revision),
            ..self
        }
    }

    pub(crate) fn with_cookie(mut self, cookie: HeaderValue) -> Self {
        self.cookies.push(cookie);
        self
    }
}

/// What of a request its answer depends on.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// Whether a controller took it: only then does the answer carry their headers.
    pub(crate) routed: bool,
    pub(crate) profile: Profile,
}

/// The response to a request.
pub(crate) fn respond(asked: &Asked, done: Result<Answer, Failure>) -> Response {
    let (status, counted, body, cookies, revision, header) = match done {
        Ok(answer) => (
            answer.status,
            answer.status,
            answer.body,
            answer.cookies,
            answer.revision,
            None,
        ),
        Err(failure) => {
            let (status, counted) = failure.statuses(asked.profile);
            let body = failure.body(asked.profile);
            let revision = failure.revision.map(|revision| *revision);
            (status, counted, body, Vec::new(), revision, failure.header)
        }
    };
    let tag = entity_tag(&body);
    let unchanged = status.is_success() && is_fresh(asked, &tag);
    let mut response = Response::new(Body::empty());
    let all = response.headers_mut();
    all.insert("x-powered-by", HeaderValue::from_static("Express"));
    if asked.routed {
        for (name, value) in SECURITY {
            all.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Some((name, value)) = header.map(|header| *header) {
        all.insert(name, value);
    }
    for cookie in cookies {
        all.append(SET_COOKIE, cookie);
    }
    if let Some(revision) = revision {
        revision.set_on(all);
    }
    if let Ok(tag) = HeaderValue::try_from(&tag) {
        all.insert(ETAG, tag);
    }
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    set(all, CONTENT_TYPE, "application/json; charset=utf-8");
    all.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.status_mut() = status;
    if counted != status {
        response.extensions_mut().insert(CountedAs(counted));
    }
    if asked.method != Method::HEAD {
        *response.body_mut() = Body::from(body);
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Express's weak tag of a body.
pub(crate) fn entity_tag(body: &str) -> String {
    let digest = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        body.as_bytes(),
    );
    let text = STANDARD.encode(digest.as_ref());
    let text = text.get(..27).unwrap_or_default();
    format!("W/\"{:x}-{text}\"", body.len())
}

/// Whether the client holds this answer already.
fn is_fresh(asked: &Asked, tag: &str) -> bool {
    if asked.method != Method::GET && asked.method != Method::HEAD {
        return false;
    }
    let text = |name: HeaderName| {
        asked
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if text(CACHE_CONTROL).is_some_and(|control| control.contains("no-cache")) {
        return false;
    }
    let Some(wanted) = text(IF_NONE_MATCH) else {
        return false;
    };
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    wanted.trim() == "*" || wanted.split(',').any(|one| strong(one) == strong(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_express_s() {
        assert_eq!(entity_tag(""), "W/\"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk\"");
    }
}
