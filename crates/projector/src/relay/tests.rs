//! The machine of a relay, step by step.

use core::time::Duration;

use chrono::DateTime;
use writ_domain::{Offset, Outcome, Partition, Position, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_envelope::event::Told;
use writ_log::{Appended, Bounds, Logged, Record};
use writ_store::entries::Entry;
use writ_store::relay::RelayCursor;

use super::{Action, Error, Input, Machine, Opening, Pauses, Reason};

const HERE: Partition = Partition(0);

/// A ledger and its topic, and one relay's place between them.
#[derive(Default)]
struct World {
    entries: Vec<Entry>,
    kept: Option<RelayCursor>,
    topic: Vec<Logged>,
    /// Of the next append, in milliseconds.
    time: i64,
}

/// A relay, and what it is about to do.
struct Relay {
    machine: Machine,
    action: Action,
    followed: usize,
    now: Duration,
}

fn entry(seq: u64) -> Entry {
    Entry {
        position: Position {
            partition: HERE,
            seq: Seq(seq),
        },
        tenant: TenantId::from_stored("a").unwrap(),
        tenant_seq: TenantSeq(seq),
        offset: Offset(seq - 1),
        time: DateTime::UNIX_EPOCH,
        command_id: None,
        kind: "CreateRole".to_owned(),
        subject: "ann".to_owned(),
        submission: None,
        outcome: Outcome::Unchanged,
        facts: Vec::new(),
        rules_version: 1,
        leaf: Hash::ZERO,
        chain: Hash([u8::try_from(seq % 251).unwrap(); 32]),
    }
}

impl World {
    /// A ledger of so many entries, of which none is told.
    fn of(entries: u64) -> Self {
        Self {
            entries: (1..=entries).map(entry).collect(),
            ..Self::default()
        }
    }

    fn append(&mut self, records: Vec<Record>) -> Vec<Appended> {
        let mut landed = Vec::new();
        let time = DateTime::from_timestamp_millis(self.time).unwrap();
        self.time += 1;
        for record in records {
            let offset = Offset(u64::try_from(self.topic.len()).unwrap());
            landed.push(Appended { offset, time });
            self.topic.push(Logged {
                offset,
                time,
                record,
            });
        }
        landed
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            low: Offset(0),
            high: Offset(u64::try_from(self.topic.len()).unwrap()),
        }
    }

    fn message(&self, offset: Offset) -> Option<Logged> {
        self.topic.get(usize::try_from(offset.0).unwrap()).cloned()
    }

    /// The entries that the topic tells, repeats left out; panics at a gap.
    fn told(&self) -> u64 {
        let mut last = 0;
        for message in &self.topic {
            let seq = seq_of(message);
            assert!(seq <= last + 1, "{seq} after {last}");
            last = last.max(seq);
        }
        last
    }

    /// The numbers of the entries as they stand on the topic.
    fn numbers(&self) -> Vec<u64> {
        self.topic.iter().map(seq_of).collect()
    }
}

fn seq_of(message: &Logged) -> u64 {
    Told::of(&message.record.headers).unwrap().position.seq.0
}

impl Relay {
    fn new() -> Self {
        Self {
            machine: Machine::new(HERE),
            action: Action::LoadCursor,
            followed: 0,
            now: Duration::ZERO,
        }
    }

    /// Does what comes next; `false` where there is nothing to do.
    fn step(&mut self, world: &mut World) -> Result<bool, Error> {
        let action = core::mem::replace(&mut self.action, Action::Left);
        let input = match action {
            Action::LoadCursor => Input::Cursor(world.kept),
            Action::Bounds => Input::Bounds(world.bounds()),
            Action::Read(offset) => Input::Message(world.message(offset)),
            Action::Follow(from) => {
                self.followed = usize::try_from(from.0).unwrap();
                self.follow(world)
            }
            Action::More => self.follow(world),
            Action::Look(seq) => Input::Found(
                world
                    .entries
                    .iter()
                    .find(|entry| entry.position.seq >= seq)
                    .map(|entry| Told {
                        position: entry.position,
                        hash: entry.chain,
                    }),
            ),
            Action::Scan { from, limit } => {
                let page = world
                    .entries
                    .iter()
                    .filter(|entry| entry.position.seq >= from);
                let limit = usize::try_from(limit).unwrap();
                Input::Entries(page.take(limit).cloned().collect())
            }
            Action::Keep(cursor) => {
                world.kept = Some(cursor);
                Input::Kept
            }
            Action::Append(records) => Input::Appended(world.append(records)),
            rest @ (Action::Rest(_) | Action::Left) => {
                self.action = rest;
                return Ok(false);
            }
        };
        self.action = self.machine.step(self.now, input)?;
        Ok(true)
    }

