//! What Camunda's realm needs at the start: its settings and its first user, both by command.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use tracing::{info, warn};
use writ_command::{Request, Service};
use writ_dialect_camunda::{IdSource as _, Passwords};
use writ_domain::{Command, Outcome, RevokeMode};
use writ_http::{Caller, Provenance};

use super::adapters::Ids;
use super::ledger::Parts;
use super::{CamundaAdmin, Context};
use crate::config::CamundaRevokeMode;

/// Under whose name the process itself asks.
const SUBJECT: &str = "writ";

/// Compares passwords: on half the cores at a time, so that others are served meanwhile.
pub(super) fn passwords() -> anyhow::Result<Passwords> {
    let mut secret = [0; 32];
    if SystemRandom::new().fill(&mut secret).is_err() {
        bail!("the system gives no randomness");
    }
    let cores = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    Ok(Passwords::new(cores.div_ceil(2), secret))
}

/// Sets what is set otherwise, and makes the first user where there is none.
pub(super) async fn prepare(
    context: &Context<'_>,
    parts: &Parts,
    service: &Service,
    passwords: &Passwords,
) -> anyhow::Result<()> {
    let tenant = &context.settings.tenant;
    let wanted = match context.settings.camunda_revoke_mode {
        CamundaRevokeMode::Auto => RevokeMode::Auto,
        CamundaRevokeMode::Never => RevokeMode::Never,
        CamundaRevokeMode::Always => RevokeMode::Always,
    };
    if parts.store.camunda_revoke_mode(tenant).await? != wanted {
        let command = Command::ConfigureCamunda {
            revoke_mode: wanted,
        };
        submit(context, service, command)
            .await
            .context("failed to set Camunda's revoke mode")?;
        info!(mode = wanted.as_str(), "Camunda's revoke mode was set");
    }
    let Some(CamundaAdmin { user, password }) = context.camunda_admin else {
        return Ok(());
    };
    if parts.store.camunda_login(tenant, user).await?.is_none() {
        let password_hash = passwords.hash(password.expose(), Ids.random()).await?;
        let user = user.to_owned();
        let command = Command::InstallCamundaAdmin {
            user,
            password_hash,
        };
        submit(context, service, command)
            .await
            .context("failed to make Camunda's admin")?;
    }
    Ok(())
}

/// How often a start asks: the projector may still be taking up its partitions.
const ATTEMPTS: u32 = 6;

async fn submit(context: &Context<'_>, service: &Service, command: Command) -> anyhow::Result<()> {
    let mut attempt = 1;
    loop {
        let request = Request {
            caller: Caller {
                tenant: context.settings.tenant.clone(),
                subject: SUBJECT.to_owned(),
                client_id: None,
                scopes: BTreeSet::new(),
                address: None,
                user_agent: None,
                auth0_client: None,
            },
            provenance: Provenance {
                reason: Some("set at the start of the process".to_owned()),
                ..Provenance::default()
            },
            fingerprint: [0; 32],
            command: command.clone(),
            expected: None,
        };
        match service.submit(request).await {
            Ok(decided) => match decided.entry.outcome {
                Outcome::Applied | Outcome::Unchanged => return Ok(()),
                Outcome::Expired if attempt < ATTEMPTS => {}
                other @ (Outcome::Rejected(_)
                | Outcome::Denied(_)
                | Outcome::Expired
                | Outcome::Duplicate { .. }
                | Outcome::Invalid { .. }) => bail!("the ledger answered {other:?}"),
            },
            Err(error) if attempt < ATTEMPTS => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    attempt, "a command of the start was not decided"
                );
            }
            Err(error) => return Err(error.into()),
        }
        attempt += 1;
    }
}
