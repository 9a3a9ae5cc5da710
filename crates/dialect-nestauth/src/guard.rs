//! Who calls: an admin, by the cookie alone.
//!
//! **Correctness.** The order is the product's: no cookie 401, forged request 403, session 401.
//! Whoever has a session that holds and is refused for a forged request is refused on record.

use axum::http::Method;
use writ_command::Refused;
use writ_domain::{Denial, NounRef};
use writ_http::{Caller, Provenance};
use writ_store::reads::NestAdmin;

use crate::failure::Failure;
use crate::request::Ask;
use crate::router::Shared;
use crate::state::{CSRF_COOKIE, SESSION_COOKIE};
use crate::write::failed;

const CSRF_HEADER: &str = "x-csrf-token";

/// What a request is, for the record of a refusal.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) target: Option<NounRef>,
}

/// The admin that calls.
pub(crate) async fn admin(
    shared: &Shared,
    ask: &Ask,
    operation: Option<Operation>,
) -> Result<NestAdmin, Failure> {
    let Some(token) = ask.cookie(SESSION_COOKIE) else {
        return Err(Failure::unauthorized("Admin authentication required"));
    };
    let forged = shared.state.csrf && is_forged(ask);
    let holder = holder(shared, &token).await;
    if !forged {
        return holder;
    }
    let refused = Failure::forged();
    // Who has no session has not said who is refused.
    let (Ok(admin), Some(operation)) = (holder, operation) else {
        return Err(refused);
    };
    let (caller, provenance, _) = ask.asked_by(shared, admin.email, Some(admin.id))?;
    Err(on_record(shared, (caller, provenance), operation, refused).await)
}

async fn on_record(
    shared: &Shared,
    who: (Caller, Provenance),
    operation: Operation,
    refused: Failure,
) -> Failure {
    let recorded = shared
        .state
        .commands
        .record_denial(who, operation.name, operation.target, Denial::CsrfToken)
        .await;
    match recorded {
        Ok(Refused::Recorded(decided)) => refused.at(decided.revision),
        Ok(Refused::Counted) => refused,
        Err(error) => failed(&error),
    }
}

/// The admin whose session this is.
async fn holder(shared: &Shared, token: &str) -> Result<NestAdmin, Failure> {
    let Some(claims) = shared.sessions.claims(token, shared.state.clock.now()) else {
        return Err(Failure::unauthorized("Invalid admin session"));
    };
    let found = shared
        .state
        .store
        .nest_admin(&shared.state.tenant, &claims.subject)
        .await?;
    let Some(admin) = found else {
        return Err(Failure::unauthorized("Admin account not found"));
    };
    if claims.version != Some(admin.token_version) {
        return Err(Failure::unauthorized("Admin session has been revoked"));
    }
    Ok(admin)
}

/// A bare double submit: any equal pair that is not empty passes.
fn is_forged(ask: &Ask) -> bool {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(&ask.method) {
        return false;
    }
    let (cookie, header) = (ask.last_cookie(CSRF_COOKIE), ask.header(CSRF_HEADER));
    match (cookie, header) {
        (Some(cookie), Some(header)) => cookie.is_empty() || cookie != header,
        _ => true,
    }
}
