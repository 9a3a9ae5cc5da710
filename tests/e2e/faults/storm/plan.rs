//! What happens in a storm, and when: all of it is thrown before it begins.
//!
//! Each victim has strokes of its own, one in each of as many equal parts of the time; so two of
//! them befall a victim one after the other, and whatever they are, at once with those of others.

use std::fmt;
use std::time::Duration;

use writ_tests::Dice;

use super::{COMMANDS, PROJECTORS, QUERIES};

/// How long a storm lasts, and how hard it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weather {
    pub(super) lasts: Duration,
    /// How many times a process of ours is killed.
    pub(super) kills: usize,
    /// Brokers.
    pub(super) nodes: u16,
}

/// Something that is done to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Kill(&'static str),
    Start(&'static str),
    Freeze(&'static str),
    Thaw(&'static str),
    /// Postgres ends so many percent of its connections.
    Cut(u32),
    KillPostgres,
    StartPostgres,
    KillBroker(Part),
    StartBroker,
    FreezeBroker(Part),
    ThawBroker,
}

/// What a broker does for the busiest partition. One that is alone leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Leader,
    Follower,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) at: Duration,
    pub(super) act: Act,
}

/// The steps of a storm, in their order.
#[derive(Debug)]
pub(super) struct Plan(pub(super) Vec<Step>);

/// What begins, how it ends, and after how many milliseconds from and to.
struct Stroke {
    begins: Act,
    ends: Option<Act>,
    lasts_ms: (usize, usize),
}

/// How many seconds of a storm there are for each stroke of the kind.
const FREEZE: u64 = 15;
const CUT: u64 = 10;
const KILL_POSTGRES: u64 = 45;
const STRIKE_BROKER: u64 = 30;
/// With three, so much is struck that the others go on without it.
const STRIKE_BROKERS: u64 = 15;

impl Plan {
    pub(super) fn throw(dice: &mut Dice, weather: &Weather) -> Self {
        let mut steps = Vec::new();
        let times = |each: u64| {
            usize::try_from(weather.lasts.as_secs() / each)
                .expect("few")
                .max(1)
        };
        let processes = [COMMANDS, PROJECTORS, QUERIES].concat();
        for (index, name) in processes.iter().enumerate() {
            let kills = (weather.kills + processes.len() - 1 - index) / processes.len();
            let mut strokes: Vec<Stroke> = (0..kills).map(|_| Stroke::kill(name)).collect();
            strokes.extend((0..=times(FREEZE) / 2).map(|_| Stroke::freeze(name)));
            lay(&mut steps, dice, weather, strokes);
        }
        let cuts = (0..times(CUT)).map(|_| Stroke::cut(dice));
        let cuts = cuts.collect();
        lay(&mut steps, dice, weather, cuts);
        let kills = (0..times(KILL_POSTGRES)).map(|_| Stroke::kill_postgres());
        lay(&mut steps, dice, weather, kills.collect());
        let strikes = if weather.nodes == 1 {
            (0..times(STRIKE_BROKER))
                .map(|_| Stroke::of_one_broker())
                .collect()
        } else {
            let many = times(STRIKE_BROKERS).max(3);
            (0..many).map(Stroke::of_brokers).collect()
        };
        lay(&mut steps, dice, weather, strikes);
        steps.sort_by_key(|step| step.at);
        Self(steps)
    }

    /// How many times one of the processes is killed.
    pub(super) fn kills(&self) -> usize {
        let kills = self
            .0
            .iter()
            .filter(|step| matches!(step.act, Act::Kill(_)));
        kills.count()
    }
}

