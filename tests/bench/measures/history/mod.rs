//! A page of one user's history, among few entries and among many: what it costs more there.
//!
//! Both ledgers stand on the same cluster, each behind a server of its own, and are asked by turns,
//! so that whatever else the machine does falls on both. Every page is compared with what was
//! written. Which log the entries came by is nothing to a page, so this is measured on one.

mod ledger;

use std::time::Instant;

use serde::Deserialize;

use self::ledger::{Ledger, user_id};
use crate::drive::Faults;
use crate::options::{Log, Options};
use crate::report::{HistoryRow, HistorySide, Report};
use crate::samples::Samples;
use crate::wire::{Ask, Wire};

/// What is compared.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Entries of either ledger.
    few: u64,
    many: u64,
    /// Those that changed the user who is asked about, in either.
    of_subject: u64,
    /// Entries of a page; `of_subject` is whole pages.
    page: usize,
}

const FULL: Size = Size {
    few: 10_000,
    many: 1_000_000,
    of_subject: 500,
    page: 100,
};
const QUICK: Size = Size {
    few: 400,
    many: 2_000,
    of_subject: 20,
    page: 5,
};

pub(crate) async fn run(options: &Options, report: &mut Report) {
    let size = if options.quick { QUICK } else { FULL };
    let few = Ledger::make(size.few, size, options).await;
    let many = Ledger::make(size.many, size, options).await;
    // Not before: a connection that is idle for long is closed.
    let (mut few, mut many) = (Side::of(few).await, Side::of(many).await);
    let start = Instant::now();
    let (warm, until) = (
        start + options.warm_up(),
        start + options.warm_up() + options.window() * 2,
    );
    let mut faults = Faults::default();
    while Instant::now() < until && faults.count == 0 {
        for page in 0..few.ledger.expected.len() / size.page {
            for side in [&mut few, &mut many] {
                let asked = Instant::now();
                let told = side.ask(page, size.page).await;
                if asked >= warm {
                    side.samples.add(asked.elapsed());
                }
                if let Err(fault) = told {
                    faults.add(fault);
                }
            }
        }
    }
    let (few, many) = (few.end().await, many.end().await);
    report.add_history(HistoryRow {
        log: Log::Postgres,
        of_subject: size.of_subject,
        per_page: size.page,
        ratio_of_medians: many.latency.p50_ms / few.latency.p50_ms,
        few,
        many,
        faults: faults.count,
        told: faults.told,
    });
}

#[derive(Debug)]
struct Side {
    wire: Wire,
    ledger: Ledger,
    samples: Samples,
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    tenant_seq: u64,
    changed: bool,
}

impl Side {
    async fn of(ledger: Ledger) -> Self {
        Self {
            wire: Wire::open(&ledger.stack.target()).await,
            ledger,
            samples: Samples::default(),
        }
    }

    /// Asks for a page, the newest being the first.
    async fn ask(&mut self, page: usize, per_page: usize) -> Result<(), String> {
        let expected = &self.ledger.expected;
        let these = &expected[page * per_page..(page + 1) * per_page];
        let before = page.checked_sub(1).map(|_| expected[page * per_page - 1]);
        let shown = read(&mut self.wire, before, per_page).await?;
        let is_right = shown.len() == these.len()
            && shown
                .iter()
                .zip(these)
                .all(|(entry, seq)| entry.tenant_seq == *seq && entry.changed);
        let (first, count) = (these[0], shown.len());
        is_right
            .then_some(())
            .ok_or_else(|| format!("{count} entries, other than those from {first} on"))
    }

    async fn end(mut self) -> HistorySide {
        self.ledger.stack.end().await;
        HistorySide {
            entries: self.ledger.entries,
            pages: self.samples.count(),
            latency: self.samples.latency().expect("pages were read"),
        }
    }
}

async fn read(wire: &mut Wire, before: Option<u64>, limit: usize) -> Result<Vec<Entry>, String> {
    let subject = user_id(1).replace('|', "%7C");
    let cursor = before.map_or_else(String::new, |seq| format!("&cursor={seq}"));
    let path = format!("/v1/history?subject={subject}&realm=auth0&limit={limit}{cursor}");
    let answer = wire.call(&Ask::get(&path)).await?;
    let page: Page = serde_json::from_slice(&answer.expect(200)?.body)
        .map_err(|error| format!("a page of history: {error}"))?;
    Ok(page.entries)
}
