//! A decided command.

use chrono::{DateTime, Utc};
use writ_domain::{
    CommandId, Fact, Offset, Outcome, Placement, Position, Submission, TenantId, TenantSeq,
};
use writ_envelope::change::{self, About, Change};
use writ_envelope::hash::chain8;
use writ_envelope::restore::SEAL_KIND;
use writ_envelope::{Hash, shown_command_json};

/// The first bytes of an entry's chain hash, which revisions carry.
pub type Chain8 = [u8; 8];

/// A decided command: what was asked, by whom, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands in its partition.
    pub position: Position,
    /// Whose ledger it stands in.
    pub tenant: TenantId,
    /// Where it stands there.
    pub tenant_seq: TenantSeq,
    /// The log's offset of its record.
    pub offset: Offset,
    /// The log's time, clamped to be monotone in the partition.
    pub time: DateTime<Utc>,
    /// The command's id; absent where the record could not be read.
    pub command_id: Option<CommandId>,
    /// The command's name, or [`SEAL_KIND`].
    pub kind: String,
    /// The subject of the actor.
    pub subject: String,
    /// The command and its stamp; absent where the record is invalid, and of a seal.
    pub submission: Option<Submission>,
    /// How it ended.
    pub outcome: Outcome,
    /// What happened.
    pub facts: Vec<Fact>,
    /// The rules it was decided by.
    pub rules_version: u32,
    /// The hash of the entry.
    pub leaf: Hash,
    /// The hash of the entry and all before it in the partition.
    pub chain: Hash,
}

/// The newest entry of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The entry.
    pub tenant_seq: TenantSeq,
    /// The first bytes of its chain hash.
    pub chain8: Chain8,
    /// Its time.
    pub time: DateTime<Utc>,
}

/// Where a tenant's ledger stood at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The newest entry at or before the instant.
    pub head: Head,
    /// Whether an entry that is not yet decided may come to lie at or before the instant.
    pub provisional: bool,
}

impl Head {
    /// The head of a tenant without entries.
    #[must_use]
    pub fn none() -> Self {
        Self {
            tenant_seq: TenantSeq::ZERO,
            chain8: Chain8::default(),
            time: DateTime::UNIX_EPOCH,
        }
    }
}

impl Entry {
    /// The entry as the feed tells it: compact JSON.
    #[must_use]
    pub fn change_json(&self) -> String {
        self.tell(Change::new)
    }

    /// The same for whom it would be too large: facts are counted, and left out.
    #[must_use]
    pub fn change_json_without_facts(&self) -> String {
        self.tell(Change::without_facts)
    }

    fn tell(&self, change: impl FnOnce(&change::Entry<'_>) -> Change) -> String {
        let placement = Placement {
            position: self.position,
            tenant_seq: self.tenant_seq,
            time: self.time,
        };
        change(&change::Entry {
            about: self.about(),
            placement: &placement,
            outcome: &self.outcome,
            facts: &self.facts,
            hash: &self.chain,
        })
        .to_json()
    }

    fn about(&self) -> About<'_> {
        match &self.submission {
            Some(submission) => About::Command(submission),
            None if self.kind == SEAL_KIND => About::Seal,
            None => About::Broken,
        }
    }

    /// What was asked, as JSON without secrets; `None` where the record could not be read.
    #[must_use]
    pub fn command_json(&self) -> Option<String> {
        self.submission
            .as_ref()
            .map(|submission| shown_command_json(&submission.command))
    }

    /// The first bytes of the entry's chain hash.
    #[must_use]
    pub fn chain8(&self) -> Chain8 {
        chain8(&self.chain)
    }
}
