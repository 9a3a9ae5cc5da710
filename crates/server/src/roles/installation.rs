//! What is to be in the ledger before anybody comes: what the rules read of the configuration, and
//! who may come first.
//!
//! **Correctness.** All of it is commands, each asked for only where the ledger says otherwise. So
//! a start after the first adds no entry; nor does a process that is not told to make anybody, and
//! is configured as the ledger is. What an earlier attempt came to is looked at before the next
//! one; where two processes ask at once, the second changes nothing.

use core::time::Duration;
use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use tracing::{debug, info, warn};
use writ_command::{Request, Service};
use writ_dialect_camunda::Passwords;
use writ_domain::{Command, Outcome, TenantId};
use writ_http::{Caller, Provenance};
use writ_store::Store;

use super::ledger::Parts;
use super::{Context, camunda, nestauth};
use crate::postgres::Error;
use crate::supervisor::Stage;

/// Under whose name the process itself asks.
const SUBJECT: &str = "writ";
/// How often a start asks that waits for the answer: the projector may have much to take up.
const ATTEMPTS: u32 = 6;
/// How long to wait before the ledger is asked again.
const AGAIN: Duration = Duration::from_secs(2);

/// Puts into the ledger what is to be there. A process that decides waits for it; another one goes
/// on asking while it serves.
pub(super) async fn prepare(
    context: &Context<'_>,
    parts: &Parts,
    service: Service,
    passwords: Passwords,
) -> anyhow::Result<()> {
    let settings = context.settings;
    let wanted = Wanted {
        camunda: camunda::Wanted::of(
            settings.camunda_revoke_mode,
            context.camunda_admin,
            passwords,
        ),
        nestauth: nestauth::Wanted::of(context),
        asker: Asker {
            tenant: settings.tenant.clone(),
            store: parts.store.clone(),
            service,
        },
    };
    if context.alone {
        let ending = context.supervisor.ending();
        let ensured = ending.run_until_cancelled(wanted.ensure_soon()).await;
        return ensured.ok_or(Error::Stopped)?;
    }
    context
        .supervisor
        .spawn(Stage::Edge, "installation", |stop| async move {
            stop.run_until_cancelled(wanted.ensure_some_time()).await;
            stop.cancelled().await;
            Ok(())
        });
    Ok(())
}

struct Wanted {
    camunda: camunda::Wanted,
    nestauth: Option<nestauth::Wanted>,
    asker: Asker,
}

impl Wanted {
    async fn ensure(&self) -> anyhow::Result<()> {
        let camunda = self.camunda.ensure(&self.asker).await;
        camunda.context("failed to prepare Camunda's realm")?;
        if let Some(nestauth) = &self.nestauth {
            let nestauth = nestauth.ensure(&self.asker).await;
            nestauth.context("failed to prepare Nest Auth's realm")?;
        }
        debug!("the ledger says what is configured");
        Ok(())
    }

    async fn ensure_soon(&self) -> anyhow::Result<()> {
        for _ in 1..ATTEMPTS {
            match self.ensure().await {
                Ok(()) => return Ok(()),
                Err(error) => again(&error).await,
            }
        }
        self.ensure().await
    }

    async fn ensure_some_time(&self) {
        while let Err(error) = self.ensure().await {
            again(&error).await;
        }
    }
}

async fn again(error: &anyhow::Error) {
    let error = format!("{error:#}");
    warn!(error, "the ledger has not taken yet what is configured");
    tokio::time::sleep(AGAIN).await;
}

/// Asks the ledger in the name of the process itself.
pub(super) struct Asker {
    pub(super) tenant: TenantId,
    pub(super) store: Store,
    service: Service,
}

impl Asker {
    /// Submits a command whose outcome must be that what it asks for is so.
    pub(super) async fn submit(&self, command: Command) -> anyhow::Result<()> {
        let kind = command.kind();
        let request = Request {
            caller: Caller {
                tenant: self.tenant.clone(),
                subject: SUBJECT.to_owned(),
                client_id: None,
                scopes: BTreeSet::new(),
                address: None,
                user_agent: None,
                auth0_client: None,
            },
            provenance: Provenance {
                reason: Some("as configured at the start".to_owned()),
                ..Provenance::default()
            },
            fingerprint: [0; 32],
            command,
            expected: None,
        };
        let decided = self.service.submit(request).await;
        let decided = decided.with_context(|| format!("failed to submit {kind}"))?;
        match decided.entry.outcome {
            Outcome::Applied | Outcome::Unchanged => {
                info!(position = %decided.entry.position, "{kind} was decided");
                Ok(())
            }
            outcome @ (Outcome::Rejected(_)
            | Outcome::Denied(_)
            | Outcome::Expired
            | Outcome::Duplicate { .. }
            | Outcome::Invalid { .. }) => bail!("{kind} was {outcome:?}"),
        }
    }
}
