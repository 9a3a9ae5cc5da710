//! `GET /api/v2/resource-servers/{id or identifier}`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::view;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::fields;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/resource-servers/{id}",
    scopes: &[&["read:resource_servers"]],
    query: &queries::ONE,
    kind: Kind::Read,
    told: Told {
        id: "getResourceServer",
        summary: "Show an API",
        request: None,
        shown: Shown::One(200, &nouns::API),
        refusals: &[Failure::no_such_resource_server],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let api = shared.state.store.api(ask.tenant(), REALM, &ask.id).await?;
    let api = api.ok_or_else(Failure::no_such_resource_server)?;
    let answer = Answer::ok(fields::select(&ask.query, view::show(&api)));
    Ok(answer.tagged(api.changed_at))
}
