//! An API as Auth0 shows it.

use writ_store::reads::{Api, ApiPermission};

use crate::json::Json;

/// The order in which Auth0 shows settings; others follow by name.
const ORDER: [&str; 8] = [
    "allow_offline_access",
    "skip_consent_for_verifiable_first_party_clients",
    "subject_type_authorization",
    "token_lifetime",
    "token_lifetime_for_web",
    "signing_alg",
    "enforce_policies",
    "token_dialect",
];

/// Members that were never set are absent; a list of scopes that was set and is empty is there.
pub(super) fn show(api: &Api) -> Json {
    let mut members = vec![("id".to_owned(), Json::text(&api.id))];
    let mut add = |name: &str, value: Json| members.push((name.to_owned(), value));
    if let Some(name) = &api.name {
        add("name", Json::text(name));
    }
    if api.system {
        add("is_system", Json::Bool(true));
    }
    add("identifier", Json::text(&api.identifier));
    if api.declared {
        add(
            "scopes",
            Json::Array(api.permissions.iter().map(scope).collect()),
        );
    }
    let others = api
        .settings
        .keys()
        .map(String::as_str)
        .filter(|name| !ORDER.contains(name));
    for name in ORDER.into_iter().chain(others) {
        let value = api
            .settings
            .get(name)
            .and_then(|value| Json::parse(value.0.as_bytes()).ok());
        if let Some(value) = value {
            add(name, value);
        }
    }
    Json::Object(members)
}

/// A description is shown as it was given: absent, empty or not.
fn scope(permission: &ApiPermission) -> Json {
    let mut members = vec![("value".to_owned(), Json::text(&permission.name))];
    if let Some(description) = &permission.description {
        members.push(("description".to_owned(), Json::text(description)));
    }
    Json::Object(members)
}
