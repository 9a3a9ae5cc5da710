//! How long things took: every single time, sorted in the end.
//!
//! A minute of requests is a few megabytes, and percentiles are then those of the times themselves.

use std::time::Duration;

use serde::Serialize;

/// Times in microseconds.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples(Vec<u32>);

/// What is told of many times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "a unit belongs to each")]
pub(crate) struct Latency {
    pub(crate) p50_ms: f64,
    pub(crate) p90_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0
            .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.0.len()).expect("64 bits")
    }

    /// `None` of nothing.
    pub(crate) fn latency(mut self) -> Option<Latency> {
        self.0.sort_unstable();
        let at = |percent: usize| {
            let rank = (self.0.len() * percent).div_ceil(100);
            let micros = self.0.get(rank.max(1) - 1)?;
            Some(f64::from(*micros) / 1_000.0)
        };
        Some(Latency {
            p50_ms: at(50)?,
            p90_ms: at(90)?,
            p99_ms: at(99)?,
            max_ms: at(100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: impl IntoIterator<Item = u64>) -> Samples {
        let mut samples = Samples::default();
        for one in millis {
            samples.add(Duration::from_millis(one));
        }
        samples
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let latency = |p50_ms, p90_ms, p99_ms, max_ms| Latency {
            p50_ms,
            p90_ms,
            p99_ms,
            max_ms,
        };
        assert_eq!(
            of((1..=200).rev()).latency(),
            Some(latency(100.0, 180.0, 198.0, 200.0))
        );
        assert_eq!(of([7]).latency(), Some(latency(7.0, 7.0, 7.0, 7.0)));
        assert_eq!(of([3, 1]).latency(), Some(latency(1.0, 3.0, 3.0, 3.0)));
        assert_eq!(of([]).latency(), None);
    }
}
