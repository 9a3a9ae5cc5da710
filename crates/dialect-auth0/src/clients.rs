//! `GET /api/v2/clients`: there are none, and every run of deploy-cli asks.

use std::sync::Arc;

use axum::routing::MethodFilter;

use crate::answer::Answer;
use crate::document::{Shown, Told, nouns};
use crate::endpoint::{Ask, Endpoint, Kind, Mount, Shared};
use crate::failure::Failure;
use crate::json::Json;
use crate::paging::Page;
use crate::schema::queries;

static ENDPOINT: Endpoint = Endpoint {
    method: MethodFilter::GET,
    path: "/api/v2/clients",
    scopes: &[&["read:clients"]],
    query: &queries::CLIENTS,
    kind: Kind::Read,
    told: Told {
        id: "listClients",
        summary: "List applications: there are none here",
        request: None,
        shown: Shown::Pages("clients", &nouns::CLIENT),
        refusals: &[],
    },
};

pub(crate) fn mount(to: &mut impl Mount) {
    to.mount(&ENDPOINT, handle);
}

async fn handle(_shared: Arc<Shared>, ask: Ask) -> Result<Answer, Failure> {
    let none: Vec<Json> = Vec::new();
    Ok(Answer::ok(Page::of(&ask.query).list(
        "clients",
        none,
        Some(0),
    )))
}
