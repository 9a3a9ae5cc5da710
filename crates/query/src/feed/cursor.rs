//! Where one reader of a stream is, and what it does next. No I/O.
//!
//! ```text
//!   hello ─► read pages ──short page──► subscribe ─► read up to the ring ─► listen ─► over
//!                 ▲                                                           │
//!                 └───────────────── the ring skipped a number ◄──────────────┘
//! ```
//!
//! **Correctness.** The cursor moves over the numbers one by one, whatever passes a filter. A page
//! that is short says nothing of what was committed since; so the ring is joined first, and what
//! lies between the page and where the ring begins is read from the store after that.

use core::time::Duration;

use writ_domain::TenantSeq;
use writ_store::entries::Head;

/// One reader. Times count from any origin that stays the same.
#[derive(Debug)]
pub struct Cursor {
    /// Up to where the reader has everything.
    at: TenantSeq,
    /// The entry there, if it was read.
    seen: Option<Head>,
    phase: Phase,
    quiet: Duration,
    /// When it has been quiet for too long.
    speak_at: Duration,
    /// When it ends, whatever comes.
    ends_at: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Says that it is there.
    Opening,
    /// Reads from the store.
    CatchingUp,
    /// Has read all there was.
    Subscribing,
    /// Reads from the store what lies before this; after it, the ring.
    Joining(TenantSeq),
    /// Reads from the ring.
    Live,
    Over,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Say that it is there.
    Hello,
    /// Read a page of the store: what comes after the first up to the second.
    Read {
        /// Where the reader is.
        after: TenantSeq,
        /// What is read from elsewhere.
        up_to: TenantSeq,
    },
    /// Join the ring; of an earlier one nothing is heard any more.
    Subscribe,
    /// Wait for the ring, to say something, or for the end.
    Listen {
        /// When something is to be said.
        speak_at: Duration,
        /// When it ends.
        ends_at: Duration,
    },
    /// Nothing any more.
    Over,
}

/// What an entry of the ring is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// The one that comes next.
    Next,
    /// One that it has.
    Seen,
    /// One after another that it does not have: the store is asked.
    Skipped,
}

impl Cursor {
    /// A reader that has everything up to `after`.
    #[must_use]
    pub fn new(after: TenantSeq, now: Duration, (quiet, lifetime): (Duration, Duration)) -> Self {
        Self {
            at: after,
            seen: None,
            phase: Phase::Opening,
            quiet,
            speak_at: now.saturating_add(quiet),
            ends_at: now.saturating_add(lifetime),
        }
    }

    /// Up to where the reader has everything.
    #[must_use]
    pub fn at(&self) -> TenantSeq {
        self.at
    }

    /// The entry there, if it was read.
    #[must_use]
    pub fn seen(&self) -> Option<Head> {
        self.seen
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// What to do next.
    pub fn wants(&mut self) -> Next {
        match self.phase {
            Phase::Opening => {
                self.phase = Phase::CatchingUp;
                Next::Hello
            }
            Phase::CatchingUp => Next::Read {
                after: self.at,
                up_to: TenantSeq(u64::MAX),
            },
            Phase::Subscribing => Next::Subscribe,
            Phase::Joining(begins) if self.at < begins => Next::Read {
                after: self.at,
                up_to: begins,
            },
            Phase::Joining(_) | Phase::Live => {
                self.phase = Phase::Live;
                Next::Listen {
                    speak_at: self.speak_at,
                    ends_at: self.ends_at,
                }
            }
            Phase::Over => Next::Over,
        }
    }

    /// Takes an entry of the page that was read.
    pub fn read(&mut self, entry: Head) {
        self.at = entry.tenant_seq;
        self.seen = Some(entry);
    }

    /// The page has ended, having had so many entries of so many that it may have. A full one may
    /// not have been the last.
    pub fn page_ended(&mut self, read: usize, page: u32) {
        let is_short = u32::try_from(read).is_ok_and(|read| read < page);
        match self.phase {
            Phase::CatchingUp if is_short => self.phase = Phase::Subscribing,
            // The ledger was put back to before the ring. Who comes again is told so.
            Phase::Joining(_) if read == 0 => self.phase = Phase::Over,
            Phase::Opening
            | Phase::CatchingUp
            | Phase::Subscribing
            | Phase::Joining(_)
            | Phase::Live
            | Phase::Over => {}
        }
    }

    /// The ring is joined: it gives what comes after this.
    pub fn joined(&mut self, come_to: TenantSeq) {
        self.phase = Phase::Joining(come_to);
    }

    /// Takes an entry of the ring.
    pub fn hear(&mut self, entry: Head) -> Hearing {
        if entry.tenant_seq <= self.at {
            return Hearing::Seen;
        }
        if self.at.next() != Some(entry.tenant_seq) {
            self.phase = Phase::CatchingUp;
            return Hearing::Skipped;
        }
        self.read(entry);
        Hearing::Next
    }

    /// Whether it has been quiet for too long: then a checkpoint is said.
    #[must_use]
    pub fn is_quiet(&self, now: Duration) -> bool {
        now >= self.speak_at
    }

    /// Something was said.
    pub fn spoke(&mut self, now: Duration) {
        self.speak_at = now.saturating_add(self.quiet);
    }

    /// It ends here: overrun, its time is up, or the store failed. Who comes again resumes.
    pub fn end(&mut self) {
        self.phase = Phase::Over;
    }
}

/// From where a reader goes on: after the last event that it saw, else from what it asks for.
/// `None`: what it says it saw is no id of an event.
#[must_use]
pub fn resume(asked: TenantSeq, last_event_id: Option<&str>) -> Option<TenantSeq> {
    let Some(last) = last_event_id.filter(|last| !last.is_empty()) else {
        return Some(asked);
    };
    // SUBTLE: `u64::from_str` takes "+1"; a number has one spelling.
    let is_plain = last.bytes().all(|byte| byte.is_ascii_digit());
    last.parse().ok().filter(|_| is_plain).map(TenantSeq)
}
