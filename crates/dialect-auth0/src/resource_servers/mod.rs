//! `/resource-servers`: APIs and their permissions.

mod create;
mod delete;
mod get;
mod list;
mod settings;
mod update;
mod view;

use std::sync::Arc;

use axum::Router;

use crate::endpoint::{Shared, route};

pub(crate) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route(
            list::ENDPOINT.path,
            route(&list::ENDPOINT, shared, list::handle),
        )
        .route(
            create::ENDPOINT.path,
            route(&create::ENDPOINT, shared, create::handle),
        )
        .route(
            get::ENDPOINT.path,
            route(&get::ENDPOINT, shared, get::handle),
        )
        .route(
            update::ENDPOINT.path,
            route(&update::ENDPOINT, shared, update::handle),
        )
        .route(
            delete::ENDPOINT.path,
            route(&delete::ENDPOINT, shared, delete::handle),
        )
}
