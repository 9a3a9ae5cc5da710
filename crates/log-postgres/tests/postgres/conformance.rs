//! The promises that every log keeps.

use crate::support::Database;

writ_log::conformance_tests!(Database::create());

/// More than every log promises: a statement appends a batch as a whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_lie_side_by_side() {
    let database = Database::create().await;
    writ_log::conformance::batches_lie_side_by_side(&database).await;
}
