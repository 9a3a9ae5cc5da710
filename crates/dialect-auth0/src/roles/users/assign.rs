//! `POST /api/v2/roles/{id}/users`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use crate::answer::Answer;
use crate::document::{Shown, Told};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::json::Json;
use crate::names;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::POST,
    path: "/api/v2/roles/{id}/users",
    scopes: &[&["update:roles", "create:role_members"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "AssignRoleUsers",
        target: Some(NounKind::Role),
        body: Some(&bodies::ROLE_USERS),
    },
    told: Told {
        id: "assignRoleUsers",
        summary: "Give a role to users",
        request: Some(r#"{"users":["auth0|ann"]}"#),
        shown: Shown::Empty(200),
        refusals: &[
            Failure::no_such_role,
            Failure::no_such_users,
            Failure::stale,
        ],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::AssignRoleUsers {
        realm: REALM,
        role: ask.id.clone(),
        users: names::list(&ask.body, "users"),
    };
    let written = ask.submit(&shared, command, Named::UsersByBody).await?;
    Ok(Answer::ok(Json::Object(Vec::new())).at(written.revision))
}
