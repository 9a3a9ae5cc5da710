//! All routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;

use crate::serve::serve;
use crate::state::CamundaState;

/// Everything below `/engine-rest`. What is not there is the engine's 404.
pub fn router(state: CamundaState) -> Router {
    let shared = Arc::new(state);
    let every = any(move |request: Request| {
        let shared = Arc::clone(&shared);
        async move { serve(shared, request).await }
    });
    Router::new()
        .route("/engine-rest", every.clone())
        .route("/engine-rest/", every.clone())
        .route("/engine-rest/{*rest}", every)
}
