//! `GET /v1/history`: what concerned a role, a user, an API or another noun; what somebody did; what
//! happened when.
//!
//! Asked for several, it shows what concerned all of them. Without `realm`, a name means the nouns
//! of every realm that bear it. `from` and `to` are instants of log time, both inclusive.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use writ_domain::{NounKind, NounRef, Realm, TenantId, TenantSeq};
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::Store;
use writ_store::entries::{self, Ask, Order, at_instant};

use crate::QueryState;
use crate::document;
use crate::freshness::failed;
use crate::grants::{Realms, resource};
use crate::page::{LIMIT, change_with, effects_path};
use crate::params::Params;
use crate::reader::{Reader, Shown, serve};

const KEYS: &[&str] = &[
    "role",
    "user",
    "subject",
    "api",
    "permission_id",
    "admin",
    "group",
    "authorization",
    "resource",
    "permission",
    "actor",
    "from",
    "to",
    "realm",
    "cursor",
    "limit",
    "order",
    "at_least",
    "consistency",
];

/// The nouns beside roles, users and APIs, by what they are asked for with.
const OTHERS: [(&str, NounKind); 4] = [
    ("group", NounKind::Group),
    ("authorization", NounKind::Authorization),
    ("permission_id", NounKind::Permission),
    ("admin", NounKind::Admin),
];

#[derive(Serialize, ToSchema)]
#[schema(as = History)]
pub(crate) struct HistoryBody {
    #[schema(schema_with = document::history_entries)]
    entries: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct Added {
    /// Whether the entry changed one of the nouns asked for, or took something from one; else it
    /// only named them.
    changed: bool,
    effects: String,
}

/// The bodies of this route.
pub(crate) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<HistoryBody>()
}

pub(crate) async fn history(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, &["ledger:read", "ledger:audit"], read).await
}

/// What of the history is asked for.
#[derive(Debug, Clone, Default)]
pub struct HistoryAsk {
    /// The realm of the nouns; all if absent.
    pub realm: Option<Realm>,
    /// A user's id.
    pub user: Option<String>,
    /// A role's id.
    pub role: Option<String>,
    /// An API's identifier or id.
    pub api: Option<String>,
    /// A permission's name.
    pub permission: Option<String>,
    /// Ids of other nouns, each with its kind.
    pub others: Vec<(NounKind, String)>,
    /// The subject of an actor.
    pub actor: Option<String>,
    /// Entries of this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Entries of this instant or earlier.
    pub to: Option<DateTime<Utc>>,
    /// Whether the oldest entry comes first.
    pub oldest_first: bool,
    /// The entry after which the page begins.
    pub cursor: Option<TenantSeq>,
    /// So many at most.
    pub limit: u32,
}

impl HistoryAsk {
    /// Whether it says enough to be answered.
    #[must_use]
    pub fn is_answerable(&self) -> bool {
        let named = [&self.user, &self.role, &self.api, &self.actor];
        named.iter().any(|name| name.is_some())
            || !self.others.is_empty()
            || self.from.is_some()
            || self.to.is_some()
    }

    /// The nouns that each name means.
    fn groups(&self) -> Vec<Vec<NounRef>> {
        let realms = Realms::of(self.realm);
        let named = [
            (NounKind::Role, &self.role),
            (NounKind::User, &self.user),
            (NounKind::Api, &self.api),
        ];
        let named = named
            .into_iter()
            .filter_map(|(kind, id)| Some((kind, id.as_ref()?)));
        named
            .chain(self.others.iter().map(|(kind, id)| (*kind, id)))
            .map(|(kind, id)| {
                let nouns = realms.answering().iter().map(|realm| NounRef {
                    realm: *realm,
                    kind,
                    id: id.clone(),
                });
                nouns.collect()
            })
            .collect()
    }
}

/// One page of history, up to an entry.
pub async fn history_page(
    store: &Store,
    tenant: &TenantId,
    up_to: TenantSeq,
    ask: &HistoryAsk,
) -> Result<impl Serialize + use<>, writ_store::Error> {
    let after = match ask.from {
        // Log time has microseconds: what is before an instant is at or before the last of them that
        // is.
        Some(from) => {
            let before = from.checked_sub_signed(TimeDelta::nanoseconds(1));
            let before = before.unwrap_or(DateTime::<Utc>::MIN_UTC);
            at_instant(store, tenant, before).await?.head.tenant_seq
        }
        None => TenantSeq::ZERO,
    };
    let up_to = match ask.to {
        Some(to) => up_to.min(at_instant(store, tenant, to).await?.head.tenant_seq),
        None => up_to,
    };
    let page = entries::history(
        store,
        Ask {
            tenant,
            groups: &ask.groups(),
            actor: ask.actor.as_deref(),
            permission: ask.permission.as_deref(),
            order: if ask.oldest_first {
                Order::OldestFirst
            } else {
                Order::NewestFirst
            },
            cursor: ask.cursor,
            after,
            up_to,
            limit: ask.limit,
        },
    )
    .await?;
    let entries = page
        .items
        .iter()
        .map(|item| {
            let added = Added {
                changed: item.changed,
                effects: effects_path(&item.entry),
            };
            change_with(&item.entry, &added)
        })
        .collect::<Result<_, _>>()
        .map_err(
            |source: serde_json::Error| writ_store::Error::Inconsistent {
                what: "entry",
                problem: source.to_string(),
            },
        )?;
    Ok(HistoryBody {
        entries,
        next: page.next.map(|cursor| cursor.to_string()),
    })
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let ask = asked(&params)?;
    let head = state.fresh(&reader.tenant, &params).await?;
    let body = history_page(&state.store, &reader.tenant, head.tenant_seq, &ask)
        .await
        .map_err(failed)?;
    reader.show(&body, &head)
}

fn asked(params: &Params) -> Result<HistoryAsk, Problem> {
    let realms = Realm::ALL.map(|realm| (realm.as_str(), realm));
    let text = |key| params.text(key).map(str::to_owned);
    let user = match (text("user"), text("subject")) {
        (Some(_), Some(_)) => {
            return Err(Problem::malformed(
                "`user` and `subject` mean the same: the query may have one of them",
            ));
        }
        (user, subject) => user.or(subject),
    };
    let others = OTHERS
        .into_iter()
        .filter_map(|(key, kind)| Some((kind, params.text(key)?.to_owned())))
        .collect();
    let ask = HistoryAsk {
        realm: params.word("realm", &realms)?,
        user,
        role: text("role"),
        api: resource(params)?.map(str::to_owned),
        permission: text("permission"),
        others,
        actor: text("actor"),
        from: params.instant("from")?,
        to: params.instant("to")?,
        oldest_first: params
            .word("order", &[("newest", false), ("oldest", true)])?
            .unwrap_or(false),
        cursor: params.number("cursor")?.map(TenantSeq),
        limit: params.bounded("limit", LIMIT)?,
    };
    if !ask.is_answerable() {
        return Err(Problem::malformed(
            "the query must have one of `role`, `user`, `api`, `group`, `authorization`, \
             `permission_id`, `admin`, `actor`, `from`, `to`",
        ));
    }
    Ok(ask)
}
