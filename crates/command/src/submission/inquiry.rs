//! Finding out how a command stands.
//!
//! ```text
//!   find ──there──► decided
//!     └─ not there ─► waited for here? ──yes──► appended
//!          └─ no ─► decided how far? ─► where does the log end? ─► decided up to there? ──no──► wait ─► behind
//!                                                                   └─ yes ─► is it the log that was decided?
//!                                                                     ├─ yes ─► find again ─┬─ there ──► decided
//!                                                                     │                     └─ not there ─┐
//!                                                                     └─ no ──► behind ◄─no─ still so far? ◄┘
//!                                                                               unknown ◄─yes─┘
//! ```
//!
//! **Correctness.** `Unknown` says that the log did not hold the command when it was asked, so that
//! whoever cancels it then comes first. So the end of the log is asked for before what is decided,
//! and the command is looked for once more after that.
//!
//! Offsets are comparable within one log only. One that lost what was decided ends before the
//! cursor and may hold the command all the same, behind which it will be put when it is restored.
//! So the records before two cursors are compared with the log's, by bytes: that of the last look,
//! lest it be truncated, and that of the first, lest it was and is restored. And a ledger that was put
//! back since has forgotten entries: one that does not have the command is asked again how far it is.

use writ_domain::Offset;
use writ_envelope::hash;
use writ_log::Logged;
use writ_store::entries::{Entry, Progress};

/// Finding out how one command stands.
#[derive(Debug, Default)]
pub struct Inquiry {
    /// How far the partition was decided before the end of the log was asked for.
    before: Option<Progress>,
    /// The end of the log, once it was asked for.
    high: Option<Offset>,
    /// What is still to be compared with the log.
    uncompared: Vec<Progress>,
    /// Whether all before that is decided.
    is_decided: bool,
    /// Whether the command was looked for once more after that.
    is_sought: bool,
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// The store for the command's entry, then whether it is waited for here.
    Find,
    /// The log for its end.
    End,
    /// The store for how far the partition is decided.
    Progress,
    /// The log for the record at this offset.
    Record(Offset),
    /// Nothing: wait until something may have been decided, or time is up.
    Wait,
    /// Nothing more.
    Told(Standing),
}

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// The command's entry, and whether a request of this process waits for it.
    Found {
        /// The entry.
        entry: Option<Box<Entry>>,
        /// Whether it is waited for.
        waited_for: bool,
    },
    /// The end of the log.
    End(Offset),
    /// How far the partition is decided.
    Progress(Progress),
    /// The record that was asked for.
    Record(Option<Logged>),
    /// Something may have been decided.
    Moved,
    /// It has taken too long.
    TimeUp,
}

/// How a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It has this entry.
    Decided(Box<Entry>),
    /// A request of this process waits for its outcome.
    Appended,
    /// The ledger holds no such command, and the log held none when it was asked.
    Unknown,
    /// The projector has not come as far as the log was when it was asked.
    Behind,
}

impl Inquiry {
    /// Takes in what was heard; what to ask first is [`Asks::Find`].
    pub fn step(&mut self, heard: Heard) -> Asks {
        match heard {
            Heard::Found {
                entry: Some(entry), ..
            } => Asks::Told(Standing::Decided(entry)),
            // SUBTLE: it may have been decided while we waited; that was looked for now.
            Heard::Found { entry: None, .. } if self.is_decided => {
                self.is_sought = true;
                Asks::Progress
            }
            Heard::Found {
                waited_for: true, ..
            } => Asks::Told(Standing::Appended),
            Heard::Found { .. } | Heard::Moved => Asks::Progress,
            Heard::End(high) => {
                self.high = Some(high);
                Asks::Progress
            }
            Heard::Progress(progress) if self.is_sought => {
                let is_there = self.high.is_some_and(|high| progress.next_offset >= high);
                Asks::Told(if is_there {
                    Standing::Unknown
                } else {
                    Standing::Behind
                })
            }
            Heard::Progress(progress) => match (self.before, self.high) {
                (Some(before), Some(high)) if progress.next_offset >= high => {
                    self.uncompared = vec![before, progress];
                    self.compare()
                }
                (Some(_), Some(_)) => Asks::Wait,
                (None, _) | (_, None) => {
                    self.before = Some(progress);
                    Asks::End
                }
            },
            Heard::Record(record) => {
                let compared = self.uncompared.pop();
                let found = record.as_ref().map(anchor_of);
                if compared.is_some_and(|compared| compared.anchor == found) {
                    self.compare()
                } else {
                    Asks::Told(Standing::Behind)
                }
            }
            Heard::TimeUp => Asks::Told(Standing::Behind),
        }
    }

    /// What to compare next; once all is, the command is looked for again.
    fn compare(&mut self) -> Asks {
        while let Some(next) = self.uncompared.last() {
            if let (Some(_), Some(last)) = (next.anchor, next.next_offset.previous()) {
                return Asks::Record(last);
            }
            self.uncompared.pop();
        }
        self.is_decided = true;
        Asks::Find
    }
}

/// The hash of a record as the log returned it: what a cursor keeps.
fn anchor_of(logged: &Logged) -> writ_envelope::Hash {
    let record = &logged.record;
    let (key, headers, value) = (&record.key, &record.headers, &record.value);
    hash::anchor(logged.offset, logged.time, key, headers, value)
}
