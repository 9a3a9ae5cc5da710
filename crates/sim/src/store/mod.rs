//! The store as its users see it: transactions on a ledger in memory.
//!
//! **Shape.** [`Data`] is what is committed: cursors, entries, rows, history. [`Ledger`] adds the
//! connections: [`Statement`]s of owners, each in a session and some in a transaction that locks
//! a cursor's row, and [`Question`]s of readers, each answered from one snapshot. The world
//! carries both there and back, and orders the faults.
//!
//! **Correctness.** The same semantics as `writ_store::ledger::Session` over PostgreSQL at READ
//! COMMITTED: a statement that changes a locked row waits and then looks again; the lease is by the
//! store's clock; a transaction that is idle for half a lease is ended, and its connection with
//! it. Rows are those of [`writ_domain::testing::Store`], which is written from what the
//! statements say.

mod data;
mod history;
mod ledger;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use writ_domain::{CommandId, Offset, Partition, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_store::entries::Head;
use writ_store::ledger::{Batch, Cursor, Error, Lease};
use writ_store::relay::RelayCursor;

pub use data::{Data, Stored};
pub use ledger::{Executed, Ledger};
pub(crate) use ledger::{unavailable, unknown};

/// The rows are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// A write did not find what it was decided on.
    #[error(transparent)]
    Rows(#[from] writ_domain::testing::Mismatch),
    /// Rows came in another order than that of the digest.
    #[error(transparent)]
    Order(#[from] writ_envelope::digest::OutOfOrder),
}

/// A connection of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// What the store is asked.
#[derive(Debug)]
pub enum Request {
    /// To connect.
    Open(Lease),
    /// A statement of a session.
    Statement(SessionId, Statement),
    /// A question of a reader, on any connection.
    Ask(Question),
}

/// What an owner says to the store, as `writ_store::ledger::Session` has it.
#[derive(Debug, Clone)]
pub enum Statement {
    /// To take the lease of a partition.
    Claim(Partition),
    /// To hold it for longer.
    Renew(Cursor),
    /// To give it back.
    Release(Cursor),
    /// To say why deciding stopped.
    Halt(Cursor, String),
    /// Whether the last owner stopped deciding.
    IsHalted(Partition),
    /// To take that back.
    Recover(Cursor),
    /// To begin a transaction and lock the cursor by compare. What is wanted is loaded at the
    /// answer: see [`crate::Ctx::load`].
    Begin(Cursor),
    /// The newest `tenant_seq` of tenants, within the transaction.
    Heads(Vec<TenantId>),
    /// To load more within the transaction; at the answer, as for `Begin`.
    Load,
    /// To write the batch, move the cursor and commit.
    Commit(Arc<Batch>),
    /// To end the transaction without effect.
    Rollback,
    /// To make a restored log the one that was decided.
    Rebase(Vec<(Cursor, Hash)>),
}

/// What readers ask.
#[derive(Debug, Clone)]
pub enum Question {
    /// The newest entry of a tenant.
    Head(TenantId),
    /// The entry at a place of a tenant.
    At(TenantId, TenantSeq),
    /// Entries of a tenant after one, at most so many.
    Changes(TenantId, TenantSeq, usize),
    /// Entries of a partition from one on, at most so many.
    Scan(Partition, Seq, usize),
    /// The entries that decided commands: `entries::by_commands`.
    ByCommands(Vec<(TenantId, CommandId)>),
    /// The first offset of a partition that is not decided.
    Decided(Partition),
    /// Where a partition stands.
    Peek(Partition),
    /// Partitions that are halted, and why.
    Halts,
    /// How far a partition is relayed.
    RelayCursor(Partition),
    /// To keep how far a partition is relayed.
    KeepRelayCursor(Partition, RelayCursor),
    /// That a process projects, and for how long its word holds: how many do.
    MemberLives(String, core::time::Duration),
    /// That it does no more.
    MemberLeaves(String),
    /// The digest of a tenant's rows: now, or as of an entry; and the entry that it is of.
    Digest(TenantId, Option<TenantSeq>),
}

/// What the store answers.
pub type Answer = Result<Reply, Error>;

/// An answer that is no error.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It is done.
    Done,
    /// Connected.
    Opened(SessionId),
    /// The lease was taken, or not.
    Claimed(Option<Cursor>),
    /// Yes or no.
    Is(bool),
    /// Where tenants stand.
    Heads(BTreeMap<TenantId, TenantSeq>),
    /// A tenant's newest entry.
    Head(Option<Head>),
    /// Entries, in order.
    Entries(Vec<Arc<Stored>>),
    /// Entries by the commands that they decided.
    Decisions(BTreeMap<CommandId, Arc<Stored>>),
    /// How many processes project.
    Members(u32),
    /// An offset.
    Offset(Offset),
    /// A cursor.
    Cursor(Option<Cursor>),
    /// Halted partitions.
    Halts(BTreeMap<Partition, String>),
    /// How far a partition is relayed.
    Relayed(Option<RelayCursor>),
    /// A digest, and the entry that it is of.
    Digest(TenantSeq, Hash),
}
