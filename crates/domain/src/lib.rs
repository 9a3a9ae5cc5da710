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

mod authorization;
pub mod check;
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
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod touches;

pub use authorization::{
    Authorization, AuthorizationKind, AuthorizationTerms, CamundaSettings, Holder, RevokeMode,
};
pub use command::{Command, Denial, Expected, PermissionRef, PermissionSpec};
pub use concern::{Reach, concerns, permissions};
pub use decide::{Decision, Judgement, Settled, decide, guard_place, judge, malformed};
pub use fact::{
    AdminName, ApiName, AuthorizationName, Fact, GroupName, PermissionName, RoleName, UserName,
};
pub use id::{CommandId, CommandKind, InvalidTenant, TenantId};
pub use key::{Counted, Key};
pub use newtype_uuid::GenericUuid;
pub use noun::{
    Admin, AdminKey, AuthorizationKey, Group, GroupKey, Guarded, JsonText, LinkKey, LinkedSubject,
    LinkedSubjectKey, NOUNS_PER_COMMAND_MAX, Namespace, NamespaceKey, NounKind, NounRef,
    Permission, PermissionKey, Role, RoleKey, Settings, SubjectRef, User, UserKey,
};
pub use outcome::{AuthorizationProblem, Limited, Outcome, Rejection, TextProblem};
pub use policy::camunda;
pub use position::{
    BUCKETS, BucketMap, Offset, ParsePositionError, Partition, Position, Seq, TenantSeq,
};
pub use realm::Realm;
pub use stamp::{Actor, Clock, Idempotency, Placement, Stamp, Submission};
pub use state::State;
pub use touches::{target, touches};
