//! The seam between the process and the ledger: the one module that names the ledger's crates.
//!
//! Given a migrated database and what callers are verified by, it starts the projector and gives
//! back the routes. The process around it (listener, supervisor, Postgres) knows none of that.

mod adapters;
mod camunda;
mod documented;
mod installation;
mod ledger;
mod logs;
mod moves;
mod nestauth;
mod reading;
mod replayed;
mod routes;
mod verified;

use std::sync::Arc;

use axum::Router;
use writ_domain::Clock;
use writ_http::Verifier;

use crate::config::{Role, Settings};
use crate::credentials::Secret;
use crate::database::Database;
use crate::listener::Readying;
use crate::supervisor::Supervisor;

pub(crate) use documented::{document, json_schemas};
pub(crate) use ledger::migrate;
pub(crate) use moves::{CopyTo, copy_log, create_topics, rebuild, rebuild_views, restore_topics};
pub(crate) use nestauth::Console;
pub(crate) use reading::{GrantsWords, HistoryWords, Point, QuestionWords, Reading, replay};
pub(crate) use replayed::replay_into;
pub(crate) use verified::verify;

/// What the roles are made of.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) database: &'a Database,
    /// Verifies callers.
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Tasks of the ledger are spawned in `Stage::Work`.
    pub(crate) supervisor: &'a Supervisor,
    /// Whether topics that are not there are made: by who runs the whole installation.
    pub(crate) makes_topics: bool,
    /// Whether no other process decides: then nobody need listen for its commits.
    pub(crate) alone: bool,
    /// The name under which partitions are owned: no other living process has it. One that comes
    /// back after a crash takes up its partitions at once, without waiting for a lease to end.
    pub(crate) owner: String,
    /// Camunda's first user, where this process makes it.
    pub(crate) camunda_admin: Option<CamundaAdmin<'a>>,
    /// Nest Auth's console, if it is served.
    pub(crate) console: Option<Console>,
}

/// Camunda's first user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CamundaAdmin<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: &'a Secret,
}

/// What the process serves.
pub(crate) struct Roles {
    pub(crate) router: Router,
    pub(crate) readying: Readying,
}

/// Starts the roles that this process has.
pub(crate) async fn serve_roles(context: Context<'_>, roles: &[Role]) -> anyhow::Result<Roles> {
    let parts = ledger::open(&context).await?;
    let service = routes::service(&context, &parts);
    if roles.contains(&Role::Projector) {
        ledger::project(&context, &parts, service.clone());
    }
    let passwords = camunda::passwords()?;
    let router = routes::router(&context, &parts, &service, &passwords, roles)?;
    let takes_commands = roles.contains(&Role::Command).then(|| service.clone());
    routes::follow(&context, service.clone());
    if roles.contains(&Role::Command) {
        installation::prepare(&context, &parts, service, passwords).await?;
    }
    Ok(Roles {
        router,
        readying: ledger::readying(&parts, takes_commands),
    })
}
