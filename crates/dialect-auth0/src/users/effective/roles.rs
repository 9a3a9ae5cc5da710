//! `GET /api/v2/users/{id}/effective-roles`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_store::reads::Slice;

use super::{list_roles, role_after};
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::paging::After;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users/{id}/effective-roles",
    scopes: &[&["read:user_effective_roles"]],
    query: &queries::EFFECTIVE_ROLES,
    kind: Kind::Read,
    told: Told {
        id: "listEffectiveRoles",
        summary: "List a user's roles and how each is held",
        request: None,
        shown: Shown::After("roles", &nouns::ROLE_SOURCE),
        refusals: &[Failure::no_such_user],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let after = After::of(&ask.query)?;
    let slice = Slice {
        offset: 0,
        limit: after.limit(),
        count: false,
    };
    let (store, place) = (&shared.state.store, role_after(&after)?);
    let listed = store
        .user_roles(ask.tenant(), REALM, &ask.id, slice, &place)
        .await?;
    let listed = listed.ok_or_else(Failure::no_such_user)?;
    Ok(Answer::ok(list_roles(&after, listed.items)))
}
