//! Filling tables whole, instead of batch by batch.
//!
//! Two things are rebuilt so: a ledger that was lost, from its log ([`Whole`]), and the views beside
//! the live ones, from the entries ([`Next`]). Both fold in memory, which is not here, and hand over
//! rows: [`Filler`] turns what was folded into chunks, [`Loader`] copies chunks into tables.
//!
//! **Shape.** Which tables there are, and the row that an entry becomes in each, are those of live
//! folding: the columns of a `COPY` are read out of the `INSERT` that live folding runs, and the
//! kinds of row are one list (`ledger::persist::each_kind`). Intervals of history are handed over
//! when they close; what is open or current at the end comes out of the folded state.
//!
//! **Correctness.** Nothing here is read by anybody before it is whole. A ledger in work has rows
//! in `ledger_rebuild`, and whoever opens it is refused; views in work stand in a schema of their
//! own. Killed at any moment, the next run throws away what it finds and begins again. One
//! advisory lock keeps a second run away from the first one.

mod connection;
mod copy;
mod definitions;
mod fill;
mod next;
#[cfg(test)]
mod tests;
mod whole;

pub use copy::Loader;
pub use fill::{Chunk, Filler, Stopped};
pub use next::{FoldedEntry, Next};
pub use whole::Whole;

use crate::ledger::entry_rows::{
    CANCELLED, DEAD_NOUNS, ENTRY, HEADS, IDEMPOTENCY_KEYS, NOUNS, OUTCOMES, POSITIONS,
};
use crate::ledger::persist::{Kinds, each_kind};
use crate::ledger::rows::Stored;
use writ_domain::Partition;
use writ_domain::state::{Change, Changes};

/// Keeps the views as they are until the transaction ends.
///
/// Whoever reads them by several statements in one snapshot MUST run this first, before the
/// snapshot is taken: a snapshot from before a switch would see the new tables without the rows
/// that the switch brought.
pub(crate) const READ_LOCK: &str = include_str!("sql/read_lock.sql");

/// Why a rebuild did not begin, or did not end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another one is running.
    #[error("another rebuild of this ledger is at work")]
    Busy,
    /// There is something to lose.
    #[error("the ledger has entries; a rebuild fills a new database, after `writ migrate`")]
    NotEmpty,
    /// A server decides on this ledger.
    #[error("partition {partition} is owned by {owner}; stop it first")]
    Owned {
        /// Which.
        partition: Partition,
        /// By whom.
        owner: String,
    },
    /// A statement failed, or the stored state is not what it should be.
    #[error(transparent)]
    Store(#[from] crate::Error),
}

/// The statements that insert into the views: current tables, their histories, the sweep's queue.
fn view_inserts() -> Vec<&'static str> {
    struct Inserts(Vec<&'static str>);
    impl Kinds for Inserts {
        fn kind<K: Stored>(&mut self, _of: fn(&Changes) -> &[Change<K>]) {
            self.0.extend([K::TABLE.insert, K::TABLE.open]);
        }
    }
    // First of all the queue: a step of the sweep begins there too, so that neither waits for the
    // other in a circle.
    let mut inserts = Inserts(vec![DEAD_NOUNS]);
    each_kind(&mut inserts);
    inserts.0
}

/// The statements that insert into everything that is folded from the log.
fn ledger_inserts() -> Vec<&'static str> {
    let mut inserts = view_inserts();
    inserts.extend([
        ENTRY,
        POSITIONS,
        HEADS,
        OUTCOMES,
        CANCELLED,
        IDEMPOTENCY_KEYS,
        NOUNS,
    ]);
    inserts
}
