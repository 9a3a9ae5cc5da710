//! `GET /api/v2/roles/{id}/users`
//!
//! By page, or after a checkpoint where `take` or `from` is sent, whatever else is: go sends all
//! of them and wants the checkpoint.

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::TenantSeq;
use writ_store::reads::{Listed, RoleUser, RoleUsersAfter, Slice};

use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::{After, Page};
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/roles/{id}/users",
    scopes: &[&["read:users"], &["read:roles", "read:role_members"]],
    query: &queries::ROLE_USERS,
    kind: Kind::Read,
    told: Told {
        id: "listRoleUsers",
        summary: "List who has a role",
        request: None,
        shown: Shown::PagesOrAfter("users", &nouns::ROLE_USER),
        refusals: &[Failure::no_such_role],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    if After::is_asked(&ask.query) {
        return after(&shared, &ask, &After::of(&ask.query)?).await;
    }
    let page = Page::of(&ask.query);
    if page.leaves_window() {
        return Err(Failure::beyond_window(page.number));
    }
    let listed = users(&shared, &ask, page.slice(), None).await?;
    let shown = listed.items.iter().map(show).collect();
    Ok(Answer::ok(page.list("users", shown, listed.total)))
}

/// In the order in which the role was given to them.
async fn after(shared: &Shared, ask: &Ask, after: &After) -> Result<Answer, Failure> {
    let place = match after.parts()? {
        None => None,
        Some([seq, user]) => {
            let assigned_at = seq
                .parse()
                .map(TenantSeq)
                .map_err(|_source| after.refused())?;
            Some(RoleUsersAfter {
                assigned_at,
                user: user.to_owned(),
            })
        }
    };
    let slice = Slice {
        offset: 0,
        limit: after.limit(),
        count: false,
    };
    let listed = users(shared, ask, slice, place.as_ref()).await?;
    let place = |user: &RoleUser| vec![user.assigned_at.to_string(), user.id.clone()];
    Ok(Answer::ok(after.list("users", listed.items, show, place)))
}

async fn users(
    shared: &Shared,
    ask: &Ask,
    slice: Slice,
    after: Option<&RoleUsersAfter>,
) -> Result<Listed<RoleUser>, Failure> {
    let listed = shared
        .state
        .store
        .role_users(ask.tenant(), REALM, &ask.id, slice, after)
        .await?;
    listed.ok_or_else(Failure::no_such_role)
}

/// Members that the user's profile lacks are absent.
fn show(user: &RoleUser) -> Json {
    let mut members = vec![("user_id".to_owned(), Json::text(&user.id))];
    for name in ["email", "picture", "name"] {
        let value = user
            .profile
            .get(name)
            .and_then(|value| Json::parse(value.0.as_bytes()).ok());
        members.extend(value.map(|value| (name.to_owned(), value)));
    }
    Json::Object(members)
}
