//! The directory that holds everything one installation must not lose.
//!
//! ```text
//! <data dir>/            0700; 0711 as root, so that Postgres' user can pass through
//!   lock                 held by the process that runs `up`
//!   credentials.json     0600
//!   postgres/            the cluster, owned by the user that runs it
//!   postgres.log
//!   run/                 its Unix socket
//! ```

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to prepare the data directory {path}", path = path.display())]
    Prepare { path: PathBuf, source: io::Error },
    #[error("there is no data directory at {path}: start `writ up` first", path = path.display())]
    Missing { path: PathBuf },
    #[error("another writ{holder} is running on {path}", path = path.display())]
    Taken { path: PathBuf, holder: String },
}

/// A data directory, by its absolute path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataDir {
    path: PathBuf,
}

/// Held while a process runs the installation; released when the process ends, however it does.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl DataDir {
    /// Makes the directory if it is not there. `passable`: others may pass through, not look.
    pub(crate) fn create(path: &Path, passable: bool) -> Result<Self, Error> {
        let failed = |source| Error::Prepare {
            path: path.to_owned(),
            source,
        };
        let path = std::path::absolute(path).map_err(failed)?;
        // Parents that are made on the way are ordinary directories.
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            Ok(()) | Err(_) => {}
        }
        if passable {
            let mut mode = std::fs::metadata(&path).map_err(failed)?.permissions();
            mode.set_mode(mode.mode() | 0o011);
            std::fs::set_permissions(&path, mode).map_err(failed)?;
        }
        Self::open(&path)
    }

    /// The directory, which must be there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        match std::fs::canonicalize(path) {
            Ok(path) => Ok(Self { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Missing {
                path: path.to_owned(),
            }),
            Err(source) => Err(Error::Prepare {
                path: path.to_owned(),
                source,
            }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes this process the only one that runs the installation.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        let failed = |source| Error::Prepare {
            path: self.path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path.join("lock"))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder =
                    holder(&mut file).map_or_else(String::new, |pid| format!(" (pid {pid})"));
                return Err(Error::Taken {
                    path: self.path.clone(),
                    holder,
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The number is for the message above only; the lock is what counts.
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Lock { _file: file })
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Replaces `path` so that a reader sees the old content or the new, and a crash keeps one of them.
pub(crate) fn replace_file(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut name = path
        .file_name()
        .ok_or(io::ErrorKind::InvalidInput)?
        .to_owned();
    name.push(".new");
    let new = parent.join(name);
    // Made anew, so that the mode of a file left by a crash does not stay.
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    sync_directory(parent)
}

/// Makes names in `directory` survive a crash.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_by_name_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::create(&dir.path().join("a/b"), false).unwrap();
        let first = data.lock().unwrap();
        let refused = data.lock().unwrap_err().to_string();
        let pid = std::process::id();
        assert_eq!(
            refused,
            format!(
                "another writ (pid {pid}) is running on {}",
                data.path().display()
            )
        );
        drop(first);
        data.lock().unwrap();
    }

    #[test]
    fn a_new_directory_is_for_its_owner_and_passable_only_if_asked() {
        let dir = tempfile::tempdir().unwrap();
        for (name, passable, mode) in [("private", false, 0o700), ("passable", true, 0o711)] {
            let data = DataDir::create(&dir.path().join(name), passable).unwrap();
            let found = std::fs::metadata(data.path()).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode);
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let missing = Path::new("/nowhere/writ");
        assert!(
            DataDir::open(missing)
                .unwrap_err()
                .to_string()
                .contains("/nowhere/writ")
        );
    }

    #[test]
    fn a_replaced_file_has_its_mode_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        // What a crash in the middle left.
        std::fs::write(dir.path().join("secret.new"), "half").unwrap();
        replace_file(&path, b"one", 0o600).unwrap();
        replace_file(&path, b"two", 0o600).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
