//! Every route of the process but health and the issuer's.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use writ_command::{Options, RoutesState, Service};
use writ_dialect_auth0::{Auth0State, RateProfile};
use writ_dialect_camunda::{CamundaState, Passwords, Profile};
use writ_http::Problem;
use writ_http::body::Limits;
use writ_query::{Asker, Hub, HubOptions};
use writ_store::ledger::Rehearsal;

use super::Context;
use super::adapters::Ids;
use super::ledger::Parts;
use super::nestauth;
use crate::config::{self, Auth0RateLimit, OrOff, Role};
use crate::documents;
use crate::supervisor::Stage;

/// Takes commands, for every dialect and the native routes.
pub(super) fn service(context: &Context<'_>, parts: &Parts) -> Service {
    writ_command::describe();
    let rehearsal = Rehearsal::new(context.database.config.clone());
    let parts = writ_command::Parts {
        log: Arc::clone(&parts.logs.commands),
        buckets: parts.buckets.clone(),
        store: parts.store.clone(),
        heads: parts.heads.clone(),
        clock: Arc::clone(&context.clock),
        ids: Arc::new(Ids),
        rehearsal: Arc::new(rehearsal),
    };
    let deadline = context.settings.command_timeout_ms.0;
    Service::new(
        parts,
        Options {
            deadline,
            listen: !context.alone,
            ..Options::default()
        },
    )
}

/// Runs the service's own task. It ends with the edge: what it still records needs the projector.
pub(super) fn follow(context: &Context<'_>, service: Service) {
    context
        .supervisor
        .spawn(Stage::Edge, "commands", |stop| async move {
            service.run(stop).await;
            Ok(())
        });
}

/// The routes of these roles.
pub(super) fn router(
    context: &Context<'_>,
    parts: &Parts,
    service: &Service,
    passwords: &Passwords,
    roles: &[Role],
) -> anyhow::Result<Router> {
    let max_bytes = usize::try_from(context.settings.body_limit_bytes.0)?;
    let body_limits = Limits {
        max_bytes,
        ..Limits::default()
    };
    let mut router = documents::router();
    if roles.contains(&Role::Command) {
        let state = RoutesState {
            service: service.clone(),
            verifier: Arc::clone(&context.verifier),
            body_limits,
        };
        router = router.merge(writ_command::router(state));
        router = router.merge(auth0(context, parts, service, body_limits));
        let camunda = camunda(context, parts, service, (passwords, body_limits));
        router = router.merge(camunda);
    }
    if roles.contains(&Role::Query) {
        router = router.merge(writ_query::router(query(context, parts, body_limits)));
    }
    let router = router
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found);
    if roles.contains(&Role::Command) {
        return Ok(nestauth::merge(
            context,
            (parts, service),
            body_limits,
            router,
        ));
    }
    Ok(router)
}

/// What the reads need; streams hear of what is committed until the edge ends.
fn query(context: &Context<'_>, parts: &Parts, body_limits: Limits) -> writ_query::QueryState {
    let hub = Hub::new(
        parts.store.clone(),
        parts.heads.clone(),
        HubOptions::default(),
    );
    let reading = hub.clone();
    context
        .supervisor
        .spawn(Stage::Edge, "streams", |stop| async move {
            reading.run(stop).await;
            Ok(())
        });
    writ_query::QueryState {
        hub,
        asker: Asker::new(parts.store.clone()),
        store: parts.store.clone(),
        heads: parts.heads.clone(),
        verifier: Arc::clone(&context.verifier),
        patience: writ_query::Patience::default(),
        body_limits,
    }
}

fn auth0(context: &Context<'_>, parts: &Parts, service: &Service, body_limits: Limits) -> Router {
    let rate = match context.settings.auth0_rate_limit {
        OrOff::Off => None,
        OrOff::On(Auth0RateLimit::Enterprise) => Some(RateProfile::Enterprise),
        OrOff::On(Auth0RateLimit::NonProduction) => Some(RateProfile::NonProduction),
        OrOff::On(Auth0RateLimit::Free) => Some(RateProfile::Free),
    };
    writ_dialect_auth0::router(Auth0State {
        commands: Arc::new(service.clone()),
        store: parts.store.clone(),
        verifier: Arc::clone(&context.verifier),
        ids: Arc::new(Ids),
        clock: Arc::clone(&context.clock),
        body_limits,
        rate,
    })
}

fn camunda(
    context: &Context<'_>,
    parts: &Parts,
    service: &Service,
    (passwords, body_limits): (&Passwords, Limits),
) -> Router {
    let profile = match context.settings.camunda_profile {
        config::Profile::Faithful => Profile::Faithful,
        config::Profile::Clean => Profile::Clean,
    };
    writ_dialect_camunda::router(CamundaState {
        commands: Arc::new(service.clone()),
        store: parts.store.clone(),
        tenant: context.settings.tenant.clone(),
        ids: Arc::new(Ids),
        passwords: passwords.clone(),
        body_limits,
        profile,
    })
}

async fn not_found() -> Response {
    Problem::not_found().into_response()
}

async fn wrong_method() -> Response {
    Problem::method_not_allowed().into_response()
}
