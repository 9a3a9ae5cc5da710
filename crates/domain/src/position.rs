//! Where a command stands: partition, offset, `seq`, `tenant_seq`.
//!
//! ```text
//!   log offset   0   1   2   3   4        given by the log, may differ after a copy
//!   seq          1   2   3   4   5        dense per partition, given by the projector
//!   tenant_seq   1   1   2   3   2        dense per tenant; the axis of history and feed
//! ```

use core::fmt;

use crate::id::TenantId;

/// One ordered stream of the log. A tenant lives in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub u16);

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The log's own position of a record, from 0. Not part of any hash: a copy may move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

impl Offset {
    /// The offset after this one; `None` at the end of the range.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The offset before this one; `None` for the first.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Dense number of an entry in its partition, from 1. `Seq::ZERO` stands before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// Dense number of an entry in its tenant, from 1. `TenantSeq::ZERO` stands before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantSeq(pub u64);

macro_rules! dense {
    ($name:ident) => {
        impl $name {
            /// Before the first.
            pub const ZERO: Self = Self(0);

            /// The number after this one; `None` at the end of the range.
            #[must_use]
            pub fn next(self) -> Option<Self> {
                self.0.checked_add(1).map(Self)
            }

            /// The number before this one; `None` for zero.
            #[must_use]
            pub fn previous(self) -> Option<Self> {
                self.0.checked_sub(1).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

dense!(Seq);
dense!(TenantSeq);

/// The place of an entry: `partition-seq`, as `GET /v1/entries/{position}` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The partition.
    pub partition: Partition,
    /// The entry's number in it.
    pub seq: Seq,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.partition, self.seq)
    }
}

impl core::str::FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partition, seq) = text.split_once('-').ok_or(ParsePositionError)?;
        let partition = partition.parse().map_err(|_source| ParsePositionError)?;
        let seq = seq.parse().map_err(|_source| ParsePositionError)?;
        let position = Self {
            partition: Partition(partition),
            seq: Seq(seq),
        };
        // SUBTLE: `from_str` of a number takes "+1" and "01"; a position has one spelling.
        if position.to_string() == text {
            Ok(position)
        } else {
            Err(ParsePositionError)
        }
    }
}

/// The text is not `partition-seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a position is written partition-seq, for example 0-17")]
pub struct ParsePositionError;

/// How many buckets tenants are spread over, fixed for ever.
pub const BUCKETS: u16 = 4096;

/// Which partition holds a tenant: 4,096 buckets over a frozen hash, dealt out at genesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketMap {
    partitions: u16,
}

impl BucketMap {
    /// A map over `partitions` partitions; `None` unless `1..=4096`.
    #[must_use]
    pub fn try_new(partitions: u16) -> Option<Self> {
        (1..=BUCKETS)
            .contains(&partitions)
            .then_some(Self { partitions })
    }

    /// The partition count, fixed at genesis.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        self.partitions
    }

    /// The partition that holds this tenant.
    #[must_use]
    pub fn partition_of(&self, tenant: &TenantId) -> Partition {
        Partition(bucket_of(tenant) % self.partitions)
    }
}

/// The bucket of a tenant: FNV-1a (64 bit) of its name, folded. Frozen: it decides where records lie.
fn bucket_of(tenant: &TenantId) -> u16 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in tenant.as_str().bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    }
    let folded = hash ^ (hash >> 32);
    u16::try_from(folded % u64::from(BUCKETS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back() {
        let position = Position {
            partition: Partition(1),
            seq: Seq(17),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for bad in [
            "", "1", "1-", "-1", "+1-2", "1-+2", "01-2", "1-02", "1-2-3", "70000-1", "a-b", "1- 2",
        ] {
            assert_eq!(bad.parse::<Position>(), Err(ParsePositionError), "{bad}");
        }
    }

    #[test]
    fn buckets_are_frozen() {
        let bucket = |name: &str| bucket_of(&TenantId::try_new(name).unwrap());
        assert_eq!(
            [bucket("default"), bucket("a"), bucket("tenant-1")],
            [232, 192, 419]
        );
    }
}
