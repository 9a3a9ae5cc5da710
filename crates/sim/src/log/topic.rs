//! The partitions of a topic, and who follows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use writ_domain::{Offset, Partition};
use writ_log::{Appended, Bounds, Logged, ReadError, Record, TailError};

use crate::Moment;

/// A tail that somebody opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TailId(pub u64);

/// A topic.
#[derive(Debug)]
pub struct Topic {
    partitions: Vec<Part>,
    tails: BTreeMap<TailId, Tail>,
    opened: u64,
}

#[derive(Debug, Default)]
struct Part {
    records: Vec<Logged>,
    /// Counts the leaders: a tail of a former one is broken.
    leader: u64,
    /// What the former leader had, and until when it is still read.
    former: Option<(Vec<Logged>, Moment)>,
    missing: bool,
    /// Counts the topics that had this name.
    generation: u64,
}

#[derive(Debug)]
struct Tail {
    partition: Partition,
    from: Offset,
    leader: u64,
    /// Whether it still reads what the former leader had.
    former: bool,
    broken: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ordered(&'static str);

/// The cause of an error that was ordered.
pub(crate) fn cause(what: &'static str) -> writ_log::Cause {
    Arc::new(Ordered(what))
}

impl Topic {
    /// Empty.
    #[must_use]
    pub fn new(partitions: u16) -> Self {
        Self {
            partitions: (0..partitions).map(|_| Part::default()).collect(),
            tails: BTreeMap::new(),
            opened: 0,
        }
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        u16::try_from(self.partitions.len()).unwrap_or(u16::MAX)
    }

    fn part(&self, partition: Partition) -> Result<&Part, ReadError> {
        let found = self.partitions.get(usize::from(partition.0));
        let part = found.ok_or(ReadError::NoSuchPartition {
            partition,
            partitions: self.partitions(),
        })?;
        if part.missing {
            let source = cause("the topic was deleted");
            return Err(ReadError::Missing { source });
        }
        Ok(part)
    }

    /// The records of a partition, whoever asks.
    #[must_use]
    pub fn records(&self, partition: Partition) -> &[Logged] {
        let part = self.partitions.get(usize::from(partition.0));
        part.map(|part| part.records.as_slice()).unwrap_or_default()
    }

    /// Which topic of this name it is.
    #[must_use]
    pub fn generation(&self, partition: Partition) -> u64 {
        let part = self.partitions.get(usize::from(partition.0));
        part.map_or(0, |part| part.generation)
    }

    /// Whether somebody still reads what a former leader had.
    #[must_use]
    pub fn has_former(&self, partition: Partition, now: Moment) -> bool {
        let part = self.partitions.get(usize::from(partition.0));
        part.is_some_and(|part| part.is_former(now))
    }

    /// Counts the leaders of a partition, and so what it lost.
    #[must_use]
    pub fn leader(&self, partition: Partition) -> u64 {
        let part = self.partitions.get(usize::from(partition.0));
        part.map_or(0, |part| part.leader)
    }

    /// Whether the partition is not there.
    #[must_use]
    pub fn is_missing(&self, partition: Partition) -> bool {
        self.part(partition).is_err()
    }

    /// Appends; `None` if there is no such partition.
    pub fn append(
        &mut self,
        partition: Partition,
        records: Vec<Record>,
        time: DateTime<Utc>,
    ) -> Option<Vec<Appended>> {
        let part = self.partitions.get_mut(usize::from(partition.0))?;
        if part.missing {
            return None;
        }
        let mut appended = Vec::with_capacity(records.len());
        for record in records {
            let offset = Offset(part.records.len() as u64);
            part.records.push(Logged {
                offset,
                time,
                record,
            });
            appended.push(Appended { offset, time });
        }
        Some(appended)
    }

    /// Opens a tail.
    pub fn tail(
        &mut self,
        partition: Partition,
        from: Offset,
        now: Moment,
    ) -> Result<TailId, TailError> {
        let bounds = self.bounds(partition, now)?;
        if !bounds.can_follow(from) {
            return Err(TailError::OutOfRange { from, bounds });
        }
        let part = self.part(partition)?;
        let tail = Tail {
            partition,
            from,
            leader: part.leader,
            former: part.is_former(now),
            broken: false,
        };
        self.opened += 1;
        let id = TailId(self.opened);
        self.tails.insert(id, tail);
        Ok(id)
    }

    /// Forgets a tail.
    pub fn close(&mut self, tail: TailId) {
        self.tails.remove(&tail);
    }

    /// Takes at most so many records of a tail.
    pub fn next(
        &mut self,
        id: TailId,
        limit: usize,
        now: Moment,
    ) -> Result<Vec<Logged>, TailError> {
        let gone = || TailError::Unavailable {
            source: cause("the tail is broken"),
        };
        let tail = self.tails.get(&id).ok_or_else(gone)?;
        let part = self.part(tail.partition)?;
        let former = tail.former && part.is_former(now);
        let broken =
            tail.broken || (tail.former && !former) || (!former && tail.leader != part.leader);
        let taken = if broken {
            Err(gone())
        } else {
            part.taken(tail.from, limit, former)
        };
        let tail = self.tails.get_mut(&id).ok_or_else(gone)?;
        match taken {
            Ok(taken) => {
                if let Some(next) = taken.last().and_then(|logged| logged.offset.next()) {
                    tail.from = next;
                }
                Ok(taken)
            }
            Err(error) => {
                tail.broken = true;
                Err(error)
            }
        }
    }

    /// Whether a tail has something to say: a record, or its end.
    #[must_use]
    pub fn is_ready(&self, id: TailId, now: Moment) -> bool {
        let Some(tail) = self.tails.get(&id) else {
            return true;
        };
        let Ok(part) = self.part(tail.partition) else {
            return true;
        };
        let former = tail.former && part.is_former(now);
        let ended =
            tail.broken || (tail.former && !former) || (!former && tail.leader != part.leader);
        ended
            || part
                .taken(tail.from, 1, former)
                .map_or(true, |taken| !taken.is_empty())
    }

    /// What a partition holds, as one of its brokers says.
    pub fn bounds(&self, partition: Partition, now: Moment) -> Result<Bounds, ReadError> {
        Ok(self.part(partition)?.bounds(now))
    }

    /// The record at an offset.
    pub fn read(&self, partition: Partition, offset: Offset) -> Result<Option<Logged>, ReadError> {
        let part = self.part(partition)?;
        let index = usize::try_from(offset.0).unwrap_or(usize::MAX);
        Ok(part.records.get(index).cloned())
    }
}

/// Faults that the world orders.
impl Topic {
    /// Breaks every tail of a partition.
    pub fn break_tails(&mut self, partition: Partition) {
        for tail in self.tails.values_mut() {
            tail.broken |= tail.partition == partition;
        }
    }

    /// Another leader takes over, which has nothing from `high` on. Until `seen` those who follow
    /// now go on to read what the former one had.
    pub fn truncate(&mut self, partition: Partition, high: Offset, seen: Option<Moment>) {
        let Some(part) = self.partitions.get_mut(usize::from(partition.0)) else {
            return;
        };
        let keep = usize::try_from(high.0).unwrap_or(usize::MAX);
        let whole = part.records.clone();
        part.records.truncate(keep);
        part.former = seen.map(|until| (whole, until));
        for tail in self.tails.values_mut() {
            if tail.partition == partition && tail.leader == part.leader && !tail.broken {
                tail.former = seen.is_some();
            }
        }
        part.leader += 1;
    }

    /// Deletes a partition's records; it is missing until it is made again.
    pub fn delete(&mut self, partition: Partition) {
        if let Some(part) = self.partitions.get_mut(usize::from(partition.0)) {
            let (leader, generation) = (part.leader + 1, part.generation + 1);
            *part = Part {
                leader,
                generation,
                missing: true,
                ..Part::default()
            };
        }
    }

    /// Makes a deleted partition anew, empty.
    pub fn make(&mut self, partition: Partition) {
        if let Some(part) = self.partitions.get_mut(usize::from(partition.0)) {
            part.missing = false;
        }
    }
}

impl Part {
    fn is_former(&self, now: Moment) -> bool {
        self.former.as_ref().is_some_and(|(_, until)| now < *until)
    }

    fn seen(&self, former: bool) -> &[Logged] {
        match &self.former {
            Some((records, _)) if former => records,
            Some(_) | None => &self.records,
        }
    }

    fn bounds(&self, now: Moment) -> Bounds {
        Bounds {
            low: Offset(0),
            high: Offset(self.seen(self.is_former(now)).len() as u64),
        }
    }

    fn taken(&self, from: Offset, limit: usize, former: bool) -> Result<Vec<Logged>, TailError> {
        let seen = self.seen(former);
        let index = usize::try_from(from.0).unwrap_or(usize::MAX);
        let Some(rest) = seen.get(index..) else {
            let high = Offset(seen.len() as u64);
            let low = Offset(0);
            let bounds = Bounds { low, high };
            return Err(TailError::OutOfRange { from, bounds });
        };
        Ok(rest.iter().take(limit.max(1)).cloned().collect())
    }
}
