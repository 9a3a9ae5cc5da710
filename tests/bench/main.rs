//! How fast Writ is: a load from outside, every answer of which is checked.
//!
//! **Shape.** A [`stack::Stack`] is a Writ on a fresh database, with the process ids whose CPU is
//! counted. A [`world::World`] is drawn from a seed, loaded over HTTP, and is also the oracle that
//! answers are compared with. `measures` say what is asked and what the answer must be; `drive`
//! asks it, in a closed loop (each connection sends its next request when it has its answer) or an
//! open one (at a fixed rate, counted from when a request was due). Beside each point `pgbench`
//! runs on the same cluster, so that ratios can be given: figures of one machine say nothing about
//! another's. `report` keeps all of it, as a table and as JSON.
//!
//! **Correctness.** An answer that is wrong is counted, told, and makes the exit code 1; so does a
//! measure that was asked for and is not in the report. There is no limit on time anywhere: what is
//! too slow is for the reader to say. The client shares the machine with what it measures; its own
//! CPU and that of everybody else are in the report.

mod about;
mod drive;
mod measures;
mod options;
mod pgbench;
mod report;
mod samples;
mod stack;
mod usage;
mod wire;
mod world;

use std::process::ExitCode;

use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::options::Options;
use crate::report::Report;

fn main() -> ExitCode {
    let options = Options::parse();
    // One thread, as one client: it measures, and leaves the cores to what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let report = runtime.block_on(async {
        // Whoever is interrupted still has to end the server that it started.
        tokio::select! {
            report = run(&options) => Some(report),
            () = interrupted() => None,
        }
    });
    let Some(report) = report else {
        eprintln!("interrupted");
        return ExitCode::FAILURE;
    };
    if let Some(file) = &options.json {
        std::fs::write(file, report.json())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    print!("{}", report.text());
    if report.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn run(options: &Options) -> Report {
    let mut report = Report::new(about::gather(options).await);
    let pgbench = pgbench::Pgbench::prepare(options).await;
    if pgbench.is_none() && options.measures_a_world() && !options.quick {
        report.leave_out("pgbench: there is none, and nothing to compare with");
    }
    for log in options.logs() {
        measures::on(log, options, pgbench.as_ref(), &mut report).await;
    }
    if let Some(pgbench) = pgbench {
        pgbench.remove().await;
    }
    report
}

async fn interrupted() {
    let mut signals = [
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::terminate(),
    ]
    .map(|kind| signal(kind).expect("signals can be watched"));
    let [hangup, interrupt, terminate] = &mut signals;
    tokio::select! {
        _ = hangup.recv() => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
