//! The log of a single machine: partitions in tables of Postgres.
//!
//! The same promises as every log, short of surviving the loss of its store. Deliberately absent:
//! the statements, which are `writ_store::log`'s.
//!
//! **Shape.** One appender task a partition, with its own connection and a bounded queue; one
//! connection a tail; one for the odd read.
//!
//! ```text
//!   append ──┐                                          ┌── answer to each caller
//!   append ──┼─► queue ─► appender ─ one statement ─────┤
//!   append ──┘   bounded   takes what is there          └── head of the partition ─► tails here
//!                                  └─ NOTIFY ─────────────────────────────────────► tails elsewhere
//! ```
//!
//! While a statement is under way the queue fills; the next statement takes all of it. So a lone
//! caller waits for nobody, and 32 callers share a few commits. There is no linger.
//!
//! **Correctness.** The lock on a partition's head orders appends, whichever process they come
//! from (`writ_store::log`). An append that was sent and not answered is `MaybeAppended` and is
//! not sent again; one that was never sent is `NotAppended`. Heads and notifications only say
//! when to look: what a tail returns comes from the tables, and it looks once a second anyway.

mod appender;
mod heads;
mod log;
mod tail;

pub use log::{Error, Options, PostgresLog};
pub use writ_store::log::Config;
