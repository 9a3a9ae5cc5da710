//! The machines of submissions, step by step.

use core::time::Duration;
use std::sync::Arc;

use chrono::DateTime;
use writ_domain::{
    CommandId, GenericUuid as _, Offset, Outcome, Partition, Position, Seq, TenantId, TenantSeq,
};
use writ_envelope::Hash;
use writ_envelope::hash::anchor;
use writ_log::{AppendError, Logged, Record};
use writ_store::entries::{Entry, Progress};

use super::{
    Action, Asks, Heard, Input, Inquiry, Machine, PAUSE_MAX, PAUSE_MIN, Resolved, Standing,
    Waiting, replayed, resolve,
};
use crate::SubmitError;

const DEADLINE: Duration = Duration::from_secs(10);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn id(number: u128) -> CommandId {
    CommandId::from_untyped_uuid(uuid::Uuid::from_u128(number))
}

fn tenant(name: &str) -> TenantId {
    TenantId::from_stored(name).unwrap()
}

fn position(seq: u64) -> Position {
    Position {
        partition: Partition(0),
        seq: Seq(seq),
    }
}

fn entry(command: u128, seq: u64, outcome: Outcome) -> Entry {
    Entry {
        position: position(seq),
        tenant: tenant("a"),
        tenant_seq: TenantSeq(seq),
        offset: Offset(seq - 1),
        time: DateTime::UNIX_EPOCH,
        command_id: Some(id(command)),
        kind: "CreateRole".to_owned(),
        subject: "ann".to_owned(),
        submission: None,
        outcome,
        facts: Vec::new(),
        rules_version: 1,
        leaf: Hash([0; 32]),
        chain: Hash([7; 32]),
    }
}

fn applied() -> Box<Entry> {
    Box::new(entry(1, 1, Outcome::Applied))
}

fn maybe() -> Input {
    Input::Failed(AppendError::MaybeAppended {
        source: Arc::new(std::io::Error::other("the connection broke")),
    })
}

fn not_appended() -> Input {
    Input::Failed(AppendError::NotAppended {
        source: Arc::new(std::io::Error::other("no connection")),
    })
}

fn tick() -> Input {
    Input::Tick { halted: false }
}

fn machine() -> Machine {
    let machine = Machine::begin(id(1), (Partition(0), false), DEADLINE).unwrap();
    assert!(matches!(machine.first(), Action::Append { until } if until == DEADLINE));
    machine
}

/// What an action is, in a word, and until when.
fn word(action: &Action) -> (&'static str, u128) {
    match action {
        Action::Append { until } => ("append", until.as_millis()),
        Action::Wait { until } => ("wait", until.as_millis()),
        Action::End(Ok(_)) => ("entry", 0),
        Action::End(Err(error)) => (error.kind(), 0),
    }
}

#[test]
fn an_entry_ends_it_before_and_after_the_append_is_known() {
    let mut early = machine();
    assert_eq!(
        word(&early.step(ms(5), Input::Decided(applied()))).0,
        "entry"
    );
    let mut usual = machine();
    assert_eq!(word(&usual.step(ms(5), Input::Appended)), ("wait", 10_000));
    assert_eq!(
        word(&usual.step(ms(9), Input::Decided(applied()))).0,
        "entry"
    );
    let mut unsure = machine();
    assert_eq!(word(&unsure.step(ms(5), maybe())), ("wait", 15));
    assert_eq!(
        word(&unsure.step(ms(9), Input::Decided(applied()))).0,
        "entry"
    );
}

#[test]
fn an_append_that_may_have_happened_is_sent_again_until_it_is_known() {
    let mut machine = machine();
    let mut now = Duration::ZERO;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let Action::Wait { until } = machine.step(now, maybe()) else {
            panic!("it pauses first");
        };
        pauses.push(until.checked_sub(now).unwrap());
        now = until;
        assert_eq!(word(&machine.step(now, tick())).0, "append");
    }
    assert_eq!(pauses[0], PAUSE_MIN);
    assert!(pauses.is_sorted() && pauses[8] == PAUSE_MAX, "{pauses:?}");
    assert_eq!(word(&machine.step(now, Input::Appended)), ("wait", 10_000));
}

#[test]
fn a_tick_that_comes_too_early_sends_nothing() {
    let mut machine = machine();
    assert_eq!(word(&machine.step(ms(5), maybe())), ("wait", 15));
    assert_eq!(word(&machine.step(ms(14), tick())), ("wait", 15));
    assert_eq!(word(&machine.step(ms(15), tick())).0, "append");
}

#[test]
fn a_refusal_is_told_only_if_no_append_before_it_may_have_happened() {
    let too_large = || Input::Failed(AppendError::TooLarge { limit_bytes: 1 });
    for (refusal, told) in [
        (not_appended as fn() -> Input, "unavailable"),
        (too_large as fn() -> Input, "too_large"),
    ] {
        let mut sure = machine();
        assert_eq!(word(&sure.step(ms(1), refusal())).0, told);
        assert!(!sure.is_unsure());
        let mut unsure = machine();
        unsure.step(ms(1), maybe());
        assert_eq!(word(&unsure.step(ms(11), tick())).0, "append");
        assert_eq!(word(&unsure.step(ms(12), refusal())).0, "wait");
        assert!(unsure.is_unsure());
    }
}

