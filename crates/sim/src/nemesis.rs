//! Who orders what befalls processes, log and store as a whole.
//!
//! **Correctness.** It never orders more than the ledger promises to survive: log and store are not
//! lost together. So the log loses decided records only while the store has all of them, and the
//! store is put back only while the log has all of them.

use core::time::Duration;

use chrono::TimeDelta;
use writ_domain::{Offset, Partition, TenantId};
use writ_envelope::Hash;
use writ_envelope::event::Told;
use writ_log::Record;
use writ_projector::anchor_of;

use crate::actors::{client, relay};
use crate::coverage::Fault;
use crate::store::Data;
use crate::{ActorId, Dice, Moment, World};

/// The processes, by what they do.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    /// Those that decide.
    pub owners: Vec<ActorId>,
    /// Those that take commands.
    pub services: Vec<ActorId>,
    /// Those that tell the topic of changes, [`RELAYS`] of each partition.
    pub relays: Vec<ActorId>,
    /// Those that answer reads.
    pub readers: Vec<ActorId>,
    /// Who restores and rebuilds.
    pub operator: Option<ActorId>,
    /// How long owners' leases hold.
    pub lease: Duration,
}

/// So many relays are there of each partition.
pub const RELAYS: usize = 2;

/// Orders faults, one at a time.
#[derive(Debug)]
pub struct Nemesis {
    cast: Cast,
    dice: Dice,
    partitions: u16,
    backups: Vec<Data>,
    made: u64,
    /// Where the topic of changes tells another history, and when it is made again.
    repairs: Option<(Partition, Moment)>,
    /// When log or store may be lost again: in between there must be time to go on.
    loses_from: Moment,
    /// When it strikes next, but for the seals that it watches for.
    strikes_at: Moment,
}

/// How often it looks for a seal that is not decided yet: that takes an owner some milliseconds.
const SEAL_WATCH: Duration = Duration::from_millis(3);
/// One of so many looks takes it away.
const SEALS: u64 = 300;

impl Nemesis {
    /// For a world of these processes.
    #[must_use]
    pub fn new(cast: Cast, partitions: u16, dice: Dice) -> Self {
        Self {
            cast,
            dice,
            partitions,
            backups: Vec::new(),
            made: 0,
            repairs: None,
            loses_from: Moment::default(),
            strikes_at: Moment::default(),
        }
    }

    /// Orders something.
    pub fn strike(&mut self, world: &mut World) {
        if self.strikes_at > world.now() {
            return self.lose_seal(world);
        }
        if self.repairs.is_some_and(|(_, at)| at <= world.now()) {
            self.repair(world);
        }
        match self.dice.roll(32) {
            0..=2 => self.freeze_owner(world),
            3 | 4 => self.kill_owner(world),
            5 | 6 => self.skew(world),
            7..=10 => self.lose(world),
            11..=13 => self.back_up(world),
            14 | 15 => self.break_tails(world),
            16 | 17 => self.append_broken(world),
            18 => self.append_misrouted(world),
            19 | 20 => self.sweep(world),
            21 | 22 => self.befall(world, Befallen::Service),
            23 | 24 => self.befall(world, Befallen::Relay),
            25 => self.befall(world, Befallen::Reader),
            26 => self.lose_changes(world),
            27 => self.tell_another(world),
            28 | 29 => self.cut_operator_off(world),
            30 if self.dice.one_in(2) => self.stall(world),
            _ => {}
        }
    }

    /// Log or store lose something.
    fn lose(&mut self, world: &mut World) {
        if world.now() < self.loses_from {
            return;
        }
        let pause = self.dice.between(Duration::ZERO, Duration::from_secs(16));
        self.loses_from = world.now().after(pause);
        match self.dice.roll(4) {
            0 | 1 => self.truncate(world),
            2 => self.delete(world),
            _ => self.put_back(world),
        }
    }

    fn partition(&mut self) -> Partition {
        let number = self.dice.roll(u64::from(self.partitions));
        Partition(u16::try_from(number).unwrap_or(0))
    }

    fn freeze_owner(&mut self, world: &mut World) {
        let lease = self.cast.lease;
        let pause = self.dice.between(lease / 4, lease * 3);
        if let Some(owner) = self.dice.pick(&self.cast.owners).copied() {
            world.freeze(owner, pause);
            if pause > lease {
                world.coverage().fault(Fault::OwnerFrozen);
            }
        }
    }

