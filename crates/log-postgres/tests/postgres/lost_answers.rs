//! Appends that Postgres committed, and whose answers never came.

use core::time::Duration;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_domain::Offset;
use writ_log::{AppendError, Appended, Log};
use writ_log_postgres::{Options, PostgresLog};

use crate::proxy::{Answers, Proxy};
use crate::support::{Database, FIRST, options, record, values};

const LONG: Duration = Duration::from_secs(30);

/// A log behind a proxy, to which "before" was appended.
async fn behind_a_proxy(database: &Database, options: Options) -> (Proxy, Arc<PostgresLog>) {
    let proxy = Proxy::start(database).await;
    let log = Arc::new(
        PostgresLog::connect(proxy.config.clone(), options)
            .await
            .unwrap(),
    );
    log.append(FIRST, vec![record("before")]).await.unwrap();
    (proxy, log)
}

fn begin(log: &Arc<PostgresLog>, name: &str) -> JoinSet<Result<Vec<Appended>, AppendError>> {
    let (log, record) = (Arc::clone(log), record(name));
    let mut appending = JoinSet::new();
    appending.spawn(async move { log.append(FIRST, vec![record]).await });
    appending
}

/// Waits, past the proxy, until a record is committed.
async fn until_committed(database: &Database, offset: u64) {
    let log = database.log().await;
    let mut tail = log.tail(FIRST, Offset(offset)).await.unwrap();
    timeout(LONG, tail.next(1)).await.unwrap().unwrap();
}

/// It is in the log, so to call it refused would be a lie: the caller would try again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_after_the_commit_is_perhaps_and_is_not_sent_again() {
    let database = Database::create().await;
    let (proxy, log) = behind_a_proxy(&database, options()).await;
    proxy.set(Answers::Lost);
    let mut appending = begin(&log, "unanswered");
    until_committed(&database, 1).await;
    proxy.set(Answers::Cut);
    let answer = timeout(LONG, appending.join_next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(
        matches!(answer, Err(AppendError::MaybeAppended { .. })),
        "{answer:?}"
    );
    proxy.set(Answers::Pass);
    let appended = log.append(FIRST, vec![record("after")]).await.unwrap();
    assert_eq!(appended[0].offset, Offset(2));
    assert_eq!(values(&log).await, ["before", "unanswered", "after"]);
}

/// A connection that stays and says nothing is given up, and the next append goes over another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_does_not_come_is_perhaps_and_the_log_goes_on() {
    let database = Database::create().await;
    let mut options = options();
    // Long enough for a busy machine to answer what comes before.
    options.answer_timeout = Duration::from_secs(3);
    let (proxy, log) = behind_a_proxy(&database, options).await;
    proxy.set(Answers::Lost);
    let mut appending = begin(&log, "unanswered");
    let answer = timeout(LONG, appending.join_next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(
        matches!(answer, Err(AppendError::MaybeAppended { .. })),
        "{answer:?}"
    );
    until_committed(&database, 1).await;
    proxy.set(Answers::Pass);
    log.append(FIRST, vec![record("after")]).await.unwrap();
    assert_eq!(values(&log).await, ["before", "unanswered", "after"]);
}

/// Where Postgres is away for longer than the patience, what waited is refused for certain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_sent_is_refused_for_certain() {
    let database = Database::create().await;
    let mut options = options();
    options.patience = Duration::from_millis(300);
    let (proxy, log) = behind_a_proxy(&database, options).await;
    proxy.set(Answers::Cut);
    let mut unknown = 0;
    let refused = loop {
        match log.append(FIRST, vec![record("during")]).await {
            // Sent into a connection whose end was not noticed yet.
            Err(AppendError::MaybeAppended { .. }) => unknown += 1,
            other => break other,
        }
    };
    assert!(
        matches!(refused, Err(AppendError::NotAppended { .. })),
        "{refused:?}"
    );
    assert!(unknown <= 1, "{unknown} were sent to nobody");
    let mut waiting = JoinSet::new();
    for caller in 0..8 {
        let log = Arc::clone(&log);
        let name = format!("during {caller}");
        waiting.spawn(async move { log.append(FIRST, vec![record(&name)]).await });
    }
    for refused in waiting.join_all().await {
        assert!(
            matches!(refused, Err(AppendError::NotAppended { .. })),
            "{refused:?}"
        );
    }
    proxy.set(Answers::Pass);
    let back = async { while log.append(FIRST, vec![record("after")]).await.is_err() {} };
    timeout(LONG, back).await.unwrap();
    let mut values = values(&log).await;
    values.retain(|value| value != "during");
    assert_eq!(values, ["before", "after"]);
}
