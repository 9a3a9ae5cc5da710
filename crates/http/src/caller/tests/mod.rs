//! Tokens signed by keys made on the spot, and what becomes of each.

mod claims;
mod issuer;
mod setup;

use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use writ_domain::{Clock, TenantId};

use self::issuer::{
    EC, ED, Hand, NOW, RSA, b64, bearing, claims, jwks, token_signed_by, trust, verifier,
};
use super::{AuthError, Caller, Verifier};
use crate::Problem;

fn refusal(verifier: &Verifier, token: &str) -> Option<AuthError> {
    verifier.authenticate(&bearing(token), None).err()
}

#[test]
fn a_token_of_each_kind_of_key_names_its_caller() {
    for key in [&*RSA, &*EC, &*ED] {
        let caller = verifier(key).authenticate(
            &bearing(&key.token(&claims(&json!({})))),
            Some([127, 0, 0, 1].into()),
        );
        let expected = Caller {
            tenant: TenantId::try_new("default").unwrap(),
            subject: "robot@clients".into(),
            client_id: Some("robot".into()),
            scopes: ["read:roles".to_owned(), "update:roles".to_owned()].into(),
            address: Some([127, 0, 0, 1].into()),
            user_agent: None,
            auth0_client: None,
        };
        assert_eq!(caller, Ok(expected), "{}", key.algorithm());
    }
}

fn header(alg: &str, kid: &str) -> Value {
    json!({"alg": alg, "kid": kid})
}

#[test]
fn a_header_does_not_say_how_our_key_is_used() {
    let good = claims(&json!({}));
    let public = RSA.jwk("k");
    let unsigned = |alg: &str| token_signed_by(&header(alg, "k"), &good, |_| Vec::new());
    let hmac_with = |secret: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let sign = |message: &[u8]| hmac::sign(&key, message).as_ref().to_vec();
        token_signed_by(&header("HS256", "k"), &good, sign)
    };
    let critical = json!({"alg": "RS256", "kid": "k", "crit": ["b64"], "b64": false});
    let rows = [
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        (
            "HMAC by the modulus",
            hmac_with(public["n"].as_str().unwrap().as_bytes()),
        ),
        (
            "HMAC by the key's text",
            hmac_with(public.to_string().as_bytes()),
        ),
        ("HMAC by nothing", hmac_with(&[])),
        ("RS512", RSA.token_with(&header("RS512", "k"), &good)),
        ("PS256", RSA.token_with(&header("PS256", "k"), &good)),
        (
            "another kind of key",
            RSA.token_with(&header("ES256", "k"), &good),
        ),
        ("no algorithm", RSA.token_with(&json!({"kid": "k"}), &good)),
        ("a critical extension", RSA.token_with(&critical, &good)),
        (
            "a header that is no object",
            RSA.token_with(&json!("RS256"), &good),
        ),
        ("claims that are no object", RSA.token(&json!(["a"]))),
    ];
    let verifier = verifier(&RSA);
    for (name, token) in rows {
        assert_eq!(
            refusal(&verifier, &token),
            Some(AuthError::Invalid),
            "{name}"
        );
    }
    assert_eq!(
        refusal(&verifier, &unsigned("RS256")),
        Some(AuthError::InvalidSignature)
    );
}

#[test]
fn the_key_is_the_one_that_the_token_names() {
    let good = claims(&json!({}));
    let rows = [
        ("ours", RSA.token_with(&header("RS256", "k"), &good), None),
        (
            "no id, one key",
            RSA.token_with(&json!({"alg": "RS256"}), &good),
            None,
        ),
        (
            "another key by our id",
            EC.token_with(&header("RS256", "k"), &good),
            Some(AuthError::InvalidSignature),
        ),
        (
            "an unknown id",
            RSA.token_with(&header("RS256", "x"), &good),
            Some(AuthError::UnknownKey),
        ),
        (
            "an empty id",
            RSA.token_with(&header("RS256", ""), &good),
            Some(AuthError::UnknownKey),
        ),
        (
            "no id, no key of the kind",
            EC.token_with(&json!({"alg": "ES256"}), &good),
            Some(AuthError::UnknownKey),
        ),
    ];
    let verifier = verifier(&RSA);
    for (name, token, expected) in rows {
        assert_eq!(refusal(&verifier, &token), expected, "{name}");
    }
}

