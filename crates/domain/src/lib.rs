//! The pure core: nouns, commands, facts, `decide` and `apply`.
//!
//! Deliberately absent: I/O, `async`, clocks, randomness, SQL, serialization. The same state,
//! command and placement give the same decision on every machine and for ever.
//!
//! ```text
//!   Submission ──touches──► Keys ──(store loads)──► State
//!        │                                            │
//!        └────────────── judge(State, …) ◄────────────┘
//!                             │
//!                          Settled ──settle──► State', Changes ──(store writes)──►
//! ```

mod command;
mod concern;
mod decide;
mod fact;
mod id;
mod key;
mod noun;
mod outcome;
mod policy;
mod position;
mod realm;
mod stamp;
pub mod state;
#[cfg(test)]
mod testing;
mod touches;

pub use command::{Command, Denial, Expected, PermissionRef, PermissionSpec};
pub use concern::{Reach, concerns, permissions};
pub use decide::{Decision, Judgement, Settled, decide, judge, malformed};
pub use fact::{ApiName, Fact, PermissionName, RoleName, UserName};
pub use id::{CommandId, CommandKind, InvalidTenant, TenantId};
pub use key::{Counted, Key};
pub use newtype_uuid::GenericUuid;
pub use noun::{
    JsonText, NOUNS_PER_COMMAND_MAX, Namespace, NamespaceKey, NounKind, NounRef, Permission,
    PermissionKey, Role, RoleKey, Settings, User, UserKey,
};
pub use outcome::{Limited, Outcome, Rejection, TextProblem};
pub use position::{
    BUCKETS, BucketMap, Offset, ParsePositionError, Partition, Position, Seq, TenantSeq,
};
pub use realm::Realm;
pub use stamp::{Actor, Clock, Idempotency, Placement, Stamp, Submission};
pub use state::State;
pub use touches::{target, touches};
