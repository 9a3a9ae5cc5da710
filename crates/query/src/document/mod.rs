//! What clients are told of the reads.
//!
//! Bodies are told by the types that are written; what of them is the text of an entry, by schemas
//! of `writ-envelope` that the server knows.

use serde_json::json;
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr, schema};
use writ_domain::Realm;
use writ_http::document::{BEARER, Content, Document, Operation, Parameter, Rights, Schemas};
use writ_http::problem::pages;

use crate::{entries, feed, grants, history};

const GRANTS: &str = "Grants";
const HISTORY: &str = "History";
const FEED: &str = "Changes";

/// Everything that is said of the routes here.
pub(crate) fn document(operations: Vec<Operation>) -> Document {
    let schemas = grants::schemas(Schemas::new());
    let schemas = feed::schemas(entries::schemas(history::schemas(schemas)));
    Document::new()
        .tag(
            GRANTS,
            "Who may do what, now or as of any point of history.",
        )
        .tag(
            HISTORY,
            "What happened, by whom, and what followed from it.",
        )
        .tag(FEED, "Everything that happens, in order, without a gap.")
        .operations(operations)
        .schemas(
            schemas
                .with("Checks", checks())
                .with("EventStream", events()),
        )
}

/// The body of a check: a question, or a list of them.
fn checks() -> serde_json::Value {
    let question = json!({ "$ref": "#/components/schemas/Question" });
    json!({
        "description": "A question, or a list of them.",
        "oneOf": [question, {
            "type": "object",
            "required": ["checks"],
            "properties": {
                "checks": { "type": "array", "items": question, "minItems": 1, "maxItems": 1000 },
            },
            "additionalProperties": false,
        }],
    })
}

/// Server-sent events, with what the data of each is.
fn events() -> serde_json::Value {
    let data = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    json!({
        "type": "string",
        "description": "Events as HTML has them; `x-events` says what the data of each is.",
        "x-events": {
            "change": data("FeedChange"),
            "checkpoint": data("Checkpoint"),
            "lagged": data("Farewell"),
            "end": data("Farewell"),
        },
    })
}

/// An entry without what came of it.
pub(crate) fn entry_said() -> RefOr<Schema> {
    Ref::from_schema_name("EntrySaid").into()
}

/// Entries as a history tells them.
pub(crate) fn history_entries() -> schema::Array {
    let item = Ref::from_schema_name("HistoryEntry");
    ArrayBuilder::new().items(item).build()
}

/// Entries as the feed tells them.
pub(crate) fn told_changes() -> schema::Array {
    let item = Ref::from_schema_name("FeedChange");
    ArrayBuilder::new().items(item).build()
}

fn read(path: &'static str, id: &str, summary: &str) -> Operation {
    asks(Operation::get(path, id, summary))
}

/// What all reads take and may answer.
fn asks(operation: Operation) -> Operation {
    operation
        .parameter(Parameter::query(
            "at_least",
            "A `Writ-Revision` that the answer must have come to; it is waited for.",
        ))
        .parameter(
            Parameter::query(
                "consistency",
                "`latest` sees everything that was committed before the request came.",
            )
            .one_of(["latest", "any"]),
        )
        .headers(&["X-Request-Id"])
        .problems(&[&pages::MALFORMED, &pages::HISTORY_FORKED])
        .guarded()
        .carries(200, &["Writ-Revision"])
}

fn reader() -> Rights {
    Rights::scopes(BEARER, &[&["ledger:read"]])
}

fn reader_or_auditor() -> Rights {
    Rights::scopes(BEARER, &[&["ledger:read", "ledger:audit"]])
}

fn as_of() -> Parameter {
    Parameter::query(
        "as_of",
        "A `Writ-Revision` or an instant (RFC 3339): the answer is that of then. Without, of now.",
    )
}

fn realm(description: &str) -> Parameter {
    Parameter::query("realm", description).one_of(Realm::ALL.map(Realm::as_str))
}

/// Whose rules answer, and where the subject is known.
fn realms() -> [Parameter; 2] {
    let known = Parameter::query(
        "subject_realm",
        "The realm in which the subject is known by that id; any if absent.",
    );
    [
        realm("Whose rules are to answer; all if absent."),
        known.one_of(Realm::ALL.map(Realm::as_str)),
    ]
}

fn paged(operation: Operation, cursor: &'static str) -> Operation {
    operation
        .parameter(Parameter::query("cursor", cursor))
        .parameter(limit("Items on a page."))
}

fn limit(description: &'static str) -> Parameter {
    Parameter::query("limit", description)
        .at_least(1)
        .at_most(1000)
        .default(100)
}

fn resource(description: &'static str) -> [Parameter; 2] {
    [
        Parameter::query("resource", description).example("https://invoices.example.com/"),
        Parameter::query(
            "api",
            "The same as `resource`, by the name that Auth0 has for it.",
        ),
    ]
}

