//! `/roles/{id}/users`

mod assign;
mod list;

use std::sync::Arc;

use axum::Router;

use crate::endpoint::{Shared, route};

pub(super) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route(
            assign::ENDPOINT.path,
            route(&assign::ENDPOINT, shared, assign::handle),
        )
        .route(
            list::ENDPOINT.path,
            route(&list::ENDPOINT, shared, list::handle),
        )
}
