//! `POST /api/v2/resource-servers`

use std::sync::Arc;

use axum::routing::MethodFilter;
use writ_domain::Command;

use super::{settings, view};
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::{Failure, Named};
use crate::ids;
use crate::json::Json;
use crate::schema::{bodies, queries};

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::POST,
    path: "/api/v2/resource-servers",
    scopes: &[&["create:resource_servers"]],
    query: &queries::NONE,
    kind: Kind::Write {
        operation: "CreateApi",
        target: None,
        body: Some(&bodies::CREATE_RESOURCE_SERVER),
    },
    told: Told {
        id: "createResourceServer",
        summary: "Create an API with its permissions",
        request: Some(
            r#"{"name":"Invoices","identifier":"https://invoices.example.com/","scopes":[{"value":"read:invoices","description":"See invoices"},{"value":"write:invoices","description":"Change invoices"}]}"#,
        ),
        shown: Shown::One(201, &nouns::API),
        refusals: &[Failure::resource_server_exists],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let state = &shared.state;
    let identifier = ask
        .body
        .get("identifier")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let command = Command::CreateApi {
        realm: REALM,
        id: ids::object(&*state.ids, state.clock.now()),
        identifier: identifier.to_owned(),
        name: ask
            .body
            .get("name")
            .and_then(Json::as_str)
            .map(str::to_owned),
        settings: settings::of_new(&ask.body),
        permissions: settings::permissions(&ask.body),
    };
    let written = ask.submit(&shared, command, Named::ByPath).await?;
    let at = written.entry.tenant_seq;
    let api = state
        .store
        .api_at(ask.tenant(), REALM, written.made()?, at)
        .await?;
    let api = api.ok_or_else(|| Failure::missing("api", at))?;
    Ok(Answer::created(view::show(&api))
        .tagged(api.changed_at)
        .at(written.revision))
}
