//! `writ rebuild --views`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use writ_domain::{Command, Realm, Stamp, Submission, TenantId, TenantSeq};
use writ_log::memory::MemoryLog;
use writ_log::{Log, Record};
use writ_store::ledger::Rehearsal;
use writ_store::{Options as StoreOptions, Store};

use super::dice::{Dice, TENANTS};
use super::world::{
    Ledger, assert_filled, assert_same, assert_verified, empty, execute, map, new_log, now,
    partitions, sweep_all, texts,
};
use crate::rebuild::{Error, Phase, ViewsReport, run, views};

async fn folded(seed: u64, records: usize) -> (Ledger, Dice) {
    let mut dice = Dice::new(seed);
    let ledger = Ledger::own(&new_log(), empty().await, 37).await;
    ledger.append(&mut dice, records).await;
    ledger.decide_all().await;
    (ledger, dice)
}

async fn views_of(store: &Store) -> Result<ViewsReport, Error> {
    views(store, &|_, _, _| (), &CancellationToken::new()).await
}

/// Which tables the views are.
async fn set(store: &Store) -> Vec<String> {
    texts(
        store,
        "SELECT oid::text FROM pg_class WHERE relname IN ('roles', 'dead_noun') ORDER BY 1",
    )
    .await
}

async fn assert_no_leftover(store: &Store) {
    let schemas = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'writ%'";
    assert_eq!(texts(store, schemas).await, Vec::<String>::new());
}

/// A ledger that was rebuilt from the same log has the same rows, once both are swept.
async fn assert_as_rebuilt(ledger: &Ledger) {
    let rebuilt = empty().await;
    let log: Arc<dyn Log> = Arc::<MemoryLog>::clone(&ledger.log);
    let stop = CancellationToken::new();
    run(&rebuilt, log, None, &map(), &|_, _, _| (), &stop)
        .await
        .unwrap();
    for store in [&rebuilt, &ledger.store] {
        sweep_all(store).await;
    }
    assert_same(&rebuilt, &ledger.store).await;
}

#[tokio::test]
async fn the_new_views_have_the_rows_of_the_old_ones() {
    let (ledger, mut dice) = folded(21, 2_000).await;
    let before = set(&ledger.store).await;
    let report = views_of(&ledger.store).await.unwrap();
    assert!(report.switched && report.is_clean(), "{report:?}");
    for partition in &report.partitions {
        assert_eq!(partition.live, partition.folded);
    }
    assert_ne!(set(&ledger.store).await, before);
    assert_no_leftover(&ledger.store).await;
    assert_as_rebuilt(&ledger).await;
    assert_filled(&ledger.store, &["dead_noun"]).await;
    // The owner has noticed, and goes on with the new set.
    ledger.append(&mut dice, 500).await;
    ledger.decide_all().await;
    assert_verified(&ledger.store, &*ledger.log).await;
    assert_as_rebuilt(&ledger).await;
}

