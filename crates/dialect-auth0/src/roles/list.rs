//! `GET /api/v2/roles`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::view;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::Page;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/roles",
    scopes: &[&["read:roles"]],
    query: &queries::ROLES,
    kind: Kind::Read,
    told: Told {
        id: "listRoles",
        summary: "List roles",
        request: None,
        shown: Shown::Pages("roles", &nouns::ROLE),
        refusals: &[],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let page = Page::of(&ask.query);
    let part = ask.query.get("name_filter").and_then(Json::as_str);
    let listed = shared
        .state
        .store
        .roles(ask.tenant(), REALM, part, page.slice())
        .await?;
    let roles = listed.items.iter();
    let shown = roles.map(|role| view::show(&role.id, &role.name, role.description.as_deref()));
    Ok(Answer::ok(page.list(
        "roles",
        shown.collect(),
        listed.total,
    )))
}
