//! From routes to a listener that serves them, with the limits that hold for all together.

use std::sync::Arc;

use tokio::net::TcpListener;
use writ_http::limits::{DeadlineLayer, ShedLayer, catch_panic};
use writ_http::request_id::RequestIdLayer;

use super::{Options, health, serve};
use crate::config::Settings;
use crate::roles::Roles;
use crate::supervisor::{Stage, Supervisor};
use crate::{ids, telemetry};

/// Serves `roles` on `socket` until the edge ends. Health is answered whatever the load.
pub(crate) fn start(
    settings: &Settings,
    socket: TcpListener,
    roles: Roles,
    supervisor: &Supervisor,
) -> anyhow::Result<()> {
    let metrics = telemetry::count()?;
    supervisor.spawn(Stage::Ground, "metrics", |stop| {
        telemetry::keep_counts(metrics.clone(), stop)
    });
    let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
    let router = roles
        .router
        .layer(catch_panic())
        .layer(DeadlineLayer::new(settings.request_timeout_ms.0))
        .layer(ShedLayer::new(size(settings.requests_max.0)))
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
    Ok(())
}
