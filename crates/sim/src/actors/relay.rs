//! A relay of one partition: tells entries on the topic of changes.

use core::time::Duration;

use writ_domain::Partition;
use writ_envelope::event::Told;
use writ_log::{AppendError, BATCH_RECORDS_MAX};
use writ_projector::relay::{Action, Error, Input, Machine, Opening, Pauses, Reason};
use writ_store::entries::Entry;

use crate::coverage::Branch;
use crate::log::{self, TailId, Which};
use crate::store::{self, Question, Reply};
use crate::{Actor, Ctx, Event, Hears, Message, Moment, Token};

/// How long a relay waits to be woken before it looks by itself.
pub const REST: Duration = Duration::from_secs(1);
/// Of so many batches one is left on its way.
const LEAVES: u64 = 40;

/// A relay.
#[derive(Debug)]
pub struct Relay {
    partition: Partition,
    life: Life,
}

/// What a process keeps in memory.
#[derive(Debug)]
struct Life {
    machine: Machine,
    pauses: Pauses,
    began: Moment,
    tail: Option<TailId>,
    /// The request under way, or the rest.
    pending: Option<(Token, Doing)>,
    is_open: bool,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Store,
    /// The store, for the entry that was told last.
    Looking,
    Log,
    /// The log, for a tail, whose messages are read next.
    Opening,
    Resting,
    /// It failed, or left, and begins anew then.
    Pausing,
}

impl Life {
    fn new(partition: Partition) -> Self {
        Self {
            machine: Machine::new(partition),
            pauses: Pauses::default(),
            began: Moment::default(),
            tail: None,
            pending: None,
            is_open: false,
        }
    }
}

