//! A small HTTP client: whole bodies, kept connections, nothing clever.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

use crate::events::Events;

const LIMIT: Duration = Duration::from_mins(1);

/// Speaks to one server as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

impl Client {
    /// A caller without a token.
    pub fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let pool = Pool::builder(TokioExecutor::new()).build(connector);
        Self {
            base: base.trim_end_matches('/').to_owned(),
            token: None,
            pool,
        }
    }

    /// The same client as another caller.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same client as nobody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    /// The same client with connections of its own.
    #[must_use]
    pub fn unpooled(&self) -> Self {
        Self {
            token: self.token.clone(),
            ..Self::new(&self.base)
        }
    }

    pub fn request(&self, method: Method, path: &str) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            let value = format!("Bearer {token}")
                .parse()
                .expect("a token is a header value");
            headers.insert(AUTHORIZATION, value);
        }
        let uri = format!("{}{path}", self.base)
            .parse()
            .expect("a path is part of a URI");
        Request {
            pool: self.pool.clone(),
            method,
            uri,
            headers,
            body: Bytes::new(),
        }
    }

    /// A request of somebody else's, as this caller.
    #[must_use]
    pub fn instead(&self, mut request: Request) -> Request {
        let own = self.request(request.method.clone(), "/");
        match own.headers.get(AUTHORIZATION) {
            Some(token) => request.headers.insert(AUTHORIZATION, token.clone()),
            None => request.headers.remove(AUTHORIZATION),
        };
        request
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Response {
        self.request(Method::PATCH, path).json(body).send().await
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.request(Method::DELETE, path).send().await
    }

    pub async fn delete_with(&self, path: &str, body: &Value) -> Response {
        self.request(Method::DELETE, path).json(body).send().await
    }
}

/// A request that is being put together.
#[derive(Debug)]
pub struct Request {
    pool: Pool<HttpConnector, Full<Bytes>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// Sets a header; a second one of the same name replaces the first.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Response {
        let what = format!("{} {}", self.method, self.uri);
        self.try_send()
            .await
            .unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Opens a stream of events.
    pub async fn events(self) -> Events {
        self.try_events()
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// For tests that kill the server while it tells.
    pub async fn try_events(self) -> Result<Events, String> {
        let what = format!("{} {}", self.method, self.uri);
        let mut request = hyper::Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        let answer = timeout(LIMIT, self.pool.request(request)).await;
        let answer = answer
            .map_err(|elapsed| format!("{what}: no answer: {elapsed}"))?
            .map_err(|error| format!("{what}: {error:?}"))?;
        match answer.status().as_u16() {
            200 => Ok(Events::new(answer.into_body())),
            other => Err(format!("{what}: {other}")),
        }
    }

    /// For tests that kill the server while it answers.
    pub async fn try_send(self) -> Result<Response, String> {
        let asked = format!("{} {}", self.method, self.uri);
        let mut request = hyper::Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        let exchange = async {
            let answer = self
                .pool
                .request(request)
                .await
                .map_err(|error| format!("{error:?}"))?;
            let (head, body) = answer.into_parts();
            let body = body
                .collect()
                .await
                .map_err(|error| format!("{error:?}"))?
                .to_bytes();
            Ok(Response {
                asked,
                status: head.status.as_u16(),
                headers: head.headers,
                body,
            })
        };
        match timeout(LIMIT, exchange).await {
            Ok(answer) => answer,
            Err(elapsed) => Err(format!("no answer within {LIMIT:?}: {elapsed}")),
        }
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Response {
    asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Response {
    /// Panics with the whole answer unless it has this status.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}\n{:?}\n{}",
            self.asked,
            self.headers,
            self.text()
        );
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}", self.asked, self.text()))
    }

    /// A header as text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}
