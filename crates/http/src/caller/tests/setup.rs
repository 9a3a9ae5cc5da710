//! What a verifier refuses to start with, and which keys of a set it takes.

use std::slice;

use serde_json::json;

use super::issuer::{EC, ED, Hand, Key, NOW, RSA, b64, bearing, claims, jwks, trust};
use crate::caller::{Audience, AuthError, KeysError, SetupError, TenantRule, Trust, Verifier};

#[test]
fn nothing_starts_without_issuer_audience_tenant_and_keys() {
    let keys = jwks(&[ED.jwk("k")]);
    let exact = |audiences: &[&str]| {
        let audiences = audiences
            .iter()
            .map(|audience| (*audience).to_owned())
            .collect();
        Trust {
            audience: Audience::Exact(audiences),
            ..trust()
        }
    };
    let suffix = Trust {
        audience: Audience::Suffix(String::new()),
        ..trust()
    };
    let claim = Trust {
        tenant: TenantRule::Claim(String::new()),
        ..trust()
    };
    let start = |trust: Trust, jwks: &[u8]| Verifier::try_new(Hand::at(NOW), trust, jwks).err();
    assert!(start(trust(), &keys).is_none());
    let issuer = Trust {
        issuer: String::new(),
        ..trust()
    };
    assert!(matches!(start(issuer, &keys), Some(SetupError::NoIssuer)));
    for open in [exact(&[]), exact(&["a", ""]), suffix] {
        assert!(matches!(start(open, &keys), Some(SetupError::NoAudience)));
    }
    assert!(matches!(start(claim, &keys), Some(SetupError::NoTenant)));
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        "-----BEGIN PUBLIC KEY-----",
    ] {
        let refused = start(trust(), text.as_bytes());
        assert!(
            matches!(refused, Some(SetupError::Keys(KeysError::NotASet { .. }))),
            "{text}"
        );
    }
}

#[test]
fn keys_that_cannot_verify_are_passed_over() {
    let with = |key: &Key, member: &str, value: serde_json::Value| {
        let mut jwk = key.jwk("k");
        jwk[member] = value;
        jwk
    };
    let rows = [
        ("nothing", json!(null)),
        (
            "a secret",
            json!({"kty": "oct", "k": "c2VjcmV0", "kid": "k", "alg": "HS256"}),
        ),
        ("another curve", with(&EC, "crv", json!("P-384"))),
        (
            "a curve that nobody knows",
            with(&EC, "crv", json!("secp256k1")),
        ),
        ("a key for encryption", with(&EC, "use", json!("enc"))),
        (
            "a key that only signs",
            with(&EC, "key_ops", json!(["sign"])),
        ),
        ("another algorithm", with(&RSA, "alg", json!("RS512"))),
        (
            "an algorithm that nobody knows",
            with(&RSA, "alg", json!("XS1")),
        ),
        ("a short modulus", with(&RSA, "n", json!(b64(&[0xff; 128])))),
        ("a short modulus behind zeros", {
            with(&RSA, "n", json!(b64(&[[0; 128], [0xff; 128]].concat())))
        }),
        (
            "a huge modulus",
            with(&RSA, "n", json!(b64(&[0xff; 1_025]))),
        ),
        ("half a point", with(&EC, "y", json!(""))),
        ("a short point", with(&ED, "x", json!(b64(&[1; 31])))),
        ("no base64", with(&ED, "x", json!("+/="))),
    ];
    for (name, jwk) in rows {
        let alone = Verifier::try_new(Hand::at(NOW), trust(), &jwks(slice::from_ref(&jwk)));
        let refused = alone.err();
        assert!(
            matches!(refused, Some(SetupError::Keys(KeysError::NoneUsable))),
            "{name}"
        );
        let beside = Verifier::try_new(Hand::at(NOW), trust(), &jwks(&[jwk, ED.jwk("k")])).unwrap();
        let headers = bearing(&ED.token(&claims(&json!({}))));
        assert!(beside.authenticate(&headers, None).is_ok(), "{name}");
    }
    let plain = [
        with(&EC, "key_ops", json!(["verify"])),
        with(&EC, "alg", json!("ES256")),
    ];
    for jwk in plain {
        assert!(Verifier::try_new(Hand::at(NOW), trust(), &jwks(&[jwk])).is_ok());
    }
}

#[test]
fn keys_are_told_apart_by_id_and_algorithm() {
    let same = jwks(&[ED.jwk("k"), ED.jwk("k")]);
    let refused = Verifier::try_new(Hand::at(NOW), trust(), &same).err();
    assert!(matches!(refused, Some(SetupError::Keys(KeysError::SameId { id })) if id == "k"));

    let set = jwks(&[RSA.jwk("k"), EC.jwk("k"), ED.jwk("a"), {
        let mut other = ED.jwk("b");
        other["x"] = json!(b64(&[1; 32]));
        other
    }]);
    let verifier = Verifier::try_new(Hand::at(NOW), trust(), &set).unwrap();
    let refusal = |key: &Key, header: serde_json::Value| {
        let token = key.token_with(&header, &claims(&json!({})));
        verifier.authenticate(&bearing(&token), None).err()
    };
    let rows = [
        (&*RSA, json!({"alg": "RS256", "kid": "k"}), None),
        (&*EC, json!({"alg": "ES256", "kid": "k"}), None),
        (&*ED, json!({"alg": "EdDSA", "kid": "a"}), None),
        (&*EC, json!({"alg": "ES256"}), None),
        (
            &*ED,
            json!({"alg": "EdDSA", "kid": "b"}),
            Some(AuthError::InvalidSignature),
        ),
        (&*ED, json!({"alg": "EdDSA"}), Some(AuthError::UnknownKey)),
        (
            &*EC,
            json!({"alg": "RS256", "kid": "k"}),
            Some(AuthError::InvalidSignature),
        ),
    ];
    for (key, header, expected) in rows {
        assert_eq!(refusal(key, header.clone()), expected, "{header}");
    }
}
