//! `POST /api/v2/users/{id}/permissions`

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
    path: "/api/v2/users/{id}/permissions",
    scopes: &[&["update:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "GrantUserPermissions",
        target: Some(NounKind::User),
        body: Some(&bodies::ADD_USER_PERMISSIONS),
    },
    told: Told {
        id: "addUserPermissions",
        summary: "Give permissions to a user",
        request: Some(
            r#"{"permissions":[{"resource_server_identifier":"https://invoices.example.com/","permission_name":"write:invoices"}]}"#,
        ),
        shown: Shown::Empty(201),
        refusals: &[
            Failure::no_such_user,
            document::no_such_permission,
            Failure::stale,
        ],
    },
};

/// All of them or none. One that is held already is no error.
pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let command = Command::GrantUserPermissions {
        realm: REALM,
        user: ask.id.clone(),
        permissions: names::permissions(&ask.body),
    };
    let written = ask.submit(&shared, command, Named::ApisByBody).await?;
    Ok(Answer::created(Json::Object(Vec::new())).at(written.revision))
}
