//! A real cluster through its whole life, with the programs that are installed here.

use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::cluster::ask;
use super::*;
use crate::config::PostgresChoice;
use crate::data_dir::DataDir;

const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

async fn count(cluster: &Cluster) -> i64 {
    let counted = ask(&cluster.reached().config, async |client| {
        client
            .query_one("SELECT count(*) FROM kept", &[])
            .await?
            .try_get(0)
    });
    counted.await.unwrap()
}

async fn add(cluster: &Cluster) {
    let statements = "CREATE TABLE IF NOT EXISTS kept (); INSERT INTO kept DEFAULT VALUES";
    let config = &cluster.reached().config;
    ask(config, async |client| {
        client.batch_execute(statements).await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_every_kind_of_end() {
    let dir = tempfile::tempdir().unwrap();
    let account = Account::choose().await.unwrap();
    let data_dir = DataDir::create(dir.path(), account != Account::Own).unwrap();
    let password = SecretString::from("secret");
    let cache = std::env::temp_dir().join("writ-test-cache");
    let options = Options {
        data_dir: data_dir.path(),
        password: &password,
        choice: &PostgresChoice::Auto,
        cache: Some(&cache),
        account: &account,
        patience: PATIENCE,
    };
    let stop = CancellationToken::new();

    let made = open(options, &stop).await.unwrap();
    add(&made).await;
    let pid = made.pid().unwrap();
    // As a `writ` that is killed: nobody tells Postgres.
    drop(made);

    let found = open(options, &stop).await.unwrap();
    assert_eq!(found.pid(), Some(pid), "it is taken over");
    assert_eq!(count(&found).await, 1);
    add(&found).await;
    let attached = attach(data_dir.path(), &password).await.unwrap();
    assert_eq!(
        attached.config.get_ports(),
        found.reached().config.get_ports()
    );
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    drop(found);

    let recovered = open(options, &stop).await.unwrap();
    assert_ne!(recovered.pid(), Some(pid));
    assert_eq!(count(&recovered).await, 2);
    recovered.stop(PATIENCE).await;
    let refused = attach(data_dir.path(), &password).await.unwrap_err();
    assert!(matches!(refused, Error::NotRunning { .. }), "{refused:?}");

    let again = open(options, &stop).await.unwrap();
    assert_eq!(count(&again).await, 2);
    again.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_start_that_is_called_off_leaves_nothing_running() {
    let dir = tempfile::tempdir().unwrap();
    let account = Account::choose().await.unwrap();
    let data_dir = DataDir::create(dir.path(), account != Account::Own).unwrap();
    let password = SecretString::from("secret");
    let stop = CancellationToken::new();
    stop.cancel();
    let outcome = open(
        Options {
            data_dir: data_dir.path(),
            password: &password,
            choice: &PostgresChoice::Auto,
            cache: None,
            account: &account,
            patience: PATIENCE,
        },
        &stop,
    );
    assert!(matches!(outcome.await, Err(Error::Stopped)));
    assert!(!data_dir.path().join("postgres").exists());
}
