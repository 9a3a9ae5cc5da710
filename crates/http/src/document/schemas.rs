//! Named schemas of bodies.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Schemas by name.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    named: BTreeMap<String, Value>,
    clashes: Vec<String>,
}

impl Schemas {
    /// No schema yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a schema that is written down.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, schema: Value) -> Self {
        self.insert(name.into(), schema);
        self
    }

    /// With the schema of a type, and of all that it holds.
    #[must_use]
    pub fn of<T: ToSchema + PartialSchema>(mut self) -> Self {
        let mut found = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut found);
        for (name, schema) in found {
            let mut schema = written(&schema);
            never_null(&mut schema);
            self.insert(name, schema);
        }
        self
    }

    /// With a JSON Schema, and under their own names the definitions in it.
    ///
    /// # Panics
    ///
    /// If it is no object.
    #[must_use]
    pub fn adopt(mut self, root: &str, json_schema: &str) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "made by our own generator, and tests make the whole document"
        )]
        let mut schema: Map<String, Value> =
            serde_json::from_str(json_schema).expect("a JSON Schema is an object");
        schema.remove("$schema");
        schema.remove("$id");
        if let Some(Value::Object(definitions)) = schema.remove("$defs") {
            for (name, mut definition) in definitions {
                refer(&mut definition, root);
                self.insert(name, definition);
            }
        }
        let mut schema = Value::Object(schema);
        refer(&mut schema, root);
        self.insert(root.to_owned(), schema);
        self
    }

    /// With all of another's.
    pub fn merge(&mut self, other: Self) {
        self.clashes.extend(other.clashes);
        for (name, schema) in other.named {
            self.insert(name, schema);
        }
    }

    /// The names that two different schemas bear.
    #[must_use]
    pub fn clashes(&self) -> &[String] {
        &self.clashes
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.named.into_iter().collect()
    }

    fn insert(&mut self, name: String, schema: Value) {
        match self.named.get(&name) {
            Some(known) if *known == schema => {}
            Some(_) => self.clashes.push(name),
            None => drop(self.named.insert(name, schema)),
        }
    }
}

/// An object of these members alone. Those whose name ends in `?` may be absent.
#[must_use]
pub fn object(description: &str, members: Value) -> Value {
    let Value::Object(members) = members else {
        return json!(false);
    };
    let mut required = Vec::new();
    let mut properties = Map::new();
    for (name, schema) in members {
        if let Some(name) = name.strip_suffix('?') {
            properties.insert(name.to_owned(), schema);
        } else {
            required.push(name.clone());
            properties.insert(name, schema);
        }
    }
    json!({
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// An object with more members.
#[must_use]
pub fn extended(object: Value, more: &[(&str, Value)]) -> Value {
    let Value::Object(mut members) = object else {
        return object;
    };
    let more = more.iter().cloned();
    members.extend(more.map(|(name, value)| (name.to_owned(), value)));
    members.into()
}

/// Our types leave away what is not there: a member that may be absent is never null.
fn never_null(schema: &mut Value) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let must = |name: &str| {
        let mut names = required.as_array().into_iter().flatten();
        names.any(|required| required == name)
    };
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        for (_, member) in members.iter_mut().filter(|(name, _)| !must(name)) {
            without_null(member);
        }
    }
    for of in ["oneOf", "allOf", "anyOf"] {
        if let Some(Value::Array(parts)) = schema.get_mut(of) {
            parts.iter_mut().for_each(never_null);
        }
    }
}

fn without_null(member: &mut Value) {
    if let Some(Value::Array(types)) = member.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [kind] = types.as_slice() {
            let kind = kind.clone();
            member["type"] = kind;
        }
    }
    if let Some(Value::Array(parts)) = member.get_mut("oneOf") {
        parts.retain(|part| part.get("type") != Some(&json!("null")));
        if let [part] = parts.as_slice() {
            let part = part.clone();
            *member = part;
        }
    }
}

/// Serialising a schema does not fail: it is a tree of texts and numbers.
fn written(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

/// Definitions are components here, and so is the whole, by which a schema may mean itself.
fn refer(schema: &mut Value, root: &str) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if let (Value::String(text), "$ref") = (&mut *value, name.as_str()) {
                    *text = match text.strip_prefix("#/$defs/") {
                        Some(name) => format!("#/components/schemas/{name}"),
                        None => text.replacen('#', &format!("#/components/schemas/{root}"), 1),
                    };
                }
                refer(value, root);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, root)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
