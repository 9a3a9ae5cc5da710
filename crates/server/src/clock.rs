//! The only real clock.

use chrono::{DateTime, Utc};
use writ_domain::Clock;

/// The time of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the real clock that others are given"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
