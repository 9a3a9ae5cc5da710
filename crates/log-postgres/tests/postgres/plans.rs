//! Plans made over empty tables, which a connection keeps for as long as it lives.

use writ_store::log::{BOUNDS, SESSION, TAIL};

use crate::support::{Database, FIRST, record};
use writ_log::Log;

/// Looked at where a plan is most likely to be wrong: tables that are empty, and known to be.
#[tokio::test]
async fn a_tail_reads_a_range_of_the_primary_key_whatever_the_statistics_say() {
    let database = Database::create().await;
    database.run("VACUUM ANALYZE log_record").await;
    check_plans(&database).await;
    let log = database.log().await;
    for _ in 0..4 {
        log.append(FIRST, vec![record("a"); 1_000]).await.unwrap();
    }
    database.run("VACUUM ANALYZE log_record").await;
    check_plans(&database).await;
}

async fn check_plans(database: &Database) {
    let tail = plan(database, TAIL, "0, 0, 500, 1000000").await;
    let tail_scan = "Index Scan using log_record_pkey on log_record";
    let range = "Index Cond: ((partition = $1) AND (log_offset >= $2) AND (log_offset < $3))";
    let bounds = plan(database, BOUNDS, "0").await;
    let first_scan = "Index Only Scan using log_record_pkey on log_record";
    let rows = [
        (tail, tail_scan, range),
        (bounds, first_scan, "Index Cond: (partition = $1)"),
    ];
    for (plan, scan, condition) in rows {
        assert!(plan.contains(scan), "{scan} not in\n{plan}");
        assert!(plan.contains(condition), "{condition} not in\n{plan}");
        for trap in ["Seq Scan", "Sort", "Bitmap", "Hash", "Merge"] {
            assert!(!plan.contains(trap), "{trap} in\n{plan}");
        }
    }
}

/// The plan of a statement as a connection of the log makes it.
async fn plan(database: &Database, statement: &str, parameters: &str) -> String {
    let client = database.store.client().await.unwrap();
    client.batch_execute(SESSION).await.unwrap();
    let prepare = format!("DEALLOCATE ALL; PREPARE looked_at AS {statement}");
    client.batch_execute(&prepare).await.unwrap();
    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE looked_at ({parameters})");
    let lines = client.query(&explain, &[]).await.unwrap();
    let lines: Vec<&str> = lines.iter().map(|line| line.get(0)).collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_database_that_answers_before_the_disk_did_is_overruled() {
    let database = Database::create().await;
    let client = database.store.client().await.unwrap();
    for (before, after) in [
        ("off", "on"),
        ("local", "on"),
        ("remote_apply", "remote_apply"),
    ] {
        let set = format!("SET synchronous_commit = '{before}'");
        client.batch_execute(&set).await.unwrap();
        client.batch_execute(SESSION).await.unwrap();
        let row = client
            .query_one("SHOW synchronous_commit", &[])
            .await
            .unwrap();
        assert_eq!(row.get::<_, String>(0), after, "where it was {before}");
    }
}
