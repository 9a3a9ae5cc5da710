//! A database of its own for each test.

use std::sync::Arc;

use async_trait::async_trait;
use writ_domain::{Offset, Partition};
use writ_log::conformance::{PARTITIONS, Place};
use writ_log::{Log, Record};
use writ_log_postgres::{Config, Options, PostgresLog};
use writ_store::Store;

pub(crate) const FIRST: Partition = Partition(0);

/// A migrated database that no other test uses. It goes with the cluster.
pub(crate) struct Database {
    pub(crate) config: Config,
    /// For statements that are no business of the log's.
    pub(crate) store: Store,
    /// The same, from outside of the database.
    pub(crate) cluster: Store,
    pub(crate) name: String,
}

impl Database {
    /// With tables, without a genesis.
    pub(crate) async fn empty() -> Self {
        #[expect(clippy::disallowed_methods, reason = "where the test cluster is")]
        let url = std::env::var("WRIT_TEST_DATABASE_URL")
            .expect("WRIT_TEST_DATABASE_URL must name a Postgres whose databases may be created");
        let mut config: Config = url.parse().unwrap();
        let cluster = Store::new(config.clone(), &writ_store::Options::default()).unwrap();
        let client = cluster.client().await.unwrap();
        let drawn = client
            .query_one("SELECT gen_random_uuid()::text", &[])
            .await
            .unwrap();
        let name = format!("writ_log_{}", drawn.get::<_, String>(0).replace('-', ""));
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        config.dbname(&name);
        let store = Store::new(config.clone(), &writ_store::Options::default()).unwrap();
        store.migrate().await.unwrap();
        drop(client);
        Self {
            config,
            store,
            cluster,
            name,
        }
    }

    /// With a genesis of as many partitions as the conformance tests want.
    pub(crate) async fn create() -> Self {
        let database = Self::empty().await;
        PostgresLog::create(database.config.clone(), &options())
            .await
            .unwrap();
        database
    }

    pub(crate) async fn log(&self) -> Arc<PostgresLog> {
        self.log_with(options()).await
    }

    pub(crate) async fn log_with(&self, options: Options) -> Arc<PostgresLog> {
        Arc::new(
            PostgresLog::connect(self.config.clone(), options)
                .await
                .unwrap(),
        )
    }

    pub(crate) async fn run(&self, statements: &str) {
        self.store
            .client()
            .await
            .unwrap()
            .batch_execute(statements)
            .await
            .unwrap();
    }

    /// How many connections of the log there are whose names begin so.
    pub(crate) async fn connections(&self, name: &str) -> i64 {
        self.count("SELECT count(pid)", name).await
    }

    /// Ends the log's connections whose names begin so; how many there were.
    pub(crate) async fn kill(&self, name: &str) -> i64 {
        self.count("SELECT count(pg_terminate_backend(pid))", name)
            .await
    }

    async fn count(&self, select: &str, name: &str) -> i64 {
        let activity = "FROM pg_stat_activity
            WHERE datname = $1 AND starts_with(application_name, $2)";
        let client = self.cluster.client().await.unwrap();
        let statement = format!("{select} {activity}");
        client
            .query_one(&statement, &[&self.name, &name])
            .await
            .unwrap()
            .get(0)
    }

    /// Does to the log what nobody may.
    pub(crate) async fn tamper(&self, statements: &str) {
        self.run(&format!(
            "ALTER TABLE log_record DISABLE TRIGGER USER; {statements};
             ALTER TABLE log_record ENABLE TRIGGER USER"
        ))
        .await;
    }
}

#[async_trait]
impl Place for Database {
    async fn open(&self) -> Arc<dyn Log> {
        self.log().await
    }
}

pub(crate) fn options() -> Options {
    Options::new(PARTITIONS)
}

pub(crate) fn record(name: &str) -> Record {
    Record {
        value: name.as_bytes().to_vec(),
        ..Record::default()
    }
}

/// The values of the first partition, in order.
pub(crate) async fn values(log: &PostgresLog) -> Vec<String> {
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let mut values = Vec::new();
    loop {
        let taken = tail.try_next(1_000).await.unwrap();
        if taken.is_empty() {
            return values;
        }
        for logged in taken {
            assert_eq!(logged.offset.0, values.len() as u64);
            values.push(String::from_utf8(logged.record.value).unwrap());
        }
    }
}
