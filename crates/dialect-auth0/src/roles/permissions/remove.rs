//! `DELETE /api/v2/roles/{id}/permissions`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use crate::answer::Answer;
use crate::document::{Shown, Told};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::names;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::DELETE,
    path: "/api/v2/roles/{id}/permissions",
    scopes: &[&["update:roles"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "RevokeRolePermissions",
        target: Some(NounKind::Role),
        body: Some(&bodies::ROLE_PERMISSIONS),
    },
    told: Told {
        id: "removeRolePermissions",
        summary: "Take permissions from a role",
        request: Some(
            r#"{"permissions":[{"resource_server_identifier":"https://invoices.example.com/","permission_name":"read:invoices"}]}"#,
        ),
        shown: Shown::Nothing,
        refusals: &[Failure::no_such_role, Failure::stale],
    },
};

/// One that is not held, or does not exist, is no error.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::RevokeRolePermissions {
        realm: REALM,
        role: ask.id.clone(),
        permissions: names::permissions(&ask.body),
    };
    let written = ask.submit(&shared, command, Named::ApisByBody).await?;
    Ok(Answer::no_content().at(written.revision))
}
