//! What the callers of a load sent, and what they were told.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use writ_tests::Response;

use super::wish::Wish;

/// The moments at which requests are sent and answers heard, in the order in which they are.
static MOMENTS: AtomicU64 = AtomicU64::new(0);

/// A wish, with every request that was sent for it.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) wish: Wish,
    /// The idempotency key. Without, it is asked once.
    pub(crate) key: Option<String>,
    pub(crate) attempts: Vec<Attempt>,
}

#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) request_id: String,
    pub(crate) answer: Answer,
    pub(crate) span: Span,
}

/// From just before a request was sent to just after its answer was heard. What was heard before
/// something else was sent has the smaller moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) sent: u64,
    pub(crate) heard: u64,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The connection broke: it may be in the log or not.
    Broken,
    /// "Not now" or "not known yet": it may be in the log or not. Under an id one can ask for what
    /// became of it.
    NotNow(Option<String>),
    Told(Told),
}

/// A definite answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) status: u16,
    /// What its revision names.
    pub(crate) at: Option<At>,
    /// `null` if there was none.
    pub(crate) body: Value,
}

/// A point of history: the number of an entry and the beginning of its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) tenant_seq: u64,
    /// 16 hexadecimal digits.
    pub(crate) hash: String,
    /// The revision as it was sent.
    pub(crate) text: String,
}

/// A moment later than all before it.
pub(crate) fn moment() -> u64 {
    MOMENTS.fetch_add(1, Ordering::SeqCst)
}

impl Ticket {
    pub(crate) fn told(&self) -> impl Iterator<Item = (&Attempt, &Told)> {
        self.attempts
            .iter()
            .filter_map(|attempt| match &attempt.answer {
                Answer::Told(told) => Some((attempt, told)),
                Answer::Broken | Answer::NotNow(_) => None,
            })
    }
}

impl Answer {
    pub(crate) fn of(response: &Response) -> Self {
        let body = if response.body.is_empty() {
            Value::Null
        } else {
            response.json()
        };
        if matches!(response.status, 202 | 503) {
            return Self::NotNow(body["command_id"].as_str().map(str::to_owned));
        }
        let at = At::read(response.header("writ-revision"));
        Self::Told(Told {
            status: response.status,
            at,
            body,
        })
    }
}

impl At {
    /// Revisions are opaque to clients; a test may look inside (`writ_http::revision`).
    fn read(revision: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(revision).ok()?;
        let tenant_seq = u64::from_be_bytes(bytes.get(1..9)?.try_into().ok()?);
        let hash = u64::from_be_bytes(bytes.get(9..17)?.try_into().ok()?);
        Some(Self {
            tenant_seq,
            hash: format!("{hash:016x}"),
            text: revision.to_owned(),
        })
    }
}
