//! `GET /v1/changes`: the feed, by polling.
//!
//! ```text
//!   after=17 ──► 18 19 20   checkpoint 20 ──► after=20 ──► (waits) ──► nothing, checkpoint 20
//! ```
//!
//! **Correctness.** The numbers of a page follow `after` without a hole; whoever goes on from the
//! checkpoint misses nothing and sees nothing twice. An `after` that the ledger has not come to is
//! of another history: to wait there would be to lose what comes before it.

use core::time::Duration;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::value::RawValue;
use writ_domain::TenantSeq;
use writ_http::Problem;
use writ_store::entries::{self, Head, Window};

use crate::QueryState;
use crate::freshness::{failed, revision};
use crate::page::{LIMIT, change_with, effects_path};
use crate::params::Params;
use crate::reader::{Reader, Shown, serve};

const KEYS: &[&str] = &["after", "limit", "wait_ms", "at_least", "consistency"];

#[derive(Serialize)]
struct ChangesBody {
    changes: Vec<Box<RawValue>>,
    checkpoint: Checkpoint,
    /// Whether there is more after the checkpoint already.
    more: bool,
}

/// Up to where the reader has everything.
#[derive(Serialize)]
struct Checkpoint {
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

pub(crate) async fn changes(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, &["ledger:read"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let after = TenantSeq(params.number("after")?.unwrap_or(0));
    let limit = params.bounded("limit", LIMIT)?;
    let wait_max = u32::try_from(state.patience.long_poll_max.as_millis()).unwrap_or(u32::MAX);
    let wait_ms = params.bounded("wait_ms", (0, 0, wait_max))?;
    let mut head = state.fresh(&reader.tenant, &params).await?;
    if after > head.tenant_seq {
        return Err(Problem::history_forked().with_detail(format!(
            "`after` is {after}, and the ledger has come to {}",
            head.tenant_seq
        )));
    }
    if after == head.tenant_seq && wait_ms > 0 {
        let patience = Duration::from_millis(u64::from(wait_ms));
        let newer = state
            .heads
            .newer(&state.store, &reader.tenant, after, patience)
            .await;
        head = newer.map_err(failed)?.unwrap_or(head);
    }
    let window = Window {
        after,
        up_to: head.tenant_seq,
        limit,
    };
    let found = entries::changes(&state.store, &reader.tenant, window)
        .await
        .map_err(failed)?;
    let checkpoint = checkpoint(&reader, after, &head, found.last());
    let more = checkpoint.tenant_seq < head.tenant_seq.0;
    let changes = found
        .iter()
        .map(|entry| {
            change_with(
                entry,
                &Added {
                    effects: effects_path(entry),
                },
            )
        })
        .collect::<Result<_, _>>()
        .map_err(Problem::internal)?;
    reader.show(
        &ChangesBody {
            changes,
            checkpoint,
            more,
        },
        &head,
    )
}

fn checkpoint(
    reader: &Reader,
    after: TenantSeq,
    head: &Head,
    last: Option<&entries::Entry>,
) -> Checkpoint {
    let at = match last {
        Some(entry) => Some(Head {
            tenant_seq: entry.tenant_seq,
            chain8: entry.chain8(),
            time: entry.time,
        }),
        None => (after == head.tenant_seq && after > TenantSeq::ZERO).then_some(*head),
    };
    let Some(at) = at else {
        return Checkpoint {
            tenant_seq: after.0,
            revision: None,
            time: None,
        };
    };
    Checkpoint {
        tenant_seq: at.tenant_seq.0,
        revision: Some(revision(&reader.tenant, &at).to_string()),
        time: Some(at.time.to_rfc3339_opts(SecondsFormat::Micros, true)),
    }
}
