//! A document is built from operations and schemas, and is what a client expects.

use serde_json::{Value, json};

use super::*;
use crate::problem::pages;

fn sample() -> Document {
    let operation = Operation::get("/v1/things/{id}", "getThing", "Show a thing")
        .tag("Things")
        .rights(Rights::scopes(BEARER, &[&["read:a", "read:b"], &["more"]]))
        .parameter(Parameter::path("id", "Its id.", "t1"))
        .headers(&["X-Request-Id"])
        .answers(
            200,
            "The thing",
            Content::json("Thing").sample("a thing", r#"{"id":"t1"}"#),
        )
        .carries(200, &["Writ-Revision"])
        .problems(&[&pages::NOT_FOUND, &pages::NO_SUCH_ROLE]);
    let schemas = Schemas::new().with(
        "Thing",
        object("A thing.", json!({ "id": {}, "name?": {} })),
    );
    Document::new()
        .tag("Things", "What there is.")
        .operations([operation])
        .schemas(schemas)
}

#[test]
fn an_operation_is_told_whole() {
    let document = sample().render("T", "1", "d");
    let operation = &document["paths"]["/v1/things/{id}"]["get"];
    assert_eq!(
        operation["security"],
        json!([{ "bearer": ["read:a", "more"] }, { "bearer": ["read:b", "more"] }])
    );
    let content = &operation["responses"]["200"]["content"]["application/json"];
    assert_eq!(content["schema"]["$ref"], "#/components/schemas/Thing");
    assert_eq!(
        content["examples"]["a-thing"]["value"],
        json!({ "id": "t1" })
    );
    let missing = &operation["responses"]["404"];
    let examples = &missing["content"]["application/problem+json"]["examples"];
    assert_eq!(
        examples["not-found"]["value"]["type"],
        "/problems/not-found"
    );
    assert_eq!(examples["no-such-role"]["value"]["status"], 404);
    assert_eq!(
        operation["parameters"][1]["$ref"],
        "#/components/parameters/X-Request-Id"
    );
    assert_eq!(
        document["components"]["schemas"]["Thing"]["required"],
        json!(["id"])
    );
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = sample().render("T", "1", "d");
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 3, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference.clone());
            }
            members.values().for_each(|value| collect(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn definitions_become_components() {
    let schemas = Schemas::new().adopt(
        "Whole",
        r##"{ "$id": "urn:x", "$defs": { "Part": { "type": "string" } },
             "type": "array", "items": { "$ref": "#/$defs/Part" },
             "contains": { "$ref": "#" } }"##,
    );
    assert_eq!(schemas.clashes(), &[] as &[String]);
    let map = schemas.into_map();
    assert_eq!(map["Part"], json!({ "type": "string" }));
    assert_eq!(map["Whole"]["items"]["$ref"], "#/components/schemas/Part");
    assert_eq!(
        map["Whole"]["contains"]["$ref"],
        "#/components/schemas/Whole"
    );
    assert_eq!(map["Whole"].get("$id"), None);
}

#[test]
fn two_schemas_of_one_name_are_found() {
    let mut schemas = Schemas::new()
        .with("A", json!({ "type": "string" }))
        .with("A", json!({ "type": "string" }));
    assert!(schemas.clashes().is_empty());
    schemas.merge(Schemas::new().with("A", json!({ "type": "number" })));
    assert_eq!(schemas.clashes(), ["A"]);
}

#[test]
fn a_route_is_mounted_with_its_operation() {
    let routes: Routes = Routes::new().on(
        Operation::get("/healthz", "live", "Say that it lives"),
        || async { "ok" },
    );
    assert_eq!(format!("{routes:?}"), r#"[("GET", "/healthz")]"#);
    assert_eq!(routes.operations().len(), 1);
}
