//! How long to wait before telling begins again.

use core::time::Duration;

/// The first and the longest pause after an error.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The pauses of one partition: each twice as long as the one before, from the start again once
/// telling went well for a while.
#[derive(Debug)]
pub struct Pauses {
    last: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { last: RETRY.0 }
    }
}

impl Pauses {
    /// The pause after telling that failed, having lasted so long.
    pub fn after(&mut self, lasted: Duration) -> Duration {
        self.last = if lasted > RETRY.1 {
            RETRY.0
        } else {
            self.last.saturating_mul(2).min(RETRY.1)
        };
        self.last
    }
}
