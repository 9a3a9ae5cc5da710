//! From routes to a listener that serves them, with the limits that hold for all together.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use writ_http::limits::{DeadlineLayer, ShedLayer, catch_panic};
use writ_http::problem::CountedAs;
use writ_http::request_id::RequestIdLayer;

use super::{Options, health, serve};
use crate::config::Settings;
use crate::roles::Roles;
use crate::supervisor::{Stage, Supervisor};
use crate::{ids, telemetry};

/// Requests answered, by method and status.
const REQUESTS: &str = "writ_http_requests_total";
/// Seconds from a request's head to the head of its answer, by method.
const REQUEST_SECONDS: &str = "writ_http_request_seconds";

/// Serves `roles` on `socket` until the edge ends. Health is answered whatever the load.
pub(crate) fn start(
    settings: &Settings,
    socket: TcpListener,
    (roles, metrics): (Roles, PrometheusHandle),
    supervisor: &Supervisor,
) {
    supervisor.spawn(Stage::Ground, "metrics", |stop| {
        telemetry::keep_counts(metrics.clone(), stop)
    });
    describe_counter!(
        REQUESTS,
        Unit::Count,
        "requests answered, by method and status"
    );
    describe_histogram!(
        REQUEST_SECONDS,
        Unit::Seconds,
        "time to the head of the answer"
    );
    let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
    let router = roles
        .router
        .layer(catch_panic())
        .layer(DeadlineLayer::new(settings.request_timeout_ms.0))
        .layer(ShedLayer::new(size(settings.requests_max.0)))
        .layer(from_fn(counted))
        .layer(RequestIdLayer::new(Arc::new(|| ids::uuid_v7().to_string())))
        .merge(health(roles.readying, metrics));
    let options = Options {
        header_limit: size(settings.header_limit_bytes.0),
        header_timeout: settings.header_timeout_ms.0,
        connections_max: size(settings.connections_max.0),
    };
    supervisor.spawn(Stage::Edge, "http", |stop| {
        serve(socket, router, options, stop)
    });
}

async fn counted(request: Request, next: Next) -> Response {
    // Made-up methods would make made-up series.
    let method = match request.method().as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    };
    let began = Instant::now();
    let response = next.run(request).await;
    let counted = response.extensions().get::<CountedAs>();
    let status = counted.map_or(response.status(), |counted| counted.0);
    let status = status.as_u16().to_string();
    counter!(REQUESTS, "method" => method, "status" => status).increment(1);
    histogram!(REQUEST_SECONDS, "method" => method).record(began.elapsed().as_secs_f64());
    response
}
