//! What actors are told, and by whom.

use core::fmt;
use std::sync::Arc;

use writ_store::entries::Entry;

use crate::actors::{client, consumer};
use crate::{Ctx, log, store};

/// A process of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub u16);

/// Which request an answer belongs to, or which timer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// What an actor is told.
#[derive(Debug)]
pub enum Event {
    /// It begins: its first event, and the first after each restart.
    Start,
    /// A timer that it set has run out.
    Timer(Token),
    /// A log answered.
    Log(Token, log::Answer),
    /// The store answered a statement of a session, or a question.
    Store(Token, store::Answer),
    /// Another actor, or the load, speaks.
    Message(ActorId, Message),
}

/// What actors say to each other.
#[derive(Debug)]
pub enum Message {
    /// An owner has committed these: what `OnDecided` hands over within a process.
    Told(Arc<Vec<Entry>>),
    /// Something was committed somewhere: what `NOTIFY` says.
    News,
    /// A client asks a service.
    Request(Box<client::Request>),
    /// A service answers a client.
    Answer(Box<client::Answer>),
    /// A consumer asks for changes.
    Pull(consumer::Pull),
    /// What a consumer is told.
    Said(Box<consumer::Said>),
    /// Give back what you own, and own no more until `Go`.
    Stop,
    /// Begin again after `Stop`.
    Go,
    /// From now on there are no faults: settle, and submit nothing new.
    Calm,
}

/// How an actor hears of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// As a process that decides: [`Message::Told`].
    Entries,
    /// As one that listens: [`Message::News`].
    News,
}

/// A process: production code's state machine, and what it keeps in memory.
pub trait Actor: fmt::Debug {
    /// Takes an event; answers through `ctx`. It never waits.
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>);

    /// It was killed and begins again with nothing but its options. `Event::Start` follows.
    fn restart(&mut self);
}
