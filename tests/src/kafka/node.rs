//! One broker, which is a controller too.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::java;

const JVM: [&str; 6] = [
    "-Xmx384m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
];
/// What it says when it can be used.
const READY: &str = "Kafka Server started";
const READY_WITHIN: Duration = Duration::from_mins(1);
/// Leaves the process id where the guard finds it, then becomes the node.
const LAUNCH: &str = r#"echo $$ >pid && exec "$@""#;
/// Of its log, when a test fails.
const LINES: usize = 20;

/// The number of a node in its cluster, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u16);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A node with its directory. Dropped, it is killed.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    dir: PathBuf,
    process: Option<Child>,
}

/// A node that was started, and has not said yet that it can be used.
#[must_use = "a start may fail"]
#[derive(Debug)]
pub(super) struct Starting {
    is_ready: oneshot::Receiver<()>,
    log: PathBuf,
}

impl Node {
    /// Puts the settings into a new directory.
    pub(super) fn configure(id: NodeId, dir: PathBuf, properties: &str) -> Self {
        fs::create_dir(&dir).expect("a directory for the node");
        fs::write(dir.join("properties"), properties).expect("a file of settings");
        Self {
            id,
            dir,
            process: None,
        }
    }

    /// Where its data is, as the settings must say.
    pub(super) fn data(dir: &Path) -> PathBuf {
        dir.join("data")
    }

    /// Makes an empty data directory that belongs to a cluster.
    pub(super) async fn format(&self, cluster_id: &str) {
        assert!(self.process.is_none(), "node {} runs", self.id);
        let data = Self::data(&self.dir);
        if data.exists() {
            fs::remove_dir_all(&data).expect("the data can be removed");
        }
        let output = tokio::process::Command::new("java")
            .args(java::arguments("kafka.tools.StorageTool"))
            .args(["format", "-t", cluster_id, "-c", "properties"])
            .current_dir(&self.dir)
            .output()
            .await
            .expect("java runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "node {}: {said}", self.id);
    }

    pub(super) fn launch(&mut self) -> Starting {
        assert!(self.process.is_none(), "node {} runs", self.id);
        let mut process = Command::new("/bin/sh")
            .args(["-c", LAUNCH, "sh", "java"])
            .args(JVM)
            .args(java::arguments("kafka.Kafka"))
            .arg("properties")
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell runs");
        let said = process.stderr.take().expect("standard error is a pipe");
        self.process = Some(process);
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("a log");
        let (ready, is_ready) = oneshot::channel();
        std::thread::spawn(move || keep(said, log, ready));
        Starting {
            is_ready,
            log: self.log(),
        }
    }

    /// Kills it, if it runs, and waits for its end.
    pub(super) fn kill_9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the process is ours");
            process.wait().expect("the process is ours");
            // The number may be somebody else's from now on. There is none if it ended before it began.
            let pid = self.dir.join("pid");
            if pid.exists() {
                fs::remove_file(pid).expect("the file is ours");
            }
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        let process = self.process.as_ref();
        let id = process
            .unwrap_or_else(|| panic!("node {} does not run", self.id))
            .id();
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process id"), signal).expect("the process is ours");
    }

    fn log(&self) -> PathBuf {
        self.dir.join("log")
    }
}

impl Starting {
    pub(super) async fn until_ready(self) {
        let said = match timeout(READY_WITHIN, self.is_ready).await {
            Ok(Ok(())) => return,
            Ok(Err(_)) => "it has ended".to_owned(),
            Err(elapsed) => format!("not within {READY_WITHIN:?}: {elapsed}"),
        };
        panic!("Kafka does not start; {said}\n{}", end_of(&self.log));
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of Kafka's node {}, its end ---", self.id);
            eprintln!("{}", end_of(&self.log()));
        }
        self.kill_9();
    }
}

/// Writes down all that a node says, and passes on the word that it is ready.
fn keep(said: ChildStderr, mut log: File, ready: oneshot::Sender<()>) {
    let mut ready = Some(ready);
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        writeln!(log, "{line}").expect("there is room for the log");
        if line.contains(READY)
            && let Some(ready) = ready.take()
        {
            // Whoever does not wait does not want to know.
            ready.send(()).unwrap_or_default();
        }
    }
}

fn end_of(log: &Path) -> String {
    let all = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = all.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
