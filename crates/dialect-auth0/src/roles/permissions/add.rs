//! `POST /api/v2/roles/{id}/permissions`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use crate::answer::Answer;
use crate::document::{self, Shown, Told};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::json::Json;
use crate::names;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::POST,
    path: "/api/v2/roles/{id}/permissions",
    scopes: &[&["update:roles"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "GrantRolePermissions",
        target: Some(NounKind::Role),
        body: Some(&bodies::ROLE_PERMISSIONS),
    },
    told: Told {
        id: "addRolePermissions",
        summary: "Give permissions to a role",
        request: Some(
            r#"{"permissions":[{"resource_server_identifier":"https://invoices.example.com/","permission_name":"read:invoices"}]}"#,
        ),
        shown: Shown::Empty(201),
        refusals: &[
            Failure::no_such_role,
            document::no_such_permission,
            Failure::stale,
        ],
    },
};

/// All of them or none. One that is held already is no error.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::GrantRolePermissions {
        realm: REALM,
        role: ask.id.clone(),
        permissions: names::permissions(&ask.body),
    };
    let written = ask.submit(&shared, command, Named::ApisByBody).await?;
    Ok(Answer::created(Json::Object(Vec::new())).at(written.revision))
}
