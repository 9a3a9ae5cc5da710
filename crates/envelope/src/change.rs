//! An entry as the feed tells it: `GET /v1/changes`, its stream, and `writ.changes`.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use crate::v1::{Actor, CommandId, Fact, Hex32, Mirror, Outcome, Time};
use crate::{Hash, json};

/// A decided command: who asked for what, how it ended, what happened.
///
/// Fields about the command are absent if its record could not be read (outcome `invalid`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Change {
    /// Where the entry stands in its partition: `partition-seq`.
    #[schemars(extend("pattern" = r"^\d+-\d+$"))]
    position: String,
    /// Where the entry stands in its tenant. Without gaps: a consumer resumes after the last seen.
    tenant_seq: u64,
    /// The log's time.
    time: Time,
    /// The command's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    command_id: Option<CommandId>,
    /// The command's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor>,
    /// Why, in the caller's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The caller's ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// The id of the HTTP request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// How the command ended.
    outcome: Outcome,
    /// What happened, in order. Empty unless the outcome is `applied`.
    facts: Vec<Fact>,
    /// The entry's hash: that of its partition's chain, up to and including it.
    hash: Hex32,
}

/// What a [`Change`] is told from.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The command and its stamp; absent if the record could not be read.
    pub submission: Option<&'a domain::Submission>,
    /// Where and when.
    pub placement: &'a domain::Placement,
    /// How it ended.
    pub outcome: &'a domain::Outcome,
    /// What happened.
    pub facts: &'a [domain::Fact],
    /// The chain's hash.
    pub hash: &'a Hash,
}

impl Change {
    /// Tells an entry.
    #[must_use]
    pub fn new(entry: &Entry<'_>) -> Self {
        let stamp = entry.submission.map(|submission| &submission.stamp);
        Self {
            position: entry.placement.position.to_string(),
            tenant_seq: Mirror::of(&entry.placement.tenant_seq),
            time: Mirror::of(&entry.placement.time),
            command_id: stamp.map(|stamp| Mirror::of(&stamp.command_id)),
            kind: entry
                .submission
                .map(|submission| submission.command.kind().to_owned()),
            actor: stamp.map(|stamp| Mirror::of(&stamp.actor)),
            reason: stamp.and_then(|stamp| stamp.reason.clone()),
            ticket: stamp.and_then(|stamp| stamp.ticket.clone()),
            request_id: stamp.and_then(|stamp| stamp.request_id.clone()),
            outcome: Mirror::of(entry.outcome),
            facts: entry.facts.iter().map(Mirror::of).collect(),
            hash: Mirror::of(&entry.hash.0),
        }
    }

    /// Compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::compact(self)
    }
}
