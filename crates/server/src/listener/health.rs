//! `/healthz`, `/readyz` and `/metrics`, outside the limits that hold for callers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use serde_json::json;

/// Whether this process should be sent requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Readiness {
    pub(crate) ready: bool,
    /// What was looked at, and what was found.
    pub(crate) checks: BTreeMap<&'static str, String>,
}

/// Looks whether this process is ready.
pub(crate) type Readying = Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>;

/// The three routes.
pub(crate) fn router(readying: Readying, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready).with_state(readying))
        .route("/metrics", get(render).with_state(metrics))
}

async fn alive() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(readying): State<Readying>) -> Response {
    let found = readying().await;
    let status = if found.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(found)).into_response()
}

async fn render(State(metrics): State<PrometheusHandle>) -> impl IntoResponse {
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        metrics.render(),
    )
}
