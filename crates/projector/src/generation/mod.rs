//! From a record as the log returned it to what is decided. No I/O.
//!
//! A log may be the first of its ledger, or a later generation that was written from entries
//! (`restore`): the old records, each with a mark of which entry it was, then a seal.
//!
//! ```text
//!   restoring   r1'  r2'  r3'  seal │ not restoring   r5  r6 …       r' = r and its mark
//!                                   │
//!   r'     decided as r, at the time of its mark; must come to the hash of its mark
//!   seal   an entry like any other; ends restoring
//!   r      halts: somebody wrote below the seal
//!                                   │  r'     forged: invalid
//!                                   │  seal   an entry like any other
//! ```
//!
//! **Shape.** [`Found::of`] reads one record by itself, in any order and on any thread.
//! [`Found::place`] says what it is where it stands, in order: it needs the [`Place`] before it.
//! [`Logical::check`] compares the hash that deciding came to with that of the mark. What was read
//! back from an entry has been through this once: [`Read::of`] and [`Read::at`] are all it needs.
//!
//! **Correctness.** What an entry is decided from must follow from the entry alone, since the
//! entries are all that is left when the log is lost. So a seal is right or wrong by what it says
//! of its place, whether or not anything was restored; and a mark that is not the restore's own is
//! kept in the entry's headers, where it is found wrong again.

mod read;

use chrono::{DateTime, Utc};
use writ_domain::{BucketMap, Offset, Partition, Position, Seq, Submission};
use writ_envelope::hash::{self, Hash, Header};
use writ_envelope::restore::{Mark, Seal};
use writ_log::{Logged, Record};
use writ_store::ledger::Cursor;

pub(crate) use self::read::{Content, Read};
use crate::Halt;

/// What stands before a record: how far its partition is decided, and whether it is restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) partition: Partition,
    /// The last seq given out.
    pub(crate) seq: Seq,
    /// The chain hash of that entry.
    pub(crate) chain: Hash,
    /// Whether only restored records may follow, up to the seal.
    pub(crate) restoring: bool,
}

impl Place {
    /// Before the first record.
    pub(crate) fn genesis(partition: Partition) -> Self {
        Self {
            partition,
            seq: Seq::ZERO,
            chain: Hash::ZERO,
            restoring: false,
        }
    }

    pub(crate) fn of(cursor: &Cursor) -> Self {
        Self {
            partition: cursor.partition,
            seq: cursor.seq,
            chain: cursor.chain,
            restoring: cursor.restoring,
        }
    }

    /// The seal that is right here.
    pub(crate) fn seal(&self) -> Seal {
        Seal {
            partition: self.partition,
            records: self.seq.0,
            chain: self.chain,
        }
    }

    /// After an entry.
    pub(crate) fn after(&self, seq: Seq, chain: Hash, restoring: bool) -> Self {
        Self {
            seq,
            chain,
            restoring,
            ..*self
        }
    }
}

/// A record as the log returned it, read by itself.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    logged: Logged,
    mark: Option<Mark>,
    /// Without the mark.
    read: Read,
}

/// What a record is where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// One of a log that was never restored, or above the seal; or the seal itself.
    Own,
    /// One that a restore wrote.
    Restored,
    /// One that pretends so.
    Forged,
}

/// A record as it is decided.
#[derive(Debug, Clone)]
pub(crate) struct Logical {
    pub(crate) offset: Offset,
    /// The time that it is decided at, before it is clamped.
    pub(crate) time: DateTime<Utc>,
    /// What its entry keeps.
    pub(crate) record: Record,
    pub(crate) content: Content,
    /// Whether restoring goes on after it.
    pub(crate) restoring: bool,
    /// The log's own time.
    logged_at: DateTime<Utc>,
    /// What its entry must come to.
    mark: Option<Mark>,
}

impl Found {
    /// Reads a record of a partition by itself.
    pub(crate) fn of(map: &BucketMap, partition: Partition, logged: Logged) -> Self {
        let record = &logged.record;
        let (mark, own) = match Mark::split(&record.headers) {
            Some((mark, own)) => (Some(mark), own),
            None => (None, record.headers.as_slice()),
        };
        let read = Read::of_parts(map, partition, (&record.key, &record.value, own));
        Self { logged, mark, read }
    }

    /// What it asks, if it is a command.
    pub(crate) fn submission(&self) -> Option<&Submission> {
        match &self.read {
            Read::Submission(submission) => Some(submission),
            Read::Seal(_) | Read::Broken { .. } | Read::Newer { .. } => None,
        }
    }

