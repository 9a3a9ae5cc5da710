//! `GET /api/v2/roles/{id}/permissions`

use std::sync::Arc;

use axum::routing::MethodFilter;

use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::names;
use crate::paging::Page;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/roles/{id}/permissions",
    scopes: &[&["read:roles"]],
    query: &queries::ROLE_PERMISSIONS,
    kind: Kind::Read,
    told: Told {
        id: "listRolePermissions",
        summary: "List a role's permissions",
        request: None,
        shown: Shown::Pages("permissions", &nouns::HELD_BY_ROLE),
        refusals: &[Failure::no_such_role],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let page = Page::of(&ask.query);
    let store = &shared.state.store;
    let listed = store
        .role_permissions(ask.tenant(), REALM, &ask.id, page.slice())
        .await?;
    let listed = listed.ok_or_else(Failure::no_such_role)?;
    let shown = listed
        .items
        .iter()
        .map(|held| names::show(held, Vec::new()))
        .collect();
    Ok(Answer::ok(page.list("permissions", shown, listed.total)))
}
