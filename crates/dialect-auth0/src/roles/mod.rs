//! `/roles`: roles, their permissions and who has them.

mod create;
mod delete;
mod get;
mod list;
mod permissions;
mod update;
mod users;
pub(crate) mod view;

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
        .merge(permissions::routes(shared))
        .merge(users::routes(shared))
}
