//! A log of which two say that they are it: one answers questions, the other is followed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use writ_domain::{Offset, Partition};
use writ_log::memory::MemoryLog;
use writ_log::{AppendError, Appended, Bounds, Log, Logged, ReadError, Record, Tail, TailError};

use super::dice::Dice;
use super::world::{PARTITION, Stack, memory, record};
use crate::{Options, Statuses};

/// As in a cluster that was cut in two, where the old leader has not heard of the new one.
#[derive(Debug)]
struct Divided {
    old: MemoryLog,
    /// The one that is followed.
    leads: Mutex<MemoryLog>,
}

#[async_trait]
impl Log for Divided {
    fn partitions(&self) -> u16 {
        self.old.partitions()
    }

    async fn append(
        &self,
        partition: Partition,
        records: Vec<Record>,
    ) -> Result<Vec<Appended>, AppendError> {
        self.old.append(partition, records).await
    }

    async fn tail(&self, partition: Partition, from: Offset) -> Result<Box<dyn Tail>, TailError> {
        let leads = self.leads.lock().unwrap().clone();
        leads.tail(partition, from).await
    }

    async fn bounds(&self, partition: Partition) -> Result<Bounds, ReadError> {
        self.old.bounds(partition).await
    }

    async fn read(
        &self,
        partition: Partition,
        offset: Offset,
    ) -> Result<Option<Logged>, ReadError> {
        self.old.read(partition, offset).await
    }
}

#[tokio::test]
async fn what_is_followed_is_compared_and_not_what_answers() {
    let old = memory(1);
    let log = Arc::new(Divided {
        old: old.clone(),
        leads: Mutex::new(old),
    });
    let mut stack = Stack::on(Arc::<Divided>::clone(&log)).await;
    let owners = stack.own(&Options::new("one".to_owned()));
    let mut dice = Dice(31);
    let mut three = || [(); 3].map(|()| dice.submission());
    stack.append(&three()).await;
    stack.decided(3).await;
    owners.end().await;

    let other = memory(1);
    for submission in three().into_iter().chain(three()) {
        other
            .append(PARTITION, vec![record(&submission)])
            .await
            .unwrap();
    }
    *log.leads.lock().unwrap() = other;
    stack.statuses = Statuses::default();
    let owners = stack.own(&Options::new("two".to_owned()));
    let why = stack.halted(PARTITION).await;
    assert!(why.contains("not the one that was decided"), "{why}");
    assert_eq!(stack.entries.lock().unwrap().len(), 3);
    owners.end().await;
}
