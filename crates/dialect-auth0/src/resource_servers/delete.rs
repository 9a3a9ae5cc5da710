//! `DELETE /api/v2/resource-servers/{id or identifier}`

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
    path: "/api/v2/resource-servers/{id}",
    scopes: &[&["delete:resource_servers"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "DeleteApi",
        target: Some(NounKind::Api),
        body: None,
    },
    told: Told {
        id: "deleteResourceServer",
        summary: "Delete an API with its permissions",
        request: None,
        shown: Shown::Nothing,
        refusals: &[],
    },
};

/// One that does not exist is deleted too.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::DeleteApi {
        realm: REALM,
        api: ask.id.clone(),
    };
    let written = ask.submit(&shared, command, Named::Deleted).await?;
    Ok(Answer::no_content().at(written.revision))
}
