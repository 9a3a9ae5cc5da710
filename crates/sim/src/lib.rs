//! A deterministic world from one seed: the ledger's own code under faults, and a checker.
//!
//! ```text
//!                 ┌─────────────────────── World ────────────────────────┐
//!   seed ──►      │  queue of what happens when, in virtual time         │
//!                 │     │ Event                         ▲ schedule       │
//!                 │     ▼                               │                │
//!                 │  Actor::on(event, Ctx) ──► requests to log and store │
//!                 │  (owner, service, relay, reader …)   │  delays,      │
//!                 │                                      ▼  faults       │
//!                 │        Topic (commands, changes)   Ledger (rows)     │
//!                 └──► Trace   Coverage   Checker ───────────────────────┘
//! ```
//!
//! **Shape.** An [`Actor`] is a process: a state machine of production code with a driver that is
//! a `match`. It is told an [`Event`] and answers through [`Ctx`]; it never waits. A request to a
//! log or to the store leaves at once, is carried out later (other actors' requests in between)
//! and is answered later still, or not at all. Between any two events an actor may be frozen, or
//! killed: then [`Actor::restart`] is called and events of its former life are dropped.
//!
//! **To write an actor**: keep in it what the process keeps in memory. On `Event::Start` and after
//! a restart, set timers ([`Ctx::after`]) and send requests; keep the [`Token`] that each returns
//! and match on it in `Event::Log`, `Event::Store`, `Event::Timer`. Speak to other actors by
//! [`Ctx::send`]; an owner that has committed says so by [`Ctx::tell`], and who wants to hear of it
//! says so by [`Ctx::hear`]. Take time from [`Ctx::clock`] (the process's own, skewed clock), chances from
//! [`Ctx::dice`], and nothing from the environment: no `HashMap` that is walked, no `Instant`.
//! Say what happened by [`Ctx::trace`]; count each fault that was dealt ([`Ctx::fault`]) and each
//! branch of recovery that was taken ([`Ctx::branch`]); tell the [`checker`] what was seen.
//! A new kind of message is a variant of [`Message`]; a new question to the store is one of
//! [`store::Question`]; a new fault or branch is a line of [`coverage`].
//!
//! **Correctness.** All that may differ between two runs comes from the dice, and whatever an actor
//! does or is dealt makes a line of the [`trace::Trace`], whose hash is compared. The line of
//! a commit bears the hash of the chain at its end, so that it tells of every outcome and fact. A run
//! in which a fault or a branch was never met proves nothing of it:
//! [`coverage::Coverage::missing`] says so.

pub mod actors;
mod audience;
pub mod checker;
pub mod command_line;
pub mod coverage;
mod dice;
mod event;
pub mod load;
pub mod log;
mod moment;
pub mod nemesis;
pub mod run;
pub mod store;
pub mod trace;
mod world;

pub use dice::Dice;
pub use event::{Actor, ActorId, Event, Hears, Message, Token};
pub use moment::Moment;
pub use world::{Ctx, Options, Rates, World};
