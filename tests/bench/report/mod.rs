//! What came out: kept as it comes, shown as a table and as JSON.

mod table;

use serde::Serialize;

use crate::about::About;
use crate::drive::Faults;
use crate::options::Log;
use crate::pgbench::Baseline;
use crate::samples::Latency;
use crate::usage::{Cores, Memory, Usage};

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    about: About,
    worlds: Vec<WorldRow>,
    rows: Vec<Row>,
    histories: Vec<HistoryRow>,
    rebuilds: Vec<RebuildRow>,
    /// What was to be measured and could not be: with anything in it, the report is not sound.
    left_out: Vec<String>,
    /// Answers that were wrong or did not come, over all rows.
    faults: u64,
}

/// A world in a server.
#[derive(Debug, Serialize)]
pub(crate) struct WorldRow {
    pub(crate) log: Log,
    pub(crate) world: &'static str,
    pub(crate) edges: usize,
    pub(crate) requests: usize,
    pub(crate) load_seconds: f64,
    pub(crate) empty_database_bytes: i64,
    pub(crate) database_bytes: i64,
    /// While nobody asked for anything.
    pub(crate) idle_cores: Cores,
}

/// Pages of one user's history, among few entries and among many.
#[derive(Debug, Serialize)]
pub(crate) struct HistoryRow {
    pub(crate) log: Log,
    /// Entries of the user, in either ledger.
    pub(crate) of_subject: u64,
    pub(crate) per_page: usize,
    pub(crate) few: HistorySide,
    pub(crate) many: HistorySide,
    /// Of a page among many to one among few.
    pub(crate) ratio_of_medians: f64,
    /// Pages that were wrong or did not come.
    pub(crate) faults: u64,
    pub(crate) told: Vec<String>,
}

/// Pages of one of the ledgers.
#[derive(Debug, Serialize)]
pub(crate) struct HistorySide {
    pub(crate) entries: u64,
    /// So many were read.
    pub(crate) pages: u64,
    pub(crate) latency: Latency,
}

/// A ledger that was folded again.
#[derive(Debug, Serialize)]
pub(crate) struct RebuildRow {
    pub(crate) log: Log,
    pub(crate) world: &'static str,
    pub(crate) measure: String,
    pub(crate) entries: u64,
    pub(crate) seconds: f64,
    pub(crate) per_second: f64,
    /// 1 if what came out is not what was there.
    pub(crate) faults: u64,
}

/// One point.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) log: Log,
    pub(crate) world: &'static str,
    pub(crate) measure: String,
    #[serde(rename = "loop")]
    pub(crate) pace: Pace,
    pub(crate) connections: usize,
    /// Grants, questions or lines in one call.
    pub(crate) per_call: usize,
    pub(crate) seconds: f64,
    pub(crate) count: u64,
    pub(crate) per_second: f64,
    pub(crate) latency: Option<Latency>,
    pub(crate) usage: Usage,
    pub(crate) memory: Option<Memory>,
    /// On the same cluster, just before.
    pub(crate) pgbench: Option<Baseline>,
    /// Calls a second to its transactions a second.
    pub(crate) of_pgbench: Option<f64>,
    pub(crate) faults: u64,
    pub(crate) told: Vec<String>,
}

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pace {
    /// The next one when the last one is answered.
    Closed,
    /// So many a second are due.
    Open(u32),
    /// With pauses in between.
    Singles,
}

impl Report {
    pub(crate) fn new(about: About) -> Self {
        eprint!("{}", about.text());
        Self {
            about,
            worlds: Vec::new(),
            rows: Vec::new(),
            histories: Vec::new(),
            rebuilds: Vec::new(),
            left_out: Vec::new(),
            faults: 0,
        }
    }

    pub(crate) fn add_world(&mut self, world: WorldRow) {
        eprint!("{}", table::world(&world));
        self.worlds.push(world);
    }

    pub(crate) fn add(&mut self, row: Row) {
        eprint!("{}", table::row(&row));
        self.faults += row.faults;
        if row.count == 0 {
            let (log, world, pace) = (row.log.name(), row.world, table::pace(row.pace));
            let (measure, connections) = (&row.measure, row.connections);
            self.leave_out(&format!(
                "{log} {world} {measure}, {pace}, at {connections}: nothing was answered in time"
            ));
        }
        self.rows.push(row);
    }

    pub(crate) fn add_history(&mut self, row: HistoryRow) {
        eprint!("{}", table::history(&row));
        self.faults += row.faults;
        self.histories.push(row);
    }

    pub(crate) fn add_rebuild(&mut self, row: RebuildRow) {
        eprint!("{}", table::rebuild(&row));
        self.faults += row.faults;
        self.rebuilds.push(row);
    }

    /// Says that the ledger is not as it must be, apart from any one answer.
    pub(crate) fn blame(&mut self, faults: &Faults) {
        if let Some(row) = self.rows.last_mut() {
            row.faults += faults.count;
            row.told.extend(faults.told.iter().cloned());
            eprint!("{}", table::told(row));
        }
        self.faults += faults.count;
    }

    pub(crate) fn leave_out(&mut self, what: &str) {
        eprintln!("left out: {what}");
        self.left_out.push(what.to_owned());
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.faults == 0 && self.left_out.is_empty()
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report is JSON")
    }

    /// All of it, for people.
    pub(crate) fn text(&self) -> String {
        let mut text = self.about.text();
        for world in &self.worlds {
            text += &table::world(world);
        }
        text += &table::head();
        for row in &self.rows {
            text += &table::row(row);
        }
        for history in &self.histories {
            text += &table::history(history);
        }
        for rebuild in &self.rebuilds {
            text += &table::rebuild(rebuild);
        }
        for what in &self.left_out {
            text += &table::left_out(what);
        }
        text + &table::verdict(self.faults, self.left_out.len())
    }
}
