//! The catalogue is whole, and an answer says what it may and no more.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::recorded::Recorded;
use super::*;

async fn json_of(response: Response) -> Value {
    let body = axum::body::to_bytes(response.into_body(), 64 * 1024).await;
    serde_json::from_slice(&body.unwrap()).unwrap()
}

#[test]
fn every_page_is_complete_and_named_once() {
    let mut codes = BTreeSet::new();
    for page in CATALOGUE {
        let kebab = page
            .code
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
        assert!(kebab, "{} is not kebab case", page.code);
        assert!(codes.insert(page.code), "{} is there twice", page.code);
        assert!(page.status.is_client_error() || page.status.is_server_error());
        assert!(!page.title.ends_with('.'), "{}: a title", page.code);
        for text in [page.description, page.remedy] {
            assert!(text.ends_with('.'), "{}: sentences", page.code);
        }
    }
}

#[test]
fn each_page_is_a_document() {
    let documents = documents();
    assert_eq!(documents.len(), CATALOGUE.len());
    let (path, text) = documents
        .iter()
        .find(|(path, _)| path == "problems/stale.md")
        .unwrap();
    assert!(
        text.starts_with(
            "# The thing has changed since it was read\n\n`stale`, status 412 Precondition Failed.\n"
        ),
        "{path}: {text}"
    );
    assert!(
        text.contains("\n\n## What you can do\n\nRead the thing again"),
        "{text}"
    );
}

#[test]
fn every_constructor_makes_its_situation() {
    let wait = Duration::from_secs(3);
    let rows = [
        (Problem::malformed("x"), "malformed", 400),
        (Problem::bad_header("If-Match", "x"), "bad-header", 400),
        (Problem::bad_path("x"), "bad-path", 400),
        (Problem::empty_body(), "empty-body", 400),
        (Problem::too_deep(1), "too-deep", 400),
        (Problem::body_interrupted(), "body-interrupted", 400),
        (Problem::unauthenticated(), "unauthenticated", 401),
        (Problem::forbidden(), "forbidden", 403),
        (Problem::insufficient_scope(&["a"]), "forbidden", 403),
        (Problem::not_found(), "not-found", 404),
        (Problem::no_such_command("x"), "no-such-command", 404),
        (Problem::method_not_allowed(), "method-not-allowed", 405),
        (Problem::timed_out(), "timed-out", 408),
        (Problem::conflict("x"), "conflict", 409),
        (Problem::history_forked(), "history-forked", 409),
        (Problem::stale(), "stale", 412),
        (Problem::too_large(1), "too-large", 413),
        (
            Problem::unsupported_media_type("x"),
            "unsupported-media-type",
            415,
        ),
        (
            Problem::idempotency_key_reused(),
            "idempotency-key-reused",
            422,
        ),
        (Problem::too_many_requests(wait), "too-many-requests", 429),
        (Problem::internal("x"), "internal", 500),
        (Problem::unavailable(wait), "unavailable", 503),
        (Problem::halted(wait), "halted", 503),
        (Problem::overloaded(wait), "overloaded", 503),
        (Problem::deadline_passed(wait), "deadline-passed", 503),
        (Problem::expired(), "expired", 503),
    ];
    for (problem, code, status) in rows {
        assert_eq!(problem.code(), code);
        assert_eq!(problem.status().as_u16(), status, "{code}");
        assert!(CATALOGUE.iter().any(|page| page.code == code), "{code}");
        let waits = problem.into_response().headers().contains_key(RETRY_AFTER);
        assert_eq!(waits, matches!(status, 429 | 503), "{code}: Retry-After");
    }
}

#[tokio::test]
async fn a_problem_is_answered_as_rfc_9457_has_it() {
    let response = Problem::conflict("two of a kind")
        .with_extension("entry", 12)
        .into_response();
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    let expected = json!({
        "type": "/problems/conflict",
        "title": "The request conflicts with the ledger",
        "status": 409,
        "code": "conflict",
        "detail": "two of a kind",
        "entry": 12,
    });
    assert_eq!(json_of(response).await, expected);
}

#[tokio::test]
async fn an_extension_cannot_pass_for_a_member_of_the_rfc() {
    let names = ["type", "title", "status", "code", "detail", "instance"];
    let problem = names
        .into_iter()
        .fold(Problem::not_found(), |problem, name| {
            problem.with_extension(name, "forged")
        });
    let body = json_of(problem.into_response()).await;
    assert!(!body.to_string().contains("forged"), "{body}");
}

#[test]
fn headers_go_with_the_problem() {
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    let rows = [
        (Problem::unauthenticated(), WWW_AUTHENTICATE, "Bearer"),
        (
            Problem::unauthenticated().with_challenge(challenge),
            WWW_AUTHENTICATE,
            "Bearer error=\"invalid_token\"",
        ),
        (Problem::unavailable(Duration::ZERO), RETRY_AFTER, "1"),
        (
            Problem::unavailable(Duration::from_millis(1_001)),
            RETRY_AFTER,
            "2",
        ),
        (
            Problem::unavailable(Duration::from_secs(2)),
            RETRY_AFTER,
            "2",
        ),
        (
            Problem::unavailable(Duration::MAX),
            RETRY_AFTER,
            "18446744073709551615",
        ),
    ];
    for (problem, header, expected) in rows {
        let response = problem.into_response();
        let values: Vec<_> = response.headers().get_all(&header).iter().collect();
        assert_eq!(values, [expected], "{header}");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("failed to read the entry")]
struct Outer(#[source] io::Error);

#[tokio::test]
async fn the_untold_part_is_logged_once_with_its_chain_and_never_sent() {
    let recorded = Recorded::start();
    let error = Outer(io::Error::other("disk of db-7 is full"));
    let mut problem = Problem::internal(error);
    assert!(problem.untold().is_some());
    problem.log();
    let response = problem.into_response();

    assert_eq!(
        recorded.lines(),
        [concat!(
            "ERROR request failed problem.code=internal problem.status=500 ",
            "error=failed to read the entry: disk of db-7 is full"
        )]
    );
    let body = json_of(response).await.to_string();
    assert!(
        !body.contains("db-7") && !body.contains("failed to read"),
        "{body}"
    );
}
