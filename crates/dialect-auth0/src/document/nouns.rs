//! What answers show: schemas and examples.

use serde_json::{Map, Value, json};
use writ_http::document::{Schemas, extended, object};

/// What an answer shows, one of it or a list.
#[derive(Debug)]
pub(crate) struct Noun {
    pub(crate) schema: &'static str,
    /// Whether an answer that shows one says its entity tag.
    pub(super) tagged: bool,
    shape: fn() -> Value,
    /// Absent where there is never one.
    sample: Option<fn() -> Value>,
}

impl Noun {
    /// One of them.
    pub(super) fn value(&self) -> Option<Value> {
        self.sample.map(|sample| sample())
    }

    /// The name of the schema of a list.
    pub(super) fn list(&self) -> String {
        format!("{}List", self.schema)
    }

    pub(super) fn told(&self, schemas: Schemas) -> Schemas {
        schemas.with(self.schema, (self.shape)())
    }

    pub(super) fn array(&self) -> Value {
        let item = json!({ "$ref": format!("#/components/schemas/{}", self.schema) });
        json!({ "type": "array", "items": item })
    }

    /// A page in an object with its total.
    pub(super) fn page(&self, name: &str) -> Value {
        let number = json!({ "type": "integer", "minimum": 0 });
        let mut members = Map::new();
        for count in ["start", "limit", "total"] {
            members.insert(count.to_owned(), number.clone());
        }
        members.insert(name.to_owned(), self.array());
        object("A page and the number of all.", members.into())
    }

    /// A page with the checkpoint after it.
    pub(super) fn after(&self, name: &str) -> Value {
        let mut members = Map::new();
        let next = json!({
            "type": "string",
            "description": "What to send as `from` for the next page; absent on the last.",
        });
        members.insert("next?".to_owned(), next);
        members.insert(name.to_owned(), self.array());
        object("A page and where it ends.", members.into())
    }
}

/// An API.
pub(crate) static API: Noun = Noun {
    schema: "Auth0ResourceServer",
    tagged: true,
    shape: || {
        json!({
            "type": "object",
            "description": "An API. Settings that were never set are absent; `fields` may leave away \
                any member.",
            "properties": {
                "id": { "type": "string" },
                "name": { "type": "string" },
                "identifier": { "type": "string", "description": "The audience; it never changes." },
                "is_system": { "type": "boolean" },
                "scopes": {
                    "type": "array",
                    "description": "The permissions that it defines.",
                    "items": object("A permission.", json!({
                        "value": { "type": "string" },
                        "description?": { "type": "string" },
                    })),
                },
                "signing_alg": { "type": "string" },
                "token_lifetime": { "type": "integer" },
                "token_lifetime_for_web": { "type": "integer" },
                "allow_offline_access": { "type": "boolean" },
                "skip_consent_for_verifiable_first_party_clients": { "type": "boolean" },
                "subject_type_authorization": { "type": "object" },
            },
            "additionalProperties": true,
        })
    },
    sample: Some(|| {
        json!({
            "id": "6b0290aa62fe4cd5b78a61f0",
            "name": "Invoices",
            "identifier": "https://invoices.example.com/",
            "scopes": [
                { "value": "read:invoices", "description": "See invoices" },
                { "value": "write:invoices", "description": "Change invoices" },
            ],
            "allow_offline_access": false,
            "skip_consent_for_verifiable_first_party_clients": false,
            "subject_type_authorization": {
                "client": { "policy": "require_client_grant" },
                "user": { "policy": "allow_all" },
            },
            "token_lifetime": 86_400,
            "token_lifetime_for_web": 7_200,
            "signing_alg": "RS256",
        })
    }),
};

fn role(more: &[(&str, Value)]) -> Value {
    let members = json!({
        "id": { "type": "string" },
        "name": { "type": "string" },
        "description?": { "type": "string", "description": "Absent of a new role without one." },
    });
    object("A role.", extended(members, more))
}

/// A role.
pub(crate) static ROLE: Noun = Noun {
    schema: "Auth0Role",
    tagged: false,
    shape: || role(&[]),
    sample: Some(|| {
        json!({
            "id": "rol_dVEYVQn0lpH6TM7s",
            "name": "Accountant",
            "description": "Keeps the books",
        })
    }),
};