    /// Two messages at a time, so that there is more.
    fn follow(&mut self, world: &World) -> Input {
        let messages: Vec<Logged> = world
            .topic
            .iter()
            .skip(self.followed)
            .take(2)
            .cloned()
            .collect();
        self.followed += messages.len();
        Input::Messages(messages)
    }

    /// Goes on until it rests; why.
    fn rest(&mut self, world: &mut World) -> Result<Reason, Error> {
        while self.step(world)? {}
        let Action::Rest(reason) = self.action else {
            panic!("it rests: {:?}", self.action);
        };
        Ok(reason)
    }

    fn wake(&mut self, world: &mut World) -> Result<Reason, Error> {
        self.action = self.machine.step(self.now, Input::Woken)?;
        self.rest(world)
    }

    fn leave(mut self, world: &mut World) {
        self.action = self.machine.leave(self.now);
        while self.step(world).unwrap() {}
        assert!(matches!(self.action, Action::Left));
    }
}

/// Tells all there is and leaves.
fn tell(world: &mut World) -> Opening {
    let mut relay = Relay::new();
    assert_eq!(relay.rest(world).unwrap(), Reason::AllTold);
    let opening = relay.machine.opening().unwrap();
    relay.leave(world);
    opening
}

fn more(world: &mut World, entries: u64) {
    let begin = u64::try_from(world.entries.len()).unwrap();
    world
        .entries
        .extend((begin + 1..=begin + entries).map(entry));
}

#[test]
fn an_empty_topic_is_told_from_the_first_entry_on() {
    let mut world = World::of(3);
    assert_eq!(tell(&mut world), Opening::Empty);
    assert_eq!(world.numbers(), [1, 2, 3]);
    assert_eq!(world.kept.unwrap().seq, Seq(3));
}

#[test]
fn what_was_kept_is_gone_on_from_without_a_repeat() {
    let mut world = World::of(3);
    tell(&mut world);
    more(&mut world, 2);
    assert_eq!(tell(&mut world), Opening::Kept);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 5]);
}

#[test]
fn what_arrived_after_the_cursor_was_kept_is_read_on() {
    let mut world = World::of(3);
    tell(&mut world);
    let kept = world.kept;
    more(&mut world, 7);
    tell(&mut world);
    world.kept = kept;
    more(&mut world, 1);
    assert_eq!(tell(&mut world), Opening::Kept);
    assert_eq!(world.numbers(), (1..=11).collect::<Vec<_>>());
}

#[test]
fn a_relay_that_kept_nothing_reads_the_whole_topic() {
    let mut world = World::of(3);
    tell(&mut world);
    world.kept = None;
    more(&mut world, 2);
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_repeat_at_the_end_costs_no_gap() {
    let mut world = World::of(4);
    tell(&mut world);
    let old = world.topic[1].record.clone();
    world.append(vec![old]);
    world.kept = None;
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 2]);
}

#[test]
fn a_topic_that_ends_too_far_is_read_from_its_beginning() {
    let mut world = World::of(5);
    tell(&mut world);
    // A batch that landed on a topic made anew: 4 and 5 without what comes before.
    let late: Vec<Record> = world.topic[3..]
        .iter()
        .map(|at| at.record.clone())
        .collect();
    world.topic.clear();
    world.append(late);
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    assert_eq!(world.numbers(), [4, 5, 1, 2, 3, 4, 5]);
}

#[test]
fn a_topic_that_was_exchanged_is_not_believed() {
    let mut world = World::of(5);
    tell(&mut world);
    world.topic.truncate(2);
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 5]);
    world.topic.clear();
    assert_eq!(tell(&mut world), Opening::Empty);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_topic_that_lost_what_was_told_is_begun_again() {
    let mut world = World::of(4);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    world.topic.truncate(2);
    more(&mut world, 1);
    let failed = relay.wake(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { high: 2, told: 4 }));
    tell(&mut world);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_topic_that_is_exchanged_between_look_and_landing_is_noticed() {
    let mut world = World::of(4);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    more(&mut world, 1);
    relay.action = relay.machine.step(relay.now, Input::Woken).unwrap();
    while !matches!(relay.action, Action::Append(_)) {
        assert!(relay.step(&mut world).unwrap());
    }
    world.topic.clear();
    let failed = relay.step(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { high: 0, told: 4 }));
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    assert_eq!(world.numbers(), [5, 1, 2, 3, 4, 5]);
}

/// What somebody sent who had told these, and gave up.
fn late(world: &World, entries: core::ops::Range<usize>) -> Vec<Record> {
    let messages = &world.topic[entries];
    messages.iter().map(|at| at.record.clone()).collect()
}

