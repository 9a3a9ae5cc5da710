//! What clients are told of the routes.
//!
//! Path, scopes, query and body are those by which a request is served; what an endpoint adds is
//! its [`Told`]. Refusals are shown as they are answered.

pub(crate) mod nouns;

use axum::http::StatusCode;
use axum::routing::MethodFilter;
use serde_json::{Value, json};
use writ_domain::NounKind;
use writ_http::document::{
    BEARER, Content, Document, HttpMethod, Operation, Parameter, Rights, Schemas, object,
};

use self::nouns::Noun;
use crate::endpoint::{Endpoint, Kind};
use crate::failure::Failure;
use crate::schema::{Problem, queries};

/// What of an endpoint its other members do not say.
#[derive(Debug)]
pub(crate) struct Told {
    /// Its name in generated clients, which Auth0's document does not give.
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    /// A body that makes sense.
    pub(crate) request: Option<&'static str>,
    pub(crate) shown: Shown,
    /// Beside those that every endpoint has.
    pub(crate) refusals: &'static [fn() -> Failure],
}

/// What a request that is granted is answered with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown {
    /// 204.
    Nothing,
    /// An empty object, with this status.
    Empty(u16),
    One(u16, &'static Noun),
    /// A list by page, under this name if totals are asked for.
    Pages(&'static str, &'static Noun),
    /// A list after a checkpoint.
    After(&'static str, &'static Noun),
    /// Both.
    PagesOrAfter(&'static str, &'static Noun),
}

/// Everything that is said of these endpoints.
pub(crate) fn document(endpoints: &[&'static Endpoint]) -> Document {
    let schemas = endpoints.iter().fold(envelope(), |schemas, endpoint| {
        with_bodies(schemas, endpoint)
    });
    Document::new()
        .tag(
            APIS,
            "Auth0: APIs (resource servers) and the permissions that they define.",
        )
        .tag(ROLES, "Auth0: roles, their permissions and who has them.")
        .tag(USERS, "Auth0: users, what they may do and by what.")
        .tag(CLIENTS, "Auth0: applications.")
        .operations(endpoints.iter().map(|endpoint| operation(endpoint)))
        .schemas(schemas)
}

const APIS: &str = "Auth0 resource servers";
const ROLES: &str = "Auth0 roles";
const USERS: &str = "Auth0 users";
const CLIENTS: &str = "Auth0 clients";

/// The group of a path, and an id of what it names.
fn place(path: &str) -> (&'static str, &'static str) {
    match path.split('/').nth(3) {
        Some("resource-servers") => (APIS, "6b0290aa62fe4cd5b78a61f0"),
        Some("roles") => (ROLES, "rol_dVEYVQn0lpH6TM7s"),
        Some("users") => (USERS, "auth0|ann"),
        _ => (CLIENTS, ""),
    }
}

fn operation(endpoint: &'static Endpoint) -> Operation {
    let Told {
        id, summary, shown, ..
    } = &endpoint.told;
    let method = if endpoint.method == MethodFilter::POST {
        HttpMethod::Post
    } else if endpoint.method == MethodFilter::PATCH {
        HttpMethod::Patch
    } else if endpoint.method == MethodFilter::DELETE {
        HttpMethod::Delete
    } else {
        HttpMethod::Get
    };
    let (tag, example) = place(endpoint.path);
    let mut operation = Operation::new(method, endpoint.path, format!("auth0.{id}"), *summary)
        .tag(tag)
        .rights(Rights::scopes(BEARER, endpoint.scopes))
        .parameters(endpoint.query.parameters());
    if endpoint.path.contains("{id}") {
        let description = "Its id; an API's identifier will do.";
        operation = operation.parameter(Parameter::path("id", description, example));
    }
    operation = answers(operation, *shown);
    if let Kind::Write { target, body, .. } = &endpoint.kind {
        operation = written(operation, *target);
        if body.is_some() {
            let content = Content::json(body_name(endpoint));
            operation = operation.body([content.sample(*summary, request(endpoint))]);
            operation = refused(operation, "a body that does not fit", &bad_body());
            operation = refused(operation, "not JSON", &Failure::not_json());
            operation = refused(operation, "too large", &Failure::too_large(1_048_576));
            operation = refused(operation, "too slow", &Failure::timed_out());
            operation = refused(
                operation,
                "not JSON by its type",
                &Failure::not_json_by_type(),
            );
        }
    }
    for refusal in endpoint.told.refusals {
        let failure = refusal();
        operation = refused(operation, failure.code_or_reason(), &failure);
    }
    common(operation, endpoint)
}

fn request(endpoint: &Endpoint) -> &'static str {
    endpoint.told.request.unwrap_or("null")
}

