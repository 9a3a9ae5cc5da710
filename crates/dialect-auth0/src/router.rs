//! All routes.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use writ_http::document::Document;

use crate::endpoint::{Listed, Mount, Served, Shared};
use crate::failure::Failure;
use crate::rate::Limiter;
use crate::state::Auth0State;
use crate::{clients, resource_servers, roles, users};

/// The Management API, at `/api/v2`. Everything else below that path is Auth0's 404.
pub fn router(state: Auth0State) -> Router {
    let limiter = Limiter::new(state.rate, Arc::clone(&state.clock));
    let mut served = Served {
        shared: Arc::new(Shared { state, limiter }),
        router: Router::new(),
    };
    mount(&mut served);
    served
        .router
        .method_not_allowed_fallback(not_found)
        .route("/api/v2", any(not_found))
        .route("/api/v2/", any(not_found))
        .route("/api/v2/{*rest}", any(not_found))
}

/// What clients are told of it.
#[must_use]
pub fn document() -> Document {
    let mut listed = Listed::default();
    mount(&mut listed);
    crate::document::document(&listed.0)
}

pub(crate) fn mount(to: &mut impl Mount) {
    resource_servers::mount(to);
    roles::mount(to);
    users::mount(to);
    clients::mount(to);
}

/// A wrong method is as unknown as a wrong path.
async fn not_found() -> Response {
    Failure::no_such_route().into_response()
}