    fn kill_owner(&mut self, world: &mut World) {
        let pause = self
            .dice
            .between(Duration::from_millis(50), Duration::from_secs(4));
        if let Some(owner) = self.dice.pick(&self.cast.owners).copied() {
            world.kill(owner, pause);
            world.coverage().fault(Fault::OwnerKilled);
        }
    }

    /// The operator is killed or frozen, while it restores or rebuilds.
    fn cut_operator_off(&mut self, world: &mut World) {
        let Some(operator) = self.cast.operator.filter(|_| world.is_fenced()) else {
            return;
        };
        let pause = self
            .dice
            .between(Duration::from_millis(50), Duration::from_secs(5));
        if self.dice.one_in(3) {
            world.freeze(operator, pause);
        } else {
            world.kill(operator, pause);
            world.coverage().fault(Fault::OperatorKilled);
        }
    }

    fn skew(&mut self, world: &mut World) {
        let seconds = i64::try_from(self.dice.roll(540)).unwrap_or(0) - 270;
        let all = [&self.cast.owners, &self.cast.services];
        let who = self.dice.index(2);
        let group = all.get(who).copied().filter(|group| !group.is_empty());
        if let Some(id) = self.dice.pick(group.unwrap_or(&self.cast.owners)).copied() {
            world.skew(id, TimeDelta::seconds(seconds));
            if seconds.abs() > 120 {
                world.coverage().fault(Fault::ClockSkewed);
            }
        }
    }

    /// Whether all that was ever decided is in the store, and nobody repairs anything.
    fn store_is_whole(&self, world: &mut World) -> bool {
        let ledger = world.ledger();
        !(0..self.partitions).any(|number| ledger.is_behind(Partition(number)))
            && !world.is_fenced()
    }

    /// Whether all that was ever decided is in the log, and nobody repairs anything.
    fn log_is_whole(&self, world: &mut World) -> bool {
        let now = world.now();
        let whole = |partition: Partition, world: &mut World| {
            let highest = world.ledger().highest(partition);
            let cursor = world.ledger().data().cursor(partition).cloned();
            let data = world.ledger().data();
            // A log that was restored and has lost its seal is whole only when it is restored again.
            let goes_on = data.halted(partition).is_none()
                && cursor.as_ref().is_some_and(|cursor| !cursor.restoring);
            let topic = world.commands();
            let records = topic.records(partition);
            let last = cursor
                .as_ref()
                .and_then(|cursor| cursor.next_offset.previous());
            let last = last.and_then(|Offset(last)| records.get(usize::try_from(last).ok()?));
            goes_on
                && records.len() as u64 >= highest.0
                && last.map(anchor_of) == cursor.and_then(|cursor| cursor.anchor)
                && !topic.has_former(partition, now)
        };
        (0..self.partitions).all(|number| whole(Partition(number), world)) && !world.is_fenced()
    }

    fn truncate(&mut self, world: &mut World) {
        let partition = self.partition();
        let high = world.commands().records(partition).len() as u64;
        if high == 0 || !self.store_is_whole(world) {
            return;
        }
        let cursor = world.ledger().data().cursor(partition).cloned();
        let restoring = cursor.filter(|cursor| cursor.restoring);
        let keep = match restoring {
            // The seal is lost, and nothing else.
            Some(cursor) if self.dice.one_in(2) => cursor.next_offset.0.min(high),
            Some(_) | None => high - 1 - self.dice.roll(high.min(30)),
        };
        let now = world.now();
        let seen = self.dice.one_in(3).then(|| {
            let pause = self
                .dice
                .between(Duration::from_millis(20), Duration::from_secs(2));
            now.after(pause)
        });
        world.say(format_args!("loses {partition} from {keep} of {high} on"));
        world.commands().truncate(partition, Offset(keep), seen);
        world.coverage().fault(Fault::LogTruncated);
        if let Some(until) = seen {
            world.coverage().fault(Fault::StaleLeader);
            world.look_at(until);
        }
        world.wake();
    }

