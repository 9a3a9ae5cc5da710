//! Who may do what: `GET /v1/grants`, `POST /v1/check`, `GET /v1/explain`.
//!
//! **Shape.** A route reads its parameters, finds the point of history (`as_of`), asks, and writes
//! the body. What comes between parameters and body is public: the command line asks the same.
//!
//! **Realms and linked subjects.** A question asks every realm that it does not exclude, and in
//! each of them the subject and all who are linked with it; one yes is enough. The store answers by
//! edges, or by a realm's own evaluation, in one statement.

mod asker;
mod check;
mod explain;
mod list;

use utoipa::ToSchema;
use writ_domain::Realm;
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::grants::{Linked, Opened, Via};

use serde::Serialize;

use crate::as_of::time;
use crate::params::Params;

pub use self::asker::Asker;
pub(crate) use self::asker::Unanswered;
pub(crate) use self::check::route as check_route;
pub use self::check::{Checks, Question, check};
pub use self::explain::explain;
pub(crate) use self::explain::route as explain_route;
pub(crate) use self::list::route as list_route;
pub use self::list::{GrantsAsk, grants};

/// The realms that are asked, the one whose answer is preferred first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realms {
    answering: Vec<Realm>,
    known: Vec<Realm>,
}

impl Realms {
    /// One realm whose rules answer, or all. The subject may be known by its id in any.
    #[must_use]
    pub fn of(realm: Option<Realm>) -> Self {
        Self {
            answering: realm.map_or_else(|| Realm::ALL.to_vec(), |realm| vec![realm]),
            known: Realm::ALL.to_vec(),
        }
    }

    /// The same for a subject that is known by its id in this realm, or in any.
    #[must_use]
    pub fn known_in(self, realm: Option<Realm>) -> Self {
        Self {
            known: realm.map_or_else(|| Realm::ALL.to_vec(), |realm| vec![realm]),
            ..self
        }
    }

    /// The realms whose rules answer.
    pub(crate) fn answering(&self) -> &[Realm] {
        &self.answering
    }

    /// The realms in which the subject is known by its id.
    pub(crate) fn known(&self) -> &[Realm] {
        &self.known
    }

    pub(crate) fn read(params: &Params) -> Result<Self, Problem> {
        let realms = Realm::ALL.map(|realm| (realm.as_str(), realm));
        let known = params.word("subject_realm", &realms)?;
        Ok(Self::of(params.word("realm", &realms)?).known_in(known))
    }
}

/// The bodies of these routes.
pub(crate) fn schemas(schemas: Schemas) -> Schemas {
    explain::schemas(check::schemas(list::schemas(schemas)))
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = Via)]
pub(crate) enum ViaBody {
    Direct,
    Role { role: String },
    Group { group: String },
    Everyone,
}

impl From<Via> for ViaBody {
    fn from(via: Via) -> Self {
        match via {
            Via::Direct => Self::Direct,
            Via::Role(role) => Self::Role { role },
            Via::Group(group) => Self::Group { group },
            Via::Everyone => Self::Everyone,
        }
    }
}

/// Who is the same person as the one who was asked about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Linked)]
pub(crate) struct LinkedBody {
    realm: &'static str,
    subject: String,
}

impl From<Linked> for LinkedBody {
    fn from(linked: Linked) -> Self {
        Self {
            realm: linked.realm.as_str(),
            subject: linked.subject,
        }
    }
}

/// The entry that opened a grant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Opened)]
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
