//! The harness of the rules' tests, in the words of the policies.
//!
//! **Shape.** `given(what happened).when(somebody asks).then(this)`. Every question is put to a
//! complete state and to incomplete ones that learn from a model of the store, as the owner's
//! cache does; the answers MUST be equal.
//!
//! The model of the store and the dice that make commands are there for other crates' tests and for
//! the simulator too, under the feature `testing`.

mod dice;
#[cfg(test)]
mod given;
#[cfg(test)]
pub(crate) mod nestauth;
#[cfg(test)]
mod owner;
mod store;
#[cfg(test)]
pub(crate) mod words;
#[cfg(test)]
mod worlds;

pub use dice::{Dice, Names};
#[cfg(test)]
pub(crate) use given::{Asked, Given, Then, given};
#[cfg(test)]
pub(crate) use owner::{Entry, Record, decide_batch, fold};
pub use store::{Mismatch, Store, Written};
#[cfg(test)]
pub(crate) use words::{Happened, Words, auth0, batch, cancel, cancelled, each_realm, id, native};
#[cfg(test)]
pub(crate) use worlds::{About, World, world};
