//! `GET /v1/changes`: the feed, by polling.
//!
//! ```text
//!   after=17 ──► 18 19 20   checkpoint 20 ──► after=20 ──► (waits) ──► nothing, checkpoint 20
//! ```
//!
//! **Correctness.** The numbers of a page follow `after` without a hole; whoever goes on from the
//! checkpoint misses nothing and sees nothing twice. Through a filter the numbers have holes, and the
//! checkpoint says how far everything was looked at. An `after` that the ledger has not come to is of
//! another history: to wait there would be to lose what comes before it.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use writ_domain::{TenantId, TenantSeq};
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::entries::{Entry, Head};

use super::filter::{self, Filter};
use super::page::passed;
use super::poll::{Answer, Asks, Poll};
use crate::QueryState;
use crate::as_of::time;
use crate::document;
use crate::freshness::{failed, revision};
use crate::page::{LIMIT, change_with, effects_path};
use crate::params::Params;
use crate::reader::{Reader, Shown, serve};

const KEYS: [&str; 5] = ["after", "limit", "wait_ms", "at_least", "consistency"];

#[derive(Serialize, ToSchema)]
#[schema(as = Changes)]
struct ChangesBody {
    #[schema(schema_with = document::told_changes)]
    changes: Vec<Box<RawValue>>,
    checkpoint: Checkpoint,
    /// Whether there is more after the checkpoint already.
    more: bool,
}

/// Up to where the reader has everything.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Checkpoint {
    tenant_seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

#[derive(Serialize)]
struct Added {
    effects: String,
}

/// The bodies of this route.
pub(super) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<ChangesBody>()
}

pub(crate) async fn changes(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, &["ledger:read"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let keys = [&KEYS[..], &filter::KEYS].concat();
    let params = Params::read(&reader.parts.uri, &keys)?;
    let filter = Filter::read(&params)?;
    let after = TenantSeq(params.number("after")?.unwrap_or(0));
    let limit = params.bounded("limit", LIMIT)?;
    let wait_max = u32::try_from(state.patience.long_poll_max.as_millis()).unwrap_or(u32::MAX);
    let wait_ms = params.bounded("wait_ms", (0, 0, wait_max))?;
    let deadline = Instant::now() + Duration::from_millis(u64::from(wait_ms));
    let head = state.fresh(&reader.tenant, &params).await?;
    check_after("after", after, &head)?;
    let mut poll = Poll::new(after, head, limit);
    let answer = loop {
        match poll.asks() {
            Asks::Wait(at) => {
                let patience = deadline.saturating_duration_since(Instant::now());
                if patience.is_zero() {
                    break poll.nothing();
                }
                let (heads, store) = (&state.heads, &state.store);
                let newer = heads.newer(store, &reader.tenant, at, patience).await;
                match newer.map_err(failed)? {
                    Some(newer) => poll.moved(newer),
                    None => break poll.nothing(),
                }
            }
            Asks::Read(window) => {
                let passed = passed(&state.store, &reader.tenant, window, &filter).await;
                if let Some(answer) = poll.read(passed.map_err(failed)?) {
                    break answer;
                }
            }
        }
    };
    let Answer {
        entries,
        at,
        seen,
        head,
    } = answer;
    let body = ChangesBody {
        changes: told(&entries)?,
        checkpoint: Checkpoint::of(&reader.tenant, at, seen),
        more: at < head.tenant_seq,
    };
    reader.show(&body, &head)
}

/// Refuses to go on from where the ledger has not come to.
pub(super) fn check_after(said_by: &str, after: TenantSeq, head: &Head) -> Result<(), Problem> {
    if after <= head.tenant_seq {
        return Ok(());
    }
    Err(Problem::history_forked().with_detail(format!(
        "`{said_by}` is {after}, and the ledger has come to {}",
        head.tenant_seq
    )))
}

fn told(entries: &[Entry]) -> Result<Vec<Box<RawValue>>, Problem> {
    entries
        .iter()
        .map(change)
        .collect::<Result<_, _>>()
        .map_err(Problem::internal)
}

/// An entry as the feed tells it.
pub(super) fn change(entry: &Entry) -> Result<Box<RawValue>, serde_json::Error> {
    let effects = effects_path(entry);
    change_with(entry, &Added { effects })
}

impl Checkpoint {
    /// The checkpoint at an entry; `seen` is that entry, if it was read.
    pub(super) fn of(tenant: &TenantId, at: TenantSeq, seen: Option<Head>) -> Self {
        let seen = seen.filter(|seen| seen.tenant_seq == at && at > TenantSeq::ZERO);
        Self {
            tenant_seq: at.0,
            revision: seen.map(|seen| revision(tenant, &seen).to_string()),
            time: seen.map(|seen| time(seen.time)),
        }
    }
}
