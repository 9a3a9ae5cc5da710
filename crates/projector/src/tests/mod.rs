//! The projector on a real Postgres, with the memory log.

mod deciding;
mod dice;
mod divided;
mod fences;
mod halts;
mod kafka;
mod logs;
mod owners;
mod relays;
mod restores;
mod world;
