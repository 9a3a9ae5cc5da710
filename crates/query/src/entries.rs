//! `GET /v1/entries/{position}` and its effects.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use writ_domain::Position;
use writ_http::document::Schemas;
use writ_http::{Problem, Revision};
use writ_store::entries::effects::{Cursor, page};
use writ_store::entries::{Entry, at_position};

use crate::QueryState;
use crate::effect::EffectBody;
use crate::freshness::failed;
use crate::page::{LIMIT, change_with, effects_path};
use crate::params::Params;
use crate::reader::{Reader, Shown, serve};

const SCOPES: &[&str] = &["ledger:read", "ledger:audit"];

#[derive(Serialize)]
struct Added {
    /// What was asked; absent where the record could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Box<RawValue>>,
    rules_version: u32,
    leaf: String,
    revision: String,
    effects: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Effects)]
struct EffectsBody {
    position: String,
    tenant_seq: u64,
    total: u64,
    /// Whether there are at least so many: counting has a limit.
    total_at_least: bool,
    effects: Vec<EffectBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The bodies of this route.
pub(crate) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<EffectsBody>()
}

pub(crate) async fn entry(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, SCOPES, read).await
}

pub(crate) async fn effects(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, SCOPES, read_effects).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, &["at_least", "consistency"])?;
    let head = state.fresh(&reader.tenant, &params).await?;
    let entry = find(&state, &reader).await?;
    let revision = Revision {
        tenant: entry.tenant.clone(),
        tenant_seq: entry.tenant_seq,
        chain8: entry.chain8(),
    };
    let command = entry.command_json().map(RawValue::from_string).transpose();
    let added = Added {
        command: command.map_err(Problem::internal)?,
        rules_version: entry.rules_version,
        leaf: entry.leaf.to_string(),
        revision: revision.to_string(),
        effects: effects_path(&entry),
    };
    let body = change_with(&entry, &added).map_err(Problem::internal)?;
    reader.show(&body, &head)
}

async fn read_effects(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let keys = ["cursor", "limit", "at_least", "consistency"];
    let params = Params::read(&reader.parts.uri, &keys)?;
    let limit = params.bounded("limit", LIMIT)?;
    let cursor: Option<Cursor> = params.parsed("cursor")?;
    let head = state.fresh(&reader.tenant, &params).await?;
    let entry = find(&state, &reader).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = page(&state.store, &entry, cursor, limit)
        .await
        .map_err(failed)?;
    let body = EffectsBody {
        position: entry.position.to_string(),
        tenant_seq: entry.tenant_seq.0,
        total: page.total.count,
        total_at_least: page.total.at_least,
        effects: page.effects.into_iter().map(EffectBody::of).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    };
    reader.show(&body, &head)
}

/// The entry that the path names. Another tenant's is not there.
async fn find(state: &QueryState, reader: &Reader) -> Result<Entry, Problem> {
    let position: Position = reader
        .segment("position")?
        .parse()
        .map_err(|error| Problem::not_found().with_detail(format!("{error}")))?;
    let found = at_position(&state.store, position).await.map_err(failed)?;
    found
        .filter(|entry| entry.tenant == reader.tenant)
        .ok_or_else(Problem::not_found)
}