/// What every endpoint may refuse.
fn common(operation: Operation, endpoint: &Endpoint) -> Operation {
    let mut operation = operation.headers(&["X-Request-Id"]);
    let bad_query = Problem::of_member("page", None, "Value -1 is less than minimum 0".to_owned());
    let header = "the header Writ-Reason is empty".to_owned();
    operation = refused(
        operation,
        "a header that cannot be read",
        &Failure::header(header),
    );
    if !core::ptr::eq(endpoint.query, &raw const queries::NONE) {
        operation = refused(
            operation,
            "a query that does not fit",
            &Failure::query(&bad_query),
        );
    }
    let scope = endpoint.scopes.first().and_then(|group| group.first());
    let scope = scope.copied().unwrap_or_default();
    operation = refused(
        operation,
        "no credential",
        &Failure::from(writ_http::AuthError::Missing),
    );
    operation = refused(
        operation,
        "an expired token",
        &Failure::from(writ_http::AuthError::Expired),
    );
    operation = refused(
        operation,
        "a scope is missing",
        &Failure::insufficient_scope(&[scope]),
    );
    let second = core::time::Duration::from_secs(1);
    operation = refused(operation, "too fast", &Failure::too_many_requests(second));
    operation = refused(operation, "not now", &Failure::unavailable(second));
    operation
        .edge()
        .carries(401, &["WWW-Authenticate"])
        .carries(429, &["Retry-After"])
}

/// What every write takes, and may refuse.
fn written(operation: Operation, target: Option<NounKind>) -> Operation {
    let operation = operation.headers(&[
        "Writ-Reason",
        "Writ-Ticket",
        "Writ-On-Behalf-Of",
        "Idempotency-Key",
    ]);
    let operation = match target {
        Some(_) => refused(
            operation.headers(&["If-Match"]),
            "it has changed",
            &Failure::stale(),
        ),
        None => operation,
    };
    refused(
        operation,
        "the key of another request",
        &Failure::key_reused(),
    )
}

fn refused(operation: Operation, name: &str, failure: &Failure) -> Operation {
    let status = failure.status();
    let reason = status.canonical_reason().unwrap_or("Refused");
    let envelope = failure.envelope().to_string();
    let content = Content::json("Auth0Error").sample(name, &envelope);
    operation.answers(status.as_u16(), reason, content)
}

fn bad_body() -> Failure {
    let what = "Missing required property: name".to_owned();
    Failure::payload(&Problem::of_member("name", None, what))
}

/// The permission of a body that its API does not have.
pub(crate) fn no_such_permission() -> Failure {
    Failure::no_such_permission("https://invoices.example.com/", "pay:invoices")
}

