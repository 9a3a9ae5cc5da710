//! A database for each test, made from the migrated template.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use crate::{Options, Store};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A store on a new database. The cluster is thrown away after the tests, and the database with it.
pub(crate) async fn store() -> Store {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test stack says where Postgres is"
    )]
    let url = std::env::var("WRIT_TEST_DATABASE_URL").expect("`cargo xtask test` starts Postgres");
    let mut config: Config = url.parse().unwrap();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("writ_entries_{}_{number}", std::process::id());
    create(&config, &name).await;
    config.dbname(&name);
    let store = Store::new(
        config,
        &Options {
            pool_size: 4,
            ..Options::default()
        },
    )
    .unwrap();
    // Where the template is there, and of this build, this does nothing.
    store.migrate().await.unwrap();
    store
}

/// Makes the database from the template if that is there; else it is empty.
async fn create(config: &Config, name: &str) {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    let run = async {
        client
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
            .await
            .unwrap();
        let made = client
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE writ_template"))
            .await;
        let no_template = made.as_ref().err().and_then(|error| error.code())
            == Some(&SqlState::UNDEFINED_DATABASE);
        if no_template {
            client
                .batch_execute(&format!("CREATE DATABASE {name}"))
                .await
                .unwrap();
        } else {
            made.unwrap();
        }
    };
    tokio::pin!(run);
    let mut connection = Box::pin(connection);
    tokio::select! {
        () = &mut run => {}
        ended = &mut connection => panic!("the connection ended: {ended:?}"),
    }
}
