//! The feed: every entry, in order, without a hole, from genesis on.
//!
//! **Shape.** By polling ([`changes`]) or as a stream ([`stream`]), both through a [`filter`].
//! A stream catches up by pages from the store and then goes on with what the [`hub`] reads: one
//! reader a process, whatever the number of streams.

pub(crate) mod changes;
mod filter;
pub(crate) mod hub;
mod page;
pub(crate) mod stream;

use writ_http::document::Schemas;

pub(crate) use self::filter::Filter;

/// The bodies of these routes.
pub(crate) fn schemas(schemas: Schemas) -> Schemas {
    stream::schemas(changes::schemas(schemas))
}
