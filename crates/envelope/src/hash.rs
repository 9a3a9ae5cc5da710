//! What is hashed, byte by byte: records, entries, the chain, the anchor. SHA-256. Frozen.
//!
//! Numbers are big-endian; `i64` instants are microseconds since 1970-01-01T00:00:00Z; `bytes` is
//! a length in bytes as `u64` and then the bytes; every hash begins with its own name, so that no
//! hash of one kind can pass for one of another.
//!
//! ```text
//!   record   = H( "writ/record/v1\0"   bytes key │ bytes value │ u64 count │ headers )
//!              headers: each  bytes name │ bytes value,  in order, without writ-restore-*
//!
//!   outcome  = H( "writ/outcome/v1\0"  bytes outcome_json )
//!
//!   contents = H( "writ/contents/v1\0" u8 0                     │ bytes facts_json )  no command
//!                                      u8 1 │ 16 of command id  │ bytes facts_json )
//!
//!   leaf     = H( "writ/leaf/v1\0"     u16 partition │ u64 seq │ bytes tenant │ u64 tenant_seq
//!                                      │ i64 time │ 32 record │ 32 outcome │ 32 contents
//!                                      │ u32 rules_version )
//!
//!   chain    = H( "writ/chain/v1\0"    32 previous chain │ 32 leaf )
//!              before the first entry of a partition: 32 zero bytes
//!
//!   anchor   = H( "writ/anchor/v1\0"   u64 offset │ i64 time │ bytes key │ bytes value
//!                                      │ u64 count │ all headers )
//! ```
//!
//! The leaf holds hashes only of what callers wrote, so that contents (a rejection's words, the
//! facts, the record) can be withdrawn later while leaf and chain still verify. The log's offset
//! is in the anchor alone: a copy of the log moves records, and keeps the chain.

use core::fmt;
use core::str::FromStr;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use writ_domain::{CommandId, Offset, Position, TenantId, TenantSeq};

/// Headers whose name begins so are a restore's, not the record's.
pub const RESTORE_HEADER_PREFIX: &str = "writ-restore-";

/// A SHA-256 hash, shown in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first link of a chain.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(ParseHashError);
        };
        let bytes = pairs
            .iter()
            .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(ParseHashError)
    }
}

fn digit(ascii: u8) -> Option<u8> {
    match ascii {
        b'0'..=b'9' => Some(ascii - b'0'),
        b'a'..=b'f' => Some(ascii - b'a' + 10),
        _ => None,
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 lower-case hexadecimal digits")]
pub struct ParseHashError;

/// A header of a record: name and value.
pub type Header = (String, Vec<u8>);

/// The hash of a record as it was submitted: key, value and original headers.
#[must_use]
pub fn record_hash(key: &[u8], value: &[u8], headers: &[Header]) -> Hash {
    let original: Vec<&Header> = headers
        .iter()
        .filter(|(name, _)| !name.starts_with(RESTORE_HEADER_PREFIX))
        .collect();
    Frame::new(b"writ/record/v1\0")
        .bytes(key)
        .bytes(value)
        .headers(&original)
        .finish()
}

/// What a leaf covers.
#[derive(Debug, Clone, Copy)]
pub struct LeafInput<'a> {
    /// Where the entry stands in its partition.
    pub position: Position,
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// Where the entry stands in its tenant.
    pub tenant_seq: TenantSeq,
    /// The log's time, clamped.
    pub time: DateTime<Utc>,
    /// The [`record_hash`].
    pub record_hash: Hash,
    /// The canonical text of the outcome.
    pub outcome_json: &'a str,
    /// The command's id; absent if the record could not be read.
    pub command_id: Option<CommandId>,
    /// The canonical text of the facts.
    pub facts_json: &'a str,
    /// By which rules it was decided.
    pub rules_version: u32,
}

/// The hash of an entry by itself.
#[must_use]
pub fn leaf(input: &LeafInput<'_>) -> Hash {
    let outcome = Frame::new(b"writ/outcome/v1\0")
        .bytes(input.outcome_json.as_bytes())
        .finish();
    Frame::new(b"writ/leaf/v1\0")
        .u16(input.position.partition.0)
        .u64(input.position.seq.0)
        .bytes(input.tenant.as_str().as_bytes())
        .u64(input.tenant_seq.0)
        .time(input.time)
        .hash(&input.record_hash)
        .hash(&outcome)
        .hash(&contents(input.command_id, input.facts_json))
        .u32(input.rules_version)
        .finish()
}

fn contents(command_id: Option<CommandId>, facts_json: &str) -> Hash {
    let mut frame = Frame::new(b"writ/contents/v1\0");
    match command_id {
        None => frame.u8(0),
        Some(id) => frame.u8(1).raw(id.as_bytes()),
    };
    frame.bytes(facts_json.as_bytes()).finish()
}

/// The hash of a partition's entries up to and including this leaf: an entry's hash for everybody.
#[must_use]
pub fn chain(previous: &Hash, leaf: &Hash) -> Hash {
    Frame::new(b"writ/chain/v1\0")
        .hash(previous)
        .hash(leaf)
        .finish()
}

/// The first 8 bytes of an entry's hash, which a revision carries.
#[must_use]
pub fn chain8(chain: &Hash) -> [u8; 8] {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(chain.0) {
        *to = from;
    }
    first
}

/// The hash of a record as the log returned it, by which an owner knows its log again.
#[must_use]
pub fn anchor(
    offset: Offset,
    time: DateTime<Utc>,
    key: &[u8],
    headers: &[Header],
    value: &[u8],
) -> Hash {
    let headers: Vec<&Header> = headers.iter().collect();
    Frame::new(b"writ/anchor/v1\0")
        .u64(offset.0)
        .time(time)
        .bytes(key)
        .bytes(value)
        .headers(&headers)
        .finish()
}

/// Bytes on their way into a hash, such that no two sequences of parts give the same bytes.
#[derive(Debug, Clone)]
pub(crate) struct Frame(Sha256);

impl Frame {
    pub(crate) fn new(name: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(name))
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn u8(&mut self, number: u8) -> &mut Self {
        self.raw(&[number])
    }

    fn u16(&mut self, number: u16) -> &mut Self {
        self.raw(&number.to_be_bytes())
    }

    pub(crate) fn u32(&mut self, number: u32) -> &mut Self {
        self.raw(&number.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, number: u64) -> &mut Self {
        self.raw(&number.to_be_bytes())
    }

    /// How many follow, or how long it is.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.u64(count as u64)
    }

    fn time(&mut self, time: DateTime<Utc>) -> &mut Self {
        self.raw(&time.timestamp_micros().to_be_bytes())
    }

    pub(crate) fn hash(&mut self, hash: &Hash) -> &mut Self {
        self.raw(&hash.0)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).raw(bytes)
    }

    fn headers(&mut self, headers: &[&Header]) -> &mut Self {
        self.count(headers.len());
        for (name, value) in headers {
            self.bytes(name.as_bytes()).bytes(value);
        }
        self
    }

    pub(crate) fn finish(&self) -> Hash {
        Hash(self.0.clone().finalize().into())
    }
}
