//! Writing JSON: compact where bytes are kept or hashed, indented where people read.

use serde::Serialize;
use serde_json::Value;

/// Compact JSON, fields in the order of declaration.
#[expect(
    clippy::expect_used,
    reason = "wire types have string keys and no fallible parts"
)]
pub(crate) fn compact<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a wire type can be written as JSON")
}

/// Any JSON value.
#[expect(
    clippy::expect_used,
    reason = "wire types have string keys and no fallible parts"
)]
pub(crate) fn value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("a wire type can be written as JSON")
}

/// Indented JSON with a line feed at the end, the names of each object sorted.
///
/// Sorted here, because whether `serde_json` sorts depends on what else is built with it.
pub(crate) fn pretty(value: Value) -> String {
    let mut text = format!("{:#}", sorted(value));
    text.push('\n');
    text
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
