//! What a log generation that was written from entries holds: marks on each record, then a seal.
//!
//! ```text
//!   a log from its genesis      │ r1  r2  r3  r4  r5 …
//!   restored after entry 3      │ r1' r2' r3' seal r5 …      r' = r and its mark
//!   restored again after 5      │ r1' r2' r3' seal' r5' seal r7 …
//! ```
//!
//! A [`Mark`] is the last three headers of a restored record; what stands before them is the
//! record's own, forged marks included. A [`Seal`] is a record of the partition's reserved tenant
//! and is decided as an entry like any other, so that offsets and seqs keep their distance in
//! every generation.
//!
//! Frozen, as records are. One spelling only: a mark that would be written otherwise is none.

use chrono::{DateTime, Utc};
use writ_domain::{Partition, Position, TenantId};

use crate::codec::{self, DecodeError};
use crate::hash::{Hash, Header, RESTORE_HEADER_PREFIX};
use crate::json;
use crate::v1;

/// `partition-seq` of the entry.
pub const POSITION_HEADER: &str = "writ-restore-position";
/// The log's time of the entry in microseconds since 1970, in decimal.
pub const TIME_HEADER: &str = "writ-restore-time";
/// The chain hash of the entry, in lower-case hexadecimal.
pub const CHAIN_HEADER: &str = "writ-restore-chain";

/// What entries of a seal give as their kind.
pub const SEAL_KIND: &str = "seal";

/// What a restore says of a record: which entry it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Where its entry stands.
    pub position: Position,
    /// The time of its entry. Whole microseconds.
    pub time: DateTime<Utc>,
    /// The chain hash of its entry.
    pub chain: Hash,
}

impl Mark {
    /// The headers that follow the record's own.
    #[must_use]
    pub fn headers(&self) -> [Header; 3] {
        [
            (POSITION_HEADER, self.position.to_string()),
            (TIME_HEADER, self.time.timestamp_micros().to_string()),
            (CHAIN_HEADER, self.chain.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
    }

    /// The mark that ends `headers`, and the record's own headers before it.
    #[must_use]
    pub fn split(headers: &[Header]) -> Option<(Self, &[Header])> {
        let (own, last) = headers.split_last_chunk::<3>()?;
        let [position, time, chain] = last;
        let micros: i64 = text(time, TIME_HEADER)?.parse().ok()?;
        let mark = Self {
            position: text(position, POSITION_HEADER)?.parse().ok()?,
            time: DateTime::from_timestamp_micros(micros)?,
            chain: text(chain, CHAIN_HEADER)?.parse().ok()?,
        };
        // SUBTLE: the parser of numbers takes "+1" and "01".
        (mark.headers() == *last).then_some((mark, own))
    }
}

fn text<'a>((name, value): &'a Header, expected: &str) -> Option<&'a str> {
    let value = core::str::from_utf8(value).ok()?;
    (name == expected).then_some(value)
}

/// Whether a header is one that only a restore may write.
#[must_use]
pub fn is_reserved(headers: &[Header]) -> bool {
    headers
        .iter()
        .any(|(name, _)| name.starts_with(RESTORE_HEADER_PREFIX))
}

/// The end of what was restored: says what stands before it, and so proves that all of it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// The partition that it stands in.
    pub partition: Partition,
    /// How many records stand before it: the seq of the last restored entry.
    pub records: u64,
    /// The chain hash of that entry.
    pub chain: Hash,
}

impl Seal {
    /// The key of a seal's record.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        codec::encode_key(&TenantId::reserved(self.partition))
    }

    /// The value of a seal's record.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        json::compact(&v1::SealRecord::of(self)).into_bytes()
    }

    /// Whether a record under this key can be nothing but a seal: no caller's tenant begins so.
    #[must_use]
    pub fn owns(key: &[u8]) -> bool {
        key.starts_with(b"~")
    }

    /// Reads the value of a record under the key of a seal.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        codec::versioned(value, |fields| {
            v1::SealRecord::from_fields(fields).map(v1::SealRecord::back)
        })
    }

    /// Whether it tells what stands before it: this many records, up to this hash.
    ///
    /// # Errors
    /// What is wrong with it. Frozen: the outcome of its entry holds it.
    pub fn check(&self, before: &Self) -> Result<(), &'static str> {
        if self.partition != before.partition {
            Err("is the seal of another partition")
        } else if self.records != before.records {
            Err("is the seal of another number of records")
        } else if self.chain != before.chain {
            Err("is the seal of other records")
        } else {
            Ok(())
        }
    }
}
