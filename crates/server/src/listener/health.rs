//! `/healthz`, `/readyz` and `/metrics`, outside the limits that hold for callers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use serde_json::json;
use writ_http::document::{Content, Document, Operation, Routes, Schemas, object};

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
    let ready = get(ready).with_state(readying);
    routes(ready, get(render).with_state(metrics)).router()
}

/// What clients are told of them.
pub(crate) fn document() -> Document {
    let checks = json!({
        "ready": { "type": "boolean" },
        "checks": { "type": "object", "additionalProperties": { "type": "string" } },
    });
    let schemas = Schemas::new()
        .with(
            "Health",
            object("It lives.", json!({ "status": { "const": "ok" } })),
        )
        .with(
            "Readiness",
            object("What was looked at, and what was found.", checks),
        )
        .with(
            "Metrics",
            json!({ "type": "string", "description": "Prometheus' text format." }),
        );
    Document::new()
        .tag(
            OPERATION,
            "For those who run it. Answered whatever the load; nobody signs in.",
        )
        .operations(routes(MethodRouter::new(), MethodRouter::new()).operations())
        .schemas(schemas)
}

const OPERATION: &str = "Operation";

fn routes(ready: MethodRouter, metrics: MethodRouter) -> Routes {
    let found = |ready: bool, lag: &str| json!({ "ready": ready, "checks": { "projector": lag, "store": "ok" } });
    let live = Operation::get("/healthz", "getHealth", "Say that the process lives")
        .tag(OPERATION)
        .answers(
            200,
            "It lives",
            Content::json("Health").example("alive", json!({ "status": "ok" })),
        );
    let readiness = Operation::get("/readyz", "getReadiness", "Say whether to send it requests")
        .tag(OPERATION)
        .answers(
            200,
            "It is ready",
            Content::json("Readiness")
                .example("ready", found(true, "0: owned at seq 18, 0 behind")),
        )
        .answers(
            503,
            "Not now",
            Content::json("Readiness").example("behind", found(false, "0: 70000 behind")),
        );
    let text = "# TYPE writ_http_requests_total counter\n\
                writ_http_requests_total{method=\"GET\",status=\"200\"} 1\n";
    let counted = Operation::get("/metrics", "getMetrics", "Show what is counted")
        .tag(OPERATION)
        .answers(
            200,
            "For Prometheus",
            Content::of("text/plain", "Metrics").example("a counter", text),
        );
    Routes::new()
        .on(live, alive)
        .mounted(readiness, ready)
        .mounted(counted, metrics)
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
