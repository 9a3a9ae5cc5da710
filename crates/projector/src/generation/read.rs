//! What the bytes of one record say.

use writ_domain::{BucketMap, Partition, Submission, TenantId};
use writ_envelope::hash::Header;
use writ_envelope::restore::{self, SEAL_KIND, Seal};
use writ_envelope::{DecodeError, decode};
use writ_log::Record;

use super::Place;

/// What a record says, read by itself.
#[derive(Debug, Clone)]
pub(crate) enum Read {
    Submission(Box<Submission>),
    Seal(Seal),
    Broken { problem: String },
    Newer { version: u64 },
}

impl Read {
    /// Reads the record of an entry, or one without a mark.
    ///
    /// One that lies where it should not is broken, and so is one that has a mark all the same.
    pub(crate) fn of(map: &BucketMap, partition: Partition, record: &Record) -> Self {
        let Record {
            key,
            value,
            headers,
        } = record;
        Self::of_parts(map, partition, (key, value, headers))
    }

    pub(super) fn of_parts(
        map: &BucketMap,
        partition: Partition,
        (key, value, headers): (&[u8], &[u8], &[Header]),
    ) -> Self {
        let read = if Seal::owns(key) {
            Self::seal(partition, key, value)
        } else {
            Self::submission(map, partition, key, value)
        };
        if restore::is_reserved(headers) {
            read.forged()
        } else {
            read
        }
    }

    fn submission(map: &BucketMap, partition: Partition, key: &[u8], value: &[u8]) -> Self {
        let submission = match decode(value) {
            Ok(submission) => submission,
            Err(error) => return error.into(),
        };
        let tenant = &submission.stamp.tenant;
        if key != tenant.as_str().as_bytes() {
            return Self::broken("its key is not its tenant");
        }
        if map.partition_of(tenant) != partition {
            return Self::broken("its tenant belongs to another partition");
        }
        Self::Submission(Box::new(submission))
    }

    fn seal(partition: Partition, key: &[u8], value: &[u8]) -> Self {
        match Seal::decode(value) {
            Err(error) => error.into(),
            Ok(_) if key != TenantId::reserved(partition).as_str().as_bytes() => {
                Self::broken("its key is not its tenant")
            }
            Ok(seal) => Self::Seal(seal),
        }
    }

    /// With a mark where none may be. What is broken besides is said first.
    pub(super) fn forged(self) -> Self {
        match self {
            Self::Submission(_) | Self::Seal(_) => Self::broken("has headers of a restore"),
            read @ (Self::Broken { .. } | Self::Newer { .. }) => read,
        }
    }

    fn broken(problem: &str) -> Self {
        Self::Broken {
            problem: problem.to_owned(),
        }
    }

    /// What it is where it stands: a seal is compared with what stands before it.
    ///
    /// # Errors
    /// The version of a record that a newer release wrote.
    pub(crate) fn at(self, place: &Place) -> Result<Content, u64> {
        match self {
            Self::Newer { version } => Err(version),
            Self::Broken { problem } => Ok(Content::Broken { problem }),
            Self::Submission(submission) => Ok(Content::Submission(submission)),
            Self::Seal(seal) => match seal.check(&place.seal()) {
                Ok(()) => Ok(Content::Seal),
                Err(problem) => Ok(Content::Broken {
                    problem: problem.to_owned(),
                }),
            },
        }
    }
}

impl From<DecodeError> for Read {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Newer { version } => Self::Newer { version },
            DecodeError::Broken { problem } => Self::Broken { problem },
        }
    }
}

/// What an entry is made from.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// It is decided.
    Submission(Box<Submission>),
    /// It is right: `unchanged`, kind `seal`.
    Seal,
    /// `invalid`.
    Broken { problem: String },
}

impl Content {
    /// Whose entry it becomes: what is no command belongs to the partition's reserved tenant.
    pub(crate) fn tenant(&self, partition: Partition) -> TenantId {
        match self {
            Self::Submission(submission) => submission.stamp.tenant.clone(),
            Self::Seal | Self::Broken { .. } => TenantId::reserved(partition),
        }
    }

    /// The `kind` of its entry; empty if the record could not be read.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Submission(submission) => submission.command.kind(),
            Self::Seal => SEAL_KIND,
            Self::Broken { .. } => "",
        }
    }

    pub(crate) fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Submission(submission) => Some(submission),
            Self::Seal | Self::Broken { .. } => None,
        }
    }

    pub(crate) fn into_submission(self) -> Option<Submission> {
        match self {
            Self::Submission(submission) => Some(*submission),
            Self::Seal | Self::Broken { .. } => None,
        }
    }
}
