//! `POST /api/v2/users`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::Command;

use super::profile;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::ids;
use crate::json::Json;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::POST,
    path: "/api/v2/users",
    scopes: &[&["create:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "RegisterUser",
        target: None,
        body: Some(&bodies::CREATE_USER),
    },
    told: Told {
        id: "createUser",
        summary: "Register a user",
        request: Some(
            r#"{"connection":"Username-Password-Authentication","user_id":"ann","email":"ann@example.com","name":"Ann Example","password":"Correct-Horse-1","user_metadata":{"team":"finance"}}"#,
        ),
        shown: Shown::One(201, &nouns::USER),
        refusals: &[Failure::unknown_connection, Failure::user_exists],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let state = &shared.state;
    if ask.body.get("connection").and_then(Json::as_str) != Some(profile::CONNECTION) {
        return Err(Failure::unknown_connection());
    }
    let minted = || ids::object(&*state.ids, state.clock.now());
    let command = Command::RegisterUser {
        realm: REALM,
        id: profile::id(&ask.body, minted),
        profile: profile::of_new(&ask.body),
    };
    let written = ask.submit(&shared, command, Named::ByPath).await?;
    let at = written.entry.tenant_seq;
    let user = state
        .store
        .user_at(ask.tenant(), REALM, written.made()?, at)
        .await?;
    let user = user.ok_or_else(|| Failure::missing("user", at))?;
    Ok(Answer::created(profile::show(&user)).at(written.revision))
}
