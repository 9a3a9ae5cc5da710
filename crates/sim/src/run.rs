//! One world from its seed to its end: who is in it, what befalls it, and what must be true then.

use core::time::Duration;

use chrono::TimeDelta;
use writ_domain::{BucketMap, Partition, TenantId};
use writ_projector::RULES_VERSION;

use crate::actors::client::{self, Client};
use crate::actors::last::Last;
use crate::actors::operator::Operator;
use crate::actors::owner::{Owner, Plan};
use crate::actors::service::{self, Service};
use crate::audience;
use crate::checker::Violation;
use crate::coverage::Coverage;
use crate::nemesis::{Cast, Nemesis};
use crate::{Dice, Hears, Moment, Options, Rates, World};

/// Who writes.
const TENANTS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
/// How long a world may take, in its own time.
const LIFE_MAX: Moment = Moment(3_600_000_000);
/// Within so much time all is settled once the faults have stopped.
const SETTLED_WITHIN: Duration = Duration::from_mins(2);
/// For so long it is then looked whether it stays so.
const CALM: Duration = Duration::from_secs(20);

/// Which world.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// From which everything follows.
    pub seed: u64,
    /// How many commands are decided before the faults stop.
    pub commands: u64,
    /// Whether every line of the trace is kept.
    pub whole_trace: bool,
}

/// What came of a world.
#[derive(Debug)]
pub struct Report {
    /// Which world.
    pub seed: u64,
    /// Records that were decided.
    pub decided: u64,
    /// Answers with an outcome.
    pub answered: u64,
    /// What was met.
    pub coverage: Coverage,
    /// What was wrong.
    pub violations: Vec<Violation>,
    /// The hash over the story.
    pub trace_hash: u64,
    /// Lines of the story.
    pub trace_lines: u64,
    /// The story, or its end.
    pub trace: Vec<String>,
}

/// What differs from world to world.
#[derive(Debug, Clone)]
struct Shape {
    partitions: u16,
    owners: u32,
    services: u16,
    clients: u16,
    lease: Duration,
    batch_records_max: usize,
    known_max: usize,
    often: Duration,
    old_release: bool,
    rates: Rates,
}

impl Shape {
    fn of(dice: &mut Dice) -> Self {
        let partitions = u16::try_from(1 + dice.roll(3)).unwrap_or(1);
        Self {
            partitions,
            owners: u32::try_from(2 + dice.roll(3)).unwrap_or(2),
            services: u16::try_from(1 + dice.roll(3)).unwrap_or(1),
            clients: u16::try_from(6 + dice.roll(26)).unwrap_or(6),
            lease: dice.between(Duration::from_millis(800), Duration::from_secs(4)),
            batch_records_max: dice.pick(&[2, 16, 500]).copied().unwrap_or(500),
            known_max: dice.pick(&[60, 1_000, 400_000]).copied().unwrap_or(1_000),
            often: dice.between(Duration::from_millis(300), Duration::from_secs(2)),
            old_release: dice.one_in(4),
            rates: Rates {
                append: 60 + dice.roll(400),
                log: 100 + dice.roll(400),
                time: 40 + dice.roll(400),
                statement: 200 + dice.roll(800),
                abort: 200 + dice.roll(800),
                commit: 60 + dice.roll(300),
                news: 10 + dice.roll(60),
            },
        }
    }
}

/// Lives a world from its seed.
#[must_use]
pub fn run(scenario: &Scenario) -> Report {
    let mut dice = Dice::new(scenario.seed);
    let shape = Shape::of(&mut dice);
    let mut world = World::new(&Options {
        seed: dice.number(),
        partitions: shape.partitions,
        rates: shape.rates,
        whole_trace: scenario.whole_trace,
    });
    let cast = people(&mut world, &shape);
    let last = Last::new(tenants(), cast.services.clone(), cast.readers.clone());
    let mut nemesis = Nemesis::new(cast, shape.partitions, dice.fork());
    live(&mut world, &mut nemesis, &shape, scenario.commands);
    nemesis.end(&mut world);
    world.calm();
    settle(&mut world, shape.partitions);
    serve(&mut world, shape.partitions, last);
    finish(world, scenario.seed, &mut dice)
}

