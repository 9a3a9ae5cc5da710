//! Asking: in a closed loop, or at a fixed rate.

mod closed;
mod open;

use std::time::{Duration, Instant};

pub(crate) use self::closed::closed;
pub(crate) use self::open::open;
use crate::samples::Samples;
use crate::usage::{Processes, Reading};
use crate::wire::{Answer, Ask};

/// Somebody with a connection, who knows what to ask and what the answer must be.
pub(crate) trait Caller: Send + 'static {
    /// The next request.
    fn ask(&mut self) -> Ask;

    /// Whether the answer to the last request is right; if not, what is wrong.
    fn judge(&mut self, answer: &Answer) -> Result<(), String>;

    /// Whether the world is as the oracle believes: then the caller may stop.
    fn is_done(&self) -> bool {
        true
    }
}

/// How long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) warm_up: Duration,
    pub(crate) window: Duration,
    pub(crate) processes: Processes,
}

/// What was measured at one point.
#[derive(Debug)]
pub(crate) struct Point {
    /// Closed loop: of the answers within the window. Open: of the requests due within it.
    pub(crate) samples: Samples,
    pub(crate) span: Duration,
    pub(crate) before: Reading,
    pub(crate) after: Reading,
    /// Answers before, within and after the window.
    pub(crate) answered: u64,
    pub(crate) faults: Faults,
}

/// What was not as it must be.
#[derive(Debug, Default, Clone)]
pub(crate) struct Faults {
    /// Answers that were wrong, or did not come.
    pub(crate) count: u64,
    /// The first few, in words.
    pub(crate) told: Vec<String>,
}

const TOLD: usize = 3;

impl Faults {
    pub(crate) fn add(&mut self, fault: String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(fault);
        }
    }

    pub(crate) fn append(&mut self, others: Self) {
        self.count += others.count;
        let room = TOLD.saturating_sub(self.told.len());
        self.told.extend(others.told.into_iter().take(room));
    }
}

/// What one caller saw.
#[derive(Debug, Default)]
struct Tally {
    samples: Samples,
    answered: u64,
    faults: Faults,
}

impl Tally {
    fn append(&mut self, other: Self) {
        self.samples.append(other.samples);
        self.answered += other.answered;
        self.faults.append(other.faults);
    }
}

/// The time that is measured.
struct Window {
    start: Instant,
    before: Reading,
}

impl Window {
    fn begin(plan: &Plan) -> Self {
        let before = plan.processes.read();
        Self {
            start: Instant::now(),
            before,
        }
    }

    fn end(self, end: Instant, plan: &Plan) -> Measured {
        Measured {
            span: end.saturating_duration_since(self.start),
            before: self.before,
            after: plan.processes.read(),
        }
    }
}

struct Measured {
    span: Duration,
    before: Reading,
    after: Reading,
}

impl Measured {
    fn point(self, tally: Tally) -> Point {
        Point {
            samples: tally.samples,
            span: self.span,
            before: self.before,
            after: self.after,
            answered: tally.answered,
            faults: tally.faults,
        }
    }
}

#[cfg(test)]
mod tests;
