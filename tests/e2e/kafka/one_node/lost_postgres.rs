//! Postgres loses everything, or the newest part: the ledger is folded again from Kafka.

use serde_json::Value;
use writ_tests::kafka::Client as Kafka;
use writ_tests::{Postgres, Server, environment, until};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{SOON, launch, prefix};
use crate::kafka::past::{Digests, Past, is_not_ready, tells_all, tells_last};
use crate::ledger::{head, list, number};

const CALLERS: usize = 16;
const COMMANDS: usize = 5_000;
const REBUILD: [&str; 2] = ["rebuild", "--json"];

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_lost_twice_and_nothing_that_was_acknowledged() {
    let mut dice = Dice::new(seed());
    let mut postgres = Postgres::start().await;
    postgres.kill9().await;
    postgres.save("empty").await;
    postgres.restart().await;
    let prefix = prefix();
    let launch = launch(postgres.database(), &environment::kafka(), &prefix);
    let mut server = launch.start().await;
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;

    // At rest, so that digests can be had before; whoever rebuilds is killed.
    load.answered(COMMANDS / 2).await;
    load.rest().await;
    let past = Past::of(&server.client()).await;
    let digests = Digests::of(&server).await;
    // So that there is something to compare with.
    let mut follower = Kafka::of_shared().follow(&format!("{prefix}changes")).await;
    follower.until(SOON, tells_last(past.changes())).await;
    lose(&mut postgres).await;
    let said = is_not_ready(&server.client(), "writ rebuild").await;
    eprintln!("{said}");
    load.is(Life::Down(0));
    server.kill9().await;
    for entries in [0, 1] {
        rebuild_and_kill(&server, &postgres, entries).await;
        let (exit, said) = server.fail_to_restart().await;
        assert!(!exit.status.success(), "{exit:?}");
        let why = "a rebuild was not finished; run `writ rebuild` again";
        assert!(said.contains(why), "{said}");
    }
    let compared = rebuild(&server).await;
    assert_eq!(compared, u64::try_from(past.changes().len()).expect("few"));
    assert_eq!(Digests::of(&server).await, digests);
    // It is done: there is something to lose now.
    let exit = server.begin(&REBUILD).end().await;
    assert!(!exit.status.success(), "{exit:?}");
    server.restart().await;
    past.is_all(&server.client()).await;
    load.is(Life::Up(1));
    load.go_on();

    // Under load.
    load.answered(COMMANDS * 3 / 4).await;
    let past = head(&server.client()).await;
    lose(&mut postgres).await;
    is_not_ready(&server.client(), "writ rebuild").await;
    // It may stand in the log, and then it is decided in the end; nobody was told so.
    assert!(!load.is_answered().await);
    load.is(Life::Down(1));
    server.kill9().await;
    assert!(rebuild(&server).await > 0);
    server.restart().await;
    assert!(head(&server.client()).await >= past);
    load.is(Life::Up(2));

    load.done().await.holds(&server, COMMANDS + 1).await;
    tells_all(&mut follower, &server.client()).await;
}

/// Another disk, with nothing on it, at the same address.
async fn lose(postgres: &mut Postgres) {
    postgres.kill9().await;
    postgres.put_back("empty").await;
    postgres.restart().await;
}

/// Folds the log again, and kills that after so many entries are there at least.
async fn rebuild_and_kill(server: &Server, postgres: &Postgres, entries: i64) {
    let database = postgres.database().connect().await;
    let unfinished = "SELECT count(*) FROM ledger_rebuild";
    let copied = "SELECT count(*) FROM ledger_entry";
    let count = async |sql: &str| -> i64 {
        let row = database.query_one(sql, &[]).await;
        row.map_or(0, |row| row.get(0))
    };
    let enough = async || count(unfinished).await > 0 && count(copied).await >= entries;
    let killed = server.begin(&REBUILD).kill9_when(enough).await;
    assert!(killed, "it had ended before {entries} entries were there");
    eprintln!("killed when {} entries were there", count(copied).await);
    assert!(count(unfinished).await > 0, "it was finished");
}

/// Folds the log again; how many entries were compared with what was told.
async fn rebuild(server: &Server) -> u64 {
    let rebuilt: Value = serde_json::from_str(&server.run(&REBUILD).await).expect("JSON");
    eprintln!("{rebuilt}");
    assert_eq!(rebuilt["equal"], true, "{rebuilt}");
    let partitions = list(&rebuilt["partitions"]);
    let mut compared = 0;
    for part in &partitions {
        assert_eq!(part["differences_count"], 0, "{part}");
        compared += number(&part["compared"]);
        assert!(number(&part["compared"]) <= number(&part["entries"]));
    }
    compared
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_copy_comes_to_the_same_ledger_by_itself() {
    let mut dice = Dice::new(seed());
    let mut postgres = Postgres::start().await;
    let prefix = prefix();
    let launch = launch(postgres.database(), &environment::kafka(), &prefix);
    let mut server = launch.start().await;
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;

    load.answered(COMMANDS / 4).await;
    load.is(Life::Down(0));
    server.kill9().await;
    postgres.kill9().await;
    postgres.save("yesterday").await;
    postgres.restart().await;
    server.restart().await;
    load.is(Life::Up(1));

    load.answered(COMMANDS / 2).await;
    load.rest().await;
    let past = Past::of(&server.client()).await;
    let digests = Digests::of(&server).await;
    let mut follower = Kafka::of_shared().follow(&format!("{prefix}changes")).await;
    follower.until(SOON, tells_last(past.changes())).await;
    load.is(Life::Down(1));
    server.kill9().await;
    postgres.kill9().await;
    postgres.put_back("yesterday").await;
    postgres.restart().await;
    let database = postgres.database().connect().await;
    let row = database
        .query_one("SELECT count(*) FROM ledger_entry", &[])
        .await
        .expect("a copy of yesterday");
    let yesterday = usize::try_from(row.get::<_, i64>(0)).expect("few");
    assert!(yesterday < past.changes().len(), "nothing was lost");
    server.restart().await;
    until("it has decided again", SOON, async || {
        let now = head(&server.client()).await;
        (usize::try_from(now) == Ok(past.changes().len())).then_some(())
    })
    .await;
    past.is_all(&server.client()).await;
    assert_eq!(Digests::of(&server).await, digests);
    load.is(Life::Up(2));
    load.go_on();

    load.done().await.holds(&server, COMMANDS).await;
    past.is_below(&server.client()).await;
    let repeats = tells_all(&mut follower, &server.client()).await;
    eprintln!("{repeats} repeats, {yesterday} entries yesterday");
}
