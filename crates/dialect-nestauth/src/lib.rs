//! Nest Auth's admin console API: its permissions, its roles and its session, translated to
//! commands and views.
//!
//! **Shape.** `router` takes every request below the console's path, in any case, as Express does.
//! `request` reads it, `guard` says who sent it, and a file per route does the route's own work.
//! `js` holds what answers show of JavaScript. `failure` has every refusal, in the words of the
//! product and, where the product fails with 500 over a client's mistake, in those it meant.
//!
//! **Correctness.** Nothing here decides: rules are the domain's. A write is answered from its
//! entry and from the views as of that entry. Who an admin is, and whether its session still
//! holds, is read from the ledger at every request. What is answered 400 or 401 leaves no trace.
//!
//! Deliberately absent: tenants, users, platform access, management of admins and the console's
//! own page; `/v1/commands` gives roles to users and makes further admins.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a body may hold any value and a command be rejected for many a reason: what has no \
              words of its own has those of all others"
)]

mod answer;
mod body;
mod console;
mod document;
mod failure;
mod guard;
mod js;
mod limit;
mod password;
mod permissions;
mod query;
mod request;
mod roles;
mod router;
mod session;
mod state;
mod validate;
mod write;

pub use document::document;
pub use limit::LoginLimit;
pub use password::{NoHash, hash};
pub use router::{merge, router};
pub use state::{IdSource, NestAuthState, Profile};
