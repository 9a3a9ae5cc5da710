//! The owner's sweep, seen and held up from behind the HTTP API.

use std::time::Duration;

use tokio::time::{interval, timeout};
use tokio_postgres::Client;
use writ_tests::Database;

/// Longer than the sweep rests.
const LIMIT: Duration = Duration::from_secs(50);

/// Edges that nobody can delete, while anybody can read them.
pub(super) struct Held {
    client: Client,
    database: Database,
}

impl Held {
    /// Every edge from a user to a permission.
    pub(super) async fn all(database: &Database) -> Self {
        Self::lock(database, "SELECT 1 FROM user_permissions FOR KEY SHARE").await
    }

    /// The one with this many before it in the order in which edges were made.
    pub(super) async fn one_of(database: &Database, before: usize) -> Self {
        let lock = format!(
            "SELECT 1 FROM user_permissions WHERE user_key = (
                SELECT user_key FROM user_permissions ORDER BY user_key LIMIT 1 OFFSET {before}
             ) FOR KEY SHARE"
        );
        Self::lock(database, &lock).await
    }

    async fn lock(database: &Database, lock: &str) -> Self {
        let client = database.connect().await;
        client.batch_execute("BEGIN").await.expect("a transaction");
        assert!(!client.query(lock, &[]).await.expect("a lock").is_empty());
        Self {
            client,
            database: database.clone(),
        }
    }

    /// Waits until somebody waits for what is held.
    pub(super) async fn sweep_waits(&self) {
        let pid: i32 = one(&self.client, "SELECT pg_backend_pid()").await;
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND {pid} = ANY (pg_blocking_pids(pid))"
        );
        wait_for(&self.database, &waiting, |count| count > 0).await;
    }

    pub(super) async fn release(self) {
        self.client.batch_execute("ROLLBACK").await.expect("an end");
    }
}

/// Rows that rest on a permission which is gone.
const DEAD: &str = "
    SELECT (SELECT count(*) FROM user_permissions AS edge WHERE NOT EXISTS (
               SELECT 1 FROM permissions WHERE key = edge.permission_key))
         + (SELECT count(*) FROM role_permissions AS edge WHERE NOT EXISTS (
               SELECT 1 FROM permissions WHERE key = edge.permission_key))";

pub(super) async fn dead_rows(database: &Database) -> usize {
    let count: i64 = one(&database.connect().await, DEAD).await;
    usize::try_from(count).expect("a count")
}

/// Waits until nothing dead is left, nor known to be.
pub(super) async fn wait_until_done(database: &Database) {
    wait_for(database, "SELECT count(*) FROM dead_noun", |count| {
        count == 0
    })
    .await;
    assert_eq!(dead_rows(database).await, 0);
}

async fn wait_for(database: &Database, query: &str, holds: fn(i64) -> bool) {
    let client = database.connect().await;
    let mut ticks = interval(Duration::from_millis(10));
    let waited = timeout(LIMIT, async {
        while !holds(one(&client, query).await) {
            ticks.tick().await;
        }
    });
    assert!(waited.await.is_ok(), "not within {LIMIT:?}: {query}");
}

async fn one<T: for<'a> tokio_postgres::types::FromSql<'a>>(client: &Client, query: &str) -> T {
    client.query_one(query, &[]).await.expect("a row").get(0)
}
