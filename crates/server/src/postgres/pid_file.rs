//! `postmaster.pid`: who runs a cluster, and whether that is still true.
//!
//! ```text
//! 1 pid   2 data directory   3 start time   4 port   5 socket directory   6 address
//! 7 shared memory   8 status: starting, ready, stopping
//! ```
//! Lines are added while Postgres starts, so all but the first may be missing.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, test_kill_process};

use super::Error;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(super) pid: i32,
    pub(super) port: Option<u16>,
    /// Nothing if it listens on no Unix socket.
    pub(super) socket_dir: Option<PathBuf>,
    pub(super) ready: bool,
}

/// Who runs a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Occupant {
    /// Nobody. There may be a stale file, which Postgres sees to.
    Nobody,
    /// A Postgres, on this very cluster.
    Postgres(PidFile),
    /// The file names a process that is none of this cluster's, or a dead one that lingers.
    Stranger(i32),
}

impl PidFile {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A standalone backend writes its number negative.
        let pid = lines.next()?.trim().parse::<i32>().ok()?.checked_abs()?;
        let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
        let socket_dir = lines.next().map(str::trim).filter(|dir| !dir.is_empty());
        let socket_dir = socket_dir.map(PathBuf::from);
        let ready = lines.nth(2).is_some_and(|line| line.trim() == "ready");
        Some(Self {
            pid,
            port,
            socket_dir,
            ready,
        })
    }

    /// Nothing if there is no file, or one that is being written.
    pub(super) fn read(cluster: &Path) -> Result<Option<Self>, Error> {
        let path = path(cluster);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::File {
                doing: "read",
                path,
                source,
            }),
        }
    }
}

pub(super) fn path(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

/// Looks who runs `cluster`, which MUST be its canonical path.
pub(super) fn occupant(cluster: &Path) -> Result<Occupant, Error> {
    let Some(file) = PidFile::read(cluster)? else {
        return Ok(Occupant::Nobody);
    };
    if !lives(file.pid) {
        return Ok(Occupant::Nobody);
    }
    // Numbers are given again: after a restart of the machine, or at once in a container.
    Ok(match works_in(file.pid, cluster) {
        Some(true) | None => Occupant::Postgres(file),
        Some(false) => Occupant::Stranger(file.pid),
    })
}

/// Whether there is a process of this number that we may speak of.
pub(super) fn lives(pid: i32) -> bool {
    let Some(pid) = Pid::from_raw(pid) else {
        return false;
    };
    match test_kill_process(pid) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    }
}

/// Whether the process is a Postgres in `directory`. Nothing where the system does not tell.
fn works_in(pid: i32, directory: &Path) -> Option<bool> {
    if !Path::new("/proc/self/cwd").exists() {
        return None;
    }
    // What we may not look at is another user's, or dead and not yet asked for by its parent.
    let there = std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == directory);
    let name = || std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Some(there && name().trim_end() == "postgres")
}

/// Whether any Postgres at all works in `directory`, as every process of a cluster does.
pub(super) fn anybody_in(directory: &Path) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return true;
    };
    processes
        .filter_map(Result::ok)
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .any(|pid: i32| works_in(pid, directory) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/var/lib/writ/postgres\n1790000000\n54321\n/var/lib/writ/run\n\
        127.0.0.1\n   123456     32768\nready   \n";

    #[test]
    fn a_whole_file_says_everything() {
        let expected = PidFile {
            pid: 4711,
            port: Some(54321),
            socket_dir: Some("/var/lib/writ/run".into()),
            ready: true,
        };
        assert_eq!(PidFile::parse(READY), Some(expected));
    }

    #[test]
    fn a_file_that_is_being_written_says_what_it_has() {
        let pid = PidFile {
            pid: 4711,
            port: None,
            socket_dir: None,
            ready: false,
        };
        assert_eq!(
            PidFile::parse("4711\n/var/lib/writ/postgres\n1790000000\n"),
            Some(pid)
        );
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("nonsense\n"), None);
    }

    #[test]
    fn without_a_socket_the_line_is_empty() {
        let file = PidFile::parse(&READY.replace("/var/lib/writ/run", "")).unwrap();
        assert_eq!(file.socket_dir, None);
        assert_eq!(file.port, Some(54321));
        assert!(file.ready);
    }

    #[test]
    fn while_it_starts_or_stops_it_is_not_ready() {
        for status in ["starting", "stopping"] {
            assert!(
                !PidFile::parse(&READY.replace("ready   ", status))
                    .unwrap()
                    .ready
            );
        }
    }

    #[test]
    fn nobody_runs_a_cluster_whose_file_is_missing_or_names_the_dead() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(occupant(dir.path()).unwrap(), Occupant::Nobody);
        // No system gives a number this high.
        std::fs::write(path(dir.path()), format!("{}\n", i32::MAX)).unwrap();
        assert_eq!(occupant(dir.path()).unwrap(), Occupant::Nobody);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_number_given_again_to_somebody_else_is_a_stranger() {
        let dir = tempfile::tempdir().unwrap();
        let directory = std::fs::canonicalize(dir.path()).unwrap();
        let ours = i32::try_from(std::process::id()).unwrap();
        std::fs::write(path(&directory), format!("{ours}\n")).unwrap();
        assert_eq!(occupant(&directory).unwrap(), Occupant::Stranger(ours));
        assert!(!anybody_in(&directory));
    }
}
