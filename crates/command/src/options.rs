//! How a service behaves.

use core::time::Duration;

use crate::denials::DenialRate;

/// How long is waited, and for how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A command that comes later than this into the log has no effect.
    pub deadline: Duration,
    /// So much longer its outcome is waited for: one that came too late is decided too.
    pub grace: Duration,
    /// Commands that may be in flight in this process.
    pub in_flight_max: usize,
    /// Whether commits of other processes are listened for. A process that decides every
    /// partition itself need not.
    pub listen: bool,
    /// The store is asked for outcomes at least this often.
    pub poll_every: Duration,
    /// How many denials of one caller are recorded one by one.
    pub denial_rate: DenialRate,
    /// Denials beyond it are recorded together after this time.
    pub denial_window: Duration,
    /// How long a request waits for the ledger to come to a point.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            grace: Duration::from_millis(500),
            in_flight_max: 10_000,
            listen: true,
            poll_every: Duration::from_millis(500),
            denial_rate: DenialRate::default(),
            denial_window: Duration::from_secs(10),
            patience: Duration::from_secs(5),
        }
    }
}
