//! A Postgres of a test's own, which it may kill.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_postgres::NoTls;

use crate::database::Database;
use crate::environment;
use crate::ports;
use crate::wait::until;

/// How long a start may take, recovery from a crash included.
const START: Duration = Duration::from_mins(1);

/// One server, run by the same programs and user as the test cluster. Dropped, it is killed.
#[derive(Debug)]
pub struct Postgres {
    // Dropped in this order.
    process: Option<Child>,
    programs: PathBuf,
    owner: (u32, u32),
    port: u16,
    dir: TempDir,
}

impl Postgres {
    /// Makes and starts one, with `fsync` on.
    pub async fn start() -> Self {
        let (programs, owner) = of_test_cluster().await;
        let dir = tempfile::Builder::new()
            .prefix("writ-postgres-")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary directory");
        chown(dir.path(), Some(owner.0), Some(owner.1)).expect("a directory of its owner");
        let mut postgres = Self {
            process: None,
            programs,
            owner,
            port: ports::free(),
            dir,
        };
        let mut initdb = postgres.command("initdb");
        initdb.arg("-D").arg(postgres.data());
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]);
        let made = initdb.stdout(Stdio::null()).status().await;
        assert!(made.expect("initdb runs").success(), "initdb failed");
        postgres.restart().await;
        postgres
    }

    /// A database of it, as others know it. It is not migrated.
    pub fn database(&self) -> Database {
        Database::at(self.url("postgres"))
    }

    /// Ends it as a crash would, with everything that serves a connection.
    pub async fn kill9(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        let id = process.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw).expect("it runs");
        let children = children_of(id);
        for pid in [id].into_iter().chain(children) {
            // One that has ended by itself is as good.
            let _gone = kill_process(pid, Signal::KILL);
        }
        process.wait().await.expect("an exit status");
    }

    /// Starts it, again if it was started before, and waits until it takes connections.
    pub async fn restart(&mut self) {
        self.kill9().await;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data());
        command.args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
        ] {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .expect("a log");
        self.process = Some(command.stderr(log).spawn().expect("postgres starts"));
        let url = self.url("postgres");
        until("Postgres takes connections", START, async || {
            tokio_postgres::connect(&url, NoTls).await.ok().map(drop)
        })
        .await;
    }

    /// Copies everything it holds to another directory. It must not run.
    pub async fn save(&self, name: &str) {
        self.copy(&self.data(), &self.dir.path().join(name)).await;
    }

    /// Puts back what was saved. It must not run.
    pub async fn put_back(&self, name: &str) {
        std::fs::remove_dir_all(self.data()).expect("its data is removed");
        self.copy(&self.dir.path().join(name), &self.data()).await;
    }

    async fn copy(&self, from: &Path, to: &Path) {
        assert!(self.process.is_none(), "it runs");
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(from).arg(to);
        assert!(copy.status().await.expect("cp runs").success());
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(self.dir.path())
            .uid(self.owner.0)
            .gid(self.owner.1)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

/// The directory of the programs that run the test cluster, and the user who does.
async fn of_test_cluster() -> (PathBuf, (u32, u32)) {
    let client = Database::at(environment::database_url()).connect().await;
    let row = client.query_one("SHOW data_directory", &[]).await;
    let data: String = row.expect("a superuser may").get(0);
    let data = PathBuf::from(data);
    let pid = std::fs::read_to_string(data.join("postmaster.pid")).expect("it runs");
    let pid = pid.lines().next().expect("a process id").to_owned();
    let program = std::fs::read_link(format!("/proc/{pid}/exe")).expect("its program");
    let owner = std::fs::metadata(&data).expect("its data");
    let programs = program.parent().expect("a directory").to_owned();
    (programs, (owner.uid(), owner.gid()))
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero();
    let children = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(children).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
        .collect()
}
