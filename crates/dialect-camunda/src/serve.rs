//! What every request goes through, in the engine's order: engine, credentials, route, method,
//! media types, body.

use core::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use writ_command::Request as Submission;
use writ_domain::{Command, Expected, Outcome, TenantSeq, malformed};
use writ_http::body::{Received, fingerprint, read};
use writ_http::path::split;
use writ_http::provenance::IfMatch;
use writ_http::{Caller, Provenance, Revision};
use writ_store::entries::{self, Entry, Head};
use writ_store::reads::CamundaViewer;

use crate::answer::Answer;
use crate::failure::{About, Failure, failure};
use crate::json::Fields;
use crate::login::login;
use crate::query::Query;
use crate::routes::Route;
use crate::state::CamundaState;
use crate::{authorizations, people};

/// The one engine's name.
const ENGINE: &str = "default";

/// A request whose caller is known and whose route there is.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) state: Arc<CamundaState>,
    pub(crate) method: Method,
    pub(crate) viewer: CamundaViewer,
    pub(crate) query: Query,
    /// The address of the engine, as the caller wrote it: what links begin with.
    pub(crate) base: String,
    caller: Caller,
    provenance: Provenance,
    fingerprint: [u8; 32],
    body: Option<Fields>,
}

/// An engine, in the list of them.
#[derive(Serialize)]
struct Engine {
    name: &'static str,
}

pub(crate) async fn serve(state: Arc<CamundaState>, request: Request) -> Response {
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let mut response = match answered(&state, request).await {
        Ok(answer) => answer.into_response(),
        Err(failure) => failure.into_response(),
    };
    // What is read is not to be kept, a refusal neither.
    if is_read {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    response
}

/// Where a path leads, below the engine that it names.
enum Place {
    /// The list of engines.
    Engines,
    /// Something of the engine; with its name in the path or without.
    Below { segments: Vec<String>, named: bool },
}

async fn answered(state: &Arc<CamundaState>, request: Request) -> Result<Answer, Failure> {
    let method = match request.method() {
        &Method::HEAD => Method::GET,
        other => other.clone(),
    };
    let (segments, named) = match place(request.uri().path())? {
        Place::Engines if method == Method::GET => return Answer::ok(&[Engine { name: ENGINE }]),
        Place::Engines => return Err(Failure::wrong_method()),
        Place::Below { segments, named } => (segments, named),
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address: Option<IpAddr> = peer.map(|peer| peer.0.ip());
    let session = login(state, request.headers(), address).await?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let route = Route::of(&segments).ok_or_else(Failure::no_such_route)?;
    let (parts, body) = request.into_parts();
    if !route.takes(&method) {
        return Err(Failure::wrong_method());
    }
    let provenance = Provenance::from_headers(&parts.headers)
        .map_err(|error| Failure::header(&error.to_string()))?;
    let received = read(body, &parts.headers, &state.body_limits)
        .await
        .map_err(|_source| Failure::too_large())?;
    let has_body = route.has_body(&method);
    if has_body && !takes_media(&parts.headers, received.bytes.is_empty()) {
        return Err(Failure::unsupported());
    }
    if !accepts_json(&parts.headers) {
        return Err(Failure::not_acceptable());
    }
    // SUBTLE: a read's revision is taken first. The answer may show more than its revision says,
    // and never less. A write's is that of its entry.
    let begun = head(state, &session.caller).await?;
    let body = if has_body {
        body_of(&received).map_err(|failure| failure.at(begun.clone()))?
    } else {
        None
    };
    let fingerprint = fingerprint(
        &method,
        parts.uri.path(),
        parts.uri.query(),
        &received.bytes,
    );
    let ask = Ask {
        state: Arc::clone(state),
        viewer: session.viewer,
        query: Query::read(parts.uri.query()),
        base: base(&parts.headers, named),
        caller: session.caller,
        provenance,
        fingerprint,
        body,
        method,
    };
    if ask.method == Method::GET && ask.query.holds_nul() {
        return Err(Failure::persistence(state.profile).at(begun));
    }
    match dispatch(&ask, route).await {
        Ok(mut answer) => {
            answer.revision = answer.revision.or(Some(begun));
            Ok(answer)
        }
        Err(mut failure) => {
            failure.revision = failure.revision.or(Some(Box::new(begun)));
            Err(failure)
        }
    }
}

/// The body. An empty one is an empty object where it is said to be JSON, and nothing else.
fn body_of(received: &Received) -> Result<Option<Fields>, Failure> {
    match (received.bytes.is_empty(), &received.media_type) {
        (true, Some(_)) => Ok(Some(Fields::none())),
        (true, None) => Ok(None),
        (false, _) => Fields::read(&received.bytes),
    }
}

async fn dispatch(ask: &Ask, route: Route) -> Result<Answer, Failure> {
    let method = ask.method.as_str();
    match (route, method) {
        (Route::Authorizations, "OPTIONS") => authorizations::options_of_all(ask).await,
        (Route::Authorizations, _) => authorizations::list(ask).await,
        (Route::AuthorizationCount, _) => authorizations::count(ask).await,
        (Route::AuthorizationCheck, _) => authorizations::check(ask).await,
        (Route::AuthorizationCreate, _) => authorizations::create(ask).await,
        (Route::Authorization(id), "GET") => authorizations::get(ask, &id).await,
        (Route::Authorization(id), "PUT") => authorizations::put(ask, &id).await,
        (Route::Authorization(id), "DELETE") => authorizations::delete(ask, &id).await,
        (Route::Authorization(id), _) => authorizations::options_of_one(ask, &id).await,
        (Route::UserCreate, _) => people::create_user(ask).await,
        (Route::User(id), _) => people::delete_user(ask, id).await,
        (Route::UserProfile(id), "GET") => people::profile(ask, &id).await,
        (Route::UserProfile(id), _) => people::update_profile(ask, id).await,
        (Route::UserCredentials(id), _) => people::set_password(ask, id).await,
        (Route::Groups, _) => people::groups(ask).await,
        (Route::GroupCreate, _) => people::create_group(ask).await,
        (Route::Group(id), "GET") => people::group(ask, id).await,
        (Route::Group(id), "PUT") => people::update_group(ask, id).await,
        (Route::Group(id), _) => people::delete_group(ask, id).await,
        (Route::Member(group, user), "PUT") => people::add_member(ask, group, user).await,
        (Route::Member(group, user), _) => people::remove_member(ask, group, user).await,
    }
}

/// Reads a path below `/engine-rest`. One slash at its end does not matter.
fn place(path: &str) -> Result<Place, Failure> {
    let mut segments = split(path).map_err(|_source| Failure::no_such_route())?;
    if segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    let mut segments = segments.into_iter().skip(1).peekable();
    if segments.next_if(|first| first == "engine").is_none() {
        return Ok(Place::Below {
            segments: segments.collect(),
            named: false,
        });
    }
    let Some(engine) = segments.next() else {
        return Ok(Place::Engines);
    };
    if engine != ENGINE {
        return Err(Failure::no_such_engine(&engine));
    }
    Ok(Place::Below {
        segments: segments.collect(),
        named: true,
    })
}

fn base(headers: &HeaderMap, named: bool) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or("localhost");
    let engine = if named { "/engine/default" } else { "" };
    format!("http://{host}/engine-rest{engine}")
}

/// Whether a body may be of this media type: JSON by its exact name, parameters aside. None is
/// fine where there is no body.
fn takes_media(headers: &HeaderMap, is_empty: bool) -> bool {
    match headers.get(CONTENT_TYPE).map(|value| value.to_str()) {
        None => is_empty,
        Some(Ok(value)) => is_json(value),
        Some(Err(_)) => false,
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Whether the caller takes JSON. Without a word of it, it does.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|parameter| {
            let weight = parameter.strip_prefix("q=").map(str::parse::<f32>);
            weight.is_some_and(|weight| weight.is_ok_and(|weight| weight <= 0.0))
        });
        !refused
            && matches!(
                essence.as_str(),
                "*/*" | "application/*" | "application/json"
            )
    })
}

