//! Genesis, opening and closing.

use core::time::Duration;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_log::{AppendError, Log};
use writ_log_postgres::{Config, Error, Options, PostgresLog};

use crate::support::{Database, FIRST, options, record, values};

#[tokio::test]
async fn creating_twice_changes_nothing_and_another_count_is_refused() {
    let database = Database::create().await;
    let log = database.log().await;
    log.append(FIRST, vec![record("a")]).await.unwrap();
    PostgresLog::create(database.config.clone(), &options())
        .await
        .unwrap();
    assert_eq!(values(&log).await, ["a"]);

    let other = Options::new(3);
    let created = PostgresLog::create(database.config.clone(), &other).await;
    let connected = PostgresLog::connect(database.config.clone(), other)
        .await
        .map(|_log| ());
    for refused in [created, connected] {
        let error = refused.unwrap_err();
        assert!(
            matches!(
                error,
                Error::OtherPartitions {
                    found: 2,
                    expected: 3
                }
            ),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            "the log has had 2 partitions since its genesis, 3 were configured"
        );
    }
}

#[tokio::test]
async fn many_may_create_the_log_at_once() {
    let database = Database::empty().await;
    let mut creators = JoinSet::new();
    for _ in 0..8 {
        let config = database.config.clone();
        creators.spawn(async move { PostgresLog::create(config, &options()).await });
    }
    for created in creators.join_all().await {
        created.unwrap();
    }
    assert_eq!(database.log().await.partitions(), 2);
}

#[tokio::test]
async fn a_log_that_was_not_created_does_not_open() {
    let database = Database::empty().await;
    let refused = PostgresLog::connect(database.config.clone(), options()).await;
    assert!(matches!(refused, Err(Error::NotCreated)), "{refused:?}");
}

#[tokio::test]
async fn a_count_that_no_log_can_have_is_refused() {
    let database = Database::empty().await;
    for partitions in [0, 4097] {
        let refused = PostgresLog::create(database.config.clone(), &Options::new(partitions)).await;
        assert!(
            matches!(refused, Err(Error::PartitionsOutOfRange { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_unreachable_postgres_is_said() {
    let mut config = Config::new();
    config.host("127.0.0.1").port(1).user("nobody");
    let refused = PostgresLog::connect(config, options()).await;
    assert!(matches!(refused, Err(Error::Open { .. })), "{refused:?}");
}

/// Everything that was queued is answered; what comes afterwards is refused, definitely.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_answers_what_was_queued_and_refuses_the_rest() {
    let database = Database::create().await;
    let log = database.log().await;
    let mut callers = JoinSet::new();
    for caller in 0..16 {
        let log = Arc::clone(&log);
        callers.spawn(async move {
            let mut acknowledged = 0;
            loop {
                match log.append(FIRST, vec![record(&format!("{caller}"))]).await {
                    Ok(_appended) => acknowledged += 1,
                    Err(error) => return (acknowledged, error),
                }
            }
        });
    }
    // All of them are under way.
    let mut tail = log.tail(FIRST, writ_domain::Offset(0)).await.unwrap();
    let mut seen = 0;
    while seen < 64 {
        seen += tail.next(100).await.unwrap().len();
    }
    log.close().await;
    let mut acknowledged = 0;
    for (count, error) in callers.join_all().await {
        assert!(
            matches!(error, AppendError::NotAppended { .. }),
            "{error:?}"
        );
        acknowledged += count;
    }
    log.close().await;
    drop(tail);
    timeout(Duration::from_secs(30), disconnected(&database))
        .await
        .unwrap();
    assert_eq!(values(&*database.log().await).await.len(), acknowledged);
}

/// Returns when the log has no connection left.
async fn disconnected(database: &Database) {
    while database.connections("writ log").await > 0 {}
}
