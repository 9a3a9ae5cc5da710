//! Segments as rows, and what the router really does with odd paths.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawPathParams, Request};
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use tower::ServiceExt as _;

use super::*;

#[test]
fn a_segment_is_decoded_once_and_nothing_else() {
    let rows = [
        ("", ""),
        ("rol_1", "rol_1"),
        ("https:%2F%2Fapi.example.com%2F", "https://api.example.com/"),
        (
            "https%3A%2F%2Fapi.example.com%2F",
            "https://api.example.com/",
        ),
        ("auth0%7C123", "auth0|123"),
        ("auth0|123", "auth0|123"),
        ("a+b%20c", "a+b c"),
        ("%2520", "%20"),
        ("%c3%A9", "é"),
        ("%2e%2E", ".."),
        ("%3Fa%23b", "?a#b"),
        ("%F0%9F%91%A9", "👩"),
    ];
    for (sent, expected) in rows {
        assert_eq!(decode(sent).as_deref(), Ok(expected), "{sent}");
    }
}

#[test]
fn a_segment_that_is_no_text_is_refused() {
    let percent = |segment: &str| PathError::BadPercent {
        segment: segment.into(),
    };
    let utf8 = |segment: &str| PathError::NotUtf8 {
        segment: segment.into(),
    };
    let nul = |segment: &str| PathError::HoldsNul {
        segment: segment.into(),
    };
    let rows = [
        ("%", percent("%")),
        ("a%2", percent("a%2")),
        ("%zz", percent("%zz")),
        ("%2F%+1", percent("%2F%+1")),
        ("100%", percent("100%")),
        ("%%41", percent("%%41")),
        ("%ff", utf8("%ff")),
        ("a%C3", utf8("a%C3")),
        ("%ED%A0%80", utf8("%ED%A0%80")),
        ("%C0%80", utf8("%C0%80")),
        ("%00", nul("%00")),
        ("a%00b", nul("a%00b")),
    ];
    for (sent, expected) in rows {
        assert_eq!(decode(sent), Err(expected), "{sent}");
    }
}

#[test]
fn a_path_is_split_before_it_is_decoded() {
    let rows: &[(&str, &[&str])] = &[
        ("/", &[""]),
        ("/a", &["a"]),
        ("/a/", &["a", ""]),
        ("/a//b/", &["a", "", "b", ""]),
        ("/apis/https:%2F%2Fa%2F/x", &["apis", "https://a/", "x"]),
    ];
    for (sent, expected) in rows {
        assert_eq!(split(sent).unwrap(), *expected, "{sent}");
    }
}

#[test]
fn parameters_are_read_by_the_pattern() {
    type Expected = &'static [(&'static str, &'static str)];
    let rows: &[(&str, &str, Expected)] = &[
        ("/roles", "/roles", &[]),
        ("/roles/{id}", "/roles/a%2Fb", &[("id", "a/b")]),
        (
            "/users/{user}/roles/{role}",
            "/users/auth0%7C1/roles/r",
            &[("user", "auth0|1"), ("role", "r")],
        ),
        ("/files/{id}/{*rest}", "/files/1/a/b", &[("id", "1")]),
        ("/v{version}/x", "/v2/x", &[("version", "2")]),
        ("/{{literal}}/{id}", "/{literal}/1", &[("id", "1")]),
    ];
    for (pattern, path, expected) in rows {
        let segments = Segments::read(pattern, path).unwrap();
        let read: Vec<_> = segments.iter().collect();
        assert_eq!(read, *expected, "{pattern} of {path}");
    }
}

#[test]
fn a_parameter_that_the_route_lacks_is_our_mistake() {
    let segments = Segments::read("/roles/{id}", "/roles/r").unwrap();
    assert_eq!(segments.get("id"), Ok("r"));
    let error = segments.get("role").unwrap_err();
    assert_eq!(
        error,
        PathError::NoParameter {
            name: "role".into()
        }
    );
    assert_eq!(Problem::from(error).code(), "internal");
}

/// What a route with `Segments` answers, in its own words.
async fn own(segments: Result<Segments, PathError>) -> (StatusCode, String) {
    match segments {
        Ok(segments) => (StatusCode::OK, segments.get("id").unwrap_or("-").to_owned()),
        Err(error) => (StatusCode::IM_A_TEAPOT, error.to_string()),
    }
}

