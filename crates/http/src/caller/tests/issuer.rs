//! An issuer for tests: fresh keys, and tokens of any shape, right or wrong.

use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use writ_domain::{Clock, TenantId};

use crate::caller::{Audience, TenantRule, Trust, Verifier};

/// The test's present, in seconds since 1970.
pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const ISSUER: &str = "https://issuer.test/";
pub(super) const AUDIENCE: &str = "https://issuer.test/api/v2/";

pub(super) static RSA: LazyLock<Key> =
    LazyLock::new(|| Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
pub(super) static EC: LazyLock<Key> =
    LazyLock::new(|| Key::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()));
pub(super) static ED: LazyLock<Key> =
    LazyLock::new(|| Key::Ed(Ed25519KeyPair::generate().unwrap()));

/// A key that the issuer signs with.
pub(super) enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// The public half as a JSON Web Key.
    pub(super) fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                let modulus = pair.public_key().modulus();
                let exponent = pair.public_key().exponent();
                json!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
                    "n": b64(modulus.big_endian_without_leading_zero()),
                    "e": b64(exponent.big_endian_without_leading_zero()),
                })
            }
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (b64(&point[1..33]), b64(&point[33..]));
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y})
            }
            Self::Ed(pair) => {
                let x = b64(pair.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x})
            }
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with the key's own header and id `k`.
    pub(super) fn token(&self, claims: &Value) -> String {
        let header = json!({"alg": self.algorithm(), "typ": "JWT", "kid": "k"});
        self.token_with(&header, claims)
    }

    pub(super) fn token_with(&self, header: &Value, claims: &Value) -> String {
        token_signed_by(header, claims, |message| self.sign(message))
    }
}

pub(super) fn token_signed_by(
    header: &Value,
    claims: &Value,
    sign: impl Fn(&[u8]) -> Vec<u8>,
) -> String {
    let message = format!(
        "{}.{}",
        b64(header.to_string().as_bytes()),
        b64(claims.to_string().as_bytes())
    );
    let signature = b64(&sign(message.as_bytes()));
    format!("{message}.{signature}")
}

pub(super) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Claims that are accepted, with these put in their place; `null` takes one out.
pub(super) fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "robot@clients", "azp": "robot",
        "iat": NOW - 10, "exp": NOW + 60, "scope": "read:roles update:roles",
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

pub(super) fn trust() -> Trust {
    Trust {
        issuer: ISSUER.into(),
        audience: Audience::Exact(vec![AUDIENCE.into()]),
        tenant: TenantRule::Fixed(TenantId::try_new("default").unwrap()),
    }
}

pub(super) fn jwks(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

/// A verifier at the test's present that believes the key, by the id `k`.
pub(super) fn verifier(key: &Key) -> Verifier {
    Verifier::try_new(Hand::at(NOW), trust(), &jwks(&[key.jwk("k")])).unwrap()
}

pub(super) fn bearing(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    headers
}

/// A clock whose hand the test moves.
#[derive(Debug)]
pub(super) struct Hand(Mutex<DateTime<Utc>>);

impl Hand {
    pub(super) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(
            DateTime::from_timestamp(seconds, 0).unwrap(),
        )))
    }

    pub(super) fn set(&self, seconds: i64, millis: u32) {
        let now = DateTime::from_timestamp(seconds, millis * 1_000_000).unwrap();
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}
