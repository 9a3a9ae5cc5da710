//! What was measured, and on what: without it no figure means anything.

use std::fs;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::process::Command;
use tokio_postgres::NoTls;
use writ_tests::environment;

use crate::options::Options;

#[derive(Debug, Serialize)]
pub(crate) struct About {
    unix_time: u64,
    seed: u64,
    seconds: f64,
    warm_up_seconds: f64,
    quick: bool,
    writ: String,
    /// As which it was compiled; `debug` is no measure of anything.
    build: String,
    /// The same of this program.
    client_build: &'static str,
    cores: usize,
    processor: String,
    memory_mib: u64,
    kernel: String,
    load_before: String,
    /// Settings that matter, by name.
    postgres: Vec<(String, String)>,
    kafka: Option<String>,
}

const SETTINGS: [&str; 5] = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "shared_buffers",
    "max_wal_size",
];

pub(crate) async fn gather(options: &Options) -> About {
    let binary = environment::writ();
    let version = Command::new(&binary)
        .arg("--version")
        .output()
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    let build = binary.parent().and_then(|dir| dir.file_name());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    About {
        unix_time: now.as_secs(),
        seed: options.seed,
        seconds: options.window().as_secs_f64(),
        warm_up_seconds: options.warm_up().as_secs_f64(),
        quick: options.quick,
        writ: String::from_utf8_lossy(&version.stdout).trim().to_owned(),
        build: build.map_or_else(String::new, |dir| dir.to_string_lossy().into_owned()),
        client_build: if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        },
        cores: available_parallelism().map_or(0, usize::from),
        processor: field("/proc/cpuinfo", "model name").unwrap_or_default(),
        memory_mib: memory_mib().unwrap_or_default(),
        kernel: line("/proc/sys/kernel/osrelease"),
        load_before: line("/proc/loadavg"),
        postgres: postgres().await,
        kafka: options.kafka.clone(),
    }
}

impl About {
    pub(crate) fn text(&self) -> String {
        let postgres: Vec<String> = self
            .postgres
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!(
            "{} ({}, client {}), seed {}, {} s after {} s of warm-up\n\
             {} cores of {}, {} MiB, Linux {}, load before {}\n\
             Postgres: {}\n{}",
            self.writ,
            self.build,
            self.client_build,
            self.seed,
            self.seconds,
            self.warm_up_seconds,
            self.cores,
            self.processor,
            self.memory_mib,
            self.kernel,
            self.load_before,
            postgres.join(" "),
            self.kafka
                .as_ref()
                .map_or_else(String::new, |brokers| format!("Kafka: {brokers}\n")),
        )
    }
}

async fn postgres() -> Vec<(String, String)> {
    let url = environment::database_url();
    let (client, connection) = tokio_postgres::connect(&url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error}"));
    tokio::spawn(connection);
    let mut settings = Vec::new();
    for name in SETTINGS {
        let row = client
            .query_one("SELECT current_setting($1)", &[&name])
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        settings.push((name.to_owned(), row.get(0)));
    }
    settings
}

fn memory_mib() -> Option<u64> {
    let text = field("/proc/meminfo", "MemTotal")?;
    let kib: u64 = text.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib / 1_024)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(rest.trim_start_matches([' ', '\t', ':']).to_owned())
}

fn line(file: &str) -> String {
    fs::read_to_string(file)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
