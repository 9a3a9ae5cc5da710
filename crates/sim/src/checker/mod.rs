//! What must be true of any simulated run, whatever failed.
//!
//! **Shape.** Whoever acts tells what it saw; [`Checker::violations`] says at once what was wrong
//! with that, and the end of the run says the rest. It knows nothing of the world that it watches.

pub mod clients;
pub mod feed;
mod fold;
pub mod reads;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use clients::Clients;
use feed::Feed;
use reads::Reads;

use crate::ActorId;

/// Something that must never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which of the points, from 1.
    pub point: u8,
    /// What was seen.
    pub what: String,
}

/// Watches a run.
#[derive(Debug, Default)]
pub struct Checker {
    violations: Vec<Violation>,
    clients: Clients,
    feed: Feed,
    reads: Reads,
    /// What must be answered as all is settled, by who asks and the number of the request.
    awaited: BTreeMap<(ActorId, u64), String>,
}

impl Checker {
    /// Watches nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that something is wrong.
    pub fn violated(&mut self, point: u8, what: String) {
        self.violations.push(Violation { point, what });
    }

    /// Something is asked that must be answered, as all is settled.
    pub fn awaits(&mut self, request: (ActorId, u64), what: String) {
        self.awaited.insert(request, what);
    }

    /// It is answered.
    pub fn served(&mut self, request: (ActorId, u64)) {
        self.awaited.remove(&request);
    }

    /// All that was asked is answered, or never will be.
    pub fn compare_served(&mut self) {
        for what in core::mem::take(&mut self.awaited).into_values() {
            self.violated(
                9,
                format!("all is settled, and there is no answer to {what}"),
            );
        }
    }

    /// What clients saw.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// What readers saw.
    #[must_use]
    pub fn reads_seen(&self) -> &Reads {
        &self.reads
    }

    /// What was wrong so far.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
