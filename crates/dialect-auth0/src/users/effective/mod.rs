//! What a user may do, and why: the newer reads, by checkpoint alone.

mod permission_roles;
mod permissions;
mod roles;

use writ_store::reads::{RoleAfter, RoleSource};

use crate::endpoint::Mount;
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::After;

pub(super) fn mount(to: &mut impl Mount) {
    to.mount(&permission_roles::ENDPOINT, permission_roles::handle);
    to.mount(&permissions::ENDPOINT, permissions::handle);
    to.mount(&roles::ENDPOINT, roles::handle);
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
