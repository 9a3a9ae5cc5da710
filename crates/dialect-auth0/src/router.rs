//! All routes.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;

use crate::endpoint::Shared;
use crate::failure::Failure;
use crate::rate::Limiter;
use crate::state::Auth0State;
use crate::{clients, resource_servers, roles, users};

/// The Management API, at `/api/v2`. Everything else below that path is Auth0's 404.
pub fn router(state: Auth0State) -> Router {
    let limiter = Limiter::new(state.rate, Arc::clone(&state.clock));
    let shared = Arc::new(Shared { state, limiter });
    Router::new()
        .merge(resource_servers::routes(&shared))
        .merge(roles::routes(&shared))
        .merge(users::routes(&shared))
        .merge(clients::routes(&shared))
        .method_not_allowed_fallback(not_found)
        .route("/api/v2", any(not_found))
        .route("/api/v2/", any(not_found))
        .route("/api/v2/{*rest}", any(not_found))
}

/// A wrong method is as unknown as a wrong path.
async fn not_found() -> Response {
    Failure::no_such_route().into_response()
}
