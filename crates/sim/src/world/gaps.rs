//! From where on the topic of changes tells every entry after the one before it.
//!
//! **Correctness.** A relay tells an entry after one that was told, by whomever; so nothing comes
//! more than one after the highest that ever was told. A partition that lost messages may have
//! gaps until that highest one is told again, each after the one before it. From there on it has
//! none before it loses something again.

use writ_domain::{Offset, Partition};
use writ_envelope::event::Told;

use crate::checker::Checker;
use crate::log::Topic;

/// Where a partition of the topic of changes has gaps.
#[derive(Debug)]
pub(super) struct Gaps {
    /// Another one is there when something was lost.
    leader: u64,
    /// How many of its messages were read.
    read: usize,
    /// The entries that they tell, each after the one before it.
    in_turn: u64,
    /// The highest entry that ever was told.
    highest: u64,
    /// From where on there are none.
    over_from: Option<Offset>,
}

impl Gaps {
    pub(super) fn new() -> Self {
        Self {
            leader: 0,
            read: 0,
            in_turn: 0,
            highest: 0,
            over_from: Some(Offset(0)),
        }
    }

    /// Whether there are none from here on.
    pub(super) fn are_over(&self, offset: Offset) -> bool {
        self.over_from.is_some_and(|from| from <= offset)
    }

    /// Reads on, or from the beginning where something was lost.
    pub(super) fn read(&mut self, topic: &Topic, partition: Partition, checker: &Checker) {
        if self.leader != topic.leader(partition) {
            *self = Self {
                leader: topic.leader(partition),
                highest: self.highest,
                over_from: None,
                ..Self::new()
            };
        }
        let messages = topic.records(partition);
        for message in messages.get(self.read..).unwrap_or_default() {
            self.ends(message.offset);
            if let Some(told) = Told::of(&message.record.headers) {
                let seq = told.position.seq.0;
                if seq == self.in_turn + 1 && !checker.is_another(&told.hash) {
                    self.in_turn = seq;
                }
                self.highest = self.highest.max(seq);
            }
            self.read += 1;
        }
        self.ends(Offset(messages.len() as u64));
    }

    /// What is read next stands there.
    fn ends(&mut self, next: Offset) {
        if self.over_from.is_none() && self.in_turn >= self.highest {
            self.over_from = Some(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use writ_domain::{Position, Seq};
    use writ_envelope::Hash;
    use writ_log::Record;

    use super::*;

    const P: Partition = Partition(0);

    fn tell(topic: &mut Topic, seqs: &[u64]) {
        let records = seqs.iter().map(|seq| {
            let position = Position {
                partition: P,
                seq: Seq(*seq),
            };
            let headers = [
                ("ce_id", position.to_string()),
                ("ce_hash", Hash::ZERO.to_string()),
            ];
            Record {
                headers: headers
                    .map(|(name, value)| (name.to_owned(), value.into_bytes()))
                    .to_vec(),
                ..Record::default()
            }
        });
        topic.append(P, records.collect(), DateTime::UNIX_EPOCH);
    }

    #[test]
    fn there_are_none_again_once_all_that_was_told_is_told_again_in_turn() {
        let (mut topic, mut gaps, checker) = (Topic::new(1), Gaps::new(), Checker::new());
        tell(&mut topic, &[1, 2, 3, 4]);
        gaps.read(&topic, P, &checker);
        assert!(gaps.are_over(Offset(0)), "nothing was lost yet");
        topic.truncate(P, Offset(2), None);
        tell(&mut topic, &[4]);
        gaps.read(&topic, P, &checker);
        assert!(!gaps.are_over(Offset(3)), "3 is missing before 4");
        tell(&mut topic, &[3]);
        gaps.read(&topic, P, &checker);
        assert!(!gaps.are_over(Offset(4)), "4 may come after it, or not");
        tell(&mut topic, &[4, 5]);
        gaps.read(&topic, P, &checker);
        assert!(!gaps.are_over(Offset(4)));
        assert!(gaps.are_over(Offset(5)));
    }

    #[test]
    fn a_topic_that_lost_all_has_gaps_until_all_is_told_again() {
        let (mut topic, mut gaps, checker) = (Topic::new(1), Gaps::new(), Checker::new());
        tell(&mut topic, &[1, 2, 3]);
        gaps.read(&topic, P, &checker);
        topic.truncate(P, Offset(0), None);
        tell(&mut topic, &[1, 2]);
        gaps.read(&topic, P, &checker);
        assert!(!gaps.are_over(Offset(2)));
        tell(&mut topic, &[3]);
        gaps.read(&topic, P, &checker);
        assert!(!gaps.are_over(Offset(1)));
        assert!(gaps.are_over(Offset(3)));
    }
}
