//! `GET /v1/explain`: why, or why no longer.
//!
//! A yes tells every way: the edges and the nouns that it rests on, each with the entry that made
//! it. A no tells the entry that last took the permission away and the ways that it closed, whatever
//! on them it ended; names span every noun that bore them. If there never was a way, it says which of
//! the names nobody bears.
//!
//! In Camunda's realm one authorization decides: a yes names it, and the membership by which it
//! counts; a no names the one that forbids it, if one does, and what took it away last, which may be
//! the entry that made that one.

mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use writ_domain::{TenantId, TenantSeq};
use writ_http::document::Schemas;
use writ_http::{Problem, Revision};
use writ_store::Store;
use writ_store::entries::{Entry, many};
use writ_store::grants::{self, Asked, Explained};

use self::way::{Names, WayBody, lives, lives_of_authorized};
use super::{Question, Realms, resource};
use crate::QueryState;
use crate::as_of::{Stand, StandBody};
use crate::document;
use crate::freshness::failed;
use crate::params::{Params, wrong};
use crate::reader::{Reader, Shown, serve};

const KEYS: &[&str] = &[
    "subject",
    "permission",
    "resource",
    "api",
    "realm",
    "subject_realm",
    "as_of",
    "limit",
    "at_least",
    "consistency",
];

/// Ways that are told: least, if not said, most.
const WAYS: (u32, u32, u32) = (1, 100, 1000);

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
struct ExplainBody {
    as_of: StandBody,
    subject: String,
    permission: String,
    resource: String,
    allowed: bool,
    /// Of a yes: every way.
    ways: Vec<WayBody>,
    /// Of a no: who last took it away, if it ever was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<LostBody>,
    /// Of a no: the authorizations that forbid it, in a realm that has such.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forbidden: Vec<WayBody>,
    /// Of a no: what of the question nobody bears the name of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absent: Vec<&'static str>,
    /// Whether there are more ways than are told.
    more: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lost)]
struct LostBody {
    #[schema(schema_with = document::entry_said)]
    closed_by: EntryBody,
    ways: Vec<WayBody>,
}

/// An entry without what came of it: where, when, what, by whom, why.
type EntryBody = Arc<RawValue>;

/// Explains an answer, as of a point of history.
pub async fn explain(
    store: &Store,
    tenant: &TenantId,
    stand: Stand,
    question: &Question,
    limit: u32,
) -> Result<impl Serialize + use<>, writ_store::Error> {
    let at = stand.head.tenant_seq;
    let explained = grants::explain(store, tenant, at, question.stored(), limit).await?;
    let told = Told::read(store, tenant, &explained).await?;
    Ok(told.body(stand.body(tenant), question, &explained))
}

/// The entries that ways name.
struct Told(BTreeMap<TenantSeq, EntryBody>);

impl Told {
    async fn read(
        store: &Store,
        tenant: &TenantId,
        explained: &Explained,
    ) -> Result<Self, writ_store::Error> {
        let authorized = explained.authorized.iter().chain(&explained.forbidden);
        let lives = explained.ways.iter().flat_map(lives);
        let named: BTreeSet<TenantSeq> = lives
            .chain(authorized.flat_map(lives_of_authorized))
            .flat_map(|life| [Some(life.from), life.to])
            .flatten()
            .collect();
        let named: Vec<TenantSeq> = named.into_iter().collect();
        let mut told = BTreeMap::new();
        let mut rest = named.as_slice();
        while !rest.is_empty() {
            let entries = many(store, tenant, rest).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                told.insert(entry.tenant_seq, entry_body(entry)?);
            }
            // Those that did not fit in one answer are asked for again.
            rest = rest.get(entries.len()..).unwrap_or_default();
        }
        Ok(Self(told))
    }

    fn entry(&self, at: TenantSeq) -> EntryBody {
        let nothing = || Arc::from(RawValue::NULL.to_owned());
        self.0.get(&at).cloned().unwrap_or_else(nothing)
    }

    fn body(&self, as_of: StandBody, question: &Question, explained: &Explained) -> ExplainBody {
        let named = Names::of(question);
        let by_edges = explained.ways.iter().map(|way| self.way(&named, way));
        let authorized = explained.authorized.iter();
        let ways: Vec<WayBody> = by_edges
            .chain(authorized.map(|way| self.authorized(&named, way)))
            .collect();
        let forbidden = explained.forbidden.iter();
        let forbidden = forbidden.map(|way| self.authorized(&named, way)).collect();
        let by_edges = explained.ways.first().map(|way| way.open);
        let open = by_edges.or_else(|| explained.authorized.first().map(|way| way.open));
        let closed = open.and_then(|open| open.to);
        let allowed = closed.is_none() && !ways.is_empty();
        let (ways, lost) = match closed {
            None => (ways, None),
            Some(at) => {
                let closed_by = self.entry(at);
                (Vec::new(), Some(LostBody { closed_by, ways }))
            }
        };
        let absent = explained.absent.iter().map(|name| match name {
            Asked::Subject => "subject",
            Asked::Resource => "resource",
            Asked::Permission => "permission",
        });
        ExplainBody {
            as_of,
            subject: question.subject.clone(),
            permission: question.permission.clone(),
            resource: question.resource.clone(),
            allowed,
            ways,
            lost,
            forbidden,
            absent: absent.collect(),
            more: explained.more,
        }
    }
}

/// What of an entry says who did what, and why.
///
/// SUBTLE: taken from the text of the change, where there is no opaque JSON but in facts, which are
/// left out here.
fn entry_body(entry: &Entry) -> Result<EntryBody, writ_store::Error> {
    const TOLD: [&str; 8] = [
        "position",
        "tenant_seq",
        "time",
        "command_id",
        "kind",
        "actor",
        "reason",
        "ticket",
    ];
    let unreadable = |source: serde_json::Error| writ_store::Error::Inconsistent {
        what: "entry",
        problem: source.to_string(),
    };
    let mut change: Map<String, Value> =
        serde_json::from_str(&entry.change_json()).map_err(unreadable)?;
    change.retain(|name, _| TOLD.contains(&name.as_str()));
    let revision = Revision {
        tenant: entry.tenant.clone(),
        tenant_seq: entry.tenant_seq,
        chain8: entry.chain8(),
    };
    change.insert("revision".to_owned(), revision.to_string().into());
    let text = serde_json::to_string(&change).map_err(unreadable)?;
    RawValue::from_string(text)
        .map(Arc::from)
        .map_err(unreadable)
}

/// The bodies of this route.
pub(super) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<ExplainBody>()
}

pub(crate) async fn route(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, &["ledger:read"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let needed = |key: &str, value: Option<&str>| {
        value
            .map(str::to_owned)
            .ok_or_else(|| wrong(key, "is missing"))
    };
    let question = Question {
        realms: Realms::read(&params)?,
        subject: needed("subject", params.text("subject"))?,
        permission: needed("permission", params.text("permission"))?,
        resource: needed("resource", resource(&params)?)?,
    };
    let limit = params.bounded("limit", WAYS)?;
    let stand = state.stand(&reader.tenant, &params).await?;
    let body = explain(&state.store, &reader.tenant, stand, &question, limit)
        .await
        .map_err(failed)?;
    reader.show(&body, &stand.head)
}