fn answers(operation: Operation, shown: Shown) -> Operation {
    let listed = |noun: &Noun, content: Content| {
        let none = Value::Array(Vec::new());
        let items = noun.value().map_or(none, |item| json!([item]));
        content.example("a list", items)
    };
    let wrapped = |name: &str, noun: &Noun| {
        let items: Vec<Value> = noun.value().into_iter().collect();
        json!({ name: items, "start": 0, "limit": 50, "total": items.len() })
    };
    let (status, content) = match shown {
        Shown::Nothing => {
            return operation.answer(204, "Done").carries(204, CARRIED);
        }
        Shown::Empty(status) => (
            status,
            Content::json("Auth0Empty").example("done", json!({})),
        ),
        Shown::One(status, noun) => {
            let content = Content::json(noun.schema);
            (
                status,
                content.example("one", noun.value().unwrap_or_default()),
            )
        }
        Shown::Pages(name, noun) => {
            let content = listed(noun, Content::json(noun.list()));
            (200, content.example("with its total", wrapped(name, noun)))
        }
        Shown::After(name, noun) => {
            let items: Vec<Value> = noun.value().into_iter().collect();
            let page = json!({ name: items, "next": "eyJhIjpbIkFjY291bnRhbnQiXX0" });
            (200, Content::json(noun.list()).example("a page", page))
        }
        Shown::PagesOrAfter(name, noun) => {
            let content = listed(noun, Content::json(noun.list()));
            let items: Vec<Value> = noun.value().into_iter().collect();
            let page = json!({ name: items, "next": "eyJhIjpbIjExIl19" });
            let content = content.example("with its total", wrapped(name, noun));
            (200, content.example("after a checkpoint", page))
        }
    };
    let tags: &[&str] = match shown {
        Shown::One(_, noun) if noun.tagged => &["ETag"],
        Shown::Nothing
        | Shown::Empty(_)
        | Shown::One(..)
        | Shown::Pages(..)
        | Shown::After(..)
        | Shown::PagesOrAfter(..) => &[],
    };
    let reason = StatusCode::from_u16(status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    operation
        .answers(status, reason.unwrap_or("Done"), content)
        .carries(status, CARRIED)
        .carries(status, tags)
}

const CARRIED: &[&str] = &[
    "Writ-Revision",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

fn envelope() -> Schemas {
    let text = json!({ "type": "string" });
    let error = object(
        "A refusal, as Auth0 words it.",
        json!({
            "statusCode": { "type": "integer" },
            "error": text,
            "message": text,
            "errorCode?": text,
            "attributes?": object("More of it.", json!({ "error": text })),
        }),
    );
    Schemas::new()
        .with("Auth0Error", error)
        .with("Auth0Empty", object("Nothing more to say.", json!({})))
}

/// The name of the schema of an endpoint's body.
fn body_name(endpoint: &Endpoint) -> String {
    let mut letters = endpoint.told.id.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("Auth0{first}{}", letters.as_str())
}

fn with_bodies(schemas: Schemas, endpoint: &'static Endpoint) -> Schemas {
    let schemas = match &endpoint.kind {
        Kind::Write {
            body: Some(node), ..
        } => schemas.with(body_name(endpoint), node.json_schema()),
        Kind::Write { body: None, .. } | Kind::Read => schemas,
    };
    match endpoint.told.shown {
        Shown::Nothing | Shown::Empty(_) => schemas,
        Shown::One(_, noun) => noun.told(schemas),
        Shown::Pages(name, noun) => {
            let whole = [noun.array(), noun.page(name)];
            noun.told(schemas)
                .with(noun.list(), json!({ "anyOf": whole }))
        }
        Shown::After(name, noun) => noun.told(schemas).with(noun.list(), noun.after(name)),
        Shown::PagesOrAfter(name, noun) => {
            let whole = [noun.array(), noun.page(name), noun.after(name)];
            noun.told(schemas)
                .with(noun.list(), json!({ "anyOf": whole }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;
    use crate::schema::check;

    #[test]
    fn every_example_of_a_body_is_one_that_is_taken() {
        let mut listed = crate::endpoint::Listed::default();
        crate::router::mount(&mut listed);
        let mut bodies = 0;
        for endpoint in listed.0 {
            let Kind::Write {
                body: Some(node), ..
            } = endpoint.kind
            else {
                assert_eq!(endpoint.told.request, None, "{}", endpoint.told.id);
                continue;
            };
            let example = Json::parse(endpoint.told.request.unwrap().as_bytes()).unwrap();
            assert_eq!(check(node, &example), Ok(()), "{}", endpoint.told.id);
            bodies += 1;
        }
        assert!(bodies > 8, "{bodies}");
    }
}
