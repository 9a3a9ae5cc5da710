//! The claims of a token whose signature verified: what each must hold, in the order of asking.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use writ_domain::TenantId;

use super::AuthError;
use super::verifier::{TenantRule, Trust};

/// Longest subject, client or scope; the ledger keeps none longer.
const NAME_BYTES_MAX: usize = 1_024;

/// What a token says, once it is believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) tenant: TenantId,
    pub(super) subject: String,
    pub(super) client_id: Option<String>,
    pub(super) scopes: BTreeSet<String>,
    pub(super) times: Times,
}

/// When a token holds, in whole seconds since 1970, rounded to the narrower side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// The first second in which it holds no longer.
    pub(super) expires_at: i64,
    /// The first second in which it holds.
    pub(super) valid_from: Option<i64>,
}

impl Times {
    fn of(claims: &Map<String, Value>) -> Result<Self, AuthError> {
        let expires_at = claims.get("exp").ok_or(AuthError::Invalid)?;
        Ok(Self {
            expires_at: seconds(expires_at, f64::floor)?,
            valid_from: given(claims, "nbf")
                .map(|nbf| seconds(nbf, f64::ceil))
                .transpose()?,
        })
    }

    /// Whether the token holds now, without leeway: at `exp` it does not any more.
    pub(super) fn check(self, now: DateTime<Utc>) -> Result<(), AuthError> {
        let now = now.timestamp();
        if self.valid_from.is_some_and(|valid_from| now < valid_from) {
            return Err(AuthError::NotYetValid);
        }
        if now >= self.expires_at {
            Err(AuthError::Expired)
        } else {
            Ok(())
        }
    }
}

/// Reads the payload of a token whose signature verified.
pub(super) fn check(
    trust: &Trust,
    payload: &[u8],
    now: DateTime<Utc>,
) -> Result<Verified, AuthError> {
    let claims: Map<String, Value> =
        serde_json::from_slice(payload).map_err(|_source| AuthError::Invalid)?;
    let times = Times::of(&claims)?;
    times.check(now)?;
    audience(trust, &claims)?;
    if claims.get("iss").and_then(Value::as_str) != Some(trust.issuer.as_str()) {
        return Err(AuthError::BadIssuer);
    }
    Ok(Verified {
        tenant: tenant(&trust.tenant, &claims)?,
        subject: name(claims.get("sub").ok_or(AuthError::Invalid)?)?,
        // Auth0 says `azp`, RFC 9068 `client_id`.
        client_id: given(&claims, "azp")
            .or_else(|| given(&claims, "client_id"))
            .map(name)
            .transpose()?,
        scopes: scopes(&claims)?,
        times,
    })
}

fn audience(trust: &Trust, claims: &Map<String, Value>) -> Result<(), AuthError> {
    let named: Vec<&str> = match claims.get("aud") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several
            .iter()
            .map(|audience| audience.as_str().ok_or(AuthError::Invalid))
            .collect::<Result<_, _>>()?,
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            return Err(AuthError::Invalid);
        }
    };
    if named.iter().any(|audience| trust.audience.takes(audience)) {
        return Ok(());
    }
    Err(AuthError::BadAudience(named.join(",")))
}

fn tenant(rule: &TenantRule, claims: &Map<String, Value>) -> Result<TenantId, AuthError> {
    match rule {
        TenantRule::Fixed(tenant) => Ok(tenant.clone()),
        TenantRule::Claim(claim) => claims
            .get(claim)
            .and_then(Value::as_str)
            .and_then(|named| TenantId::try_new(named).ok())
            .ok_or(AuthError::NoTenant),
    }
}

/// `scope`: one text with spaces (RFC 8693 §4.2), or the list that some issuers write instead.
fn scopes(claims: &Map<String, Value>) -> Result<BTreeSet<String>, AuthError> {
    let Some(scope) = given(claims, "scope") else {
        return Ok(BTreeSet::new());
    };
    if let Some(text) = scope.as_str() {
        return text
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .map(sound)
            .collect();
    }
    scope
        .as_array()
        .ok_or(AuthError::Invalid)?
        .iter()
        .map(name)
        .collect()
}

fn name(value: &Value) -> Result<String, AuthError> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or(AuthError::Invalid)
        .and_then(sound)
}

/// A name that the ledger can keep.
fn sound(text: &str) -> Result<String, AuthError> {
    if text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(AuthError::Invalid);
    }
    Ok(text.to_owned())
}

/// The claim, if there is one; `null` is none.
fn given<'a>(claims: &'a Map<String, Value>, claim: &str) -> Option<&'a Value> {
    claims.get(claim).filter(|value| !value.is_null())
}

/// A `NumericDate` (RFC 7519 §2), which may have a fraction.
fn seconds(value: &Value, round: fn(f64) -> f64) -> Result<i64, AuthError> {
    if let Some(whole) = value.as_i64() {
        return Ok(whole);
    }
    let rounded = round(value.as_f64().ok_or(AuthError::Invalid)?);
    if !(-1e15..=1e15).contains(&rounded) {
        return Err(AuthError::Invalid);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number in the range above"
    )]
    let whole = rounded as i64;
    Ok(whole)
}