#[test]
fn a_topic_that_lost_its_end_and_grew_again_by_repeats_is_begun_again() {
    let mut world = World::of(6);
    tell(&mut world);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    // 5 and 6 are lost, and a late batch makes the topic longer than it was.
    let late = late(&world, 0..3);
    world.topic.truncate(4);
    world.append(late);
    more(&mut world, 1);
    let failed = relay.wake(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { high: 7, told: 6 }));
    tell(&mut world);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 1, 2, 3, 5, 6, 7]);
}

#[test]
fn a_topic_that_grows_again_between_look_and_landing_is_noticed() {
    let mut world = World::of(6);
    tell(&mut world);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    more(&mut world, 1);
    relay.action = relay.machine.step(relay.now, Input::Woken).unwrap();
    while !matches!(relay.action, Action::Append(_)) {
        assert!(relay.step(&mut world).unwrap());
    }
    let late = late(&world, 0..3);
    world.topic.truncate(4);
    world.append(late);
    let failed = relay.rest(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { high: 7, told: 6 }));
    tell(&mut world);
    // 7 came too early, and comes again.
    assert_eq!(world.numbers(), [1, 2, 3, 4, 1, 2, 3, 7, 5, 6, 7]);
}

#[test]
fn a_topic_that_grew_again_to_its_very_length_is_begun_again() {
    let mut world = World::of(6);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    let kept = world.kept;
    let late = late(&world, 0..2);
    world.topic.truncate(4);
    world.append(late);
    more(&mut world, 1);
    let failed = relay.wake(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { told: 6, .. }));
    assert_eq!(world.kept, kept, "nothing is kept of what is behind a hole");
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    // 7 came too early, and comes again.
    assert_eq!(world.numbers(), [1, 2, 3, 4, 1, 2, 7, 5, 6, 7]);
}

#[test]
fn a_repeat_that_came_to_the_place_of_what_was_lost_is_not_taken_for_it() {
    let mut world = World::of(6);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    let repeats = [late(&world, 0..2), late(&world, 5..6)].concat();
    world.topic.truncate(3);
    world.append(repeats);
    more(&mut world, 1);
    let failed = relay.wake(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { told: 6, .. }));
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    // 6 and 7 came too early, and come again.
    assert_eq!(world.numbers(), [1, 2, 3, 1, 2, 6, 7, 4, 5, 6, 7]);
}

