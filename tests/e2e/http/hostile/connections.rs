//! Connections that stall, babble or vanish.

use std::time::Duration;

use writ_tests::raw::{self, Connection};

use super::Target;

/// How long a connection that brings nothing may be kept.
const PATIENCE: Duration = Duration::from_secs(90);
const LIMIT: Duration = Duration::from_secs(30);
const STALLED: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_stall_hold_nobody_up_and_are_let_go() {
    let target = Target::start().await;
    let address = target.server.address().to_owned();
    let head = format!(
        "POST /api/v2/roles HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n",
        target.server.ready().token
    );
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        let mut after_one_byte = Connection::open(&address).await;
        after_one_byte.send(b"P").await;
        stalled.push(after_one_byte);
        let mut in_the_body = Connection::open(&address).await;
        in_the_body.send(head.as_bytes()).await;
        in_the_body.send(b"{").await;
        stalled.push(in_the_body);
    }

    drop(target.client.get("/api/v2/roles").await.expect(200));
    for mut connection in stalled {
        let answer = connection.end(PATIENCE).await;
        assert!(answer.closed, "kept for {PATIENCE:?}: {answer:?}");
        if let Some(status) = answer.status() {
            assert!((400..500).contains(&status), "{answer:?}");
        }
    }
    target.lives_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_vanish_leave_nothing_behind() {
    let target = Target::start().await;
    let address = target.server.address().to_owned();
    let head = format!(
        "POST /api/v2/roles HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 16\r\n\r\n",
        target.server.ready().token
    );
    for _ in 0..STALLED {
        let mut connection = Connection::open(&address).await;
        connection.send(head.as_bytes()).await;
        connection.send(br#"{"name":"#).await;
    }
    let roles = target.client.get("/api/v2/roles").await.expect(200).json();
    assert_eq!(roles.as_array().map(Vec::len), Some(1), "{roles}");
    target.lives_on().await;
}

/// Bytes that are not a request, or one that no server should take.
fn garbage(address: &str, token: &str) -> Vec<(&'static str, Vec<u8>)> {
    let with = |extra: &str, rest: &str| {
        format!(
            "POST /api/v2/roles HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{extra}\r\n\r\n{rest}"
        )
        .into_bytes()
    };
    let many_headers = "x-one: more\r\n".repeat(10_000);
    let noise: Vec<u8> = (0..4096_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    vec![
        (
            "a TLS greeting",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        ),
        (
            "the preface of HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ),
        ("noise", [noise, b"\r\n\r\n".to_vec()].concat()),
        ("NULs", vec![0; 4096]),
        ("an unknown version", b"GET / HTTP/9.9\r\n\r\n".to_vec()),
        (
            "a method with a space",
            b"GE T / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(),
        ),
        (
            "a header with a NUL",
            with("x-nul: a\0b\r\ncontent-length: 0", ""),
        ),
        (
            "a header without a colon",
            b"GET / HTTP/1.1\r\nhost\r\n\r\n".to_vec(),
        ),
        (
            "a header of a megabyte",
            with(&format!("x-long: {}", "a".repeat(1 << 20)), ""),
        ),
        ("ten thousand headers", with(many_headers.trim_end(), "")),
        (
            "a target of a megabyte",
            format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(1 << 20)).into_bytes(),
        ),
        ("a negative length", with("content-length: -1", "")),
        (
            "a length beyond numbers",
            with("content-length: 99999999999999999999999", ""),
        ),
        (
            "two lengths",
            with("content-length: 2\r\ncontent-length: 3", "{}x"),
        ),
        (
            "a chunk without a size",
            with("transfer-encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n"),
        ),
        (
            "a chunk beyond numbers",
            with(
                "transfer-encoding: chunked",
                "fffffffffffffffffff\r\n{}\r\n",
            ),
        ),
        ("an unknown encoding", with("transfer-encoding: gzip", "{}")),
        (
            "a body that is not JSON",
            with("content-length: 4", "\u{1}\u{2}\u{3}\u{4}"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_or_cut_off() {
    let target = Target::start().await;
    let address = target.server.address().to_owned();
    for (what, bytes) in garbage(&address, &target.server.ready().token) {
        let answer = raw::exchange(&address, &bytes, LIMIT).await;
        match answer.status() {
            Some(status) => {
                assert!(
                    status != 500 && (400..=505).contains(&status),
                    "{what}: {answer:?}"
                );
            }
            None => assert!(
                answer.closed,
                "{what}: neither an answer nor an end: {answer:?}"
            ),
        }
    }
    target.lives_on().await;
}
