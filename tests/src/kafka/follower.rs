//! A consumer that reads a topic from its beginning, and goes on whatever happens.

use std::time::Duration;

use tokio::time::timeout;

use super::Record;
use super::java::Java;

/// An independent consumer of all partitions of one topic.
///
/// It sees what any consumer sees that keeps no account of its own: in each partition every record
/// in order, and after a loss of the topic perhaps some again.
#[derive(Debug)]
pub struct Follower {
    java: Java,
    records: Vec<Record>,
}

impl Follower {
    pub(super) fn start(brokers: &str, topic: &str) -> Self {
        Self {
            java: Java::start(&["follow", brokers, topic]),
            records: Vec::new(),
        }
    }

    /// All that it has seen, in the order in which it came.
    pub fn seen(&self) -> &[Record] {
        &self.records
    }

    /// Reads on until what was seen is enough; panics after `limit`.
    pub async fn read_until(&mut self, limit: Duration, enough: impl Fn(&[Record]) -> bool) {
        let reading = async {
            while !enough(&self.records) {
                let mut line = self.java.line().await.expect("the consumer lives");
                self.records.push(Record::read(line["record"].take()));
            }
        };
        let in_time = timeout(limit, reading).await.is_ok();
        assert!(
            in_time,
            "not enough within {limit:?}: {} records, the last {:?}",
            self.records.len(),
            self.records.last()
        );
    }
}
