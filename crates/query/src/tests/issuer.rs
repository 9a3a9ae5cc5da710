//! An issuer for tests: one key, made on the spot.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use writ_domain::{Clock, TenantId};
use writ_http::Verifier;
use writ_http::caller::{Audience, TenantRule, Trust};

const ISSUER: &str = "https://issuer.test/";
const AUDIENCE: &str = "https://issuer.test/api/v2/";

static KEY: LazyLock<Ed25519KeyPair> = LazyLock::new(|| Ed25519KeyPair::generate().unwrap());

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token of this subject with these scopes.
pub(super) fn token(subject: &str, scopes: &str) -> String {
    let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "k"}).to_string();
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "azp": "robot",
        "iat": 1_700_000_000, "exp": 4_000_000_000_u64, "scope": scopes, "tenant": "default",
    });
    let message = format!(
        "{}.{}",
        b64(header.as_bytes()),
        b64(claims.to_string().as_bytes())
    );
    let signature = b64(KEY.sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

pub(super) fn verifier(clock: Arc<dyn Clock>) -> Arc<Verifier> {
    let trust = Trust {
        issuer: ISSUER.to_owned(),
        audience: Audience::Exact(vec![AUDIENCE.to_owned()]),
        tenant: TenantRule::Fixed(TenantId::try_new("default").unwrap()),
    };
    let x = b64(KEY.public_key().as_ref());
    let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
    Arc::new(Verifier::try_new(clock, trust, jwks.to_string().as_bytes()).unwrap())
}
