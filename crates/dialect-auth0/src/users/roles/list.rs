//! `GET /api/v2/users/{id}/roles`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_store::reads::RoleAfter;

use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::paging::Page;
use crate::roles::view;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users/{id}/roles",
    scopes: &[&["read:users"], &["read:roles", "read:role_members"]],
    query: &queries::HELD_BY_USER,
    kind: Kind::Read,
    told: Told {
        id: "listUserRoles",
        summary: "List a user's roles",
        request: None,
        shown: Shown::Pages("roles", &nouns::ROLE),
        refusals: &[Failure::no_such_user],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let page = Page::of(&ask.query);
    let (store, start) = (&shared.state.store, RoleAfter::default());
    let listed = store
        .user_roles(ask.tenant(), REALM, &ask.id, page.slice(), &start)
        .await?;
    let listed = listed.ok_or_else(Failure::no_such_user)?;
    let roles = listed.items.iter();
    let shown = roles.map(|role| view::show(&role.id, &role.name, role.description.as_deref()));
    Ok(Answer::ok(page.list(
        "roles",
        shown.collect(),
        listed.total,
    )))
}
