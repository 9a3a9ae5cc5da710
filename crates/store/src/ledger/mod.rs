//! The write side of the ledger: cursor, loading what a batch touches, persisting what it changed.
//!
//! **Shape.** One [`Session`] per partition's owner: one connection, every statement prepared.
//! A batch is two pipelined round trips: `BEGIN`, lock the cursor, load; then all writes, move
//! the cursor, `NOTIFY`, `COMMIT`.
//!
//! **Correctness.** The cursor is locked by a compare and moved by the same compare; whoever lost
//! the partition matches no row and stops. Every write asserts the row count that was decided on
//! inside SQL (`assert_rows`), so a contradiction aborts the transaction although its `COMMIT` is
//! already on the way.
//!
//! SUBTLE: a statement planned while its tables are empty keeps a plan that scans them, and slows
//! with every command. Look-ups are therefore `unnest … CROSS JOIN LATERAL (… OFFSET 0)`, and the
//! session's planner settings leave nothing but nested loops over indexes; a test reads the plans.

mod batch;
pub(crate) mod columns;
pub(crate) mod entry_rows;
mod genesis;
mod halts;
mod load;
pub(crate) mod persist;
mod rehearse;
pub(crate) mod rows;
pub(crate) mod session;
pub(crate) mod statements;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Decided};
pub(crate) use entry_rows::dead;
pub use load::Wanted;
pub use rehearse::Rehearsal;
pub use session::{Cursor, Error, Lease, Session};
