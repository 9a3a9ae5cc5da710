//! The ledger folded again: all of it from Kafka into an empty database, and its views beside the
//! live ones.

use std::time::Instant;

use serde::Deserialize;
use writ_tests::Database;

use crate::options::Log;
use crate::report::{RebuildRow, Report};
use crate::stack::Stack;

#[derive(Deserialize)]
struct Rebuilt {
    equal: bool,
    entries: u64,
}

/// Leaves the server without its database: the last thing that is done on a stack.
pub(crate) async fn run(log: Log, world: &'static str, stack: &mut Stack, report: &mut Report) {
    let row = rebuilt(log, world, stack, &["rebuild", "--views"]).await;
    report.add_rebuild(row);
    if log == Log::Kafka {
        stack.end().await;
        stack.stand_on(&Database::fresh().await);
        let row = rebuilt(log, world, stack, &["rebuild"]).await;
        report.add_rebuild(row);
    }
}

async fn rebuilt(log: Log, world: &'static str, stack: &Stack, command: &[&str]) -> RebuildRow {
    let start = Instant::now();
    let exit = stack.run(&[command, &["--json"]].concat()).await;
    let seconds = start.elapsed().as_secs_f64();
    let said: Result<Rebuilt, _> = serde_json::from_str(&exit.stdout);
    let (is_equal, entries) = said.map_or((false, 0), |said| (said.equal, said.entries));
    RebuildRow {
        log,
        world,
        measure: command.join(" "),
        entries,
        seconds,
        per_second: f64::from(u32::try_from(entries).unwrap_or(u32::MAX)) / seconds,
        faults: u64::from(!is_equal || !exit.status.success()),
    }
}
