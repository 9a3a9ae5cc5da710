//! What a server survives.

mod backends;
mod drain;
mod load;
mod restart;
mod storm;
mod subscribers;
