//! What the process says of itself to who writes a client: the OpenAPI document, a page that shows
//! it, a page for each problem, and the JSON Schemas.
//!
//! Everything is in the binary: no page asks another host for anything, and the policy that goes
//! with it lets none. There is nothing secret in it, so nobody signs in.

mod asset;
mod openapi;
mod problems;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use writ_http::Problem;
use writ_http::document::{Content, Document, Operation, Parameter, Routes, Schemas};
use writ_http::problem::pages;

use crate::roles;
use asset::Asset;

pub(crate) use openapi::{openapi, text};

const TAG: &str = "Documents";

/// The routes of the documents.
pub(crate) fn router() -> Router {
    routes().router()
}

fn routes() -> Routes {
    let document = Asset::json(&openapi::text(&openapi::openapi()));
    let page = Asset::html(include_str!("assets/page.html"));
    let script = Asset::new(
        "text/javascript; charset=utf-8",
        include_str!("assets/page.js"),
    );
    let style = Asset::new("text/css; charset=utf-8", include_str!("assets/page.css"));
    let index = Asset::html(&problems::index());
    declared(document, page, (script, style), index)
}

/// What clients are told of them.
pub(crate) fn document() -> Document {
    let none = Asset::html("");
    let operations = declared(
        none.clone(),
        none.clone(),
        (none.clone(), none.clone()),
        none,
    );
    let text = |of: &str| serde_json::json!({ "type": "string", "description": of });
    let schemas = Schemas::new()
        .with("Html", text("A page."))
        .with("Script", text("A script."))
        .with("Style", text("A style sheet."))
        .with("AnyObject", serde_json::json!({ "type": "object" }));
    Document::new()
        .tag(
            TAG,
            "This document, a page that shows it, problems and schemas. Nobody signs in.",
        )
        .operations(operations.operations())
        .schemas(schemas)
}

fn declared(document: Asset, page: Asset, (script, style): (Asset, Asset), index: Asset) -> Routes {
    let html = || Content::of("text/html", "Html").example("a page", "<!doctype html>…");
    let told = |path, id: &str, summary: &str| {
        Operation::get(path, id, summary)
            .tag(TAG)
            .answer(304, "What `If-None-Match` names is still right")
            .carries(304, &["ETag"])
            .carries(200, &["ETag"])
            .edge()
    };
    let serves =
        |asset: Asset| move |headers: HeaderMap| core::future::ready(asset.answer(&headers));
    let code = Parameter::path("code", "The problem's code.", "stale");
    let name = Parameter::path("name", "The schema's file.", "change.schema.json");
    let object = |name| {
        let example = serde_json::json!({ "openapi": "3.1.0" });
        Content::json("AnyObject").example(name, example)
    };
    Routes::new()
        .on(
            told("/openapi.json", "getOpenApi", "Show this document").answers(
                200,
                "OpenAPI 3.1",
                object("this document"),
            ),
            serves(document),
        )
        .on(
            told("/docs", "getDocs", "Show this document as a page").answers(200, "A page", html()),
            serves(page),
        )
        .on(
            told("/docs/page.js", "getDocsScript", "The page's script").answers(
                200,
                "A script",
                Content::of("text/javascript", "Script").example("a script", "// …"),
            ),
            serves(script),
        )
        .on(
            told("/docs/page.css", "getDocsStyle", "The page's style").answers(
                200,
                "A style sheet",
                Content::of("text/css", "Style").example("a style sheet", "body {}"),
            ),
            serves(style),
        )
        .on(
            told("/problems", "listProblems", "List problems").answers(200, "A page", html()),
            serves(index),
        )
        .on(
            told("/problems/{code}", "getProblem", "Describe a problem")
                .parameter(code)
                .answers(200, "A page", html())
                .problems(&[&pages::NOT_FOUND]),
            problem,
        )
        .on(
            told(
                "/schemas/{name}",
                "getSchema",
                "Show a JSON Schema of the ledger",
            )
            .described(
                "`command`, `fact`, `outcome`, `change` and others, each `<name>.schema.json`, and \
                     `asyncapi.json` of the topic of changes.",
            )
            .parameter(name)
            .answers(200, "A schema", object("a schema"))
            .problems(&[&pages::NOT_FOUND]),
            schema,
        )
}

async fn problem(Path(code): Path<String>, headers: HeaderMap) -> Response {
    match problems::page(&code) {
        Some(page) => Asset::html(&page).answer(&headers),
        None => Problem::not_found().into_response(),
    }
}

async fn schema(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match roles::json_schemas().get(&name) {
        Some(text) => Asset::json(text).answer(&headers),
        None => Problem::not_found().into_response(),
    }
}

/// 304 for who has it already.
const UNCHANGED: StatusCode = StatusCode::NOT_MODIFIED;
