//! `GET /v1/grants`: what may somebody do, who may do something.
//!
//! With `subject`, what that user may do, directly, by roles, by groups and as everyone may, and
//! those who are linked with it. With `role` or `group` alone, what that may do. With `resource`
//! alone, who may do something with it: users directly, roles and groups, users by them, everyone.
//! What else is said narrows the list. A grant that is there by several ways is told once for each.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use writ_domain::TenantId;
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::Store;
use writ_store::grants::{Ask, Effect, Grant, Holder, Place, list};

use super::{OpenedBody, Realms, ViaBody, resource};
use crate::QueryState;
use crate::as_of::{Stand, StandBody};
use crate::freshness::failed;
use crate::page::LIMIT;
use crate::params::Params;
use crate::reader::{Reader, Shown, serve};

const KEYS: &[&str] = &[
    "subject",
    "role",
    "group",
    "permission",
    "resource",
    "api",
    "realm",
    "subject_realm",
    "as_of",
    "cursor",
    "limit",
    "at_least",
    "consistency",
];

/// Which grants are asked for.
#[derive(Debug, Clone)]
pub struct GrantsAsk {
    /// The realms that are asked.
    pub realms: Realms,
    /// A user's id.
    pub subject: Option<String>,
    /// A role's id.
    pub role: Option<String>,
    /// A group's id.
    pub group: Option<String>,
    /// A permission's name.
    pub permission: Option<String>,
    /// The identifier of what the permission belongs to.
    pub resource: Option<String>,
    /// The grant after which the page begins.
    pub cursor: Option<Place>,
    /// So many at most.
    pub limit: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grants)]
struct GrantsBody {
    as_of: StandBody,
    grants: Vec<GrantBody>,
    /// How many there are; on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Whether there are at least so many: counting has a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_at_least: Option<bool>,
    /// Whether the page was cut: there are more after it.
    more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
struct GrantBody {
    realm: &'static str,
    subject: HolderBody,
    permission: String,
    resource: String,
    effect: &'static str,
    /// Of Camunda's realm: the authorization that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<String>,
    via: ViaBody,
    opened_by: OpenedBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantSubject)]
struct HolderBody {
    r#type: &'static str,
    /// Absent where it is everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl GrantBody {
    fn of(grant: Grant) -> Self {
        let (kind, id) = match grant.holder {
            Holder::User(id) => ("user", Some(id)),
            Holder::Role(id) => ("role", Some(id)),
            Holder::Group(id) => ("group", Some(id)),
            Holder::Everyone => ("everyone", None),
        };
        Self {
            realm: grant.realm.as_str(),
            subject: HolderBody { r#type: kind, id },
            permission: grant.permission,
            resource: grant.resource,
            effect: match grant.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            },
            authorization: grant.authorization,
            via: grant.via.into(),
            opened_by: OpenedBody::of(grant.opened, Some(grant.opened_by)),
        }
    }
}

/// One page of grants, and the point of history that it shows.
pub async fn grants(
    store: &Store,
    tenant: &TenantId,
    stand: Stand,
    ask: &GrantsAsk,
) -> Result<(impl Serialize + use<>, Stand), writ_store::Error> {
    let page = list(
        store,
        tenant,
        Ask {
            realms: ask.realms.answering(),
            known: ask.realms.known(),
            subject: ask.subject.as_deref(),
            role: ask.role.as_deref(),
            group: ask.group.as_deref(),
            permission: ask.permission.as_deref(),
            resource: ask.resource.as_deref(),
            after: ask.cursor,
            limit: ask.limit,
            count: ask.cursor.is_none(),
            at: stand.at(),
        },
    )
    .await?;
    let stand = stand.seen(page.head);
    let body = GrantsBody {
        as_of: stand.body(tenant),
        grants: page.grants.into_iter().map(GrantBody::of).collect(),
        total: page.total.map(|total| total.count),
        total_at_least: page.total.map(|total| total.at_least),
        more: page.next.is_some(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok((body, stand))
}

impl GrantsAsk {
    /// Whether it says enough to be answered: whose grants, or of what.
    #[must_use]
    pub fn is_answerable(&self) -> bool {
        let named = [&self.subject, &self.role, &self.group, &self.resource];
        named.iter().any(|name| name.is_some())
    }

    /// Whether a grant can be all that is asked for: none is by a role and by a group.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.role.is_none() || self.group.is_none()
    }
}

/// The bodies of this route.
pub(super) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<GrantsBody>()
}

pub(crate) async fn route(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    serve(state, request, &["ledger:read"], read).await
}

async fn read(state: Arc<QueryState>, reader: Reader) -> Result<Shown, Problem> {
    let params = Params::read(&reader.parts.uri, KEYS)?;
    let text = |key| params.text(key).map(str::to_owned);
    let ask = GrantsAsk {
        realms: Realms::read(&params)?,
        subject: text("subject"),
        role: text("role"),
        group: text("group"),
        permission: text("permission"),
        resource: resource(&params)?.map(str::to_owned),
        cursor: params.parsed("cursor")?,
        limit: params.bounded("limit", LIMIT)?,
    };
    if !ask.is_answerable() {
        return Err(Problem::malformed(
            "the query must have one of `subject`, `role`, `group`, `resource`",
        ));
    }
    if !ask.is_possible() {
        return Err(Problem::malformed(
            "no grant is by a role and by a group: the query may have one of `role`, `group`",
        ));
    }
    let stand = state.point(&reader.tenant, &params).await?;
    let (body, stand) = grants(&state.store, &reader.tenant, stand, &ask)
        .await
        .map_err(failed)?;
    reader.show(&body, &stand.head)
}