impl Relay {
    /// A relay of a partition. There may be others.
    #[must_use]
    pub fn new(partition: Partition) -> Self {
        Self {
            partition,
            life: Life::new(partition),
        }
    }

    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        self.drop_tail(ctx);
        self.life.machine = Machine::new(self.partition);
        self.life.began = ctx.now();
        self.life.is_open = false;
        self.act(Action::LoadCursor, ctx);
    }

    fn drop_tail(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(tail) = self.life.tail.take() {
            ctx.close_tail(Which::Changes, tail);
        }
    }

    fn now(&self, ctx: &Ctx<'_>) -> Duration {
        ctx.now().since(self.life.began)
    }

    fn step(&mut self, input: Input, ctx: &mut Ctx<'_>) {
        let now = self.now(ctx);
        match self.life.machine.step(now, input) {
            Ok(action) => self.act(action, ctx),
            Err(error) => self.failed(&error, ctx),
        }
        if let Some(opening) = self.life.machine.opening().filter(|_| !self.life.is_open) {
            self.life.is_open = true;
            ctx.branch(match opening {
                Opening::Empty => Branch::RelayEmpty,
                Opening::Kept => Branch::RelayKept,
                Opening::FromBeginning => Branch::RelayWhole,
            });
        }
    }

    fn failed(&mut self, error: &Error, ctx: &mut Ctx<'_>) {
        ctx.trace(format_args!("fails: {error}"));
        match error {
            Error::Truncated { .. } => ctx.branch(Branch::RelayTruncated),
            Error::Append {
                source: AppendError::MaybeAppended { .. },
                ..
            } => ctx.branch(Branch::RelayUnsure),
            Error::OutOfTurn { .. } | Error::NoBeginning => {
                ctx.checker().violated(6, format!("a relay fails: {error}"));
            }
            Error::OtherHistory { position } if ctx.checker().is_of_another(*position) => {
                ctx.branch(Branch::RelayRefuses);
            }
            // The topic can be ahead of a ledger that was put back, and tells the same history.
            Error::OtherHistory { .. } | Error::Missing { .. } => {
                ctx.checker()
                    .violated(6, format!("a relay refuses: {error}"));
            }
            Error::Store(_) | Error::Read(_) | Error::Append { .. } => {}
        }
        let lasted = self.now(ctx);
        let pause = self.life.pauses.after(lasted);
        self.pause(pause, ctx);
    }

    fn pause(&mut self, pause: Duration, ctx: &mut Ctx<'_>) {
        self.life.pending = Some((ctx.after(pause), Doing::Pausing));
    }

    fn act(&mut self, action: Action, ctx: &mut Ctx<'_>) {
        let partition = self.partition;
        let (token, doing) = match action {
            Action::LoadCursor => (ctx.ask(Question::RelayCursor(partition)), Doing::Store),
            Action::Keep(cursor) => {
                let question = Question::KeepRelayCursor(partition, cursor);
                (ctx.ask(question), Doing::Store)
            }
            Action::Look(seq) => (ctx.ask(Question::Scan(partition, seq, 1)), Doing::Looking),
            Action::Scan { from, limit } => {
                // Small pages, so that there are many of them.
                let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(40);
                (
                    ctx.ask(Question::Scan(partition, from, limit)),
                    Doing::Store,
                )
            }
            Action::Bounds => {
                let request = log::Request::Bounds(partition);
                (ctx.log(Which::Changes, request), Doing::Log)
            }
            Action::Read(offset) => {
                let request = log::Request::Read(partition, offset);
                (ctx.log(Which::Changes, request), Doing::Log)
            }
            Action::Append(records) => {
                ctx.tells_on(self.life.machine.next_position(), self.life.began);
                // The process stops, or another one owns the partition. What was sent may arrive.
                let leaves = ctx.dice().one_in(LEAVES);
                if leaves && ctx.dice().one_in(2) {
                    return self.leave(ctx);
                }
                let request = log::Request::Append(partition, records);
                let token = ctx.log(Which::Changes, request);
                if leaves {
                    return self.leave(ctx);
                }
                (token, Doing::Log)
            }
            Action::Follow(from) => {
                self.drop_tail(ctx);
                let request = log::Request::Tail(partition, from);
                (ctx.log(Which::Changes, request), Doing::Opening)
            }
            Action::More => match self.life.tail {
                Some(tail) => (Self::more(tail, ctx), Doing::Log),
                None => return,
            },
            Action::Rest(Reason::AllTold) => {
                // Another process owns the partition for a while.
                if ctx.dice().one_in(200) {
                    let now = self.now(ctx);
                    let action = self.life.machine.leave(now);
                    return self.act(action, ctx);
                }
                (ctx.after(REST), Doing::Resting)
            }
            Action::Rest(Reason::EntryMissing) => {
                ctx.branch(Branch::RelayWaits);
                (ctx.after(REST), Doing::Resting)
            }
            Action::Left => {
                let pause = ctx.dice().between(Duration::ZERO, REST);
                return self.pause(pause, ctx);
            }
        };
        self.life.pending = Some((token, doing));
    }

    /// Leaves while a batch is to be told.
    fn leave(&mut self, ctx: &mut Ctx<'_>) {
        ctx.branch(Branch::RelayLeft);
        let now = self.now(ctx);
        let action = self.life.machine.leave(now);
        self.act(action, ctx);
    }

    fn more(tail: TailId, ctx: &mut Ctx<'_>) -> Token {
        ctx.log(
            Which::Changes,
            log::Request::Next(tail, BATCH_RECORDS_MAX.min(16), false),
        )
    }

    /// Whether this is what was waited for; what it was.
    fn take(&mut self, token: Token) -> Option<Doing> {
        let (_, doing) = self
            .life
            .pending
            .take_if(|(pending, _)| *pending == token)?;
        Some(doing)
    }

    fn stored(&mut self, doing: Doing, answer: store::Answer, ctx: &mut Ctx<'_>) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => {
                ctx.trace(format_args!("cannot ask the store: {error}"));
                let lasted = self.now(ctx);
                let pause = self.life.pauses.after(lasted);
                return self.pause(pause, ctx);
            }
        };
        let input = match (doing, reply) {
            (Doing::Looking, Reply::Entries(entries)) => {
                let found = entries.first().map(|stored| Told {
                    position: stored.entry.position,
                    hash: stored.entry.chain,
                });
                Input::Found(found)
            }
            (_, Reply::Relayed(cursor)) => Input::Cursor(cursor),
            (_, Reply::Entries(entries)) => {
                let entries: Vec<Entry> =
                    entries.iter().map(|stored| stored.entry.clone()).collect();
                Input::Entries(entries)
            }
            (_, _) => Input::Kept,
        };
        self.step(input, ctx);
    }

    fn logged(&mut self, doing: Doing, answer: log::Answer, ctx: &mut Ctx<'_>) {
        let position = self.life.machine.next_position();
        let input = match answer {
            log::Answer::Appended(landed) => landed
                .map(Input::Appended)
                .map_err(|source| Error::Append { position, source }),
            log::Answer::Tail(Ok(tail)) => {
                self.life.tail = Some(tail);
                let token = Self::more(tail, ctx);
                self.life.pending = Some((token, Doing::Log));
                return;
            }
            log::Answer::Tail(Err(error)) => Err(Error::Read(error)),
            log::Answer::Records(messages) => messages.map(Input::Messages).map_err(Error::Read),
            log::Answer::Bounds(bounds) => bounds.map(Input::Bounds).map_err(Error::from),
            log::Answer::Read(message) => message.map(Input::Message).map_err(Error::from),
        };
        debug_assert!(doing != Doing::Resting, "a rest is a timer");
        match input {
            Ok(input) => self.step(input, ctx),
            Err(error) => self.failed(&error, ctx),
        }
    }
}

impl Actor for Relay {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => {
                ctx.hear(Hears::News);
                self.begin(ctx);
            }
            Event::Timer(token) => match self.take(token) {
                Some(Doing::Resting) => self.step(Input::Woken, ctx),
                Some(Doing::Pausing) => self.begin(ctx),
                Some(Doing::Store | Doing::Looking | Doing::Log | Doing::Opening) | None => {}
            },
            Event::Store(token, answer) => {
                if let Some(doing) = self.take(token) {
                    self.stored(doing, answer, ctx);
                }
            }
            Event::Log(token, answer) => {
                if let Some(doing) = self.take(token) {
                    self.logged(doing, answer, ctx);
                }
            }
            Event::Message(_, Message::News) => {
                if self
                    .life
                    .pending
                    .take_if(|(_, doing)| *doing == Doing::Resting)
                    .is_some()
                {
                    self.step(Input::Woken, ctx);
                }
            }
            Event::Message(..) => {}
        }
    }

    fn restart(&mut self) {
        self.life = Life::new(self.partition);
    }
}
