//! A row of `ledger_entry`, and what it says.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use uuid::Uuid;
use writ_domain::{
    CommandId, GenericUuid as _, Offset, Outcome, Partition, Position, Seq, TenantId, TenantSeq,
};
use writ_envelope::Hash;
use writ_envelope::restore::SEAL_KIND;
use writ_log::Record;

use super::Entry;
use super::statement::Statement;
use crate::Error;
use crate::log::decode_headers;

/// An entry as it is stored: the texts that were hashed and the record that was read, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
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
    /// The outcome: canonical JSON.
    pub outcome_json: String,
    /// The facts: canonical JSON.
    pub facts_json: String,
    /// The record, byte for byte as the log returned it, without the mark of a restore.
    pub record: Record,
    /// The rules it was decided by.
    pub rules_version: u32,
    /// The hash of the entry.
    pub leaf: Hash,
    /// The hash of the entry and all before it in the partition.
    pub chain: Hash,
}

impl Raw {
    pub(super) fn of(statement: Statement, row: &Row) -> Result<Self, Error> {
        let partition: i32 = statement.get(row, "partition")?;
        let rules_version: i32 = statement.get(row, "rules_version")?;
        let tenant: String = statement.get(row, "tenant")?;
        let command_id: Option<Uuid> = statement.get(row, "command_id")?;
        let position = Position {
            partition: Partition(u16::try_from(partition).map_err(inconsistent("partition"))?),
            seq: Seq(statement.number(row, "seq")?),
        };
        Ok(Self {
            position,
            tenant: TenantId::from_stored(&tenant).map_err(inconsistent("tenant"))?,
            tenant_seq: TenantSeq(statement.number(row, "tenant_seq")?),
            offset: Offset(statement.number(row, "log_offset")?),
            time: time(statement, row)?,
            command_id: command_id.map(CommandId::from_untyped_uuid),
            kind: statement.get(row, "kind")?,
            subject: statement.get(row, "subject")?,
            outcome_json: statement.get(row, "outcome_json")?,
            facts_json: statement.get(row, "facts_json")?,
            record: record(statement, row)?,
            rules_version: u32::try_from(rules_version).map_err(inconsistent("rules_version"))?,
            leaf: hash(statement, row, "leaf")?,
            chain: hash(statement, row, "chain")?,
        })
    }

    /// What it says.
    pub fn read(self) -> Result<Entry, Error> {
        let outcome = writ_envelope::outcome_from_json(&self.outcome_json)
            .map_err(inconsistent("outcome"))?;
        let facts =
            writ_envelope::facts_from_json(&self.facts_json).map_err(inconsistent("facts"))?;
        // The record of an invalid entry is kept, not believed; that of a seal asks nothing.
        let submission = match outcome {
            Outcome::Invalid { .. } => None,
            Outcome::Unchanged if self.kind == SEAL_KIND => None,
            Outcome::Applied
            | Outcome::Unchanged
            | Outcome::Rejected(_)
            | Outcome::Denied(_)
            | Outcome::Expired
            | Outcome::Duplicate { .. } => {
                Some(writ_envelope::decode(&self.record.value).map_err(inconsistent("record"))?)
            }
        };
        Ok(Entry {
            position: self.position,
            tenant: self.tenant,
            tenant_seq: self.tenant_seq,
            offset: self.offset,
            time: self.time,
            command_id: self.command_id,
            kind: self.kind,
            subject: self.subject,
            submission,
            outcome,
            facts,
            rules_version: self.rules_version,
            leaf: self.leaf,
            chain: self.chain,
        })
    }
}

/// The column `log_time`.
pub(super) fn time(statement: Statement, row: &Row) -> Result<DateTime<Utc>, Error> {
    statement.get(row, "log_time")
}

fn record(statement: Statement, row: &Row) -> Result<Record, Error> {
    let headers: Vec<u8> = statement.get(row, "record_headers")?;
    Ok(Record {
        key: statement.get(row, "record_key")?,
        value: statement.get(row, "record_value")?,
        headers: decode_headers(&headers).ok_or_else(|| Error::Inconsistent {
            what: "record headers",
            problem: format!("{} bytes that are not headers", headers.len()),
        })?,
    })
}

/// A hash that may be absent.
pub(super) fn optional_hash(
    statement: Statement,
    row: &Row,
    column: &'static str,
) -> Result<Option<Hash>, Error> {
    let bytes: Option<Vec<u8>> = statement.get(row, column)?;
    let hash = bytes.map(|bytes| bytes.as_slice().try_into());
    Ok(hash.transpose().map_err(inconsistent(column))?.map(Hash))
}

fn hash(statement: Statement, row: &Row, column: &'static str) -> Result<Hash, Error> {
    let bytes: Vec<u8> = statement.get(row, column)?;
    let hash = bytes.as_slice().try_into().map_err(inconsistent(column))?;
    Ok(Hash(hash))
}

fn inconsistent<E: core::fmt::Display>(what: &'static str) -> impl Fn(E) -> Error + Copy {
    move |source| Error::Inconsistent {
        what,
        problem: source.to_string(),
    }
}
