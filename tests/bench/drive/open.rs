//! The open loop: requests are due at a fixed rate, whatever becomes of those before.
//!
//! **Correctness.** A time counts from when its request was due, not from when a connection was
//! free to send it: a server that stalls is charged for all that would have been asked meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::{Caller, Plan, Point, Tally, Window};
use crate::wire::Wire;

/// More than any run has due: the pacer never waits for the server.
const DUE_MAX: usize = 1 << 20;

/// When requests are due, one after the other, shared by all connections.
type Due = Arc<Mutex<mpsc::Receiver<Request>>>;

#[derive(Debug, Clone, Copy)]
struct Request {
    due: Instant,
    /// Due within the window.
    is_measured: bool,
}

/// Asks so often a second, by whichever connection is free, until all that was due is answered.
pub(crate) async fn open<C: Caller>(
    callers: Vec<(Wire, C)>,
    per_second: u32,
    plan: &Plan,
) -> Point {
    let (sender, requests) = mpsc::channel(DUE_MAX);
    let pacer = Pacer {
        start: Instant::now(),
        per_second,
        warm_up: plan.warm_up,
        length: plan.warm_up + plan.window,
    };
    // A thread of its own: the timer of the runtime is a millisecond wide.
    let pacer = std::thread::spawn(move || pacer.run(&sender));
    let due = Arc::new(Mutex::new(requests));
    let mut work = JoinSet::new();
    for (wire, caller) in callers {
        work.spawn(ask(wire, caller, Arc::clone(&due)));
    }
    tokio::time::sleep(plan.warm_up).await;
    let window = Window::begin(plan);
    let (mut all, mut last) = (Tally::default(), window.start);
    while let Some(done) = work.join_next().await {
        let (tally, end) = done.expect("a caller does not panic");
        all.append(tally);
        last = end.map_or(last, |end| last.max(end));
    }
    pacer.join().expect("the pacer does not panic");
    window.end(last, plan).point(all)
}

struct Pacer {
    start: Instant,
    per_second: u32,
    warm_up: Duration,
    length: Duration,
}

impl Pacer {
    fn run(&self, requests: &mpsc::Sender<Request>) {
        let rate = u64::from(self.per_second.max(1));
        for number in 0_u64.. {
            let after = Duration::from_nanos(number.saturating_mul(1_000_000_000) / rate);
            if after >= self.length {
                return;
            }
            let request = Request {
                due: self.start + after,
                is_measured: after >= self.warm_up,
            };
            std::thread::sleep(request.due.saturating_duration_since(Instant::now()));
            if requests.blocking_send(request).is_err() {
                return;
            }
        }
    }
}

/// What a caller saw, and when the last answer came that was measured.
async fn ask<C: Caller>(mut wire: Wire, mut caller: C, due: Due) -> (Tally, Option<Instant>) {
    let (mut tally, mut last) = (Tally::default(), None);
    loop {
        let next = due.lock().await.recv().await;
        if next.is_none() && caller.is_done() {
            return (tally, last);
        }
        // With nothing due, what the oracle does not expect is put right.
        let ask = caller.ask();
        let answer = match wire.call(&ask).await {
            Ok(answer) => answer,
            Err(error) => {
                tally.faults.add(error);
                return (tally, last);
            }
        };
        tally.answered += 1;
        if let Some(request) = next.filter(|request| request.is_measured) {
            let now = Instant::now();
            tally
                .samples
                .add(now.saturating_duration_since(request.due));
            last = Some(now);
        }
        if let Err(fault) = caller.judge(&answer) {
            tally.faults.add(fault);
        }
    }
}
