//! What an entry says of its command.

use writ_domain::{CommandId, Outcome, TenantSeq};
use writ_http::Revision;
use writ_store::entries::Entry;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The entry that holds the outcome; of a repeated request, the first one's.
    pub entry: Entry,
    /// Whether the request was answered before, and this is that answer.
    pub replayed: bool,
    /// The point of history that the entry made.
    pub revision: Revision,
}

/// Where the outcome stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// In the entry itself.
    Here(Box<Decided>),
    /// In the entry that came first, of which this one is a duplicate.
    There {
        /// Where that is.
        of: TenantSeq,
        /// The command that was repeated.
        command: CommandId,
    },
}

/// Where the outcome of an entry's command stands.
#[must_use]
pub fn resolve(entry: Entry) -> Resolved {
    match (&entry.outcome, entry.command_id) {
        (Outcome::Duplicate { of }, Some(command)) => Resolved::There { of: *of, command },
        _ => Resolved::Here(Box::new(Decided::first(entry))),
    }
}

/// Where the outcome of a repeated command stands, if this is the entry that its duplicate names.
///
/// SUBTLE: that may be a duplicate itself, when a request that was repeated under its key is also
/// twice in the log. Each names an earlier one, so this ends.
#[must_use]
pub fn replayed(first: Entry, command: CommandId) -> Resolved {
    if let Outcome::Duplicate { of } = first.outcome {
        return Resolved::There { of, command };
    }
    // The same command appended twice was asked once.
    let replayed = first.command_id != Some(command);
    Resolved::Here(Box::new(Decided {
        replayed,
        ..Decided::first(first)
    }))
}

impl Decided {
    fn first(entry: Entry) -> Self {
        let revision = Revision {
            tenant: entry.tenant.clone(),
            tenant_seq: entry.tenant_seq,
            chain8: entry.chain8(),
        };
        Self {
            entry,
            replayed: false,
            revision,
        }
    }
}
