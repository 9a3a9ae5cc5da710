//! Claims that are right and wrong, and what a request says besides its token.

use serde_json::{Value, json};

use super::issuer::{AUDIENCE, ED, Hand, ISSUER, NOW, b64, bearing, claims, jwks, trust, verifier};
use super::refusal;
use crate::caller::{Audience, AuthError, TenantRule, Trust, Verifier};

/// Tokens with the changed claims are refused so, or accepted and remembered.
fn check<const N: usize>(expected: Option<&AuthError>, rows: [(&str, Value); N]) {
    let verifier = verifier(&ED);
    for (name, changes) in rows {
        let token = ED.token(&claims(&changes));
        assert_eq!(refusal(&verifier, &token).as_ref(), expected, "{name}");
        assert_eq!(verifier.remembers(&token), expected.is_none(), "{name}");
    }
}

#[test]
fn a_token_holds_from_nbf_until_exp() {
    check(
        None,
        [
            ("as it should be", json!({})),
            ("exp a second from now", json!({"exp": NOW + 1})),
            (
                "exp with a fraction, to come",
                json!({"exp": 1_800_000_001.5}),
            ),
            ("nbf now", json!({"nbf": NOW})),
            ("nbf past, with a fraction", json!({"nbf": 1_799_999_999.5})),
        ],
    );
    check(
        Some(&AuthError::Expired),
        [
            ("exp exactly now", json!({"exp": NOW})),
            ("exp past", json!({"exp": NOW - 1})),
            ("exp past, with a fraction", json!({"exp": 1_799_999_999.9})),
            ("exp in this second", json!({"exp": 1_800_000_000.5})),
            ("exp before 1970", json!({"exp": -5})),
        ],
    );
    check(
        Some(&AuthError::NotYetValid),
        [
            ("nbf to come", json!({"nbf": NOW + 1})),
            (
                "nbf to come, with a fraction",
                json!({"nbf": 1_800_000_000.1}),
            ),
        ],
    );
    check(
        Some(&AuthError::Invalid),
        [
            ("exp absent", json!({"exp": null})),
            ("exp a text", json!({"exp": "1900000000"})),
            ("exp beyond time", json!({"exp": 1e300})),
            ("exp beyond whole numbers", json!({"exp": u64::MAX})),
            ("nbf a text", json!({"nbf": "0"})),
        ],
    );
}

#[test]
fn a_token_is_for_us_and_from_the_pinned_issuer() {
    let bad = |audiences: &str| AuthError::BadAudience(audiences.to_owned());
    check(
        None,
        [(
            "one of several",
            json!({"aud": ["https://other/", AUDIENCE]}),
        )],
    );
    check(
        Some(&bad("https://wrong/api/v2/")),
        [
            ("another", json!({"aud": "https://wrong/api/v2/"})),
            (
                "another in a list",
                json!({"aud": ["https://wrong/api/v2/"]}),
            ),
        ],
    );
    check(
        Some(&bad("https://issuer.test/api/v2")),
        [(
            "ours without its slash",
            json!({"aud": "https://issuer.test/api/v2"}),
        )],
    );
    check(
        Some(&bad("a,b")),
        [("several, not ours", json!({"aud": ["a", "b"]}))],
    );
    check(
        Some(&bad("")),
        [
            ("none", json!({"aud": null})),
            ("an empty list", json!({"aud": []})),
        ],
    );
    check(
        Some(&AuthError::Invalid),
        [
            ("no text in the list", json!({"aud": [AUDIENCE, 1]})),
            ("no text", json!({"aud": {"a": 1}})),
        ],
    );
    check(
        Some(&AuthError::BadIssuer),
        [
            ("another issuer", json!({"iss": "https://evil.test/"})),
            ("the issuer and more", json!({"iss": format!("{ISSUER}x")})),
            ("a list of issuers", json!({"iss": [ISSUER]})),
            ("no issuer", json!({"iss": null})),
        ],
    );
}

#[test]
fn names_are_such_as_the_ledger_keeps() {
    check(
        None,
        [
            (
                "a subject of 1,024 bytes",
                json!({"sub": "s".repeat(1_024)}),
            ),
            (
                "long scopes",
                json!({"scope": "s".repeat(1_000) + " " + &"t".repeat(1_000)}),
            ),
            ("no scope", json!({"scope": null})),
            ("no client", json!({"azp": null})),
        ],
    );
    check(
        Some(&AuthError::Invalid),
        [
            ("no subject", json!({"sub": null})),
            ("an empty subject", json!({"sub": ""})),
            ("a subject that is a number", json!({"sub": 7})),
            (
                "a subject of 1,025 bytes",
                json!({"sub": "s".repeat(1_025)}),
            ),
            ("a NUL in the subject", json!({"sub": "a\u{0}b"})),
            ("a line end in the subject", json!({"sub": "a\nb"})),
            ("a C1 control in the subject", json!({"sub": "a\u{85}b"})),
            ("a control in the client", json!({"azp": "a\u{7f}"})),
            ("a control in a scope", json!({"scope": "a b\tc"})),
            (
                "a control in a list of scopes",
                json!({"scope": ["a", "b\u{0}"]}),
            ),
            (
                "a scope of 1,025 bytes",
                json!({"scope": "s".repeat(1_025)}),
            ),
            ("scopes that are a number", json!({"scope": 7})),
        ],
    );
}

