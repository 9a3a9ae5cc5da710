//! `DELETE /api/v2/users/{id}/permissions`

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
    path: "/api/v2/users/{id}/permissions",
    scopes: &[&["update:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "RevokeUserPermissions",
        target: Some(NounKind::User),
        body: Some(&bodies::REMOVE_USER_PERMISSIONS),
    },
    told: Told {
        id: "removeUserPermissions",
        summary: "Take permissions from a user",
        request: Some(
            r#"{"permissions":[{"resource_server_identifier":"https://invoices.example.com/","permission_name":"write:invoices"}]}"#,
        ),
        shown: Shown::Nothing,
        refusals: &[Failure::no_such_user, Failure::stale],
    },
};

/// One that is not held, or does not exist, is no error.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::RevokeUserPermissions {
        realm: REALM,
        user: ask.id.clone(),
        permissions: names::permissions(&ask.body),
    };
    let written = ask.submit(&shared, command, Named::ApisByBody).await?;
    Ok(Answer::no_content().at(written.revision))
}
