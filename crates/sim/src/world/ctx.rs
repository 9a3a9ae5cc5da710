//! What an actor can do.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use writ_domain::{Offset, Partition, Position, State, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_envelope::event::Told;
use writ_store::entries::Entry;
use writ_store::ledger::{Error, Lease, Wanted};

use super::room::{From, Happening, Room};
use crate::checker::Checker;
use crate::coverage::{Branch, Fault};
use crate::log::{self, TailId, Which};
use crate::store::{self, Ledger, Question, SessionId, Statement};
use crate::{ActorId, Dice, Event, Hears, Message, Moment, Token};

/// What an actor can do while it takes an event.
#[derive(Debug)]
pub struct Ctx<'w> {
    me: ActorId,
    room: &'w mut Room,
}

impl<'w> Ctx<'w> {
    pub(super) fn new(me: ActorId, room: &'w mut Room) -> Self {
        Self { me, room }
    }

    /// Who it is.
    #[must_use]
    pub fn me(&self) -> ActorId {
        self.me
    }

    /// What time it is in the world: what a monotone clock shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.room.now
    }

    /// What the process's own clock shows.
    #[must_use]
    pub fn clock(&self) -> DateTime<Utc> {
        let skew = self.room.process(self.me).map(|process| process.skew);
        let time = self.room.time();
        time.checked_add_signed(skew.unwrap_or_default())
            .unwrap_or(time)
    }

    /// Chances.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.room.dice
    }

    /// Adds a line to the story.
    pub fn trace(&mut self, what: fmt::Arguments<'_>) {
        self.room.trace(self.me, what);
    }

    /// Counts a fault that was dealt.
    pub fn fault(&mut self, fault: Fault) {
        self.room.coverage.fault(fault);
    }

    /// Counts a branch of recovery that was taken.
    pub fn branch(&mut self, branch: Branch) {
        self.room.coverage.branch(branch);
    }

    /// Who watches.
    pub fn checker(&mut self) -> &mut Checker {
        &mut self.room.checker
    }

    /// An entry of the tenant that somebody was told of.
    pub fn revision(&mut self, tenant: &TenantId) -> Option<(TenantSeq, Hash)> {
        let Room { checker, dice, .. } = &mut *self.room;
        checker.clients().any(tenant, dice)
    }

    /// Whether the topic of changes, at this offset, tells every entry after the one before it: it
    /// lost nothing, or has told it again.
    pub fn changes_are_whole(&mut self, partition: Partition, offset: Offset) -> bool {
        self.room.survey();
        let gaps = self.room.gaps.get(usize::from(partition.0));
        gaps.is_some_and(|gaps| gaps.are_over(offset))
    }

    /// A relay that began then tells an entry after what the topic of changes holds.
    ///
    /// Where the last message was another history's before it began, it has seen that.
    pub fn tells_on(&mut self, next: Position, began: Moment) {
        let Room {
            changes, checker, ..
        } = &mut *self.room;
        let last = changes.records(next.partition).last();
        if let Some(told) = last.and_then(|last| Told::of(&last.record.headers)) {
            checker.tells_on(told, began, next);
        }
    }

    /// Asks to be told after a pause: `Event::Timer`.
    pub fn after(&mut self, pause: Duration) -> Token {
        let token = self.room.token();
        self.room.deliver(self.me, pause, Event::Timer(token));
        token
    }

    /// Speaks to another actor, which hears what one says in the order in which it was said.
    pub fn order(&mut self, to: ActorId, message: Message) {
        let event = Event::Message(self.me, message);
        self.room.deliver(to, Duration::ZERO, event);
    }

    /// Speaks to another actor. What was said later may come earlier.
    pub fn send(&mut self, to: ActorId, message: Message) {
        let pause = self.room.latency();
        self.room
            .deliver(to, pause, Event::Message(self.me, message));
    }

    /// Wants to hear of commits, until it is killed. What is heard may be lost.
    pub fn hear(&mut self, hears: Hears) {
        if let Some(process) = self.room.processes.get_mut(usize::from(self.me.0)) {
            process.hears = Some(hears);
        }
    }

    /// Tells what was just committed to all who want to hear of it.
    pub fn tell(&mut self, entries: &Arc<Vec<Entry>>) {
        let hearers: Vec<(ActorId, Hears)> = self
            .room
            .processes
            .iter()
            .zip(0..)
            .filter_map(|(process, id)| Some((ActorId(id), process.hears?)))
            .collect();
        for (to, hears) in hearers {
            if self.room.strikes(self.room.rates.news, Fault::NewsLost) {
                continue;
            }
            self.send(
                to,
                match hears {
                    Hears::Entries => Message::Told(Arc::clone(entries)),
                    Hears::News => Message::News,
                },
            );
        }
    }

    fn from(&mut self) -> From {
        From {
            actor: self.me,
            life: self.room.process(self.me).map_or(0, |process| process.life),
            token: self.room.token(),
        }
    }

    /// Asks a log: `Event::Log`.
    pub fn log(&mut self, which: Which, request: log::Request) -> Token {
        let from = self.from();
        let pause = if matches!(request, log::Request::Next(..)) {
            // The client has fetched ahead.
            Duration::ZERO
        } else {
            self.room.latency()
        };
        self.room.schedule(
            pause,
            Happening::AtLog {
                from,
                which,
                request,
            },
        );
        from.token
    }

    /// Gives up a wait for records: it takes none.
    pub fn forget(&mut self, token: Token) {
        let before = self.room.waiting.len();
        self.room
            .waiting
            .retain(|waiting| waiting.from.token != token);
        if before == self.room.waiting.len() {
            self.room.forgotten.insert(token);
        }
    }

    /// Drops a tail.
    pub fn close_tail(&mut self, which: Which, tail: TailId) {
        self.room.topic(which).close(tail);
    }

    fn store(&mut self, request: store::Request) -> Token {
        let from = self.from();
        let pause = self.room.latency();
        self.room
            .schedule(pause, Happening::AtStore { from, request });
        from.token
    }

    /// Connects to the store as an owner does: `Reply::Opened`.
    pub fn open(&mut self, lease: Lease) -> Token {
        self.store(store::Request::Open(lease))
    }

    /// Says something in a session.
    pub fn statement(&mut self, session: SessionId, statement: Statement) -> Token {
        self.store(store::Request::Statement(session, statement))
    }

    /// Asks the store as readers do.
    pub fn ask(&mut self, question: Question) -> Token {
        self.store(store::Request::Ask(question))
    }

    /// Takes the answer to a `Statement::Begin` or `Statement::Load` apart: what it loaded.
    pub fn load(
        &self,
        session: SessionId,
        wanted: Vec<Wanted>,
        states: &mut BTreeMap<TenantId, State>,
    ) -> Result<(), Error> {
        self.room.ledger.load(session, wanted, states)
    }

    /// Drops a connection.
    pub fn close(&mut self, session: SessionId) {
        self.room.ledger.close(session);
        self.room.unlock();
    }

    /// Lets nobody else append commands, or everybody again: for an operator.
    pub fn fence(&mut self, fenced: bool) {
        self.room.fenced_for = fenced.then_some(self.me);
    }

    /// Deletes a topic and makes an empty one: for an operator.
    pub fn remake(&mut self, which: Which) {
        let topic = self.room.topic(which);
        for number in 0..topic.partitions() {
            topic.delete(Partition(number));
            topic.make(Partition(number));
        }
        self.room.look(which);
    }

    /// Exchanges the whole store: for an operator.
    pub fn install(&mut self, data: store::Data) {
        self.room.ledger.put_back(data);
        self.room.unlock();
    }

    /// The store as it is: for whoever checks, never for whoever decides.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.room.ledger
    }

    /// The log as it is: for whoever checks.
    #[must_use]
    pub fn topic(&self, which: Which) -> &log::Topic {
        match which {
            Which::Commands => &self.room.commands,
            Which::Changes => &self.room.changes,
        }
    }
}
