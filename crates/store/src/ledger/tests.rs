//! The write side's statements prepare against the migrated schema, and their plans are the ones
//! that do not slow down.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_postgres::{Client, Config, NoTls};

use super::session::SETTINGS;
use super::statements::ALL;
use crate::{Options, Store};

async fn migrated() -> Client {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "the stack's address comes by environment"
    )]
    let url = std::env::var("WRIT_TEST_DATABASE_URL")
        .expect("WRIT_TEST_DATABASE_URL names a Postgres: run the tests by `cargo xtask test`");
    #[expect(clippy::disallowed_methods, reason = "a name that no other run has")]
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("ledger_{}_{now}_{count}", std::process::id());
    let mut config: Config = url.parse().unwrap();
    connect(&config)
        .await
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    config.dbname(&name);
    Store::new(config.clone(), &Options::default())
        .unwrap()
        .migrate()
        .await
        .unwrap();
    connect(&config).await
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the client")]
    tokio::spawn(connection);
    client
}

/// What a plan must not hold: a scan of a whole table or index, or a join that reads one.
fn fault_of(plan: &[String]) -> Option<String> {
    let wholesale = [
        "Seq Scan on",
        "Hash Join",
        "Merge Join",
        "Hash Semi",
        "Hash Anti",
    ];
    for (n, line) in plan.iter().enumerate() {
        // The one row that `cursor/*` has a partition is found by its key as well.
        if wholesale.iter().any(|scan| line.contains(scan)) {
            return Some(line.clone());
        }
        let scans_index = line.contains("Index Scan") || line.contains("Index Only Scan");
        let has_condition = plan
            .get(n + 1)
            .is_some_and(|next| next.contains("Index Cond"));
        if scans_index && !has_condition {
            return Some(format!("{line} without a condition"));
        }
    }
    None
}

#[test]
fn the_trap_would_be_seen() {
    let plan = |lines: &[&str]| {
        lines
            .iter()
            .map(|&line| line.to_owned())
            .collect::<Vec<_>>()
    };
    let trapped = plan(&[
        "Nested Loop",
        "  ->  Index Scan using roles_id on roles",
        "  ->  Sort",
    ]);
    assert!(fault_of(&trapped).is_some());
    assert!(fault_of(&plan(&["Seq Scan on roles"])).is_some());
    let good = plan(&[
        "Index Scan using roles_id on roles",
        "  Index Cond: (id = $1)",
    ]);
    assert_eq!(fault_of(&good), None);
}

/// What a plan reads and then throws away, but for what no index should hold.
fn waste_of(plan: &[String]) -> Option<String> {
    const FINE: &[&str] = &[
        "to_seq",
        "changed_seq",
        "owner",
        "One-Time Filter",
        "next_offset",
    ];
    plan.iter()
        .find(|line| line.contains("Filter:") && !FINE.iter().any(|fine| line.contains(fine)))
        .cloned()
}

/// The plans as a session would make them now.
async fn plans(
    client: &Client,
    statements: &[(&'static str, &'static str)],
) -> Vec<(&'static str, Vec<String>)> {
    let mut plans = Vec::new();
    for (name, text) in statements {
        let parameters = client
            .prepare(text)
            .await
            .unwrap_or_else(|error| panic!("{name} does not prepare: {error:?}"));
        let nulls = vec!["NULL"; parameters.params().len()].join(", ");
        client
            .batch_execute(&format!("PREPARE planned AS {text}"))
            .await
            .unwrap();
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE planned({nulls})");
        let messages = client.simple_query(&explain).await.unwrap();
        client.batch_execute("DEALLOCATE planned").await.unwrap();
        let plan: Vec<String> = messages
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                tokio_postgres::SimpleQueryMessage::CommandComplete(_) | _ => None,
            })
            .collect();
        assert!(!plan.is_empty(), "{name} has a plan");
        plans.push((*name, plan));
    }
    plans
}

fn faults(
    plans: &[(&'static str, Vec<String>)],
    fault: fn(&[String]) -> Option<String>,
) -> Vec<String> {
    let told = |(name, plan): &(&'static str, Vec<String>)| {
        fault(plan).map(|fault| format!("{name}: {fault}\n{}", plan.join("\n")))
    };
    plans.iter().filter_map(told).collect()
}

#[tokio::test]
async fn no_statement_scans_a_whole_table_although_it_was_planned_on_empty_ones() {
    let client = migrated().await;
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    client.batch_execute(SETTINGS).await.unwrap();
    assert_eq!(
        faults(&plans(&client, ALL).await, fault_of),
        Vec::<String>::new()
    );
}

/// What a session gets after it threw its plans away: statistics say that all is empty.
#[tokio::test]
async fn every_statement_takes_the_index_made_for_it_once_there_are_rows() {
    let client = migrated().await;
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    client
        .batch_execute(include_str!("tests_fill.sql"))
        .await
        .unwrap();
    client.batch_execute(SETTINGS).await.unwrap();
    let plans = plans(&client, ALL).await;
    assert_eq!(faults(&plans, fault_of), Vec::<String>::new());
    assert_eq!(faults(&plans, waste_of), Vec::<String>::new());
}

#[test]
fn waste_would_be_seen() {
    let plan = |line: &str| vec![line.to_owned()];
    assert!(waste_of(&plan("        Filter: (id = k.id)")).is_some());
    assert_eq!(waste_of(&plan("        Filter: (to_seq IS NULL)")), None);
}

#[test]
fn plans_are_thrown_away_at_each_fourfold_growth() {
    let age = super::session::PlanAge::new();
    let mut renewed = Vec::new();
    for entry in 1..=10_000 {
        age.grow(1);
        if age.is_over() {
            renewed.push(entry);
        }
    }
    assert_eq!(renewed, [64, 256, 1_024, 4_096]);
}

/// With a join, every step of the sweep would compare each dead row with each that it takes.
#[tokio::test]
async fn the_sweep_finds_rows_once_and_takes_them_by_place() {
    let client = migrated().await;
    let steps: Vec<(&str, &str)> = crate::upkeep::steps()
        .map(|text| (text.lines().next().unwrap(), text))
        .collect();
    assert_eq!(steps.len(), 10);
    // As readers are set, and as the owner is.
    let readers = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";
    for settings in [readers, SETTINGS] {
        client.batch_execute(settings).await.unwrap();
        for (name, plan) in plans(&client, &steps).await {
            let plan = plan.join("\n");
            assert!(plan.contains("Tid Scan"), "{name}:\n{plan}");
            assert!(!plan.contains("Nested Loop"), "{name}:\n{plan}");
            assert!(!plan.contains("Join"), "{name}:\n{plan}");
        }
    }
}
