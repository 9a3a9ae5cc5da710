//! `DELETE /api/v2/users/{id}`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use crate::answer::Answer;
use crate::document::{Shown, Told};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::DELETE,
    path: "/api/v2/users/{id}",
    scopes: &[&["delete:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "DeleteUser",
        target: Some(NounKind::User),
        body: None,
    },
    told: Told {
        id: "deleteUser",
        summary: "Delete a user",
        request: None,
        shown: Shown::Nothing,
        refusals: &[],
    },
};

/// One that does not exist is deleted too.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::DeleteUser {
        realm: REALM,
        user: ask.id.clone(),
    };
    let written = ask.submit(&shared, command, Named::Deleted).await?;
    Ok(Answer::no_content().at(written.revision))
}
