//! The document is whole, committed as it is made, and its pages need no other host.

use std::path::Path;

use serde_json::Value;
use writ_http::problem::CATALOGUE;

use super::*;

#[test]
fn the_document_is_committed_as_it_is_made() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let made = openapi::text(&openapi()) + "\n";
    assert!(committed == made, "run `cargo xtask schemas`");
}

#[test]
fn no_two_schemas_share_a_name() {
    assert_eq!(openapi::whole().clashes(), &[] as &[String]);
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference);
            }
            members.values().for_each(|value| collect(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = openapi();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 500, "{}", references.len());
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(pointer.starts_with("/components/"), "{reference}");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let components = document["components"].as_object().unwrap();
    for kind in ["schemas", "parameters", "headers", "responses"] {
        for name in components[kind].as_object().unwrap().keys() {
            let place = format!("#/components/{kind}/{name}");
            assert!(references.contains(&place.as_str()), "{place} is of no use");
        }
    }
}

#[test]
fn every_problem_has_a_page() {
    let index = problems::index();
    for page in CATALOGUE {
        assert!(index.contains(&format!("/problems/{}\"", page.code)));
        let html = problems::page(page.code).unwrap();
        assert!(html.contains("<h2>What you can do</h2>"), "{html}");
        assert!(!html.contains('`'), "{html}");
    }
    assert_eq!(problems::page("no-such-code"), None);
}

#[test]
fn pages_ask_no_other_host_and_hold_no_script() {
    let html = include_str!("assets/page.html");
    let all = [
        html,
        include_str!("assets/page.js"),
        include_str!("assets/page.css"),
        &problems::index(),
    ];
    for text in all {
        assert!(!text.contains("://"), "{text}");
    }
    for marker in ["onload=", "onclick=", "<script>", "style="] {
        assert!(!html.contains(marker), "{marker}");
    }
    // Text of the document is never taken for markup.
    assert!(!include_str!("assets/page.js").contains("innerHTML"));
}
