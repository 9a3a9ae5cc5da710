//! `GET /api/v2/users/{id}`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::profile;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::fields;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users/{id}",
    scopes: &[&["read:users"]],
    query: &queries::ONE,
    kind: Kind::Read,
    told: Told {
        id: "getUser",
        summary: "Show a user",
        request: None,
        shown: Shown::One(200, &nouns::USER),
        refusals: &[Failure::no_such_user],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let user = shared
        .state
        .store
        .user(ask.tenant(), REALM, &ask.id)
        .await?;
    let user = user.ok_or_else(Failure::no_such_user)?;
    Ok(Answer::ok(fields::select(&ask.query, profile::show(&user))))
}
