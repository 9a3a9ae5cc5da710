//! The seam between the process and the ledger: the one module that names the ledger's crates.
//!
//! Given a database and what callers are verified by, it migrates, starts the projector and gives
//! back the routes. The process around it (listener, supervisor, Postgres) knows none of that.

use core::fmt;
use std::sync::Arc;

use axum::Router;
use serde::Serialize;
use writ_domain::Clock;

use crate::config::Settings;
use crate::database::Database;
use crate::issuer::Issuer;
use crate::listener::{Readiness, Readying};
use crate::supervisor::Supervisor;

/// What the roles are made of.
#[derive(Debug)]
#[expect(dead_code, reason = "read once the crates of the ledger are wired")]
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) database: &'a Database,
    /// Signs and verifies in `up`.
    pub(crate) issuer: &'a Issuer,
    pub(crate) clock: Arc<dyn Clock>,
    /// Tasks of the ledger are spawned in `Stage::Work`.
    pub(crate) supervisor: &'a Supervisor,
}

/// What the process serves.
pub(crate) struct Roles {
    pub(crate) router: Router,
    pub(crate) readying: Readying,
}

/// Starts every role in this process.
pub(crate) async fn serve_roles(context: Context<'_>) -> anyhow::Result<Roles> {
    let router = context.issuer.clone().router();
    let readying: Readying = Arc::new(|| {
        Box::pin(async {
            Readiness {
                ready: true,
                ..Readiness::default()
            }
        })
    });
    Ok(Roles { router, readying })
}

/// Brings the schema up to this build's.
pub(crate) async fn migrate(_database: &Database) -> anyhow::Result<()> {
    anyhow::bail!("`migrate` is not wired yet")
}

/// What folding every entry again came to.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    /// Whether the views, folded again, have the digest of the live ones.
    pub(crate) equal: bool,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.equal {
            "The digests are equal."
        } else {
            "The digests differ."
        })
    }
}

/// Folds every entry again and compares.
pub(crate) async fn verify(_database: &Database) -> anyhow::Result<Verified> {
    anyhow::bail!("`verify` is not wired yet")
}