#[test]
fn scopes_and_client_are_read_as_issuers_write_them() {
    let rows = [
        (json!({"scope": "a  b a "}), vec!["a", "b"], Some("robot")),
        (json!({"scope": ["b", "a"]}), vec!["a", "b"], Some("robot")),
        (json!({"scope": ""}), vec![], Some("robot")),
        (
            json!({"azp": null, "client_id": "c"}),
            vec!["read:roles", "update:roles"],
            Some("c"),
        ),
        (
            json!({"azp": null}),
            vec!["read:roles", "update:roles"],
            None,
        ),
    ];
    let verifier = verifier(&ED);
    for (changes, scopes, client) in rows {
        let headers = bearing(&ED.token(&claims(&changes)));
        let caller = verifier.authenticate(&headers, None).unwrap();
        assert_eq!(
            caller.scopes.iter().collect::<Vec<_>>(),
            scopes,
            "{changes}"
        );
        assert_eq!(caller.client_id.as_deref(), client, "{changes}");
        assert_eq!(
            caller.holds_any(&["a", "read:roles"]),
            !scopes.is_empty(),
            "{changes}"
        );
        assert!(!caller.holds_any(&["z", ""]), "{changes}");
        assert!(!caller.holds_any(&[]), "{changes}");
    }
}

#[test]
fn the_tenant_comes_from_the_issuer_or_its_claim() {
    let rows = [
        (json!({"https://writ/tenant": "acme"}), Ok("acme")),
        (json!({}), Err(AuthError::NoTenant)),
        (json!({"https://writ/tenant": ""}), Err(AuthError::NoTenant)),
        (
            json!({"https://writ/tenant": "ACME"}),
            Err(AuthError::NoTenant),
        ),
        (
            json!({"https://writ/tenant": "~0"}),
            Err(AuthError::NoTenant),
        ),
        (json!({"https://writ/tenant": 7}), Err(AuthError::NoTenant)),
        (
            json!({"https://writ/tenant": ["acme"]}),
            Err(AuthError::NoTenant),
        ),
    ];
    let trust = Trust {
        tenant: TenantRule::Claim("https://writ/tenant".into()),
        ..trust()
    };
    let verifier = Verifier::try_new(Hand::at(NOW), trust, &jwks(&[ED.jwk("k")])).unwrap();
    for (changes, expected) in rows {
        let caller = verifier.authenticate(&bearing(&ED.token(&claims(&changes))), None);
        let tenant = caller.map(|caller| caller.tenant.to_string());
        assert_eq!(tenant, expected.map(str::to_owned), "{changes}");
    }
}

#[test]
fn a_suffix_takes_any_host() {
    let rows = [
        ("http://127.0.0.1:4480/api/v2/", true),
        ("https://writ.example/api/v2/", true),
        ("https://writ.example/api/v2", false),
        ("https://writ.example/api/v2/users", false),
    ];
    let trust = Trust {
        audience: Audience::Suffix("/api/v2/".into()),
        ..trust()
    };
    let verifier = Verifier::try_new(Hand::at(NOW), trust, &jwks(&[ED.jwk("k")])).unwrap();
    for (audience, taken) in rows {
        let refusal = refusal(&verifier, &ED.token(&claims(&json!({"aud": audience}))));
        let expected = (!taken).then(|| AuthError::BadAudience(audience.into()));
        assert_eq!(refusal, expected, "{audience}");
    }
}

#[test]
fn the_request_says_what_sent_it() {
    let node = json!({"name": "node-auth0", "version": "4.1.0", "env": {"node": "v20"}});
    let encoded = b64(node.to_string().as_bytes());
    let rows = [
        (None, None, None, None),
        (Some("curl/8"), None, None, Some("curl/8")),
        (Some("curl\t8\u{e9}"), None, None, Some("curl8\u{e9}")),
        (Some("\t"), None, None, None),
        (
            Some("node"),
            Some(encoded.clone()),
            Some(node.clone()),
            Some("node-auth0/4.1.0"),
        ),
        (None, Some(format!("{encoded}==")), None, None),
        (
            None,
            Some(b64(br#"{"name":"x"}"#)),
            Some(json!({"name": "x"})),
            Some("x"),
        ),
        (
            Some("a"),
            Some(b64(br#"{"v":1}"#)),
            Some(json!({"v": 1})),
            Some("a"),
        ),
        (Some("a"), Some("%%%".into()), None, Some("a")),
        (Some("a"), Some(b64(b"[1]")), None, Some("a")),
        (Some("a"), Some("A".repeat(5_000)), None, Some("a")),
    ];
    let verifier = verifier(&ED);
    for (agent, sdk, account, recorded) in rows {
        let mut headers = bearing(&ED.token(&claims(&json!({}))));
        if let Some(agent) = agent {
            headers.insert("user-agent", agent.parse().unwrap());
        }
        if let Some(sdk) = &sdk {
            headers.insert("auth0-client", sdk.parse().unwrap());
        }
        let peer = "::ffff:10.0.0.7".parse().unwrap();
        let caller = verifier.authenticate(&headers, Some(peer)).unwrap();
        let decoded = caller
            .auth0_client
            .as_deref()
            .map(|text| text.parse::<Value>().unwrap());
        assert_eq!(decoded, account, "{sdk:?}");
        let actor = caller.actor();
        assert_eq!(actor.user_agent.as_deref(), recorded, "{agent:?} {sdk:?}");
        assert_eq!(actor.subject, "robot@clients");
        assert_eq!(actor.client.as_deref(), Some("robot"));
        assert_eq!(actor.address.as_deref(), Some("10.0.0.7"));
        assert_eq!(actor.on_behalf_of, None);
    }
}

#[test]
fn a_long_user_agent_is_cut_between_characters() {
    let mut headers = bearing(&ED.token(&claims(&json!({}))));
    headers.insert(
        "user-agent",
        format!("a{}", "\u{e9}".repeat(600)).parse().unwrap(),
    );
    let agent = verifier(&ED)
        .authenticate(&headers, None)
        .unwrap()
        .user_agent
        .unwrap();
    assert_eq!(agent, format!("a{}", "\u{e9}".repeat(255)));
}
