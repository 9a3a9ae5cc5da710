//! What every measure stands on, and how a point becomes a row.

use std::sync::Arc;
use std::time::Duration;

use writ_tests::Dice;

use crate::drive::{Caller, Plan, Point, closed, open};
use crate::options::{Log, Options};
use crate::pgbench::{Baseline, Pgbench, Script};
use crate::report::{Pace, Report, Row};
use crate::stack::Stack;
use crate::wire::Wire;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) log: Log,
    pub(crate) options: &'a Options,
    pub(crate) stack: &'a Stack,
    pub(crate) world: Arc<World>,
    pub(crate) pgbench: Option<&'a Pgbench>,
    pub(crate) report: &'a mut Report,
}

/// What is measured at a point.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) name: String,
    /// What of `pgbench` it is set beside.
    pub(crate) beside: Script,
    /// Grants, questions or lines in one call.
    pub(crate) per_call: usize,
}

impl Ground<'_> {
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            warm_up: self.options.warm_up(),
            window: self.options.window(),
            processes: self.stack.processes,
        }
    }

    /// Dice for one of several callers at a point; others at another point.
    pub(crate) fn dice(&self, point: &str, caller: usize) -> Dice {
        let mut seed = self.options.seed;
        for byte in point.bytes().chain(caller.to_be_bytes()) {
            // FNV-1a: enough to tell points apart.
            seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Dice::new(seed)
    }

    pub(crate) async fn wires(&self, count: usize) -> Vec<Wire> {
        Wire::open_many(&self.stack.target(), count).await
    }

    pub(crate) async fn baseline(&self, script: Script, clients: usize) -> Option<Baseline> {
        match self.pgbench {
            Some(pgbench) => Some(pgbench.run(script, clients).await),
            None => None,
        }
    }

    /// Measures a point, adds its row, and says how many calls there were in a second and in all.
    pub(crate) async fn point<C: Caller>(
        &mut self,
        subject: &Subject,
        pace: Pace,
        connections: usize,
        caller: impl Fn(&Self, usize) -> C,
    ) -> (f64, u64) {
        let baseline = self.baseline(subject.beside, connections).await;
        let wires = self.wires(connections).await;
        let callers = wires.into_iter().enumerate();
        let callers = callers.map(|(index, wire)| (wire, caller(self, index)));
        let callers: Vec<_> = callers.collect();
        let plan = self.plan();
        let point = match pace {
            Pace::Closed | Pace::Singles => closed(callers, &plan).await,
            Pace::Open(per_second) => open(callers, per_second, &plan).await,
        };
        let answered = point.answered;
        let row = self.row(subject, pace, connections, point, baseline);
        let per_second = row.per_second;
        self.report.add(row);
        (per_second, answered)
    }

    pub(crate) fn row(
        &self,
        subject: &Subject,
        pace: Pace,
        connections: usize,
        point: Point,
        pgbench: Option<Baseline>,
    ) -> Row {
        let count = point.samples.count();
        let per_second = per_second(count, point.span);
        Row {
            log: self.log,
            world: self.world.name(),
            measure: subject.name.clone(),
            pace,
            connections,
            per_call: subject.per_call,
            seconds: point.span.as_secs_f64(),
            count,
            per_second,
            usage: point.before.until(&point.after, point.span, count),
            latency: point.samples.latency(),
            memory: self.stack.processes.server_memory(),
            of_pgbench: pgbench.map(|baseline| per_second / baseline.per_second),
            pgbench,
            faults: point.faults.count,
            told: point.faults.told,
        }
    }
}

fn per_second(count: u64, span: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / span.as_secs_f64()
}

/// Half and four fifths of what a closed loop came to: rates that a server can be asked to hold.
pub(crate) fn rates(peak: f64) -> [Pace; 2] {
    [0.5, 0.8].map(|part| {
        let rate = Duration::try_from_secs_f64(peak * part).unwrap_or_default();
        Pace::Open(u32::try_from(rate.as_secs()).unwrap_or(u32::MAX).max(1))
    })
}
