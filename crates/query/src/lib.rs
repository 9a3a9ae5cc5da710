//! Native reads over HTTP: grants, checks and their reasons, history, entries, the feed.
//!
//! | route | scopes |
//! | --- | --- |
//! | `GET /v1/grants?subject=&role=&permission=&resource=&realm=&subject_realm=&as_of=&cursor=&limit=` | `ledger:read` |
//! | `POST /v1/check?as_of=` | `ledger:read` |
//! | `GET /v1/explain?subject=&permission=&resource=&realm=&subject_realm=&as_of=&limit=` | `ledger:read` |
//! | `GET /v1/changes?after=&limit=&wait_ms=&subject=&role=&realm=&kind=&actor=` | `ledger:read` |
//! | `GET /v1/changes/stream?after=&subject=&role=&realm=&kind=&actor=` | `ledger:read` |
//! | `GET /v1/entries/{position}` | `ledger:read` or `ledger:audit` |
//! | `GET /v1/entries/{position}/effects?cursor=&limit=` | `ledger:read` or `ledger:audit` |
//! | `GET /v1/history?role=&user=&api=&permission=&permission_id=&group=&authorization=&admin=&actor=&from=&to=&realm=&cursor=&limit=&order=` | `ledger:read` or `ledger:audit` |
//!
//! All take `at_least=` (a `Writ-Revision`) and `consistency=latest` (the default: everything
//! committed before the request came) or `any`. An unknown or repeated key is refused by name.
//!
//! **Correctness.** A read takes the newest entry first and then reads up to it, or its one statement
//! says in what state it found the views, so every answer shows one state: that of the revision it
//! carries. Entries are immutable, and what follows from
//! them is too.
//!
//! Deliberately absent: writing, and every SQL statement.

mod as_of;
mod document;
mod effect;
mod entries;
pub mod feed;
mod freshness;
mod grants;
mod history;
mod page;
mod params;
mod reader;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use writ_http::Verifier;
use writ_http::body::Limits;
use writ_http::document::{Document, Routes};
use writ_store::Store;
use writ_store::entries::Heads;

pub use self::as_of::{AsOf, ParseAsOfError, Stand, Unresolved};
pub use self::feed::hub::{Hub, Options as HubOptions};
pub use self::freshness::Patience;
pub use self::grants::{Asker, Checks, GrantsAsk, Question, Realms, check, explain, grants};
pub use self::history::{HistoryAsk, history_page};

/// What the routes need.
#[derive(Debug, Clone)]
pub struct QueryState {
    /// Where entries and views are read.
    pub store: Store,
    /// Who asks the store what single checks want to know.
    pub asker: Asker,
    /// Who waits for tenants to move on. Somebody MUST tell it of commits, or long polls and
    /// `at_least` wait their time out: the projector of this process, or the task of
    /// `writ-command`'s service.
    pub heads: Heads,
    /// Who callers are.
    pub verifier: Arc<Verifier>,
    /// What streams hear of new entries from. It MUST be run.
    pub hub: Hub,
    /// How long reads wait.
    pub patience: Patience,
    /// How much of a body is read.
    pub body_limits: Limits,
}

/// The native read routes. The server adds what all routes share: request ids, deadlines (longer
/// than [`Patience`]), limits on how much is in work, the answers to unknown paths and methods.
pub fn router(state: QueryState) -> Router {
    routes().router().with_state(Arc::new(state))
}

/// What clients are told of them.
#[must_use]
pub fn document() -> Document {
    document::document(routes().operations())
}

fn routes() -> Routes<Arc<QueryState>> {
    Routes::new()
        .on(document::list_grants(), grants::list_route)
        .on(document::check(), grants::check_route)
        .on(document::explain(), grants::explain_route)
        .on(document::history(), history::history)
        .on(document::entry(), entries::entry)
        .on(document::effects(), entries::effects)
        .on(document::changes(), feed::changes::changes)
        .on(document::stream(), feed::stream::stream)
}
