//! Everything that happens, a line each: hashed, and the last ones kept.

use core::fmt::{self, Write as _};
use std::collections::VecDeque;

use crate::Moment;

/// How many lines are kept for a violation to be read with.
const KEPT: usize = 400;

/// The story of a world.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    lines: u64,
    kept: VecDeque<String>,
    /// Whether every line is kept.
    whole: bool,
}

impl Trace {
    /// Empty; all lines are kept if `whole`, else the last ones.
    #[must_use]
    pub fn new(whole: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            lines: 0,
            kept: VecDeque::new(),
            whole,
        }
    }

    /// Adds a line.
    pub fn line(&mut self, at: Moment, who: &str, what: fmt::Arguments<'_>) {
        let mut line = if self.kept.len() >= KEPT && !self.whole {
            self.kept.pop_front().unwrap_or_default()
        } else {
            String::new()
        };
        line.clear();
        if write!(line, "{at} {who} {what}").is_err() {
            line.push_str("(not to be written)");
        }
        for byte in line.bytes().chain([b'\n']) {
            // FNV-1a: the same on every machine.
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self.lines += 1;
        self.kept.push_back(line);
    }

    /// The hash over all lines.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How many lines there were.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The lines that were kept, in order.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(String::as_str)
    }
}
