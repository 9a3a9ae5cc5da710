//! `fields` and `include_fields`: parts of a noun.

use crate::json::Json;

/// The object with the members that a query string asks for.
pub(crate) fn select(query: &Json, object: Json) -> Json {
    let fields: Vec<&str> = query
        .get("fields")
        .and_then(Json::as_str)
        .into_iter()
        .flat_map(|fields| fields.split(','))
        .map(str::trim)
        .filter(|field| !field.is_empty())
        .collect();
    let Json::Object(members) = object else {
        return object;
    };
    if fields.is_empty() {
        return Json::Object(members);
    }
    let include = query
        .get("include_fields")
        .and_then(Json::as_bool)
        .unwrap_or(true);
    let wanted = |(name, _): &(String, Json)| fields.contains(&name.as_str()) == include;
    Json::Object(members.into_iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_included_or_left_out() {
        let object = Json::parse(br#"{"id":1,"name":2,"scopes":3}"#).unwrap();
        for (query, expected) in [
            ("{}", r#"{"id":1,"name":2,"scopes":3}"#),
            (r#"{"fields":""}"#, r#"{"id":1,"name":2,"scopes":3}"#),
            (r#"{"fields":"id, name"}"#, r#"{"id":1,"name":2}"#),
            (r#"{"fields":"id","include_fields":true}"#, r#"{"id":1}"#),
            (
                r#"{"fields":"id","include_fields":false}"#,
                r#"{"name":2,"scopes":3}"#,
            ),
            (
                r#"{"include_fields":false}"#,
                r#"{"id":1,"name":2,"scopes":3}"#,
            ),
            (r#"{"fields":"none"}"#, "{}"),
        ] {
            let query = Json::parse(query.as_bytes()).unwrap();
            assert_eq!(
                select(&query, object.clone()).to_string(),
                expected,
                "{query}"
            );
        }
    }
}
