//! What clients are told of the write routes.

use serde_json::{Value, json};
use writ_http::document::{
    BEARER, Content, Document, Operation, Parameter, Rights, Schemas, object,
};
use writ_http::problem::{Page, pages};

use super::scopes;

const COMMANDS: &str = "Commands";
const ID: &str = "01a20205-2098-703f-9970-50e763ac7699";

/// Everything that is said of the routes here. What a command is, `writ-envelope` says.
pub(super) fn document(operations: Vec<Operation>) -> Document {
    Document::new()
        .tag(
            COMMANDS,
            "Changes of the ledger in its own words, in every realm.",
        )
        .operations(operations)
        .schemas(schemas())
}

fn schemas() -> Schemas {
    let referred = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let text = |description: &str| json!({ "type": "string", "description": description });
    let seq = json!({ "type": "integer", "minimum": 0, "description": "The entry's number." });
    let submission = one_of(
        "A command, or a batch of them: all or none, in order.",
        ["command", "batch"],
        &json!({
            "command": referred("Command"),
            "batch": { "type": "array", "items": referred("Command"), "minItems": 1 },
            "expected": referred("Expected"),
            "not_after": {
                "type": "string",
                "format": "date-time",
                "description": "Past it the command has no effect.",
            },
            "dry_run": {
                "type": "boolean",
                "description": "Says what would become of it, and does nothing.",
            },
        }),
    );
    let expected = json!({
        "description": "What the caller believes of the noun that the command changes: that no entry \
            after this one changed it, that this one changed it last, or that nothing did since a \
            `Writ-Revision`.",
        "oneOf": [
            object("By a number.", json!({ "unchanged_since": seq })),
            object("By the last change.", json!({ "changed_at": seq })),
            object("By a revision.", json!({ "revision": text("A `Writ-Revision`.") })),
        ],
    });
    answers(Schemas::new())
        .with("Submission", submission)
        .with("Expected", expected)
        .with(
            "Submitted",
            json!({ "oneOf": [referred("Decided"), referred("Rehearsed")] }),
        )
        .with(
            "CommandStatus",
            json!({ "oneOf": [referred("Decided"), referred("Appended")] }),
        )
}

/// What is answered.
fn answers(schemas: Schemas) -> Schemas {
    let referred = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let text = |description: &str| json!({ "type": "string", "description": description });
    let seq = json!({ "type": "integer", "minimum": 0, "description": "The entry's number." });
    let facts = json!({ "type": "array", "items": referred("Fact") });
    let decided = object(
        "A command that was decided: its entry.",
        json!({
            "command_id": { "type": ["string", "null"], "description": "The command's id." },
            "state": { "const": "decided" },
            "position": text("Where the entry is."),
            "tenant_seq": seq,
            "revision": text("The entry's revision."),
            "outcome": referred("Outcome"),
            "facts": facts,
        }),
    );
    let appended = object(
        "A command that is in the log; what becomes of it is not known yet.",
        json!({ "command_id": text("The command's id."), "state": { "const": "appended" } }),
    );
    let rehearsed = object(
        "What would become of a command. Nothing was recorded.",
        json!({
            "dry_run": { "const": true },
            "tenant_seq": seq,
            "revision": text("The point of history that it was tried at."),
            "outcome": referred("Outcome"),
            "facts": facts,
        }),
    );
    schemas
        .with("Decided", decided)
        .with("Appended", appended)
        .with("Rehearsed", rehearsed)
}

/// An object with exactly one of these members.
fn one_of(description: &str, members: [&str; 2], properties: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "oneOf": members.map(|member| json!({ "required": [member] })),
        "additionalProperties": false,
    })
}

pub(super) fn submit() -> Operation {
    let create = json!({ "command": { "type": "CreateRole", "id": "auditor", "name": "Auditor" } });
    let batch = json!({
        "batch": [
            { "type": "CreateRole", "id": "clerk", "name": "Clerk" },
            { "type": "RegisterUser", "id": "bob", "profile": {} },
            { "type": "AssignRoleUsers", "role": "clerk", "users": ["bob"] },
        ],
        "not_after": "2099-01-01T00:00:10Z",
    });
    let expecting = json!({
        "command": { "type": "UpdateRole", "role": "auditor", "name": "Auditors" },
        "expected": { "unchanged_since": 4096 },
    });
    let rehearse = json!({
        "command": { "type": "DeleteRole", "role": "auditor" },
        "dry_run": true,
    });
    written(Operation::post(
        "/v1/commands",
        "submitCommand",
        "Submit a command, or a batch",
    ))
    .described(
        "Answered when it is decided and committed. An absent `realm` is `native`; an absent \
             `id` of a new noun is minted. Needs `ledger:write`, and for each command the scope of \
             the Auth0 route that does the same.",
    )
    .parameter(
        Parameter::query("dry_run", "The same as in the body.")
            .boolean()
            .default(false),
    )
    .body([Content::json("Submission")
        .example("a command", create)
        .example("a batch", batch)
        .example("an expectation", expecting)
        .example("a rehearsal", rehearse)])
    .answers(
        200,
        "It had its effect, or none was needed",
        Content::json("Submitted")
            .example("a command", decided())
            .example("a rehearsal", rehearsed()),
    )
    .answers(
        202,
        "It is in the log, and was not decided in time",
        appended(),
    )
    .carries(202, &["Location"])
    .problems(REJECTED)
}

