//! Postgres ends every connection while everybody writes: requests are answered all the same, by
//! what they asked for or by "not now", nothing is lost, and it goes on.

use tokio_postgres::Client;
use writ_tests::Launch;

use super::load::{Dice, Load, seed};

const COMMANDS: usize = 3_000;
const CUTS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_postgres_ends_lose_nothing() {
    let mut dice = Dice::new(seed());
    let launch = Launch::on_fresh_database().await;
    let database = launch.database().expect("one of the test cluster").clone();
    let mut server = launch.start().await;
    let postgres = database.connect().await;
    let mut load = Load::start(&server, &mut dice, 16, COMMANDS).await;
    for cut in 1..=CUTS {
        load.answered(cut * COMMANDS / (CUTS + 2) + dice.below(200))
            .await;
        assert!(end_all_others(&postgres).await > 0, "nobody was connected");
    }
    let done = load.done().await;

    assert!(server.is_running());
    let summary = done.agrees_with(&server).await;
    assert_eq!(summary.wishes, COMMANDS);
    drop(server.anonymous().get("/readyz").await.expect(200));
}

/// How many connections to the database were ended.
async fn end_all_others(postgres: &Client) -> usize {
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    postgres
        .query(others, &[])
        .await
        .expect("a superuser may")
        .len()
}