/// Lots that are appended while the views are rebuilt, at most.
const LOTS_MAX: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_write_and_readers_read_while_the_views_are_rebuilt() {
    let (ledger, mut dice) = folded(22, 600).await;
    let store = ledger.store.clone();
    let rebuilt = AtomicBool::new(false);
    let reads = AtomicU64::new(0);
    let writer = async {
        let mut lots = 0;
        while lots < LOTS_MAX && !rebuilt.load(Ordering::Relaxed) {
            ledger.append(&mut dice, 20).await;
            ledger.decide_all().await;
            lots += 1;
        }
        lots
    };
    let snapshots = async {
        while !rebuilt.load(Ordering::Relaxed) {
            for partition in partitions() {
                let digests = store.digests(partition).await.unwrap();
                assert_eq!(digests.views, digests.history, "one snapshot, one state");
                reads.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let lists = async {
        while !rebuilt.load(Ordering::Relaxed) {
            for tenant in TENANTS {
                let tenant = TenantId::try_new(tenant).unwrap();
                for role in 0..6 {
                    let role = format!("rol_{role}");
                    store.role(&tenant, Realm::Auth0, &role).await.unwrap();
                }
            }
        }
    };
    let sweeps = async {
        while !rebuilt.load(Ordering::Relaxed) {
            sweep_all(&store).await;
            tokio::task::yield_now().await;
        }
    };
    let mut rehearsed = Dice::new(99);
    let rehearsals = async {
        let rehearsal = Rehearsal::new(store.config().clone());
        while !rebuilt.load(Ordering::Relaxed) {
            let submission = rehearsed.submission(now());
            rehearsal.rehearse(&submission, now()).await.unwrap();
        }
    };
    let rebuilding = async {
        let mut reports = Vec::new();
        for _ in 0..2 {
            reports.push(views_of(&store).await);
        }
        rebuilt.store(true, Ordering::Relaxed);
        reports
    };
    let (reports, lots, (), (), (), ()) =
        tokio::join!(rebuilding, writer, snapshots, lists, rehearsals, sweeps);
    for report in reports {
        let report = report.unwrap();
        assert!(report.switched && report.is_clean(), "{report:?}");
    }
    assert!(lots > 3, "owners wrote meanwhile: {lots}");
    assert!(reads.into_inner() > 3, "readers read meanwhile");
    assert_verified(&ledger.store, &*ledger.log).await;
    assert_as_rebuilt(&ledger).await;
}

/// Appends a command of tenant `alpha` that nothing speaks against, and waits until it is decided.
async fn ask(ledger: &Ledger, dice: &mut Dice, command: Command) {
    let tenant = TenantId::try_new("alpha").unwrap();
    let mut submission = dice.submission(now());
    submission.stamp.tenant = tenant.clone();
    submission.stamp.not_after = None;
    submission.stamp.expected = None;
    submission.stamp.idempotency = None;
    submission.command = command;
    let record = Record {
        key: writ_envelope::encode_key(&tenant),
        value: writ_envelope::encode(&submission),
        headers: Vec::new(),
    };
    let partition = map().partition_of(&tenant);
    ledger.log.append(partition, vec![record]).await.unwrap();
    ledger.decide_all().await;
}

#[tokio::test]
async fn readers_of_several_statements_take_their_snapshot_when_they_hold_the_views() {
    let (ledger, mut dice) = folded(28, 200).await;
    let holder = ledger.store.client().await.unwrap();
    let tenant = TenantId::try_new("alpha").unwrap();
    let partition = map().partition_of(&tenant);
    let rehearsal = Rehearsal::new(ledger.store.config().clone());
    let submission = dice.submission(now());
    let submission = Submission {
        stamp: Stamp {
            tenant: tenant.clone(),
            ..submission.stamp
        },
        ..submission
    };
    let digests = async || ledger.store.digests(partition).await.unwrap().heads[&tenant];
    let rehearse = async || {
        let rehearsed = rehearsal.rehearse(&submission, now()).await;
        rehearsed.unwrap().0.tenant_seq
    };
    let mut number = 0;
    let mut waits = async |reader: core::pin::Pin<&mut dyn Future<Output = TenantSeq>>| {
        // The last of the views, as a switch would hold it; a new role does not touch it.
        let hold = "BEGIN; LOCK TABLE linked_subjects_history IN ACCESS EXCLUSIVE MODE";
        holder.batch_execute(hold).await.unwrap();
        number += 1;
        let create = Command::CreateRole {
            realm: Realm::Native,
            id: format!("new {number}"),
            name: format!("new {number}"),
            description: None,
        };
        let switching = async {
            let waiting = "SELECT 1::text FROM pg_locks AS l JOIN pg_class AS c ON c.oid = relation
                WHERE NOT granted AND relname = 'linked_subjects_history'";
            while texts(&ledger.store, waiting).await.is_empty() {
                tokio::task::yield_now().await;
            }
            ask(&ledger, &mut dice, create).await;
            let head = newest(&ledger, &tenant).await;
            holder.batch_execute("COMMIT").await.unwrap();
            head
        };
        let (read, head) = tokio::join!(reader, switching);
        assert_eq!(read, head, "what was committed while it waited is seen");
    };
    waits(core::pin::pin!(digests())).await;
    waits(core::pin::pin!(rehearse())).await;
}

async fn newest(ledger: &Ledger, tenant: &TenantId) -> TenantSeq {
    let head = writ_store::entries::head(&ledger.store, tenant).await;
    head.unwrap().unwrap().tenant_seq
}

#[tokio::test]
async fn a_statement_that_was_prepared_before_the_switch_finds_the_new_views() {
    let (ledger, mut dice) = folded(23, 0).await;
    let tenant = TenantId::try_new("alpha").unwrap();
    let (realm, role) = (Realm::Auth0, "rol_1".to_owned());
    let create = Command::CreateRole {
        realm,
        id: role.clone(),
        name: "before".to_owned(),
        description: None,
    };
    ask(&ledger, &mut dice, create).await;
    // One connection, so that it is the same statement each time.
    let options = StoreOptions {
        pool_size: 1,
        ..StoreOptions::default()
    };
    let one = Store::new(ledger.store.config().clone(), &options).unwrap();
    let name = async || {
        let found = one.role(&tenant, realm, &role).await.unwrap().unwrap();
        found.name
    };
    assert_eq!(name().await, "before");
    assert!(views_of(&ledger.store).await.unwrap().switched);
    assert_eq!(name().await, "before");
    let rename = Command::UpdateRole {
        realm,
        role: role.clone(),
        name: Some("after".to_owned()),
        description: None,
    };
    ask(&ledger, &mut dice, rename).await;
    assert_eq!(name().await, "after");
}

#[tokio::test]
async fn a_reader_that_holds_on_keeps_its_views_and_hinders_no_owner() {
    let (ledger, mut dice) = folded(24, 300).await;
    let reader = ledger.store.client().await.unwrap();
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM roles";
    reader.batch_execute(begin).await.unwrap();
    let holding = async {
        // The switch has asked for the table, and gives way again and again.
        let waits = "SELECT 1::text FROM pg_locks
            WHERE NOT granted AND mode = 'AccessExclusiveLock'";
        for _ in 0..2 {
            while texts(&ledger.store, waits).await.is_empty() {
                tokio::task::yield_now().await;
            }
            while !texts(&ledger.store, waits).await.is_empty() {
                tokio::task::yield_now().await;
            }
        }
        ledger.append(&mut dice, 50).await;
        ledger.decide_all().await;
        let read = "SELECT count(*) FROM users; COMMIT";
        reader.batch_execute(read).await.unwrap();
    };
    let (report, ()) = tokio::join!(views_of(&ledger.store), holding);
    assert!(report.unwrap().switched);
    assert_verified(&ledger.store, &*ledger.log).await;
    assert_as_rebuilt(&ledger).await;
}

#[tokio::test]
async fn views_that_differ_are_not_replaced() {
    let (ledger, _) = folded(25, 400).await;
    let before = set(&ledger.store).await;
    let damage = "UPDATE roles SET name = name || '?' WHERE ctid = (SELECT min(ctid) FROM roles)";
    execute(ledger.store.config(), damage).await;
    let report = views_of(&ledger.store).await.unwrap();
    assert!(!report.switched && !report.is_clean());
    let differences: Vec<_> = report
        .partitions
        .iter()
        .flat_map(|partition| partition.differences.first.clone())
        .collect();
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(
        differences[0].starts_with("the live views of tenant "),
        "{differences:?}"
    );
    assert_eq!(set(&ledger.store).await, before);
    assert_no_leftover(&ledger.store).await;
}

#[tokio::test]
async fn killed_at_any_moment_it_is_run_again() {
    let (ledger, mut dice) = folded(26, 400).await;
    let before = set(&ledger.store).await;
    for (phase, after) in [(Phase::Fold, 1), (Phase::Index, 1), (Phase::Index, 15)] {
        let (times, reached) = (AtomicUsize::new(0), Notify::new());
        let told = |at: Phase, _, _| {
            if at == phase && times.fetch_add(1, Ordering::Relaxed) + 1 == after {
                reached.notify_one();
            }
        };
        let stop = CancellationToken::new();
        tokio::select! {
            biased;
            () = reached.notified() => {}
            ended = views(&ledger.store, &told, &stop) => panic!("{phase:?} {after}: {ended:?}"),
        }
        // The live set is as it was, and owners go on.
        ledger.append(&mut dice, 20).await;
        ledger.decide_all().await;
        let live = "SELECT oid::text FROM pg_class
            WHERE relname IN ('roles', 'dead_noun') AND relnamespace = 'public'::regnamespace
            ORDER BY 1";
        assert_eq!(texts(&ledger.store, live).await, before);
    }
    assert!(views_of(&ledger.store).await.unwrap().switched);
    assert_no_leftover(&ledger.store).await;
    assert_verified(&ledger.store, &*ledger.log).await;
    assert_as_rebuilt(&ledger).await;
}

#[tokio::test]
async fn a_ledger_that_is_empty_has_views_to_switch() {
    let (ledger, mut dice) = folded(27, 0).await;
    assert!(views_of(&ledger.store).await.unwrap().switched);
    ledger.append(&mut dice, 100).await;
    ledger.decide_all().await;
    assert_verified(&ledger.store, &*ledger.log).await;
}
