//! `GET /api/v2/users/{id}/effective-permissions`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_store::reads::UserPermission;

use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::json::Json;
use crate::names;
use crate::paging::After;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users/{id}/effective-permissions",
    scopes: &[&["read:user_effective_permissions"]],
    query: &queries::EFFECTIVE_PERMISSIONS,
    kind: Kind::Read,
    told: Told {
        id: "listEffectivePermissions",
        summary: "List what a user may do with an API",
        request: None,
        shown: Shown::After("permissions", &nouns::EFFECTIVE),
        refusals: &[Failure::no_such_user],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let after = After::of(&ask.query)?;
    let [name] = after.parts()?.unwrap_or([""]);
    let api = ask
        .query
        .get("resource_server_identifier")
        .and_then(Json::as_str);
    let api = api.unwrap_or_default();
    let store = &shared.state.store;
    let found = store
        .effective_permissions(ask.tenant(), REALM, &ask.id, (api, name), after.limit())
        .await?
        .ok_or_else(Failure::no_such_user)?;
    if !found.api_exists {
        return Err(Failure::no_such_resource_server_named(api));
    }
    let place = |held: &UserPermission| vec![held.permission.name.clone()];
    Ok(Answer::ok(after.list(
        "permissions",
        found.permissions,
        show,
        place,
    )))
}

fn show(held: &UserPermission) -> Json {
    let direct = held.direct.then(|| Json::text("direct"));
    let roles = (!held.roles.is_empty()).then(|| Json::text("roles"));
    let sources = Json::Array(direct.into_iter().chain(roles).collect());
    names::show(&held.permission, vec![("sources".to_owned(), sources)])
}
