//! `GET /v1/changes/stream`: the feed as server-sent events.
//!
//! ```text
//!   id: 18            id: 20              id: 20              id: 20
//!   event: change     event: checkpoint   event: lagged       event: end
//!   data: {…}         data: {…}           data: {…}           data: {"reason":"shutdown", …}
//! ```
//!
//! The id of an event is a `tenant_seq`: up to it the reader has everything that passes its filter.
//! A checkpoint comes when nothing else was said for a while. Whoever is cut off, by `lagged`, `end`
//! or not a word, goes on with `Last-Event-ID`, as an `EventSource` does by itself.
//!
//! **Correctness.** A stream moves over the numbers one by one, whatever passes: first by pages from
//! the store, then, once it has come to where the hub's ring begins, by the ring. Should the ring
//! skip a number, it is read from the store.

use core::fmt::Write as _;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};
use utoipa::ToSchema;
use writ_domain::{TenantId, TenantSeq};
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::entries::{self, Entry, Head, Window};

use super::changes::{Checkpoint, change, check_after};
use super::filter::{self, Filter};
use super::hub::{Hub, Subscription};
use super::page::head_of;
use crate::QueryState;
use crate::freshness::revision;
use crate::params::Params;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const KEYS: [&str; 3] = ["after", "at_least", "consistency"];

/// Entries that are read at once from the store.
const PAGE: u32 = 500;
/// Entries of the ring that go into one chunk, at most.
const CHUNK: usize = 64;
/// When a client comes again that was cut off.
const HELLO: &str = "retry: 500\n\n";
/// When a client may try again that found no place.
const BUSY: core::time::Duration = core::time::Duration::from_secs(1);

/// The bodies of this route.
pub(super) fn schemas(schemas: Schemas) -> Schemas {
    schemas.of::<Farewell>()
}

