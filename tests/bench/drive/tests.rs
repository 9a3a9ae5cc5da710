//! Against a server that answers every request with "yes", one at a time, at its leisure.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use super::*;
use crate::wire::{Target, Wire};

/// Expects one answer, always.
struct Expecting(&'static str);

impl Caller for Expecting {
    fn ask(&mut self) -> Ask {
        Ask::get("/")
    }

    fn judge(&mut self, answer: &Answer) -> Result<(), String> {
        if answer.expect(200)?.body == self.0 {
            Ok(())
        } else {
            Err(format!("not {}", self.0))
        }
    }
}

fn plan() -> Plan {
    let server = std::process::id();
    Plan {
        warm_up: Duration::from_millis(20),
        window: Duration::from_millis(200),
        processes: Processes {
            server,
            postmaster: None,
            kafka: None,
        },
    }
}

/// Starts a server that takes so long for each request, whoever sends it.
async fn yes_after(pause: Duration) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let turn = Arc::new(Mutex::new(()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let turn = Arc::clone(&turn);
            let answer = service_fn(move |_: Request<hyper::body::Incoming>| {
                let turn = Arc::clone(&turn);
                async move {
                    let turn = turn.lock().await;
                    tokio::time::sleep(pause).await;
                    drop(turn);
                    Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from("yes"))))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    Target {
        address,
        token: "t".to_owned(),
    }
}

async fn callers(target: &Target, count: usize, what: &'static str) -> Vec<(Wire, Expecting)> {
    let wires = Wire::open_many(target, count).await;
    wires
        .into_iter()
        .map(|wire| (wire, Expecting(what)))
        .collect()
}

#[tokio::test]
async fn a_closed_loop_counts_the_answers_within_its_window() {
    let target = yes_after(Duration::from_millis(1)).await;
    let point = closed(callers(&target, 3, "yes").await, &plan()).await;
    assert_eq!(point.faults.count, 0, "{:?}", point.faults);
    assert!(point.samples.count() > 0);
    assert!(point.samples.count() <= point.answered);
    assert!(point.span >= plan().window);
}

#[tokio::test]
async fn wrong_answers_are_told_in_both_loops() {
    let target = yes_after(Duration::ZERO).await;
    let closed = closed(callers(&target, 2, "no").await, &plan()).await;
    let open = open(callers(&target, 2, "no").await, 100, &plan()).await;
    for point in [closed, open] {
        assert!(point.answered > 0);
        assert_eq!(point.faults.count, point.answered);
        assert_eq!(point.faults.told[0], "not no");
        assert!(point.faults.told.len() <= TOLD);
    }
}

#[tokio::test]
async fn an_open_loop_answers_for_all_that_was_due() {
    // A twentieth of what it is asked, so that the last request waits for most of the others.
    let target = yes_after(Duration::from_millis(10)).await;
    let point = open(callers(&target, 4, "yes").await, 500, &plan()).await;
    assert_eq!(point.faults.count, 0, "{:?}", point.faults);
    assert_eq!(point.answered, 110, "500 a second for 220 ms");
    assert_eq!(point.samples.count(), 100, "500 a second for 200 ms");
    let longest = point.samples.latency().unwrap().max_ms;
    assert!(longest >= 110.0 * 10.0 - 220.0, "{longest}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepting = tokio::spawn(async move { drop(listener.accept().await) });
    let target = Target {
        address,
        token: "t".to_owned(),
    };
    let callers = callers(&target, 1, "yes").await;
    accepting.await.unwrap();
    let point = closed(callers, &plan()).await;
    assert_eq!((point.faults.count, point.answered), (1, 0));
}
