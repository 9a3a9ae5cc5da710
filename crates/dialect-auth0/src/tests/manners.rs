//! Tokens, headers, the order of checks, unknown routes, bad bodies.

use super::world::{AUDIENCE, World, expired_token, good_token, token};
use crate::RateProfile;

#[tokio::test]
async fn without_a_good_token_nothing_is_told() {
    let world = World::new().await;
    let good = good_token();
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    let invalid = concat!(
        r#"{"statusCode":401,"error":"Unauthorized","message":"Invalid token","#,
        r#""attributes":{"error":"Invalid token"}}"#
    );
    let unauthorized = |message: &str| {
        format!(r#"{{"statusCode":401,"error":"Unauthorized","message":"{message}"}}"#)
    };
    let elsewhere = token("https://wrong/api/v2/", i64::MAX, "");
    for (token, status, body) in [
        (None, 401, unauthorized("Missing authentication")),
        (
            Some("w3mBrhiXGs".to_owned()),
            400,
            concat!(
                r#"{"statusCode":400,"error":"Bad Request","message":"Bad HTTP authentication "#,
                r#"header format","errorCode":"Bearer"}"#
            )
            .to_owned(),
        ),
        (
            Some(forged),
            401,
            unauthorized("Invalid signature received for JSON Web Token validation"),
        ),
        (
            Some(expired_token()),
            401,
            unauthorized("Expired token received for JSON Web Token validation"),
        ),
        (
            Some(elsewhere),
            401,
            unauthorized("Bad audience: https://wrong/api/v2/"),
        ),
        (
            Some(good.replacen("eyJhbGciOiJFZERTQSI", "eyJhbGciOiJub25lIiw", 1)),
            401,
            invalid.to_owned(),
        ),
    ] {
        let headers: Vec<(&str, String)> = token
            .iter()
            .map(|token| ("authorization", format!("Bearer {token}")))
            .collect();
        let reply = world
            .send("DELETE", "/api/v2/roles/rol_reader", "", &headers)
            .await;
        assert_eq!(
            (reply.status.as_u16(), &reply.body),
            (status, &body),
            "{token:?}"
        );
        let challenge = token.is_none().then_some("Bearer");
        assert_eq!(reply.header("www-authenticate"), challenge, "{token:?}");
        assert_eq!(reply.header("writ-revision"), None, "{token:?}");
    }
    assert!(world.log.commands().is_empty());
}

#[tokio::test]
async fn every_success_has_auth0s_headers_and_no_refusal_the_rates() {
    let world = World::new().await;
    let pair = r#"{"permissions":[{"resource_server_identifier":"a","permission_name":"b"}]}"#;
    for (method, path, body, status) in [
        ("GET", "/api/v2/roles", "", 200),
        ("GET", "/api/v2/roles", "null", 200),
        ("POST", "/api/v2/roles/rol_reader/permissions", pair, 201),
        ("DELETE", "/api/v2/roles/rol_reader/permissions", pair, 204),
        ("DELETE", "/api/v2/roles/rol_reader/permissions", "{}", 400),
        ("GET", "/api/v2/roles/nix", "", 404),
    ] {
        let reply = world.ask(method, path, body).await;
        let at = format!("{method} {path} {body}");
        assert_eq!(reply.status.as_u16(), status, "{at}");
        for (name, value) in [
            ("content-type", "application/json; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("vary", "origin,accept-encoding"),
            ("strict-transport-security", "max-age=31536000"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{at}");
        }
        let rates = status < 300;
        for (name, value) in [
            ("x-ratelimit-limit", "50"),
            ("x-ratelimit-remaining", "49"),
            ("x-ratelimit-reset", "1728912822"),
        ] {
            assert_eq!(reply.header(name), rates.then_some(value), "{at}");
        }
        assert!(reply.header("writ-revision").is_some(), "{at}");
    }
}

#[tokio::test]
async fn a_rate_holds_its_tenant_back() {
    let world = World::with_rate(Some(RateProfile::Free)).await;
    for remaining in ["1", "0"] {
        let reply = world.ask("GET", "/api/v2/clients", "").await;
        assert_eq!(reply.status.as_u16(), 200);
        assert_eq!(reply.header("x-ratelimit-limit"), Some("2"));
        assert_eq!(reply.header("x-ratelimit-remaining"), Some(remaining));
    }
    let reply = world.ask("DELETE", "/api/v2/roles/rol_reader", "").await;
    assert_eq!(reply.status.as_u16(), 429);
    assert_eq!(
        reply.body,
        concat!(
            r#"{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been "#,
            r#"reached","errorCode":"too_many_requests"}"#
        )
    );
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("0"));
    assert!(world.log.commands().is_empty());
}

#[tokio::test]
async fn what_is_no_route_is_auth0s_not_found() {
    let world = World::new().await;
    for (method, path) in [
        ("GET", "/api/v2"),
        ("GET", "/api/v2/"),
        ("GET", "/api/v2/nothing"),
        ("GET", "/api/v2/roles/"),
        ("GET", "/api/v2/roles//permissions"),
        ("PUT", "/api/v2/roles"),
        ("POST", "/api/v2/roles/rol_reader"),
        ("DELETE", "/api/v2/roles/rol_reader/users"),
        ("GET", "/api/v2/roles/a/b/c"),
    ] {
        let reply = world.send(method, path, "", &[]).await;
        assert_eq!(reply.status.as_u16(), 404, "{method} {path}");
        assert_eq!(
            reply.body, r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#,
            "{method} {path}"
        );
    }
}

/// Scope before path before query before body.
#[tokio::test]
async fn checks_come_in_auth0s_order() {
    let world = World::new().await;
    let path = "/api/v2/roles/%ff/permissions";
    let denied = world.ask_with("", "DELETE", path, "{").await;
    assert_eq!(denied.status.as_u16(), 403);
    let bad_path = world.ask("DELETE", path, "{").await;
    assert_eq!(bad_path.status.as_u16(), 400);
    assert!(
        bad_path.message().starts_with("Path validation error: '"),
        "{}",
        bad_path.body
    );
    assert!(bad_path.body.contains(r#""errorCode":"invalid_uri""#));
    // A body is looked at before the noun is: no command is submitted.
    let bad_body = world
        .ask("DELETE", "/api/v2/roles/nix/permissions", "{}")
        .await;
    assert_eq!(bad_body.status.as_u16(), 400);
    let bad_query = world
        .ask("GET", "/api/v2/roles/nix/permissions?per_page=101", "")
        .await;
    assert_eq!(
        bad_query.body,
        concat!(
            r#"{"statusCode":400,"error":"Bad Request","message":"Query validation error: 'Value "#,
            r#"101 is greater than maximum 100' on property per_page (Number of results per page. "#,
            r#"Defaults to 50).","errorCode":"invalid_query_string"}"#
        )
    );
    assert!(world.log.commands().is_empty());
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let world = World::new().await;
    let bad_json = "Invalid request payload JSON format";
    let deep = format!(r#"{{"name":{}1{}}}"#, "[".repeat(90), "]".repeat(90));
    let long = format!(r#"{{"name":"{}"}}"#, "n".repeat(5_000));
    for (content_type, body, status, message) in [
        (Some("application/json"), "{\"name\":", 400, bad_json),
        (Some("application/json"), "{\"name\":\"a\"}}", 400, bad_json),
        (Some("application/json"), deep.as_str(), 400, bad_json),
        (
            None,
            "",
            400,
            "Payload validation error: 'Expected type object but found type null'.",
        ),
        (
            None,
            long.as_str(),
            413,
            "Payload content length greater than maximum allowed: 4096",
        ),
        (
            Some("application/x-www-form-urlencoded"),
            "name=a",
            415,
            "Unsupported Media Type",
        ),
        (
            None,
            "{\"x\":1}",
            400,
            "Payload validation error: 'Missing required property: name'.",
        ),
    ] {
        let more: Vec<(&str, &str)> = content_type
            .map(|value| ("content-type", value))
            .into_iter()
            .collect();
        let reply = world.ask_more("POST", "/api/v2/roles", body, &more).await;
        assert_eq!(
            (reply.status.as_u16(), reply.message().as_str()),
            (status, message)
        );
    }
    let nul = world.ask("GET", "/api/v2/users/a%00b", "").await;
    assert_eq!(nul.status.as_u16(), 400);
    assert!(world.log.commands().is_empty());
    assert_eq!(AUDIENCE, "https://writ/api/v2/", "as SDKs ask for it");
}
