//! Permissions, roles and users by name, in bodies and in lists.

use writ_domain::PermissionRef;
use writ_store::reads::HeldPermission;

use crate::json::Json;

/// The `permissions` of a body.
pub(crate) fn permissions(body: &Json) -> Vec<PermissionRef> {
    let text = |item: &Json, name: &str| {
        item.get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let items = body.get("permissions").map(Json::items).unwrap_or_default();
    items
        .iter()
        .map(|item| PermissionRef {
            api: text(item, "resource_server_identifier"),
            name: text(item, "permission_name"),
        })
        .collect()
}

/// The list of texts of this name in a body.
pub(crate) fn list(body: &Json, name: &str) -> Vec<String> {
    let items = body.get(name).map(Json::items).unwrap_or_default();
    items
        .iter()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

/// A permission that is held, with what a list adds to it. One without a description has an empty
/// one, though its API shows none.
pub(crate) fn show(held: &HeldPermission, more: Vec<(String, Json)>) -> Json {
    let description = held.description.as_deref().unwrap_or_default();
    let mut members = vec![
        ("permission_name".to_owned(), Json::text(&held.name)),
        ("description".to_owned(), Json::text(description)),
    ];
    if let Some(name) = &held.api_name {
        members.push(("resource_server_name".to_owned(), Json::text(name)));
    }
    members.push((
        "resource_server_identifier".to_owned(),
        Json::text(&held.api),
    ));
    members.extend(more);
    Json::Object(members)
}