#[test]
fn a_topic_that_is_exchanged_before_it_is_read_is_not_waited_for() {
    let mut world = World::of(6);
    tell(&mut world);
    world.kept = None;
    let mut relay = Relay::new();
    while !matches!(relay.action, Action::Follow(_)) {
        assert!(relay.step(&mut world).unwrap());
    }
    world.topic.clear();
    let failed = relay.step(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { high: 0, told: 6 }));
    assert_eq!(tell(&mut world), Opening::Empty);
    assert_eq!(world.numbers(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_is_not_there_any_more_is_not_kept() {
    let mut world = World::of(6);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    let kept = world.kept;
    more(&mut world, 1);
    relay.wake(&mut world).unwrap();
    let late = late(&world, 0..4);
    world.topic.truncate(4);
    world.append(late);
    relay.now = Duration::from_secs(2);
    let failed = relay.wake(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Truncated { high: 6, told: 7 }));
    assert_eq!(world.kept, kept);
}

#[test]
fn a_stray_after_a_loss_is_not_believed_although_repeats_make_the_topic_long() {
    let mut world = World::of(6);
    tell(&mut world);
    let stray = late(&world, 5..6);
    let repeats = late(&world, 0..4);
    world.topic.truncate(4);
    world.append(repeats);
    world.append(stray);
    more(&mut world, 1);
    assert_eq!(tell(&mut world), Opening::FromBeginning);
    assert_eq!(
        world.numbers(),
        [1, 2, 3, 4, 1, 2, 3, 4, 6, 5, 6, 7],
        "6 came too early, and comes again after 5"
    );
}

#[test]
fn another_relays_repeats_are_no_loss() {
    let mut world = World::of(3);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    let repeats = late(&world, 0..3);
    world.append(repeats);
    more(&mut world, 1);
    assert_eq!(relay.wake(&mut world).unwrap(), Reason::AllTold);
    assert_eq!(world.numbers(), [1, 2, 3, 1, 2, 3, 4]);
}

#[test]
fn a_topic_without_its_beginning_is_refused() {
    let mut machine = Machine::new(HERE);
    machine.step(Duration::ZERO, Input::Cursor(None)).unwrap();
    let bounds = Bounds {
        low: Offset(1),
        high: Offset(4),
    };
    let failed = machine.step(Duration::ZERO, Input::Bounds(bounds));
    assert!(matches!(failed, Err(Error::NoBeginning)));
}

#[test]
fn a_topic_of_another_history_is_not_told_on() {
    let mut world = World::of(3);
    tell(&mut world);
    world.entries[2].chain = Hash([99; 32]);
    let failed = Relay::new().rest(&mut world).unwrap_err();
    assert!(matches!(failed, Error::OtherHistory { position } if position.seq == Seq(3)));
}

#[test]
fn a_ledger_that_was_put_back_is_waited_for() {
    let mut world = World::of(3);
    tell(&mut world);
    let gone = world.entries.pop().unwrap();
    let mut relay = Relay::new();
    assert_eq!(relay.rest(&mut world).unwrap(), Reason::EntryMissing);
    assert_eq!(relay.wake(&mut world).unwrap(), Reason::EntryMissing);
    world.entries.push(gone);
    assert_eq!(relay.wake(&mut world).unwrap(), Reason::AllTold);
    assert_eq!(world.numbers(), [1, 2, 3]);
}

#[test]
fn a_hole_in_the_ledger_is_not_told_over() {
    let mut world = World::of(4);
    world.entries.remove(2);
    let failed = Relay::new().rest(&mut world).unwrap_err();
    assert!(matches!(failed, Error::Missing { position } if position.seq == Seq(3)));
}

#[test]
fn the_cursor_is_kept_once_a_second_and_only_after_what_it_says_was_told() {
    let mut world = World::of(2);
    let mut relay = Relay::new();
    relay.rest(&mut world).unwrap();
    assert_eq!(world.kept, None, "it is not due yet");
    relay.now = Duration::from_secs(1);
    relay.wake(&mut world).unwrap();
    assert_eq!(world.kept.unwrap().seq, Seq(2));
    more(&mut world, 1);
    relay.now = Duration::from_millis(1_900);
    relay.wake(&mut world).unwrap();
    assert_eq!(world.kept.unwrap().seq, Seq(2));
    relay.leave(&mut world);
    assert_eq!(world.kept.unwrap().seq, Seq(3));
}

/// A generator that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[test]
fn relays_that_freeze_wake_and_lose_answers_make_no_gap() {
    let (mut repeats, mut late) = (0, 0);
    for seed in 1..=300 {
        let mut dice = Dice(seed);
        let mut world = World::of(0);
        let mut relays = [Relay::new(), Relay::new(), Relay::new()];
        // Batches whose sender gave up: they arrive later, or never.
        let mut adrift: Vec<Vec<Record>> = Vec::new();
        for _ in 0..200 {
            let now = Duration::from_millis(dice.below(3_000));
            let relay = &mut relays[usize::try_from(dice.below(3)).unwrap()];
            relay.now = relay.now.max(now);
            match dice.below(12) {
                0 => more(&mut world, 1),
                // A process dies.
                1 => *relay = Relay::new(),
                // An answer is lost, or the batch is.
                2 if relay.machine.is_telling() => {
                    if let Action::Append(records) = core::mem::replace(relay, Relay::new()).action
                    {
                        adrift.push(records);
                    }
                }
                3 if !adrift.is_empty() => {
                    late += 1;
                    let which = dice.below(u64::try_from(adrift.len()).unwrap());
                    let records = adrift.swap_remove(usize::try_from(which).unwrap());
                    let arrive = 1 + dice.below(u64::try_from(records.len()).unwrap());
                    let arrive = usize::try_from(arrive).unwrap();
                    world.append(records.into_iter().take(arrive).collect());
                }
                _ => {
                    if !relay.step(&mut world).unwrap() {
                        relay.action = relay.machine.step(relay.now, Input::Woken).unwrap();
                    }
                }
            }
            world.told();
        }
        tell(&mut world);
        let entries = u64::try_from(world.entries.len()).unwrap();
        assert_eq!(world.told(), entries, "seed {seed}");
        repeats += world.topic.len() - world.entries.len();
    }
    assert!(
        repeats > 100 && late > 100,
        "{repeats} repeats, {late} late"
    );
}

#[test]
fn pauses_double_up_to_a_bound_and_begin_anew_after_calm() {
    let mut pauses = Pauses::default();
    let seen: Vec<u128> = (0..9)
        .map(|_| pauses.after(Duration::ZERO).as_millis())
        .collect();
    assert_eq!(
        seen,
        [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]
    );
    assert_eq!(pauses.after(Duration::from_secs(6)).as_millis(), 50);
}
