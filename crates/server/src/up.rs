//! `writ up`: the whole installation in one process.
//!
//! In order: the data directory and its lock, the address, the credentials, Postgres, the roles,
//! the listener, the ready line. What can be refused without effect is refused first.

use std::sync::Arc;

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use tracing::info;
use writ_domain::Clock;
use writ_http::Verifier;
use writ_http::caller::{Audience, TenantRule, Trust};

use crate::clock::SystemClock;
use crate::config::{Role, Settings};
use crate::credentials::{Credentials, Drawer, Secret};
use crate::data_dir::{DataDir, Lock};
use crate::database::{self, Database};
use crate::issuer::{self, ALL_SCOPES, Grant, Issuer, Signer};
use crate::listener;
use crate::postgres::{Account, Cluster, Error};
use crate::ready::{Camunda, Nestauth, Ready};
use crate::roles::{self, CamundaAdmin, Console, Context, serve_roles};
use crate::supervisor::{Stage, Supervisor};
use crate::{output, telemetry};

/// Runs until asked to stop, or until something that it needs is gone.
pub(crate) async fn run(settings: &Settings, json: bool) -> anyhow::Result<()> {
    let supervisor = Supervisor::default();
    supervisor.heed_signals()?;
    // Held until everything has ended.
    let mut lock = None;
    match start(settings, json, &supervisor, &mut lock).await {
        Ok(()) => {}
        // That was asked for: nothing failed.
        Err(error) if matches!(error.downcast_ref(), Some(Error::Stopped)) => {}
        Err(error) => supervisor.fail(error),
    }
    let outcome = supervisor.run(settings.shutdown_timeout_ms.0).await;
    drop(lock);
    outcome
}

async fn start(
    settings: &Settings,
    json: bool,
    supervisor: &Supervisor,
    lock: &mut Option<Lock>,
) -> anyhow::Result<()> {
    let account = match settings.database_url {
        Some(_) => Account::Own,
        None => Account::choose().await?,
    };
    let data_dir = DataDir::create(settings.data_dir()?, account != Account::Own)?;
    *lock = Some(data_dir.lock()?);
    let socket = listener::bind(&settings.listen.0).await?;
    let url = listener::url(socket.local_addr().context("the listener has no address")?);
    let drawer = Drawer::of(&data_dir);
    let credentials = drawer.read_or_make()?;
    let database = database(settings, &data_dir, &credentials, &account, supervisor).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let issuer = Issuer::try_new(credentials.clone(), drawer, Arc::clone(&clock), &url)?;
    let metrics = telemetry::count()?;
    roles::migrate(&database).await?;
    let context = Context {
        settings,
        database: &database,
        verifier: Arc::new(local_verifier(settings, &issuer, Arc::clone(&clock))?),
        clock: Arc::clone(&clock),
        supervisor,
        makes_topics: true,
        alone: true,
        // The lock on the data directory keeps this name from being borne twice.
        owner: format!("up {}", credentials.client_id),
        camunda_admin: Some(CamundaAdmin {
            user: &credentials.camunda.user,
            password: &credentials.camunda.password,
        }),
        console: Some(console(settings, &credentials)),
    };
    let mut served = serve_roles(context, &[Role::Command, Role::Projector, Role::Query]).await?;
    served.router = served.router.merge(issuer.router());
    listener::start(settings, socket, (served, metrics), supervisor);
    let ready = ready(settings, &credentials, &database, &data_dir, url, clock)?;
    info!(url = ready.url, "ready");
    let text = if json { ready.line()? } else { ready.page() };
    output::result(&text).context("failed to say on standard output that this is ready")
}

async fn database(
    settings: &Settings,
    data_dir: &DataDir,
    credentials: &Credentials,
    account: &Account,
    supervisor: &Supervisor,
) -> anyhow::Result<Database> {
    if let Some(url) = &settings.database_url {
        return database::external(url, supervisor.ending()).await;
    }
    let (database, cluster) = database::private(
        settings,
        data_dir,
        credentials,
        account,
        supervisor.ending(),
    )
    .await?;
    supervisor.spawn(Stage::Ground, "postgres", |stop| keep(cluster, stop));
    Ok(database)
}

/// Watches the cluster, and ends it when its turn has come.
async fn keep(mut cluster: Cluster, stop: CancellationToken) -> anyhow::Result<()> {
    if let Some(how) = stop.run_until_cancelled(cluster.ended()).await {
        anyhow::bail!("it ended by itself ({how})");
    }
    cluster.stop(database::STOP_PATIENCE).await;
    Ok(())
}

/// Nest Auth's console, over plain http: what is in front may add TLS.
fn console(settings: &Settings, credentials: &Credentials) -> Console {
    let kept = &credentials.nestauth;
    let key = settings.nestauth_secret_key.as_ref();
    Console {
        secret_key: key.map_or_else(
            || SecretString::from(kept.secret_key.expose()),
            |key| key.0.clone(),
        ),
        first_admin: Some((
            kept.email.clone(),
            SecretString::from(kept.password.expose()),
        )),
        cookie_secure: false,
    }
}

/// Trusts the tokens of the issuer in this process, whatever Management API they are for.
fn local_verifier(
    settings: &Settings,
    issuer: &Issuer,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Verifier> {
    let trust = Trust {
        issuer: issuer::ISSUER.to_owned(),
        audience: Audience::Suffix("/api/v2/".to_owned()),
        tenant: TenantRule::Fixed(settings.tenant.clone()),
    };
    Ok(Verifier::try_new(
        clock,
        trust,
        &serde_json::to_vec(issuer.jwks())?,
    )?)
}

fn ready(
    settings: &Settings,
    credentials: &Credentials,
    database: &Database,
    data_dir: &DataDir,
    url: String,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Ready> {
    let signer = Signer::try_new(&credentials.signing_key, clock)?;
    let token = signer.sign(&Grant {
        client_id: &credentials.client_id,
        audience: issuer::AUDIENCE,
        scope: &ALL_SCOPES.join(" "),
        lifetime_s: issuer::LIFETIME_S,
    })?;
    let key = settings.nestauth_secret_key.as_ref();
    let key = key.map(|key| Secret::new(key.0.expose_secret().to_owned()));
    Ok(Ready {
        url,
        database_url: Secret::new(database.url.expose_secret().to_owned()),
        client_id: credentials.client_id.clone(),
        client_secret: credentials.client_secret.clone(),
        audience: issuer::AUDIENCE.to_owned(),
        token: Secret::new(token),
        camunda: Camunda::of(credentials),
        nestauth: Nestauth::of(credentials, key),
        data_dir: data_dir.path().to_owned(),
    })
}
