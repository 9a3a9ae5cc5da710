//! A bounded token bucket per key.
//!
//! **Shape.** A bucket is one number: the instant at which it is full again. Each token taken moves
//! that instant one interval later; a bucket that is full says nothing and is forgotten.
//!
//! **Correctness.** At most `burst + elapsed / interval` requests of a key pass, as long as the key
//! is remembered. When there are more keys than are kept, the fullest bucket is forgotten: its
//! caller gains the fewest tokens by it, and who is held back stays held back.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::Clock;

/// How fast one key may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateOptions {
    /// So many requests …
    pub requests: NonZeroU32,
    /// … in this time.
    pub per: Duration,
    /// As many may come at once after a pause.
    pub burst: NonZeroU32,
    /// As many keys are remembered.
    pub max_keys: usize,
}

/// What became of a request, for headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Whether the request may go on.
    pub allowed: bool,
    /// As many may come at once after a pause: `x-ratelimit-limit`.
    pub limit: u32,
    /// As many may come now: `x-ratelimit-remaining`.
    pub remaining: u32,
    /// When there is one more than now: `x-ratelimit-reset`.
    pub next_at: DateTime<Utc>,
    /// When there are as many as there can be.
    pub full_at: DateTime<Utc>,
    /// How long to wait, if the request may not go on; else zero.
    pub retry_after: Duration,
}

/// A token bucket per key.
#[derive(Debug)]
pub struct Rate {
    clock: Arc<dyn Clock>,
    options: RateOptions,
    buckets: Mutex<Buckets>,
}

impl Rate {
    /// Buckets by these options. A `per` of zero lets everything pass.
    #[must_use]
    pub fn new(options: RateOptions, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            options,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token of the key, if it has one.
    pub fn take(&self, key: &str) -> Taken {
        let now = self.clock.now();
        let mut bucket = Bucket::new(&self.options, nanos(now));
        // A panic while the lock was held leaves at worst a bucket that is too full.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.resume(buckets.full_at(key));
        let allowed = bucket.take();
        buckets.remember(key, bucket.full_at, bucket.now, self.options.max_keys);
        drop(buckets);
        let wait = bucket.next_at() - bucket.now;
        Taken {
            allowed,
            limit: self.options.burst.get(),
            remaining: bucket.tokens(),
            next_at: after(now, wait),
            full_at: after(now, bucket.full_at - bucket.now),
            retry_after: if allowed {
                Duration::ZERO
            } else {
                duration(wait)
            },
        }
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn keys(&self) -> usize {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.by_key.len()
    }
}

/// One key's bucket at an instant; all in nanoseconds.
///
/// SUBTLE: 128 bits hold the longest duration times the largest burst, so nothing overflows.
struct Bucket {
    now: i128,
    full_at: i128,
    interval: i128,
    capacity: i128,
}

impl Bucket {
    fn new(options: &RateOptions, now: i128) -> Self {
        let per = i128::try_from(options.per.as_nanos()).unwrap_or(i128::MAX);
        let interval = (per / i128::from(options.requests.get())).max(1);
        Self {
            now,
            full_at: now,
            interval,
            capacity: interval * i128::from(options.burst.get()),
        }
    }

    /// Goes on from what is remembered. A clock that was set back empties no bucket further.
    fn resume(&mut self, full_at: Option<i128>) {
        if let Some(full_at) = full_at {
            self.full_at = full_at.clamp(self.now, self.now + self.capacity);
        }
    }

    fn take(&mut self) -> bool {
        let allowed = self.missing() + self.interval <= self.capacity;
        if allowed {
            self.full_at += self.interval;
        }
        allowed
    }

    fn missing(&self) -> i128 {
        self.full_at - self.now
    }

    fn tokens(&self) -> u32 {
        u32::try_from((self.capacity - self.missing()) / self.interval).unwrap_or(u32::MAX)
    }

    /// When there is a token more than now.
    fn next_at(&self) -> i128 {
        let missing_then = self.capacity - self.interval * (i128::from(self.tokens()) + 1);
        self.full_at - missing_then.max(0)
    }
}

/// When each bucket is full, by key and in order.
#[derive(Debug, Default)]
struct Buckets {
    by_key: HashMap<Arc<str>, i128>,
    by_time: BTreeSet<(i128, Arc<str>)>,
}

impl Buckets {
    fn full_at(&self, key: &str) -> Option<i128> {
        self.by_key.get(key).copied()
    }

    fn remember(&mut self, key: &str, full_at: i128, now: i128, max_keys: usize) {
        let key: Arc<str> = match self.by_key.remove_entry(key) {
            None => key.into(),
            Some((key, was)) => {
                self.by_time.remove(&(was, Arc::clone(&key)));
                key
            }
        };
        self.by_key.insert(Arc::clone(&key), full_at);
        self.by_time.insert((full_at, key));
        self.forget(now, max_keys);
    }

    /// Forgets what is full, and the fullest of what is too much.
    fn forget(&mut self, now: i128, max_keys: usize) {
        while let Some((full_at, _)) = self.by_time.first() {
            if *full_at > now && self.by_time.len() <= max_keys {
                return;
            }
            if let Some((_, key)) = self.by_time.pop_first() {
                self.by_key.remove(&key);
            }
        }
    }
}

fn nanos(instant: DateTime<Utc>) -> i128 {
    i128::from(instant.timestamp()) * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos())
}

fn duration(nanos: i128) -> Duration {
    let seconds = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
    let rest = u32::try_from(nanos % 1_000_000_000).unwrap_or(0);
    Duration::new(seconds, rest)
}

/// The end of time, if it is further away than that.
fn after(now: DateTime<Utc>, nanos: i128) -> DateTime<Utc> {
    TimeDelta::from_std(duration(nanos))
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
