//! Denials beyond a caller's rate: counted here, put on record as one.
//!
//! Deliberately absent: appending. The service does that with what [`Denials::take`] gives.
//!
//! **Shape.** A bucket of tokens per caller. While it has one, a denial is recorded by itself;
//! else it is added to a count, which becomes one entry at the end of the window. Both maps are
//! bounded: a caller for whom there is no room is told to come back later instead of being
//! denied, so nothing is denied that is not recorded.

mod bucket;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use writ_domain::{Denial, NounRef, TenantId};
use writ_http::{Caller, Provenance};

use self::bucket::Buckets;
pub use self::bucket::Rate;

/// Different denials that are counted at a time.
const COUNTS_MAX: usize = 4_096;

/// What was refused to whom.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) caller: Caller,
    pub(crate) provenance: Provenance,
    pub(crate) operation: String,
    pub(crate) target: Option<NounRef>,
    pub(crate) denial: Denial,
}

/// A refusal, and how often it happened.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) refusal: Refusal,
    pub(crate) count: u32,
}

/// What to do with a refusal.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Record it now.
    Record(Box<Refusal>),
    /// It is counted, and will be recorded with others.
    Counted,
    /// There is no room to count it.
    NoRoom,
}

#[derive(Debug)]
pub(crate) struct Denials {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    buckets: Buckets,
    counts: BTreeMap<Key, Counted>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    tenant: TenantId,
    subject: String,
    client: Option<String>,
    operation: String,
    required: Vec<String>,
}

impl Denials {
    pub(crate) fn new(rate: Rate) -> Self {
        let state = State { buckets: Buckets::new(rate), counts: BTreeMap::new() };
        Self { state: Mutex::new(state) }
    }

    /// Takes a refusal in.
    pub(crate) fn refuse(&self, now: DateTime<Utc>, refusal: Refusal) -> Verdict {
        let mut state = self.lock();
        if state.buckets.take(now, (&refusal.caller.tenant, &refusal.caller.subject)) {
            return Verdict::Record(Box::new(refusal));
        }
        if state.add(Counted { refusal, count: 1 }) { Verdict::Counted } else { Verdict::NoRoom }
    }

    /// Hands out what was counted, and begins to count anew.
    pub(crate) fn take(&self) -> Vec<Counted> {
        core::mem::take(&mut self.lock().counts).into_values().collect()
    }

    /// Takes back what could not be recorded; `false` where there is no room for it.
    pub(crate) fn give_back(&self, counted: Counted) -> bool {
        self.lock().add(counted)
    }

    /// A panic elsewhere leaves the state whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, counted: Counted) -> bool {
        let key = Key::of(&counted.refusal);
        if let Some(known) = self.counts.get_mut(&key) {
            known.count = known.count.saturating_add(counted.count);
            // One entry names one target: where there were several, it names none.
            if known.refusal.target != counted.refusal.target {
                known.refusal.target = None;
            }
            return true;
        }
        let room = self.counts.len() < COUNTS_MAX;
        if room {
            self.counts.insert(key, counted);
        }
        room
    }
}

impl Key {
    fn of(refusal: &Refusal) -> Self {
        let Denial::InsufficientScope { required } = &refusal.denial;
        Self {
            tenant: refusal.caller.tenant.clone(),
            subject: refusal.caller.subject.clone(),
            client: refusal.caller.client_id.clone(),
            operation: refusal.operation.clone(),
            required: required.clone(),
        }
    }
}
