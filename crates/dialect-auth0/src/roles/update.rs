//! `PATCH /api/v2/roles/{id}`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use super::view;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::json::Json;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::PATCH,
    path: "/api/v2/roles/{id}",
    scopes: &[&["update:roles"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "UpdateRole",
        target: Some(NounKind::Role),
        body: Some(&bodies::UPDATE_ROLE),
    },
    told: Told {
        id: "updateRole",
        summary: "Change a role",
        request: Some(r#"{"description":"Keeps the books of the company"}"#),
        shown: Shown::One(200, &nouns::ROLE),
        refusals: &[Failure::no_such_role, Failure::role_exists, Failure::stale],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let written = ask
        .submit(&shared, command(&ask.id, &ask.body), Named::ByPath)
        .await?;
    let at = written.entry.tenant_seq;
    let role = shared
        .state
        .store
        .role_at(ask.tenant(), REALM, &ask.id, at)
        .await?;
    let role = role.ok_or_else(|| Failure::missing("role", at))?;
    let shown = view::show(&role.id, &role.name, role.description.as_deref());
    Ok(Answer::ok(shown).at(written.revision))
}

/// `description: null` empties the description: a role that is read has one.
pub(super) fn command(role: &str, body: &Json) -> Command {
    let description = body.get("description");
    Command::UpdateRole {
        realm: REALM,
        role: role.to_owned(),
        name: body.get("name").and_then(Json::as_str).map(str::to_owned),
        description: description.map(|text| text.as_str().unwrap_or_default().to_owned()),
    }
}
