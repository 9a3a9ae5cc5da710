//! `GET /api/v2/clients`: there are none, and every run of deploy-cli asks.

use std::sync::Arc;

use axum::Router;
use axum::routing::MethodFilter;

use crate::answer::Answer;
use crate::endpoint::{Ask, Endpoint, Kind, Shared, route};
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::Page;
use crate::schema::queries;

static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/clients",
    scopes: &[&["read:clients"]],
    query: &queries::CLIENTS,
    kind: Kind::Read,
};

pub(crate) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new().route(ENDPOINT.path, route(&ENDPOINT, shared, handle))
}

async fn handle(_shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let none: Vec<Json> = Vec::new();
    Ok(Answer::ok(Page::of(&ask.query).list(
        "clients",
        none,
        Some(0),
    )))
}
