//! Processes: watched, signalled, and never left behind.

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// How a process ended, and what it still printed to standard output before that.
#[derive(Debug)]
pub struct Exit {
    pub status: ExitStatus,
    pub stdout: String,
}

/// A running program. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    errors: PathBuf,
}

impl Process {
    /// Starts a program whose standard error goes to the end of a file.
    pub(crate) fn start(command: &mut Command, errors: &Path) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(errors)
            .unwrap_or_else(|error| panic!("{}: {error}", errors.display()));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Self {
            child,
            stdout,
            errors: errors.to_owned(),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("the process was not waited for")
    }

    /// The next line of standard output.
    pub(crate) async fn line(&mut self, limit: Duration) -> String {
        let mut line = String::new();
        match timeout(limit, self.stdout.read_line(&mut line)).await {
            Ok(Ok(length)) if length > 0 => line,
            Ok(Ok(_)) => panic!("it ended without a word"),
            Ok(Err(error)) => panic!("{error}"),
            Err(elapsed) => panic!("it said nothing within {limit:?}: {elapsed}"),
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process id");
        kill_process(pid, signal).expect("the process is ours");
    }

    /// Waits for the end.
    pub(crate) async fn wait(&mut self, limit: Duration) -> Exit {
        let mut stdout = String::new();
        let end = async {
            // Whoever inherited the pipe may hold it open longer than the process lives.
            let status = self.child.wait().await.expect("an exit status");
            let rest = self.stdout.read_to_string(&mut stdout);
            match timeout(Duration::from_secs(1), rest).await {
                Ok(read) => drop(read.expect("UTF-8")),
                Err(_) => stdout.push_str("(held open by a child)"),
            }
            status
        };
        match timeout(limit, end).await {
            Ok(status) => Exit { status, stdout },
            Err(elapsed) => panic!("it did not end within {limit:?}: {elapsed}"),
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_some()
    }

    /// The end of what it wrote to standard error.
    pub(crate) fn errors(&self) -> String {
        const LINES: usize = 60;
        let all = std::fs::read_to_string(&self.errors).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        let last = lines
            .get(lines.len().saturating_sub(LINES)..)
            .unwrap_or_default();
        let mut text = String::from("--- standard error of writ, its end ---\n");
        for line in last {
            writeln!(text, "{line}").expect("a string takes everything");
        }
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.errors());
        }
    }
}

/// The postmasters that have their data in a directory below `dir`.
pub(crate) fn postgres_below(dir: &Path) -> Vec<Pid> {
    let pid_in = |file: PathBuf| {
        let text = std::fs::read_to_string(file).ok()?;
        Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
    };
    postmaster_files(dir, 4)
        .into_iter()
        .filter_map(pid_in)
        .collect()
}

/// Kills whatever Postgres has its data in a directory below `dir`, as a crash would.
pub(crate) fn kill_postgres_below(dir: &Path) -> usize {
    let killed = |pid: &Pid| kill_process(*pid, Signal::KILL).is_ok();
    postgres_below(dir).iter().filter(|pid| killed(pid)).count()
}

fn postmaster_files(dir: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path
            .file_name()
            .is_some_and(|name| name == "postmaster.pid")
        {
            found.push(path);
        } else if depth > 0 && path.is_dir() {
            found.extend(postmaster_files(&path, depth - 1));
        }
    }
    found
}
