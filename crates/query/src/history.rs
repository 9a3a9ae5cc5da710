//! `GET /v1/history`: what concerned a role, a user, an API, a group, an authorization.
//!
//! Asked for several, it shows what concerned all of them. Without `realm`, a name means the nouns
//! of every realm that bear it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use writ_domain::{NounKind, NounRef, Realm, TenantSeq};
use writ_http::Problem;
use writ_store::entries::{self, Ask, Order};

use crate::QueryState;
use crate::freshness::failed;
use crate::page::{LIMIT, change_with, effects_path};
use crate::params::Params;
use crate::reader::{Reader, Shown, serve};

const KEYS: &[&str] = &[
    "role",
    "user",
    "api",
    "permission",
    "admin",
    "group",
    "authorization",
    "realm",
    "cursor",
    "limit",
    "order",
    "at_least",
    "consistency",
];

#[derive(Serialize)]
struct HistoryBody {
    entries: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct Added {
    /// Whether the entry changed one of the nouns asked for; else it only named them.
    changed: bool,
    effects: String,
}

pub(crate) async fn history(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, &["ledger:read", "ledger:audit"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let groups = groups(&params)?;
    let limit = params.bounded("limit", LIMIT)?;
    let orders = [
        ("newest", Order::NewestFirst),
        ("oldest", Order::OldestFirst),
    ];
    let order = params.word("order", &orders)?.unwrap_or(Order::NewestFirst);
    let cursor = params.number("cursor")?.map(TenantSeq);
    let head = state.fresh(&reader.tenant, &params).await?;
    let (tenant, up_to) = (&reader.tenant, head.tenant_seq);
    let ask = Ask {
        tenant,
        groups: &groups,
        order,
        cursor,
        up_to,
        limit,
    };
    let page = entries::history(&state.store, ask).await.map_err(failed)?;
    let entries = page
        .items
        .iter()
        .map(|item| {
            let effects = effects_path(&item.entry);
            change_with(
                &item.entry,
                &Added {
                    changed: item.changed,
                    effects,
                },
            )
        })
        .collect::<Result<_, _>>()?;
    let next = page.next.map(|cursor| cursor.to_string());
    reader.show(&HistoryBody { entries, next }, &head)
}

/// The nouns that each parameter means.
fn groups(params: &Params) -> Result<Vec<Vec<NounRef>>, Problem> {
    let realms = Realm::ALL.map(|realm| (realm.as_str(), realm));
    let realms = match params.word("realm", &realms)? {
        Some(realm) => vec![realm],
        None => Realm::ALL.to_vec(),
    };
    let groups: Vec<Vec<NounRef>> = NounKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let id = params.text(kind.as_str())?;
            let nouns = realms.iter().map(|realm| NounRef {
                realm: *realm,
                kind,
                id: id.to_owned(),
            });
            Some(nouns.collect())
        })
        .collect();
    if groups.is_empty() {
        return Err(Problem::malformed(
            "the query must have one of `role`, `user`, `api`, `group`, `authorization`, \
             `permission`, `admin`",
        ));
    }
    Ok(groups)
}
