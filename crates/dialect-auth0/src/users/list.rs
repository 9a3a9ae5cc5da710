//! `GET /api/v2/users`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::profile;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::fields;
use crate::paging::Page;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users",
    scopes: &[&["read:users"]],
    query: &queries::USERS,
    kind: Kind::Read,
    told: Told {
        id: "listUsers",
        summary: "List users",
        request: None,
        shown: Shown::Pages("users", &nouns::USER),
        refusals: &[],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let page = Page::of(&ask.query);
    if page.leaves_window() {
        return Err(Failure::beyond_users_window());
    }
    let listed = shared
        .state
        .store
        .users(ask.tenant(), REALM, page.slice())
        .await?;
    let users = listed.items.iter();
    let shown = users
        .map(|user| fields::select(&ask.query, profile::show(user)))
        .collect();
    Ok(Answer::ok(page.list("users", shown, listed.total)))
}