    /// A log that was just restored loses its seal, and nothing else: what is appended now lies
    /// below where the seal belongs.
    fn lose_seal(&mut self, world: &mut World) {
        if !self.dice.one_in(SEALS) || !self.store_is_whole(world) {
            return;
        }
        for number in 0..self.partitions {
            let partition = Partition(number);
            let cursor = world.ledger().data().cursor(partition);
            let Some(Offset(next)) = cursor
                .filter(|cursor| cursor.restoring)
                .map(|cursor| cursor.next_offset)
            else {
                continue;
            };
            if world.commands().records(partition).len() as u64 > next {
                world.say(format_args!("loses the seal of {partition}"));
                world.commands().truncate(partition, Offset(next), None);
                world.coverage().fault(Fault::LogTruncated);
                world.wake();
                return;
            }
        }
    }

    fn delete(&mut self, world: &mut World) {
        if !self.store_is_whole(world) {
            return;
        }
        let away = self.dice.one_in(2);
        world.say(format_args!("deletes the log, makes it again: {}", !away));
        for number in 0..self.partitions {
            world.commands().delete(Partition(number));
            if !away {
                world.commands().make(Partition(number));
            }
        }
        world.coverage().fault(Fault::TopicMadeAgain);
        world.wake();
    }

    fn back_up(&mut self, world: &mut World) {
        let data = world.ledger().data().clone();
        if self.backups.len() >= 3 {
            let oldest = self.dice.index(self.backups.len());
            self.backups.swap_remove(oldest);
        }
        self.backups.push(data);
    }

    fn put_back(&mut self, world: &mut World) {
        if self.backups.is_empty() || !self.log_is_whole(world) {
            return;
        }
        let index = self.dice.index(self.backups.len());
        let data = self.backups.swap_remove(index);
        world.say(format_args!("puts the store back"));
        world.put_back(data);
        world.coverage().fault(Fault::StorePutBack);
    }

    fn break_tails(&mut self, world: &mut World) {
        let partition = self.partition();
        world.say(format_args!("breaks the tails of {partition}"));
        world.commands().break_tails(partition);
        world.coverage().fault(Fault::TailBroken);
        world.wake();
    }

    /// Long enough that some give up.
    fn stall(&mut self, world: &mut World) {
        let partition = self.partition();
        let pause = self.dice.between(Duration::from_secs(4), client::PATIENCE);
        world.stall(partition, pause);
    }

    fn append_broken(&mut self, world: &mut World) {
        self.made += 1;
        let record = Record {
            key: b"alpha".to_vec(),
            value: format!("{{\"v\":1, not to be read {}", self.made).into_bytes(),
            headers: Vec::new(),
        };
        let partition = self.partition();
        if world.put(partition, record) {
            world.coverage().fault(Fault::RecordBroken);
        }
    }

    /// A record that was read from one partition and written to another.
    fn append_misrouted(&mut self, world: &mut World) {
        let (from, to) = (self.partition(), self.partition());
        let records = world.commands().records(from);
        let index = self.dice.index(records.len());
        let Some(record) = records.get(index).map(|logged| logged.record.clone()) else {
            return;
        };
        let reserved = TenantId::reserved(from);
        if from != to && record.key != reserved.as_str().as_bytes() && world.put(to, record) {
            world.coverage().fault(Fault::RecordMisrouted);
        }
    }

    fn sweep(&mut self, world: &mut World) {
        let partition = self.partition();
        world.say(format_args!("sweeps {partition}"));
        world.ledger().data_mut().sweep(partition);
    }

    fn befall(&mut self, world: &mut World, whom: Befallen) {
        let (group, killed, frozen) = match whom {
            Befallen::Service => (
                &self.cast.services,
                Fault::ServiceKilled,
                Some((Fault::ServiceFrozen, client::PATIENCE)),
            ),
            Befallen::Relay => (
                &self.cast.relays,
                Fault::RelayKilled,
                Some((Fault::RelayFrozen, relay::REST)),
            ),
            Befallen::Reader => (&self.cast.readers, Fault::QueryKilled, None),
        };
        let Some(id) = self.dice.pick(group).copied() else {
            return;
        };
        let pause = self
            .dice
            .between(Duration::from_millis(50), Duration::from_secs(20));
        if let Some((fault, patience)) = frozen.filter(|_| self.dice.one_in(2)) {
            world.freeze(id, pause);
            if pause > patience {
                world.coverage().fault(fault);
            }
        } else {
            world.kill(id, pause / 8);
            world.coverage().fault(killed);
        }
    }

