//! A database of one's own, copied from the migrated template.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_postgres::{Client, NoTls};

use crate::environment;

const TEMPLATE: &str = "writ_template";

/// A fresh, migrated, empty database. It goes with its cluster, not before.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
}

impl Database {
    pub async fn fresh() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = environment::database_url();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock after 1970");
        let name = format!(
            "test_{}_{}_{}",
            now.as_nanos(),
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let client = connect(&cluster).await;
        client
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
            .await
            .expect("a copy of the template database");
        let (base, _) = cluster.rsplit_once('/').expect("a URL with a database");
        Self {
            url: format!("{base}/{name}"),
        }
    }

    /// One that is elsewhere, migrated or not.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection for a test that looks behind the HTTP API.
    pub async fn connect(&self) -> Client {
        connect(&self.url).await
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error}"));
    // Ends with the client; what goes wrong is told to whoever uses that.
    tokio::spawn(connection);
    client
}
