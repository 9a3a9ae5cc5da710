//! What Camunda's realm needs at the start: its settings and its first user, both by command.

use anyhow::bail;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use writ_dialect_camunda::{IdSource as _, Passwords};
use writ_domain::{Command, RevokeMode};

use super::CamundaAdmin;
use super::adapters::Ids;
use super::installation::Asker;
use crate::config::CamundaRevokeMode;
use crate::credentials::Secret;

/// Compares passwords: on half the cores at a time, so that others are served meanwhile.
pub(super) fn passwords() -> anyhow::Result<Passwords> {
    let mut secret = [0; 32];
    if SystemRandom::new().fill(&mut secret).is_err() {
        bail!("the system gives no randomness");
    }
    let cores = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    Ok(Passwords::new(cores.div_ceil(2), secret))
}

/// What the ledger is to say of the realm.
#[derive(Debug)]
pub(super) struct Wanted {
    revoke_mode: RevokeMode,
    /// The first user, if this process makes it, and its password.
    admin: Option<(String, Secret)>,
    passwords: Passwords,
}

impl Wanted {
    pub(super) fn of(
        revoke_mode: CamundaRevokeMode,
        admin: Option<CamundaAdmin<'_>>,
        passwords: Passwords,
    ) -> Self {
        Self {
            revoke_mode: match revoke_mode {
                CamundaRevokeMode::Auto => RevokeMode::Auto,
                CamundaRevokeMode::Never => RevokeMode::Never,
                CamundaRevokeMode::Always => RevokeMode::Always,
            },
            admin: admin.map(|CamundaAdmin { user, password }| (user.to_owned(), password.clone())),
            passwords,
        }
    }

    /// Sets what is set otherwise, and makes the first user where it is not there.
    pub(super) async fn ensure(&self, asker: &Asker) -> anyhow::Result<()> {
        let (store, tenant) = (&asker.store, &asker.tenant);
        let revoke_mode = self.revoke_mode;
        if store.camunda_revoke_mode(tenant).await? != revoke_mode {
            asker
                .submit(Command::ConfigureCamunda { revoke_mode })
                .await?;
        }
        let Some((user, password)) = &self.admin else {
            return Ok(());
        };
        if store.camunda_login(tenant, user).await?.is_some() {
            return Ok(());
        }
        let password_hash = self.passwords.hash(password.expose(), Ids.random()).await?;
        let user = user.clone();
        let command = Command::InstallCamundaAdmin {
            user,
            password_hash,
        };
        asker.submit(command).await
    }
}