pub(crate) fn list_grants() -> Operation {
    let operation = read("/v1/grants", "listGrants", "List who may do what")
        .described(
            "With `subject`, what that user may do, directly, by roles and by groups; with `role` or \
             `group`, what that may do; with `resource`, who may do something with it. One of them \
             must be there, and each narrows the list. A grant that is there by several ways is told \
             once for each.",
        )
        .tag(GRANTS)
        .rights(reader())
        .parameter(Parameter::query("subject", "A user's id.").example("auth0|ann"))
        .parameter(Parameter::query(
            "role",
            "A role's id. Beside `subject`, what the user may do by it.",
        ))
        .parameter(Parameter::query(
            "group",
            "The id of a group of Camunda's. Beside `subject`, what the user may do by it; not \
             beside `role`.",
        ))
        .parameter(Parameter::query("permission", "A permission's name."))
        .parameters(resource("The identifier of what the permission belongs to."))
        .parameters(realms())
        .parameter(as_of())
        .answers(
            200,
            "A page of grants",
            Content::json("Grants")
                .sample("of a subject", include_str!("samples/grants.json"))
                .sample("a page of a resource", include_str!("samples/grants-page.json")),
        );
    paged(operation, "`next` of the page before.")
}

pub(crate) fn check() -> Operation {
    let question = json!({
        "subject": "auth0|ann",
        "permission": "read:invoices",
        "resource": "https://invoices.example.com/",
    });
    let other = json!({
        "subject": "auth0|ann",
        "permission": "pay:invoices",
        "resource": "https://invoices.example.com/",
        "realm": "auth0",
    });
    asks(Operation::post(
        "/v1/check",
        "check",
        "Ask whether somebody may do something",
    ))
    .described(
        "One question, or up to 1,000, all answered as of one point of history, in order. Each \
             yes says by what way, and which entry opened it.",
    )
    .tag(GRANTS)
    .rights(reader())
    .parameter(as_of())
    .body([Content::json("Checks")
        .example("one question", question.clone())
        .example("several questions", json!({ "checks": [question, other] }))])
    .answers(
        200,
        "The answer, or the answers in the order of the questions",
        Content::json("Checked")
            .sample("one question", include_str!("samples/check.json"))
            .sample("several questions", include_str!("samples/checks.json")),
    )
    .problems(&[
        &pages::EMPTY_BODY,
        &pages::BODY_INTERRUPTED,
        &pages::BODY_TIMED_OUT,
        &pages::TOO_DEEP,
        &pages::TOO_LARGE,
        &pages::UNSUPPORTED_MEDIA_TYPE,
    ])
}

pub(crate) fn explain() -> Operation {
    read(
        "/v1/explain",
        "explain",
        "Say why somebody may do something, or who took it away",
    )
    .described(
        "A yes tells every way: the nouns and edges that it rests on, each with the entry that \
             made it. A no tells the entry that last took the permission away and the ways that it \
             closed, or which of the names nobody bears.",
    )
    .tag(GRANTS)
    .rights(reader())
    .parameter(
        Parameter::query("subject", "A user's id.")
            .required()
            .example("auth0|ann"),
    )
    .parameter(
        Parameter::query("permission", "A permission's name.")
            .required()
            .example("read:invoices"),
    )
    .parameters(resource(
        "The identifier of what the permission belongs to; needed.",
    ))
    .parameters(realms())
    .parameter(as_of())
    .parameter(limit("Ways that are told."))
    .answers(
        200,
        "The answer with its reasons",
        Content::json("Explanation")
            .sample("a yes", include_str!("samples/explain-yes.json"))
            .sample("a no", include_str!("samples/explain-no.json")),
    )
}

pub(crate) fn changes() -> Operation {
    let operation = read(
        "/v1/changes",
        "listChanges",
        "Read the feed, or wait for what comes",
    )
    .described(
        "Entries after `after`, in order, without a gap, from the first one for ever. Go on from \
             the checkpoint: nothing is missed and nothing comes twice. With `wait_ms`, an answer \
             without changes comes only when nothing happened for so long.",
    )
    .tag(FEED)
    .rights(reader())
    .parameter(
        Parameter::query(
            "after",
            "The number of the last entry that is known; 0 for none.",
        )
        .at_least(0)
        .default(0)
        .example(0),
    )
    .parameter(limit("Entries on a page."))
    .parameter(
        Parameter::query("wait_ms", "How long to wait for an entry.")
            .at_least(0)
            .default(0),
    );
    filtered(operation).answers(
        200,
        "What happened, and up to where that is everything",
        Content::json("Changes").sample("a change", include_str!("samples/changes.json")),
    )
}

