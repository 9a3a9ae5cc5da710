//! An API's settings: what of a body they are, and what they are when nobody says.

use writ_domain::{JsonText, PermissionSpec, Settings};

use crate::json::Json;

/// What Auth0 writes into a new API.
const DEFAULTS: [(&str, &str); 6] = [
    ("allow_offline_access", "false"),
    ("skip_consent_for_verifiable_first_party_clients", "false"),
    (
        "subject_type_authorization",
        r#"{"client":{"policy":"require_client_grant"},"user":{"policy":"allow_all"}}"#,
    ),
    ("token_lifetime", "86400"),
    ("token_lifetime_for_web", "7200"),
    ("signing_alg", r#""RS256""#),
];

/// The settings of a new API.
pub(super) fn of_new(body: &Json) -> Settings {
    let mut settings: Settings = DEFAULTS
        .into_iter()
        .map(|(name, value)| (name.to_owned(), JsonText(value.to_owned())))
        .collect();
    for (name, value) in changes(body) {
        match value {
            Some(value) => settings.insert(name, value),
            None => settings.remove(&name),
        };
    }
    settings
}

/// The settings that a body sets (`Some`) or takes away (`null`).
pub(super) fn changes(body: &Json) -> Vec<(String, Option<JsonText>)> {
    body.members()
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "name" | "identifier" | "scopes"))
        // A secret has no place in the log, and nothing here signs with it.
        .filter(|(name, _)| name != "signing_secret")
        .map(|(name, value)| {
            let value = (*value != Json::Null).then(|| JsonText(value.to_string()));
            (name.clone(), value)
        })
        .collect()
}

/// The list of permissions, if the body has one.
pub(super) fn permissions(body: &Json) -> Option<Vec<PermissionSpec>> {
    let text = |scope: &Json, name: &str| scope.get(name).and_then(Json::as_str).map(str::to_owned);
    let scopes = body.get("scopes")?.items().iter();
    Some(
        scopes
            .map(|scope| PermissionSpec {
                name: text(scope, "value").unwrap_or_default(),
                description: text(scope, "description"),
            })
            .collect(),
    )
}
