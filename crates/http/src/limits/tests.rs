//! Tests of the layers, and of the buckets against a clock by hand.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tower::ServiceExt as _;
use writ_domain::Clock;

use super::*;
use crate::problem::Problem;
use crate::problem::recorded::Recorded;

async fn status_and_body(app: Router, path: &str) -> (Response<()>, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (head, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 4096).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (Response::from_parts(head, ()), body)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a `Render` takes the problem"
)]
fn own(problem: Problem) -> Response {
    (problem.status(), format!("own {}", problem.code())).into_response()
}

#[tokio::test]
async fn as_many_as_there_are_places_go_in_and_the_next_is_turned_away() {
    let gate = Arc::new(Notify::new());
    let inside = Arc::new(Notify::new());
    let handler = {
        let (gate, inside) = (Arc::clone(&gate), Arc::clone(&inside));
        move || async move {
            inside.notify_one();
            gate.notified().await;
            "done"
        }
    };
    let shed = ShedLayer::new(2);
    let app = Router::new().route("/", get(handler)).layer(shed.clone());

    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..2 {
        waiting.spawn(status_and_body(app.clone(), "/"));
        inside.notified().await;
    }
    assert_eq!(shed.free(), 0);

    let (head, body) = status_and_body(app.clone(), "/").await;
    assert_eq!(head.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(head.headers()[RETRY_AFTER], "1");
    assert!(body.contains("/problems/overloaded"), "{body}");

    for _ in 0..2 {
        gate.notify_one();
        let (head, body) = waiting.join_next().await.unwrap().unwrap();
        assert_eq!((head.status(), body.as_str()), (StatusCode::OK, "done"));
    }
    assert_eq!(shed.free(), 2, "places are given back");

    gate.notify_one();
    let (head, _) = status_and_body(app, "/").await;
    assert_eq!(head.status(), StatusCode::OK, "and taken again");
}

#[tokio::test]
async fn a_request_whose_client_goes_away_gives_its_place_back() {
    let shed = ShedLayer::new(1);
    let app = Router::new()
        .route("/", get(std::future::pending::<&str>))
        .layer(shed.clone());
    let request = Request::get("/").body(Body::empty()).unwrap();
    let mut answer = Box::pin(app.oneshot(request));
    assert!(futures_pending(answer.as_mut()).await);
    assert_eq!(shed.free(), 0);
    drop(answer);
    assert_eq!(shed.free(), 1);
}

/// Polls once and says whether it is not ready.
async fn futures_pending<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
    })
    .await
}

async fn panics() -> &'static str {
    panic!("secret {}", 42)
}

