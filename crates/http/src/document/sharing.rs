//! Answers that several operations have word for word, said once.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// So many make it worth a name.
const SHARED_MIN: usize = 3;

/// Puts answers that are repeated under a name of their own: their status in words, numbered where
/// several differ.
pub(super) fn share_answers(document: &mut Value) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for_each(document, &mut |_, answer| {
        *counts.entry(answer.to_string()).or_default() += 1;
    });
    counts.retain(|_, count| *count >= SHARED_MIN);
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    let mut shared = Map::new();
    for_each(document, &mut |status, answer| {
        let text = answer.to_string();
        if !counts.contains_key(&text) {
            return;
        }
        let name = named.entry(text).or_insert_with(|| {
            let name = free(&shared, &words(status));
            shared.insert(name.clone(), answer.clone());
            name
        });
        *answer = json!({ "$ref": format!("#/components/responses/{name}") });
    });
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.insert("responses".to_owned(), shared.into());
    }
}

fn for_each(document: &mut Value, with: &mut dyn FnMut(&str, &mut Value)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    let operations = items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for operation in operations {
        let answers = operation.get_mut("responses");
        let answers = answers.and_then(Value::as_object_mut);
        for (status, answer) in answers.into_iter().flatten() {
            with(status, answer);
        }
    }
}

fn words(status: &str) -> String {
    let status = status.parse().ok();
    let reason = status.and_then(|status| StatusCode::from_u16(status).ok()?.canonical_reason());
    reason.unwrap_or("Answer").replace(' ', "")
}

fn free(taken: &Map<String, Value>, name: &str) -> String {
    if !taken.contains_key(name) {
        return name.to_owned();
    }
    let mut number = 2;
    while taken.contains_key(&format!("{name}{number}")) {
        number += 1;
    }
    format!("{name}{number}")
}
