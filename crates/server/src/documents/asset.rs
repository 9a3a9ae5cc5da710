//! A file of the binary, with the headers that go with it.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::UNCHANGED;

/// Nothing from elsewhere, nothing inline, and no page around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is served as it is.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    content_type: &'static str,
    body: Arc<str>,
    tag: Arc<str>,
}

impl Asset {
    pub(super) fn new(content_type: &'static str, body: &str) -> Self {
        let hash = digest(&SHA256, body.as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(hash.as_ref());
        Self {
            content_type,
            body: body.into(),
            tag: format!("\"{tag}\"").into(),
        }
    }

    pub(super) fn html(body: &str) -> Self {
        Self::new("text/html; charset=utf-8", body)
    }

    pub(super) fn json(body: &str) -> Self {
        Self::new("application/json", body)
    }

    /// The answer to who may hold it already.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers.get_all(IF_NONE_MATCH).iter();
        let mut known = known
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"));
        let said: [(HeaderName, &str); 6] = [
            (CONTENT_TYPE, self.content_type),
            (ETAG, &self.tag),
            // Kept, and asked for again: a new release has another one.
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        if known.any(|tag| *tag == *self.tag) {
            return (UNCHANGED, said).into_response();
        }
        (said, self.body.to_string()).into_response()
    }
}
