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
use serde_json::{Value, json};
use writ_http::Problem;
use writ_http::document::{Content, Document, Operation, Parameter, Routes, Schemas};
use writ_http::problem::pages;

use crate::roles;
use asset::Asset;

pub(crate) use openapi::{openapi, text};

const TAG: &str = "Documents";

/// The routes of the documents.
pub(crate) fn router() -> Router {
    routes(Files::new()).router()
}

/// Files that are served as they are.
#[derive(Debug, Clone)]
struct Files {
    document: Asset,
    page: Asset,
    script: Asset,
    style: Asset,
    problems: Asset,
}

impl Files {
    fn new() -> Self {
        let script = include_str!("assets/page.js");
        Self {
            document: Asset::json(&openapi::text(&openapi::openapi())),
            page: Asset::html(include_str!("assets/page.html")),
            script: Asset::new("text/javascript; charset=utf-8", script),
            style: Asset::new("text/css; charset=utf-8", include_str!("assets/page.css")),
            problems: Asset::html(&problems::index()),
        }
    }

    /// For who asks what is said of the routes only: the document would hold itself.
    fn empty() -> Self {
        let empty = Asset::html("");
        Self {
            document: empty.clone(),
            page: empty.clone(),
            script: empty.clone(),
            style: empty.clone(),
            problems: empty,
        }
    }
}

/// What clients are told of them.
pub(crate) fn document() -> Document {
    let text = |of: &str| json!({ "type": "string", "description": of });
    let schemas = Schemas::new()
        .with("Html", text("A page."))
        .with("Script", text("A script."))
        .with("Style", text("A style sheet."))
        .with("AnyObject", json!({ "type": "object" }));
    Document::new()
        .tag(
            TAG,
            "This document, a page that shows it, problems and schemas. Nobody signs in.",
        )
        .operations(routes(Files::empty()).operations())
        .schemas(schemas)
}

fn routes(files: Files) -> Routes {
    let serves =
        |asset: Asset| move |headers: HeaderMap| core::future::ready(asset.answer(&headers));
    let script = Content::of("text/javascript", "Script").example("a script", "// …");
    let style = Content::of("text/css", "Style").example("a style sheet", "body {}");
    let told = |path, id: &str, summary: &str, content| {
        told(path, id, summary).answers(200, "Here it is", content)
    };
    let openapi = object(&json!({ "openapi": "3.1.0" }));
    Routes::new()
        .on(
            told("/openapi.json", "getOpenApi", "Show this document", openapi),
            serves(files.document),
        )
        .on(
            told("/docs", "getDocs", "Show this document as a page", html()),
            serves(files.page),
        )
        .on(
            told(
                "/docs/page.js",
                "getDocsScript",
                "The page's script",
                script,
            ),
            serves(files.script),
        )
        .on(
            told("/docs/page.css", "getDocsStyle", "The page's style", style),
            serves(files.style),
        )
        .on(
            told("/problems", "listProblems", "List problems", html()),
            serves(files.problems),
        )
        .on(one_problem(), problem)
        .on(one_schema(), schema)
}

fn told(path: &'static str, id: &str, summary: &str) -> Operation {
    Operation::get(path, id, summary)
        .tag(TAG)
        .answer(304, "What `If-None-Match` names is still right")
        .carries(304, &["ETag"])
        .carries(200, &["ETag"])
        .edge()
}

fn html() -> Content {
    Content::of("text/html", "Html").example("a page", "<!doctype html>…")
}

fn object(example: &Value) -> Content {
    Content::json("AnyObject").example("its beginning", example.clone())
}

fn one_problem() -> Operation {
    told("/problems/{code}", "getProblem", "Describe a problem")
        .described("Where the `type` of a problem leads.")
        .parameter(Parameter::path("code", "The problem's code.", "stale"))
        .answers(200, "Here it is", html())
        .problems(&[&pages::NOT_FOUND])
}

fn one_schema() -> Operation {
    let example = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema" });
    let name = Parameter::path("name", "The schema's file.", "change.schema.json");
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
    .answers(200, "Here it is", object(&example))
    .problems(&[&pages::NOT_FOUND])
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
