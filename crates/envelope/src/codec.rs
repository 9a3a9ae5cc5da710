//! Records: a submission as the bytes that the log holds.
//!
//! ```text
//!   key     the tenant's name
//!   value   {"v":1,"command_id":…,"tenant":…,"actor":{…},…,"command":{"type":…,…}}
//! ```
//!
//! Every version, past and to come, MUST be a JSON object in UTF-8 whose field `v` is a whole
//! number that names the version: by it alone an older build tells a record from the future, which
//! halts the partition, from a broken one, which becomes an entry.

use core::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use writ_domain::{Submission, TenantId};

use crate::json;
use crate::limits::{self, RECORD_BYTES_MAX};
use crate::read::{Fault, Fields, Tree};
use crate::v1::{Mirror, Record};

/// The version that is written.
const VERSION: u64 = 1;

/// Why a record's value is not a submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A later release wrote it. The partition MUST halt: to fold past it would lose a command.
    #[error("the record is of envelope version {version}, which this build does not know")]
    Newer {
        /// Its version.
        version: u64,
    },
    /// No release can have written it. It becomes an entry with outcome `invalid`.
    #[error("the record is broken: {problem}")]
    Broken {
        /// What is wrong. Short, without control characters, and frozen: the outcome holds it.
        problem: String,
    },
}

impl From<Fault> for DecodeError {
    fn from(fault: Fault) -> Self {
        Self::Broken {
            problem: fault.to_string(),
        }
    }
}

/// The value of the record of a submission.
///
/// Total, but not every value can be read back: the caller MUST have asked [`limits::check`] and
/// MUST refuse a value over [`RECORD_BYTES_MAX`].
#[must_use]
pub fn encode(submission: &Submission) -> Vec<u8> {
    json::compact(&Record::of(submission)).into_bytes()
}

/// The key of a tenant's records. A record whose key is not that of its tenant is misrouted.
#[must_use]
pub fn encode_key(tenant: &TenantId) -> Vec<u8> {
    tenant.as_str().as_bytes().to_vec()
}

/// Reads the value of a record.
///
/// The same bytes give the same answer in every release that knows their version.
pub fn decode(bytes: &[u8]) -> Result<Submission, DecodeError> {
    versioned(bytes, |fields| {
        let submission = Record::from_fields(fields)?.back();
        limits::check(&submission.stamp)?;
        Ok(submission)
    })
}

/// Reads a value of the version that is written, given its fields without `v`.
pub(crate) fn versioned<T>(
    bytes: &[u8],
    read: impl FnOnce(Fields) -> Result<T, Fault>,
) -> Result<T, DecodeError> {
    let fields = || {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(Fault::new(format!(
                "has more than {RECORD_BYTES_MAX} bytes"
            )));
        }
        let mut fields = Tree::parse(bytes)?.object()?;
        let version: u64 = fields.take("v")?;
        if version != VERSION {
            return Err(Fault::new("is not a version").under("v"));
        }
        Ok(fields)
    };
    match fields().and_then(read) {
        Ok(value) => Ok(value),
        // SUBTLE: looked for only now, and without limits: a newer record may be longer, deeper
        // and otherwise strange, and must be known as one all the same.
        Err(fault) => match newer_version(bytes) {
            Some(version) => Err(DecodeError::Newer { version }),
            None => Err(fault.into()),
        },
    }
}

/// The version of a record from the future, of which nothing but its version is known.
fn newer_version(bytes: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(bytes).ok()?;
    let mut json = serde_json::Deserializer::from_str(text);
    let version = json.deserialize_map(VersionVisitor).ok()??;
    json.end().ok()?;
    (version > VERSION).then_some(version)
}

/// Finds the one field `v`; `None` if it is absent, stands there twice or is no whole number.
struct VersionVisitor;

impl<'de> Visitor<'de> for VersionVisitor {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut version = None;
        while let Some(name) = object.next_key::<String>()? {
            if name != "v" {
                object.next_value::<IgnoredAny>()?;
            } else if version.replace(object.next_value()?).is_some() {
                return Ok(None);
            }
        }
        Ok(version)
    }
}