/// What the feed may be narrowed by.
fn filtered(operation: Operation) -> Operation {
    operation
        .parameter(Parameter::query(
            "subject",
            "A user's id. What may take something from it unnamed passes too: the end of any noun, \
             every change of what a role holds.",
        ))
        .parameter(Parameter::query(
            "role",
            "A role's id. The end of any noun passes too.",
        ))
        .parameter(realm("Of nouns of this realm."))
        .parameter(Parameter::query(
            "kind",
            "The name of a command, or of a fact, such as `RolePermissionRevoked`.",
        ))
        .parameter(Parameter::query("actor", "The subject of who asked."))
}

pub(crate) fn stream() -> Operation {
    let told = "retry: 500\n\nid: 13\nevent: change\ndata: {\"position\":\"0-13\",…}\n\n\
                id: 13\nevent: checkpoint\ndata: {\"tenant_seq\":13}\n\n";
    let operation = read("/v1/changes/stream", "streamChanges", "Follow the feed as it happens")
        .described(
            "Server-sent events. `change` has an entry (schema `FeedChange`); `checkpoint`, when it \
             is quiet, how far that is everything (`Checkpoint`); `lagged` and `end` close the \
             stream (`Farewell`). The id of each is a `tenant_seq`: whoever is cut off goes on with \
             `Last-Event-ID`, as an `EventSource` does by itself.",
        )
        .tag(FEED)
        .rights(reader())
        .parameter(
            Parameter::query("after", "The number of the last entry that is known; 0 for none.")
                .at_least(0)
                .default(0)
                .example(0),
        )
        .parameter(Parameter::header(
            "Last-Event-ID",
            "The id of the last event that was seen; it wins over `after`.",
        ));
    filtered(operation).answers(
        200,
        "Events without end",
        Content::of("text/event-stream", "EventStream").example("a change, then quiet", told),
    )
}

pub(crate) fn entry() -> Operation {
    read("/v1/entries/{position}", "getEntry", "Show an entry")
        .described(
            "A command as it was decided: what was asked, by whom, why, and what came of it.",
        )
        .tag(HISTORY)
        .rights(reader_or_auditor())
        .parameter(position())
        .answers(
            200,
            "The entry",
            Content::json("Entry").sample("a revocation", include_str!("samples/entry.json")),
        )
        .problems(&[&pages::NOT_FOUND, &pages::BAD_PATH])
}

pub(crate) fn effects() -> Operation {
    let operation = read(
        "/v1/entries/{position}/effects",
        "listEffects",
        "List the grants that an entry opened or closed",
    )
    .described(
        "What followed from the entry: the end of a role takes it from everybody who had it, that of \
         a permission takes it from all who held it. `remains` says of a direct grant that was lost \
         whether a role still gives it. An authorization is told with what it was `before` and \
         `after`.",
    )
    .tag(HISTORY)
    .rights(reader_or_auditor())
    .parameter(position())
    .answers(
        200,
        "A page of effects",
        Content::json("Effects")
            .sample("of a revocation", include_str!("samples/effects.json"))
            .sample(
                "of an authorization's change",
                include_str!("samples/effects-authorization.json"),
            ),
    )
    .problems(&[&pages::NOT_FOUND, &pages::BAD_PATH]);
    paged(operation, "`next` of the page before.")
}

fn position() -> Parameter {
    Parameter::path("position", "Where the entry is: `partition-seq`.", "0-13")
}

pub(crate) fn history() -> Operation {
    let noun = |name, description| Parameter::query(name, description);
    let operation = read("/v1/history", "listHistory", "Show what happened")
        .described(
            "What concerned a noun, what somebody did, what happened when. Asked for several, what \
             concerned all of them; one of the parameters must be there. An entry that removed a \
             permission, an API, a role or a group concerns each user and role that held it: it \
             comes with `changed`, and what it took from whom is behind `effects`. What somebody \
             held by a role is in the history of the role.",
        )
        .tag(HISTORY)
        .rights(reader_or_auditor())
        .parameter(noun("role", "A role's id.").example("rol_dVEYVQn0lpH6TM7s"))
        .parameter(noun("user", "A user's id."))
        .parameter(noun("subject", "The same as `user`."))
        .parameter(noun("api", "An API's identifier or id."))
        .parameter(noun("resource", "The same as `api`."))
        .parameter(noun("permission", "A permission's name."))
        .parameter(noun(
            "permission_id",
            "The id of a permission of Nest Auth's.",
        ))
        .parameter(noun("admin", "The id of an admin of Nest Auth's."))
        .parameter(noun("group", "A group's id."))
        .parameter(noun("authorization", "An authorization's id."))
        .parameter(noun("actor", "The subject of who asked."))
        .parameter(noun("from", "This instant of log time or later.").instant())
        .parameter(noun("to", "This instant of log time or earlier.").instant())
        .parameter(realm("Of nouns of this realm; of all if absent."))
        .parameter(noun("order", "Which entries come first.").one_of(["newest", "oldest"]))
        .answers(
            200,
            "A page of entries",
            Content::json("History").sample("of a role", include_str!("samples/history.json")),
        );
    paged(operation, "`next` of the page before.")
}
