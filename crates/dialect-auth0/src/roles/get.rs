//! `GET /api/v2/roles/{id}`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::view;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/roles/{id}",
    scopes: &[&["read:roles"]],
    query: &queries::NONE,
    kind: Kind::Read,
    told: Told {
        id: "getRole",
        summary: "Show a role",
        request: None,
        shown: Shown::One(200, &nouns::ROLE),
        refusals: &[Failure::no_such_role],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let role = shared
        .state
        .store
        .role(ask.tenant(), REALM, &ask.id)
        .await?;
    let role = role.ok_or_else(Failure::no_such_role)?;
    Ok(Answer::ok(view::show(
        &role.id,
        &role.name,
        role.description.as_deref(),
    )))
}
