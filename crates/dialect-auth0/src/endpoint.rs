//! What every route does before and after its own work.
//!
//! **Correctness.** The order of checks is Auth0's: who calls, how fast, with which scopes, then
//! path, query and body. Whoever may speak and lacks the scope of a write is refused on record:
//! the denial is a command, and the 403 is its outcome. What comes before leaves no entry.

use core::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use writ_command::{Refused as Recorded, Request as Submission};
use writ_domain::{
    Command, Denial, Expected, NounKind, NounRef, Outcome, Realm, TenantId, TenantSeq, malformed,
};
use writ_http::body::{fingerprint, read};
use writ_http::path::{PathError, Segments};
use writ_http::provenance::IfMatch;
use writ_http::{Caller, Provenance, Revision};
use writ_store::entries::{self, Entry, Head};

use crate::answer::Answer;
use crate::document::Told;
use crate::failure::{Failure, Named, failure};
use crate::json::Json;
use crate::rate::Limiter;
use crate::schema::{Node, Problem};
use crate::state::Auth0State;
use crate::{body, query};

/// The realm of everything here.
pub(crate) const REALM: Realm = Realm::Auth0;

/// A route of the Management API.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) method: MethodFilter,
    pub(crate) path: &'static str,
    /// One of each group must be held. The first of a group is named where none is.
    pub(crate) scopes: &'static [&'static [&'static str]],
    pub(crate) query: &'static Node,
    pub(crate) kind: Kind,
    /// What clients are told of it.
    pub(crate) told: Told,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Shows something. A body is not read: old clients send `null`.
    Read,
    /// Asks for something.
    Write {
        /// The command that it is, by name.
        operation: &'static str,
        /// What kind of noun the path names, if it names one.
        target: Option<NounKind>,
        /// What the body must look like, if it matters.
        body: Option<&'static Node>,
    },
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: Auth0State,
    pub(crate) limiter: Limiter,
}

/// A request that passed every check before its route's own.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) caller: Caller,
    /// The `{id}` of the path, decoded; empty where the path has none.
    pub(crate) id: String,
    pub(crate) query: Json,
    /// `null` where the route takes no body.
    pub(crate) body: Json,
    provenance: Provenance,
    fingerprint: [u8; 32],
}

