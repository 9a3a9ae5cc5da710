//! Denials beyond a caller's rate: counted here, put on record as one.
//!
//! Deliberately absent: appending. The service does that with what [`Denials::take`] gives.
//!
//! **Shape.** Within a caller's rate a denial is recorded by itself; beyond it, it is added to a
//! count, which becomes one entry at the end of the window. The counts are bounded: a caller for
//! whom there is no room is told to come back later instead of being denied, so nothing is denied
//! that is not recorded.

#[cfg(test)]
mod tests;

use core::num::NonZeroU32;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use writ_domain::{Clock, Denial, NounRef, TenantId};
use writ_http::limits::{Rate, RateOptions};
use writ_http::{Caller, Provenance};

/// Callers whose rate is remembered at a time.
const CALLERS_MAX: usize = 10_000;

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

/// How many denials of one caller are recorded one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenialRate {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

impl Default for DenialRate {
    fn default() -> Self {
        let (ten, twenty) = (
            NonZeroU32::MIN.saturating_add(9),
            NonZeroU32::MIN.saturating_add(19),
        );
        Self {
            per_second: ten,
            burst: twenty,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Denials {
    rate: Rate,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts(BTreeMap<Key, Counted>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    tenant: TenantId,
    subject: String,
    client: Option<String>,
    operation: String,
    required: Vec<String>,
}

impl Denials {
    pub(crate) fn new(rate: DenialRate, clock: Arc<dyn Clock>) -> Self {
        let options = RateOptions {
            requests: rate.per_second,
            per: Duration::from_secs(1),
            burst: rate.burst,
            max_keys: CALLERS_MAX,
        };
        Self {
            rate: Rate::new(options, clock),
            counts: Mutex::default(),
        }
    }

    /// Takes a refusal in.
    pub(crate) fn refuse(&self, refusal: Refusal) -> Verdict {
        let caller = format!("{} {}", refusal.caller.tenant, refusal.caller.subject);
        if self.rate.take(&caller).allowed {
            return Verdict::Record(Box::new(refusal));
        }
        let counted = self.lock().add(Counted { refusal, count: 1 });
        if counted {
            Verdict::Counted
        } else {
            Verdict::NoRoom
        }
    }

    /// Hands out what was counted, and begins to count anew.
    pub(crate) fn take(&self) -> Vec<Counted> {
        core::mem::take(&mut self.lock().0).into_values().collect()
    }

    /// Takes back what could not be recorded; `false` where there is no room for it.
    pub(crate) fn give_back(&self, counted: Counted) -> bool {
        self.lock().add(counted)
    }

    /// A panic elsewhere leaves the counts whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn add(&mut self, counted: Counted) -> bool {
        let key = Key::of(&counted.refusal);
        if let Some(known) = self.0.get_mut(&key) {
            known.count = known.count.saturating_add(counted.count);
            // One entry names one target: where there were several, it names none.
            if known.refusal.target != counted.refusal.target {
                known.refusal.target = None;
            }
            return true;
        }
        let room = self.0.len() < COUNTS_MAX;
        if room {
            self.0.insert(key, counted);
        }
        room
    }
}

impl Key {
    fn of(refusal: &Refusal) -> Self {
        let required = match &refusal.denial {
            Denial::InsufficientScope { required } => required.clone(),
            // Decided on the ledger's own state, so it comes as an outcome and not from here.
            Denial::MissingPermission {
                permission,
                resource_type,
                ..
            } => vec![format!("{permission} on {resource_type}")],
            // No scope has this name.
            Denial::CsrfToken => vec!["\0csrf".to_owned()],
        };
        Self {
            tenant: refusal.caller.tenant.clone(),
            subject: refusal.caller.subject.clone(),
            client: refusal.caller.client_id.clone(),
            operation: refusal.operation.clone(),
            required,
        }
    }
}
