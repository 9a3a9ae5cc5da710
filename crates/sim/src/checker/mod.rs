//! What must be true of any run, whatever failed: of simulated worlds and of storms alike.
//!
//! **Shape.** Whoever acts tells what it saw; [`Checker::violations`] says at once what was wrong
//! with that, and the end of the run says the rest. It knows nothing of the world that it watches.

/// Something that must never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which of the points, from 1.
    pub point: u8,
    /// What was seen.
    pub what: String,
}

/// Watches a run.
#[derive(Debug, Default)]
pub struct Checker {
    violations: Vec<Violation>,
}

impl Checker {
    /// Watches nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that something is wrong.
    pub fn violated(&mut self, point: u8, what: String) {
        self.violations.push(Violation { point, what });
    }

    /// What was wrong so far.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
