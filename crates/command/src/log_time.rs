//! The log's time, as far as this process can tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use writ_domain::Clock;

/// Our clock, corrected by the times at which the log says that it appended.
///
/// ```text
///   ours      sent ───────────────────── received
///   log's               stamped
///             the log is between stamped - received and stamped - sent ahead of us
/// ```
///
/// The estimate moves only when an append shows it to be impossible, and then as little as needed.
#[derive(Debug)]
pub struct LogTime {
    clock: Arc<dyn Clock>,
    ahead_us: AtomicI64,
}

impl LogTime {
    /// No append was seen yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            ahead_us: AtomicI64::new(0),
        }
    }

    /// Our own time.
    #[must_use]
    pub fn ours(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What the log's clock shows now, to microseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let ours = self.ours();
        let ahead = TimeDelta::microseconds(self.ahead_us.load(Ordering::Relaxed));
        ours.checked_add_signed(ahead)
            .unwrap_or(ours)
            .trunc_subsecs(6)
    }

    /// Learns from an append: when it was sent and answered by our time, and the log's time of it.
    pub fn learn(&self, sent: DateTime<Utc>, stamped: DateTime<Utc>) {
        let micros = |span: TimeDelta| span.num_microseconds().unwrap_or(0);
        let least = micros(stamped.signed_duration_since(self.ours()));
        // Our clock may have been set back meanwhile: then the append shows nothing.
        let most = micros(stamped.signed_duration_since(sent));
        if least > most {
            return;
        }
        let believed = self.ahead_us.load(Ordering::Relaxed);
        self.ahead_us
            .store(believed.clamp(least, most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug)]
    struct Hands(Mutex<i64>);

    impl Clock for Hands {
        fn now(&self) -> DateTime<Utc> {
            at(*self.0.lock().unwrap())
        }
    }

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap()
    }

    #[test]
    fn the_estimate_moves_only_as_far_as_it_must() {
        let hands = Arc::new(Hands(Mutex::new(1_000)));
        let time = LogTime::new(Arc::clone(&hands) as Arc<dyn Clock>);
        let append = |sent: i64, received: i64, stamped: i64| {
            *hands.0.lock().unwrap() = received;
            time.learn(at(sent), at(stamped));
            time.now().timestamp_millis() - received
        };
        let rows = [
            // sent, received, stamped, believed ahead afterwards
            (1_000, 1_010, 1_005, 0),
            (2_000, 2_010, 2_500, 490),
            (3_000, 3_100, 3_500, 490),
            (4_000, 4_010, 4_400, 400),
            (5_000, 5_010, 4_000, -1_000),
            (6_000, 5_000, 9_000, -1_000),
        ];
        for (sent, received, stamped, ahead) in rows {
            assert_eq!(append(sent, received, stamped), ahead, "sent at {sent}");
        }
    }
}
