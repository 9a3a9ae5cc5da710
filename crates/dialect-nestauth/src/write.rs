//! From a command to its outcome.

use axum::http::StatusCode;
use writ_command::{Decided, Request as Submission, SubmitError};
use writ_domain::{Command, Expected, Outcome, Rejection, TextProblem, malformed};
use writ_http::Revision;
use writ_store::entries::Entry;
use writ_store::reads::NestAdmin;

use crate::failure::Failure;
use crate::request::Ask;
use crate::router::Shared;

/// A command that was decided, and had effect or none was needed.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) entry: Entry,
    pub(crate) revision: Revision,
}

impl Written {
    /// The command on record: of a request that was sent again, the first one's.
    pub(crate) fn command(&self) -> Result<&Command, Failure> {
        let submission = self.entry.submission.as_ref();
        submission
            .map(|submission| &submission.command)
            .ok_or_else(|| Failure::internal(&NoCommand))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the entry that answers a command holds none, or not what it made")]
pub(crate) struct NoCommand;

/// Who asks: an admin, or somebody who is about to become one.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) subject: String,
    pub(crate) client: Option<String>,
}

impl From<&NestAdmin> for Who {
    fn from(admin: &NestAdmin) -> Self {
        Self {
            subject: admin.email.clone(),
            client: Some(admin.id.clone()),
        }
    }
}

/// Submits a command and waits for its outcome; a rejection is put into the product's words.
pub(crate) async fn submit(
    shared: &Shared,
    ask: &Ask,
    who: Who,
    (command, expected): (Command, Option<Expected>),
    words: impl Fn(&Rejection) -> Option<Failure>,
) -> Result<Written, Failure> {
    if let Some(rejection) = malformed(&command) {
        return Err(words(&rejection).unwrap_or_else(|| rejected(&rejection)));
    }
    let (caller, provenance, fingerprint) = ask.asked_by(shared, who.subject, who.client)?;
    let submission = Submission {
        caller,
        provenance,
        fingerprint,
        command,
        expected,
    };
    let decided = shared.state.commands.submit(submission).await;
    let Decided {
        entry, revision, ..
    } = decided.map_err(|error| failed(&error))?;
    let failure = match &entry.outcome {
        Outcome::Applied | Outcome::Unchanged => return Ok(Written { entry, revision }),
        Outcome::Rejected(rejection) => words(rejection).unwrap_or_else(|| rejected(rejection)),
        Outcome::Expired => Failure::unavailable(1),
        Outcome::Denied(_) | Outcome::Duplicate { .. } | Outcome::Invalid { .. } => {
            Failure::internal(&NoCommand)
        }
    };
    Err(failure.at(revision))
}

/// A rejection that no route has words of its own for.
fn rejected(rejection: &Rejection) -> Failure {
    match rejection {
        Rejection::BadText {
            field,
            problem: TextProblem::TooLong { limit_bytes },
        } => Failure::invalid(format!(
            "{field} must be shorter than or equal to {limit_bytes} bytes"
        )),
        // The product's database fails at what ours does not take either.
        Rejection::BadText { field, .. } => Failure::stumbled(
            StatusCode::BAD_REQUEST,
            "VALIDATION_FAILED",
            format!("{field} holds what cannot be kept"),
        ),
        Rejection::TooMany { limit, .. } => Failure::worded(
            StatusCode::BAD_REQUEST,
            format!("There can be at most {limit} of these"),
        )
        .or_code("LIMIT_REACHED"),
        Rejection::Stale { .. } => Failure::worded(
            StatusCode::PRECONDITION_FAILED,
            "The resource has changed since it was read",
        )
        .or_code("STALE"),
        Rejection::IdempotencyKeyReused { .. } => Failure::worded(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The idempotency key was used for another request",
        )
        .or_code("IDEMPOTENCY_KEY_REUSED"),
        Rejection::Cancelled { .. } => {
            Failure::worded(StatusCode::CONFLICT, "The command was cancelled").or_code("CANCELLED")
        }
        Rejection::NoSuchPermissionId { permission } => Failure::no_permission(permission),
        Rejection::NoSuchRole { role } => Failure::no_role(role),
        other => Failure::internal(&Unexpected { kind: other.kind() }),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a command of this dialect was rejected with {kind}")]
struct Unexpected {
    kind: &'static str,
}

/// A command whose outcome is not known.
pub(crate) fn failed(error: &SubmitError) -> Failure {
    match error {
        SubmitError::Unavailable { retry_after, .. } => {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "a command was not appended"
            );
            Failure::unavailable(retry_after.as_secs())
        }
        SubmitError::Halted { retry_after, .. } => Failure::unavailable(retry_after.as_secs()),
        // Decided later or never: asked again under the same key, the answer is the outcome.
        SubmitError::Undecided { .. } => Failure::unavailable(1),
        SubmitError::Unread { source, .. } => {
            tracing::warn!(
                error = source as &dyn std::error::Error,
                "an outcome was not read"
            );
            Failure::unavailable(1)
        }
        SubmitError::TooLarge { .. } => Failure::too_large(),
        SubmitError::BadStamp { .. } => Failure::header(error.to_string()),
    }
}
