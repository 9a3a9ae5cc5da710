//! What a server survives.

mod backends;
mod drain;
pub(crate) mod load;
mod restart;
mod storm;
mod subscribers;
