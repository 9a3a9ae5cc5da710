//! Entries: positions, outcomes, changes, history, effects.
//!
//! Deliberately absent: writing them. Only the transaction that decides does that.
//!
//! **Correctness.** Entries are immutable and a tenant's are dense. So a reader that takes the
//! [`head`] first and then reads up to it sees one state, without a transaction.

pub mod effects;
mod entry;
mod heads;
mod history;
mod listener;
mod raw;
pub mod reach;
mod read;
pub(crate) mod statement;
#[cfg(test)]
pub(crate) mod tests;

pub use self::entry::{Chain8, Entry, Head, Moment};
pub use self::heads::{Claimed, Heads, Reached, Watch};
pub use self::history::{Ask, Item, Order, Page, history};
pub use self::listener::Listener;
pub use self::raw::Raw;
pub use self::read::{
    PAGE_BYTES_MAX, Progress, Window, at, at_instant, at_position, by_command, by_commands, chain8,
    changes, decided, head, heads, many, scan,
};
pub(crate) use self::read::{head_of, head_on};
