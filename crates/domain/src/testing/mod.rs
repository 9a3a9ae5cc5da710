//! The harness of the rules' tests, in the words of the policies.
//!
//! **Shape.** `given(what happened).when(somebody asks).then(this)`. Every question is put to a
//! complete state and to incomplete ones that learn from a model of the store, as the owner's
//! cache does; the answers MUST be equal.

mod given;
pub(crate) mod nestauth;
mod owner;
mod store;
pub(crate) mod words;
mod worlds;

pub(crate) use given::{Asked, Given, Then, given};
pub(crate) use owner::{Entry, Record, decide_batch, fold};
pub(crate) use store::Store;
pub(crate) use words::{Happened, Words, auth0, batch, cancel, cancelled, each_realm, id, native};
pub(crate) use worlds::{About, World, world};
