//! Every table is rebuilt or is known not to be, with every column, and comes back as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use writ_domain::{Partition, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;

use super::copy::{Target, tables};
use super::*;
use crate::ledger::Cursor;
use crate::{Options, Store};

/// A ledger with two partitions that nobody has used.
async fn empty() -> Store {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "the stack's address comes by environment"
    )]
    let url = std::env::var("WRIT_TEST_DATABASE_URL")
        .expect("WRIT_TEST_DATABASE_URL names a Postgres: run the tests by `cargo xtask test`");
    #[expect(clippy::disallowed_methods, reason = "a name that no other run has")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let name = format!(
        "rebuild_{}_{}_{}",
        std::process::id(),
        now.as_nanos(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let mut config: Config = url.parse().unwrap();
    let create = format!("CREATE DATABASE {name}");
    let (client, connection) = config.connect(NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "ends with the client")]
    tokio::spawn(connection);
    client.batch_execute(&create).await.unwrap();
    config.dbname(&name);
    let store = Store::new(config, &Options::default()).unwrap();
    store.migrate().await.unwrap();
    store.begin_ledger(2).await.unwrap();
    store
}

async fn texts(store: &Store, sql: &str) -> Vec<String> {
    let rows = store.client().await.unwrap().query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// What the catalog says of every table, index and constraint, and of who may do what.
async fn catalog(store: &Store) -> Vec<String> {
    const CATALOG: &str = "
        SELECT format('%s %s %s %s', c.relname, c.relkind, c.reloptions, c.relacl) AS told
        FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT format(
            '%s.%s %s %s %s %s', c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod),
            a.attnotnull, a.attcollation::regcollation
        )
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i JOIN pg_class AS c
            ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint AS k WHERE k.connamespace = 'public'::regnamespace
        ORDER BY told";
    texts(store, CATALOG).await
}

/// Tables that no fold writes, each with its reason.
const OTHERS: &[(&str, &str)] = &[
    ("admin_login", "logins are no commands"),
    ("ledger_cursor", "moved when all else is there"),
    ("ledger_rebuild", "what a rebuild remembers"),
    ("log_genesis", "the log itself"),
    ("log_head", "the log itself"),
    ("log_record", "the log itself"),
    ("projector_member", "who is alive"),
    ("refinery_schema_history", "which migrations ran"),
    ("relay_cursor", "a hint; the topic says it"),
];

#[tokio::test]
async fn every_table_is_rebuilt_or_has_a_reason_not_to_be() {
    let store = empty().await;
    let rebuilt = tables(&ledger_inserts()).unwrap();
    let known: BTreeSet<&str> = OTHERS
        .iter()
        .map(|(table, _)| *table)
        .chain(rebuilt.iter().copied())
        .collect();
    assert_eq!(known.len(), OTHERS.len() + rebuilt.len(), "each once");
    let stored = texts(
        &store,
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
             AND NOT relispartition",
    )
    .await;
    let stored: BTreeSet<&str> = stored.iter().map(String::as_str).collect();
    assert_eq!(
        stored, known,
        "a table that is folded needs its line in `each_kind` or `ledger_inserts`"
    );
}

#[tokio::test]
async fn every_column_is_copied() {
    let store = empty().await;
    let columns = texts(
        &store,
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public'",
    )
    .await;
    let mut stored: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for column in &columns {
        let (table, column) = column.split_once('.').unwrap();
        stored.entry(table).or_default().insert(column);
    }
    let client = store.client().await.unwrap();
    for insert in ledger_inserts() {
        let target = Target::of(insert).unwrap();
        let copied: BTreeSet<&str> = target.columns().collect();
        assert_eq!(copied, stored[target.table], "{insert}");
        client.prepare(&target.copy()).await.unwrap();
    }
}

#[test]
fn readers_lock_the_views_in_the_order_of_the_switch() {
    let (_, list) = READ_LOCK.split_once("LOCK TABLE").unwrap();
    let (list, mode) = list.split_once("IN ").unwrap();
    assert_eq!(mode.trim(), "ACCESS SHARE MODE");
    let locked: Vec<&str> = list.split(',').map(str::trim).collect();
    assert_eq!(locked, tables(&view_inserts()).unwrap());
}

