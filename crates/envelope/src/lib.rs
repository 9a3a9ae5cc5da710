//! Bytes to domain and back: what a record of the log holds, what the store keeps of a decided
//! command, what the feed says, and the hashes over all of it.
//!
//! **Shape.** [`v1`] has the wire types; each is tied to its domain type by one macro whose matches
//! name every variant and field. [`encode`] and [`decode`] are for records, [`facts_json`] and
//! [`outcome_json`] for entries, [`command_from_json`] for commands that callers write,
//! [`change::Change`] for the feed (its facts as [`shown_facts_json`] has them) and [`event`] for its messages, [`restore`] for what a restored
//! log holds besides. [`hash`] and [`digest`] say what is hashed, byte by byte.
//!
//! **Correctness.** Everything here is part of history: the same bytes MUST be read the same way,
//! be refused in the same words and hash to the same value in every later release, or a log
//! replays to another chain. Reading is therefore by hand (module `read`), and the vectors in
//! `schemas/vectors` may be added to, never changed.
//!
//! Deliberately absent: rules. Whether a name is too long for a realm is the domain's to say; here
//! is only what no record may hold whatever it asks ([`limits`]).

pub mod change;
mod codec;
pub mod digest;
pub mod event;
pub mod hash;
mod input;
mod json;
pub mod limits;
mod read;
pub mod restore;
mod schema;
mod shown;
mod stored;
pub mod v1;
mod vector;

pub use codec::{DecodeError, decode, encode, encode_key};
pub use hash::Hash;
pub use input::{command_from_json, command_from_value};
pub use read::Fault;
pub use schema::schemas;
pub use shown::{WITHHELD, shown_command_json, shown_facts_json};
pub use stored::{facts_from_json, facts_json, outcome_from_json, outcome_json};
pub use vector::vectors;

#[cfg(test)]
mod tests;
