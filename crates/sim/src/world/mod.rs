//! What happens when: the queue, the network between processes, log and store, and the faults.

mod carry;
mod ctx;
mod gaps;
mod room;
#[cfg(test)]
mod tests;

use core::time::Duration;

use chrono::TimeDelta;

pub use self::ctx::Ctx;
pub use self::room::Rates;
use self::room::{Happening, Process, Room};
use crate::checker::Checker;
use crate::coverage::Coverage;
use crate::log::Topic;
use crate::store::Ledger;
use crate::trace::Trace;
use crate::{Actor, ActorId, Dice, Event, Message, Moment};

/// How a world begins.
#[derive(Debug, Clone)]
pub struct Options {
    /// From which everything follows.
    pub seed: u64,
    /// Partitions of the log.
    pub partitions: u16,
    /// How often what goes wrong.
    pub rates: Rates,
    /// Whether every line of the trace is kept.
    pub whole_trace: bool,
}

/// A world.
#[derive(Debug)]
pub struct World {
    actors: Vec<Option<Box<dyn Actor>>>,
    room: Room,
}

impl World {
    /// Without actors.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self {
            actors: Vec::new(),
            room: Room::new(options),
        }
    }

    /// Adds a process, which begins at once.
    pub fn add(&mut self, name: String, skew: TimeDelta, actor: Box<dyn Actor>) -> ActorId {
        let id = ActorId(u16::try_from(self.actors.len()).unwrap_or(u16::MAX));
        self.actors.push(Some(actor));
        self.room.processes.push(Process {
            name,
            skew,
            hears: None,
            life: 0,
            frozen_until: Moment::default(),
        });
        self.room.deliver(id, Duration::ZERO, Event::Start);
        id
    }

    /// Carries out what happens next; `false` if nothing does any more, or something is wrong.
    pub fn step(&mut self) -> bool {
        if !self.room.checker.violations().is_empty() {
            return false;
        }
        let Some(next) = self.room.next() else {
            return false;
        };
        match *next.happening {
            Happening::Deliver { to, life, event } => self.deliver(to, life, event),
            Happening::Records {
                to, life, token, ..
            } if self
                .room
                .process(to)
                .is_none_or(|process| process.life != life)
                || self.room.forgotten.remove(&token) => {}
            Happening::Records {
                to,
                life,
                token,
                which,
                tail,
                limit,
            } => {
                let answer = self.room.topic(which).next(tail, limit, next.at);
                let event = Event::Log(token, crate::log::Answer::Records(answer));
                self.deliver(to, life, event);
            }
            other @ (Happening::AtLog { .. }
            | Happening::AtStore { .. }
            | Happening::LateCommit { .. }
            | Happening::LateAppend { .. }
            | Happening::Idle { .. }
            | Happening::WaitedLong { .. }
            | Happening::Look { .. }) => self.room.carry(other),
        }
        true
    }

    /// Runs until nothing happens any more before `until`, or something is wrong.
    pub fn run(&mut self, until: Moment) {
        while self.room.next_at().is_some_and(|at| at <= until) && self.step() {}
        if self.room.now < until {
            self.room.now = until;
        }
    }

    fn deliver(&mut self, to: ActorId, life: u32, event: Event) {
        let Some(process) = self.room.process(to) else {
            return;
        };
        if process.life != life {
            return;
        }
        let index = usize::from(to.0);
        let Some(mut actor) = self.actors.get_mut(index).and_then(Option::take) else {
            return;
        };
        actor.on(event, &mut Ctx::new(to, &mut self.room));
        if let Some(slot) = self.actors.get_mut(index) {
            *slot = Some(actor);
        }
    }

    /// Kills a process; it begins again after a pause.
    pub fn kill(&mut self, id: ActorId, pause: Duration) {
        let Some(process) = self.room.processes.get_mut(usize::from(id.0)) else {
            return;
        };
        process.life += 1;
        process.hears = None;
        process.frozen_until = Moment::default();
        self.room.trace_world(format_args!("kills {}", id.0));
        self.room.gone(id);
        if let Some(Some(actor)) = self.actors.get_mut(usize::from(id.0)) {
            actor.restart();
        }
        self.room.deliver(id, pause, Event::Start);
    }

    /// Freezes a process: what is sent to it waits.
    pub fn freeze(&mut self, id: ActorId, pause: Duration) {
        let until = self.room.now.after(pause);
        self.room
            .trace_world(format_args!("freezes {} until {until}", id.0));
        if let Some(process) = self.room.processes.get_mut(usize::from(id.0)) {
            // SUBTLE: never shortened: what waits already would come after what comes now.
            process.frozen_until = until.max(process.frozen_until);
        }
    }

    /// Sets a process's clock off by so much.
    pub fn skew(&mut self, id: ActorId, skew: TimeDelta) {
        self.room
            .trace_world(format_args!("skews {} by {skew}", id.0));
        if let Some(process) = self.room.processes.get_mut(usize::from(id.0)) {
            process.skew = skew;
        }
    }

    /// Ends all faults and tells everybody. Who is frozen wakes at its time.
    pub fn calm(&mut self) {
        self.room.rates = Rates::NONE;
        self.room.stalled = None;
        for number in 0..self.actors.len() {
            let id = ActorId(u16::try_from(number).unwrap_or(u16::MAX));
            self.skew(id, TimeDelta::zero());
            self.room
                .deliver(id, Duration::ZERO, Event::Message(id, Message::Calm));
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.room.now
    }

    /// The right time.
    #[must_use]
    pub fn time(&self) -> chrono::DateTime<chrono::Utc> {
        self.room.time()
    }

    /// Chances for whoever orders faults.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.room.dice
    }

    /// The log of commands.
    pub fn commands(&mut self) -> &mut Topic {
        &mut self.room.commands
    }

    /// The topic of changes.
    pub fn changes(&mut self) -> &mut Topic {
        // Whoever asks may take something away, which counts as told.
        self.room.survey();
        &mut self.room.changes
    }

    /// The store.
    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.room.ledger
    }

    /// What was met.
    pub fn coverage(&mut self) -> &mut Coverage {
        &mut self.room.coverage
    }

    /// The story so far.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.room.trace
    }

    /// Adds a line to the story.
    pub fn say(&mut self, what: core::fmt::Arguments<'_>) {
        self.room.trace_world(what);
    }

    /// Who watches.
    pub fn checker(&mut self) -> &mut Checker {
        &mut self.room.checker
    }

    /// Compares all that was told with what is there, once all is settled.
    pub fn check(&mut self, dice: &mut Dice) {
        let Room {
            checker,
            ledger,
            commands,
            changes,
            ..
        } = &mut self.room;
        checker.compare_answers(ledger.data());
        checker.compare_feed(ledger.data());
        checker.compare_topic(ledger.data(), changes);
        checker.compare_log(ledger.data(), commands);
        checker.compare_digests(ledger.data());
        checker.compare_fold(ledger.data(), dice);
    }

    /// Puts the store back to an older state.
    pub fn put_back(&mut self, data: crate::store::Data) {
        let Room {
            checker, ledger, ..
        } = &mut self.room;
        checker.put_back(ledger.data());
        ledger.put_back(data);
    }

    /// Whether everybody who follows what happens has been told all of it.
    pub fn is_told(&mut self) -> bool {
        let Room {
            checker,
            ledger,
            changes,
            ..
        } = &mut self.room;
        checker.is_told(ledger.data(), changes)
    }

    /// Whether an operator keeps others from appending commands.
    #[must_use]
    pub fn is_fenced(&self) -> bool {
        self.room.fenced_for.is_some()
    }

    /// Appends a record of nobody's; whether the log was there.
    pub fn put(&mut self, partition: writ_domain::Partition, record: writ_log::Record) -> bool {
        let fenced = self.is_fenced();
        !fenced
            && self
                .room
                .put(crate::log::Which::Commands, partition, vec![record])
                .is_some()
    }

    /// The leader of a partition stands still for so long: appends wait there, and nobody hears.
    pub fn stall(&mut self, partition: writ_domain::Partition, pause: Duration) {
        self.room
            .trace_world(format_args!("takes no append to {partition} for {pause:?}"));
        self.room.stalled = Some((partition, self.room.now.after(pause)));
    }

    /// Lets all who wait at the log of commands look again at that time.
    pub fn look_at(&mut self, at: Moment) {
        let pause = at.since(self.room.now);
        let which = crate::log::Which::Commands;
        self.room.schedule(pause, Happening::Look { which });
    }

    /// Wakes all who wait at a log that was changed from outside.
    pub fn wake(&mut self) {
        self.room.look(crate::log::Which::Commands);
        self.room.look(crate::log::Which::Changes);
    }
}
