//! The console's session: a JSON Web Token in a cookie, HS256, revoked by its version.

use core::fmt::Write as _;

use aws_lc_rs::{digest, hmac};
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use writ_store::reads::NestAdmin;

use crate::js::quoted;
use crate::state::{BASE, CSRF_COOKIE, SESSION, SESSION_COOKIE};

/// Signs and checks tokens.
#[derive(Debug)]
pub(crate) struct Sessions {
    key: hmac::Key,
    secure: bool,
}

/// What a token that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The admin's id.
    pub(crate) subject: String,
    /// The version of the admin's sessions when it was made.
    pub(crate) version: Option<u64>,
}

impl Sessions {
    /// The key is derived, so that the secret that goes over the wire signs nothing itself.
    pub(crate) fn new(secret_key: &SecretString, secure: bool) -> Self {
        let secret = format!("nest-auth-admin-session:{}", secret_key.expose_secret());
        let hash = digest::digest(&digest::SHA256, secret.as_bytes());
        let mut hex = String::with_capacity(64);
        for byte in hash.as_ref() {
            // Writing to a text cannot fail.
            let _infallible = write!(hex, "{byte:02x}");
        }
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, hex.as_bytes()),
            secure,
        }
    }

    /// A token for an admin.
    pub(crate) fn token(&self, admin: &NestAdmin, now: DateTime<Utc>) -> String {
        let begun = now.timestamp();
        let ends = begun.saturating_add(i64::try_from(SESSION.as_secs()).unwrap_or(i64::MAX));
        let claims = format!(
            "{{\"sub\":{},\"email\":{},\"tv\":{},\"iat\":{begun},\"exp\":{ends}}}",
            quoted(&admin.id),
            quoted(&admin.email),
            admin.token_version,
        );
        let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let tag = hmac::sign(&self.key, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    /// What a token says, if it is ours and not over.
    pub(crate) fn claims(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let (signed, tag) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.key, signed.as_bytes(), &tag).ok()?;
        let json = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        // The algorithm is pinned: a token never says how it is checked.
        if json(head)?.get("alg")?.as_str()? != "HS256" {
            return None;
        }
        let claims = json(claims)?;
        if claims.get("exp")?.as_i64()? <= now.timestamp() {
            return None;
        }
        Some(Claims {
            subject: claims.get("sub")?.as_str()?.to_owned(),
            version: claims.get("tv").and_then(Value::as_u64),
        })
    }

    /// The cookie of a session that begins.
    pub(crate) fn begun(&self, token: &str, now: DateTime<Utc>) -> Option<HeaderValue> {
        let ends = now.checked_add_signed(TimeDelta::from_std(SESSION).ok()?)?;
        self.cookie(token, SESSION.as_secs(), ends)
    }

    /// The cookie that takes a session's cookie away.
    pub(crate) fn ended(&self, now: DateTime<Utc>) -> Option<HeaderValue> {
        self.cookie("", 0, now)
    }

    /// The cookie of a token against forged requests, made of what nobody can guess. It lasts as
    /// long as the browser is open.
    pub(crate) fn guarded(&self, random: [u128; 2]) -> Option<HeaderValue> {
        let token = URL_SAFE_NO_PAD.encode(random.map(u128::to_be_bytes).as_flattened());
        let secure = if self.secure { "Secure; " } else { "" };
        let text = format!("{CSRF_COOKIE}={token}; Path={BASE}; {secure}SameSite=Lax");
        HeaderValue::try_from(text).ok()
    }

    fn cookie(&self, value: &str, age: u64, expires: DateTime<Utc>) -> Option<HeaderValue> {
        let secure = if self.secure { "Secure; " } else { "" };
        let expires = expires.format("%a, %d %b %Y %H:%M:%S GMT");
        let text = format!(
            "{SESSION_COOKIE}={value}; Max-Age={age}; Path={BASE}; Expires={expires}; HttpOnly; \
             {secure}SameSite=Lax"
        );
        HeaderValue::try_from(text).ok()
    }
}
