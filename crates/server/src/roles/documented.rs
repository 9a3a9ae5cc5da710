//! What clients are told of the routes of the ledger, and of what it tells.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use writ_http::document::{Document, Schemas};

/// Every route that a process of all roles serves, but health, the issuer's and the documents.
pub(crate) fn document() -> Document {
    let schemas = json_schemas();
    let text = |name: &str| schemas.get(name).map_or("{}", String::as_str);
    let change = text("change.schema.json");
    let mut told = Schemas::new().adopt("Command", text("command.schema.json"));
    for (name, schema) in entries(change) {
        told = told.adopt(name, &schema.to_string());
    }
    Document::new()
        .merge(writ_query::document())
        .merge(writ_command::document())
        .merge(writ_dialect_auth0::document())
        .merge(writ_dialect_camunda::document())
        .merge(writ_dialect_nestauth::document())
        .schemas(told)
}

/// The JSON Schemas of commands, facts, outcomes and changes, by file name.
pub(crate) fn json_schemas() -> BTreeMap<String, String> {
    writ_envelope::schemas().into_iter().collect()
}

/// A change with what routes add to it, or take away.
fn entries(change: &str) -> [(&'static str, Value); 4] {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let effects = text("Where the grants are that it opened or closed.");
    let revision = text("Its revision, for `at_least` and `as_of`.");
    let feed = json!({ "effects": effects });
    let history = json!({
        "effects": effects,
        "changed": {
            "type": "boolean",
            "description": "Whether it changed one of the nouns asked for; else it only named them.",
        },
    });
    let entry = json!({
        "effects": effects,
        "revision": revision,
        "leaf": text("The hash of what it says."),
        "rules_version": { "type": "integer", "description": "The rules it was decided by." },
    });
    let command = json!({
        "type": "object",
        "description": "What was asked, as `Command` has it, or a denial on record; absent where the \
            record could not be read.",
        "required": ["type"],
        "properties": { "type": { "type": "string" } },
    });
    let mut whole = with(change, "An entry of the ledger.", &entry);
    if let Some(members) = whole.get_mut("properties").and_then(Value::as_object_mut) {
        members.insert("command".to_owned(), command);
    }
    let mut said = with(
        change,
        "Who did what, when and why.",
        &json!({ "revision": revision }),
    );
    for left in ["facts", "facts_omitted", "hash", "outcome", "request_id"] {
        if let Some(members) = said.get_mut("properties").and_then(Value::as_object_mut) {
            members.remove(left);
        }
        if let Some(required) = said.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name != left);
        }
    }
    [
        (
            "FeedChange",
            with(change, "An entry, as the feed tells it.", &feed),
        ),
        (
            "HistoryEntry",
            with(change, "An entry, as history tells it.", &history),
        ),
        ("Entry", whole),
        ("EntrySaid", said),
    ]
}

/// The schema of changes, with members that must be there too.
fn with(change: &str, description: &str, more: &Value) -> Value {
    let mut schema: Map<String, Value> = serde_json::from_str(change).unwrap_or_default();
    for left in ["examples", "title"] {
        schema.remove(left);
    }
    schema.insert("description".to_owned(), description.into());
    let members = more.as_object().cloned().unwrap_or_default();
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.extend(members.keys().map(|name| name.as_str().into()));
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.extend(members);
    }
    schema.into()
}
