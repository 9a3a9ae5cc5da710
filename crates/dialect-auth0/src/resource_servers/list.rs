//! `GET /api/v2/resource-servers`

use std::sync::Arc;

use axum::routing::MethodFilter;

use super::view;
use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, REALM, Shared};
use crate::failure::Failure;
use crate::fields;
use crate::json::Json;
use crate::paging::Page;
use crate::schema::queries;

pub(super) static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/resource-servers",
    scopes: &[&["read:resource_servers"]],
    query: &queries::RESOURCE_SERVERS,
    kind: Kind::Read,
    told: Told {
        id: "listResourceServers",
        summary: "List APIs",
        request: None,
        shown: Shown::Pages("resource_servers", &nouns::API),
        refusals: &[],
    },
};

pub(super) async fn handle(shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let page = Page::of(&ask.query);
    let identifiers: Option<Vec<String>> = ask.query.get("identifiers").map(|identifiers| {
        identifiers
            .items()
            .iter()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect()
    });
    let store = &shared.state.store;
    // The links of a bare array need the total too.
    let listed = store
        .apis(ask.tenant(), REALM, identifiers.as_deref(), page.counted())
        .await?;
    let shown = listed
        .items
        .iter()
        .map(|api| fields::select(&ask.query, view::show(api)))
        .collect();
    let total = listed.total.unwrap_or_default();
    let answer = Answer::ok(page.list_numbers_first("resource_servers", shown, total));
    if page.totals {
        return Ok(answer);
    }
    Ok(answer.linked(&page.links(ENDPOINT.path, total)))
}