fn people(world: &mut World, shape: &Shape) -> Cast {
    let right = TimeDelta::zero();
    let mut cast = Cast {
        lease: shape.lease,
        ..Cast::default()
    };
    for number in 0..shape.owners {
        let old = shape.old_release && number == 0;
        let name = format!("owner{number}");
        let plan = Plan {
            name: name.clone(),
            keeps_name: number == 1,
            partitions: shape.partitions,
            lease: shape.lease,
            batch_records_max: shape.batch_records_max,
            known_max: shape.known_max,
            rules: if old { 0 } else { RULES_VERSION },
        };
        cast.owners
            .push(world.add(name, right, Box::new(Owner::new(plan))));
    }
    let operator = Operator::new(shape.partitions, cast.owners.clone());
    cast.operator = Some(world.add("operator".to_owned(), right, Box::new(operator)));
    let Some(buckets) = BucketMap::try_new(shape.partitions) else {
        return cast;
    };
    for number in 0..shape.services {
        let options = service::Options {
            deadline: Duration::from_secs(5),
            grace: Duration::from_secs(2),
            in_flight_max: if number == 1 { 6 } else { 1_000 },
            poll_every: Duration::from_millis(500),
            patience: Duration::from_secs(2),
            hears: if number == 0 {
                Hears::Entries
            } else {
                Hears::News
            },
            buckets: buckets.clone(),
        };
        let service = Service::new(number, options);
        let name = format!("service{number}");
        cast.services
            .push(world.add(name, right, Box::new(service)));
    }
    for number in 0..shape.clients {
        let client = Client::new(client::Options {
            name: format!("client{number}"),
            tenants: tenants(),
            services: cast.services.clone(),
            commands: u64::MAX,
            think: Duration::from_millis(30),
        });
        world.add(format!("client{number}"), right, Box::new(client));
    }
    audience::add(world, shape.partitions, &tenants(), &mut cast);
    cast
}

fn tenants() -> Vec<TenantId> {
    let named = TENANTS.into_iter().map(TenantId::try_new);
    named.filter_map(Result::ok).collect()
}

fn decided(world: &mut World) -> u64 {
    let data = world.ledger().data();
    let each = (0..data.partitions()).map(|number| data.entries(Partition(number)).len() as u64);
    each.sum()
}

fn live(world: &mut World, nemesis: &mut Nemesis, shape: &Shape, commands: u64) {
    while decided(world) < commands && world.now() < LIFE_MAX {
        let next = nemesis.next(world, shape.often);
        world.run(next);
        if !world.checker().violations().is_empty() {
            return;
        }
        nemesis.strike(world);
    }
}

/// Whether every record is decided, and every partition goes on.
fn is_settled(world: &mut World, partitions: u16) -> bool {
    (0..partitions).all(|number| {
        let partition = Partition(number);
        let records = world.commands().records(partition).len() as u64;
        let data = world.ledger().data();
        let cursor = data.cursor(partition);
        data.halted(partition).is_none()
            && cursor.is_some_and(|cursor| cursor.next_offset.0 == records)
    })
}

/// Whether a log that was restored has lost its seal, which the next record shows.
fn is_sealless(world: &mut World, partitions: u16) -> bool {
    let data = world.ledger().data();
    let mut cursors = (0..partitions).filter_map(|number| data.cursor(Partition(number)));
    cursors.any(|cursor| cursor.restoring)
}

fn wait_until_settled(world: &mut World, partitions: u16) {
    let until = world.now().after(SETTLED_WITHIN);
    while world.now() < until && !(is_settled(world, partitions) && world.is_told()) {
        let next = world.now().after(Duration::from_secs(1));
        world.run(next);
    }
    let next = world.now().after(CALM);
    world.run(next);
}

fn settle(world: &mut World, partitions: u16) {
    for number in 0..partitions {
        if world.commands().is_missing(Partition(number)) {
            world.commands().make(Partition(number));
        }
    }
    world.wake();
    wait_until_settled(world, partitions);
    if !is_settled(world, partitions) {
        return unsettled(world, partitions);
    }
    // Deciding goes on, and a seal that was lost is found to be.
    for number in 0..partitions {
        let record = writ_log::Record {
            value: b"the last word".to_vec(),
            ..writ_log::Record::default()
        };
        world.put(Partition(number), record);
    }
    wait_until_settled(world, partitions);
    if !is_settled(world, partitions) || is_sealless(world, partitions) {
        unsettled(world, partitions);
    }
}

/// As all is settled, whoever asks is answered.
fn serve(world: &mut World, partitions: u16, last: Last) {
    if !world.checker().violations().is_empty() {
        return;
    }
    world.add("last".to_owned(), TimeDelta::zero(), Box::new(last));
    wait_until_settled(world, partitions);
    world.checker().compare_served();
}

fn unsettled(world: &mut World, partitions: u16) {
    if !world.checker().violations().is_empty() {
        return;
    }
    let mut what = format!("not settled {SETTLED_WITHIN:?} after the faults stopped");
    for number in 0..partitions {
        let partition = Partition(number);
        let records = world.commands().records(partition).len();
        let data = world.ledger().data();
        let (cursor, halted) = (data.cursor(partition), data.halted(partition));
        let stands = format!("; {records} records, {halted:?}, {cursor:?}");
        what.push_str(&stands);
    }
    world.checker().violated(9, what);
}

fn finish(mut world: World, seed: u64, dice: &mut Dice) -> Report {
    let decided = decided(&mut world);
    if world.checker().violations().is_empty() {
        world.check(dice);
    }
    let answered = world.checker().clients().answers();
    let violations = world.checker().violations().to_vec();
    let coverage = world.coverage().clone();
    let trace = world.trace();
    Report {
        seed,
        decided,
        answered,
        coverage,
        violations,
        trace_hash: trace.hash(),
        trace_lines: trace.lines(),
        trace: trace.kept().map(str::to_owned).collect(),
    }
}
