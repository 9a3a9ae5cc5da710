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
//! **Correctness.** A stream goes where its [`Cursor`] says: first by pages from the store, then,
//! once it has come to where the hub's ring begins, by the ring.

use core::fmt::Write as _;
use core::time::Duration;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};
use utoipa::ToSchema;
use writ_domain::{TenantId, TenantSeq};
use writ_http::Problem;
use writ_http::document::Schemas;
use writ_store::entries::{self, Window};

use super::changes::{Checkpoint, change, check_after};
use super::cursor::{Cursor, Hearing, Next, resume};
use super::filter::{self, Filter};
use super::hub::Hub;
use super::page::head_of;
use super::ring::{Heard, Subscription};
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
const BUSY: Duration = core::time::Duration::from_secs(1);

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
    if last.is_empty() {
        return Ok(asked);
    }
    let resumed = resume(asked.0, Some(last)).ok_or_else(|| {
        let detail = "`Last-Event-ID` is not the id of an event: a whole number";
        Problem::bad_header("Last-Event-ID", detail)
    })?;
    Ok((resumed, "Last-Event-ID"))
}

/// One reader of the feed.
struct Stream {
    hub: Hub,
    store: writ_store::Store,
    tenant: TenantId,
    filter: Filter,
    cursor: Cursor,
    subscription: Option<Subscription>,
    began: Instant,
    _place: OwnedSemaphorePermit,
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
        let times = (options.quiet, options.lifetime);
        Self {
            hub: state.hub.clone(),
            store: state.store.clone(),
            tenant: tenant.clone(),
            filter,
            cursor: Cursor::new(after, Duration::ZERO, times),
            subscription: None,
            began: Instant::now(),
            _place: place,
        }
    }

    /// What is said next; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let mut said = String::new();
        while said.is_empty() {
            if self.hub.ended().is_cancelled() && !self.cursor.is_over() {
                self.farewell("end", "shutdown", &mut said);
                break;
            }
            match self.cursor.wants() {
                Next::Over => return None,
                Next::Hello => said.push_str(HELLO),
                Next::Read { after, up_to } => self.page((after, up_to), &mut said).await,
                Next::Subscribe => match self.hub.subscribe(&self.tenant).await {
                    Ok(subscription) => {
                        self.cursor.joined(subscription.come_to());
                        self.subscription = Some(subscription);
                    }
                    Err(error) => self.give_up(&error),
                },
                Next::Listen { speak_at, ends_at } => {
                    self.listen((speak_at, ends_at), &mut said).await;
                }
            }
        }
        self.cursor.spoke(self.now());
        Some(Bytes::from(said))
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Tells a page of the store.
    async fn page(&mut self, (after, up_to): (TenantSeq, TenantSeq), said: &mut String) {
        let window = Window {
            after,
            up_to,
            limit: PAGE,
        };
        let found = match entries::changes(&self.store, &self.tenant, window).await {
            Ok(found) => found,
            Err(error) => return self.give_up(&error),
        };
        for entry in &found {
            if self.filter.passes(entry) {
                match change(entry) {
                    Ok(json) => event(said, entry.tenant_seq, "change", json.get()),
                    Err(error) => {
                        warn!(%error, position = %entry.position, "an entry cannot be told");
                        return self.cursor.end();
                    }
                }
            }
            self.cursor.read(head_of(entry));
        }
        self.say_if_quiet(said);
        self.cursor.page_ended(found.len(), PAGE);
    }

    /// Waits for the ring, for the time to say something, or for the end.
    async fn listen(&mut self, (speak_at, ends_at): (Duration, Duration), said: &mut String) {
        let Some(mut subscription) = self.subscription.take() else {
            return self.cursor.end();
        };
        let hub = self.hub.clone();
        let mut heard = tokio::select! {
            biased;
            () = hub.ended().cancelled() => return self.farewell("end", "shutdown", said),
            () = sleep_until(self.began + ends_at) => return self.farewell("end", "renew", said),
            heard = subscription.heard() => heard,
            () = sleep_until(self.began + speak_at) => {
                self.checkpoint(said);
                subscription.take()
            }
        };
        for left in (0..CHUNK).rev() {
            match heard {
                Heard::Told(told) => match self.cursor.hear(head_of(&told.entry)) {
                    Hearing::Next if self.filter.passes(&told.entry) => {
                        event(said, told.entry.tenant_seq, "change", &told.json);
                    }
                    Hearing::Next | Hearing::Seen => {}
                    Hearing::Skipped => return,
                },
                Heard::Nothing => break,
                Heard::Lagged => return self.farewell("lagged", "lagged", said),
                Heard::Closed => return self.farewell("end", "shutdown", said),
            }
            if left == 0 {
                break;
            }
            heard = subscription.take();
        }
        // What does not pass does not keep a reader waiting for a checkpoint.
        self.say_if_quiet(said);
        self.subscription = Some(subscription);
    }

    fn say_if_quiet(&mut self, said: &mut String) {
        if said.is_empty() && self.cursor.is_quiet(self.now()) {
            self.checkpoint(said);
        }
    }

    fn checkpoint(&mut self, said: &mut String) {
        let checkpoint = self.reached();
        self.say("checkpoint", &checkpoint, said);
        self.cursor.spoke(self.now());
    }

    fn farewell(&mut self, name: &str, reason: &'static str, said: &mut String) {
        let checkpoint = self.reached();
        self.say(name, &Farewell { reason, checkpoint }, said);
        self.cursor.end();
    }

    fn reached(&self) -> Checkpoint {
        Checkpoint::of(&self.tenant, self.cursor.at(), self.cursor.seen())
    }

    fn say(&self, name: &str, body: &impl Serialize, said: &mut String) {
        match serde_json::to_string(body) {
            Ok(json) => event(said, self.cursor.at(), name, &json),
            Err(error) => warn!(%error, "an event cannot be written"),
        }
    }

    /// Ends without a word: who comes again is told what is wrong.
    fn give_up(&mut self, error: &writ_store::Error) {
        debug!(
            error = error as &dyn std::error::Error,
            "a stream ended, since the store could not be read"
        );
        self.cursor.end();
    }
}

/// Writes an event.
fn event(said: &mut String, id: TenantSeq, name: &str, data: &str) {
    // Compact JSON has no line ends, and writing to a string does not fail.
    if write!(said, "id: {id}\nevent: {name}\ndata: {data}\n\n").is_err() {
        said.clear();
    }
}