/// Where endpoints are put with what handles them: into a router, or into a list.
pub(crate) trait Mount {
    fn mount<H, F>(&mut self, endpoint: &'static Endpoint, handle: H)
    where
        H: Fn(Arc<Shared>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Failure>> + Send + 'static;
}

/// Endpoints that are served.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) shared: Arc<Shared>,
    pub(crate) router: Router,
}

impl Mount for Served {
    fn mount<H, F>(&mut self, endpoint: &'static Endpoint, handle: H)
    where
        H: Fn(Arc<Shared>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Failure>> + Send + 'static,
    {
        let route = route(endpoint, &self.shared, handle);
        self.router = core::mem::take(&mut self.router).route(endpoint.path, route);
    }
}

/// Endpoints that are told of.
#[derive(Debug, Default)]
pub(crate) struct Listed(pub(crate) Vec<&'static Endpoint>);

impl Mount for Listed {
    fn mount<H, F>(&mut self, endpoint: &'static Endpoint, _handle: H)
    where
        H: Fn(Arc<Shared>, Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Failure>> + Send + 'static,
    {
        self.0.push(endpoint);
    }
}

/// The route of an endpoint.
fn route<H, F>(endpoint: &'static Endpoint, shared: &Arc<Shared>, handle: H) -> MethodRouter
where
    H: Fn(Arc<Shared>, Ask) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Failure>> + Send + 'static,
{
    let shared = Arc::clone(shared);
    on(endpoint.method, move |request: Request| {
        let (shared, handle) = (Arc::clone(&shared), handle.clone());
        async move { serve(endpoint, shared, request, handle).await }
    })
}

async fn serve<H, F>(
    endpoint: &'static Endpoint,
    shared: Arc<Shared>,
    request: Request,
    handle: H,
) -> Response
where
    H: Fn(Arc<Shared>, Ask) -> F,
    F: Future<Output = Result<Answer, Failure>>,
{
    let id = path_id(&request);
    // The router takes an empty segment for an id; no noun has it.
    if matches!(id, Err(PathError::Empty { .. })) {
        return Failure::no_such_route().into_response();
    }
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    let caller = match shared.state.verifier.authenticate(request.headers(), peer) {
        Ok(caller) => caller,
        Err(error) => return Failure::from(error).into_response(),
    };
    let tenant = caller.tenant.clone();
    let rate = match shared.limiter.take(&tenant) {
        Ok(rate) => rate,
        Err(failure) => return failure.into_response(),
    };
    // SUBTLE: a read's revision is taken first. The answer may show more than its revision says,
    // and never less. A write's is that of its entry.
    let begun = match endpoint.kind {
        Kind::Write { .. } => None,
        Kind::Read => match shared.head(&tenant).await {
            Ok(begun) => Some(begun),
            Err(failure) => return failure.into_response(),
        },
    };
    let done = match ask(endpoint, &shared, request, (caller, id)).await {
        Ok(ask) => handle(Arc::clone(&shared), ask).await,
        Err(failure) => Err(failure),
    };
    match done {
        Ok(mut answer) => {
            answer.revision = answer.revision.or(begun);
            answer.with_headers(rate.into()).into_response()
        }
        Err(mut failure) => {
            failure.revision = match failure.revision.or(begun.map(Box::new)) {
                None => shared.head(&tenant).await.ok().map(Box::new),
                known => known,
            };
            failure.into_response()
        }
    }
}

async fn ask(
    endpoint: &Endpoint,
    shared: &Shared,
    request: Request,
    (caller, id): (Caller, Result<String, PathError>),
) -> Result<Ask, Failure> {
    let (parts, body) = request.into_parts();
    let provenance = Provenance::from_headers(&parts.headers)
        .map_err(|error| Failure::header(error.to_string()))?;
    if let Some(missing) = missing_scope(endpoint, &caller) {
        let refused = Refused {
            endpoint,
            missing,
            id: id.ok(),
        };
        return Err(refused.on_record(shared, caller, provenance).await);
    }
    let id = id.map_err(|error| bad_path(&error))?;
    let query = query::read(parts.uri.query(), endpoint.query)?;
    let mut ask = Ask {
        caller,
        id,
        query,
        body: Json::Null,
        provenance,
        fingerprint: [0; 32],
    };
    if let Kind::Write { body: node, .. } = &endpoint.kind {
        let received = read(body, &parts.headers, &shared.state.body_limits).await?;
        let (path, query) = (parts.uri.path(), parts.uri.query());
        ask.fingerprint = fingerprint(&parts.method, path, query, &received.bytes);
        if let Some(node) = node {
            ask.body = body::read(&received, node)?;
        }
    }
    Ok(ask)
}

/// The path's `{id}`; empty where the path has none.
fn path_id(request: &Request) -> Result<String, PathError> {
    let pattern = request.extensions().get::<MatchedPath>();
    let pattern = pattern.map_or("", MatchedPath::as_str);
    let segments = Segments::read(pattern, request.uri().path())?;
    Ok(segments.get("id").unwrap_or_default().to_owned())
}

/// A path that cannot be read.
fn bad_path(error: &PathError) -> Failure {
    Failure::path(&Problem::of_member("id", None, error.to_string()))
}

fn missing_scope(endpoint: &Endpoint, caller: &Caller) -> Option<&'static str> {
    let lacking = endpoint
        .scopes
        .iter()
        .find(|group| !caller.holds_any(group))?;
    lacking.first().copied()
}

/// A caller that may speak, and may not do this.
struct Refused<'a> {
    endpoint: &'a Endpoint,
    missing: &'static str,
    id: Option<String>,
}

impl Refused<'_> {
    /// The refusal; that of a write once it is on record.
    async fn on_record(self, shared: &Shared, caller: Caller, provenance: Provenance) -> Failure {
        let Kind::Write {
            operation, target, ..
        } = &self.endpoint.kind
        else {
            return Failure::insufficient_scope(&[self.missing]);
        };
        let noun = |kind: NounKind| {
            let id = self.id.filter(|id| !id.is_empty())?;
            Some(NounRef {
                realm: REALM,
                kind,
                id,
            })
        };
        let required = vec![self.missing.to_owned()];
        let denial = Denial::InsufficientScope { required };
        let recorded = shared
            .state
            .commands
            .record_denial(
                (caller, provenance),
                operation,
                target.and_then(noun),
                denial,
            )
            .await;
        let failure = Failure::insufficient_scope(&[self.missing]);
        match recorded {
            Ok(Recorded::Recorded(decided)) => failure.at(decided.revision),
            // It will share an entry with others of the same caller.
            Ok(Recorded::Counted) => failure,
            Err(error) => error.into(),
        }
    }
}

impl Shared {
    async fn head(&self, tenant: &TenantId) -> Result<Revision, Failure> {
        let head = entries::head(&self.state.store, tenant)
            .await?
            .unwrap_or_else(Head::none);
        Ok(Revision {
            tenant: tenant.clone(),
            tenant_seq: head.tenant_seq,
            chain8: head.chain8,
        })
    }
}

/// A command that was decided, and had effect or none was needed.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) entry: Entry,
    pub(crate) revision: Revision,
}

impl Written {
    /// The id of what the command made.
    ///
    /// SUBTLE: a request that is sent again has minted another id than the one on record.
    pub(crate) fn made(&self) -> Result<&str, Failure> {
        let command = self
            .entry
            .submission
            .as_ref()
            .map(|submission| &submission.command);
        if let Some(
            Command::CreateApi { id, .. }
            | Command::CreateRole { id, .. }
            | Command::RegisterUser { id, .. },
        ) = command
        {
            return Ok(id);
        }
        Err(Failure::missing("id", self.entry.tenant_seq))
    }
}

impl Ask {
    pub(crate) fn tenant(&self) -> &TenantId {
        &self.caller.tenant
    }

    /// Submits a command and waits for its outcome.
    ///
    /// One that is malformed in Auth0's words is refused without a trace, as all that is 400.
    pub(crate) async fn submit(
        &self,
        shared: &Shared,
        command: Command,
        named: Named,
    ) -> Result<Written, Failure> {
        if let Some(rejection) = malformed(&command)
            && let Some(failure) = failure(&Outcome::Rejected(rejection), named)
            && failure.status() == StatusCode::BAD_REQUEST
        {
            return Err(failure);
        }
        let submission = Submission {
            caller: self.caller.clone(),
            provenance: self.provenance.clone(),
            fingerprint: self.fingerprint,
            command,
            expected: self.expected(),
        };
        let decided = shared.state.commands.submit(submission).await?;
        match failure(&decided.entry.outcome, named) {
            None => Ok(Written {
                entry: decided.entry,
                revision: decided.revision,
            }),
            Some(failure) => Err(failure.at(decided.revision)),
        }
    }

    /// What the caller says the noun's tag is.
    ///
    /// A tag that is none of ours names entry 0, at which nothing changed.
    fn expected(&self) -> Option<Expected> {
        let tags = match self.provenance.if_match.as_ref()? {
            IfMatch::Any => return None,
            IfMatch::Tags(tags) => tags,
        };
        let changed_at = tags
            .iter()
            .filter(|tag| !tag.weak)
            .find_map(|tag| tag.tag.parse().ok())
            .map_or(TenantSeq::ZERO, TenantSeq);
        Some(Expected::ChangedAt(changed_at))
    }
}
