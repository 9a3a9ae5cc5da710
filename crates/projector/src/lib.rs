//! The process between log and store: decides and folds records, in log order, exactly once.
//!
//! ```text
//!   log ──tail──► Decider (pure: read, judge, settle) ──Batch──► store::ledger ──commit──► told
//!                    ▲                                   │
//!                    └────────── what it needs ◄──load───┘
//! ```
//!
//! **Shape.** One [`Owner`] a partition: claims the lease, checks that the log is the one it knows
//! (anchor), follows it, and commits batch after batch. [`Decider`] has no I/O. [`sweep`] clears
//! away what nothing alive can reach. [`verify`] folds everything again and compares.
//!
//! **Correctness.** The cursor's compare-and-swap alone makes deciding safe; leases only choose
//! who tries. Whatever goes wrong, the owner drops its cache and starts again from the cursor.

mod anchor;
mod causes;
mod decider;
mod generation;
mod halt;
mod metrics;
pub mod owner;
pub mod rebuild;
pub mod relay;
pub mod replay;
pub mod restore;
pub mod share;
mod status;
pub mod sweep;
#[cfg(test)]
mod tests;
pub mod verify;

pub use decider::{Decider, Step, Working};
pub use generation::anchor_of;
pub use halt::Halt;
pub use metrics::describe;
pub use owner::{OnDecided, Options, Owner};
pub use status::{PartitionStatus, Relayed, Statuses};
pub use verify::digest_of;

/// The version of the rules that this build decides by.
pub const RULES_VERSION: u32 = 1;
