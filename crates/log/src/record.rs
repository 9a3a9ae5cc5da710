//! What the log holds, and how much of it.

use chrono::{DateTime, Utc};
use writ_domain::Offset;

use crate::AppendError;

/// The most bytes of a record's value: 4 MiB.
pub const VALUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most bytes of a record's key.
pub const KEY_BYTES_MAX: usize = 1024;

/// The most bytes of a record's headers, names and values together; an empty one counts for one.
pub const HEADERS_BYTES_MAX: usize = 64 * 1024;

/// The most records of one append.
pub const BATCH_RECORDS_MAX: usize = 1_000;

/// The most bytes of one append: keys, values and headers together.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a record costs besides its bytes, so that empty records are not free of any bound.
const RECORD_OVERHEAD_BYTES: usize = 64;

/// What is appended: opaque bytes. The log never looks inside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The tenant's name. It does not choose the partition: the bucket map does.
    pub key: Vec<u8>,
    /// The command.
    pub value: Vec<u8>,
    /// In order; a name may occur more than once.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Record {
    /// The bytes that this record counts for in every bound on bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        RECORD_OVERHEAD_BYTES
            .saturating_add(self.key.len())
            .saturating_add(self.value.len())
            .saturating_add(self.headers_size())
    }

    fn headers_size(&self) -> usize {
        self.headers.iter().fold(0, |sum: usize, (name, value)| {
            // Headers without a byte would otherwise be free of any bound.
            sum.saturating_add(name.len().saturating_add(value.len()).max(1))
        })
    }

    fn check(&self) -> Result<(), AppendError> {
        let parts = [
            (self.key.len(), KEY_BYTES_MAX),
            (self.value.len(), VALUE_BYTES_MAX),
            (self.headers_size(), HEADERS_BYTES_MAX),
        ];
        for (bytes, limit_bytes) in parts {
            if bytes > limit_bytes {
                return Err(AppendError::TooLarge { limit_bytes });
            }
        }
        Ok(())
    }
}

/// Where and when a record was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its offset.
    pub offset: Offset,
    /// The log's time, as every later read will return it.
    pub time: DateTime<Utc>,
}

/// A record as it was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its offset.
    pub offset: Offset,
    /// The log's time. It may step back from one offset to the next: the projector clamps it.
    pub time: DateTime<Utc>,
    /// What was appended, byte for byte.
    pub record: Record,
}

impl Logged {
    /// Where and when it was appended.
    #[must_use]
    pub const fn appended(&self) -> Appended {
        Appended {
            offset: self.offset,
            time: self.time,
        }
    }
}

/// Refuses an append that is over a limit; otherwise its size in bytes.
///
/// Every log MUST call this before anything else, so that what one log takes all logs take: a
/// record that only the old log could hold would end `log copy` half-way.
pub fn check_batch(records: &[Record]) -> Result<usize, AppendError> {
    if records.len() > BATCH_RECORDS_MAX {
        return Err(AppendError::TooMany {
            limit_records: BATCH_RECORDS_MAX,
        });
    }
    let mut bytes: usize = 0;
    for record in records {
        record.check()?;
        bytes = bytes.saturating_add(record.size());
    }
    if bytes > BATCH_BYTES_MAX {
        return Err(AppendError::TooLarge {
            limit_bytes: BATCH_BYTES_MAX,
        });
    }
    Ok(bytes)
}
