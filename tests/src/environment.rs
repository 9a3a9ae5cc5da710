//! What `cargo xtask test` gives to the tests.

use std::env;
use std::path::PathBuf;

/// The binary under test.
pub fn writ() -> PathBuf {
    PathBuf::from(required("WRIT_BIN"))
}

/// The URL of a superuser of the private cluster, in a database that is nobody's.
pub fn database_url() -> String {
    required("WRIT_TEST_DATABASE_URL")
}

/// The broker that all tests share, `HOST:PORT`. Topics on it need a prefix of their own.
pub fn kafka() -> String {
    required("WRIT_TEST_KAFKA")
}

/// Whether servers are to have their log in Kafka, where a test does not say.
pub(crate) fn on_kafka() -> bool {
    match env::var("WRIT_TEST_LOG").as_deref() {
        Err(_) | Ok("postgres") => false,
        Ok("kafka") => true,
        Ok(other) => panic!("WRIT_TEST_LOG is {other}, not postgres or kafka"),
    }
}

/// A directory with the jars of Apache Kafka and its tools.
pub fn kafka_libs() -> PathBuf {
    PathBuf::from(required("WRIT_KAFKA_LIBS"))
}

/// A directory with the `node_modules` of `tests/auth0-sdk`.
pub fn auth0_sdk() -> PathBuf {
    PathBuf::from(required("WRIT_AUTH0_SDK"))
}

/// Whether this run decides over a change: then nothing may be left out.
pub fn is_ci() -> bool {
    env::var_os("CI").is_some()
}

/// The names of all settings that a Writ would take from our own environment.
pub(crate) fn of_writ() -> Vec<String> {
    env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("WRIT_") || name == "DATABASE_URL")
        .collect()
}

fn required(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}
