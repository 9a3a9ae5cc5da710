//! Nest Auth's console: its routes, and what it needs to be in the ledger before anybody comes.
//!
//! Guards are a command, since the rules read them: the configuration appends it where the ledger
//! says otherwise. So is the first admin, where one is to be made.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use secrecy::{ExposeSecret as _, SecretString};
use writ_command::{Request, Service};
use writ_dialect_nestauth::{IdSource as _, LoginLimit, NestAuthState, Profile, hash};
use writ_domain::{Command, Outcome, Settings as Fields, TenantId};
use writ_http::body::Limits;
use writ_http::{Caller, Provenance};
use writ_store::Store;

use super::Context;
use super::adapters::Ids;
use super::ledger::Parts;
use crate::config::{NestauthFirstAdmin, OrOff, Profile as Answers, Switch};
use crate::supervisor::Stage;

/// How long to wait before the ledger is asked again for what it did not take.
const AGAIN: Duration = Duration::from_secs(2);

/// What the installation gives the console.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    /// What signs sessions and lets the first admin sign up.
    pub(crate) secret_key: SecretString,
    /// E-mail address and password of the admin to make, if there is none.
    pub(crate) first_admin: Option<(String, SecretString)>,
    /// Whether the cookie is for https alone.
    pub(crate) cookie_secure: bool,
}

/// The router with the console's API before it.
pub(super) fn merge(
    context: &Context<'_>,
    (parts, service): (&Parts, &Service),
    body_limits: Limits,
    router: Router,
) -> Router {
    let Some(console) = &context.console else {
        tracing::info!("no secret key: Nest Auth's console is not served");
        return router;
    };
    let settings = context.settings;
    let login_limit = match settings.nestauth_login_limit {
        OrOff::Off => None,
        OrOff::On(rate) => core::num::NonZeroU32::new(rate.count).map(|attempts| LoginLimit {
            attempts,
            per: rate.per,
        }),
    };
    let state = NestAuthState {
        commands: service.clone(),
        store: parts.store.clone(),
        tenant: settings.tenant.clone(),
        clock: Arc::clone(&context.clock),
        ids: Arc::new(Ids),
        body_limits,
        profile: match settings.nestauth_profile {
            Answers::Faithful => Profile::Faithful,
            Answers::Clean => Profile::Clean,
        },
        secret_key: console.secret_key.clone(),
        cookie_secure: console.cookie_secure,
        csrf: settings.nestauth_csrf == Switch::On,
        login_limit,
    };
    writ_dialect_nestauth::merge(router, state)
}

/// Puts into the ledger what the configuration says. A process that decides waits for it; another
/// one goes on asking.
pub(super) async fn prepare(
    context: &Context<'_>,
    parts: &Parts,
    service: Service,
) -> anyhow::Result<()> {
    let Some(console) = context.console.clone() else {
        return Ok(());
    };
    let wanted = Wanted {
        tenant: context.settings.tenant.clone(),
        guards: context
            .settings
            .nestauth_guards
            .0
            .iter()
            .map(|guard| guard.0.clone())
            .collect(),
        first_admin: console
            .first_admin
            .filter(|_| context.settings.nestauth_first_admin == NestauthFirstAdmin::Make),
        store: parts.store.clone(),
        service,
    };
    if context.alone {
        return wanted.ensure().await;
    }
    context
        .supervisor
        .spawn(Stage::Edge, "nestauth", |stop| async move {
            while let Err(error) = wanted.ensure().await {
                tracing::warn!(error = %format!("{error:#}"), "Nest Auth is not configured yet");
                if stop
                    .run_until_cancelled(tokio::time::sleep(AGAIN))
                    .await
                    .is_none()
                {
                    break;
                }
            }
            stop.cancelled().await;
            Ok(())
        });
    Ok(())
}

struct Wanted {
    tenant: TenantId,
    guards: Vec<String>,
    first_admin: Option<(String, SecretString)>,
    store: Store,
    service: Service,
}

impl Wanted {
    async fn ensure(&self) -> anyhow::Result<()> {
        if self.store.nest_guards(&self.tenant).await? != self.guards {
            let guards = self.guards.clone();
            self.submit(Command::ConfigureNestAuth { guards }).await?;
        }
        let Some((email, password)) = &self.first_admin else {
            return Ok(());
        };
        if self.store.nest_has_admin(&self.tenant).await? {
            return Ok(());
        }
        let (salt, password) = (Ids.random(), password.clone());
        let hashed = tokio::task::spawn_blocking(move || hash(password.expose_secret(), salt));
        let id = uuid::Builder::from_random_bytes(Ids.random().to_be_bytes()).into_uuid();
        self.submit(Command::CreateAdmin {
            id: id.to_string(),
            email: email.clone(),
            name: Some("Admin".to_owned()),
            password: hashed.await??,
            metadata: Fields::new(),
            first: true,
        })
        .await
    }

    async fn submit(&self, command: Command) -> anyhow::Result<()> {
        let kind = command.kind();
        let caller = Caller {
            tenant: self.tenant.clone(),
            subject: "writ".to_owned(),
            client_id: None,
            scopes: BTreeSet::new(),
            address: None,
            user_agent: None,
            auth0_client: None,
        };
        let provenance = Provenance {
            reason: Some("as configured at start".to_owned()),
            ..Provenance::default()
        };
        let request = Request {
            caller,
            provenance,
            fingerprint: [0; 32],
            command,
            expected: None,
        };
        let decided = self.service.submit(request).await;
        let decided = decided.with_context(|| format!("failed to submit {kind}"))?;
        match decided.entry.outcome {
            Outcome::Applied | Outcome::Unchanged => Ok(()),
            outcome @ (Outcome::Rejected(_)
            | Outcome::Denied(_)
            | Outcome::Expired
            | Outcome::Duplicate { .. }
            | Outcome::Invalid { .. }) => anyhow::bail!("{kind} was {outcome:?}"),
        }
    }
}
