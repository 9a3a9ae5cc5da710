//! `POST /api/v2/users/{id}/roles`

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
    method: MethodFilter::POST,
    path: "/api/v2/users/{id}/roles",
    scopes: &[&["update:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "AssignUserRoles",
        target: Some(NounKind::User),
        body: Some(&bodies::ADD_USER_ROLES),
    },
    told: Told {
        id: "assignUserRoles",
        summary: "Give roles to a user",
        request: Some(r#"{"roles":["rol_dVEYVQn0lpH6TM7s"]}"#),
        shown: Shown::Nothing,
        refusals: &[Failure::no_such_user, Failure::no_such_role, Failure::stale],
    },
};

/// All of them or none. One that the user has already is no error.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::AssignUserRoles {
        realm: REALM,
        user: ask.id.clone(),
        roles: names::list(&ask.body, "roles"),
    };
    let written = ask.submit(&shared, command, Named::ByPath).await?;
    Ok(Answer::no_content().at(written.revision))
}
