//! The plan trap: a plan made while tables are empty must not read tables whole.

use std::collections::BTreeMap;

use tokio_postgres::types::Type;

use crate::entries::statement::Statement;
use crate::entries::{effects, history, listener, read};
use crate::grants;

use super::ledger::Ledger;

fn statements() -> Vec<Statement> {
    let mut all = read::STATEMENTS.to_vec();
    all.extend(history::STATEMENTS);
    all.extend(effects::statements());
    all.extend(grants::statements());
    all
}

#[test]
fn every_statement_says_its_name() {
    for statement in statements().into_iter().chain([listener::LISTEN]) {
        let first = statement.sql.lines().next().unwrap();
        assert_eq!(first, format!("-- {}", statement.name));
    }
}

#[tokio::test]
async fn plans_made_over_empty_tables_use_the_indexes() {
    let ledger = Ledger::new().await;
    let client = ledger.store.client().await.unwrap();
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    check_all(&client).await;
}

#[tokio::test]
async fn plans_made_over_filled_tables_use_the_indexes() {
    let ledger = Ledger::new().await;
    let client = ledger.store.client().await.unwrap();
    client
        .batch_execute(include_str!("fill.sql"))
        .await
        .unwrap();
    check_all(&client).await;
}

async fn check_all(client: &tokio_postgres::Client) {
    client
        .batch_execute(
            "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
             SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;
             SET jit = off",
        )
        .await
        .unwrap();
    let second_columns = second_columns(client).await;
    for (number, statement) in statements().into_iter().enumerate() {
        let prepared = client.prepare(statement.sql).await.unwrap();
        // A number, so that the range of `ledger_entry` that holds it stays in the plan.
        let example = |kind: &Type| if *kind == Type::INT8 { "1" } else { "NULL" };
        let examples: Vec<_> = prepared.params().iter().map(example).collect();
        let examples = examples.join(", ");
        let sql = statement.sql.trim_end().trim_end_matches(';');
        let explain = format!(
            "PREPARE s{number} AS {sql}; EXPLAIN (COSTS OFF) EXECUTE s{number} ({examples})"
        );
        let mut plan = String::new();
        for message in client.simple_query(&explain).await.unwrap() {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                plan.push_str(row.get(0).unwrap());
                plan.push('\n');
            }
        }
        check(statement.name, &plan, &second_columns);
    }
}

/// Every table is read by an index, and every index by its first two columns at least.
fn check(name: &str, plan: &str, second_columns: &BTreeMap<String, String>) {
    assert!(!plan.contains("Seq Scan"), "{name}:\n{plan}");
    let mut lines = plan.lines();
    let mut scans = 0;
    while let Some(line) = lines.next() {
        let Some((_, scan)) = line
            .split_once("Scan using ")
            .or(line.split_once("Backward using "))
            .or(line.split_once("Bitmap Index Scan on "))
        else {
            continue;
        };
        scans += 1;
        let index = scan.split(' ').next().unwrap();
        let condition = lines.next().unwrap();
        let Some(column) = second_columns.get(index) else {
            continue;
        };
        let bound = [" = ", " <= ", " >= "]
            .iter()
            .any(|operator| condition.contains(&format!("({column}{operator}")));
        assert!(bound, "{name}: {index} is not read by {column}\n{plan}");
    }
    assert!(scans > 0, "{name}:\n{plan}");
}

/// The second column of every index that has one.
async fn second_columns(client: &tokio_postgres::Client) -> BTreeMap<String, String> {
    let sql = "SELECT i.relname::text, a.attname::text FROM pg_index AS x
               JOIN pg_class AS i ON i.oid = x.indexrelid
               JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[1]
               WHERE x.indnkeyatts > 1";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