#[test]
fn every_statement_says_its_name() {
    let statements = [
        ("definitions", include_str!("sql/definitions.sql")),
        ("end_orphans", include_str!("sql/end_orphans.sql")),
        ("dropped", include_str!("sql/dropped.sql")),
        ("equal", include_str!("sql/equal.sql")),
        ("fence", include_str!("sql/fence.sql")),
        ("finish_cursor", include_str!("sql/finish_cursor.sql")),
        ("has_entries", include_str!("sql/has_entries.sql")),
        ("heads", include_str!("sql/heads.sql")),
        ("hold_cursors", include_str!("sql/hold_cursors.sql")),
        ("lock", include_str!("sql/lock.sql")),
        ("live_schema", include_str!("sql/live_schema.sql")),
        ("lock_cursors", include_str!("sql/lock_cursors.sql")),
        ("next_schema", include_str!("sql/next_schema.sql")),
        ("read_lock", include_str!("sql/read_lock.sql")),
        ("remember", include_str!("sql/remember.sql")),
        ("search", include_str!("sql/search.sql")),
        ("shapes", include_str!("sql/shapes.sql")),
        ("unfinished", include_str!("sql/unfinished.sql")),
        ("view_cursor", include_str!("sql/view_cursor.sql")),
    ];
    for (name, text) in statements {
        let first = text.lines().next().unwrap();
        assert_eq!(first, format!("-- store.rebuild.{name}"));
    }
}

#[tokio::test]
async fn a_rebuilt_ledger_has_the_indexes_and_constraints_that_it_had() {
    let store = empty().await;
    let before = catalog(&store).await;
    let whole = Whole::begin(&store, 2).await.unwrap();
    let during = catalog(&store).await;
    assert!(during.len() + 40 < before.len(), "most are dropped");
    drop(whole);
    // Killed before and killed after they are made: nothing is forgotten.
    let whole = Whole::begin(&store, 2).await.unwrap();
    let told = std::sync::Mutex::new(Vec::new());
    whole
        .make_indexes(2, &|done, total| told.lock().unwrap().push((done, total)))
        .await
        .unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told.last().map(|(done, total)| done == total), Some(true));
    drop(whole);
    let whole = Whole::begin(&store, 2).await.unwrap();
    assert_eq!(catalog(&store).await, during);
    whole.make_indexes(2, &|_, _| ()).await.unwrap();
    whole.extend(&store, Seq(0)).await.unwrap();
    whole.finish(&cursors()).await.unwrap();
    let with_range = catalog(&store).await;
    let range = |line: &&String| line.contains("ledger_entry_1");
    let old: Vec<&String> = with_range.iter().filter(|line| !range(line)).collect();
    assert_eq!(old, before.iter().collect::<Vec<_>>());
    store.check_schema().await.unwrap();
}

fn cursors() -> [Cursor; 2] {
    [Partition(0), Partition(1)].map(Cursor::genesis)
}

