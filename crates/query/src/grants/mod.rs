//! Who may do what: `GET /v1/grants`, `POST /v1/check`, `GET /v1/explain`.
//!
//! **Shape.** A route reads its parameters, finds the point of history (`as_of`), asks, and writes
//! the body. What comes between parameters and body is public: the command line asks the same.
//!
//! **Where realms differ.** In these realms grants are edges, and the store answers. A realm that
//! decides by its own rules is answered by its own evaluation, beside: [`Realms::by_edges`] says
//! which are asked here, and answers are put together per question, in the order of the realms.
//! Linked subjects would come in there too: a question becomes one for each of the linked ids.

mod check;
mod explain;
mod list;

use writ_domain::Realm;
use writ_http::Problem;
use writ_store::grants::{Opened, Via};

use serde::Serialize;

use crate::as_of::time;
use crate::params::Params;

pub(crate) use self::check::route as check_route;
pub use self::check::{Checks, Question, check};
pub use self::explain::explain;
pub(crate) use self::explain::route as explain_route;
pub(crate) use self::list::route as list_route;
pub use self::list::{GrantsAsk, grants};

/// The realms that are asked, the one whose answer is preferred first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realms(Vec<Realm>);

impl Realms {
    /// One realm, or all.
    #[must_use]
    pub fn of(realm: Option<Realm>) -> Self {
        Self(realm.map_or_else(|| Realm::ALL.to_vec(), |realm| vec![realm]))
    }

    /// Those among them whose grants are edges.
    #[must_use]
    pub fn by_edges(&self) -> &[Realm] {
        &self.0
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Realm] {
        &self.0
    }

    pub(crate) fn read(params: &Params) -> Result<Self, Problem> {
        let realms = Realm::ALL.map(|realm| (realm.as_str(), realm));
        Ok(Self::of(params.word("realm", &realms)?))
    }
}

/// A resource by either of its names as a parameter.
pub(crate) fn resource(params: &Params) -> Result<Option<&str>, Problem> {
    match (params.text("resource"), params.text("api")) {
        (Some(_), Some(_)) => Err(Problem::malformed(
            "`resource` and `api` mean the same: the query may have one of them",
        )),
        (resource, api) => Ok(resource.or(api)),
    }
}

/// By what somebody may do something.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ViaBody {
    Direct,
    Role { role: String },
}

impl From<Via> for ViaBody {
    fn from(via: Via) -> Self {
        match via {
            Via::Direct => Self::Direct,
            Via::Role(role) => Self::Role { role },
        }
    }
}

/// The entry that opened a grant.
#[derive(Debug, Serialize)]
pub(crate) struct OpenedBody {
    position: String,
    tenant_seq: u64,
    time: String,
    /// The subject of its actor.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
}

impl OpenedBody {
    fn of(opened: Opened, actor: Option<String>) -> Self {
        Self {
            position: opened.position.to_string(),
            tenant_seq: opened.at.0,
            time: time(opened.time),
            actor,
        }
    }
}