/// A role that a user holds.
pub(crate) static ROLE_SOURCE: Noun = Noun {
    schema: "Auth0EffectiveRole",
    tagged: false,
    shape: || {
        role(&[(
            "sources",
            sources("Always `direct`: there are no groups here."),
        )])
    },
    sample: Some(|| {
        json!({
            "id": "rol_dVEYVQn0lpH6TM7s",
            "name": "Accountant",
            "description": "Keeps the books",
            "sources": ["direct"],
        })
    }),
};

fn sources(description: &str) -> Value {
    json!({ "type": "array", "description": description, "items": { "type": "string" } })
}

fn held(more: &[(&str, Value)]) -> Value {
    let members = json!({
        "permission_name": { "type": "string" },
        "description": { "type": "string" },
        "resource_server_name?": { "type": "string", "description": "Absent of an API without one." },
        "resource_server_identifier": { "type": "string" },
    });
    object("A permission that is held.", extended(members, more))
}

fn held_sample(more: &[(&str, Value)]) -> Value {
    let sample = json!({
        "permission_name": "read:invoices",
        "description": "See invoices",
        "resource_server_name": "Invoices",
        "resource_server_identifier": "https://invoices.example.com/",
    });
    extended(sample, more)
}

/// A permission of a role.
pub(crate) static HELD_BY_ROLE: Noun = Noun {
    schema: "Auth0RolePermission",
    tagged: false,
    shape: || held(&[]),
    sample: Some(|| held_sample(&[])),
};

/// A permission of a user, with every way by which it is held.
pub(crate) static HELD_BY_USER: Noun = Noun {
    schema: "Auth0UserPermission",
    tagged: false,
    shape: || {
        let source = object(
            "By what it is held.",
            json!({
                "source_id": { "type": "string", "description": "The role's id; empty if direct." },
                "source_name": { "type": "string" },
                "source_type": { "enum": ["DIRECT", "ROLE"] },
            }),
        );
        held(&[("sources", json!({ "type": "array", "items": source }))])
    },
    sample: Some(|| {
        let source = json!({
            "source_id": "rol_dVEYVQn0lpH6TM7s",
            "source_name": "Accountant",
            "source_type": "ROLE",
        });
        held_sample(&[("sources", json!([source]))])
    }),
};

/// A permission that a user has in effect.
pub(crate) static EFFECTIVE: Noun = Noun {
    schema: "Auth0EffectivePermission",
    tagged: false,
    shape: || held(&[("sources", sources("`direct`, `roles`, or both."))]),
    sample: Some(|| held_sample(&[("sources", json!(["roles"]))])),
};

/// Who has a role.
pub(crate) static ROLE_USER: Noun = Noun {
    schema: "Auth0RoleUser",
    tagged: false,
    shape: || {
        let text = json!({ "type": "string" });
        object(
            "A user who has the role. Members that its profile lacks are absent.",
            json!({ "user_id": text, "email?": text, "picture?": text, "name?": text }),
        )
    },
    sample: Some(
        || json!({ "user_id": "auth0|ann", "email": "ann@example.com", "name": "Ann Example" }),
    ),
};

/// A user.
pub(crate) static USER: Noun = Noun {
    schema: "Auth0User",
    tagged: false,
    shape: || {
        json!({
            "type": "object",
            "description": "A user. Members that its profile lacks are absent; `fields` may leave \
                away any member.",
            "properties": {
                "user_id": { "type": "string" },
                "email": { "type": "string" },
                "email_verified": { "type": "boolean" },
                "name": { "type": "string" },
                "nickname": { "type": "string" },
                "blocked": { "type": "boolean" },
                "user_metadata": { "type": "object" },
                "app_metadata": { "type": "object" },
                "identities": { "type": "array", "items": { "type": "object" } },
                "created_at": { "type": "string", "format": "date-time" },
                "updated_at": { "type": "string", "format": "date-time" },
            },
            "additionalProperties": true,
        })
    },
    sample: Some(|| {
        json!({
            "user_id": "auth0|ann",
            "email": "ann@example.com",
            "email_verified": false,
            "name": "Ann Example",
            "nickname": "ann",
            "user_metadata": { "team": "finance" },
            "identities": [{
                "connection": "Username-Password-Authentication",
                "user_id": "ann",
                "provider": "auth0",
                "isSocial": false,
            }],
            "created_at": "2026-03-02T09:10:19.018Z",
            "updated_at": "2026-03-02T09:10:19.018Z",
        })
    }),
};

/// An application: there are none.
pub(crate) static CLIENT: Noun = Noun {
    schema: "Auth0Client",
    tagged: false,
    shape: || json!({ "type": "object", "description": "An application. There are none here." }),
    sample: None,
};
