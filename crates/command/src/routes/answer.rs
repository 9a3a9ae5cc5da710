//! Answers of the native write routes.

use core::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;
use writ_domain::{CommandId, GenericUuid as _, NounKind, Outcome, TenantId};
use writ_envelope::{outcome_json, shown_facts_json};
use writ_http::revision::WRIT_REVISION;
use writ_http::{Problem, Revision};

use super::revision_of;
use crate::{Decided, Refused, Rehearsed, SubmitError};

const SOON: Duration = Duration::from_secs(1);

/// On an answer that was given before. A header, so that the body is the first one's to the byte.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const YES: HeaderValue = HeaderValue::from_static("true");

#[derive(Serialize)]
struct DecidedBody<'a> {
    command_id: Option<String>,
    state: &'static str,
    position: String,
    tenant_seq: u64,
    revision: String,
    outcome: &'a RawValue,
    facts: &'a RawValue,
}

#[derive(Serialize)]
struct AppendedBody {
    command_id: String,
    state: &'static str,
}

#[derive(Serialize)]
struct RehearsedBody<'a> {
    dry_run: bool,
    tenant_seq: u64,
    revision: String,
    outcome: &'a RawValue,
    facts: &'a RawValue,
}

/// The answer to a submission.
pub(super) fn submitted(outcome: Result<Decided, SubmitError>) -> Result<Response, Problem> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(SubmitError::Undecided { command_id }) => return Ok(not_known_yet(command_id)),
        Err(other) => return Err(failed(other)),
    };
    let problem = match &answer.entry.outcome {
        Outcome::Applied | Outcome::Unchanged => return Ok(decided(&answer)),
        Outcome::Rejected(rejection) => Problem::from(rejection),
        Outcome::Denied(denial) => Problem::from(denial),
        Outcome::Expired => Problem::expired(),
        Outcome::Duplicate { .. } | Outcome::Invalid { .. } => Problem::internal(format!(
            "command {:?} ended as {}",
            answer.entry.command_id,
            answer.entry.outcome.kind()
        )),
    };
    Err(on_record(problem, &answer))
}

/// The answer that shows an entry, however it ended.
pub(super) fn decided(decided: &Decided) -> Response {
    let Decided {
        entry,
        replayed,
        revision,
    } = decided;
    let outcome = raw(outcome_json(&entry.outcome));
    let facts = raw(shown_facts_json(&entry.facts));
    let body = DecidedBody {
        command_id: entry.command_id.map(|id| id.to_string()),
        state: "decided",
        position: entry.position.to_string(),
        tenant_seq: entry.tenant_seq.0,
        revision: revision.to_string(),
        outcome: &outcome,
        facts: &facts,
    };
    let mut response = json(StatusCode::OK, &body, Some(revision));
    if *replayed {
        response.headers_mut().insert(REPLAYED, YES);
    }
    response
}

/// The answer while the outcome is waited for.
pub(super) fn appended(id: CommandId) -> Response {
    json(
        StatusCode::OK,
        &AppendedBody {
            command_id: id.to_string(),
            state: "appended",
        },
        None,
    )
}

fn not_known_yet(id: CommandId) -> Response {
    let body = AppendedBody {
        command_id: id.to_string(),
        state: "appended",
    };
    let mut response = json(StatusCode::ACCEPTED, &body, None);
    if let Ok(location) = HeaderValue::try_from(format!("/v1/commands/{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// What would become of a command.
pub(super) fn rehearsed(tenant: &TenantId, rehearsed: &Rehearsed) -> Response {
    let revision = revision_of(tenant, &rehearsed.head);
    let outcome = raw(outcome_json(&rehearsed.outcome));
    let facts = raw(shown_facts_json(&rehearsed.facts));
    let body = RehearsedBody {
        dry_run: true,
        tenant_seq: revision.tenant_seq.0,
        revision: revision.to_string(),
        outcome: &outcome,
        facts: &facts,
    };
    json(StatusCode::OK, &body, Some(&revision))
}

/// A refusal, with the entry that records it.
pub(super) fn refused(problem: Problem, refused: &Refused) -> Problem {
    match refused {
        Refused::Recorded(decided) => on_record(problem, decided),
        Refused::Counted => problem,
    }
}

/// A problem that an entry records.
fn on_record(problem: Problem, decided: &Decided) -> Problem {
    let Decided {
        entry,
        replayed,
        revision,
    } = decided;
    let outcome: Value = serde_json::from_str(&outcome_json(&entry.outcome)).unwrap_or_default();
    let problem = match entry.command_id {
        Some(id) => problem.with_extension("command_id", id.to_string()),
        None => problem,
    };
    let problem = if *replayed {
        problem.with_header(REPLAYED, YES)
    } else {
        problem
    };
    problem
        .with_extension("position", entry.position.to_string())
        .with_extension("tenant_seq", entry.tenant_seq.0)
        .with_extension("revision", revision.to_string())
        .with_extension("outcome", outcome)
        .with_header(WRIT_REVISION, HeaderValue::from(revision))
}

/// A submission that has no outcome.
pub(super) fn failed(error: SubmitError) -> Problem {
    match error {
        SubmitError::Unavailable {
            retry_after,
            source,
        } => Problem::unavailable(retry_after).with_internal(source),
        SubmitError::Halted { retry_after, .. } => Problem::halted(retry_after),
        SubmitError::Undecided { command_id } => {
            Problem::deadline_passed(SOON).with_extension("command_id", command_id.to_string())
        }
        SubmitError::Unread { command_id, source } => Problem::unavailable(SOON)
            .with_extension("command_id", command_id.to_string())
            .with_internal(source),
        SubmitError::TooLarge { limit_bytes } => Problem::too_large(limit_bytes),
        SubmitError::BadStamp { source } => Problem::malformed(source.to_string()),
    }
}

/// The store could not be asked.
pub(super) fn store(error: writ_store::Error) -> Problem {
    if error.is_transient() {
        Problem::unavailable(SOON).with_internal(error)
    } else {
        Problem::internal(error)
    }
}

/// The ledger has not come to a revision in time.
pub(super) fn behind() -> Problem {
    Problem::unavailable(SOON).with_detail("the ledger has not come to that revision in time")
}

/// An id for a new noun, of the form that its realms take.
pub(super) fn noun_id(kind: NounKind, id: &CommandId) -> String {
    let uuid: Uuid = id.into_untyped_uuid();
    let digits = uuid.simple().to_string();
    let last = |count: usize| {
        digits
            .get(digits.len().saturating_sub(count)..)
            .unwrap_or_default()
    };
    match kind {
        NounKind::Api => last(24).to_owned(),
        NounKind::Role => format!("rol_{}", last(16)),
        NounKind::User => format!("usr_{}", last(24)),
        NounKind::Group => format!("grp{}", last(24)),
        NounKind::Authorization | NounKind::Permission | NounKind::Admin => uuid.to_string(),
    }
}

fn json(status: StatusCode, body: &impl Serialize, revision: Option<&Revision>) -> Response {
    let text = match serde_json::to_string(body) {
        Ok(text) => text,
        Err(error) => return Problem::internal(error).into_response(),
    };
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(revision) = revision {
        revision.set_on(headers);
    }
    response
}

/// Canonical texts are JSON.
fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_default()
}
