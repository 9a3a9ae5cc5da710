//! The native write routes, and how a command stands.
//!
//! | route | scopes |
//! | --- | --- |
//! | `POST /v1/commands` | `ledger:write`, and for each command the scope of the Management API route that does the same |
//! | `GET /v1/commands/{id}` | one of `ledger:read`, `ledger:write`, `ledger:audit` |
//! | `POST /v1/commands/{id}/cancel` | `ledger:write` |
//!
//! The body of `POST /v1/commands` is an object with either a command or a batch of them:
//!
//! ```json
//! {
//!   "command": { "type": "GrantRolePermissions", "role": "r1",
//!                "permissions": [ { "api": "https://a/", "name": "read" } ] },
//!   "expected": { "unchanged_since": 17 },
//!   "not_after": "2026-01-01T00:00:10Z",
//!   "dry_run": false
//! }
//! ```
//!
//! `"batch": [ … ]` in place of `command`: all of them or none, in order. An absent `realm` is
//! `native`; an absent `id` of a new noun is minted. `expected` is `{"unchanged_since": N}`,
//! `{"changed_at": N}` or `{"revision": "…"}` (unchanged since that `Writ-Revision`). `dry_run`
//! may stand in the query too; it answers 200 with what would become of the command.
//!
//! **Answers.** 200 for `applied` and `unchanged`; a problem for all else, with the entry's
//! position; 202 with `Location` if the outcome was not known in time, and only then. A request
//! sent again under its `Idempotency-Key` is answered as the first time, to the byte, with the
//! header `Idempotent-Replayed: true`.

mod answer;
mod body;
mod document;
mod scopes;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request as HttpRequest, State as Shared};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use writ_domain::{Command, CommandId, Denial, Expected, TenantId};
use writ_http::body::{Limits, Received, fingerprint, read};
use writ_http::document::{Document, Routes};
use writ_http::path::Segments;
use writ_http::revision::WRIT_REVISION;
use writ_http::{Caller, Problem, Provenance, Revision, Verifier};
use writ_store::entries::{Claimed, Head, Reached};

use self::body::{Asked, Expectation};
use crate::{Request, Service, Status};

/// What the routes need.
#[derive(Debug, Clone)]
pub struct RoutesState {
    /// Where commands go.
    pub service: Service,
    /// Who callers are.
    pub verifier: Arc<Verifier>,
    /// How much of a body is read.
    pub body_limits: Limits,
}

/// The native write routes. The server adds what all routes share: request ids, deadlines, limits
/// on how much is in work, and the answers to unknown paths and methods.
pub fn router(state: RoutesState) -> Router {
    routes().router().with_state(Arc::new(state))
}

/// What clients are told of them.
#[must_use]
pub fn document() -> Document {
    document::document(routes().operations())
}

fn routes() -> Routes<Arc<RoutesState>> {
    Routes::new()
        .on(document::submit(), submit)
        .on(document::status(), status)
        .on(document::cancel(), cancel)
}

async fn submit(Shared(state): Shared<Arc<RoutesState>>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let caller = match state.caller(&parts) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let tenant = caller.tenant.clone();
    let answered = match state.sender(caller, parts, body).await {
        Ok(sender) => state.submit(sender).await,
        Err(problem) => Err(problem),
    };
    state.finish(&tenant, answered).await
}

async fn cancel(Shared(state): Shared<Arc<RoutesState>>, request: HttpRequest) -> Response {
    let (parts, body) = request.into_parts();
    let caller = match state.caller(&parts) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let tenant = caller.tenant.clone();
    let answered = match state.sender(caller, parts, body).await {
        Ok(sender) => state.cancel(sender).await,
        Err(problem) => Err(problem),
    };
    state.finish(&tenant, answered).await
}

async fn status(Shared(state): Shared<Arc<RoutesState>>, request: HttpRequest) -> Response {
    let (parts, _body) = request.into_parts();
    let caller = match state.caller(&parts) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let tenant = caller.tenant.clone();
    let answered = state.status(&caller, &parts).await;
    state.finish(&tenant, answered).await
}

/// A request to write, from somebody who may speak.
struct Sender {
    caller: Caller,
    provenance: Provenance,
    parts: Parts,
    body: Received,
}

impl Sender {
    fn request(self, command: Command, expected: Option<Expected>) -> Request {
        let Self {
            caller,
            provenance,
            parts,
            body,
        } = self;
        let (path, query) = (parts.uri.path(), parts.uri.query());
        let fingerprint = fingerprint(&parts.method, path, query, &body.bytes);
        Request {
            caller,
            provenance,
            fingerprint,
            command,
            expected,
        }
    }
}

