//! An entry as the feed tells it: `GET /v1/changes`, its stream, and `writ.changes`.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use crate::restore::SEAL_KIND;
use crate::v1::{Actor, CommandId, Fact, Hex32, Mirror, Outcome, Time};
use crate::{Hash, json, shown};

/// A decided command: who asked for what, how it ended, what happened.
///
/// Fields about the command are absent if its record could not be read (outcome `invalid`), and
/// all but `kind` if it is the `seal` of a restored log.
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
    /// The command's name, or `seal`.
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
    /// What happened, in order, with `withheld` in place of hashes of passwords. Empty unless the outcome is `applied`, or if `facts_omitted`.
    facts: Vec<Fact>,
    /// How many facts were left out of a message that would be too large. The entry has them:
    /// `GET /v1/entries/{position}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    facts_omitted: Option<u64>,
    /// The entry's hash: that of its partition's chain, up to and including it.
    hash: Hex32,
}

/// What the record of an entry was.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// A command and its stamp.
    Command(&'a domain::Submission),
    /// The end of what was restored.
    Seal,
    /// It could not be read.
    Broken,
}

/// What a [`Change`] is told from.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// What its record was.
    pub about: About<'a>,
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
        let (kind, stamp) = match entry.about {
            About::Command(submission) => {
                (Some(submission.command.kind()), Some(&submission.stamp))
            }
            About::Seal => (Some(SEAL_KIND), None),
            About::Broken => (None, None),
        };
        Self {
            position: entry.placement.position.to_string(),
            tenant_seq: Mirror::of(&entry.placement.tenant_seq),
            time: Mirror::of(&entry.placement.time),
            command_id: stamp.map(|stamp| Mirror::of(&stamp.command_id)),
            kind: kind.map(str::to_owned),
            actor: stamp.map(|stamp| Mirror::of(&stamp.actor)),
            reason: stamp.and_then(|stamp| stamp.reason.clone()),
            ticket: stamp.and_then(|stamp| stamp.ticket.clone()),
            request_id: stamp.and_then(|stamp| stamp.request_id.clone()),
            outcome: Mirror::of(entry.outcome),
            facts: entry.facts.iter().map(shown::fact).collect(),
            facts_omitted: None,
            hash: Mirror::of(&entry.hash.0),
        }
    }

    /// Tells an entry, and of its facts only how many there are.
    #[must_use]
    pub fn without_facts(entry: &Entry<'_>) -> Self {
        let omitted = u64::try_from(entry.facts.len()).unwrap_or(u64::MAX);
        Self {
            facts_omitted: Some(omitted),
            ..Self::new(&Entry {
                facts: &[],
                ..*entry
            })
        }
    }

    /// Compact JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::compact(self)
    }
}
