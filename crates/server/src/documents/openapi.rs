//! The OpenAPI document of all routes.

use serde_json::Value;
use writ_http::document::Document;

use crate::{issuer, listener, roles};

const ABOUT: &str = "Writ is an event-sourced authorization ledger: the system of record for who may \
    do what. Every change is a command in a log, decided in order, kept for ever and answered from \
    its entry; reads show one point of history, that of the `Writ-Revision` they carry.\n\n\
    Below `/v1` are its own routes. Those of Auth0's Management API, Camunda 7 and Nest Auth's \
    console answer as these products do; which are served depends on the roles of the process. \
    Problems have a page each at `/problems`, and the JSON Schemas of commands, facts, outcomes and \
    changes are at `/schemas/command.schema.json` and its neighbours.";

/// The document of every route.
pub(crate) fn openapi() -> Value {
    whole().render("Writ", env!("CARGO_PKG_VERSION"), ABOUT)
}

/// The document as text. Much reads JSON as YAML, which takes no control characters.
pub(crate) fn text(document: &Value) -> String {
    format!("{document:#}").replace('\u{7f}', "\\u007f")
}

pub(super) fn whole() -> Document {
    roles::document()
        .merge(issuer::document())
        .merge(listener::document())
        .merge(super::document())
}
