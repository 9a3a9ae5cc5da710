//! Auth0's rate limits, and the headers that speak of them.
//!
//! The headers are on every success, limit or not: clients read them.

use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::{Clock, TenantId};
use writ_http::limits::{Rate, RateOptions, Taken};

use crate::failure::Failure;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Tenants whose rate is remembered.
const TENANTS_MAX: usize = 10_000;

/// A published limit of Auth0's Management API, per tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateProfile {
    /// A paying tenant in production: 50 at once, 16 a second.
    Enterprise,
    /// A paying tenant for tests: 10 at once, 2 a second.
    NonProduction,
    /// A free tenant: 2 at once, 2 a second.
    Free,
}

impl RateProfile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Enterprise, Self::NonProduction, Self::Free];

    /// The name in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::NonProduction => "non-production",
            Self::Free => "free",
        }
    }

    /// The profile of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
    }

    /// How many at once, and how many a second.
    fn numbers(self) -> (u32, u32) {
        match self {
            Self::Enterprise => (50, 16),
            Self::NonProduction => (10, 2),
            Self::Free => (2, 2),
        }
    }
}

/// Counts the requests of each tenant.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: Option<Rate>,
    clock: Arc<dyn Clock>,
}

impl Limiter {
    pub(crate) fn new(profile: Option<RateProfile>, clock: Arc<dyn Clock>) -> Self {
        let rate = profile.map(|profile| {
            let (burst, per_second) = profile.numbers();
            let options = RateOptions {
                requests: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
                per: Duration::from_secs(1),
                burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
                max_keys: TENANTS_MAX,
            };
            Rate::new(options, Arc::clone(&clock))
        });
        Self { rate, clock }
    }

    /// The headers of a success, or the refusal.
    pub(crate) fn take(&self, tenant: &TenantId) -> Result<Headers, Failure> {
        let Some(rate) = &self.rate else {
            return Ok(self.unlimited());
        };
        let taken = rate.take(tenant.as_str());
        let headers = Headers::of(&taken);
        if taken.allowed {
            return Ok(headers);
        }
        // No other refusal carries the headers; clients wait by them after this one.
        Err(Failure::too_many_requests(taken.retry_after).with_rate(headers.into()))
    }

    /// Always one less than Auth0's largest burst, refilled within the second.
    fn unlimited(&self) -> Headers {
        let (limit, _) = RateProfile::Enterprise.numbers();
        let reset = self.clock.now().checked_add_signed(TimeDelta::seconds(1));
        Headers {
            limit,
            remaining: limit - 1,
            reset: reset.unwrap_or_default(),
        }
    }
}

/// The three headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Headers {
    limit: u32,
    remaining: u32,
    reset: DateTime<Utc>,
}

impl Headers {
    fn of(taken: &Taken) -> Self {
        Self {
            limit: taken.limit,
            remaining: taken.remaining,
            reset: taken.next_at,
        }
    }
}

impl From<Headers> for Vec<(HeaderName, HeaderValue)> {
    fn from(headers: Headers) -> Self {
        vec![
            (LIMIT, HeaderValue::from(headers.limit)),
            (REMAINING, HeaderValue::from(headers.remaining)),
            (RESET, HeaderValue::from(headers.reset.timestamp())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_by_name() {
        for profile in RateProfile::ALL {
            assert_eq!(RateProfile::from_name(profile.as_str()), Some(profile));
        }
        assert_eq!(RateProfile::from_name("off"), None);
    }
}
