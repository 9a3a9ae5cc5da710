//! A role as Auth0 shows it.

use crate::json::Json;

/// A role that is read: one without a description has an empty one.
pub(crate) fn show(id: &str, name: &str, description: Option<&str>) -> Json {
    Json::Object(vec![
        ("id".to_owned(), Json::text(id)),
        ("name".to_owned(), Json::text(name)),
        (
            "description".to_owned(),
            Json::text(description.unwrap_or_default()),
        ),
    ])
}

/// A role that was just made: one without a description has none.
pub(super) fn show_new(id: &str, name: &str, description: Option<&str>) -> Json {
    let mut members = vec![
        ("id".to_owned(), Json::text(id)),
        ("name".to_owned(), Json::text(name)),
    ];
    if let Some(description) = description {
        members.push(("description".to_owned(), Json::text(description)));
    }
    Json::Object(members)
}
