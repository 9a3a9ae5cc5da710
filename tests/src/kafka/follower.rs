//! A consumer that reads a topic from its beginning, and goes on whatever happens.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Record;
use super::java::Java;

/// An independent consumer of all partitions of one topic.
///
/// It sees what any consumer sees that keeps no account of its own: in each partition every record
/// in order, and after a loss of the topic perhaps some again.
///
/// It reads all the time, whether anybody asks for what it has seen or not: a consumer whose output
/// nobody takes would stop, and have seen nothing of what happened meanwhile.
#[derive(Debug)]
pub struct Follower {
    records: Vec<Record>,
    coming: UnboundedReceiver<Record>,
    /// One task, which ends with this.
    reading: JoinSet<()>,
}

impl Follower {
    pub(super) fn start(brokers: &str, topic: &str) -> Self {
        let java = Java::start(&["follow", brokers, topic]);
        let (found, coming) = unbounded_channel();
        let mut reading = JoinSet::new();
        reading.spawn(read(java, found));
        Self {
            records: Vec::new(),
            coming,
            reading,
        }
    }

    /// All that it has seen until now, in the order in which it came.
    pub fn seen(&mut self) -> &[Record] {
        while let Ok(record) = self.coming.try_recv() {
            self.records.push(record);
        }
        &self.records
    }

    /// Waits until one of the records is what is looked for, whether it came before or comes now;
    /// panics after `limit`.
    ///
    /// `is_last` is asked once about each record, from the first one on.
    pub async fn until(&mut self, limit: Duration, mut is_last: impl FnMut(&Record) -> bool) {
        let mut asked = 0;
        let looking = async {
            loop {
                while let Some(record) = self.records.get(asked) {
                    asked += 1;
                    if is_last(record) {
                        return;
                    }
                }
                match self.coming.recv().await {
                    Some(record) => self.records.push(record),
                    None => panic!(
                        "the consumer has ended: {:?}",
                        self.reading.join_next().await
                    ),
                }
            }
        };
        let in_time = timeout(limit, looking).await.is_ok();
        assert!(
            in_time,
            "not within {limit:?}: {} records, the last {:?}",
            self.records.len(),
            self.records.last()
        );
    }

    /// Waits until so many records were seen, repeats included; panics after `limit`.
    pub async fn until_seen(&mut self, count: usize, limit: Duration) {
        let mut left = count;
        if left > 0 {
            self.until(limit, |_| {
                left -= 1;
                left == 0
            })
            .await;
        }
    }
}

/// Takes everything that the consumer prints.
async fn read(mut java: Java, found: UnboundedSender<Record>) {
    while let Some(mut line) = java.line().await {
        if found.send(Record::read(line["record"].take())).is_err() {
            return;
        }
    }
}
