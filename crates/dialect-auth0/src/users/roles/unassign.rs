//! `DELETE /api/v2/users/{id}/roles`

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
    path: "/api/v2/users/{id}/roles",
    scopes: &[&["update:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "UnassignUserRoles",
        target: Some(NounKind::User),
        body: Some(&bodies::REMOVE_USER_ROLES),
    },
    told: Told {
        id: "unassignUserRoles",
        summary: "Take roles from a user",
        request: Some(r#"{"roles":["rol_dVEYVQn0lpH6TM7s"]}"#),
        shown: Shown::Nothing,
        refusals: &[Failure::no_such_user, Failure::stale],
    },
};

/// One that the user does not have is no error; one that does not exist is.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::UnassignUserRoles {
        realm: REALM,
        user: ask.id.clone(),
        roles: names::list(&ask.body, "roles"),
    };
    let written = ask.submit(&shared, command, Named::ByPath).await?;
    Ok(Answer::no_content().at(written.revision))
}