async fn unprepared(segments: Segments) -> String {
    format!("{segments:?}")
}

/// What the router itself would give: the raw and the decoded parameter.
async fn routers(raw: RawPathParams, Path(decoded): Path<String>) -> String {
    let raw: Vec<_> = raw.iter().map(|(_, value)| value.to_owned()).collect();
    format!("{raw:?} {decoded:?}")
}

fn app() -> Router {
    let nested = Router::new().route("/{id}/permissions", get(own));
    Router::new()
        .route("/own/{id}", get(own))
        .route("/problem/{id}", get(unprepared))
        .route("/problem/{id}/x", get(unprepared))
        .route("/router/{id}", get(routers))
        .route("/router/{id}/x", get(routers))
        .route("/own/{id}/x", get(own))
        .nest("/api/v2/roles", nested)
        .fallback(|| async { (StatusCode::NOT_FOUND, "fallback") })
}

async fn get_path(path: &str) -> (u16, String) {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::try_from(path).unwrap();
    let response = app().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 4096)
        .await
        .unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_extractor_reads_what_was_sent() {
    let rows = [
        ("/own/rol_1", 200, "rol_1"),
        (
            "/own/https:%2F%2Fapi.example.com%2F",
            200,
            "https://api.example.com/",
        ),
        (
            "/own/https%3A%2F%2Fapi.example.com%2F?x=/y",
            200,
            "https://api.example.com/",
        ),
        ("/own/auth0%7C123", 200, "auth0|123"),
        ("/own/..", 200, ".."),
        (
            "/own/%ff",
            418,
            "the path segment \"%ff\" is not UTF-8 when it is decoded",
        ),
        ("/own/%00", 418, "the path segment \"%00\" holds U+0000"),
        (
            "/own/%zz",
            418,
            "the path segment \"%zz\" holds a % without two hexadecimal digits after it",
        ),
        ("/api/v2/roles/a%2Fb/permissions", 200, "a/b"),
    ];
    for (path, status, body) in rows {
        assert_eq!(get_path(path).await, (status, body.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_bad_path_is_a_problem_where_nobody_says_otherwise() {
    let (status, body) = get_path("/problem/%ff").await;
    assert_eq!(status, 400);
    assert!(body.contains("/problems/bad-path"), "{body}");
    let (status, body) = get_path("/problem//x").await;
    assert_eq!(status, 404);
    assert!(body.contains("/problems/not-found"), "{body}");
}

/// Not our rules but the router's: what routes may rely on, and why `Segments` is there.
#[tokio::test]
async fn what_the_router_does_with_odd_paths() {
    let rows = [
        // An encoded slash does not split, and a raw one always does.
        ("/router/a%2Fb", 200, r#"["a/b"] "a/b""#),
        ("/router/a/b", 404, "fallback"),
        ("/own/a%2Fb", 200, "a/b"),
        // At the end an empty parameter matches nothing, nor does a trailing slash.
        ("/router/", 404, "fallback"),
        ("/router", 404, "fallback"),
        ("/router/a/", 404, "fallback"),
        ("/own/", 404, "fallback"),
        // In the middle an empty parameter matches, which `Segments` refuses.
        ("/router//x", 200, r#"[""] """#),
        ("/own//x", 418, "the path parameter \"id\" is empty"),
        (
            "/api/v2/roles//permissions",
            418,
            "the path parameter \"id\" is empty",
        ),
        // Doubled slashes are not merged, and dots are not resolved.
        ("//router/a", 404, "fallback"),
        ("/x/../router/a", 404, "fallback"),
        // Only parameters are decoded, never the literal parts of a route.
        ("/r%6Futer/a", 404, "fallback"),
        // It takes U+0000 and broken percent signs, which is why it is not asked.
        ("/router/%00", 200, "[\"\\0\"] \"\\0\""),
        ("/router/%zz", 200, r#"["%zz"] "%zz""#),
        ("/router/a+b", 200, r#"["a+b"] "a+b""#),
        ("/router/%ff", 400, "Invalid UTF-8 in `id`"),
    ];
    for (path, status, body) in rows {
        assert_eq!(get_path(path).await, (status, body.to_owned()), "{path}");
    }
}
