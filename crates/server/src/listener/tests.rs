//! A real socket on the loopback interface: limits, shutdown, health.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::*;

const OPTIONS: Options = Options {
    header_limit: 8192,
    header_timeout: Duration::from_secs(30),
    connections_max: 8,
};

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<anyhow::Result<()>>,
}

async fn server(router: Router, options: Options) -> Server {
    let listener = bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = TaskTracker::new().spawn(serve(listener, router, options, stop.clone()));
    Server {
        address,
        stop,
        served,
    }
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

const ONCE: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_handler_sees_who_calls() {
    let who = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let server = server(Router::new().route("/", get(who)), OPTIONS).await;
    let answer = rest(send(server.address, ONCE).await).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n127.0.0.1"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_is_in_flight_is_answered_before_the_end() {
    let (entered, proceed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (entered, proceed) = (Arc::clone(&entered), Arc::clone(&proceed));
        move || async move {
            entered.notify_one();
            proceed.notified().await;
            "done"
        }
    };
    let server = server(Router::new().route("/", get(handler)), OPTIONS).await;
    // One that idles must not hold up the end.
    let idle = TcpStream::connect(server.address).await.unwrap();
    let busy = send(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    entered.notified().await;
    server.stop.cancel();
    assert_eq!(rest(idle).await, "");
    proceed.notify_one();
    assert!(rest(busy).await.ends_with("done"));
    server.served.await.unwrap().unwrap();
    assert!(
        TcpStream::connect(server.address).await.is_err(),
        "nothing new is let in"
    );
}

#[tokio::test]
async fn a_head_that_is_too_large_or_too_slow_is_cut_off() {
    let options = Options {
        header_timeout: Duration::from_millis(50),
        ..OPTIONS
    };
    let server = server(Router::new(), options).await;
    let large = format!("GET /{} HTTP/1.1\r\n", "a".repeat(10_000));
    let answer = rest(send(server.address, &large).await).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let slow = send(server.address, "GET / HTTP/1.1\r\nhost:").await;
    let answer = rest(slow).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let server = server(
        Router::new().route("/", get(|| async { "ok" })),
        Options {
            connections_max: 1,
            ..OPTIONS
        },
    )
    .await;
    let mut first = send(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut byte = [0_u8; 1];
    first.read_exact(&mut byte).await.unwrap();
    let mut second = send(server.address, ONCE).await;
    let early = tokio::time::timeout(Duration::from_millis(50), second.read(&mut byte)).await;
    assert!(early.is_err(), "the only slot is taken");
    drop(first);
    assert!(rest(second).await.ends_with("ok"));
}

#[tokio::test]
async fn health_tells_the_living_from_the_ready() {
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let readiness = Readiness {
        ready: false,
        checks: [("lag", "9000 entries".into())].into(),
    };
    let readying: Readying = Arc::new(move || {
        let readiness = readiness.clone();
        Box::pin(async move { readiness })
    });
    let router = health(readying, metrics);
    for (path, expected) in [("/healthz", 200), ("/readyz", 503), ("/metrics", 200)] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{path}");
    }
}

#[test]
fn an_address_for_all_is_reached_on_the_loopback_one() {
    for (address, expected) in [
        ("127.0.0.1:4480", "http://127.0.0.1:4480"),
        ("0.0.0.0:1", "http://127.0.0.1:1"),
        ("[::]:1", "http://[::1]:1"),
        ("10.0.0.7:80", "http://10.0.0.7:80"),
    ] {
        assert_eq!(url(address.parse().unwrap()), expected);
    }
}