    /// The topic of changes may be lost at any time: all of it is in the store.
    fn lose_changes(&mut self, world: &mut World) {
        let partition = self.partition();
        let high = world.changes().records(partition).len() as u64;
        if high == 0 {
            return;
        }
        if self.dice.one_in(3) {
            let strays = self.dice.one_in(3);
            self.make_changes_again(world, strays);
        } else {
            let keep = high - 1 - self.dice.roll(high.min(30));
            world.say(format_args!(
                "loses changes of {partition} from {keep} of {high} on"
            ));
            world.changes().truncate(partition, Offset(keep), None);
            world.coverage().fault(Fault::ChangesTruncated);
        }
        world.wake();
    }

    fn make_changes_again(&self, world: &mut World, strays: bool) {
        world.say(format_args!("makes the topic of changes again"));
        for number in 0..self.partitions {
            let (partition, time) = (Partition(number), world.time());
            let last = world.changes().records(partition).last().cloned();
            world.changes().delete(partition);
            world.changes().make(partition);
            // It was sent when the topic had been looked at.
            if let Some(stray) = last.filter(|_| strays) {
                world.changes().append(partition, vec![stray.record], time);
                world.coverage().fault(Fault::ChangesStrayed);
            }
        }
        world.coverage().fault(Fault::ChangesMadeAgain);
        world.wake();
    }

    /// Puts right what only a person puts right; and what is lost last is not made good by a loss
    /// that comes later.
    pub fn end(&mut self, world: &mut World) {
        self.repair(world);
        if self.dice.one_in(2) {
            self.make_changes_again(world, true);
        }
    }

    /// The relays of a partition are stopped, and its topic is exchanged for that of a ledger that
    /// went another way from some entry on.
    fn tell_another(&mut self, world: &mut World) {
        let (partition, now, time) = (self.partition(), world.now(), world.time());
        let mut messages: Vec<Record> = world
            .changes()
            .records(partition)
            .iter()
            .map(|message| message.record.clone())
            .collect();
        let last = messages.last().and_then(|last| Told::of(&last.headers));
        let Some(last) = last.filter(|_| self.repairs.is_none()) else {
            return;
        };
        let own = last.position.seq.0.saturating_sub(1 + self.dice.roll(10));
        for message in &mut messages {
            let told = Told::of(&message.headers);
            let Some(told) = told.filter(|told| told.position.seq.0 > own) else {
                continue;
            };
            let told = Told {
                hash: Hash(told.hash.0.map(|byte| !byte)),
                ..told
            };
            for (_, value) in message
                .headers
                .iter_mut()
                .filter(|(name, _)| name == "ce_hash")
            {
                *value = told.hash.to_string().into_bytes();
            }
            world.checker().put_another(told, now);
        }
        world.say(format_args!(
            "puts another history onto {partition} after {own}"
        ));
        for relay in self.relays_of(partition) {
            let pause = self.dice.between(Duration::ZERO, Duration::from_secs(1));
            world.kill(relay, pause);
        }
        world.changes().delete(partition);
        world.changes().make(partition);
        world.changes().append(partition, messages, time);
        world.coverage().fault(Fault::ChangesOfAnother);
        world.wake();
        let pause = self
            .dice
            .between(Duration::from_secs(1), Duration::from_secs(6));
        self.repairs = Some((partition, now.after(pause)));
    }

    fn relays_of(&self, partition: Partition) -> Vec<ActorId> {
        let each = self.cast.relays.chunks(RELAYS).nth(partition.0.into());
        each.unwrap_or_default().to_vec()
    }

    /// Makes the topic of changes again where it tells another history, as relays ask for.
    fn repair(&mut self, world: &mut World) {
        let Some((partition, _)) = self.repairs.take() else {
            return;
        };
        world.say(format_args!(
            "makes {partition} of the topic of changes again"
        ));
        world.changes().delete(partition);
        world.changes().make(partition);
        world.wake();
    }

    /// When to strike again.
    pub fn next(&mut self, world: &mut World, often: Duration) -> Moment {
        let now = world.now();
        if self.strikes_at <= now {
            self.strikes_at = now.after(self.dice.between(Duration::ZERO, often * 2));
        }
        let data = world.ledger().data();
        let restoring = (0..self.partitions)
            .filter_map(|number| data.cursor(Partition(number)))
            .any(|cursor| cursor.restoring);
        if restoring {
            self.strikes_at.min(now.after(SEAL_WATCH))
        } else {
            self.strikes_at
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Befallen {
    Service,
    Relay,
    Reader,
}
