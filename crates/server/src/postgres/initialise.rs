//! Makes a cluster.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use tracing::info;

use super::binaries::Binaries;
use super::cluster::USER;
use super::{Account, Error};
use crate::data_dir::{replace_file, sync_directory};
use crate::ids::secret_text;

const REMOVE_PATIENCE: Duration = Duration::from_secs(10);
const REMOVE_EVERY: Duration = Duration::from_millis(50);

/// The release that the cluster in `directory` is of. Nothing if none was made yet.
pub(super) fn release(directory: &Path) -> Result<Option<u32>, Error> {
    let file = directory.join("PG_VERSION");
    let not_ours = || Error::NotACluster {
        directory: directory.to_owned(),
    };
    match std::fs::read_to_string(&file) {
        Ok(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_not_a_number| not_ours()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // A cluster appears in its place whole: a directory without a release is another thing.
            if directory.exists() {
                Err(not_ours())
            } else {
                Ok(None)
            }
        }
        Err(source) => Err(Error::File {
            doing: "read",
            path: file,
            source,
        }),
    }
}

/// Makes a cluster in `directory`, whose parent is there.
///
/// It is made beside its place and renamed, so that being killed on the way leaves nothing that
/// looks like a cluster; what an earlier attempt left is removed first.
///
/// SUBTLE: each attempt has a place of its own. The `initdb` of a killed `writ` goes on for a
/// while, and would write into the cluster of the next attempt if that had the same name.
pub(super) async fn initialise(
    directory: &Path,
    binaries: &Binaries,
    account: &Account,
    password: &SecretString,
) -> Result<(), Error> {
    let bench = beside(directory, &secret_text(12)?);
    let (new, password_file) = (bench.join("data"), bench.join("password"));
    tidy(directory).await?;
    info!(directory = %directory.display(), major = binaries.major, "making a postgres cluster");
    for made in [&bench, &new] {
        DirBuilder::new()
            .mode(0o700)
            .create(made)
            .map_err(Error::file("make", made))?;
        account.own(made)?;
    }
    replace_file(&password_file, password.expose_secret().as_bytes(), 0o600)
        .map_err(Error::file("write", &password_file))?;
    account.own(&password_file)?;
    let program = binaries.program("initdb");
    let mut initdb = account.command(&program);
    initdb
        .arg("--pgdata")
        .arg(&new)
        .arg("--pwfile")
        .arg(&password_file)
        .arg("--username")
        .arg(USER);
    initdb.args([
        "--locale=C",
        "--encoding=UTF8",
        "--auth=scram-sha-256",
        "--data-checksums",
    ]);
    let ran = initdb
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| Error::Run {
            program: program.clone(),
            source,
        })?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        return Err(Error::Initialise {
            status: ran.status.to_string(),
            said,
        });
    }
    std::fs::rename(&new, directory).map_err(Error::file("move into place", &new))?;
    tidy(directory).await?;
    let parent = directory.parent().unwrap_or(directory);
    sync_directory(parent).map_err(Error::file("sync", parent))
}

/// Removes what attempts left beside the cluster.
pub(super) async fn tidy(directory: &Path) -> Result<(), Error> {
    let parent = directory.parent().unwrap_or(directory);
    let prefix = beside(directory, "");
    for entry in std::fs::read_dir(parent).map_err(Error::file("look into", parent))? {
        let path = entry.map_err(Error::file("look into", parent))?.path();
        if path
            .as_os_str()
            .as_encoded_bytes()
            .starts_with(prefix.as_os_str().as_encoded_bytes())
        {
            remove(&path).await?;
        }
    }
    Ok(())
}

/// Removes a place of work, in which a killed attempt may still be at it.
async fn remove(bench: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + REMOVE_PATIENCE;
    loop {
        match std::fs::remove_dir_all(bench) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(source) if Instant::now() >= deadline => {
                return Err(Error::File {
                    doing: "remove",
                    path: bench.to_owned(),
                    source,
                });
            }
            Err(_) => sleep(REMOVE_EVERY).await,
            Ok(()) => return Ok(()),
        }
    }
}

/// `<directory>.new-<attempt>`.
fn beside(directory: &Path, attempt: &str) -> PathBuf {
    directory.with_extension(format!("new-{attempt}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_of_a_cluster_is_in_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let cluster = dir.path().join("postgres");
        assert_eq!(release(&cluster).unwrap(), None);
        std::fs::create_dir(&cluster).unwrap();
        assert!(matches!(release(&cluster), Err(Error::NotACluster { .. })));
        std::fs::write(cluster.join("PG_VERSION"), "15\n").unwrap();
        assert_eq!(release(&cluster).unwrap(), Some(15));
    }

    #[tokio::test]
    async fn what_a_killed_attempt_left_is_removed_and_the_cluster_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let cluster = dir.path().join("postgres");
        for made in ["postgres", "postgres.new-a/data/base", "postgres.new-b"] {
            std::fs::create_dir_all(dir.path().join(made)).unwrap();
        }
        std::fs::write(dir.path().join("postgres.new-b/password"), "x").unwrap();
        tidy(&cluster).await.unwrap();
        tidy(&cluster).await.unwrap();
        let left: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(left, ["postgres"]);
    }
}
