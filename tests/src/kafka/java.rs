//! The programs of Kafka.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::environment;

/// Longer than the client's own patience with a broker, and its start.
const ANSWER: Duration = Duration::from_secs(90);

/// Small, and soon running.
const JVM: [&str; 4] = [
    "-Xms64m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    // No files in the temporary directory, which a killed one would leave there.
    "-XX:-UsePerfData",
];

/// The arguments of `java` for a program that finds all of Kafka's classes.
pub(super) fn arguments(program: impl AsRef<OsStr>) -> Vec<std::ffi::OsString> {
    let libs = environment::kafka_libs().join("*");
    let mut all: Vec<_> = JVM.iter().map(Into::into).collect();
    all.extend([
        "-cp".into(),
        libs.into_os_string(),
        program.as_ref().to_owned(),
    ]);
    all
}

/// A process of `Client.java`. Dropped, it is killed; its end of the pipe closed, it ends.
#[derive(Debug)]
pub(super) struct Java {
    #[expect(dead_code, reason = "kept for its drop, which kills the process")]
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Java {
    pub(super) fn start(client_arguments: &[&str]) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/Client.java");
        let mut child = Command::new("java")
            .args(["-Xmx768m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"])
            .args(arguments(source))
            .args(client_arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("java runs");
        Self {
            input: child.stdin.take().expect("standard input is a pipe"),
            output: BufReader::new(child.stdout.take().expect("standard output is a pipe")),
            child,
        }
    }

    /// Sends a request, and returns the records of the answer and what it ends with.
    pub(super) async fn ask(&mut self, request: &Value) -> Result<(Vec<Value>, Value), String> {
        let exchange = async {
            let line = format!("{request}\n");
            self.input
                .write_all(line.as_bytes())
                .await
                .expect("the client takes a request");
            let mut records = Vec::new();
            loop {
                let mut answer = self.line().await.expect("the client answers");
                if let Some(record) = answer.get_mut("record") {
                    records.push(record.take());
                } else if let Some(error) = answer.get("error") {
                    return Err(error.as_str().unwrap_or_default().to_owned());
                } else {
                    return Ok((records, answer["ok"].take()));
                }
            }
        };
        timeout(ANSWER, exchange)
            .await
            .unwrap_or_else(|_| panic!("no answer within {ANSWER:?} to {request}"))
    }

    /// The next line that it prints; nothing at its end.
    pub(super) async fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = self
            .output
            .read_line(&mut line)
            .await
            .expect("the client's output is UTF-8");
        (length > 0)
            .then(|| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }
}