#[test]
fn what_is_unknown_at_the_deadline_is_told_as_unknown() {
    for input in [None, Some(Input::Appended), Some(maybe())] {
        let mut machine = machine();
        if let Some(input) = input {
            machine.step(ms(1), input);
        }
        assert_eq!(word(&machine.step(DEADLINE, tick())).0, "undecided");
        let late = machine.step(DEADLINE + ms(1), Input::Decided(applied()));
        assert_eq!(
            word(&late).0,
            "undecided",
            "what comes late changes nothing"
        );
    }
}

#[test]
fn nothing_is_sent_to_a_halted_partition() {
    let refused = Machine::begin(id(1), (Partition(3), true), DEADLINE).unwrap_err();
    assert!(matches!(
        refused,
        SubmitError::Halted {
            partition: Partition(3),
            ..
        }
    ));

    let mut machine = machine();
    machine.step(ms(5), maybe());
    let halted = || Input::Tick { halted: true };
    assert_eq!(word(&machine.step(ms(15), halted())), ("wait", 1_015));
    assert_eq!(word(&machine.step(ms(1_015), halted())), ("wait", 2_015));
    assert_eq!(word(&machine.step(ms(2_015), tick())).0, "append");
}

#[test]
fn the_first_entry_that_is_brought_is_told_and_only_to_its_tenant() {
    let mut waiting = Waiting::new(2);
    waiting.enter(tenant("a"), id(1), "first").unwrap();
    waiting.enter(tenant("a"), id(2), "second").unwrap();
    waiting.enter(tenant("a"), id(3), "third").unwrap_err();
    assert_eq!(
        waiting.asked(),
        [(tenant("a"), id(1)), (tenant("a"), id(2))]
    );

    let foreign = Entry {
        tenant: tenant("b"),
        ..entry(1, 9, Outcome::Applied)
    };
    assert_eq!(waiting.take(&foreign), None);
    assert_eq!(waiting.take(&entry(1, 1, Outcome::Applied)), Some("first"));
    assert_eq!(waiting.take(&entry(1, 2, Outcome::Applied)), None);
    waiting.leave(id(2));
    assert_eq!(waiting.take(&entry(2, 3, Outcome::Applied)), None);
    assert_eq!(waiting.count(), 0);
}

#[test]
fn a_duplicate_is_answered_from_the_entry_that_came_first() {
    let first = entry(1, 4, Outcome::Unchanged);
    let Resolved::Here(here) = resolve(first.clone()) else {
        panic!("it has its own outcome");
    };
    assert_eq!((here.replayed, &here.entry), (false, &first));

    // The same bytes twice, and the same request under its idempotency key.
    for (command, is_replayed) in [(1, false), (2, true)] {
        let of = TenantSeq(4);
        let later = entry(command, 7, Outcome::Duplicate { of });
        let there = Resolved::There {
            of,
            command: id(command),
        };
        assert_eq!(resolve(later), there);
        let Resolved::Here(decided) = replayed(first.clone(), id(command)) else {
            panic!("the first has its own outcome");
        };
        assert_eq!((decided.replayed, &decided.entry), (is_replayed, &first));
        assert_eq!(decided.revision.tenant_seq, TenantSeq(4));
    }
}

#[test]
fn a_duplicate_of_a_duplicate_is_answered_from_the_entry_that_came_first() {
    let (first, of) = (entry(1, 4, Outcome::Applied), TenantSeq(4));
    // The request again under its key, and that twice in the log.
    let again = entry(2, 7, Outcome::Duplicate { of });
    let twice = entry(2, 8, Outcome::Duplicate { of: TenantSeq(7) });
    let there = |of| Resolved::There { of, command: id(2) };
    assert_eq!(resolve(twice), there(TenantSeq(7)));
    assert_eq!(replayed(again, id(2)), there(of));
    let Resolved::Here(decided) = replayed(first.clone(), id(2)) else {
        panic!("the first has its own outcome");
    };
    assert_eq!((decided.replayed, &decided.entry), (true, &first));
}

fn nothing(waited_for: bool) -> Heard {
    Heard::Found {
        entry: None,
        waited_for,
    }
}

/// A log of which this many records were decided.
fn logged(offset: u64, time_us: i64) -> Logged {
    Logged {
        offset: Offset(offset),
        time: DateTime::from_timestamp_micros(time_us).unwrap(),
        record: Record {
            key: b"a".to_vec(),
            value: offset.to_string().into_bytes(),
            headers: Vec::new(),
        },
    }
}

