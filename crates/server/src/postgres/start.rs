//! Brings up the server of a cluster that nobody runs.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::binaries::Binaries;
use super::pid_file::PidFile;
use super::server::Server;
use super::{Account, Error};

/// The longest path of a Unix socket that every system takes.
const SOCKET_PATH_MAX: usize = 103;
const LOG_BYTES_KEPT: u64 = 16 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(10);
const SAY_EVERY: Duration = Duration::from_secs(5);
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// What passes by itself: another program took the port, or the backends of a killed server are
/// not gone yet.
const PASSING: [&str; 2] = ["Address already in use", "is still in use"];

/// What a start needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) cluster: &'a Path,
    pub(super) socket_dir: &'a Path,
    pub(super) log: &'a Path,
    pub(super) binaries: &'a Binaries,
    pub(super) account: &'a Account,
    pub(super) patience: Duration,
}

impl Start<'_> {
    /// Starts the server and waits until it takes connections, recovery from a crash included.
    pub(super) async fn run(self, stop: &CancellationToken) -> Result<Server, Error> {
        let deadline = Instant::now() + self.patience;
        let mut port = last_port(self.cluster).filter(|port| free(*port));
        loop {
            let chosen = match port.take() {
                Some(port) => port,
                None => free_port().map_err(|source| Error::NoPort { source })?,
            };
            match self.attempt(chosen, deadline, stop).await {
                Err(Error::Ended { said, .. })
                    if PASSING.iter().any(|text| said.contains(text))
                        && Instant::now() < deadline =>
                {
                    warn!(said, "postgres did not start, trying again");
                    sleep(Duration::from_millis(200)).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(
        self,
        port: u16,
        deadline: Instant,
        stop: &CancellationToken,
    ) -> Result<Server, Error> {
        let (log, from) = open_log(self.log).map_err(Error::file("open", self.log))?;
        let program = self.binaries.program("postgres");
        let errors = log.try_clone().map_err(Error::file("open", self.log))?;
        let mut command = self.account.command(&program);
        command
            .arg("-D")
            .arg(self.cluster)
            .args(self.arguments(port));
        // A group of its own: ctrl-C is for us, who then end Postgres when its users are done.
        command
            .stdout(log)
            .stderr(errors)
            .stdin(Stdio::null())
            .process_group(0);
        let child = command.spawn().map_err(|source| Error::Run {
            program: program.clone(),
            source,
        })?;
        let mut server = Server::Started {
            child,
            cluster: self.cluster.to_owned(),
        };
        debug!(port, pid = server.pid(), "started postgres");
        let began = Instant::now();
        let mut say = began + SAY_EVERY;
        loop {
            tokio::select! {
                status = server.ended() => {
                    let said = tail(self.log, from);
                    return Err(Error::Ended { status, said });
                }
                () = stop.cancelled() => {
                    server.stop(STOP_PATIENCE).await;
                    return Err(Error::Stopped);
                }
                () = sleep(LOOK_EVERY) => {}
            }
            let file = PidFile::read(self.cluster)?;
            if file.is_some_and(|file| Some(file.pid) == server.pid() && file.ready) {
                info!(port, took = ?began.elapsed(), "postgres is ready");
                return Ok(server);
            }
            if Instant::now() >= deadline {
                server.stop(STOP_PATIENCE).await;
                let log = self.log.to_owned();
                return Err(Error::NotReady {
                    seconds: self.patience.as_secs(),
                    log,
                });
            }
            if Instant::now() >= say {
                info!(waited = ?began.elapsed(), "postgres is starting, perhaps recovering");
                say += SAY_EVERY;
            }
        }
    }

    /// Settings that hold whatever the cluster's own files say.
    fn arguments(self, port: u16) -> Vec<String> {
        let socket_dir = if socket_fits(self.socket_dir, port) {
            self.socket_dir.display().to_string()
        } else {
            String::new()
        };
        [
            ("listen_addresses", "127.0.0.1"),
            ("port", &port.to_string()),
            ("unix_socket_directories", &socket_dir),
            ("unix_socket_permissions", "0700"),
            // A write is answered when it is on disk: these are promises, not tuning.
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("password_encryption", "scram-sha-256"),
            ("cluster_name", "writ"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("log_destination", "stderr"),
            ("logging_collector", "off"),
            ("log_checkpoints", "off"),
            ("log_line_prefix", "%m [%p] "),
            ("jit", "off"),
            ("max_wal_size", "2GB"),
        ]
        .into_iter()
        .flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")])
        .collect()
    }
}

/// Whether a socket for `port` can be in `directory`, by length and by what its setting can quote.
fn socket_fits(directory: &Path, port: u16) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(byte);
    let socket = directory.join(format!(".s.PGSQL.{port}"));
    let path = socket.as_os_str().as_encoded_bytes();
    path.len() <= SOCKET_PATH_MAX && path.iter().all(plain)
}

/// The port of the last start, so that a known address stays true where it can.
fn last_port(cluster: &Path) -> Option<u16> {
    let options = std::fs::read_to_string(cluster.join("postmaster.opts")).ok()?;
    port_in(&options)
}

/// The port in a command line as Postgres writes it down, each argument in quotes.
fn port_in(options: &str) -> Option<u16> {
    options
        .split('"')
        .find_map(|argument| argument.strip_prefix("port=")?.parse().ok())
}

fn free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The log, for appending, and where this start begins in it.
fn open_log(path: &Path) -> std::io::Result<(File, u64)> {
    if std::fs::metadata(path).is_ok_and(|found| found.len() > LOG_BYTES_KEPT) {
        let mut old: PathBuf = path.to_owned();
        old.set_extension("log.1");
        std::fs::rename(path, old)?;
    }
    let log = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let from = log.metadata()?.len();
    Ok((log, from))
}

/// The last of what was logged since `from`.
fn tail(log: &Path, from: u64) -> String {
    const BYTES_MAX: u64 = 4096;
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let begin = from.max(file.metadata()?.len().saturating_sub(BYTES_MAX));
        file.seek(SeekFrom::Start(begin))?;
        let mut bytes = Vec::new();
        file.take(BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
        Err(error) => format!("its log {} cannot be read: {error}", log.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_needs_a_short_and_plain_directory() {
        let directory = |length: usize| PathBuf::from(format!("/{}", "d".repeat(length - 1)));
        // "/.s.PGSQL.54321" takes 15 bytes.
        assert!(socket_fits(&directory(SOCKET_PATH_MAX - 15), 54321));
        assert!(!socket_fits(&directory(SOCKET_PATH_MAX - 14), 54321));
        assert!(!socket_fits(Path::new("/tmp/a, b"), 54321));
    }

    #[test]
    fn the_last_port_is_read_from_the_last_command_line() {
        let options = "/usr/lib/postgresql/15/bin/postgres \"-D\" \"/var/lib/writ/postgres\" \
            \"-c\" \"listen_addresses=127.0.0.1\" \"-c\" \"port=54321\"\n";
        assert_eq!(port_in(options), Some(54321));
        assert_eq!(port_in("postgres"), None);
    }

    #[test]
    fn a_taken_port_is_not_free() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        assert!(!free(taken.local_addr().unwrap().port()));
    }

    #[test]
    fn the_tail_is_what_was_logged_since() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("postgres.log");
        std::fs::write(&path, "before\n").unwrap();
        let (mut log, from) = open_log(&path).unwrap();
        std::io::Write::write_all(&mut log, b"FATAL:  no\n").unwrap();
        assert_eq!(tail(&path, from), "FATAL:  no");
    }
}
