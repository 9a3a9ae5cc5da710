//! Errors as RFC 9457 problems: one type, one catalogue.
//!
//! A [`Problem`] is one situation of the [`CATALOGUE`], what may be told of this case, and what may
//! not. The untold part has no way into an answer: it is logged once, with its whole chain, when
//! the problem is answered.
//!
//! Deliberately absent: the error bodies of dialects. A dialect matches on [`Problem::code`] and
//! writes its own body, and calls [`Problem::log`] so that the untold part is not lost.

mod catalogue;
mod constructors;
#[cfg(test)]
pub(crate) mod recorded;
mod rejection;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use tracing::error;

/// The status by which an answer is counted, in its extensions, where that is not its own.
///
/// A product that a dialect speaks for may answer a client's mistake with 500. So does the
/// dialect; but nothing of ours has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedAs(pub axum::http::StatusCode);

pub use catalogue::{CATALOGUE, Page, documents, pages};

/// Writes a problem as an answer: [`Problem::into_response`], or a dialect's own.
pub type Render = fn(Problem) -> Response;

/// What went wrong, for the caller and for the operator.
#[derive(Debug)]
#[must_use = "a problem does nothing until it is answered"]
pub struct Problem {
    page: &'static Page,
    detail: Option<String>,
    internal: Option<Box<dyn Error + Send + Sync>>,
    extensions: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// The situation that a page of the catalogue describes, with nothing said of this case.
    pub fn new(page: &'static Page) -> Self {
        Self {
            page,
            detail: None,
            internal: None,
            extensions: Map::new(),
            headers: Vec::new(),
        }
    }

    /// Says what happened in this case. Callers read it.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Keeps what only the operator may read.
    pub fn with_internal(mut self, internal: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.internal = Some(internal.into());
        self
    }

    /// Adds a member for programs.
    ///
    /// MUST NOT be named as a member of RFC 9457: those win, and the extension is not sent.
    pub fn with_extension(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }

    /// Says when to try again, in whole seconds, rounded up and never 0.
    pub fn with_retry_after(self, wait: Duration) -> Self {
        let seconds = wait
            .as_secs()
            .saturating_add(u64::from(wait.subsec_nanos() > 0));
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Says how to authenticate, instead of plain `Bearer`.
    pub fn with_challenge(self, challenge: HeaderValue) -> Self {
        self.with_header(WWW_AUTHENTICATE, challenge)
    }

    /// Sends a header with the problem, instead of one of the same name that it has.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    /// The stable name of the situation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.page.code
    }

    /// The status that the situation is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.page.status
    }

    /// The situation in a few words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.page.title
    }

    /// What may be told of this case.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The members for programs.
    #[must_use]
    pub fn extensions(&self) -> &Map<String, Value> {
        &self.extensions
    }

    /// The headers that go with the problem.
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// What only the operator may read, as long as it is not logged.
    #[must_use]
    pub fn untold(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.internal.as_deref()
    }

    /// Logs the untold part with its whole chain, and drops it: a second call logs nothing.
    pub fn log(&mut self) {
        if let Some(internal) = self.internal.take() {
            error!(
                problem.code = self.code(),
                problem.status = self.status().as_u16(),
                error = %Chain(&*internal),
                "request failed"
            );
        }
    }

    /// The body: the members of RFC 9457, then the extensions.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = self.extensions.clone();
        body.insert("type".into(), format!("/problems/{}", self.code()).into());
        body.insert("title".into(), self.title().into());
        body.insert("status".into(), self.status().as_u16().into());
        body.insert("code".into(), self.code().into());
        // SUBTLE: an extension named `detail` or `instance` must not pass for ours.
        body.remove("detail");
        body.remove("instance");
        if let Some(detail) = &self.detail {
            body.insert("detail".into(), detail.as_str().into());
        }
        Value::Object(body)
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        self.log();
        let mut response = (self.status(), self.body().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

/// An error and its sources, the outermost first.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
