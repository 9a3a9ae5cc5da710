//! JSON Schemas of the wire, draft 2020-12, made from the wire types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};
use writ_domain::Submission;

use crate::change::{About, Change, Entry};
use crate::hash::Hash;
use crate::v1::Mirror;
use crate::{event, json, v1, vector};

/// Every schema: its path under `schemas/` and its contents.
#[must_use]
pub fn schemas() -> Vec<(String, String)> {
    [
        ("command", command()),
        (
            "record",
            schema::<v1::Record>(&[v1::Record::of(&submission())]),
        ),
        ("fact", schema::<v1::Fact>(&mirrored(&vector::facts()))),
        (
            "outcome",
            schema::<v1::Outcome>(&mirrored(&vector::outcomes())),
        ),
        (
            "seal",
            schema::<v1::SealRecord>(&[v1::SealRecord::of(&vector::seal())]),
        ),
        ("change", schema::<Change>(&changes())),
        ("change-headers", schema::<event::Headers>(&[headers()])),
    ]
    .into_iter()
    .map(|(name, mut schema)| {
        schema.insert(
            "$id".to_owned(),
            json!(format!("urn:writ:schema:v1:{name}")),
        );
        (
            format!("{name}.schema.json"),
            json::pretty(schema.to_value()),
        )
    })
    .chain([("asyncapi.json".to_owned(), json::pretty(asyncapi()))])
    .collect()
}

/// The topic that consumers read, as an `AsyncAPI` document.
fn asyncapi() -> Value {
    let tenant = json!({ "type": "string", "description": "The tenant's name." });
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Writ",
            "version": "1",
            "description": "The changes of the ledger on Kafka. At least once: first occurrences \
                of a partition's entries come in order and without a gap, repeats are possible. \
                Drop what has a `tenant_seq` that was seen of its tenant.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "changes": {
                "address": "writ.changes",
                "description": "As many partitions as `writ.commands`; a tenant lies in one.",
                "messages": { "change": { "$ref": "#/components/messages/change" } },
            },
        },
        "operations": {
            "tell": {
                "action": "send",
                "channel": { "$ref": "#/channels/changes" },
                "messages": [{ "$ref": "#/channels/changes/messages/change" }],
            },
        },
        "components": {
            "messages": {
                "change": {
                    "name": "change",
                    "summary": "A decided command, as a CloudEvent in binary mode.",
                    "contentType": "application/json",
                    "headers": { "$ref": "change-headers.schema.json" },
                    "payload": { "$ref": "change.schema.json" },
                    "bindings": { "kafka": { "key": tenant, "bindingVersion": "0.5.0" } },
                },
            },
        },
    })
}

fn schema<T: JsonSchema + serde::Serialize>(examples: &[T]) -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>();
    let examples: Vec<Value> = examples.iter().map(json::value).collect();
    schema.insert("examples".to_owned(), Value::Array(examples));
    schema
}

/// Commands as callers write them: without what is left to the ledger.
fn command() -> Schema {
    let examples: Vec<v1::Command> = mirrored(&vector::commands());
    let examples: Vec<v1::Command> = examples
        .into_iter()
        .filter(|example| !matches!(example, v1::Command::RecordDenial(_)))
        .collect();
    let mut schema = schema::<v1::Command>(&examples);
    let kinds = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    if let Some(kinds) = kinds {
        kinds.retain(|kind| kind_of(kind) != Some("RecordDenial"));
        kinds.iter_mut().for_each(relax);
    }
    drop_unused(&mut schema);
    schema
}

/// Takes out definitions that only what was taken out before referred to.
fn drop_unused(schema: &mut Schema) {
    loop {
        let text = schema.as_value().to_string();
        let used = |name: &str| text.contains(&format!("\"#/$defs/{name}\""));
        let Some(Value::Object(definitions)) = schema.get_mut("$defs") else {
            return;
        };
        let before = definitions.len();
        definitions.retain(|name, _| used(name));
        if definitions.len() == before {
            return;
        }
    }
}

fn kind_of(schema: &Value) -> Option<&str> {
    schema
        .pointer("/properties/type/const")
        .and_then(Value::as_str)
}

fn relax(kind: &mut Value) {
    let mints_id = matches!(
        kind_of(kind),
        Some("CreateApi" | "CreateRole" | "RegisterUser" | "CreateAuthorization")
    );
    if let Some(required) = kind.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "realm" && !(mints_id && name == "id"));
    }
    if let Some(Value::Object(realm)) = kind.pointer_mut("/properties/realm") {
        realm.insert("default".to_owned(), json!("native"));
    }
}

fn mirrored<D, T: Mirror<D>>(named: &[(&'static str, D)]) -> Vec<T> {
    named.iter().map(|(_, domain)| T::of(domain)).collect()
}

fn submission() -> Submission {
    let first = vector::commands()
        .into_iter()
        .find(|(name, _)| *name == "GrantRolePermissions");
    vector::submission(
        first.map_or(writ_domain::Command::Batch(Vec::new()), |(_, command)| {
            command
        }),
    )
}

fn changes() -> [Change; 2] {
    let submission = submission();
    let granted: Vec<_> = vector::facts()
        .into_iter()
        .filter(|(name, _)| *name == "RolePermissionGranted")
        .map(|(_, fact)| fact)
        .collect();
    let placement = vector::placement();
    let hash = Hash([0x5a; 32]);
    let applied = Entry {
        about: About::Command(&submission),
        placement: &placement,
        outcome: &writ_domain::Outcome::Applied,
        facts: &granted,
        hash: &hash,
    };
    let invalid = writ_domain::Outcome::Invalid {
        problem: "is not UTF-8".to_owned(),
    };
    let invalid = Entry {
        about: About::Broken,
        outcome: &invalid,
        facts: &[],
        ..applied
    };
    [Change::new(&applied), Change::new(&invalid)]
}

fn headers() -> event::Headers {
    let tenant = submission().stamp.tenant;
    event::Headers::new(&tenant, &vector::placement(), &Hash([0x5a; 32]))
}
