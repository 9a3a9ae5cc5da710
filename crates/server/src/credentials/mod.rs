//! The credentials of one installation: made at its first start, kept in its data directory.
//!
//! One JSON file, `credentials.json`, mode 0600, replaced as a whole. It holds what must be given
//! out again at every start in clear; of clients made later it keeps only a digest of their secret.
//!
//! **Correctness**: whoever changes the file holds `credentials.lock` from before it is read until
//! it is replaced, so `writ client create` beside a running `writ up` loses nothing. Readers need
//! no lock: they see one whole file or the next.

mod file;
mod secret;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub(crate) use file::{Client, Credentials, SigningKey};
pub(crate) use secret::{Secret, digest, same_digest};

use crate::data_dir::{DataDir, replace_file};
use crate::ids::NoRandomness;

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there are no credentials in {directory}: start `writ up` first", directory = directory.display())]
    Missing { directory: PathBuf },
    #[error(
        "{file} is gone, but the cluster beside it needs the password in it: put it back",
        file = file.display()
    )]
    Lost { file: PathBuf },
    #[error("failed to {doing} {path}", path = path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{path} is not a file of credentials", path = path.display())]
    Malformed {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{path} was written by a newer writ (version {version})", path = path.display())]
    Newer { path: PathBuf, version: u32 },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("failed to make a signing key")]
    NoKey,
}

/// Where the credentials of one installation are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawer {
    path: PathBuf,
}

impl Drawer {
    pub(crate) fn of(data_dir: &DataDir) -> Self {
        Self {
            path: data_dir.path().join("credentials.json"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The credentials, which must be there.
    pub(crate) fn read(&self) -> Result<Credentials, Error> {
        self.look()?.ok_or_else(|| Error::Missing {
            directory: self.directory(),
        })
    }

    /// The credentials, made if this is the first start.
    pub(crate) fn read_or_make(&self) -> Result<Credentials, Error> {
        let _lock = self.lock()?;
        if let Some(found) = self.look()? {
            return Ok(found);
        }
        // New ones would not open what is kept there.
        if self.directory().join("postgres").exists() {
            return Err(Error::Lost {
                file: self.path.clone(),
            });
        }
        let made = Credentials::make()?;
        self.write(&made)?;
        Ok(made)
    }

    /// Adds a client beside the others.
    pub(crate) fn add_client(&self, id: String, client: Client) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut credentials = self.read()?;
        credentials.clients.insert(id, client);
        self.write(&credentials)
    }

    fn directory(&self) -> PathBuf {
        self.path.parent().unwrap_or(&self.path).to_owned()
    }

    fn look(&self) -> Result<Option<Credentials>, Error> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(Error::File {
                    doing: "read",
                    path: self.path.clone(),
                    source,
                });
            }
        };
        Credentials::parse(&text, &self.path).map(Some)
    }

    fn write(&self, credentials: &Credentials) -> Result<(), Error> {
        let path = || self.path.clone();
        let text = serde_json::to_vec_pretty(credentials).map_err(|source| Error::Malformed {
            path: path(),
            source,
        })?;
        replace_file(&self.path, &text, 0o600).map_err(|source| Error::File {
            doing: "write",
            path: path(),
            source,
        })
    }

    fn lock(&self) -> Result<File, Error> {
        let path = self.path.with_extension("lock");
        let failed = |source| Error::File {
            doing: "lock",
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        // Held for the time of one small write.
        file.lock().map_err(failed)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests;
