//! A consumer of the feed that does nothing but look at the clock.

use std::time::Instant;

use serde::Deserialize;
use tokio::sync::mpsc;

use super::stream;
use crate::wire::{Ask, Wire};

/// How changes are received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `GET /v1/changes?after=&wait_ms=`, again and again.
    Poll,
    /// `GET /v1/changes/stream`, once.
    Stream,
}

impl Way {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Stream => "stream",
        }
    }
}

/// The arrival of an entry.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) tenant_seq: u64,
    pub(super) request_id: Option<String>,
    pub(super) at: Instant,
}

/// What is read of a change.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) tenant_seq: u64,
    pub(super) request_id: Option<String>,
}

impl Change {
    pub(super) fn at(self, at: Instant) -> Delivery {
        Delivery {
            tenant_seq: self.tenant_seq,
            request_id: self.request_id,
            at,
        }
    }
}

#[derive(Deserialize)]
struct Page {
    changes: Vec<Change>,
}

/// Delivers what comes after an entry, until nobody listens or the server says something wrong:
/// what is missing then is found by the comparison.
pub(super) async fn subscribe(way: Way, wire: Wire, after: u64, deliver: mpsc::Sender<Delivery>) {
    let ended = match way {
        Way::Poll => poll(wire, after, &deliver).await,
        Way::Stream => stream::read(wire, after, &deliver).await,
    };
    if let Err(error) = ended {
        eprintln!("the subscriber gave up: {error}");
    }
}

async fn poll(
    mut wire: Wire,
    mut after: u64,
    deliver: &mpsc::Sender<Delivery>,
) -> Result<(), String> {
    loop {
        let ask = Ask::get(&format!(
            "/v1/changes?after={after}&wait_ms=20000&limit=1000"
        ));
        let answer = wire.call(&ask).await?;
        let at = Instant::now();
        let page: Page = serde_json::from_slice(&answer.expect(200)?.body)
            .map_err(|error| format!("a page of the feed: {error}"))?;
        for change in page.changes {
            after = change.tenant_seq;
            if deliver.send(change.at(at)).await.is_err() {
                return Ok(());
            }
        }
    }
}
