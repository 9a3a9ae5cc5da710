//! HTTP Basic, as the engine reads it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use writ_http::Caller;
use writ_store::reads::CamundaViewer;

use crate::failure::Failure;
use crate::state::CamundaState;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Somebody whose password was right, with the groups of this moment.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) caller: Caller,
    pub(crate) viewer: CamundaViewer,
}

/// Who asks. Anything but the right password of a user that is there is one failure.
pub(crate) async fn login(
    state: &CamundaState,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<Session, Failure> {
    let (user, password) = credentials(headers).ok_or_else(Failure::unauthenticated)?;
    let login = if user.contains('\0') {
        None
    } else {
        state.store.camunda_login(&state.tenant, &user).await?
    };
    let hash = login.as_ref().and_then(|login| login.hash.as_deref());
    if !state.passwords.verify(&user, &password, hash).await {
        return Err(Failure::unauthenticated());
    }
    let groups = login.map(|login| login.groups).unwrap_or_default();
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    Ok(Session {
        caller: Caller {
            tenant: state.tenant.clone(),
            subject: user.clone(),
            client_id: None,
            scopes: BTreeSet::new(),
            address,
            user_agent: user_agent.map(|agent| agent.chars().take(256).collect()),
            auth0_client: None,
        },
        viewer: CamundaViewer { user, groups },
    })
}

/// User and password. The scheme is read as it is spelt in capital B, as the engine does; of what
/// follows, both alphabets of base64 are read, padding does not matter, and other characters are
/// passed over.
fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let encoded = header.strip_prefix("Basic ")?;
    let digits = encoded.chars().take_while(|c| *c != '=');
    let digits = digits.filter_map(|c| match c {
        '-' => Some('+'),
        '_' => Some('/'),
        c => (c.is_ascii_alphanumeric() || c == '+' || c == '/').then_some(c),
    });
    let decoded = LENIENT.decode(digits.collect::<String>()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
