//! What many operations share: credentials, headers, the shape of a problem.

use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self};

use super::Parameter;

/// A token of the issuer.
pub const BEARER: &str = "bearer";
/// A user of Camunda's, by HTTP Basic.
pub const BASIC: &str = "camunda";
/// A session of Nest Auth's console.
pub const COOKIE: &str = "nestauth";
/// What a session's requests repeat of a cookie, where forgeries are looked for.
pub const CSRF_HEADER: &str = "X-CSRF-Token";

pub(super) fn security() -> Vec<(&'static str, SecurityScheme)> {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token of the issuer, for this audience. `writ up` runs an issuer of its own \
             (`POST /oauth/token`). The scopes beside an operation are those of which one is needed.",
        ))
        .build();
    let basic = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some(
            "A user of Camunda's and its password. What it may is decided by its authorizations.",
        ))
        .build();
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
        "nest_auth_admin",
        "The session that `POST /auth/admin/login` begins.",
    ));
    vec![
        (BEARER, SecurityScheme::Http(bearer)),
        (BASIC, SecurityScheme::Http(basic)),
        (COOKIE, SecurityScheme::ApiKey(cookie)),
    ]
}

/// Headers of requests, each a component of its own name.
pub(super) fn parameters() -> Vec<Parameter> {
    vec![
        Parameter::header(
            "Writ-Reason",
            "Why, in the caller's words; kept with the entry for ever. Percent-encoded UTF-8 is \
             decoded. At most 1,024 bytes.",
        ),
        Parameter::header(
            "Writ-Ticket",
            "The ticket that this belongs to; kept with the entry. At most 255 bytes.",
        ),
        Parameter::header(
            "Writ-On-Behalf-Of",
            "For whom the caller says that it acts; kept with the entry. At most 1,024 bytes.",
        ),
        Parameter::header(
            "Idempotency-Key",
            "The same key with the same request is answered as the first time, for 7 days; with \
             another request it is 422. At most 255 visible characters.",
        ),
        Parameter::header(
            "If-Match",
            "The entity tag that was read: changed since, the request is refused with 412.",
        ),
        Parameter::header(
            "X-Request-Id",
            "The caller's name for the request. It is in the answer, in the log of the server and \
             in the entry; without one it is made.",
        ),
    ]
}

/// Headers of answers, each a component of its own name.
pub(super) fn headers() -> Vec<(&'static str, openapi::header::Header)> {
    let text = |description: &str| {
        HeaderBuilder::new()
            .description(Some(description))
            .schema(Some(typed(Type::String)))
            .build()
    };
    let number = |description: &str| {
        HeaderBuilder::new()
            .description(Some(description))
            .schema(Some(typed(Type::Integer)))
            .build()
    };
    vec![
        (
            "Writ-Revision",
            text(
                "The point of history that the answer shows: give it back as `at_least` or `as_of`.",
            ),
        ),
        (
            "Retry-After",
            number("After how many seconds to send the request again."),
        ),
        ("ETag", text("The noun's entity tag, for `If-Match`.")),
        ("Location", text("Where to ask how the command stands.")),
        (
            "Idempotent-Replayed",
            text("`true` if the answer was given before, under the same key."),
        ),
        ("Set-Cookie", text("The session.")),
        ("WWW-Authenticate", text("Which credential is wanted.")),
        (
            "X-RateLimit-Limit",
            number("How many requests may come at once after a pause."),
        ),
        ("X-RateLimit-Remaining", number("How many may come now.")),
        (
            "X-RateLimit-Reset",
            number("When one more may come, in seconds of Unix time."),
        ),
    ]
}

fn typed(kind: Type) -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(kind).build())
}

/// A problem of RFC 9457.
pub(super) fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A problem of RFC 9457. `code` is stable; its page is at `type`. Members \
            beside these are told of there.",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "Where the situation is described.",
            },
            "title": { "type": "string", "description": "The situation in a few words." },
            "status": { "type": "integer", "description": "The status of the answer." },
            "code": { "type": "string", "description": "The situation's stable name." },
            "detail": { "type": "string", "description": "What is wrong with this request." },
            "position": {
                "type": "string",
                "description": "Of a refusal on record: its entry, for `/v1/entries/{position}`.",
            },
            "tenant_seq": { "type": "integer", "description": "Of a refusal on record: its number." },
            "revision": { "type": "string", "description": "Of a refusal on record: its revision." },
            "command_id": { "type": "string", "description": "Of a refused command: its id." },
        },
        "additionalProperties": true,
    })
}
