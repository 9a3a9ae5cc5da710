//! The promises of a log, each as a function that panics where it is broken.
//!
//! Every adapter runs all of them, so that a ledger may be moved from one log to another:
//!
//! ```text
//! writ_log::conformance_tests!(async { Place::make().await });
//! ```
//!
//! Deliberately absent: what only one log can promise (a partition count that is refused, a
//! connection that dies, a batch that lies side by side). That is in the adapter's own tests.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test suite that is called by the tests of other crates: a broken promise panics"
)]

mod appends;
mod reads;
mod tails;

use std::sync::Arc;

use async_trait::async_trait;
use writ_domain::Partition;

pub use appends::{
    a_batch_keeps_its_order, a_record_at_the_limit_is_taken, a_record_may_have_many_headers,
    a_record_over_a_limit_is_refused, an_empty_append_appends_nothing,
    an_unknown_partition_is_refused, batches_lie_side_by_side,
    concurrent_appenders_keep_their_own_order, offsets_are_dense_from_zero,
    partitions_are_independent, too_many_records_are_refused,
};
pub use reads::{
    a_missing_offset_reads_as_none, a_reopened_log_shows_the_same, bounds_follow_the_appends,
    bytes_come_back_exactly, times_come_back_exactly, two_handles_see_each_others_appends,
};
pub use tails::{
    a_dropped_wait_loses_nothing, a_tail_begins_anywhere, a_tail_keeps_to_its_limit,
    a_tail_outside_the_log_is_refused, a_tail_sees_every_record_once_while_it_grows,
    a_waiting_tail_wakes_at_once, a_waiting_tail_wakes_for_another_handle,
};

use crate::{Appended, Log, Record};

/// How many partitions the log of a [`Place`] has.
pub const PARTITIONS: u16 = 2;

/// The partition that most promises are looked at in.
const FIRST: Partition = Partition(0);

/// Another one.
const SECOND: Partition = Partition(1);

/// Where one log is, empty at first.
#[async_trait]
pub trait Place: Send + Sync {
    /// Another handle on the same log, as another process opens it; [`PARTITIONS`] partitions.
    async fn open(&self) -> Arc<dyn Log>;
}

/// One test for each promise. `$place` is a future of a new [`Place`](crate::conformance::Place).
///
/// The calling crate needs tokio with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! conformance_tests {
    ($place:expr) => {
        $crate::conformance_tests! { $place;
            a_batch_keeps_its_order
            a_dropped_wait_loses_nothing
            a_missing_offset_reads_as_none
            a_record_at_the_limit_is_taken
            a_record_may_have_many_headers
            a_record_over_a_limit_is_refused
            a_reopened_log_shows_the_same
            a_tail_begins_anywhere
            a_tail_keeps_to_its_limit
            a_tail_outside_the_log_is_refused
            a_tail_sees_every_record_once_while_it_grows
            a_waiting_tail_wakes_at_once
            a_waiting_tail_wakes_for_another_handle
            an_empty_append_appends_nothing
            an_unknown_partition_is_refused
            bounds_follow_the_appends
            bytes_come_back_exactly
            concurrent_appenders_keep_their_own_order
            offsets_are_dense_from_zero
            partitions_are_independent
            times_come_back_exactly
            too_many_records_are_refused
            two_handles_see_each_others_appends
        }
    };
    ($place:expr; $($promise:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let place = $place.await;
                $crate::conformance::$promise(&place).await;
            }
        )+
    };
}

/// A record that can be told from others.
fn record(name: &str) -> Record {
    Record {
        key: b"tenant".to_vec(),
        value: name.as_bytes().to_vec(),
        headers: vec![("writ-name".to_owned(), name.as_bytes().to_vec())],
    }
}

fn records(names: &[&str]) -> Vec<Record> {
    names.iter().map(|name| record(name)).collect()
}

async fn append(log: &dyn Log, partition: Partition, names: &[&str]) -> Vec<Appended> {
    log.append(partition, records(names))
        .await
        .expect("an append to a healthy log")
}

/// The values of a whole partition in order, having checked that offsets are dense from 0.
async fn values(log: &dyn Log, partition: Partition) -> Vec<String> {
    let mut tail = log
        .tail(partition, writ_domain::Offset(0))
        .await
        .expect("a tail from 0");
    let mut values: Vec<String> = Vec::new();
    loop {
        let taken = tail.try_next(100).await.expect("records");
        if taken.is_empty() {
            return values;
        }
        for logged in taken {
            assert_eq!(
                logged.offset.0,
                values.len() as u64,
                "offsets are dense from 0"
            );
            values.push(String::from_utf8(logged.record.value).expect("a name"));
        }
    }
}
