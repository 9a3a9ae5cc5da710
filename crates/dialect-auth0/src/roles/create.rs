//! `POST /api/v2/roles`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::Command;

use super::view;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::ids;
use crate::json::Json;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::POST,
    path: "/api/v2/roles",
    scopes: &[&["create:roles"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "CreateRole",
        target: None,
        body: Some(&bodies::CREATE_ROLE),
    },
    told: Told {
        id: "createRole",
        summary: "Create a role",
        request: Some(r#"{"name":"Accountant","description":"Keeps the books"}"#),
        shown: Shown::One(200, &nouns::ROLE),
        refusals: &[Failure::role_exists],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::CreateRole {
        realm: REALM,
        id: ids::role(&*shared.state.ids),
        name: ask
            .body
            .get("name")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned(),
        description: ask
            .body
            .get("description")
            .and_then(Json::as_str)
            .map(str::to_owned),
    };
    let written = ask.submit(&shared, command, Named::ByPath).await?;
    let at = written.entry.tenant_seq;
    let role = shared
        .state
        .store
        .role_at(ask.tenant(), REALM, written.made()?, at)
        .await?;
    let role = role.ok_or_else(|| Failure::missing("role", at))?;
    let shown = view::show_new(&role.id, &role.name, role.description.as_deref());
    // Auth0 answers 200 here, not 201.
    Ok(Answer::ok(shown).at(written.revision))
}