#[tokio::test]
async fn a_panic_is_a_problem_that_does_not_say_what_it_said() {
    let rows: [(Router, &str); 2] = [
        (
            Router::new().route("/", get(panics)).layer(catch_panic()),
            "/problems/internal",
        ),
        (
            Router::new()
                .route("/", get(panics))
                .layer(catch_panic_with(own)),
            "own internal",
        ),
    ];
    for (app, expected) in rows {
        let recorded = Recorded::start();
        let (head, body) = status_and_body(app, "/").await;
        let logged = [concat!(
            "ERROR request failed problem.code=internal problem.status=500 ",
            "error=the handler panicked: secret 42"
        )];
        assert_eq!(recorded.lines(), logged, "once, whoever renders it");
        assert_eq!(head.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains(expected), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_is_given_up() {
    let app = Router::new()
        .route("/never", get(std::future::pending::<&str>))
        .route("/now", get(|| async { "now" }));
    let problem = app
        .clone()
        .layer(DeadlineLayer::new(Duration::from_secs(30)));
    let (head, body) = status_and_body(problem.clone(), "/never").await;
    assert_eq!(head.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(head.headers()[RETRY_AFTER], "1");
    assert!(body.contains("/problems/deadline-passed"), "{body}");
    let (head, body) = status_and_body(problem, "/now").await;
    assert_eq!((head.status(), body.as_str()), (StatusCode::OK, "now"));

    let own = app.layer(DeadlineLayer::new(Duration::from_secs(30)).with_render(own));
    let (_, body) = status_and_body(own, "/never").await;
    assert_eq!(body, "own deadline-passed");
}

/// A clock that stands until it is set, in milliseconds of the epoch.
#[derive(Debug, Default)]
struct ByHand(AtomicI64);

impl Clock for ByHand {
    fn now(&self) -> DateTime<Utc> {
        at(self.0.load(Ordering::Relaxed))
    }
}

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap()
}

fn rate(requests: u32, per_ms: u64, burst: u32, max_keys: usize) -> (Rate, Arc<ByHand>) {
    let clock: Arc<ByHand> = Arc::default();
    let options = RateOptions {
        requests: NonZeroU32::new(requests).unwrap(),
        per: Duration::from_millis(per_ms),
        burst: NonZeroU32::new(burst).unwrap(),
        max_keys,
    };
    let rate = Rate::new(options, Arc::<ByHand>::clone(&clock));
    (rate, clock)
}

#[test]
fn a_bucket_gives_its_burst_and_then_its_rate() {
    // Two a second, three at once.
    let (rate, clock) = rate(2, 1_000, 3, 10);
    // (at, allowed, remaining, next_at, full_at, retry_after), all in ms
    let rows = [
        (0, true, 2, 500, 500, 0),
        (0, true, 1, 500, 1_000, 0),
        (0, true, 0, 500, 1_500, 0),
        (0, false, 0, 500, 1_500, 500),
        (499, false, 0, 500, 1_500, 1),
        (500, true, 0, 1_000, 2_000, 0),
        (500, false, 0, 1_000, 2_000, 500),
        (1_999, true, 1, 2_000, 2_500, 0),
        (60_000, true, 2, 60_500, 60_500, 0),
        // The clock is set back: the key waits as long as an empty bucket, not for an hour.
        (1_000, false, 0, 1_500, 2_500, 500),
        (1_500, true, 0, 2_000, 3_000, 0),
    ];
    for (row, (ms, allowed, remaining, next, full, retry)) in rows.into_iter().enumerate() {
        clock.0.store(ms, Ordering::Relaxed);
        let taken = rate.take("key");
        let expected = Taken {
            allowed,
            limit: 3,
            remaining,
            next_at: at(next),
            full_at: at(full),
            retry_after: Duration::from_millis(retry),
        };
        assert_eq!(taken, expected, "row {row}");
    }
}

#[test]
fn keys_do_not_share_a_bucket() {
    let (rate, _) = rate(1, 1_000, 1, 10);
    assert!(rate.take("a").allowed);
    assert!(!rate.take("a").allowed);
    assert!(rate.take("b").allowed);
}

#[test]
fn full_buckets_are_forgotten_first_and_then_the_fullest() {
    let (rate, clock) = rate(1, 1_000, 3, 2);
    for _ in 0..4 {
        rate.take("greedy");
    }
    for other in 0..1_000 {
        assert!(rate.take(&format!("other {other}")).allowed);
        assert!(rate.keys() <= 2);
    }
    assert!(!rate.take("greedy").allowed, "held back all the same");
    clock.0.store(10_000, Ordering::Relaxed);
    assert!(rate.take("late").allowed);
    assert_eq!(rate.keys(), 1, "the full ones are gone");
}

#[test]
fn extreme_options_overflow_nothing() {
    let (rate, _) = rate(1, u64::MAX, u32::MAX, 1);
    let taken = rate.take("key");
    assert!(taken.allowed);
    assert_eq!(taken.remaining, u32::MAX - 1);
    assert_eq!(taken.full_at, DateTime::<Utc>::MAX_UTC);

    let (rate, _) = self::rate(u32::MAX, 0, 1, 0);
    assert!(rate.take("key").allowed);
    assert!(rate.take("key").allowed, "no key is remembered");
}

#[test]
fn threads_together_take_no_more_than_the_burst() {
    let (rate, _) = rate(1, 1_000, 100, 10);
    let passed = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mine = (0..50).filter(|_| rate.take("key").allowed).count();
                *passed.lock().unwrap() += mine;
            });
        }
    });
    assert_eq!(passed.into_inner().unwrap(), 100);
}
