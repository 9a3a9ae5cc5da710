//! What is known of a command besides what it asks: who, why, until when.

use chrono::{DateTime, Utc};

use crate::{Command, CommandId, Expected, Position, TenantId, TenantSeq};

/// Tells the time. Only the server has a real one.
pub trait Clock: Send + Sync + core::fmt::Debug {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actor {
    /// The subject of the credential.
    pub subject: String,
    /// The client that the credential was given to.
    pub client: Option<String>,
    /// For whom the subject says that it acts.
    pub on_behalf_of: Option<String>,
    /// The network address that the command came from.
    pub address: Option<String>,
    /// The user agent, or the SDK where it names itself.
    pub user_agent: Option<String>,
}

impl Actor {
    /// Who an idempotency key belongs to: the subject.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.subject
    }
}

/// A key under which a caller may send the same request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The caller's key.
    pub key: String,
    /// Hash of the request as received: method, route, query, body.
    pub fingerprint: [u8; 32],
}

/// Made at submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The command's id.
    pub command_id: CommandId,
    /// Whose ledger.
    pub tenant: TenantId,
    /// Who asked.
    pub actor: Actor,
    /// Why, in the caller's words.
    pub reason: Option<String>,
    /// The caller's ticket.
    pub ticket: Option<String>,
    /// The id of the HTTP request.
    pub request_id: Option<String>,
    /// Past this log time the command has no effect.
    pub not_after: Option<DateTime<Utc>>,
    /// The caller's key for safe retries.
    pub idempotency: Option<Idempotency>,
    /// What the caller believes of the noun.
    pub expected: Option<Expected>,
}

/// A command with its stamp: what a record of the log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Who, why, until when.
    pub stamp: Stamp,
    /// What is asked.
    pub command: Command,
}

/// Completes the stamp before `decide`: where and when the record came to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Where the entry stands in its partition.
    pub position: Position,
    /// Where the entry stands in its tenant.
    pub tenant_seq: TenantSeq,
    /// The log's time, clamped to be monotone in the partition.
    pub time: DateTime<Utc>,
}
