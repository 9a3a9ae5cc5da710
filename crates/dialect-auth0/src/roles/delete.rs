//! `DELETE /api/v2/roles/{id}`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use crate::answer::Answer;
use crate::document::{Shown, Told};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::json::Json;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::DELETE,
    path: "/api/v2/roles/{id}",
    scopes: &[&["delete:roles"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "DeleteRole",
        target: Some(NounKind::Role),
        body: None,
    },
    told: Told {
        id: "deleteRole",
        summary: "Delete a role",
        request: None,
        shown: Shown::Empty(200),
        refusals: &[Failure::no_such_role, Failure::stale],
    },
};

/// Not idempotent: a second one finds no role.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::DeleteRole {
        realm: REALM,
        role: ask.id.clone(),
    };
    let written = ask.submit(&shared, command, Named::Deleted).await?;
    Ok(Answer::ok(Json::Object(Vec::new())).at(written.revision))
}
