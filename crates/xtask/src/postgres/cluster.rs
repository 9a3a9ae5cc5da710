//! The life of a cluster: initdb, start, stop.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;

use super::{Binaries, TEMPLATE};
use crate::run;

const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = '256MB'
max_wal_size = '4GB'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
";

/// Run by the guard: waits for the end of its input, which is the end of this process.
const GUARD: &str = r#"
cat >/dev/null
"$1/pg_ctl" stop --silent --pgdata "$2/data" --mode immediate
rm -rf "$2"
"#;

/// A running cluster with an empty template database.
#[derive(Debug)]
pub(crate) struct Cluster {
    dir: PathBuf,
    port: u16,
    guard: Child,
}

impl Cluster {
    pub(crate) fn start(binaries: &Binaries) -> Result<Self> {
        Self::start_with(binaries, "")
    }

    /// Starts with more settings; each wins over ours of the same name.
    pub(crate) fn start_with(binaries: &Binaries, settings: &str) -> Result<Self> {
        let owner = Owner::choose()?;
        let dir = make_dir(owner.as_ref())?;
        // From here on the guard cleans up.
        let guard = start_guard(binaries, &dir, owner.as_ref())?;
        let mut cluster = Self {
            dir,
            port: 0,
            guard,
        };
        cluster.init(binaries, owner.as_ref(), settings)?;
        cluster.launch(binaries, owner.as_ref())?;
        Ok(cluster)
    }

    /// The URL of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stops the cluster and removes its directory.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.dismiss()
    }

    fn init(&self, binaries: &Binaries, owner: Option<&Owner>, settings: &str) -> Result<()> {
        let data = self.dir.join("data");
        let mut initdb = self.program(binaries, "initdb", owner);
        initdb
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
            ])
            .args(["--no-sync", "--no-instructions", "--pgdata"])
            .arg(&data);
        run::quietly(&mut initdb)?;
        fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))
            .and_then(|mut file| file.write_all([SETTINGS, settings].concat().as_bytes()))
            .context("failed to configure the cluster")?;
        self.create_template(binaries, owner)
    }

    /// Single-user mode needs neither a client program nor a driver.
    fn create_template(&self, binaries: &Binaries, owner: Option<&Owner>) -> Result<()> {
        let mut single = self
            .program(binaries, "postgres", owner)
            .args(["--single", "-D"])
            .arg(self.dir.join("data"))
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("failed to start postgres --single")?;
        single
            .stdin
            .take()
            .context("postgres --single has no input")?
            .write_all(format!("CREATE DATABASE {TEMPLATE}\n").as_bytes())
            .context("failed to speak to postgres --single")?;
        let output = single
            .wait_with_output()
            .context("failed to wait for postgres --single")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success() && !said.contains("ERROR"),
            "failed to make the template database: {said}"
        );
        Ok(())
    }

    fn launch(&mut self, binaries: &Binaries, owner: Option<&Owner>) -> Result<()> {
        // Somebody may take the free port before the postmaster does.
        let mut last = None;
        for _ in 0..5 {
            let port = free_port()?;
            let mut start = self.program(binaries, "pg_ctl", owner);
            start
                .args(["start", "--silent", "--wait", "--timeout=60", "--pgdata"])
                .arg(self.dir.join("data"))
                .arg("--log")
                .arg(self.dir.join("log"))
                .args(["--options", &format!("-p {port}")]);
            match run::quietly(&mut start) {
                Ok(()) => {
                    self.port = port;
                    return Ok(());
                }
                Err(error) => last = Some(error),
            }
        }
        let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
        match last {
            Some(error) => Err(error.context(format!("the cluster does not start:\n{log}"))),
            None => bail!("the cluster was never started"),
        }
    }

    fn program(&self, binaries: &Binaries, name: &str, owner: Option<&Owner>) -> Command {
        command(&binaries.dir().join(name), &self.dir, owner)
    }

    fn dismiss(&mut self) -> Result<()> {
        let pipe: Option<ChildStdin> = self.guard.stdin.take();
        drop(pipe);
        self.guard
            .wait()
            .context("failed to wait for the guard of the cluster")?;
        if self.dir.exists() {
            // The guard may not remove it from a directory that its user can't write to.
            fs::remove_dir_all(&self.dir)
                .with_context(|| format!("failed to remove {}", self.dir.display()))?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.guard.stdin.is_some()
            && let Err(error) = self.dismiss()
        {
            eprintln!("{error:#}");
        }
    }
}

/// The user that Postgres runs as when we are root, whom it refuses.
#[derive(Debug)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    fn choose() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let found = ["postgres", "nobody"].into_iter().find_map(|name| {
            Some(Self {
                uid: id_of(name, "-u")?,
                gid: id_of(name, "-g")?,
            })
        });
        found
            .map(Some)
            .context("Postgres refuses root, and there is no user postgres or nobody")
    }
}

fn id_of(user: &str, flag: &str) -> Option<u32> {
    let output = Command::new("id").args([flag, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// A program in a process group of its own, so that no interrupt from the terminal reaches it.
fn command(program: &Path, dir: &Path, owner: Option<&Owner>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).process_group(0);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PG")) {
            command.env_remove(name);
        }
    }
    if let Some(owner) = owner {
        // Supplementary groups are dropped by the standard library when it sets the user.
        command.uid(owner.uid).gid(owner.gid);
    }
    command
}

fn start_guard(binaries: &Binaries, dir: &Path, owner: Option<&Owner>) -> Result<Child> {
    command(Path::new("/bin/sh"), dir, owner)
        .args(["-c", GUARD, "sh"])
        .arg(binaries.dir())
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("failed to start the guard of the cluster")
}

fn make_dir(owner: Option<&Owner>) -> Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("writ-postgres-{}", std::process::id()));
    if dir.exists() {
        // Of an earlier process with our id, which therefore is no more.
        fs::remove_dir_all(&dir).with_context(|| format!("failed to remove {}", dir.display()))?;
    }
    fs::create_dir(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("failed to open {}", dir.display()))?;
    if let Some(owner) = owner {
        chown(&dir, Some(owner.uid), Some(owner.gid))
            .with_context(|| format!("failed to hand over {}", dir.display()))?;
    }
    Ok(dir)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("failed to bind a port")?;
    Ok(listener
        .local_addr()
        .context("failed to read the port")?
        .port())
}
