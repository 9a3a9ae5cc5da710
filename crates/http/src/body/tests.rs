//! Bodies as rows, and slow, long or broken connections.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::routing::post;
use axum::{Extension, Router};
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::*;
use crate::problem::Problem;

const LIMITS: Limits = Limits {
    max_bytes: 16,
    max_depth: 3,
    read_timeout: Duration::from_secs(10),
};

fn headers(rows: &[(HeaderName, &'static str)]) -> HeaderMap {
    rows.iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
        .collect()
}

fn received(media_type: Option<&str>, bytes: &[u8]) -> Received {
    Received {
        bytes: Bytes::copy_from_slice(bytes),
        media_type: media_type.map(str::to_owned),
        max_depth: LIMITS.max_depth,
    }
}

/// A body in these chunks.
fn chunks(chunks: &[&'static str]) -> Body {
    let chunks: Vec<_> = chunks.iter().map(|chunk| io::Result::Ok(*chunk)).collect();
    Body::from_stream(stream::iter(chunks))
}

/// A body in these chunks, whose end never comes.
fn endless(sent: &[&'static str]) -> Body {
    let sent: Vec<_> = sent.iter().map(|chunk| io::Result::Ok(*chunk)).collect();
    Body::from_stream(stream::iter(sent).chain(stream::pending()))
}

#[tokio::test]
async fn a_body_is_taken_up_to_the_limit() {
    let rows: &[(&[&'static str], Option<&str>)] = &[
        (&[], Some("")),
        (&["{}"], Some("{}")),
        (&["0123456789abcdef"], Some("0123456789abcdef")),
        (&["01234567", "", "89abcdef"], Some("0123456789abcdef")),
        (&["0123456789abcdef", "x"], None),
        (&["0123456789abcdefx"], None),
        (&["0123456789", "0123456789", "0123456789"], None),
    ];
    for (sent, expected) in rows {
        let read = read(chunks(sent), &HeaderMap::new(), &LIMITS).await;
        match expected {
            Some(expected) => assert_eq!(read.unwrap().bytes, *expected, "{sent:?}"),
            None => assert!(
                matches!(read, Err(BodyError::TooLarge { limit: 16 })),
                "{sent:?}: {read:?}"
            ),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_length_over_the_limit_is_refused_before_anything_is_kept() {
    // (headers, seconds until the refusal): what is sent is awaited only if it may end soon.
    let rows = [
        (headers(&[(CONTENT_LENGTH, "17")]), 2),
        (headers(&[(CONTENT_LENGTH, "64")]), 2),
        (headers(&[(CONTENT_LENGTH, "65")]), 0),
        (
            headers(&[(CONTENT_LENGTH, "17"), (EXPECT, "100-continue")]),
            0,
        ),
    ];
    for (headers, seconds) in rows {
        let start = Instant::now();
        let read = read(endless(&["{"]), &headers, &LIMITS).await;
        assert!(
            matches!(read, Err(BodyError::TooLarge { limit: 16 })),
            "{read:?}"
        );
        assert_eq!(start.elapsed().as_secs(), seconds, "{headers:?}");
    }
    let exact = headers(&[(CONTENT_LENGTH, "16")]);
    let read = read(chunks(&["0123456789abcdef"]), &exact, &LIMITS).await;
    assert_eq!(read.unwrap().bytes.len(), 16);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_in_time_is_given_up() {
    // A byte a second, so that no single wait is long.
    let drip = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((io::Result::Ok("x"), ()))
    });
    let rows = [endless(&[]), endless(&["{"]), Body::from_stream(drip)];
    for body in rows {
        let start = Instant::now();
        let read = read(body, &HeaderMap::new(), &LIMITS).await;
        assert!(
            matches!(read, Err(BodyError::TimedOut { after }) if after == LIMITS.read_timeout),
            "{read:?}"
        );
        assert_eq!(start.elapsed(), LIMITS.read_timeout);
    }
}

#[tokio::test]
async fn a_broken_connection_is_no_body() {
    let broken = [Ok("{"), Err(io::Error::other("reset by peer"))];
    let body = Body::from_stream(stream::iter(broken));
    let error = read(body, &HeaderMap::new(), &LIMITS).await.unwrap_err();
    assert!(matches!(error, BodyError::Disconnected { .. }), "{error:?}");
}

#[tokio::test]
async fn a_lower_limit_further_out_is_a_limit_too() {
    let limited = http_body_util::Limited::new(chunks(&["0123456789"]), 4);
    let error = read(Body::new(limited), &HeaderMap::new(), &LIMITS).await;
    assert!(
        matches!(error, Err(BodyError::TooLarge { limit: 16 })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_body_that_is_encoded_is_refused() {
    let rows = [
        (&[][..], true),
        (&["identity"], true),
        (&["Identity, identity"], true),
        (&[""], true),
        (&["gzip"], false),
        (&["identity, gzip"], false),
        (&["identity", "br"], false),
    ];
    for (encodings, allowed) in rows {
        let mut headers = HeaderMap::new();
        for encoding in encodings {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        let read = read(chunks(&["{}"]), &headers, &LIMITS).await;
        let refused = matches!(read, Err(BodyError::WrongEncoding { .. }));
        assert_eq!(refused, !allowed, "{encodings:?}: {read:?}");
    }
}

#[test]
fn json_is_read_by_its_media_type() {
    let rows = [
        (None, true),
        (Some("application/json"), true),
        (Some("Application/JSON; charset=UTF-8"), true),
        (Some("application/json;charset=\"utf8\""), true),
        (Some("application/json; profile=x"), true),
        (Some("application/merge-patch+json"), true),
        (Some("application/json; charset=latin1"), false),
        (Some("application/x-www-form-urlencoded"), false),
        (Some("text/json"), false),
        (Some("text/plain"), false),
        (Some("json"), false),
        (Some(""), false),
    ];
    for (media_type, allowed) in rows {
        let json = received(media_type, b"{}").json();
        let refused = matches!(json, Err(BodyError::WrongMediaType { .. }));
        assert_eq!(refused, !allowed, "{media_type:?}: {json:?}");
    }
}

#[test]
fn a_json_value_is_read() {
    let rows = [
        ("null", json!(null)),
        (
            " {\"a\":[1,{\"b\":\"]}[\"}]}\n",
            json!({"a": [1, {"b": "]}["}]}),
        ),
        ("[[[]],[[]]]", json!([[[]], [[]]])),
        (r#""\"[[[[\"""#, json!("\"[[[[\"")),
        ("{\"a\":1,\"a\":2}", json!({"a": 2})),
    ];
    for (sent, expected) in rows {
        let json = received(None, sent.as_bytes()).json();
        assert_eq!(json.unwrap(), expected, "{sent}");
    }
}

#[test]
fn what_is_not_one_json_value_is_refused_by_situation() {
    let rows: &[(&[u8], &str)] = &[
        (b"", "the body is empty"),
        (b" \r\n", "the body is empty"),
        (b"{\"a\":\"\xff\"}", "the body is not UTF-8 after 6 bytes"),
        (b"[[[[]]]]", "the body is nested deeper than 3 levels"),
        (
            b"{\"a\":{\"a\":{\"a\":{}}}}",
            "the body is nested deeper than 3 levels",
        ),
        (b"[\"\\\\\",[[[", "the body is nested deeper than 3 levels"),
        (
            b"{\"a\":\n  tru}",
            "the body is not JSON: expected ident at line 2 column 6",
        ),
        (
            b"{\"a\":1",
            "the body is not JSON: EOF while parsing an object at line 1 column 6",
        ),
        (
            b"{} {}",
            "the body is not JSON: trailing characters at line 1 column 4",
        ),
        (
            b"\xef\xbb\xbf{}",
            "the body is not JSON: expected value at line 1 column 1",
        ),
        (
            b"{'a':1}",
            "the body is not JSON: key must be a string at line 1 column 2",
        ),
        (
            b"\"\\",
            "the body is not JSON: EOF while parsing a string at line 1 column 2",
        ),
    ];
    for (sent, expected) in rows {
        let error = received(None, sent).json().unwrap_err();
        assert_eq!(error.to_string(), *expected);
    }
}

#[test]
fn the_deepest_limit_is_the_parsers() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let mut body = received(None, nested(127).as_bytes());
    body.max_depth = usize::MAX;
    assert!(body.json().is_ok());
    body.bytes = nested(128).into();
    assert!(matches!(
        body.json(),
        Err(BodyError::TooDeep { limit: 127 })
    ));
    body.bytes = "[".repeat(1_000_000).into();
    assert!(matches!(
        body.json(),
        Err(BodyError::TooDeep { limit: 127 })
    ));
}

#[test]
fn every_error_is_a_situation() {
    let after = Duration::from_secs(1);
    let found = || "x".to_owned();
    let rows = [
        (
            BodyError::TooLarge { limit: 5 },
            "too-large",
            json!({"limit": 5}),
        ),
        (BodyError::TimedOut { after }, "timed-out", json!({})),
        (
            BodyError::Disconnected {
                source: axum::Error::new(io::Error::other("x")),
            },
            "body-interrupted",
            json!({}),
        ),
        (BodyError::Empty, "empty-body", json!({})),
        (
            BodyError::NotUtf8 { valid_up_to: 1 },
            "malformed",
            json!({}),
        ),
        (
            BodyError::Malformed {
                line: 2,
                column: 3,
                message: found(),
            },
            "malformed",
            json!({"line": 2, "column": 3}),
        ),
        (
            BodyError::TooDeep { limit: 7 },
            "too-deep",
            json!({"limit": 7}),
        ),
        (
            BodyError::WrongMediaType { found: found() },
            "unsupported-media-type",
            json!({}),
        ),
        (
            BodyError::WrongEncoding { found: found() },
            "unsupported-media-type",
            json!({}),
        ),
    ];
    for (error, code, extensions) in rows {
        let problem = Problem::from(error);
        assert_eq!(problem.code(), code);
        assert_eq!(
            Value::Object(problem.extensions().clone()),
            extensions,
            "{code}"
        );
    }
}

#[test]
fn a_fingerprint_tells_requests_apart() {
    let rows = [
        (Method::POST, "/a", None, "b"),
        (Method::PUT, "/a", None, "b"),
        (Method::POST, "/ab", None, ""),
        (Method::POST, "/a", Some(""), "b"),
        (Method::POST, "/a", Some("b"), ""),
        (Method::POST, "/a", None, "b "),
        (Method::POST, "/%61", None, "b"),
        (Method::POST, "/a?", None, "b"),
        (Method::POST, "/a", Some("x=1&y=2"), "b"),
        (Method::POST, "/a", Some("y=2&x=1"), "b"),
    ];
    let print = |(method, path, query, body): &(Method, &str, Option<&str>, &str)| {
        fingerprint(method, path, *query, body.as_bytes())
    };
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(print(row), print(row));
        for other in rows.iter().skip(at + 1) {
            assert_ne!(print(row), print(other), "{row:?} and {other:?}");
        }
    }
}

#[test]
fn a_fingerprint_is_the_same_for_ever() {
    let print = fingerprint(&Method::PATCH, "/api/v2/roles/r%2F1", Some("a=b"), b"{}");
    // By another implementation of SHA-256, over the six parts with their lengths.
    let expected = [
        0x25, 0xb2, 0x4e, 0x45, 0xe8, 0xea, 0xff, 0xa1, 0x27, 0x94, 0x9f, 0xa7, 0x49, 0x3d, 0x41,
        0x6b, 0x23, 0x01, 0xbf, 0x74, 0x1f, 0xee, 0x62, 0xb8, 0x41, 0x33, 0xd3, 0x20, 0x34, 0xb9,
        0x2b, 0xac,
    ];
    assert_eq!(print, expected);
}

/// A server that reads one body per connection and tells what became of it.
async fn serve(limits: Limits) -> (JoinSet<()>, std::net::SocketAddr, mpsc::Receiver<String>) {
    let (told, outcomes) = mpsc::channel(8);
    let handler = |Extension(told): Extension<Arc<mpsc::Sender<String>>>,
                   Extension(limits): Extension<Limits>,
                   headers: HeaderMap,
                   body: Body| async move {
        let read = read(body, &headers, &limits).await;
        let outcome = match &read {
            Ok(received) => format!("{} bytes", received.bytes.len()),
            Err(error) => error.to_string(),
        };
        told.send(outcome).await.unwrap();
        read.map(|_| "read")
    };
    let app = Router::new()
        .route("/", post(handler))
        .layer(Extension(Arc::new(told)))
        .layer(Extension(limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, app).await.unwrap() });
    (server, address, outcomes)
}

#[tokio::test]
async fn a_client_that_sends_too_much_sees_the_refusal_and_no_reset() {
    let limits = Limits {
        max_bytes: 1024 * 1024,
        ..Limits::default()
    };
    let (_server, address, _outcomes) = serve(limits).await;
    let body = vec![b' '; 3 * 1024 * 1024];
    let chunk = format!("{:x}\r\n", body.len());
    let rows: [(String, &[u8]); 2] = [
        (format!("Content-Length: {}\r\n\r\n", body.len()), b""),
        (
            format!("Transfer-Encoding: chunked\r\n\r\n{chunk}"),
            b"\r\n0\r\n\r\n",
        ),
    ];
    for (framing, end) in rows {
        let mut client = TcpStream::connect(address).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}");
        client.write_all(head.as_bytes()).await.unwrap();
        client.write_all(&body).await.unwrap();
        client.write_all(end).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("/problems/too-large"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_is_noticed() {
    let (_server, address, mut outcomes) = serve(LIMITS).await;
    for sent in [
        "Content-Length: 10\r\n\r\n{\"a",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let mut client = TcpStream::connect(address).await.unwrap();
        let request = format!("POST / HTTP/1.1\r\nHost: a\r\n{sent}");
        client.write_all(request.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let outcome = outcomes.recv().await.unwrap();
        assert_eq!(outcome, "the body ended early", "{sent}");
    }
}
