//! `PATCH /api/v2/users/{id}`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use super::profile;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::PATCH,
    path: "/api/v2/users/{id}",
    scopes: &[&["update:users"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "UpdateUser",
        target: Some(NounKind::User),
        body: Some(&bodies::UPDATE_USER),
    },
    told: Told {
        id: "updateUser",
        summary: "Change a user's profile",
        request: Some(r#"{"name":"Ann Sample","user_metadata":{"team":"finance"}}"#),
        shown: Shown::One(200, &nouns::USER),
        refusals: &[Failure::no_such_user, Failure::stale],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let store = &shared.state.store;
    // Only emptying metadata needs to know what is there; of an unknown user nothing is.
    let now = if profile::empties(&ask.body) {
        store
            .user(ask.tenant(), REALM, &ask.id)
            .await?
            .map(|user| user.profile)
    } else {
        None
    };
    let command = Command::UpdateUser {
        realm: REALM,
        user: ask.id.clone(),
        profile: profile::changes(&ask.body, &now.unwrap_or_default()),
    };
    let written = ask.submit(&shared, command, Named::ByPath).await?;
    let at = written.entry.tenant_seq;
    let user = store.user_at(ask.tenant(), REALM, &ask.id, at).await?;
    let user = user.ok_or_else(|| Failure::missing("user", at))?;
    Ok(Answer::ok(profile::show(&user)).at(written.revision))
}
