//! How often somebody may try to sign in: by address, and by whom they say they are.
//!
//! In the memory of this process, as the product's own. What succeeds counts too.

use core::num::NonZeroU32;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::Clock;

use crate::failure::Failure;
use crate::js::Value;
use crate::request::Ask;

/// So many attempts in this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginLimit {
    /// So many …
    pub attempts: NonZeroU32,
    /// … in this time. Signing up takes fifteen times as long.
    pub per: Duration,
}

/// Windows that are remembered, at most.
const WINDOWS_MAX: usize = 100_000;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bucket {
    Login,
    /// Guarded by the secret key.
    Secret,
}

#[derive(Debug)]
pub(crate) struct Attempts {
    limit: Option<LoginLimit>,
    clock: Arc<dyn Clock>,
    windows: Mutex<BTreeMap<(Bucket, String), Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    ends: DateTime<Utc>,
}

impl Attempts {
    pub(crate) fn new(limit: Option<LoginLimit>, clock: Arc<dyn Clock>) -> Self {
        Self {
            limit,
            clock,
            windows: Mutex::default(),
        }
    }

    /// Counts an attempt, and refuses one too many.
    pub(crate) fn take(&self, bucket: Bucket, ask: &Ask) -> Result<(), Failure> {
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let address = ask
            .address
            .map_or_else(String::new, |address| address.to_canonical().to_string());
        let named = identifier(&ask.body).map(|name| format!("id:{name}"));
        for key in [Some(format!("ip:{address}")), named].into_iter().flatten() {
            if let Some(wait) = self.count(limit, (bucket, key)) {
                return Err(Failure::too_many_attempts(wait));
            }
        }
        Ok(())
    }

    /// Counts, and says how many seconds to wait where it is one too many.
    fn count(&self, limit: LoginLimit, key: (Bucket, String)) -> Option<i64> {
        let now = self.clock.now();
        let per = match key.0 {
            Bucket::Login => limit.per,
            Bucket::Secret => limit.per.saturating_mul(15),
        };
        let per = TimeDelta::from_std(per).unwrap_or(TimeDelta::MAX);
        let ends = now.checked_add_signed(per).unwrap_or(now);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= WINDOWS_MAX {
            windows.retain(|_, window| window.ends > now);
        }
        if windows.len() >= WINDOWS_MAX {
            // So many at once are one attack: whoever is new waits.
            return Some(per.num_seconds());
        }
        let window = windows.entry(key).or_insert(Window { count: 0, ends });
        if window.ends <= now {
            *window = Window { count: 0, ends };
        }
        window.count = window.count.saturating_add(1);
        if window.count <= limit.attempts.get() {
            return None;
        }
        let left = window.ends.signed_duration_since(now).num_milliseconds();
        Some(left.saturating_add(999) / 1000)
    }
}

/// Whom the body says it is about: what is there first, if it is a text.
fn identifier(body: &Value) -> Option<String> {
    let credentials = body.field("credentials");
    let inner = |name| credentials.and_then(|value| value.field(name));
    let fields = [
        inner("email"),
        inner("phone"),
        body.field("email"),
        body.field("phone"),
        body.field("identifier"),
    ];
    let mut there = fields.into_iter().flatten();
    match there.find(|value| **value != Value::Null)? {
        Value::Text(text) => {
            let name = text.trimmed().stored().to_lowercase();
            (!name.is_empty()).then_some(name)
        }
        _ => None,
    }
}
