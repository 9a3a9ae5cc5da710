//! `writ serve`: some roles, with a database and an issuer that others run.

use std::sync::Arc;

use anyhow::Context as _;
use tracing::info;
use writ_domain::Clock;
use writ_http::Verifier;
use writ_http::caller::{Audience, TenantRule, Trust};

use crate::clock::SystemClock;
use crate::config::Settings;
use crate::database;
use crate::ids;
use crate::listener;
use crate::postgres::Error;
use crate::roles::{Console, Context, serve_roles};
use crate::supervisor::Supervisor;
use crate::telemetry;

/// Runs until asked to stop, or until something that it needs is gone.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let supervisor = Supervisor::default();
    supervisor.heed_signals()?;
    match start(settings, &supervisor).await {
        Ok(()) => {}
        // That was asked for: nothing failed.
        Err(error) if matches!(error.downcast_ref(), Some(Error::Stopped)) => {}
        Err(error) => supervisor.fail(error),
    }
    supervisor.run(settings.shutdown_timeout_ms.0).await
}

async fn start(settings: &Settings, supervisor: &Supervisor) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let verifier = Arc::new(verifier(settings, Arc::clone(&clock))?);
    let socket = listener::bind(&settings.listen.0).await?;
    let url = listener::url(socket.local_addr().context("the listener has no address")?);
    let database_url = settings
        .database_url
        .as_ref()
        .context("`serve` needs `database_url`")?;
    let database = database::external(database_url, supervisor.ending()).await?;
    let metrics = telemetry::count()?;
    let context = Context {
        settings,
        database: &database,
        verifier,
        clock,
        supervisor,
        makes_topics: false,
        alone: false,
        owner: format!("serve {} {}", std::process::id(), ids::uuid_v7()),
        camunda_admin: None,
        console: settings.nestauth_secret_key.as_ref().map(|key| Console {
            secret_key: key.0.clone(),
            // Nobody would learn its password: the first one signs up with the key.
            first_admin: None,
            cookie_secure: true,
        }),
    };
    let roles = serve_roles(context, &settings.roles.0).await?;
    listener::start(settings, socket, (roles, metrics), supervisor);
    info!(url, "ready");
    Ok(())
}

/// Trusts one issuer, by the keys in a file, for one audience.
fn verifier(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Verifier> {
    let file = settings
        .jwks_file
        .as_ref()
        .context("`serve` needs `jwks_file`")?;
    let keys = std::fs::read(file)
        .with_context(|| format!("failed to read the keys in {}", file.display()))?;
    let trust = Trust {
        issuer: settings.issuer.clone().context("`serve` needs `issuer`")?,
        audience: Audience::Exact(settings.audience.iter().cloned().collect()),
        tenant: TenantRule::Fixed(settings.tenant.clone()),
    };
    Ok(Verifier::try_new(clock, trust, &keys)?)
}