pub(crate) async fn stream(State(state): State<Arc<QueryState>>, request: Request) -> Response {
    let (parts, _body) = request.into_parts();
    let caller = match state.caller(&parts) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let tenant = caller.tenant.clone();
    let opened = async {
        if !caller.holds_any(&["ledger:read"]) {
            return Err(Problem::insufficient_scope(&["ledger:read"]));
        }
        let keys = [&KEYS[..], &filter::KEYS].concat();
        let params = Params::read(&parts.uri, &keys)?;
        let filter = Filter::read(&params)?;
        let (after, said_by) = after(&params, &parts.headers)?;
        let head = state.fresh(&tenant, &params).await?;
        check_after(said_by, after, &head)?;
        let place = state.hub.place();
        let place = place.ok_or_else(|| Problem::overloaded(BUSY))?;
        Ok((Stream::new(&state, (&tenant, after), filter, place), head))
    };
    let (stream, head) = match opened.await {
        Ok(opened) => opened,
        Err(problem) => return state.refuse(&tenant, problem).await,
    };
    let chunks = unfold(stream, |mut stream| async {
        let chunk = stream.next().await?;
        Some((Ok::<_, core::convert::Infallible>(chunk), stream))
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that collects before it passes on would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    revision(&tenant, &head).set_on(headers);
    response
}

/// From where, and where that was said: what the client saw last, else what it asks for.
fn after(params: &Params, headers: &HeaderMap) -> Result<(TenantSeq, &'static str), Problem> {
    let asked = (TenantSeq(params.number("after")?.unwrap_or(0)), "after");
    let Some(last) = headers.get(LAST_EVENT_ID) else {
        return Ok(asked);
    };
    let last = last.to_str().unwrap_or("?");
    match last.parse() {
        // SUBTLE: `u64::from_str` takes "+1"; a number has one spelling.
        Ok(number) if last.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((TenantSeq(number), "Last-Event-ID"))
        }
        _ if last.is_empty() => Ok(asked),
        _ => Err(Problem::bad_header(
            "Last-Event-ID",
            "`Last-Event-ID` is not the id of an event: a whole number",
        )),
    }
}

/// One reader of the feed.
struct Stream {
    hub: Hub,
    store: writ_store::Store,
    tenant: TenantId,
    filter: Filter,
    /// Up to where the reader has everything.
    at: TenantSeq,
    /// The entry there, if it was read.
    seen: Option<Head>,
    phase: Phase,
    /// When it has been quiet for too long.
    speak_at: Instant,
    /// When it ends, whatever comes.
    ends_at: Instant,
    _place: OwnedSemaphorePermit,
}

enum Phase {
    /// Says that it is there.
    Opening,
    /// Reads from the store.
    CatchingUp,
    /// Reads from the ring, from the store what lies before that.
    Joining(Subscription),
    Live(Subscription),
    Over,
}

/// What a stream says when it ends.
#[derive(Serialize, ToSchema)]
struct Farewell {
    reason: &'static str,
    #[serde(flatten)]
    checkpoint: Checkpoint,
}

impl Stream {
    fn new(
        state: &QueryState,
        (tenant, after): (&TenantId, TenantSeq),
        filter: Filter,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let options = state.hub.options();
        let now = Instant::now();
        Self {
            hub: state.hub.clone(),
            store: state.store.clone(),
            tenant: tenant.clone(),
            filter,
            at: after,
            seen: None,
            phase: Phase::Opening,
            speak_at: now + options.quiet,
            ends_at: now + options.lifetime,
            _place: place,
        }
    }

    /// What is said next; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let mut said = String::new();
        while said.is_empty() {
            if self.hub.ended().is_cancelled() && !matches!(self.phase, Phase::Over) {
                self.farewell("end", "shutdown", &mut said);
                break;
            }
            match core::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Over => return None,
                Phase::Opening => {
                    said.push_str(HELLO);
                    self.phase = Phase::CatchingUp;
                }
                Phase::CatchingUp => self.catch_up(&mut said).await,
                Phase::Joining(subscription) => self.join(subscription, &mut said).await,
                Phase::Live(subscription) => self.listen(subscription, &mut said).await,
            }
        }
        self.speak_at = Instant::now() + self.hub.options().quiet;
        Some(Bytes::from(said))
    }

    /// Reads a page; what follows the last one comes from the ring.
    async fn catch_up(&mut self, said: &mut String) {
        match self.page(TenantSeq(u64::MAX), said).await {
            Some(true) => self.phase = Phase::CatchingUp,
            Some(false) => match self.hub.subscribe(&self.tenant).await {
                Ok(subscription) => self.phase = Phase::Joining(subscription),
                Err(error) => self.give_up(&error),
            },
            None => {}
        }
    }

    /// Reads what lies before the ring.
    async fn join(&mut self, subscription: Subscription, said: &mut String) {
        if self.at >= subscription.come_to {
            self.phase = Phase::Live(subscription);
        } else if self.page(subscription.come_to, said).await.is_some() {
            self.phase = Phase::Joining(subscription);
        }
    }

    /// Tells a page of the store; whether there may be more. `None`: the store failed, it is over.
    async fn page(&mut self, up_to: TenantSeq, said: &mut String) -> Option<bool> {
        let window = Window {
            after: self.at,
            up_to,
            limit: PAGE,
        };
        let found = match entries::changes(&self.store, &self.tenant, window).await {
            Ok(found) => found,
            Err(error) => {
                self.give_up(&error);
                return None;
            }
        };
        let read = u32::try_from(found.len()).unwrap_or(u32::MAX);
        for entry in &found {
            if self.filter.passes(entry) {
                match change(entry) {
                    Ok(json) => event(said, entry.tenant_seq, "change", json.get()),
                    Err(error) => {
                        warn!(%error, position = %entry.position, "an entry cannot be told");
                        return None;
                    }
                }
            }
            self.come_to(entry);
        }
        if said.is_empty() && Instant::now() >= self.speak_at {
            self.checkpoint(said);
        }
        Some(read >= PAGE)
    }

    /// Waits for the ring, for the time to say something, or for the end.
    async fn listen(&mut self, mut subscription: Subscription, said: &mut String) {
        let hub = self.hub.clone();
        tokio::select! {
            biased;
            () = hub.ended().cancelled() => return self.farewell("end", "shutdown", said),
            () = sleep_until(self.ends_at) => return self.farewell("end", "renew", said),
            received = subscription.ring.recv() => match received {
                Ok(told) => {
                    if !self.hear(&told, said) {
                        return;
                    }
                }
                Err(RecvError::Lagged(_)) => return self.farewell("lagged", "lagged", said),
                Err(RecvError::Closed) => return self.farewell("end", "shutdown", said),
            },
            () = sleep_until(self.speak_at) => self.checkpoint(said),
        }
        for _ in 1..CHUNK {
            match subscription.ring.try_recv() {
                Ok(told) => {
                    if !self.hear(&told, said) {
                        return;
                    }
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(_)) => return self.farewell("lagged", "lagged", said),
            }
        }
        // What does not pass does not keep a reader waiting for a checkpoint.
        if said.is_empty() && Instant::now() >= self.speak_at {
            self.checkpoint(said);
        }
        self.phase = Phase::Live(subscription);
    }

    /// Takes an entry of the ring. `false`: it is not the next one, and the store is asked again.
    fn hear(&mut self, told: &super::hub::Told, said: &mut String) -> bool {
        let entry = &told.entry;
        if entry.tenant_seq <= self.at {
            return true;
        }
        if self.at.next() != Some(entry.tenant_seq) {
            self.phase = Phase::CatchingUp;
            return false;
        }
        if self.filter.passes(entry) {
            event(said, entry.tenant_seq, "change", &told.json);
        }
        self.come_to(entry);
        true
    }

    fn come_to(&mut self, entry: &Entry) {
        self.at = entry.tenant_seq;
        self.seen = Some(head_of(entry));
    }

    fn checkpoint(&mut self, said: &mut String) {
        let checkpoint = Checkpoint::of(&self.tenant, self.at, self.seen);
        self.say("checkpoint", &checkpoint, said);
        self.speak_at = Instant::now() + self.hub.options().quiet;
    }

    fn farewell(&mut self, name: &str, reason: &'static str, said: &mut String) {
        let checkpoint = Checkpoint::of(&self.tenant, self.at, self.seen);
        self.say(name, &Farewell { reason, checkpoint }, said);
        self.phase = Phase::Over;
    }

    fn say(&self, name: &str, body: &impl Serialize, said: &mut String) {
        match serde_json::to_string(body) {
            Ok(json) => event(said, self.at, name, &json),
            Err(error) => warn!(%error, "an event cannot be written"),
        }
    }

    /// Ends without a word: who comes again is told what is wrong.
    fn give_up(&mut self, error: &writ_store::Error) {
        debug!(
            error = error as &dyn std::error::Error,
            "a stream ended, since the store could not be read"
        );
        self.phase = Phase::Over;
    }
}

/// Writes an event.
fn event(said: &mut String, id: TenantSeq, name: &str, data: &str) {
    // Compact JSON has no line ends, and writing to a string does not fail.
    if write!(said, "id: {id}\nevent: {name}\ndata: {data}\n\n").is_err() {
        said.clear();
    }
}