    /// Whether its entry may become one of the partition's reserved tenant.
    pub(crate) fn may_be_reserved(&self) -> bool {
        self.mark.is_some() || self.submission().is_none()
    }

    /// The log's own time, where deciding goes by it.
    pub(crate) fn own_time(&self, place: &Place) -> Option<DateTime<Utc>> {
        (self.standing(place) != Standing::Restored).then_some(self.logged.time)
    }

    fn standing(&self, place: &Place) -> Standing {
        match self.mark {
            None => Standing::Own,
            // The first record of a log says whether the log was restored.
            Some(_) if place.restoring || place.seq == Seq::ZERO => Standing::Restored,
            Some(_) => Standing::Forged,
        }
    }

    /// Whether it may be decided here.
    pub(crate) fn admit(&self, place: &Place) -> Result<(), Halt> {
        let (offset, expected) = (self.logged.offset, Offset(place.seq.0));
        if offset != expected {
            return Err(Halt::Hole { offset, expected });
        }
        if let Read::Newer { version } = self.read {
            return Err(Halt::Newer { offset, version });
        }
        match (self.standing(place), self.mark) {
            (Standing::Restored, Some(mark)) => {
                let partition = place.partition;
                let seq = place.seq.next().ok_or(Halt::Exhausted { partition })?;
                let expected = Position { partition, seq };
                if mark.position == expected {
                    return Ok(());
                }
                Err(Halt::Misplaced {
                    offset,
                    marked: mark.position,
                    expected,
                })
            }
            (Standing::Own, _) if place.restoring && !self.seals(place) => {
                Err(Halt::BelowSeal { offset })
            }
            (Standing::Own | Standing::Forged | Standing::Restored, _) => Ok(()),
        }
    }

    fn seals(&self, place: &Place) -> bool {
        matches!(&self.read, Read::Seal(seal) if seal.check(&place.seal()).is_ok())
    }

    /// What it is where it stands.
    pub(crate) fn place(self, place: &Place) -> Result<Logical, Halt> {
        self.admit(place)?;
        let standing = self.standing(place);
        let Self { logged, mark, read } = self;
        let Logged {
            offset,
            time: logged_at,
            mut record,
        } = logged;
        let (mark, read) = match standing {
            Standing::Own => (None, read),
            Standing::Forged => (None, read.forged()),
            Standing::Restored => (mark, read),
        };
        if mark.is_some() {
            let own = record.headers.len().saturating_sub(MARK_HEADERS);
            record.headers.truncate(own);
        }
        let content = read
            .at(place)
            .map_err(|version| Halt::Newer { offset, version })?;
        Ok(Logical {
            offset,
            time: mark.map_or(logged_at, |mark| mark.time),
            record,
            content,
            restoring: mark.is_some(),
            logged_at,
            mark,
        })
    }

    pub(crate) fn offset(&self) -> Offset {
        self.logged.offset
    }

    /// As the log returned it.
    pub(crate) fn into_logged(self) -> Logged {
        self.logged
    }
}

/// Headers of a mark.
const MARK_HEADERS: usize = 3;

impl Logical {
    /// Compares what deciding came to with what it was before the restore.
    pub(crate) fn check(&self, chain: &Hash) -> Result<(), Halt> {
        match self.mark {
            Some(mark) if mark.chain != *chain => Err(Halt::RestoredOtherwise {
                offset: self.offset,
                position: mark.position,
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// The hash by which an owner knows its log again.
    pub(crate) fn anchor(&self) -> Hash {
        let record = &self.record;
        let marked: Vec<Header>;
        let headers = match &self.mark {
            None => &record.headers,
            Some(mark) => {
                marked = [record.headers.as_slice(), &mark.headers()].concat();
                &marked
            }
        };
        hash::anchor(
            self.offset,
            self.logged_at,
            &record.key,
            headers,
            &record.value,
        )
    }

    /// As the log returned it.
    pub(crate) fn into_logged(self) -> Logged {
        let mut record = self.record;
        if let Some(mark) = &self.mark {
            record.headers.extend(mark.headers());
        }
        Logged {
            offset: self.offset,
            time: self.logged_at,
            record,
        }
    }
}

/// The hash by which an owner knows its log again, of a record as the log returned it.
#[must_use]
pub fn anchor_of(logged: &Logged) -> Hash {
    let record = &logged.record;
    hash::anchor(
        logged.offset,
        logged.time,
        &record.key,
        &record.headers,
        &record.value,
    )
}
