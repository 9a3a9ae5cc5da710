//! A record's value: the stamp and the command, in one object.

use schemars::JsonSchema;
use serde::Serialize;
use writ_domain as domain;

use super::Command;
use super::mirror::{Mirror, mirrored};
use super::scalar::{CommandId, Hex32, TenantId, Time};
use crate::read::{Fault, Fields, Read, Tree};

mirrored! {
    /// Who asked.
    struct Actor {
        /// The subject of the credential.
        subject: String,
        /// The client that the credential was given to.
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<String>,
        /// For whom the subject says that it acts.
        #[serde(skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<String>,
        /// The network address that the command came from.
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<String>,
        /// The user agent, or the SDK where it names itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        user_agent: Option<String>,
    }
}

mirrored! {
    /// A key under which a caller may send the same request again.
    struct Idempotency {
        /// The caller's key.
        key: String,
        /// SHA-256 of the request as received: method, route, query, body.
        fingerprint: Hex32,
    }
}

/// What the caller believes of the noun that the command changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// It has not changed after this entry of the tenant.
    UnchangedSince(u64),
    /// Its last change was exactly this entry.
    ChangedAt(u64),
}

impl Mirror<domain::Expected> for Expected {
    fn of(domain: &domain::Expected) -> Self {
        match domain {
            domain::Expected::UnchangedSince(seq) => Self::UnchangedSince(u64::of(seq)),
            domain::Expected::ChangedAt(seq) => Self::ChangedAt(u64::of(seq)),
        }
    }

    fn back(self) -> domain::Expected {
        match self {
            Self::UnchangedSince(seq) => domain::Expected::UnchangedSince(seq.back()),
            Self::ChangedAt(seq) => domain::Expected::ChangedAt(seq.back()),
        }
    }
}

impl Read for Expected {
    fn read(tree: Tree) -> Result<Self, Fault> {
        let mut fields = tree.object()?;
        let unchanged_since: Option<u64> = fields.take("unchanged_since")?;
        let changed_at: Option<u64> = fields.take("changed_at")?;
        fields.finish()?;
        match (unchanged_since, changed_at) {
            (Some(seq), None) => Ok(Self::UnchangedSince(seq)),
            (None, Some(seq)) => Ok(Self::ChangedAt(seq)),
            (Some(_), Some(_)) | (None, None) => Err(Fault::new(
                "must have one field, unchanged_since or changed_at",
            )),
        }
    }
}

/// The value of a record of the log.
///
/// Its key is the bytes of the tenant's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Record {
    /// The envelope's version. Stands in every version, past and to come, as a whole number.
    #[schemars(extend("const" = 1))]
    v: u64,
    /// The command's id, minted at submission.
    command_id: CommandId,
    /// Whose ledger.
    tenant: TenantId,
    /// Who asked.
    actor: Actor,
    /// Why, in the caller's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The caller's ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// The id of the HTTP request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Past this log time the command has no effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<Time>,
    /// The caller's key for safe retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency: Option<Idempotency>,
    /// What the caller believes of the noun.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Expected>,
    /// What is asked.
    command: Command,
}

impl Mirror<domain::Submission> for Record {
    fn of(domain: &domain::Submission) -> Self {
        let domain::Submission { stamp, command } = domain;
        let domain::Stamp {
            command_id,
            tenant,
            actor,
            reason,
            ticket,
            request_id,
            not_after,
            idempotency,
            expected,
        } = stamp;
        Self {
            v: 1,
            command_id: Mirror::of(command_id),
            tenant: Mirror::of(tenant),
            actor: Mirror::of(actor),
            reason: Mirror::of(reason),
            ticket: Mirror::of(ticket),
            request_id: Mirror::of(request_id),
            not_after: Mirror::of(not_after),
            idempotency: Mirror::of(idempotency),
            expected: Mirror::of(expected),
            command: Mirror::of(command),
        }
    }

    fn back(self) -> domain::Submission {
        domain::Submission {
            stamp: domain::Stamp {
                command_id: self.command_id.back(),
                tenant: self.tenant.back(),
                actor: self.actor.back(),
                reason: self.reason.back(),
                ticket: self.ticket.back(),
                request_id: self.request_id.back(),
                not_after: self.not_after.back(),
                idempotency: self.idempotency.back(),
                expected: self.expected.back(),
            },
            command: self.command.back(),
        }
    }
}

impl Record {
    /// Reads what follows the version, which the caller has taken and found to be 1.
    pub(crate) fn from_fields(mut fields: Fields) -> Result<Self, Fault> {
        let record = Self {
            v: 1,
            command_id: fields.take("command_id")?,
            tenant: fields.take("tenant")?,
            actor: fields.take("actor")?,
            reason: fields.take("reason")?,
            ticket: fields.take("ticket")?,
            request_id: fields.take("request_id")?,
            not_after: fields.take("not_after")?,
            idempotency: fields.take("idempotency")?,
            expected: fields.take("expected")?,
            command: fields.take("command")?,
        };
        fields.finish()?;
        Ok(record)
    }
}
