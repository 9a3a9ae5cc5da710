//! One partition of the topic of changes: how far it is, and telling on. No I/O.
//!
//! ```text
//!   cursor? ─► bounds? ─┬─ empty ─────────────────────────────┐
//!                       ├─ what was kept is there ─► read on ─┤
//!                       └─ else ─► read from the beginning ───┤
//!                                                             ▼
//!                                         the last one's entry is the ledger's?
//!                                                             ▼
//!        ┌──► keep, if due ─► entries? ─┬─ none ─► rest ──┐
//!        │                              └─ some ─► bounds? ─► append ─► the one before is
//!        │                                                │             still there? ─┐
//!        └────────────────────────────────────────────────┴───────────────────────────┘
//! ```
//!
//! Nothing is appended to either, where others wrote before it, until the last one told was read again.

use core::time::Duration;
use std::collections::VecDeque;

use chrono::DateTime;
use tracing::warn;
use writ_domain::{Offset, Partition, Position, Seq};
use writ_envelope::event::Told;
use writ_log::{Appended, Bounds, Logged, Record};
use writ_store::entries::Entry;
use writ_store::relay::RelayCursor;

use super::Error;
use super::message::{Batch, batches};
use crate::generation::anchor_of;

/// Entries read at once; [`writ_store::entries::PAGE_BYTES_MAX`] bounds their bytes.
const PAGE: u32 = 1_000;
/// How often the cursor is kept, at most.
const KEEP: Duration = Duration::from_secs(1);

/// Telling one partition, until the first error: then another one begins. Times count from any
/// origin that stays the same.
#[derive(Debug)]
pub struct Machine {
    partition: Partition,
    state: State,
    opening: Option<Opening>,
    /// The entry that is told last; the topic is whole up to it at least.
    last: Option<Told>,
    /// Behind everything that is known to stand there.
    high: Offset,
    /// Where and when a message of `last` was appended.
    at: Appended,
    /// What was read and is not told yet.
    batches: VecDeque<Batch>,
    keeper: Keeper,
    leaving: bool,
}

/// What was asked for last.
#[derive(Debug)]
enum State {
    Cursor,
    Bounds { kept: Option<RelayCursor> },
    Believing { kept: RelayCursor },
    ReadingOn { read: Offset },
    History { last: Told },
    EntryMissing,
    Reread { last: Told },
    Keeping { seq: Seq },
    Page { next: Seq },
    Resting,
    LookingFirst,
    Disturbed { high: Offset },
    Appending { last: Told },
    Landed { last: Told, at: Appended },
    Over,
}

/// How it was found out how far the topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Nothing is on it.
    Empty,
    /// From what was kept, and what comes after that.
    Kept,
    /// It does not end as it should, so it was read whole.
    FromBeginning,
}

/// What to do next.
#[derive(Debug)]
pub enum Action {
    /// Ask the store for what was kept.
    LoadCursor,
    /// Ask the topic for its bounds.
    Bounds,
    /// Read the topic's message at this offset.
    Read(Offset),
    /// Follow the topic from this offset on: what is there, without waiting for more.
    Follow(Offset),
    /// Read more of what is followed.
    More,
    /// Ask the store which entry comes first at or after this one.
    Look(Seq),
    /// Read entries of the store.
    Scan {
        /// The first one.
        from: Seq,
        /// So many at most.
        limit: u32,
    },
    /// Keep how far the topic is told.
    Keep(RelayCursor),
    /// Append messages to the topic.
    Append(Vec<Record>),
    /// Wait until something was decided, or for a moment.
    Rest(Reason),
    /// Nothing any more.
    Left,
}

/// Why to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// All that is decided is told.
    AllTold,
    /// The ledger does not have the entry yet that was told last: it was put back, or is being
    /// rebuilt.
    EntryMissing,
}

/// What came of it.
#[derive(Debug)]
pub enum Input {
    /// What was kept.
    Cursor(Option<RelayCursor>),
    /// The topic's bounds.
    Bounds(Bounds),
    /// The message that was asked for.
    Message(Option<Logged>),
    /// What was followed brought these.
    Messages(Vec<Logged>),
    /// The entry that was looked for.
    Found(Option<Told>),
    /// The entries that were read.
    Entries(Vec<Entry>),
    /// It was kept.
    Kept,
    /// The messages landed here.
    Appended(Vec<Appended>),
    /// It was rested.
    Woken,
}

