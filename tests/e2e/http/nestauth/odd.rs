//! What recordings cannot hold: cookies of a guarded login, bodies of bytes, and our own limits.

use hyper::Method;
use serde_json::json;
use writ_tests::{Launch, Server};

use super::{Console, PERMISSIONS, text};

/// A console's page reads the cookie and sends it again: without it no write would ever pass.
#[tokio::test]
async fn a_guarded_login_brings_the_token_that_writes_need() {
    let server = Launch::on_fresh_database()
        .await
        .setting("WRIT_NESTAUTH_CSRF", "on")
        .start()
        .await;
    let client = server.anonymous();
    let ready = &server.ready().nestauth;
    let login = json!({"email": ready.email, "password": ready.password});
    let answer = client.post("/auth/admin/login", &login).await.expect(201);
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.filter_map(|cookie| cookie.to_str().ok()).collect();
    let [session, guard] = cookies.as_slice() else {
        panic!("{cookies:?}");
    };
    assert!(session.starts_with("nest_auth_admin="), "{session}");
    let (guard, attributes) = guard.split_once(';').expect("attributes");
    assert_eq!(attributes, " Path=/auth/admin; SameSite=Lax");
    let token = guard.strip_prefix("nest_auth_csrf=").expect("the token");
    assert_eq!(token.len(), 43, "{token}");
    let session = session.split(';').next().expect("a cookie");
    let console = Console {
        client,
        cookie: format!("{session}; {guard}"),
    };
    let create = || {
        let body = json!({"name": "users.create"});
        console.request(Method::POST, PERMISSIONS).json(&body)
    };
    let refused = create().send().await.expect(403);
    assert_eq!(
        refused.text(),
        r#"{"statusCode":403,"error":"ForbiddenException","message":"Invalid or missing CSRF token.","code":"CSRF_TOKEN_INVALID"}"#
    );
    let made = create().header("x-csrf-token", token).send().await;
    drop(made.expect(201));
}

#[tokio::test]
async fn a_body_that_nobody_reads_may_be_of_any_size() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let path = format!("{PERMISSIONS}/{}", console.permission("users.create").await);
    let before = console.request(Method::GET, &path).send().await.expect(200);
    let sent = |content_type| {
        let body = "p".repeat(102_401);
        console
            .request(Method::PATCH, &path)
            .body(content_type, body)
    };
    let answer = sent("text/plain").send().await.expect(200);
    assert_eq!(answer.text(), before.text());
    let answer = sent("application/json").send().await.expect(413);
    assert_eq!(
        answer.text(),
        r#"{"statusCode":413,"message":"request entity too large"}"#
    );
}

#[tokio::test]
async fn a_body_that_is_not_what_its_encoding_says_is_refused() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let path = format!("{PERMISSIONS}/{}", console.permission("users.create").await);
    let header: &[u8] = &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 0xFF];
    for (encoding, bytes, message) in [
        ("gzip", b"{}".as_slice(), "incorrect header check"),
        ("gzip", header, "unexpected end of file"),
        ("gzip", b"", "unexpected end of file"),
        ("deflate", b"{}", "incorrect header check"),
    ] {
        let request = console.request(Method::PATCH, &path);
        let request = request.body("application/json", bytes);
        let length = bytes.len().to_string();
        let request = request.header("content-length", &length);
        let answer = request.header("content-encoding", encoding).send().await;
        assert_eq!(
            answer.expect(400).text(),
            format!(r#"{{"statusCode":400,"message":"{message}"}}"#)
        );
    }
}

/// The product has no limit but its index's, at which it fails; ours is said.
#[tokio::test]
async fn a_role_s_name_that_is_too_long_is_a_bad_request() {
    let server = Server::start().await;
    let console = Console::of(&server).await;
    let role = json!({"name": "x".repeat(2_401), "guard": "web"});
    let role = console
        .request(Method::POST, "/auth/admin/api/roles")
        .json(&role);
    let answer = role.send().await.expect(400).json();
    assert_eq!(
        text(&answer, "/message"),
        "name must be shorter than or equal to 2400 bytes"
    );
}