async fn head(state: &CamundaState, caller: &Caller) -> Result<Revision, Failure> {
    let head = entries::head(&state.store, &caller.tenant)
        .await?
        .unwrap_or_else(Head::none);
    Ok(Revision {
        tenant: caller.tenant.clone(),
        tenant_seq: head.tenant_seq,
        chain8: head.chain8,
    })
}

/// A command that was decided, and had effect or none was needed.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) entry: Entry,
    pub(crate) revision: Revision,
}

impl Ask {
    /// The body; the engine stumbles where there is none.
    pub(crate) fn body(&self) -> Result<&Fields, Failure> {
        self.body
            .as_ref()
            .ok_or_else(|| Failure::null(self.state.profile))
    }

    /// Whose rights decide: as commands say it, of whom some are nobody's.
    #[expect(clippy::unnecessary_wraps, reason = "the form that commands have")]
    pub(crate) fn by(&self) -> Option<String> {
        Some(self.viewer.user.clone())
    }

    /// Submits a command and waits for its outcome.
    ///
    /// One that is malformed whatever the state is rehearsed first: what is answered 400 for that
    /// leaves no entry, and what comes before it in the engine's order does.
    pub(crate) async fn submit(&self, command: Command, about: About) -> Result<Written, Failure> {
        let profile = self.state.profile;
        let request = Submission {
            caller: self.caller.clone(),
            provenance: self.provenance.clone(),
            fingerprint: self.fingerprint,
            command,
            expected: self.expected(),
        };
        if let Some(rejection) = malformed(&request.command) {
            let malformed = Outcome::Rejected(rejection);
            let rehearsed = self.state.commands.rehearse(request.clone()).await?;
            let refused = failure(&rehearsed.outcome, about, profile);
            if let Some(refused) = refused
                && refused.status == StatusCode::BAD_REQUEST
                && (rehearsed.outcome == malformed || is_bad_text(&rehearsed.outcome))
            {
                return Err(refused);
            }
        }
        let decided = self.state.commands.submit(request).await?;
        match failure(&decided.entry.outcome, about, profile) {
            None => Ok(Written {
                entry: decided.entry,
                revision: decided.revision,
            }),
            Some(failure) => Err(failure.at(decided.revision)),
        }
    }

    /// Submits a command to which there is nothing more to say.
    pub(crate) async fn done(&self, command: Command, about: About) -> Result<Answer, Failure> {
        let written = self.submit(command, about).await?;
        Ok(Answer::no_content().at(written.revision))
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

/// A text that the ledger cannot keep comes before every other rule.
fn is_bad_text(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Rejected(writ_domain::Rejection::BadText { .. })
    )
}