impl Machine {
    /// Knows nothing. The first action is [`Action::LoadCursor`].
    #[must_use]
    pub fn new(partition: Partition) -> Self {
        Self {
            partition,
            state: State::Cursor,
            opening: None,
            last: None,
            high: Offset(0),
            at: Appended {
                offset: Offset(0),
                time: DateTime::UNIX_EPOCH,
            },
            batches: VecDeque::new(),
            keeper: Keeper::default(),
            leaving: false,
        }
    }

    /// The entry that is told last; zero if none is.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.last.map_or(Seq::ZERO, |told| told.position.seq)
    }

    /// The entry that is told next.
    #[must_use]
    pub fn next_position(&self) -> Position {
        self.position(self.seq().next().unwrap_or(self.seq()))
    }

    /// How it was found out how far the topic is, once it was.
    #[must_use]
    pub fn opening(&self) -> Option<Opening> {
        self.opening
    }

    /// Whether it is telling entries: then it may be left at any time.
    ///
    /// What was sent may arrive all the same; whoever comes next reads on to the end.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        matches!(self.state, State::LookingFirst | State::Appending { .. })
    }

    /// Takes in what came of the last action, and says what is next.
    pub fn step(&mut self, now: Duration, input: Input) -> Result<Action, Error> {
        match (core::mem::replace(&mut self.state, State::Over), input) {
            (State::Cursor, Input::Cursor(kept)) => {
                self.keeper = Keeper::new(kept, now);
                self.state = State::Bounds { kept };
                Ok(Action::Bounds)
            }
            (State::Bounds { kept }, Input::Bounds(bounds)) => self.open(now, kept, bounds),
            (State::Believing { kept }, Input::Message(message)) => {
                Ok(self.believe(now, &kept, message.as_ref()))
            }
            (State::ReadingOn { read }, Input::Messages(messages)) => {
                self.read_on(now, read, &messages)
            }
            (State::History { last }, Input::Found(found)) => self.compare(now, last, found),
            (State::EntryMissing, Input::Woken) => Ok(self.check_history(now)),
            (State::Reread { last }, Input::Message(message)) => {
                self.reread(last, message.as_ref())
            }
            (State::Keeping { seq }, Input::Kept) => {
                self.keeper.kept(seq, now);
                Ok(self.page())
            }
            (State::Page { next }, Input::Entries(entries)) => self.read(now, next, &entries),
            (State::Resting, Input::Woken) => Ok(self.keep(now, KEEP)),
            (State::LookingFirst, Input::Bounds(bounds)) => self.tell(now, bounds),
            (State::Disturbed { high }, Input::Message(message)) => {
                self.is_still_there(message.as_ref(), high)?;
                self.high = high;
                Ok(self.append(now))
            }
            (State::Appending { last }, Input::Appended(landed)) => self.told(now, last, &landed),
            (State::Landed { last, at }, Input::Message(message)) => {
                self.is_still_there(message.as_ref(), at.offset)?;
                Ok(self.landed(now, last, at))
            }
            (_state, input) => Err(Error::OutOfTurn {
                input: format!("{input:?}"),
            }),
        }
    }

    /// Stops telling; keeps how far it came, where that is not kept yet.
    pub fn leave(&mut self, now: Duration) -> Action {
        self.leaving = true;
        self.keep(now, Duration::ZERO)
    }

    /// Finds out how far the topic is.
    fn open(
        &mut self,
        now: Duration,
        kept: Option<RelayCursor>,
        bounds: Bounds,
    ) -> Result<Action, Error> {
        if bounds.low.0 != 0 {
            return Err(Error::NoBeginning);
        }
        self.high = bounds.high;
        Ok(match (bounds.high.previous(), kept) {
            (None, kept) => {
                if kept.is_some() {
                    warn!(partition = %self.partition, "the topic of changes is empty: it is told from entry 1");
                }
                self.opened(now, Opening::Empty)
            }
            (Some(_), Some(kept)) => {
                self.state = State::Believing { kept };
                Action::Read(kept.offset)
            }
            (Some(_), None) => self.read_whole(now),
        })
    }

    /// Takes what was kept, if this is still the topic: it was whole up to there.
    fn believe(&mut self, now: Duration, kept: &RelayCursor, message: Option<&Logged>) -> Action {
        let message = message.filter(|message| anchor_of(message) == kept.anchor);
        let told = message.and_then(|message| Some((self.told_by(message)?, message.appended())));
        if let Some((told, at)) = told {
            self.stand(told, at);
            self.opening = Some(Opening::Kept);
            let next = kept.offset.next().unwrap_or(kept.offset);
            return self.follow(now, next);
        }
        warn!(partition = %self.partition, "the topic of changes is not the one of before: it is read from its beginning");
        self.read_whole(now)
    }

    /// SUBTLE: the last message says nothing: what follows a loss may be a stray, and repeats make the
    /// topic long enough for it.
    fn read_whole(&mut self, now: Duration) -> Action {
        self.opening = Some(Opening::FromBeginning);
        self.follow(now, Offset(0))
    }

    /// Reads from an offset to the end: how far the topic is whole.
    fn follow(&mut self, now: Duration, from: Offset) -> Action {
        if from < self.high {
            self.state = State::ReadingOn { read: from };
            Action::Follow(from)
        } else {
            self.check_history(now)
        }
    }

    fn read_on(
        &mut self,
        now: Duration,
        mut read: Offset,
        messages: &[Logged],
    ) -> Result<Action, Error> {
        // SUBTLE: it was exchanged since its end was looked at. To wait for what this relay itself
        // is to append would be to wait for ever.
        if messages.is_empty() {
            return Err(self.truncated(read));
        }
        for message in messages {
            let told = self.told_by(message);
            if let Some(told) = told.filter(|told| Some(told.position.seq) == self.seq().next()) {
                self.stand(told, message.appended());
            }
            read = message.offset.next().unwrap_or(message.offset);
        }
        Ok(if read < self.high {
            self.state = State::ReadingOn { read };
            Action::More
        } else {
            self.check_history(now)
        })
    }

    fn opened(&mut self, now: Duration, opening: Opening) -> Action {
        self.opening = Some(opening);
        self.check_history(now)
    }

    /// Compares the topic's last message with the entry that it tells, once that is there.
    fn check_history(&mut self, now: Duration) -> Action {
        let Some(last) = self.last else {
            return self.keep(now, KEEP);
        };
        self.state = State::History { last };
        Action::Look(last.position.seq)
    }

    fn compare(&mut self, now: Duration, last: Told, found: Option<Told>) -> Result<Action, Error> {
        let position = last.position;
        match found {
            Some(found) if found.position != position => Err(Error::Missing { position }),
            Some(found) if found.hash != last.hash => Err(Error::OtherHistory { position }),
            Some(_) => Ok(self.keep(now, KEEP)),
            None => {
                self.state = State::EntryMissing;
                Ok(Action::Rest(Reason::EntryMissing))
            }
        }
    }

    /// Keeps how far the topic is told, if that is due; then goes on.
    fn keep(&mut self, now: Duration, at_most_every: Duration) -> Action {
        match self.last {
            Some(last) if self.keeper.is_due(last.position.seq, now, at_most_every) => {
                self.state = State::Reread { last };
                Action::Read(self.at.offset)
            }
            Some(_) | None => self.page(),
        }
    }

    /// Only what is read back from the topic is worth keeping.
    fn reread(&mut self, last: Told, message: Option<&Logged>) -> Result<Action, Error> {
        self.is_still_there(message, self.at.offset)?;
        let Some(message) = message else {
            return Ok(self.page());
        };
        let seq = last.position.seq;
        self.state = State::Keeping { seq };
        Ok(Action::Keep(RelayCursor {
            seq,
            offset: self.at.offset,
            anchor: anchor_of(message),
        }))
    }

    /// Asks for the entries that come next.
    fn page(&mut self) -> Action {
        if self.leaving {
            return Action::Left;
        }
        let Some(next) = self.seq().next() else {
            self.state = State::Resting;
            return Action::Rest(Reason::AllTold);
        };
        self.state = State::Page { next };
        Action::Scan {
            from: next,
            limit: PAGE,
        }
    }

    fn read(&mut self, now: Duration, next: Seq, entries: &[Entry]) -> Result<Action, Error> {
        let mut expected = next;
        for entry in entries {
            if entry.position.seq != expected {
                let position = self.position(expected);
                return Err(Error::Missing { position });
            }
            expected = expected.next().unwrap_or(expected);
        }
        if entries.is_empty() {
            self.state = State::Resting;
            return Ok(Action::Rest(Reason::AllTold));
        }
        self.batches = batches(entries);
        Ok(self.look_first(now))
    }

    /// Looks at the topic before a batch is appended.
    fn look_first(&mut self, now: Duration) -> Action {
        if self.batches.is_empty() {
            return self.keep(now, KEEP);
        }
        self.state = State::LookingFirst;
        Action::Bounds
    }

    fn tell(&mut self, now: Duration, bounds: Bounds) -> Result<Action, Error> {
        if bounds.low.0 != 0 {
            return Err(Error::NoBeginning);
        }
        if bounds.high < self.high {
            return Err(self.truncated(bounds.high));
        }
        // SUBTLE: a topic that lost its end and got repeats of others may be longer than before.
        if bounds.high > self.high && self.last.is_some() {
            self.state = State::Disturbed { high: bounds.high };
            return Ok(Action::Read(self.at.offset));
        }
        self.high = bounds.high;
        Ok(self.append(now))
    }

    fn append(&mut self, now: Duration) -> Action {
        match self.batches.pop_front() {
            Some(Batch { records, last }) => {
                self.state = State::Appending { last };
                Action::Append(records)
            }
            None => self.keep(now, KEEP),
        }
    }

    fn told(&mut self, now: Duration, last: Told, landed: &[Appended]) -> Result<Action, Error> {
        if let Some(early) = landed.iter().find(|landed| landed.offset < self.high) {
            return Err(self.truncated(early.offset));
        }
        let Some(at) = landed.last().copied() else {
            return Ok(self.look_first(now));
        };
        if self.last.is_none() {
            return Ok(self.landed(now, last, at));
        }
        // SUBTLE: also where it landed next to the last one told: a topic that lost its end may have
        // got as many repeats of others.
        self.state = State::Landed { last, at };
        Ok(Action::Read(self.at.offset))
    }

    fn landed(&mut self, now: Duration, last: Told, at: Appended) -> Action {
        self.high = at.offset.next().unwrap_or(at.offset);
        self.stand(last, at);
        self.look_first(now)
    }

    /// Refuses a topic that has something else where the last one told was: it lost that.
    fn is_still_there(&self, message: Option<&Logged>, high: Offset) -> Result<(), Error> {
        let told = message.and_then(|message| self.told_by(message));
        // SUBTLE: a late repeat of that very message may have come to its place; the log gave it
        // another time.
        if told == self.last && message.map(Logged::appended) == Some(self.at) {
            Ok(())
        } else {
            Err(self.truncated(high))
        }
    }

    fn stand(&mut self, told: Told, at: Appended) {
        self.last = Some(told);
        self.at = at;
    }

    /// Which entry of this partition a message tells, if it tells one.
    fn told_by(&self, message: &Logged) -> Option<Told> {
        Told::of(&message.record.headers).filter(|told| {
            told.position.partition == self.partition && told.position.seq != Seq::ZERO
        })
    }

    fn position(&self, seq: Seq) -> Position {
        Position {
            partition: self.partition,
            seq,
        }
    }

    fn truncated(&self, high: Offset) -> Error {
        Error::Truncated {
            high: high.0,
            told: self.high.0,
        }
    }
}

/// When the cursor was kept last.
#[derive(Debug, Default)]
struct Keeper {
    seq: Option<Seq>,
    at: Duration,
}

impl Keeper {
    fn new(kept: Option<RelayCursor>, at: Duration) -> Self {
        Self {
            seq: kept.map(|cursor| cursor.seq),
            at,
        }
    }

    fn is_due(&self, seq: Seq, now: Duration, at_most_every: Duration) -> bool {
        self.seq != Some(seq) && now.saturating_sub(self.at) >= at_most_every
    }

    fn kept(&mut self, seq: Seq, at: Duration) {
        self.seq = Some(seq);
        self.at = at;
    }
}
