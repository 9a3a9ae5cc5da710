//! `/roles/{id}/permissions`

mod add;
mod list;
mod remove;

use std::sync::Arc;

use axum::Router;

use crate::endpoint::{Shared, route};

pub(super) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route(
            list::ENDPOINT.path,
            route(&list::ENDPOINT, shared, list::handle),
        )
        .route(
            add::ENDPOINT.path,
            route(&add::ENDPOINT, shared, add::handle),
        )
        .route(
            remove::ENDPOINT.path,
            route(&remove::ENDPOINT, shared, remove::handle),
        )
}
