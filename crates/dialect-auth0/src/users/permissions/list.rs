//! `GET /api/v2/users/{id}/permissions`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_store::reads::UserPermission;

use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::json::Json;
use crate::names;
use crate::paging::Page;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users/{id}/permissions",
    scopes: &[&["read:users"]],
    query: &queries::HELD_BY_USER,
    kind: Kind::Read,
    told: Told {
        id: "listUserPermissions",
        summary: "List what a user may do, and by what",
        request: None,
        shown: Shown::Pages("permissions", &nouns::HELD_BY_USER),
        refusals: &[Failure::no_such_user],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let page = Page::of(&ask.query);
    let store = &shared.state.store;
    let listed = store
        .user_permissions(ask.tenant(), REALM, &ask.id, page.slice())
        .await?;
    let listed = listed.ok_or_else(Failure::no_such_user)?;
    let shown = listed.items.iter().map(show).collect();
    Ok(Answer::ok(page.list("permissions", shown, listed.total)))
}

/// One row a permission, with every way by which it is held.
fn show(held: &UserPermission) -> Json {
    let direct = held.direct.then(|| source("", "", "DIRECT"));
    let roles = held
        .roles
        .iter()
        .map(|role| source(&role.id, &role.name, "ROLE"));
    let sources = Json::Array(direct.into_iter().chain(roles).collect());
    names::show(&held.permission, vec![("sources".to_owned(), sources)])
}

fn source(id: &str, name: &str, kind: &str) -> Json {
    Json::Object(vec![
        ("source_id".to_owned(), Json::text(id)),
        ("source_name".to_owned(), Json::text(name)),
        ("source_type".to_owned(), Json::text(kind)),
    ])
}
