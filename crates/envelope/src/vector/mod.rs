//! Golden vectors: bytes, what they mean and what they hash to, committed for ever.
//!
//! One file a case in `schemas/vectors/v1`, written once by
//! `cargo run -p writ-envelope --example vectors`. A case MUST never change: it stands for records
//! in somebody's log. New kinds get new cases; a case that can no longer be made stays as a file
//! and must still be read.
//!
//! ```text
//!   command/ fact/ outcome/ rejection/ stamp/    one entry each, and its hashes
//!   broken/                                      bytes that are no submission, and why
//!   seal/                                        the end of what was restored, and its hashes
//! ```

mod broken;
mod camunda;
mod commands;
mod facts;
mod nestauth;
mod outcomes;
mod stamps;

use serde_json::{Value, json};
use writ_domain::{
    Command, CommandId, Fact, NounRef, Offset, Outcome, Partition, PermissionRef, Placement,
    Position, Realm, Seq, Submission, TenantId, TenantSeq,
};

use crate::hash::{self, Hash, Header, LeafInput};
use crate::restore::Seal;
use crate::v1::{Mirror, Time};
use crate::{codec, json, stored};

/// Every case: its path under `schemas/` and its contents.
#[must_use]
pub fn vectors() -> Vec<(String, String)> {
    let entries = entries()
        .into_iter()
        .map(|(path, entry)| (path, entry.to_json()));
    let broken = broken::cases()
        .into_iter()
        .map(|(name, bytes)| (format!("broken/{name}"), broken::to_json(&bytes)));
    entries
        .chain(broken)
        .map(|(path, case)| (format!("vectors/v1/{path}.json"), json::pretty(case)))
        .collect()
}

/// Commands that show every kind, for vectors and examples.
pub(crate) fn commands() -> Vec<(&'static str, Command)> {
    commands::all()
}

/// Facts that show every kind.
pub(crate) fn facts() -> Vec<(&'static str, Fact)> {
    facts::all()
}

/// Outcomes that show every kind.
pub(crate) fn outcomes() -> Vec<(&'static str, Outcome)> {
    outcomes::all()
}

/// A submission with the stamp of an ordinary request.
pub(crate) fn submission(command: Command) -> Submission {
    Submission {
        stamp: stamps::ordinary(),
        command,
    }
}

/// The seal of what stands before [`placement`].
pub(crate) fn seal() -> Seal {
    Seal {
        partition: Partition(0),
        records: 2,
        chain: PREVIOUS,
    }
}

/// The chain hash before [`placement`].
const PREVIOUS: Hash = Hash([0x11; 32]);

/// Where the entries of all cases stand.
pub(crate) fn placement() -> Placement {
    let position = Position {
        partition: Partition(0),
        seq: Seq(3),
    };
    Placement {
        position,
        tenant_seq: TenantSeq(2),
        time: stamps::time(1_750_000_000_123_456),
    }
}

