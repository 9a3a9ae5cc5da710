//! Who may ask for tokens: the first client, and those that were made since.

use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{error, info};

use super::ALL_SCOPES;
use crate::credentials::{Credentials, Drawer, digest, same_digest};

/// The clients in the file of credentials, followed as it changes.
#[derive(Debug)]
pub(super) struct Clients {
    drawer: Drawer,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    version: Option<Version>,
    credentials: Arc<Credentials>,
}

/// Tells one content of the file from the next: it is replaced, never written into.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    inode: u64,
    changed_s: i64,
    changed_ns: i64,
    length: u64,
}

/// A client that proved itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) scope: Vec<String>,
}

impl Clients {
    pub(super) fn new(credentials: Credentials, drawer: Drawer) -> Self {
        // Without a version the file is read again at the first question.
        let seen = Seen {
            version: None,
            credentials: Arc::new(credentials),
        };
        Self {
            drawer,
            seen: Mutex::new(seen),
        }
    }

    /// The client, if there is one and the secret is its own. Reads a file: may block.
    pub(super) fn prove(&self, id: &str, secret: &str) -> Option<Known> {
        let credentials = self.current();
        let given = digest(secret);
        if id == credentials.client_id {
            let scope = ALL_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
            let own = digest(credentials.client_secret.expose());
            return same_digest(&given, &own).then_some(Known { scope });
        }
        let client = credentials.clients.get(id)?;
        same_digest(&given, &client.secret_sha256).then(|| Known {
            scope: client.scope.clone(),
        })
    }

    fn current(&self) -> Arc<Credentials> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.version();
        if version.is_none() || version != seen.version {
            match self.drawer.read() {
                Ok(credentials) => {
                    if seen.version.is_some() {
                        info!(
                            clients = credentials.clients.len(),
                            "credentials have changed"
                        );
                    }
                    *seen = Seen {
                        version,
                        credentials: Arc::new(credentials),
                    };
                }
                // Those that we know stay good: a broken file must not lock everybody out.
                Err(error) => error!(error = %error, "failed to read credentials again"),
            }
        }
        Arc::clone(&seen.credentials)
    }

    fn version(&self) -> Option<Version> {
        let found = std::fs::metadata(self.drawer.path()).ok()?;
        Some(Version {
            inode: found.ino(),
            changed_s: found.mtime(),
            changed_ns: found.mtime_nsec(),
            length: found.len(),
        })
    }
}