#[tokio::test]
async fn a_range_that_waits_for_a_reader_gives_up_before_others_wait_for_long() {
    let store = empty().await;
    let mut client = store.client().await.unwrap();
    let reader = client.transaction().await.unwrap();
    let read = "SELECT count(*) FROM ledger_entry";
    reader.query_one(read, &[]).await.unwrap();
    let error = store.extend_entries(Seq(0)).await.unwrap_err();
    let crate::Error::Statement { source, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(source.code(), Some(&SqlState::LOCK_NOT_AVAILABLE));
    // Nobody waits any more; and what limits the wait holds for that statement alone.
    let other = store.client().await.unwrap();
    other.query_one(read, &[]).await.unwrap();
    let shown = other.query_one("SHOW lock_timeout", &[]).await.unwrap();
    assert_eq!(shown.get::<_, String>(0), "0");
    drop(other);
    reader.commit().await.unwrap();
    store.extend_entries(Seq(0)).await.unwrap();
}

#[tokio::test]
async fn ranges_of_entries_are_made_up_to_the_last_and_one_more() {
    let store = empty().await;
    let whole = Whole::begin(&store, 2).await.unwrap();
    whole.extend(&store, Seq(25_000_000)).await.unwrap();
    let ranges = texts(
        &store,
        "SELECT relid::text FROM pg_partition_tree('ledger_entry') WHERE isleaf ORDER BY 1",
    )
    .await;
    let expected = ["0", "1", "2", "3", "rest"].map(|part| format!("ledger_entry_{part}"));
    assert_eq!(ranges, expected);
}

#[tokio::test]
async fn an_unfinished_ledger_is_opened_by_a_rebuild_alone() {
    let store = empty().await;
    drop(Whole::begin(&store, 2).await.unwrap());
    let refused = store.check_schema().await.unwrap_err();
    assert!(matches!(refused, crate::Error::Unfinished), "{refused}");
    assert!(refused.to_string().contains("writ rebuild"), "{refused}");
    let views = Next::begin(&store).await.unwrap_err();
    assert!(
        matches!(views, Error::Store(crate::Error::Unfinished)),
        "{views}"
    );
    let whole = Whole::begin(&store, 2).await.unwrap();
    whole.make_indexes(1, &|_, _| ()).await.unwrap();
    whole.finish(&cursors()).await.unwrap();
    store.check_schema().await.unwrap();
}

#[tokio::test]
async fn there_is_one_rebuild_at_a_time() {
    let store = empty().await;
    let first = Next::begin(&store).await.unwrap();
    for refused in [
        Next::begin(&store).await.map(drop),
        Whole::begin(&store, 2).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    }
    first.abandon().await.unwrap();
}

/// A chunk with one row.
fn a_row() -> Chunk {
    let (sender, chunks) = std::sync::mpsc::channel();
    let mut filler = Filler::new(move |chunk| sender.send(chunk).map_err(|_unsent| Stopped));
    let tenant = TenantId::try_new("alpha").unwrap();
    let placed = (Partition(0), TenantSeq(1), DateTime::UNIX_EPOCH);
    filler.head(&tenant, placed, &Hash::ZERO).unwrap();
    filler.finish().unwrap();
    chunks.recv().unwrap()
}

/// A run that lost its control alone must not write into the tables of the next one.
#[tokio::test]
async fn what_is_left_of_an_earlier_run_is_ended_by_the_next() {
    let store = empty().await;
    let first = Whole::begin(&store, 2).await.unwrap();
    let mut left = first.loader().await.unwrap();
    let client = store.client().await.unwrap();
    let lose = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'writ-rebuild'";
    client.query(lose, &[]).await.unwrap();
    // What it had opened before is ended, and it opens nothing more.
    let second = Whole::begin(&store, 2).await.unwrap();
    assert!(left.write(a_row()).await.is_err());
    assert!(first.loader().await.is_err());
    second.loader().await.unwrap().write(a_row()).await.unwrap();
}

#[tokio::test]
async fn a_ledger_with_entries_or_an_owner_is_not_emptied() {
    let store = empty().await;
    let client = store.client().await.unwrap();
    let owned = "UPDATE ledger_cursor SET owner = 'somebody',
        lease_until = clock_timestamp() + interval '1 minute' WHERE partition = 1";
    client.batch_execute(owned).await.unwrap();
    let refused = Whole::begin(&store, 2).await.unwrap_err();
    let by_somebody =
        matches!(&refused, Error::Owned { partition: Partition(1), owner } if owner == "somebody");
    assert!(by_somebody, "{refused}");
    let decided = "UPDATE ledger_cursor SET owner = NULL, seq = 1, next_offset = 1
        WHERE partition = 1";
    client.batch_execute(decided).await.unwrap();
    let refused = Whole::begin(&store, 2).await.unwrap_err();
    assert!(matches!(refused, Error::NotEmpty), "{refused}");
    store.check_schema().await.unwrap();
    let other = Whole::begin(&store, 3).await.unwrap_err();
    assert!(other.to_string().contains("2 partitions"), "{other}");
}

#[tokio::test]
async fn the_new_set_of_views_is_made_like_the_live_one() {
    let store = empty().await;
    let client = store.client().await.unwrap();
    let role = format!("rebuild_reader_{}", std::process::id());
    let grants = format!(
        "DROP ROLE IF EXISTS {role}; CREATE ROLE {role};
         GRANT SELECT ON roles TO {role} WITH GRANT OPTION; GRANT SELECT ON users TO PUBLIC"
    );
    client.batch_execute(&grants).await.unwrap();
    let before = catalog(&store).await;
    let oids = "SELECT 'roles'::regclass::oid::text";
    let old = texts(&store, oids).await;
    for _ in 0..2 {
        // What is dropped here stays behind, for the next one to find.
        let mut next = Next::begin(&store).await.unwrap();
        next.make_indexes(2, &|_, _| ()).await.unwrap();
    }
    let mut next = Next::begin(&store).await.unwrap();
    next.make_indexes(2, &|_, _| ()).await.unwrap();
    next.hold().await.unwrap();
    assert!(next.switch().await.unwrap());
    let after = catalog(&store).await;
    let cleanup = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    client.batch_execute(&cleanup).await.unwrap();
    assert_eq!(after, before);
    assert_ne!(texts(&store, oids).await, old);
    let schemas = texts(&store, "SELECT nspname::text FROM pg_namespace").await;
    assert!(!schemas.contains(&"writ_next".to_owned()));
}

#[tokio::test]
async fn sets_that_stand_at_different_entries_are_not_switched() {
    let store = empty().await;
    let mut next = Next::begin(&store).await.unwrap();
    next.make_indexes(2, &|_, _| ()).await.unwrap();
    let client = store.client().await.unwrap();
    let moved = "UPDATE ledger_cursor SET seq = 1, next_offset = 1 WHERE partition = 1";
    client.batch_execute(moved).await.unwrap();
    let held = next.hold().await.unwrap();
    assert_eq!(held[&Partition(1)], Seq(1));
    let refused = next.switch().await.unwrap_err();
    assert!(refused.to_string().contains("rebuild.equal"), "{refused}");
    let epochs = texts(&store, "SELECT owner_epoch::text FROM ledger_cursor").await;
    assert_eq!(epochs, ["0", "0"], "nobody was fenced");
}
