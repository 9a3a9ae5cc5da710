//! `PATCH /api/v2/resource-servers/{id or identifier}`
//!
//! Members that are sent replace what is there; `scopes` replaces the whole list.

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::{Command, NounKind};

use super::{settings, view};
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::json::Json;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::PATCH,
    path: "/api/v2/resource-servers/{id}",
    scopes: &[&["update:resource_servers"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "UpdateApi",
        target: Some(NounKind::Api),
        body: Some(&bodies::UPDATE_RESOURCE_SERVER),
    },
    told: Told {
        id: "updateResourceServer",
        summary: "Change an API, or replace its permissions",
        request: Some(
            r#"{"scopes":[{"value":"read:invoices","description":"See invoices"},{"value":"write:invoices","description":"Change invoices"},{"value":"pay:invoices","description":"Pay invoices"}]}"#,
        ),
        shown: Shown::One(200, &nouns::API),
        refusals: &[Failure::no_such_resource_server, Failure::stale],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let written = ask
        .submit(&shared, command(&ask.id, &ask.body), Named::ByPath)
        .await?;
    let at = written.entry.tenant_seq;
    let api = shared
        .state
        .store
        .api_at(ask.tenant(), REALM, &ask.id, at)
        .await?;
    let api = api.ok_or_else(|| Failure::missing("api", at))?;
    Ok(Answer::ok(view::show(&api))
        .tagged(api.changed_at)
        .at(written.revision))
}

/// One command for the list, one for the rest, both in one batch if both are sent. A body that
/// says nothing is still a command: its entry tells that somebody asked.
pub(super) fn command(api: &str, body: &Json) -> Command {
    let only_scopes = !body.members().is_empty() && body.members().iter().all(is_scopes);
    let update = Command::UpdateApi {
        realm: REALM,
        api: api.to_owned(),
        name: body.get("name").and_then(Json::as_str).map(str::to_owned),
        settings: settings::changes(body),
    };
    let Some(permissions) = settings::permissions(body) else {
        return update;
    };
    let replace = Command::ReplaceApiPermissions {
        realm: REALM,
        api: api.to_owned(),
        permissions,
    };
    if only_scopes {
        replace
    } else {
        Command::Batch(vec![update, replace])
    }
}

fn is_scopes((name, _): &(String, Json)) -> bool {
    name == "scopes"
}
