//! The routes, and what clients are told of them.

use serde_json::{Value, json};
use writ_http::document::{Content, Document, Operation, Routes, Schemas, object};

use super::refusal::Refusal;
use super::{ALL_SCOPES, AUDIENCE, ISSUER, Issuer, LIFETIME_S, discovery, token_endpoint};

const TAG: &str = "Issuer";

pub(super) fn routes() -> Routes<Issuer> {
    Routes::new()
        .on(token(), token_endpoint::token)
        .on(keys(), discovery::jwks)
        .on(configuration(), discovery::configuration)
}

/// What clients are told of them.
pub(crate) fn document() -> Document {
    Document::new()
        .tag(
            TAG,
            "The issuer of `writ up`. Where `writ serve` trusts another one, it is not there.",
        )
        .operations(routes().operations())
        .schemas(schemas())
}

fn schemas() -> Schemas {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let asked = json!({
        "type": "object",
        "description": "Client credentials. Id and secret may come by HTTP Basic instead.",
        "required": ["grant_type", "audience"],
        "properties": {
            "grant_type": { "const": "client_credentials" },
            "client_id": text,
            "client_secret": text,
            "audience": { "type": "string", "description": "Anything that ends in `/api/v2/`." },
            "scope": { "type": "string", "description": "All of the client's scopes if absent." },
        },
    });
    let given = json!({
        "access_token": text,
        "scope": text,
        "expires_in": { "type": "integer", "description": "Seconds." },
        "token_type": { "const": "Bearer" },
    });
    let refused = json!({ "error": text, "error_description": text });
    let keys = json!({ "keys": { "type": "array", "items": { "type": "object" } } });
    let described = json!({
        "issuer": text,
        "token_endpoint": text,
        "jwks_uri": text,
        "grant_types_supported": texts,
        "token_endpoint_auth_methods_supported": texts,
        "id_token_signing_alg_values_supported": texts,
        "subject_types_supported": texts,
        "response_types_supported": texts,
        "scopes_supported": texts,
    });
    Schemas::new()
        .with("TokenRequest", asked)
        .with("Token", object("A token.", given))
        .with("TokenRefusal", object("A refusal of RFC 6749.", refused))
        .with("KeySet", object("Keys of RFC 7517.", keys))
        .with(
            "IssuerMetadata",
            object("OpenID Connect Discovery.", described),
        )
}

fn token() -> Operation {
    let asked = json!({
        "grant_type": "client_credentials",
        "client_id": "hbfRTcwetWqbIe5yYV8GFSaYSXpCrzRh",
        "client_secret": "the-secret",
        "audience": AUDIENCE,
        "scope": "ledger:read read:roles",
    });
    let given = json!({
        "access_token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
        "scope": "ledger:read read:roles",
        "expires_in": LIFETIME_S,
        "token_type": "Bearer",
    });
    let refusals = [
        (
            "a parameter is missing",
            Refusal::MissingParameter("grant_type"),
        ),
        ("not the secret", Refusal::Unauthorized { basic: false }),
        ("no audience", Refusal::NoAudience),
        (
            "another audience",
            Refusal::UnknownAudience("https://else.example/".to_owned()),
        ),
        (
            "a scope too many",
            Refusal::NotGranted(vec!["delete:roles".to_owned()]),
        ),
        ("too large", Refusal::TooLarge),
        ("our fault", Refusal::Failed),
    ];
    let json = Content::json("TokenRequest").example("client credentials", asked.clone());
    let form = Content::of("application/x-www-form-urlencoded", "TokenRequest");
    let operation = Operation::post("/oauth/token", "issueToken", "Get a token")
        .tag(TAG)
        .body([json, form.example("client credentials", asked)])
        .answers(
            200,
            "A token",
            Content::json("Token").example("a token", given),
        );
    refusals
        .into_iter()
        .fold(operation, |operation, (name, refusal)| {
            let (status, body): (_, Value) = refusal.told();
            let content = Content::json("TokenRefusal").example(name, body);
            let reason = status.canonical_reason().unwrap_or("Refused");
            operation.answers(status.as_u16(), reason, content)
        })
        .edge()
}

fn keys() -> Operation {
    let key = json!({
        "use": "sig",
        "alg": "RS256",
        "kid": "0CcZR8VRQzFuQw7j1H7fZ",
        "kty": "RSA",
        "n": "1Z0-oQ_nbVuwZTBAH-6xSV",
        "e": "AQAB",
    });
    let set = Content::json("KeySet").example("one key", json!({ "keys": [key] }));
    Operation::get(
        "/.well-known/jwks.json",
        "getKeys",
        "Show the keys of tokens",
    )
    .tag(TAG)
    .answers(200, "The keys", set)
    .edge()
}

fn configuration() -> Operation {
    let shown = json!({
        "issuer": ISSUER,
        "token_endpoint": "http://127.0.0.1:4480/oauth/token",
        "jwks_uri": "http://127.0.0.1:4480/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "response_types_supported": [],
        "scopes_supported": ALL_SCOPES,
    });
    let path = "/.well-known/openid-configuration";
    Operation::get(path, "getIssuer", "Describe the issuer")
        .tag(TAG)
        .answers(
            200,
            "What it can",
            Content::json("IssuerMetadata").example("of this machine", shown),
        )
        .edge()
}