/// How far that log is decided, if it was appended at this time.
fn progress(next: u64, time_us: i64) -> Progress {
    let last = next.checked_sub(1).map(|last| logged(last, time_us));
    let anchor = last.map(
        |Logged {
             offset,
             time,
             record,
         }| { anchor(offset, time, &record.key, &record.headers, &record.value) },
    );
    Progress {
        next_offset: Offset(next),
        anchor,
    }
}

fn read(next: u64, time_us: i64) -> Heard {
    Heard::Record(Some(logged(next - 1, time_us)))
}

/// Asks up to where the log ends, of which so many records are decided.
fn inquire(decided: u64, end: u64) -> Inquiry {
    let mut inquiry = Inquiry::default();
    assert_eq!(inquiry.step(nothing(false)), Asks::Progress);
    assert_eq!(
        inquiry.step(Heard::Progress(progress(decided, 0))),
        Asks::End
    );
    assert_eq!(inquiry.step(Heard::End(Offset(end))), Asks::Progress);
    inquiry
}

#[test]
fn unknown_is_said_after_everything_up_to_the_end_of_the_log_was_decided() {
    let mut inquiry = inquire(4, 6);
    assert_eq!(inquiry.step(Heard::Progress(progress(5, 0))), Asks::Wait);
    assert_eq!(inquiry.step(Heard::Moved), Asks::Progress);
    let decided = Heard::Progress(progress(6, 0));
    assert_eq!(inquiry.step(decided), Asks::Record(Offset(5)));
    assert_eq!(inquiry.step(read(6, 0)), Asks::Record(Offset(3)));
    assert_eq!(inquiry.step(read(4, 0)), Asks::Find);
    assert_eq!(inquiry.step(nothing(false)), Asks::Progress);
    let still = Heard::Progress(progress(6, 0));
    assert_eq!(inquiry.step(still), Asks::Told(Standing::Unknown));
}

#[test]
fn of_an_empty_log_everything_is_unknown() {
    let mut inquiry = inquire(0, 0);
    let decided = Heard::Progress(progress(0, 0));
    assert_eq!(inquiry.step(decided), Asks::Find);
    assert_eq!(inquiry.step(nothing(false)), Asks::Progress);
    let still = Heard::Progress(progress(0, 0));
    assert_eq!(inquiry.step(still), Asks::Told(Standing::Unknown));
}

#[test]
fn a_ledger_that_is_put_back_meanwhile_does_not_say_that_a_command_is_unknown() {
    let mut inquiry = inquire(6, 6);
    let decided = Heard::Progress(progress(6, 0));
    assert_eq!(inquiry.step(decided), Asks::Record(Offset(5)));
    assert_eq!(inquiry.step(read(6, 0)), Asks::Record(Offset(5)));
    assert_eq!(inquiry.step(read(6, 0)), Asks::Find);
    // It has the command no more.
    assert_eq!(inquiry.step(nothing(false)), Asks::Progress);
    let forgotten = Heard::Progress(progress(4, 0));
    assert_eq!(inquiry.step(forgotten), Asks::Told(Standing::Behind));
}

#[test]
fn a_log_that_lost_what_was_decided_does_not_say_that_a_command_is_unknown() {
    let behind = Asks::Told(Standing::Behind);
    // It ends at 4 where 6 were decided, and may hold the command at 3.
    let mut truncated = inquire(6, 4);
    let decided = Heard::Progress(progress(6, 0));
    assert_eq!(truncated.step(decided), Asks::Record(Offset(5)));
    assert_eq!(truncated.step(Heard::Record(None)), behind);
    // It has grown again since.
    let mut other = inquire(6, 4);
    other.step(Heard::Progress(progress(6, 0)));
    assert_eq!(other.step(read(6, 9)), behind);
    // It was restored since: the last record is that of the cursor, the first one another.
    let mut restored = inquire(5, 4);
    let decided = Heard::Progress(progress(7, 9));
    assert_eq!(restored.step(decided), Asks::Record(Offset(6)));
    assert_eq!(restored.step(read(7, 9)), Asks::Record(Offset(4)));
    assert_eq!(restored.step(read(5, 9)), behind);
}

#[test]
fn what_is_decided_while_it_is_asked_about_is_found() {
    let mut inquiry = inquire(0, 1);
    let decided = Heard::Progress(progress(1, 0));
    assert_eq!(inquiry.step(decided), Asks::Record(Offset(0)));
    assert_eq!(inquiry.step(read(1, 0)), Asks::Find);
    let found = Heard::Found {
        entry: Some(applied()),
        waited_for: false,
    };
    assert_eq!(
        inquiry.step(found),
        Asks::Told(Standing::Decided(applied()))
    );
}

#[test]
fn a_command_that_is_waited_for_here_is_appended_and_one_that_takes_long_is_behind() {
    let mut waited_for = Inquiry::default();
    assert_eq!(
        waited_for.step(nothing(true)),
        Asks::Told(Standing::Appended)
    );
    let mut behind = inquire(1, 2);
    assert_eq!(behind.step(Heard::Progress(progress(1, 0))), Asks::Wait);
    assert_eq!(behind.step(Heard::TimeUp), Asks::Told(Standing::Behind));
}
