//! What one transaction of the owner writes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use writ_domain::state::Changes;
use writ_domain::{
    Fact, NounRef, Offset, Outcome, Partition, Position, Seq, Submission, TenantId, TenantSeq,
};
use writ_envelope::hash::Hash;
use writ_log::Record;

use super::session::Cursor;
use crate::entries::Entry;

/// One decided record.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Where its entry stands.
    pub position: Position,
    /// Whose entry.
    pub tenant: TenantId,
    /// Where it stands in its tenant.
    pub tenant_seq: TenantSeq,
    /// Where the log has the record.
    pub offset: Offset,
    /// The log's time, clamped.
    pub time: DateTime<Utc>,
    /// The record as the log returned it, without the mark of a restore.
    pub record: Record,
    /// What it asked; absent where it could not be read, and of a seal.
    pub submission: Option<Submission>,
    /// The command's name, or `seal`; empty where it could not be read.
    pub kind: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What happened.
    pub facts: Vec<Fact>,
    /// The outcome as it was hashed.
    pub outcome_json: String,
    /// The facts as they were hashed.
    pub facts_json: String,
    /// Hash of the entry.
    pub leaf: Hash,
    /// Hash of the chain up to the entry.
    pub chain: Hash,
    /// Whether this entry decided its command id.
    pub remembers_command: bool,
    /// Whether this entry holds its idempotency key.
    pub holds_key: bool,
    /// The rows that it changed.
    pub changes: Changes,
    /// The nouns that it concerns, and whether it changed them.
    pub concerns: BTreeMap<NounRef, bool>,
}

/// One transaction: entries in the order of the log, and the cursor after them.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The cursor that was locked.
    pub before: Cursor,
    /// The cursor to move to.
    pub after: Cursor,
    /// The version of the rules that decided.
    pub rules_version: u32,
    /// The entries.
    pub entries: Vec<Decided>,
}

impl Batch {
    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.before.partition
    }

    /// The last seq that the batch gives out.
    #[must_use]
    pub fn last_seq(&self) -> Seq {
        self.after.seq
    }
}

impl Decided {
    /// The entry as readers know it.
    #[must_use]
    pub fn into_entry(self, rules_version: u32) -> Entry {
        let stamp = self.submission.as_ref().map(|submission| &submission.stamp);
        Entry {
            position: self.position,
            tenant: self.tenant,
            tenant_seq: self.tenant_seq,
            offset: self.offset,
            time: self.time,
            command_id: stamp.map(|stamp| stamp.command_id),
            subject: stamp
                .map(|stamp| stamp.actor.subject.clone())
                .unwrap_or_default(),
            kind: self.kind.to_owned(),
            submission: self.submission,
            outcome: self.outcome,
            facts: self.facts,
            rules_version,
            leaf: self.leaf,
            chain: self.chain,
        }
    }
}

impl Batch {
    /// The entries as readers know them.
    #[must_use]
    pub fn into_entries(self) -> Vec<Entry> {
        let rules_version = self.rules_version;
        self.entries
            .into_iter()
            .map(|entry| entry.into_entry(rules_version))
            .collect()
    }
}
