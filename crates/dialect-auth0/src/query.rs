//! Query strings, read as Auth0 reads them: into one value that a schema can look at.

use percent_encoding::percent_decode_str;

use crate::failure::Failure;
use crate::json::{Json, Type};
use crate::schema::{Node, Problem, check};

/// Reads a query string by the schema of its route.
///
/// Texts of numbers and booleans become those where the schema wants them; keys that the schema
/// does not know are left away.
pub(crate) fn read(raw: Option<&str>, node: &Node) -> Result<Json, Failure> {
    let mut members: Vec<(String, Vec<String>)> = Vec::new();
    for pair in raw
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        if node.property(&name).is_none() {
            continue;
        }
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => members.push((name, vec![value])),
        }
    }
    let members = members
        .into_iter()
        .filter_map(|(name, values)| {
            let value = value(node.property(&name)?, values);
            Some((name, value))
        })
        .collect();
    let query = Json::Object(members);
    refuse_nul(&query)?;
    check(node, &query).map_err(|problem| Failure::query(&problem))?;
    Ok(query)
}

/// No text that is stored holds U+0000, and Postgres takes none.
fn refuse_nul(query: &Json) -> Result<(), Failure> {
    let holds = |value: &Json| value.as_str().is_some_and(|text| text.contains('\0'));
    for (name, value) in query.members() {
        if holds(value) || value.items().iter().any(holds) {
            let words = "String holds the character U+0000".to_owned();
            return Err(Failure::query(&Problem::of_member(name, None, words)));
        }
    }
    Ok(())
}

/// Both spellings of a space are read; what is not UTF-8 is read with replacements.
fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn value(node: &Node, mut values: Vec<String>) -> Json {
    if node.admits(Type::Array) {
        return Json::Array(values.into_iter().map(Json::String).collect());
    }
    match values.pop() {
        Some(text) if values.is_empty() => scalar(node, text),
        Some(last) => {
            values.push(last);
            Json::Array(values.into_iter().map(Json::String).collect())
        }
        None => Json::Null,
    }
}

fn scalar(node: &Node, text: String) -> Json {
    if node.admits(Type::Integer) && is_integer(&text) {
        // A number too large for a double's integers stays a text, and is none then.
        return Json::parse(text.as_bytes()).unwrap_or(Json::String(text));
    }
    match text.as_str() {
        "true" if node.admits(Type::Boolean) => Json::Bool(true),
        "false" if node.admits(Type::Boolean) => Json::Bool(false),
        _ => Json::String(text),
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::queries;

    fn message(query: &str, node: &Node) -> String {
        match read(Some(query), node) {
            Ok(query) => query.to_string(),
            Err(failure) => failure
                .envelope()
                .get("message")
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned(),
        }
    }

    #[test]
    fn values_take_the_types_that_the_route_wants() {
        for (query, expected) in [
            ("", "{}"),
            (
                "page=0&per_page=50&include_totals=true",
                r#"{"page":0,"per_page":50,"include_totals":true}"#,
            ),
            ("name_filter=x%20y", r#"{"name_filter":"x y"}"#),
            ("name_filter=x+y", r#"{"name_filter":"x y"}"#),
            ("name_filter=7", r#"{"name_filter":"7"}"#),
            ("type=tenant&q", "{}"),
        ] {
            assert_eq!(message(query, &queries::ROLES), expected, "{query}");
        }
        assert_eq!(
            message(
                "identifiers=https%3A%2F%2Fa%2F&identifiers=b",
                &queries::RESOURCE_SERVERS
            ),
            r#"{"identifiers":["https://a/","b"]}"#
        );
    }

    #[test]
    fn bad_values_are_refused_in_auth0s_words() {
        let per_page = "on property per_page (Number of results per page. Defaults to 50).";
        for (query, expected) in [
            ("per_page=1000", "Value 1000 is greater than maximum 100"),
            ("per_page=101", "Value 101 is greater than maximum 100"),
            ("per_page=0", "Value 0 is less than minimum 1"),
            ("per_page=-1", "Value -1 is less than minimum 1"),
            (
                "per_page=ten",
                "Expected type integer but found type string",
            ),
            ("per_page=", "Expected type integer but found type string"),
            (
                "per_page=1.5",
                "Expected type integer but found type string",
            ),
            (
                "per_page=007",
                "Expected type integer but found type string",
            ),
            (
                "per_page=1&per_page=2",
                "Expected type integer but found type array",
            ),
        ] {
            let expected = format!("Query validation error: '{expected}' {per_page}");
            assert_eq!(message(query, &queries::ROLES), expected, "{query}");
        }
        assert_eq!(
            message("name_filter=a%00b", &queries::ROLES),
            "Query validation error: 'String holds the character U+0000' on property name_filter."
        );
        let eleven = ["identifiers=a"; 11].join("&");
        let refused = message(&eleven, &queries::RESOURCE_SERVERS);
        assert!(
            refused.starts_with(
                "Query validation error: 'Array is too long (11), maximum 10' on property \
                 identifiers ("
            ),
            "{refused}"
        );
        assert_eq!(
            message("take=5", &queries::EFFECTIVE_PERMISSIONS),
            "Query validation error: 'Missing required property: resource_server_identifier'."
        );
    }
}
