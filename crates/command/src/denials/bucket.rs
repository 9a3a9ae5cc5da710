//! A bucket of tokens for each caller.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use writ_domain::TenantId;

/// Callers that are remembered at a time.
const CALLERS_MAX: usize = 10_000;

/// Parts of a token: a bucket fills by the microsecond.
const PARTS: u64 = 1_000_000;

/// How many denials of one caller are recorded one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 10, burst: 20 }
    }
}

#[derive(Debug)]
pub(super) struct Buckets {
    rate: Rate,
    callers: BTreeMap<(TenantId, String), Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    parts: u64,
    filled_at: DateTime<Utc>,
}

impl Buckets {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, callers: BTreeMap::new() }
    }

    /// Takes a token of a caller, if there is one.
    pub(super) fn take(&mut self, now: DateTime<Utc>, (tenant, subject): (&TenantId, &str)) -> bool {
        let caller = (tenant.clone(), subject.to_owned());
        if !self.callers.contains_key(&caller) && !self.make_room(now) {
            return false;
        }
        let rate = self.rate;
        let bucket =
            self.callers.entry(caller).or_insert(Bucket { parts: rate.full(), filled_at: now });
        bucket.fill(rate, now);
        match bucket.parts.checked_sub(PARTS) {
            Some(left) => {
                bucket.parts = left;
                true
            }
            None => false,
        }
    }

    /// Forgets callers whose buckets are full again: a new bucket is full too.
    fn make_room(&mut self, now: DateTime<Utc>) -> bool {
        if self.callers.len() >= CALLERS_MAX {
            let rate = self.rate;
            self.callers.retain(|_, bucket| {
                bucket.fill(rate, now);
                bucket.parts < rate.full()
            });
        }
        self.callers.len() < CALLERS_MAX
    }
}

impl Bucket {
    fn fill(&mut self, rate: Rate, now: DateTime<Utc>) {
        let passed = now.signed_duration_since(self.filled_at).num_microseconds();
        // A clock that was set back fills nothing, and counts on from there.
        let passed_us = passed.and_then(|passed| u64::try_from(passed).ok()).unwrap_or(0);
        let gained = passed_us.saturating_mul(u64::from(rate.per_second));
        self.parts = self.parts.saturating_add(gained).min(rate.full());
        self.filled_at = now;
    }
}

impl Rate {
    fn full(self) -> u64 {
        u64::from(self.burst).saturating_mul(PARTS)
    }
}