#[test]
fn a_token_that_was_touched_does_not_verify() {
    for key in [&*RSA, &*EC, &*ED] {
        let verifier = verifier(key);
        let token = key.token(&claims(&json!({})));
        assert_eq!(refusal(&verifier, &token), None);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = signed.split_once('.').unwrap();
        let other = b64(claims(&json!({"sub": "root"})).to_string().as_bytes());
        let rows = [
            (
                "cut by one",
                token[..token.len() - 1].to_owned(),
                AuthError::InvalidSignature,
            ),
            (
                "cut by half",
                token[..token.len() - 40].to_owned(),
                AuthError::InvalidSignature,
            ),
            ("padded", format!("{token}="), AuthError::InvalidSignature),
            (
                "without signature",
                format!("{signed}."),
                AuthError::InvalidSignature,
            ),
            (
                "claims exchanged",
                format!("{header}.{other}.{signature}"),
                AuthError::InvalidSignature,
            ),
            ("two parts", signed.to_owned(), AuthError::Malformed),
            ("one part", payload.to_owned(), AuthError::Malformed),
            ("four parts", format!("{token}.x"), AuthError::Malformed),
            (
                "no base64",
                format!("{{}}.{payload}.{signature}"),
                AuthError::Invalid,
            ),
            (
                "too long",
                format!("{token}{}", "A".repeat(20_000)),
                AuthError::Invalid,
            ),
        ];
        for (name, token, expected) in rows {
            assert_eq!(
                refusal(&verifier, &token),
                Some(expected),
                "{}: {name}",
                key.algorithm()
            );
            assert!(!verifier.remembers(&token), "{}: {name}", key.algorithm());
        }
    }
}

#[test]
fn the_credential_is_one_bearer_header() {
    let token = ED.token(&claims(&json!({})));
    let twice = vec![format!("Bearer {token}"), format!("Bearer {token}")];
    let rows = [
        (vec![], Some(AuthError::Missing)),
        (vec![format!("Bearer {token}")], None),
        (vec![format!("bearer {token}")], None),
        (vec![format!("BEARER   {token} ")], None),
        (vec![String::new()], Some(AuthError::Missing)),
        (
            vec!["Basic cm9ib3Q6c2VjcmV0".into()],
            Some(AuthError::Missing),
        ),
        (vec!["Digest a b c".into()], Some(AuthError::Missing)),
        (vec![token.clone()], Some(AuthError::Missing)),
        (vec!["Bearer".into()], Some(AuthError::Malformed)),
        (vec!["Bearer abc".into()], Some(AuthError::Malformed)),
        (
            vec![format!("Bearer {token} {token}")],
            Some(AuthError::Malformed),
        ),
        (vec!["Bearer \u{e9}.a.b".into()], Some(AuthError::Malformed)),
        (twice, Some(AuthError::Malformed)),
        (
            vec![format!("Bearer {token}"), "Basic x".into()],
            Some(AuthError::Malformed),
        ),
    ];
    let verifier = verifier(&ED);
    for (values, expected) in rows {
        let mut headers = HeaderMap::new();
        for value in &values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        assert_eq!(
            verifier.authenticate(&headers, None).err(),
            expected,
            "{values:?}"
        );
    }
}

#[test]
fn a_remembered_token_does_not_outlive_itself() {
    let clock = Hand::at(NOW);
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let verifier = Verifier::try_new(shared, trust(), &jwks(&[ED.jwk("k")])).unwrap();
    let token = ED.token(&claims(&json!({"exp": NOW + 60, "nbf": NOW})));
    assert!(!verifier.remembers(&token));
    assert_eq!(refusal(&verifier, &token), None);
    assert!(verifier.remembers(&token));
    let rows = [
        (NOW + 59, 999, None),
        (NOW + 60, 0, Some(AuthError::Expired)),
        (NOW + 3_600, 0, Some(AuthError::Expired)),
        (NOW - 1, 999, Some(AuthError::NotYetValid)),
        (NOW, 0, None),
    ];
    for (seconds, millis, expected) in rows {
        clock.set(seconds, millis);
        assert_eq!(refusal(&verifier, &token), expected, "{seconds}.{millis}");
    }
}

#[test]
fn replaced_keys_forget_what_the_old_ones_verified() {
    let verifier = verifier(&ED);
    let (old, new) = (ED.token(&claims(&json!({}))), EC.token(&claims(&json!({}))));
    assert_eq!(refusal(&verifier, &old), None);
    assert!(verifier.replace_keys(&jwks(&[])).is_err());
    assert_eq!(
        refusal(&verifier, &old),
        None,
        "a set that cannot be used changes nothing"
    );
    verifier.replace_keys(&jwks(&[EC.jwk("k")])).unwrap();
    assert!(!verifier.remembers(&old));
    assert_eq!(refusal(&verifier, &old), Some(AuthError::Invalid));
    assert_eq!(refusal(&verifier, &new), None);
}

#[test]
fn a_refusal_is_a_problem_that_challenges() {
    let rows = [
        (AuthError::Missing, 401, Some("Bearer")),
        (AuthError::Malformed, 400, None),
        (
            AuthError::Expired,
            401,
            Some("Bearer error=\"invalid_token\""),
        ),
        (
            AuthError::BadAudience("x".into()),
            401,
            Some("Bearer error=\"invalid_token\""),
        ),
        (
            AuthError::NoTenant,
            401,
            Some("Bearer error=\"invalid_token\""),
        ),
    ];
    for (refusal, status, challenge) in rows {
        let problem = Problem::from(refusal.clone());
        assert_eq!(problem.status().as_u16(), status, "{refusal}");
        assert_eq!(problem.detail(), Some(refusal.to_string().as_str()));
        let sent = problem
            .headers()
            .iter()
            .find(|(name, _)| *name == WWW_AUTHENTICATE);
        let sent = sent.map(|(_, value)| value.to_str().unwrap());
        assert_eq!(sent, challenge, "{refusal}");
    }
}
