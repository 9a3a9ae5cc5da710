//! The committed schemas, and that vectors leave no kind out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{schemas, vectors};

#[test]
fn schemas_are_committed_as_they_are_made() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    for (path, contents) in schemas() {
        let committed = fs::read_to_string(root.join(&path)).unwrap_or_default();
        assert!(committed == contents, "{path}: run `cargo xtask schemas`");
    }
}

fn schema(name: &str) -> Value {
    let (_, contents) = schemas()
        .into_iter()
        .find(|(path, _)| path.starts_with(name))
        .unwrap();
    serde_json::from_str(&contents).unwrap()
}

#[test]
fn the_description_of_the_topic_refers_to_schemas_that_are_there() {
    let message = &schema("asyncapi")["components"]["messages"]["change"];
    let made: Vec<String> = schemas().into_iter().map(|(path, _)| path).collect();
    for part in ["headers", "payload"] {
        let referred = message[part]["$ref"].as_str().unwrap();
        assert!(made.iter().any(|path| path == referred), "{referred}");
    }
}

/// The names in a schema's `type`s.
fn kinds(schema: &Value) -> BTreeSet<String> {
    let kinds = schema["oneOf"].as_array().unwrap().iter();
    kinds
        .map(|kind| {
            kind["properties"]["type"]["const"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// The names of the vectors in a directory, without what tells several of a kind apart.
fn shown(directory: &str) -> BTreeSet<String> {
    let prefix = format!("vectors/v1/{directory}/");
    let name = |(path, _): (String, String)| {
        let name = path.strip_prefix(&prefix)?.strip_suffix(".json")?;
        Some(name.split('-').next().unwrap_or(name).to_owned())
    };
    vectors().into_iter().filter_map(name).collect()
}

#[test]
fn there_is_a_vector_of_every_kind() {
    let record = schema("record");
    let outcome = schema("outcome");
    for (directory, kinds) in [
        ("command", kinds(&record["$defs"]["Command"])),
        ("fact", kinds(&schema("fact"))),
        ("outcome", kinds(&outcome)),
        ("rejection", kinds(&outcome["$defs"]["Rejection"])),
    ] {
        assert!(kinds.len() > 5, "{directory}: {kinds:?}");
        assert_eq!(shown(directory), kinds, "{directory}");
    }
}

#[test]
fn callers_may_leave_out_what_the_ledger_fills_in() {
    let command = schema("command");
    assert!(!kinds(&command).contains("RecordDenial"));
    let create = command["oneOf"].as_array().unwrap().iter();
    let required: Vec<&Value> = create
        .filter(|kind| kind["properties"]["type"]["const"] == "CreateRole")
        .map(|kind| &kind["required"])
        .collect();
    assert_eq!(required, [&serde_json::json!(["type", "name"])]);
}
