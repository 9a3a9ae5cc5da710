//! `GET /api/v2/users/{id}/effective-permissions/sources/effective-roles`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::{list_roles, role_after};
use crate::answer::Answer;
use crate::document::{self, Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::After;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/users/{id}/effective-permissions/sources/effective-roles",
    scopes: &[&["read:user_permission_source_roles"]],
    query: &queries::EFFECTIVE_PERMISSION_ROLES,
    kind: Kind::Read,
    told: Told {
        id: "listEffectivePermissionRoles",
        summary: "List the roles by which a user holds a permission",
        request: None,
        shown: Shown::After("roles", &nouns::ROLE_SOURCE),
        refusals: &[Failure::no_such_user, document::no_such_permission],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let after = After::of(&ask.query)?;
    let place = role_after(&after)?;
    let text = |name: &str| {
        ask.query
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
    };
    let permission = (text("resource_server_identifier"), text("permission_name"));
    let store = &shared.state.store;
    let found = store
        .permission_roles(
            ask.tenant(),
            (REALM, &ask.id),
            permission,
            &place,
            after.limit(),
        )
        .await?
        .ok_or_else(Failure::no_such_user)?;
    if !found.permission_exists {
        return Err(Failure::no_such_permission(permission.0, permission.1));
    }
    Ok(Answer::ok(list_roles(&after, found.roles)))
}