impl RoutesState {
    fn caller(&self, parts: &Parts) -> Result<Caller, Problem> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|peer| peer.0.ip());
        Ok(self.verifier.authenticate(&parts.headers, peer)?)
    }

    async fn sender(&self, caller: Caller, parts: Parts, body: Body) -> Result<Sender, Problem> {
        let provenance = Provenance::from_headers(&parts.headers)?;
        if provenance.if_match.is_some() {
            // Passed over, it would let through what the caller wanted refused.
            let detail = "a native command says what it expects in `expected`";
            return Err(Problem::bad_header("If-Match", detail));
        }
        let body = read(body, &parts.headers, &self.body_limits).await?;
        Ok(Sender {
            caller,
            provenance,
            parts,
            body,
        })
    }

    async fn submit(&self, sender: Sender) -> Result<Response, Problem> {
        let mut ids = |kind| answer::noun_id(kind, &self.service.new_id());
        let asked = body::asked(&sender.body, sender.parts.uri.query(), &mut ids);
        let command = asked.as_ref().ok().map(|asked| &asked.command);
        if let Some(required) = scopes::missing(&sender.caller, command) {
            let dry_run = asked.as_ref().is_ok_and(|asked| asked.dry_run);
            return Err(self.refuse(sender, command, required, dry_run).await);
        }
        let Asked {
            command,
            expected,
            not_after,
            dry_run,
        } = asked?;
        let expected = self.expected(&sender.caller.tenant, expected).await?;
        let request = sender.request(command, expected);
        if dry_run {
            let tenant = request.caller.tenant.clone();
            let rehearsed = self
                .service
                .rehearse(request)
                .await
                .map_err(answer::store)?;
            return Ok(answer::rehearsed(&tenant, &rehearsed));
        }
        let submitted = match not_after {
            Some(not_after) => self.service.submit_until(request, not_after).await,
            None => self.service.submit(request).await,
        };
        answer::submitted(submitted)
    }

    async fn cancel(&self, sender: Sender) -> Result<Response, Problem> {
        let path = command_of_path(&sender.parts);
        let command = path
            .as_ref()
            .ok()
            .map(|id| Command::CancelCommand { command: *id });
        if let Some(required) = scopes::missing(&sender.caller, command.as_ref()) {
            return Err(self.refuse(sender, command.as_ref(), required, false).await);
        }
        body::no_query(sender.parts.uri.query())?;
        let request = sender.request(Command::CancelCommand { command: path? }, None);
        answer::submitted(self.service.submit(request).await)
    }

    async fn status(&self, caller: &Caller, parts: &Parts) -> Result<Response, Problem> {
        if !caller.holds_any(scopes::STATUS) {
            return Err(Problem::insufficient_scope(scopes::STATUS));
        }
        body::no_query(parts.uri.query())?;
        let id = command_of_path(parts)?;
        let status = self
            .service
            .status(&caller.tenant, id)
            .await
            .map_err(answer::failed)?;
        match status {
            Status::Decided(decided) => Ok(answer::decided(&decided)),
            Status::Appended => Ok(answer::appended(id)),
            Status::Unknown => Err(Problem::no_such_command(id.to_string())),
            Status::Behind => Err(Problem::unavailable(core::time::Duration::from_secs(1))
                .with_detail("the ledger has not come to the end of the log in time")),
        }
    }

    /// Puts a refusal on record, and says so.
    async fn refuse(
        &self,
        sender: Sender,
        command: Option<&Command>,
        required: &str,
        dry_run: bool,
    ) -> Problem {
        let refusal = Problem::insufficient_scope(&[required]);
        if dry_run {
            return refusal;
        }
        let operation = command.map_or("POST /v1/commands", Command::kind);
        let target = command.and_then(writ_domain::target);
        let denial = Denial::InsufficientScope {
            required: vec![required.to_owned()],
        };
        let who = (sender.caller, sender.provenance);
        match self
            .service
            .record_denial(who, operation, target, denial)
            .await
        {
            Ok(refused) => answer::refused(refusal, &refused),
            Err(failed) => answer::failed(failed),
        }
    }

    /// What the caller believes, by number. A revision must be one of this history.
    async fn expected(
        &self,
        tenant: &TenantId,
        expected: Option<Expectation>,
    ) -> Result<Option<Expected>, Problem> {
        match expected {
            None => Ok(None),
            Some(Expectation::Numbered(expected)) => Ok(Some(expected)),
            Some(Expectation::Revision(revision)) => {
                if revision.tenant != *tenant {
                    return Err(Problem::malformed("the revision is not of this tenant"));
                }
                let (tenant_seq, chain8) = (revision.tenant_seq, revision.chain8);
                let claimed = Claimed { tenant_seq, chain8 };
                match self
                    .service
                    .reach(tenant, claimed)
                    .await
                    .map_err(answer::store)?
                {
                    Reached::Yes(_) => Ok(Some(Expected::UnchangedSince(tenant_seq))),
                    Reached::Forked => Err(Problem::history_forked()),
                    Reached::Behind => Err(answer::behind()),
                }
            }
        }
    }

    /// Every answer carries a revision: where there is no entry, that of the newest.
    async fn finish(&self, tenant: &TenantId, answered: Result<Response, Problem>) -> Response {
        let mut response = answered.unwrap_or_else(IntoResponse::into_response);
        if !response.headers().contains_key(WRIT_REVISION)
            && let Ok(head) = self.service.head(tenant).await
        {
            let revision = revision_of(tenant, &head);
            response
                .headers_mut()
                .insert(WRIT_REVISION, HeaderValue::from(&revision));
        }
        response
    }
}

fn revision_of(tenant: &TenantId, head: &Head) -> Revision {
    Revision {
        tenant: tenant.clone(),
        tenant_seq: head.tenant_seq,
        chain8: head.chain8,
    }
}

fn command_of_path(parts: &Parts) -> Result<CommandId, Problem> {
    let pattern = parts.extensions.get::<axum::extract::MatchedPath>();
    let pattern = pattern.map_or("", axum::extract::MatchedPath::as_str);
    let segments = Segments::read(pattern, parts.uri.path())?;
    let id = segments.get("id")?;
    id.parse()
        .map_err(|_not_an_id| Problem::no_such_command(id))
}
