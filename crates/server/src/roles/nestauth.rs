//! Nest Auth's console: its routes, and what it needs to be in the ledger before anybody comes.
//!
//! Guards are a command, since the rules read them: the configuration appends it where the ledger
//! says otherwise. So is the first admin, where one is to be made.

use std::sync::Arc;

use axum::Router;
use secrecy::{ExposeSecret as _, SecretString};
use writ_command::Service;
use writ_dialect_nestauth::{IdSource as _, LoginLimit, NestAuthState, Profile, hash};
use writ_domain::{Command, Settings as Fields};
use writ_http::body::Limits;

use super::Context;
use super::adapters::Ids;
use super::installation::Asker;
use super::ledger::Parts;
use crate::config::{NestauthFirstAdmin, OrOff, Profile as Answers, Switch};

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

/// What the ledger is to say of the realm.
#[derive(Debug)]
pub(super) struct Wanted {
    guards: Vec<String>,
    /// E-mail address and password of the admin to make, if there is none.
    first_admin: Option<(String, SecretString)>,
}

impl Wanted {
    /// Nothing where no console is served.
    pub(super) fn of(context: &Context<'_>) -> Option<Self> {
        let settings = context.settings;
        let first_admin = context.console.as_ref()?.first_admin.clone();
        let guards = settings.nestauth_guards.0.iter();
        Some(Self {
            guards: guards.map(|guard| guard.0.clone()).collect(),
            first_admin: first_admin
                .filter(|_| settings.nestauth_first_admin == NestauthFirstAdmin::Make),
        })
    }

    /// Configures the guards where they are others, and makes the first admin where there is none.
    pub(super) async fn ensure(&self, asker: &Asker) -> anyhow::Result<()> {
        let (store, tenant) = (&asker.store, &asker.tenant);
        if store.nest_guards(tenant).await? != self.guards {
            let guards = self.guards.clone();
            asker.submit(Command::ConfigureNestAuth { guards }).await?;
        }
        let Some((email, password)) = &self.first_admin else {
            return Ok(());
        };
        if store.nest_has_admin(tenant).await? {
            return Ok(());
        }
        let (salt, password) = (Ids.random(), password.clone());
        let hashed = tokio::task::spawn_blocking(move || hash(password.expose_secret(), salt));
        let id = uuid::Builder::from_random_bytes(Ids.random().to_be_bytes()).into_uuid();
        let command = Command::CreateAdmin {
            id: id.to_string(),
            email: email.clone(),
            name: Some("Admin".to_owned()),
            password: hashed.await??,
            metadata: Fields::new(),
            first: true,
        };
        asker.submit(command).await
    }
}
