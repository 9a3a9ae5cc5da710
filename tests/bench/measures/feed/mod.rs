//! How long a change takes to a subscriber: from the sending of the write, and from its answer.
//!
//! **Correctness.** Each write has a request id, which its entry in the feed carries. Every write
//! that was answered must be delivered once, and the numbers of what is delivered must have no hole.

mod compare;
mod stream;
mod subscriber;
mod writer;

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::compare::{Told, Write, compare};
use self::subscriber::{Delivery, Way, subscribe};
use self::writer::{Pause, write};
use super::ground::{Ground, Subject};
use super::ledger;
use super::writes::Granter;
use crate::drive::Point;
use crate::pgbench::Script;
use crate::report::Pace;
use crate::wire::Wire;

/// How long nothing may arrive until what is missing is called lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than a run delivers; a subscriber is never held up by us.
const DELIVERIES_MAX: usize = 1 << 20;

pub(crate) async fn run(ground: &mut Ground<'_>) {
    for way in [Way::Poll, Way::Stream] {
        one(ground, way, Pace::Singles, 1).await;
        for writers in ground.options.connections(&[1, 8, 32]) {
            one(ground, way, Pace::Closed, writers).await;
        }
    }
}

async fn one(ground: &mut Ground<'_>, way: Way, pace: Pace, writers: usize) {
    let baseline = ground.baseline(Script::SimpleUpdate, writers).await;
    let mut wires = ground.wires(writers + 2).await;
    let (mut own, reading) = (wires.remove(0), wires.remove(0));
    let after = ledger::end(&mut own).await.expect("a place to begin from");
    let (deliver, mut delivered) = mpsc::channel(DELIVERIES_MAX);
    let subscriber = tokio::spawn(subscribe(way, reading, after, deliver));

    let before = ground.stack.processes.read();
    let start = Instant::now();
    let sent = write_all(ground, way, pace, wires).await;
    let span = start.elapsed();
    let readings = (before, ground.stack.processes.read());

    let end = ledger::end(&mut own).await.expect("a place to end at");
    let arrived = arrived(&mut delivered, end).await;
    subscriber.abort();
    let told = compare(&sent, &arrived, after, end);
    add_rows(
        ground,
        way,
        (pace, writers),
        (told, span, readings),
        baseline,
    );
}

/// The writes of all writers.
async fn write_all(ground: &Ground<'_>, way: Way, pace: Pace, wires: Vec<Wire>) -> Vec<Write> {
    let window = ground.options.window();
    // Of single writes it takes longer until there are enough to tell of.
    let length = if pace == Pace::Singles {
        window * 4
    } else {
        window
    };
    let until = Instant::now() + length;
    let mut writers = JoinSet::new();
    for (index, wire) in wires.into_iter().enumerate() {
        let granter = Granter::new(ground, index);
        let pause = match pace {
            Pace::Singles => Some(Pause(ground.dice("pause", index))),
            Pace::Closed | Pace::Open(_) => None,
        };
        let name = format!("{}-{index}", way.name());
        writers.spawn(write(wire, granter, pause, name, until));
    }
    let mut sent = Vec::new();
    while let Some(of_one) = writers.join_next().await {
        sent.extend(of_one.expect("a writer does not panic"));
    }
    sent
}

/// What was delivered up to an entry; less, if no more comes.
async fn arrived(delivered: &mut mpsc::Receiver<Delivery>, end: u64) -> Vec<Delivery> {
    let mut all: Vec<Delivery> = Vec::new();
    while all.last().is_none_or(|last| last.tenant_seq < end) {
        match tokio::time::timeout(PATIENCE, delivered.recv()).await {
            Ok(Some(delivery)) => all.push(delivery),
            Ok(None) | Err(_) => break,
        }
    }
    all
}

type Readings = (crate::usage::Reading, crate::usage::Reading);

fn add_rows(
    ground: &mut Ground<'_>,
    way: Way,
    (pace, writers): (Pace, usize),
    (told, span, (before, after)): (Told, Duration, Readings),
    baseline: Option<crate::pgbench::Baseline>,
) {
    let answered = told.since_sent.count();
    let rows = [
        ("sent", told.since_sent, told.faults),
        (
            "answered",
            told.since_answered,
            crate::drive::Faults::default(),
        ),
    ];
    for (since, samples, faults) in rows {
        let subject = Subject {
            name: format!("feed by {}, since {since}", way.name()),
            beside: Script::SimpleUpdate,
            per_call: 1,
        };
        let point = Point {
            samples,
            span,
            before,
            after,
            answered,
            faults,
        };
        let row = ground.row(&subject, pace, writers, point, baseline);
        ground.report.add(row);
    }
}
