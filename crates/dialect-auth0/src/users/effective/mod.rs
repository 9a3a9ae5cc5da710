//! What a user may do, and why: the newer reads, by checkpoint alone.

mod permission_roles;
mod permissions;
mod roles;

use std::sync::Arc;

use axum::Router;
use writ_store::reads::{RoleAfter, RoleSource};

use crate::endpoint::{Shared, route};
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::After;

pub(super) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route(
            permission_roles::ENDPOINT.path,
            route(
                &permission_roles::ENDPOINT,
                shared,
                permission_roles::handle,
            ),
        )
        .route(
            permissions::ENDPOINT.path,
            route(&permissions::ENDPOINT, shared, permissions::handle),
        )
        .route(
            roles::ENDPOINT.path,
            route(&roles::ENDPOINT, shared, roles::handle),
        )
}

/// The place in a list of roles after which a request wants to read.
fn role_after(after: &After) -> Result<RoleAfter, Failure> {
    let [name, id] = after.parts()?.unwrap_or(["", ""]);
    Ok(RoleAfter {
        name: name.to_owned(),
        id: id.to_owned(),
    })
}

/// Roles after a checkpoint. All are held directly: there are no groups here.
fn list_roles(after: &After, roles: Vec<RoleSource>) -> Json {
    let show = |role: &RoleSource| {
        let description = role.description.as_deref().unwrap_or_default();
        Json::Object(vec![
            ("id".to_owned(), Json::text(&role.id)),
            ("name".to_owned(), Json::text(&role.name)),
            ("description".to_owned(), Json::text(description)),
            (
                "sources".to_owned(),
                Json::Array(vec![Json::text("direct")]),
            ),
        ])
    };
    after.list("roles", roles, show, |role| {
        vec![role.name.clone(), role.id.clone()]
    })
}
