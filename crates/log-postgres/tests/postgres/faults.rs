//! What the log says when Postgres fails it, or was tampered with.

use core::time::Duration;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_domain::Offset;
use writ_log::{AppendError, Bounds, Log, TailError};
use writ_log_postgres::PostgresLog;

use crate::support::{Database, FIRST, record, values};

/// Far more than anything here takes; a wait that never ends fails instead.
const LONG: Duration = Duration::from_secs(30);

async fn append(log: &PostgresLog, names: &[&str]) {
    for name in names {
        log.append(FIRST, vec![record(name)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_tail_says_at_once_that_its_connection_ended_and_stays_broken() {
    let database = Database::create().await;
    let log = database.log().await;
    append(&log, &["a"]).await;
    let mut tail = log.tail(FIRST, Offset(1)).await.unwrap();
    let (ended, killed) = tokio::join!(tail.next(10), database.kill("writ log tail"));
    assert_eq!(killed, 1);
    assert!(
        matches!(ended, Err(TailError::Unavailable { .. })),
        "{ended:?}"
    );
    append(&log, &["b"]).await;
    let still = tail.try_next(10).await;
    assert!(
        matches!(still, Err(TailError::Unavailable { .. })),
        "{still:?}"
    );
    let mut tail = log.tail(FIRST, Offset(1)).await.unwrap();
    assert_eq!(tail.next(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_read_survives_the_loss_of_its_connection() {
    let database = Database::create().await;
    let log = database.log().await;
    append(&log, &["a"]).await;
    for _ in 0..3 {
        assert_eq!(database.kill("writ log reader").await, 1);
        assert!(log.read(FIRST, Offset(0)).await.unwrap().is_some());
        assert_eq!(log.bounds(FIRST).await.unwrap().high, Offset(1));
    }
}

#[tokio::test]
async fn a_truncation_ends_a_waiting_tail() {
    let database = Database::create().await;
    let log = database.log().await;
    append(&log, &["a", "b", "c"]).await;
    let mut tail = log.tail(FIRST, Offset(3)).await.unwrap();
    database
        .tamper(
            "DELETE FROM log_record WHERE partition = 0 AND log_offset >= 1;
             UPDATE log_head SET next_offset = 1 WHERE partition = 0",
        )
        .await;
    let ended = timeout(LONG, tail.next(10)).await.unwrap();
    let held = Bounds {
        low: Offset(0),
        high: Offset(1),
    };
    assert!(
        matches!(ended, Err(TailError::OutOfRange { from: Offset(3), bounds }) if bounds == held),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_hole_is_never_passed_over() {
    let database = Database::create().await;
    let log = database.log().await;
    append(&log, &["a", "b", "c"]).await;
    let mut before = log.tail(FIRST, Offset(0)).await.unwrap();
    database
        .tamper("DELETE FROM log_record WHERE partition = 0 AND log_offset = 1")
        .await;
    let broken = before.next(10).await;
    assert!(
        matches!(
            broken,
            Err(TailError::Corrupt {
                offset: Offset(0 | 1),
                ..
            })
        ),
        "{broken:?}"
    );
    let mut inside = log.tail(FIRST, Offset(1)).await.unwrap();
    let broken = timeout(LONG, inside.next(1)).await.unwrap();
    assert!(
        matches!(
            broken,
            Err(TailError::Corrupt {
                offset: Offset(1),
                ..
            })
        ),
        "{broken:?}"
    );
}

/// More than every log promises: all of a batch or nothing of it.
#[tokio::test]
async fn a_batch_that_fails_half_way_leaves_nothing() {
    let database = Database::create().await;
    let log = database.log().await;
    database
        .run("ALTER TABLE log_record ADD CONSTRAINT refuse_b CHECK (value <> 'b')")
        .await;
    let batch = ["a", "b", "c"].map(record).to_vec();
    let refused = log.append(FIRST, batch).await;
    assert!(
        matches!(refused, Err(AppendError::NotAppended { .. })),
        "{refused:?}"
    );
    append(&log, &["d"]).await;
    assert_eq!(values(&log).await, ["d"]);
}

#[tokio::test]
async fn a_log_that_lost_its_beginning_says_so() {
    let database = Database::create().await;
    let log = database.log().await;
    append(&log, &["a", "b", "c"]).await;
    database
        .tamper("DELETE FROM log_record WHERE partition = 0 AND log_offset < 2")
        .await;
    let held = Bounds {
        low: Offset(2),
        high: Offset(3),
    };
    assert_eq!(log.bounds(FIRST).await.unwrap(), held);
    let refused = log.tail(FIRST, Offset(0)).await.map(|_tail| ());
    assert!(
        matches!(refused, Err(TailError::OutOfRange { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_tables_refuse_to_change_what_was_appended() {
    let database = Database::create().await;
    append(&*database.log().await, &["a"]).await;
    let client = database.store.client().await.unwrap();
    for statement in [
        "UPDATE log_record SET value = ''",
        "DELETE FROM log_record",
        "TRUNCATE log_record",
        "UPDATE log_genesis SET partitions = 3",
        "DELETE FROM log_genesis",
    ] {
        let refused = client.execute(statement, &[]).await.unwrap_err();
        let message = refused.as_db_error().unwrap().message().to_owned();
        assert!(
            message.contains("what is in the log stays as it is"),
            "{message}"
        );
    }
}

/// Whoever waited for the lock is stamped after whoever held it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_a_record_is_taken_under_the_lock() {
    let database = Database::create().await;
    let log = database.log().await;
    let mut client = database.store.client().await.unwrap();
    let holder = client.transaction().await.unwrap();
    let lock = "SELECT FROM log_head WHERE partition = 0 FOR UPDATE";
    holder.execute(lock, &[]).await.unwrap();
    let mut appending = JoinSet::new();
    let waiting = Arc::clone(&log);
    appending.spawn(async move { waiting.append(FIRST, vec![record("a")]).await });
    until_an_append_waits(&database).await;
    let held = holder
        .query_one("SELECT clock_timestamp()::text", &[])
        .await
        .unwrap();
    let held: String = held.get(0);
    holder.commit().await.unwrap();
    let appended = appending.join_next().await.unwrap().unwrap().unwrap();
    let later = "SELECT log_time >= $1::text::timestamptz FROM log_record WHERE log_offset = $2";
    let offset = i64::try_from(appended[0].offset.0).unwrap();
    let row = client.query_one(later, &[&held, &offset]).await.unwrap();
    assert!(row.get::<_, bool>(0), "stamped before {held}");
}

async fn until_an_append_waits(database: &Database) {
    let client = database.cluster.client().await.unwrap();
    let waiting = async {
        loop {
            let row = client
                .query_one(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = $1
                     AND application_name = 'writ log appender 0' AND wait_event_type = 'Lock'",
                    &[&database.name],
                )
                .await
                .unwrap();
            if row.get::<_, i64>(0) == 1 {
                return;
            }
        }
    };
    timeout(LONG, waiting).await.unwrap();
}

/// A head that somebody else holds too long: a definite no, and the next append succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_stays_locked_is_a_definite_no() {
    let database = Database::create().await;
    let log = database.log().await;
    let mut client = database.store.client().await.unwrap();
    let holder = client.transaction().await.unwrap();
    let lock = "SELECT FROM log_head WHERE partition = 0 FOR UPDATE";
    holder.execute(lock, &[]).await.unwrap();
    let refused = log.append(FIRST, vec![record("during")]).await;
    assert!(
        matches!(refused, Err(AppendError::NotAppended { .. })),
        "{refused:?}"
    );
    holder.commit().await.unwrap();
    append(&log, &["after"]).await;
    assert_eq!(values(&log).await, ["after"]);
}

/// Callers at once share statements; a statement's records have one time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_at_once_share_commits() {
    const CALLERS: i64 = 32;
    const ROUNDS: i64 = 20;
    let database = Database::create().await;
    let log = database.log().await;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let log = Arc::clone(&log);
        callers.spawn(async move {
            for _ in 0..ROUNDS {
                log.append(FIRST, vec![record("a")]).await.unwrap();
            }
        });
    }
    callers.join_all().await;
    let client = database.store.client().await.unwrap();
    let counts = "SELECT count(*), count(DISTINCT log_time) FROM log_record";
    let row = client.query_one(counts, &[]).await.unwrap();
    let (records, commits): (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(records, CALLERS * ROUNDS);
    assert!(
        commits <= records / 4,
        "{commits} commits for {records} records"
    );
}
