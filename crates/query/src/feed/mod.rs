//! The feed: every entry, in order, without a hole, from genesis on.
//!
//! **Shape.** By polling (`changes`) or as a stream (`stream`), both through a `filter`.
//! A stream catches up by pages from the store and then goes on with what the `hub` reads: one
//! reader a process, whatever the number of streams. What is read when, and what is told, is said
//! by [`cursor`], [`ring`] and [`poll`], which do no I/O.

pub(crate) mod changes;
pub mod cursor;
mod filter;
pub(crate) mod hub;
mod page;
pub mod poll;
pub mod ring;
pub(crate) mod stream;
#[cfg(test)]
mod tests;

use writ_http::document::Schemas;

pub(crate) use self::filter::Filter;

/// The bodies of these routes.
pub(crate) fn schemas(schemas: Schemas) -> Schemas {
    stream::schemas(changes::schemas(schemas))
}
