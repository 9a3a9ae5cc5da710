//! What actors are told, and by whom.

use core::fmt;

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
    /// From now on there are no faults: settle, and submit nothing new.
    Calm,
}

/// A process: production code's state machine, and what it keeps in memory.
pub trait Actor: fmt::Debug {
    /// Takes an event; answers through `ctx`. It never waits.
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>);

    /// It was killed and begins again with nothing but its options. `Event::Start` follows.
    fn restart(&mut self);
}