fn entries() -> Vec<(String, Entry)> {
    let command = || {
        let permission = PermissionRef {
            api: "https://api.example.com/".to_owned(),
            name: "read:a".to_owned(),
        };
        Command::GrantRolePermissions {
            realm: Realm::Auth0,
            role: "rol_1".to_owned(),
            permissions: vec![permission],
        }
    };
    let mut entries = Vec::new();
    let mut add = |path: String, submission: Submission, outcome, facts| {
        entries.push((path, Entry::of(&submission, outcome, facts)));
    };
    for (name, command) in commands::all() {
        add(
            format!("command/{name}"),
            submission(command),
            Outcome::Unchanged,
            Vec::new(),
        );
    }
    for (name, fact) in facts::all() {
        add(
            format!("fact/{name}"),
            submission(command()),
            Outcome::Applied,
            vec![fact],
        );
    }
    for (name, outcome) in outcomes::all() {
        add(
            format!("outcome/{name}"),
            submission(command()),
            outcome,
            Vec::new(),
        );
    }
    for (name, rejection) in outcomes::rejections() {
        let outcome = Outcome::Rejected(rejection);
        add(
            format!("rejection/{name}"),
            submission(command()),
            outcome,
            Vec::new(),
        );
    }
    for (name, stamp) in stamps::all() {
        let submission = Submission {
            stamp,
            command: command(),
        };
        add(
            format!("stamp/{name}"),
            submission,
            Outcome::Unchanged,
            Vec::new(),
        );
    }
    entries.push(("seal/seal".to_owned(), Entry::seal(&seal())));
    entries.push((
        "outcome/invalid".to_owned(),
        Entry::invalid(br#"{"v":1,"command_id""#),
    ));
    entries
}

/// What a case of an entry is made from.
struct Entry {
    tenant: TenantId,
    command_id: Option<CommandId>,
    value: Vec<u8>,
    outcome: Outcome,
    facts: Vec<Fact>,
}

impl Entry {
    fn of(submission: &Submission, outcome: Outcome, facts: Vec<Fact>) -> Self {
        Self {
            tenant: submission.stamp.tenant.clone(),
            command_id: Some(submission.stamp.command_id),
            value: codec::encode(submission),
            outcome,
            facts,
        }
    }

    fn seal(seal: &Seal) -> Self {
        Self {
            tenant: TenantId::reserved(seal.partition),
            command_id: None,
            value: seal.encode(),
            outcome: Outcome::Unchanged,
            facts: Vec::new(),
        }
    }

    fn invalid(value: &[u8]) -> Self {
        let problem = match codec::decode(value) {
            Ok(_) => String::new(),
            Err(error) => match error {
                codec::DecodeError::Broken { problem } => problem,
                codec::DecodeError::Newer { .. } => String::new(),
            },
        };
        Self {
            tenant: TenantId::reserved(Partition(0)),
            command_id: None,
            value: value.to_vec(),
            outcome: Outcome::Invalid { problem },
            facts: Vec::new(),
        }
    }

    fn to_json(&self) -> Value {
        let key = codec::encode_key(&self.tenant);
        let headers: Vec<Header> = vec![
            ("traceparent".to_owned(), b"00-\xff".to_vec()),
            ("writ-restore-position".to_owned(), b"0-3".to_vec()),
        ];
        let placement = placement();
        let previous = PREVIOUS;
        let record = hash::record_hash(&key, &self.value, &headers);
        let (outcome, facts) = (
            stored::outcome_json(&self.outcome),
            stored::facts_json(&self.facts),
        );
        let leaf = hash::leaf(&LeafInput {
            position: placement.position,
            tenant: &self.tenant,
            tenant_seq: placement.tenant_seq,
            time: placement.time,
            record_hash: record,
            outcome_json: &outcome,
            command_id: self.command_id,
            facts_json: &facts,
            rules_version: 1,
        });
        let offset = Offset(4);
        let anchor = hash::anchor(offset, placement.time, &key, &headers, &self.value);
        let headers: Vec<(&str, String)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), hex(value)))
            .collect();
        json!({
            "record": {
                "key": String::from_utf8_lossy(&key),
                "value": String::from_utf8_lossy(&self.value),
                "headers_hex": headers,
            },
            "offset": offset.0,
            "position": placement.position.to_string(),
            "tenant": self.tenant.as_str(),
            "tenant_seq": placement.tenant_seq.0,
            "time": Time::of(&placement.time).to_string(),
            "rules_version": 1,
            "command_id": self.command_id.map(|id| id.to_string()),
            "outcome": outcome,
            "facts": facts,
            "hashes": {
                "record": record.to_string(),
                "leaf": leaf.to_string(),
                "previous": previous.to_string(),
                "chain": hash::chain(&previous, &leaf).to_string(),
                "anchor": anchor.to_string(),
            },
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// A text that JSON must escape, and some that it must not.
fn odd() -> String {
    "\"\\/\u{0}\u{8}\t\n\u{c}\r\u{1f}\u{7f}é\u{2028}\u{feff}\u{1f600}".to_owned()
}

fn api() -> String {
    "https://api.example.com/".to_owned()
}

fn role_ref() -> NounRef {
    NounRef {
        realm: Realm::Auth0,
        kind: writ_domain::NounKind::Role,
        id: "rol_1".to_owned(),
    }
}
