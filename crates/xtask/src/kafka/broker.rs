//! The life of a node: format, start, stop.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Jars;
use crate::run;

const SETTINGS: &str = include_str!("../../../../tests/kafka/node.properties");
/// Any 16 bytes in URL-safe base64 will do.
const CLUSTER_ID: &str = "d3JpdC1vZi1hLXRlc3Qtcg";
const JVM: [&str; 10] = [
    "-Xmx512m",
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
];
/// What a node says when it can be used.
const READY: &str = "Kafka Server started";
const READY_WITHIN: Duration = Duration::from_mins(1);
/// Somebody may take a free port before the node does.
const ATTEMPTS: u32 = 3;

/// Run by the guard: waits for the end of its input, which is the end of this process.
const GUARD: &str = r#"
cat >/dev/null
[ -f "$1/pid" ] && kill -9 "$(cat "$1/pid")"
rm -rf "$1" || rm -rf "$1"
"#;

const CALL: &str = r#"exec "$@""#;
/// Leaves the process id where the guard finds it, then becomes the node.
const LAUNCH: &str = r#"echo $$ >pid && exec "$@""#;

/// A running node, broker and controller in one.
#[derive(Debug)]
pub(crate) struct Broker {
    dir: PathBuf,
    port: u16,
    node: Option<Child>,
    guard: Child,
}

impl Broker {
    pub(crate) fn start(jars: &Jars) -> Result<Self> {
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            match Self::attempt(jars, attempt) {
                Ok(broker) => return Ok(broker),
                Err(error) => last = Some(error),
            }
        }
        match last {
            Some(error) => Err(error.context("Kafka does not start")),
            None => bail!("Kafka was never started"),
        }
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Ends the node and removes its directory.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.dismiss()
    }

    fn attempt(jars: &Jars, attempt: u32) -> Result<Self> {
        let name = format!("writ-kafka-{}-{attempt}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        if dir.exists() {
            // Of an earlier process with our id, which therefore is no more.
            fs::remove_dir_all(&dir)
                .with_context(|| format!("failed to remove {}", dir.display()))?;
        }
        fs::create_dir(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
        // From here on the guard cleans up.
        let guard = start_guard(&dir)?;
        let mut broker = Self {
            dir,
            port: 0,
            node: None,
            guard,
        };
        broker.launch(jars)?;
        Ok(broker)
    }

    fn launch(&mut self, jars: &Jars) -> Result<()> {
        let listeners = [free_port()?, free_port()?];
        let [port, controller] = [port_of(&listeners[0])?, port_of(&listeners[1])?];
        self.port = port;
        fs::write(
            self.dir.join("properties"),
            properties(&self.dir, port, controller),
        )
        .context("failed to configure Kafka")?;
        run::quietly(
            java(jars, &self.dir, CALL, "kafka.tools.StorageTool").args([
                "format",
                "-t",
                CLUSTER_ID,
                "-c",
                "properties",
            ]),
        )?;
        drop(listeners);
        let mut node = java(jars, &self.dir, LAUNCH, "kafka.Kafka")
            .arg("properties")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("failed to start Kafka")?;
        let said = node.stderr.take().context("Kafka has no standard error")?;
        self.node = Some(node);
        self.wait_until_ready(said)
    }

    fn wait_until_ready(&self, said: ChildStderr) -> Result<()> {
        let path = self.dir.join("log");
        let log = File::create(&path).context("failed to make the log of Kafka")?;
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || keep(said, log, &ready));
        is_ready.recv_timeout(READY_WITHIN).with_context(|| {
            let log = fs::read_to_string(&path).unwrap_or_default();
            format!("no word of being ready:\n{log}")
        })
    }

    fn dismiss(&mut self) -> Result<()> {
        if let Some(mut node) = self.node.take() {
            node.kill().context("failed to end Kafka")?;
            node.wait().context("failed to wait for Kafka")?;
            fs::remove_file(self.dir.join("pid")).context("failed to forget Kafka's process id")?;
        }
        drop(self.guard.stdin.take());
        self.guard
            .wait()
            .context("failed to wait for the guard of Kafka")?;
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if self.guard.stdin.is_some()
            && let Err(error) = self.dismiss()
        {
            eprintln!("{error:#}");
        }
    }
}

/// Writes down all that a node says, and passes on the word that it is ready.
fn keep(said: ChildStderr, mut log: File, ready: &mpsc::Sender<()>) {
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        let told = line.contains(READY) && ready.send(()).is_err();
        if told || writeln!(log, "{line}").is_err() {
            // Nobody waits any more, or the directory is gone: so is the node, soon.
            return;
        }
    }
}

fn properties(dir: &Path, port: u16, controller: u16) -> String {
    format!(
        "{SETTINGS}
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={}/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
",
        dir.display()
    )
}

/// A call of one of Kafka's programs, in a process group of its own, so that no interrupt from the
/// terminal reaches it.
fn java(jars: &Jars, dir: &Path, how: &str, class: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", how, "sh", "java"])
        .args(JVM)
        .arg("-cp")
        .arg(jars.dir().join("*"))
        .arg(class)
        .current_dir(dir)
        .process_group(0);
    command
}

fn start_guard(dir: &Path) -> Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", GUARD, "sh"])
        .arg(dir)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("failed to start the guard of Kafka")
}

fn free_port() -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("failed to bind a port")
}

fn port_of(listener: &TcpListener) -> Result<u16> {
    let address = listener.local_addr().context("failed to read the port")?;
    Ok(address.port())
}
