//! The body of `POST /v1/commands`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use writ_domain::{Command, Expected, NounKind, TenantSeq};
use writ_envelope::{Fault, command_from_json};
use writ_http::body::Received;
use writ_http::{Problem, Revision};

/// What is asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) command: Command,
    pub(super) expected: Option<Expectation>,
    pub(super) not_after: Option<DateTime<Utc>>,
    pub(super) dry_run: bool,
}

/// What the caller believes of the noun.
#[derive(Debug)]
pub(super) enum Expectation {
    /// By the number of an entry.
    Numbered(Expected),
    /// By a revision: it has not changed since.
    Revision(Revision),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    #[serde(borrow)]
    command: Option<&'a RawValue>,
    #[serde(borrow)]
    batch: Option<&'a RawValue>,
    expected: Option<ExpectedBody>,
    not_after: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedBody {
    unchanged_since: Option<u64>,
    changed_at: Option<u64>,
    revision: Option<String>,
}

/// Reads the body and the query.
pub(super) fn asked(
    received: &Received,
    query: Option<&str>,
    ids: &mut dyn FnMut(NounKind) -> String,
) -> Result<Asked, Problem> {
    // Format, depth, and that it is JSON at all; the shape is read from the bytes, in which
    // nothing was lost yet.
    received.json()?;
    let body: Body<'_> = serde_json::from_slice(&received.bytes)
        .map_err(|error| Problem::malformed(format!("the body is not a request: {error}")))?;
    let dry_run = body.dry_run | dry_run_of(query)?;
    let command = match (body.command, body.batch) {
        (Some(command), None) => command_from_json(command.get().as_bytes(), ids)
            .map_err(|fault| malformed(&fault, "/command", &fault.path)),
        (None, Some(batch)) => {
            let whole = format!(r#"{{"type":"Batch","commands":{}}}"#, batch.get());
            command_from_json(whole.as_bytes(), ids).map_err(|fault| {
                let path = fault.path.strip_prefix("/commands").unwrap_or(&fault.path);
                malformed(&fault, "/batch", path)
            })
        }
        (Some(_), Some(_)) | (None, None) => Err(Problem::malformed(
            "the body must have either `command` or `batch`",
        )),
    }?;
    Ok(Asked {
        command,
        expected: body.expected.map(expectation).transpose()?,
        not_after: body.not_after.as_deref().map(instant).transpose()?,
        dry_run,
    })
}

fn malformed(fault: &Fault, member: &str, path: &str) -> Problem {
    let pointer = format!("{member}{path}");
    Problem::malformed(format!("{pointer}: {}", fault.problem)).with_extension("pointer", pointer)
}

fn expectation(body: ExpectedBody) -> Result<Expectation, Problem> {
    match (body.unchanged_since, body.changed_at, body.revision) {
        (Some(seq), None, None) => Ok(Expectation::Numbered(Expected::UnchangedSince(TenantSeq(
            seq,
        )))),
        (None, Some(seq), None) => Ok(Expectation::Numbered(Expected::ChangedAt(TenantSeq(seq)))),
        (None, None, Some(text)) => match text.parse() {
            Ok(revision) => Ok(Expectation::Revision(revision)),
            Err(error) => Err(Problem::malformed(format!("/expected/revision: {error}"))),
        },
        (_, _, _) => Err(Problem::malformed(
            "/expected: must have one of `unchanged_since`, `changed_at`, `revision`",
        )),
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, Problem> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Ok(instant.to_utc()),
        Err(error) => Err(Problem::malformed(format!(
            "/not_after: {error} (RFC 3339 is read)"
        ))),
    }
}

/// The query of `POST /v1/commands` has `dry_run` or nothing.
fn dry_run_of(query: Option<&str>) -> Result<bool, Problem> {
    match query {
        None | Some("" | "dry_run=false") => Ok(false),
        Some("dry_run=true") => Ok(true),
        Some(other) => Err(unknown_key(other, "; `dry_run` is true or false, once")),
    }
}

/// Refuses any query.
pub(super) fn no_query(query: Option<&str>) -> Result<(), Problem> {
    match query {
        None | Some("") => Ok(()),
        Some(other) => Err(unknown_key(other, "")),
    }
}

fn unknown_key(query: &str, hint: &str) -> Problem {
    let keys = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default());
    let key = keys
        .clone()
        .find(|key| *key != "dry_run")
        .or(keys.clone().next());
    let key: String = key.unwrap_or_default().chars().take(64).collect();
    Problem::malformed(format!(
        "the query has {key:?}, which is not read here{hint}"
    ))
    .with_extension("key", key)
}