/// Gives each stroke its part of the time, in an order that the dice choose.
fn lay(steps: &mut Vec<Step>, dice: &mut Dice, weather: &Weather, mut strokes: Vec<Stroke>) {
    for last in (1..strokes.len()).rev() {
        strokes.swap(last, dice.below(last + 1));
    }
    let lasts = usize::try_from(weather.lasts.as_millis()).expect("few");
    let part = lasts / strokes.len().max(1);
    for (index, stroke) in strokes.iter().enumerate() {
        let (least, most) = stroke.lasts_ms;
        let takes = (least + dice.below(most - least + 1)).min(part - 1);
        let begins = index * part + dice.below(part - takes);
        let mut step = |ms: usize, act| {
            let at = Duration::from_millis(u64::try_from(ms).expect("few"));
            steps.push(Step { at, act });
        };
        step(begins, stroke.begins);
        if let Some(ends) = stroke.ends {
            step(begins + takes, ends);
        }
    }
}

impl Stroke {
    fn kill(name: &'static str) -> Self {
        Self {
            begins: Act::Kill(name),
            ends: Some(Act::Start(name)),
            lasts_ms: (0, 1_200),
        }
    }

    /// A projector mostly for longer than its lease holds, so that it wakes as one that owns nothing.
    fn freeze(name: &'static str) -> Self {
        let lasts_ms = if PROJECTORS.contains(&name) {
            (1_500, 5_000)
        } else {
            (300, 3_000)
        };
        Self {
            begins: Act::Freeze(name),
            ends: Some(Act::Thaw(name)),
            lasts_ms,
        }
    }

    fn cut(dice: &mut Dice) -> Self {
        Self {
            begins: Act::Cut(*dice.pick(&[20, 50, 100])),
            ends: None,
            lasts_ms: (0, 0),
        }
    }

    fn kill_postgres() -> Self {
        Self {
            begins: Act::KillPostgres,
            ends: Some(Act::StartPostgres),
            lasts_ms: (100, 1_500),
        }
    }

    fn of_one_broker() -> Self {
        Self {
            begins: Act::KillBroker(Part::Leader),
            ends: Some(Act::StartBroker),
            lasts_ms: (100, 1_000),
        }
    }

    /// Leaders are killed, followers cut off, leaders cut off: a connection that is open, and nobody
    /// answers.
    fn of_brokers(number: usize) -> Self {
        let (begins, ends, lasts_ms) = match number % 3 {
            0 => (
                Act::KillBroker(Part::Leader),
                Act::StartBroker,
                (500, 2_000),
            ),
            1 => (
                Act::FreezeBroker(Part::Follower),
                Act::ThawBroker,
                (3_500, 6_000),
            ),
            _ => (
                Act::FreezeBroker(Part::Leader),
                Act::ThawBroker,
                (3_500, 6_000),
            ),
        };
        Self {
            begins,
            ends: Some(ends),
            lasts_ms,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { at, act } in &self.0 {
            writeln!(f, "{:9.3} {act:?}", at.as_secs_f64())?;
        }
        Ok(())
    }
}

#[test]
fn the_same_seed_throws_the_same_storm() {
    let weather = Weather {
        lasts: Duration::from_mins(1),
        kills: 24,
        nodes: 1,
    };
    let plan = |seed| Plan::throw(&mut Dice::new(seed), &weather);
    assert_eq!(plan(7).to_string(), plan(7).to_string());
    assert_ne!(plan(7).to_string(), plan(8).to_string());
    for seed in 0..100 {
        let Plan(steps) = plan(seed);
        assert_eq!(plan(seed).kills(), 24);
        let times: Vec<Duration> = steps.iter().map(|step| step.at).collect();
        assert!(times.is_sorted() && times.iter().all(|at| *at < weather.lasts));
        // Nobody is struck who is down, and everybody is up in the end.
        let mut down: Vec<&str> = Vec::new();
        for Step { act, .. } in steps {
            match act {
                Act::Kill(name) | Act::Freeze(name) => {
                    assert!(!down.contains(&name), "{seed}: {act:?}");
                    down.push(name);
                }
                Act::Start(name) | Act::Thaw(name) => down.retain(|other| *other != name),
                Act::Cut(_)
                | Act::KillPostgres
                | Act::StartPostgres
                | Act::KillBroker(_)
                | Act::StartBroker
                | Act::FreezeBroker(_)
                | Act::ThawBroker => {}
            }
        }
        assert_eq!(down, Vec::<&str>::new());
    }
}
