//! The log's time, as far as this process can tell.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use writ_domain::{Clock, Partition};

/// Our clock, corrected by the times at which the log says that it appended.
///
/// ```text
///   ours      sent ───────────────────── received
///   log's               stamped
///             the log is between stamped - received and stamped - sent ahead of us
/// ```
///
/// The estimate moves only when an append shows it to be impossible, and then as little as needed.
///
/// A partition is decided by a time that never goes back. One record that a broker stamped minutes
/// ahead holds it there until the clocks come after, and what is to have effect within seconds of
/// our time would come too late all that while. So a deadline counts from the time that the
/// partition is known to have come to, if that is later.
#[derive(Debug)]
pub struct LogTime {
    clock: Arc<dyn Clock>,
    ahead_us: AtomicI64,
    decided: Mutex<BTreeMap<Partition, DateTime<Utc>>>,
}

impl LogTime {
    /// No append was seen yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            ahead_us: AtomicI64::new(0),
            decided: Mutex::default(),
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

    /// What the time of a partition is by which its records are decided.
    #[must_use]
    pub fn of(&self, partition: Partition) -> DateTime<Utc> {
        let decided = self.lock().get(&partition).copied();
        decided.map_or_else(|| self.now(), |decided| decided.max(self.now()))
    }

    /// Learns from an entry of a partition: the time by which it was decided.
    pub fn learn_decided(&self, partition: Partition, time: DateTime<Utc>) {
        let mut all = self.lock();
        let decided = all.entry(partition).or_insert(time);
        *decided = time.max(*decided);
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Partition, DateTime<Utc>>> {
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn a_record_that_is_stamped_ahead_does_not_make_all_that_comes_after_it_late() {
        let hands = Arc::new(Hands(Mutex::new(1_000)));
        let time = LogTime::new(Arc::clone(&hands) as Arc<dyn Clock>);
        let (ahead, other) = (Partition(0), Partition(1));
        time.learn_decided(ahead, at(301_000));
        assert_eq!((time.of(ahead), time.of(other)), (at(301_000), at(1_000)));
        // What was decided before says less.
        time.learn_decided(ahead, at(2_000));
        assert_eq!(time.of(ahead), at(301_000));
        *hands.0.lock().unwrap() = 301_500;
        assert_eq!(time.of(ahead), at(301_500));
    }
}
