//! Comparing the chain of what is folded with the hashes that were told on `writ.changes`.
//!
//! ```text
//!   folded     1   2   3   4   5   6
//!   told       1   2   3   2   3   4          repeats, and a relay that had not come further
//! ```
//!
//! A chain hash covers all entries up to its own. So where the first occurrences are equal up to
//! the last one, all is equal up to there; and a change that the log cannot account for is a record
//! that the log has lost.

use core::cmp::Ordering;
use std::collections::VecDeque;

use writ_domain::{Partition, Position, Seq};
use writ_envelope::Hash;
use writ_envelope::event::Told;
use writ_log::Logged;

use super::pipeline::Inputs;
use super::{Differences, Error};

/// Entries whose hashes are kept, for repeats. A relay repeats what it had in flight.
const KEPT: usize = 10_000;

/// What comparing with `writ.changes` came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Entries that were told, and whose hash was compared.
    pub entries: u64,
    /// Messages that told an entry again.
    pub repeats: u64,
}

/// Compares, entry by entry.
#[derive(Debug)]
pub(super) struct Comparison {
    partition: Partition,
    inputs: Inputs<Logged>,
    read: VecDeque<Logged>,
    ended: bool,
    /// The hashes of the newest entries, the last one at the back.
    kept: VecDeque<(Seq, Hash)>,
    compared: Compared,
}

impl Comparison {
    pub(super) fn new(partition: Partition, inputs: Inputs<Logged>) -> Self {
        Self {
            partition,
            inputs,
            read: VecDeque::new(),
            ended: false,
            kept: VecDeque::new(),
            compared: Compared::default(),
        }
    }

    pub(super) fn compared(&self) -> Compared {
        self.compared
    }

    /// Compares an entry with what was told of it.
    pub(super) fn entry(
        &mut self,
        (seq, chain): (Seq, Hash),
        differences: &mut Differences,
    ) -> Result<(), Error> {
        if self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((seq, chain));
        while let Some(told) = self.next(differences)? {
            match told.position.seq.cmp(&seq) {
                Ordering::Less => {
                    self.compared.repeats += 1;
                    self.check(&told, differences);
                    self.read.pop_front();
                }
                Ordering::Equal => {
                    self.compared.entries += 1;
                    self.check(&told, differences);
                    self.read.pop_front();
                    break;
                }
                // It stays in front; what comes before it was left out.
                Ordering::Greater => {
                    let partition = self.partition;
                    let position = Position { partition, seq };
                    let next = told.position;
                    differences.add(format!("entry {position} was not told, {next} was"));
                    break;
                }
            }
        }
        Ok(())
    }

    /// What was told beyond the last entry.
    pub(super) fn rest(&mut self, last: Seq, differences: &mut Differences) -> Result<(), Error> {
        while let Some(told) = self.next(differences)? {
            if told.position.seq > last {
                differences.add(format!(
                    "entry {} was told and is not in the log",
                    told.position
                ));
            } else {
                self.compared.repeats += 1;
                self.check(&told, differences);
            }
            self.read.pop_front();
        }
        Ok(())
    }

    /// The next message, which stays in front; those that tell no entry of this partition differ.
    fn next(&mut self, differences: &mut Differences) -> Result<Option<Told>, Error> {
        loop {
            let Some(front) = self.read.front() else {
                if !self.fill()? {
                    return Ok(None);
                }
                continue;
            };
            match Told::of(&front.record.headers) {
                Some(told) if told.position.partition == self.partition => return Ok(Some(told)),
                Some(told) => differences.add(format!(
                    "change at offset {} of partition {} tells entry {}",
                    front.offset, self.partition, told.position
                )),
                None => differences.add(format!(
                    "change at offset {} of partition {} tells no entry",
                    front.offset, self.partition
                )),
            }
            self.read.pop_front();
        }
    }

    fn fill(&mut self) -> Result<bool, Error> {
        while !self.ended && self.read.is_empty() {
            match self.inputs.blocking_next()? {
                Some(messages) => self.read.extend(messages),
                None => self.ended = true,
            }
        }
        Ok(!self.read.is_empty())
    }

    fn check(&self, told: &Told, differences: &mut Differences) {
        let first = self.kept.front().map_or(Seq::ZERO, |(seq, _)| *seq);
        // Hashes of entries lie side by side.
        let index = told.position.seq.0.checked_sub(first.0);
        let kept = index
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| self.kept.get(index));
        if let Some((_, chain)) = kept
            && *chain != told.hash
        {
            differences.add(format!(
                "entry {} was told with hash {}, and comes to {chain}",
                told.position, told.hash
            ));
        }
    }
}
