//! What this Postgres can do at best, by its own measure.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::process::Command;
use tokio_postgres::NoTls;
use writ_tests::environment;

use crate::options::Options;

/// `pgbench` with a database of its own on the cluster under test.
#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    database: String,
    seconds: u64,
}

/// Which of its transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Script {
    /// One row by its primary key.
    SelectOnly,
    /// An update, a select and an insert.
    SimpleUpdate,
}

impl Script {
    fn flag(self) -> &'static str {
        match self {
            Self::SelectOnly => "--select-only",
            Self::SimpleUpdate => "--skip-some-updates",
        }
    }
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Baseline {
    pub(crate) script: Script,
    pub(crate) clients: usize,
    pub(crate) per_second: f64,
    pub(crate) mean_ms: f64,
}

const MAINTENANCE: &str = "postgres";

impl Pgbench {
    /// Makes and fills its database; `None` if there is no such program.
    pub(crate) async fn prepare(options: &Options) -> Option<Self> {
        let program = options.pgbench.clone()?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock after 1970");
        let database = format!("bench_{}_{}", now.as_nanos(), std::process::id());
        administer(&format!("CREATE DATABASE {database}")).await;
        let pgbench = Self {
            program,
            database,
            seconds: if options.quick {
                1
            } else {
                (options.window() / 2).max(Duration::from_secs(2)).as_secs()
            },
        };
        let scale = if options.quick { "1" } else { "50" };
        eprintln!("pgbench: scale {scale}");
        pgbench
            .call(&["--initialize", "--quiet", "--scale", scale])
            .await;
        Some(pgbench)
    }

    /// Runs it, with prepared statements and one thread.
    pub(crate) async fn run(&self, script: Script, clients: usize) -> Baseline {
        let (clients_text, seconds) = (clients.to_string(), self.seconds.to_string());
        let printed = self
            .call(&[
                script.flag(),
                "--no-vacuum",
                "--protocol=prepared",
                "--jobs=1",
                "--client",
                &clients_text,
                "--time",
                &seconds,
            ])
            .await;
        parse(script, clients, &printed).unwrap_or_else(|| panic!("pgbench printed\n{printed}"))
    }

    /// Drops its database.
    pub(crate) async fn remove(self) {
        administer(&format!("DROP DATABASE {}", self.database)).await;
    }

    async fn call(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.program)
            .args(arguments)
            .arg(url(&self.database))
            .kill_on_drop(true)
            .output()
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        assert!(
            output.status.success(),
            "pgbench: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn parse(script: Script, clients: usize, printed: &str) -> Option<Baseline> {
    let number = |name: &str| -> Option<f64> {
        let rest = printed.lines().find_map(|line| line.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some(Baseline {
        script,
        clients,
        per_second: number("tps = ")?,
        mean_ms: number("latency average = ")?,
    })
}

fn url(database: &str) -> String {
    let cluster = environment::database_url();
    let (base, _) = cluster.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{database}")
}

async fn administer(statement: &str) {
    let (client, connection) = tokio_postgres::connect(&url(MAINTENANCE), NoTls)
        .await
        .unwrap_or_else(|error| panic!("the cluster: {error}"));
    tokio::spawn(connection);
    client
        .batch_execute(statement)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgbench_prints_is_read() {
        let printed = "pgbench (15.18 (Debian 15.18-0+deb12u1))\n\
            transaction type: <builtin: select only>\n\
            number of transactions actually processed: 56031\n\
            number of failed transactions: 0 (0.000%)\n\
            latency average = 0.053 ms\n\
            initial connection time = 2.270 ms\n\
            tps = 18690.246178 (without initial connection time)\n";
        let found = parse(Script::SelectOnly, 1, printed).unwrap();
        assert!((found.per_second - 18_690.246_178).abs() < 1e-6);
        assert!((found.mean_ms - 0.053).abs() < 1e-9);
        assert_eq!(parse(Script::SelectOnly, 1, "pgbench: error"), None);
    }
}
