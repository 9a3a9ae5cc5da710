//! The closed loop: who has an answer sends the next request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Caller, Plan, Point, Tally, Window};
use crate::wire::Wire;

/// How much longer than planned a point is measured, while nothing was answered yet.
const OVERTIME: Duration = Duration::from_mins(1);

/// Warming up, measured, over.
#[derive(Debug, Default)]
struct Phase {
    number: AtomicU8,
    /// An answer was measured, or a connection is gone.
    told: Notify,
}

impl Phase {
    fn next(&self) {
        self.number.fetch_add(1, Ordering::Relaxed);
    }

    fn is_measured(&self) -> bool {
        self.number.load(Ordering::Relaxed) == 1
    }

    fn is_over(&self) -> bool {
        self.number.load(Ordering::Relaxed) > 1
    }
}

/// Lets each caller ask by its own connection for as long as the plan says.
pub(crate) async fn closed<C: Caller>(callers: Vec<(Wire, C)>, plan: &Plan) -> Point {
    let phase = Arc::new(Phase::default());
    let mut work = JoinSet::new();
    for (wire, caller) in callers {
        work.spawn(ask(wire, caller, Arc::clone(&phase)));
    }
    tokio::time::sleep(plan.warm_up).await;
    let window = Window::begin(plan);
    phase.next();
    tokio::time::sleep(plan.window).await;
    // A point without an answer says nothing, however busy the machine is: whoever asked is waited
    // for. One that stays without is told to be left out.
    let _waited = timeout(OVERTIME, phase.told.notified()).await;
    phase.next();
    let measured = window.end(Instant::now(), plan);
    let mut all = Tally::default();
    while let Some(tally) = work.join_next().await {
        all.append(tally.expect("a caller does not panic"));
    }
    measured.point(all)
}

async fn ask<C: Caller>(mut wire: Wire, mut caller: C, phase: Arc<Phase>) -> Tally {
    let mut tally = Tally::default();
    while !(phase.is_over() && caller.is_done()) {
        let ask = caller.ask();
        let start = Instant::now();
        let answer = match wire.call(&ask).await {
            Ok(answer) => answer,
            Err(error) => {
                // The connection is gone, and what became of the request is not known.
                tally.faults.add(error);
                phase.told.notify_one();
                return tally;
            }
        };
        let took = start.elapsed();
        tally.answered += 1;
        if phase.is_measured() {
            tally.samples.add(took);
            phase.told.notify_one();
        }
        if let Err(fault) = caller.judge(&answer) {
            tally.faults.add(fault);
        }
    }
    tally
}