/// What may be wrong with a command.
const REJECTED: &[&Page] = &[
    &pages::EMPTY_BODY,
    &pages::TOO_DEEP,
    &pages::NO_SUCH_API,
    &pages::NO_SUCH_PERMISSION,
    &pages::NO_SUCH_ROLE,
    &pages::NO_SUCH_USER,
    &pages::NO_SUCH_GROUP,
    &pages::NO_SUCH_AUTHORIZATION,
    &pages::NO_SUCH_ADMIN,
    &pages::EXISTS,
    &pages::IS_SYSTEM,
    &pages::NOT_IN_REALM,
    &pages::LAST_ADMIN,
    &pages::PERMISSION_TWICE,
    &pages::PERMISSION_RESERVED,
    &pages::LIMIT_REACHED,
    &pages::BAD_TEXT,
    &pages::INVALID_ID,
    &pages::BAD_AUTHORIZATION,
    &pages::NOT_IN_BATCH,
    &pages::CANCELLED,
    &pages::HISTORY_FORKED,
    &pages::STALE,
    &pages::UNSUPPORTED_MEDIA_TYPE,
];

pub(super) fn cancel() -> Operation {
    written(Operation::post(
        "/v1/commands/{id}/cancel",
        "cancelCommand",
        "Cancel a command that is not decided yet",
    ))
    .described(
        "Whichever is first in the log wins. The answer is that of the cancel, not of the command.",
    )
    .parameter(id())
    .answers(
        200,
        "The command will have no effect",
        Content::json("Decided").example("a cancel", cancelled()),
    )
    .answers(
        202,
        "The cancel is in the log, and was not decided in time",
        appended(),
    )
    .carries(202, &["Location"])
    .problems(&[
        &pages::ALREADY_DECIDED,
        &pages::NO_SUCH_COMMAND,
        &pages::BAD_PATH,
    ])
}

pub(super) fn status() -> Operation {
    Operation::get(
        "/v1/commands/{id}",
        "getCommand",
        "Show how a command stands",
    )
    .tag(COMMANDS)
    .rights(Rights::scopes(BEARER, &[scopes::STATUS]))
    .parameter(id())
    .headers(&["X-Request-Id"])
    .answers(
        200,
        "How it stands",
        Content::json("CommandStatus")
            .example("decided", decided())
            .example(
                "waited for",
                json!({ "command_id": ID, "state": "appended" }),
            ),
    )
    .carries(200, &["Writ-Revision"])
    .problems(&[&pages::MALFORMED, &pages::BAD_PATH, &pages::NO_SUCH_COMMAND])
    .guarded()
}

fn id() -> Parameter {
    Parameter::path("id", "The command's id.", ID)
}

/// What all writes take and may answer.
fn written(operation: Operation) -> Operation {
    operation
        .tag(COMMANDS)
        .rights(Rights::scopes(BEARER, &[&["ledger:write"]]))
        .headers(&[
            "Writ-Reason",
            "Writ-Ticket",
            "Writ-On-Behalf-Of",
            "Idempotency-Key",
            "X-Request-Id",
        ])
        .problems(&[
            &pages::MALFORMED,
            &pages::BAD_HEADER,
            &pages::BODY_INTERRUPTED,
            &pages::BODY_TIMED_OUT,
            &pages::TOO_LARGE,
            &pages::IDEMPOTENCY_KEY_REUSED,
            &pages::EXPIRED,
        ])
        .guarded()
        .carries(200, &["Writ-Revision", "Idempotent-Replayed"])
}

fn decided() -> Value {
    json!({
        "command_id": ID,
        "state": "decided",
        "position": "0-14",
        "tenant_seq": 14,
        "revision": "AQAAAAAAAAAOyczqiNiaCvZkZWZhdWx0",
        "outcome": { "type": "applied" },
        "facts": [{
            "type": "RoleCreated",
            "key": 14_680_064,
            "realm": "native",
            "id": "auditor",
            "name": "Auditor",
        }],
    })
}

fn cancelled() -> Value {
    json!({
        "command_id": "01a20205-2288-7744-9f74-9e2a92cec347",
        "state": "decided",
        "position": "0-18",
        "tenant_seq": 18,
        "revision": "AQAAAAAAAAASncdXZBC661FkZWZhdWx0",
        "outcome": { "type": "applied" },
        "facts": [{ "type": "CommandCancelled", "command": ID }],
    })
}

fn rehearsed() -> Value {
    json!({
        "dry_run": true,
        "tenant_seq": 18,
        "revision": "AQAAAAAAAAASncdXZBC661FkZWZhdWx0",
        "outcome": { "type": "applied" },
        "facts": [{
            "type": "RoleDeleted",
            "role": { "key": 14_680_064, "realm": "native", "id": "auditor" },
            "name": "Auditor",
        }],
    })
}

fn appended() -> Content {
    let body = json!({ "command_id": ID, "state": "appended" });
    Content::json("Appended").example("not decided yet", body)
}
