//! What processes are told comes in the order in which it was said, whatever befalls them.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use super::{Options, Rates, World};
use crate::{Actor, ActorId, Ctx, Event, Moment, Token};

/// Sets timers when it begins, one a second, and notes which ones it is told of.
#[derive(Debug)]
struct Probe {
    timers: Vec<Token>,
    told: Arc<Mutex<Vec<usize>>>,
}

impl Actor for Probe {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => {
                let timers = (1..=3).map(|seconds| ctx.after(Duration::from_secs(seconds)));
                self.timers = timers.collect();
            }
            Event::Timer(token) => {
                let which = self.timers.iter().position(|timer| *timer == token);
                self.told.lock().unwrap().push(which.unwrap());
            }
            Event::Log(..) | Event::Store(..) | Event::Message(..) => {}
        }
    }

    fn restart(&mut self) {
        self.timers.clear();
    }
}

fn at(millis: u64) -> Moment {
    Moment(millis * 1_000)
}

/// Something that is done to a process, after so many milliseconds.
type Deed = (u64, fn(&mut World, ActorId));

/// What the probe was told of, once these were done to it.
fn told(done: &[Deed]) -> Vec<usize> {
    let mut world = World::new(&Options {
        seed: 1,
        partitions: 1,
        rates: Rates::NONE,
        whole_trace: false,
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let probe = Probe {
        timers: Vec::new(),
        told: Arc::clone(&told),
    };
    let id = world.add("probe".to_owned(), TimeDelta::zero(), Box::new(probe));
    for (millis, does) in done {
        world.run(at(*millis));
        does(&mut world, id);
    }
    world.run(at(20_000));
    let told = told.lock().unwrap();
    told.clone()
}

#[test]
fn a_freeze_is_not_ended_by_a_shorter_one_nor_by_the_calm() {
    assert_eq!(told(&[]), [0, 1, 2]);
    let long = |world: &mut World, id| world.freeze(id, Duration::from_secs(5));
    let short = |world: &mut World, id| world.freeze(id, Duration::from_secs(1));
    assert_eq!(told(&[(500, long), (1_500, short)]), [0, 1, 2]);
    assert_eq!(
        told(&[(500, long), (1_500, |world, _| world.calm())]),
        [0, 1, 2]
    );
}

#[test]
fn who_is_killed_hears_nothing_of_its_former_life() {
    let kill = |world: &mut World, id| world.kill(id, Duration::from_secs(1));
    // The first timer ran out before; those of the new life are as many.
    assert_eq!(told(&[(1_500, kill)]), [0, 0, 1, 2]);
}
