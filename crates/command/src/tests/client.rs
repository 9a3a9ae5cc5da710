//! A client of the native write routes.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use writ_http::Revision;
use writ_http::body::Limits;

use super::issuer::{token, verifier};
use super::world::{TestClock, World};
use crate::{RoutesState, router};

pub(super) const ALL: &str = "ledger:read ledger:write create:roles update:roles delete:roles create:users \
                   update:users create:resource_servers update:resource_servers";

pub(super) struct Client {
    router: Router,
    token: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    pub(super) revision: Option<Revision>,
    pub(super) location: Option<String>,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let text = |name: &str| Some(parts.headers.get(name)?.to_str().unwrap().to_owned());
        let bytes = body.collect().await.unwrap().to_bytes();
        let content_type = text("content-type").unwrap();
        let json = if parts.status.is_success() {
            "application/json"
        } else {
            "application/problem+json"
        };
        assert_eq!(content_type, json);
        Self {
            status: parts.status,
            body: serde_json::from_slice(&bytes).unwrap(),
            revision: text("writ-revision").map(|text| text.parse().unwrap()),
            location: text("location"),
        }
    }

    pub(super) fn seq(&self) -> u64 {
        self.revision.as_ref().unwrap().tenant_seq.0
    }

    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap()
    }
}

impl Client {
    pub(super) fn of(world: &World, scopes: &str) -> Self {
        let state = RoutesState {
            service: world.service.clone(),
            verifier: verifier(Arc::new(TestClock)),
            body_limits: Limits {
                max_bytes: 100_000,
                ..Limits::default()
            },
        };
        Self {
            router: router(state),
            token: token("ann", scopes),
        }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(super) async fn submit(&self, body: &Value) -> Answer {
        self.send(Method::POST, "/v1/commands", &[], &body.to_string())
            .await
    }

    pub(super) async fn get(&self, uri: &str) -> Answer {
        self.send(Method::GET, uri, &[], "").await
    }
}

impl Client {
    /// The same client with another token.
    pub(super) fn with_token(self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self
        }
    }
}
