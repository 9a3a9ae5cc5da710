//! What must be true is looked for: each point is violated once.

use chrono::DateTime;
use writ_command::submission::{Resolved, resolve};
use writ_domain::{
    Actor, Command, CommandId, Expected, GenericUuid as _, Idempotency, Offset, Outcome, Partition,
    Position, Seq, Stamp, Submission, TenantId, TenantSeq,
};
use writ_envelope::Hash;
use writ_envelope::event::Told;
use writ_log::Record;
use writ_store::entries::Entry;

use super::Checker;
use super::clients::Wanted;
use super::feed::Message;
use super::reads::Asked;
use crate::log::Topic;
use crate::store::Data;
use crate::{ActorId, Moment};

const ME: ActorId = ActorId(1);

fn tenant() -> TenantId {
    TenantId::from_stored("a").unwrap()
}

fn position(seq: u64) -> Position {
    Position {
        partition: Partition(0),
        seq: Seq(seq),
    }
}

fn hash(seq: u64) -> Hash {
    Hash([u8::try_from(seq).unwrap(); 32])
}

fn id(seq: u64) -> CommandId {
    CommandId::from_untyped_uuid(uuid::Uuid::from_u64_pair(1, seq))
}

fn decided(seq: u64, outcome: Outcome) -> writ_command::Decided {
    let entry = Entry {
        position: position(seq),
        tenant: tenant(),
        tenant_seq: TenantSeq(seq),
        offset: Offset(seq - 1),
        time: DateTime::UNIX_EPOCH,
        command_id: Some(id(seq)),
        kind: "CreateRole".to_owned(),
        subject: "ann".to_owned(),
        submission: None,
        outcome,
        facts: Vec::new(),
        rules_version: 1,
        leaf: Hash::ZERO,
        chain: hash(seq),
    };
    match resolve(entry) {
        Resolved::Here(decided) => *decided,
        Resolved::There { .. } => panic!("it has its own outcome"),
    }
}

fn told(seq: u64) -> Told {
    Told {
        position: position(seq),
        hash: hash(seq),
    }
}

/// The points that were violated.
fn points(checker: &Checker) -> Vec<u8> {
    let violations = checker.violations().iter();
    violations.map(|violation| violation.point).collect()
}

#[test]
fn an_answer_in_order_is_right_and_one_before_what_was_answered_is_not() {
    let mut checker = Checker::new();
    let early = checker.sent();
    checker.answered(&early, &decided(3, Outcome::Applied));
    // Sent before 3 was answered, it may come before 3.
    checker.answered(&early, &decided(2, Outcome::Applied));
    let late = checker.sent();
    assert_eq!(points(&checker), [0_u8; 0]);
    checker.answered(&late, &decided(1, Outcome::Applied));
    assert_eq!(points(&checker), [3]);
}

/// The entry of a command of ann's under the key `k`.
fn decided_under_a_key() -> writ_command::Decided {
    let stamp = Stamp {
        command_id: id(1),
        tenant: tenant(),
        actor: Actor {
            subject: "ann".to_owned(),
            ..Actor::default()
        },
        reason: None,
        ticket: None,
        request_id: None,
        not_after: None,
        idempotency: Some(key(1)),
        expected: Some(Expected::ChangedAt(TenantSeq(1))),
    };
    let mut decided = decided(1, Outcome::Unchanged);
    decided.entry.submission = Some(Submission {
        stamp,
        command: Command::CancelCommand { command: id(9) },
    });
    decided
}

fn key(fingerprint: u8) -> Idempotency {
    Idempotency {
        key: "k".to_owned(),
        fingerprint: [fingerprint; 32],
    }
}

#[test]
fn an_answer_is_of_what_was_asked() {
    let (own, other) = (tenant(), TenantId::from_stored("b").unwrap());
    let command = Command::CancelCommand { command: id(9) };
    let another = Command::CancelCommand { command: id(8) };
    let wanted = Wanted {
        tenant: &own,
        caller: "ann",
        key: Some(key(1)),
        command: &command,
        expected: Some(Expected::ChangedAt(TenantSeq(1))),
        id: None,
    };
    let is_answered = |wanted: Wanted<'_>, change: &dyn Fn(&mut writ_command::Decided)| {
        let mut checker = Checker::new();
        let mut decided = decided_under_a_key();
        change(&mut decided);
        checker.answers(&wanted, &decided);
        let points = points(&checker);
        assert!(points.is_empty() || points == [2], "{points:?}");
        points.is_empty()
    };
    let told = |wanted| is_answered(wanted, &|_| {});
    let of = |id| Wanted {
        id,
        ..wanted.clone()
    };
    assert!(told(of(None)) && told(of(Some(id(1)))));
    // Asked again under its key, it is the first command's entry, whatever its own id is.
    let replayed = |decided: &mut writ_command::Decided| decided.replayed = true;
    assert!(is_answered(of(None), &replayed) && is_answered(of(Some(id(2))), &replayed));

    assert!(!told(of(Some(id(2)))));
    #[rustfmt::skip]
    let wrong = [
        Wanted { tenant: &other, ..wanted.clone() },
        Wanted { caller: "ben", ..wanted.clone() },
        Wanted { key: None, ..wanted.clone() },
        Wanted { key: Some(key(2)), ..wanted.clone() },
        Wanted { command: &another, ..wanted.clone() },
        Wanted { expected: None, ..wanted.clone() },
    ];
    for wrong in wrong {
        assert!(!told(wrong.clone()), "{wrong:?}");
        assert!(!is_answered(wrong.clone(), &replayed), "{wrong:?}");
    }
    assert!(!is_answered(of(None), &|decided| decided
        .entry
        .submission = None));
    let misled = TenantId::from_stored("b").unwrap();
    assert!(!is_answered(of(None), &|decided| decided.entry.tenant = misled.clone()));
    // Without a key nothing is asked again.
    let keyless = |decided: &mut writ_command::Decided| {
        decided.replayed = true;
        if let Some(submission) = &mut decided.entry.submission {
            submission.stamp.idempotency = None;
        }
    };
    let keyless_wanted = Wanted {
        key: None,
        ..wanted.clone()
    };
    assert!(!is_answered(keyless_wanted, &keyless));
}

#[test]
fn a_command_is_answered_by_one_entry() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    checker.answered(&sent, &decided(1, Outcome::Applied));
    checker.answered(&sent, &decided(1, Outcome::Applied));
    assert_eq!(points(&checker), [0_u8; 0]);
    let mut elsewhere = decided(2, Outcome::Applied);
    elsewhere.entry.command_id = Some(id(1));
    checker.answered(&sent, &elsewhere);
    assert_eq!(points(&checker), [1]);
}

#[test]
fn a_duplicate_answers_nobody() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    let mut duplicate = decided(2, Outcome::Applied);
    duplicate.entry.outcome = Outcome::Duplicate { of: TenantSeq(1) };
    checker.answered(&sent, &duplicate);
    assert_eq!(points(&checker), [1]);
}

#[test]
fn an_entry_is_told_alike_each_time() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    checker.answered(&sent, &decided(1, Outcome::Applied));
    checker.answered(&sent, &decided(1, Outcome::Applied));
    assert_eq!(points(&checker), [0_u8; 0]);
    checker.answered(&sent, &decided(1, Outcome::Unchanged));
    assert_eq!(points(&checker), [2]);
}

#[test]
fn what_was_told_to_be_nowhere_is_not_decided() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    checker.refused(id(1));
    checker.answered(&sent, &decided(1, Outcome::Applied));
    assert_eq!(points(&checker), [1]);
}

#[test]
fn what_was_answered_is_on_record() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    checker.answered(&sent, &decided(1, Outcome::Applied));
    checker.compare_answers(&Data::new(1));
    assert_eq!(points(&checker), [2]);
}

#[test]
fn a_reader_sees_what_was_answered_and_what_it_saw() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    let unaware = checker.asks_latest(ME, &tenant());
    checker.answered(&sent, &decided(5, Outcome::Applied));
    checker.reads(ME, &tenant(), TenantSeq(4), (unaware, Asked::Newest));
    assert_eq!(points(&checker), [0_u8; 0]);
    let aware = checker.asks_latest(ME, &tenant());
    checker.reads(ME, &tenant(), TenantSeq(4), (aware, Asked::Newest));
    assert_eq!(points(&checker), [5]);
    checker.reads(ME, &tenant(), TenantSeq(7), (aware, Asked::Newest));
    let monotone = checker.asks_latest(ME, &tenant());
    checker.reads(ME, &tenant(), TenantSeq(6), (monotone, Asked::Newest));
    assert_eq!(points(&checker), [5, 5]);
}

#[test]
fn a_reader_sees_the_revision_that_it_asks_for_also_of_a_store_that_was_put_back() {
    let mut checker = Checker::new();
    checker.put_back(&Data::new(1));
    let least = checker.asks_latest(ME, &tenant());
    checker.reads(
        ME,
        &tenant(),
        TenantSeq(2),
        (least, Asked::True(TenantSeq(3))),
    );
    assert_eq!(points(&checker), [5]);
}

#[test]
fn another_history_is_never_held_and_never_waited_for_once_its_number_is_known() {
    let mut checker = Checker::new();
    let sent = checker.sent();
    checker.answered(&sent, &decided(5, Outcome::Applied));
    let least = checker.asks_latest(ME, &tenant());
    let (own, other) = (Asked::True(TenantSeq(5)), Asked::Other(TenantSeq(5)));
    let ahead = Asked::Other(TenantSeq(6));
    checker.is_told_fork(&tenant(), other);
    checker.is_told_behind(&tenant(), (least, ahead));
    assert_eq!(points(&checker), [0_u8; 0]);
    checker.reads(ME, &tenant(), TenantSeq(5), (least, other));
    checker.reads(ME, &tenant(), TenantSeq(6), (least, ahead));
    checker.is_told_fork(&tenant(), own);
    checker.is_told_fork(&tenant(), Asked::Newest);
    checker.is_told_behind(&tenant(), (least, other));
    checker.is_told_behind(&tenant(), (least, own));
    checker.is_told_behind(&tenant(), (least, Asked::Newest));
    assert_eq!(points(&checker), [5; 7]);
    // A store that was put back may lack it.
    checker.put_back(&Data::new(1));
    checker.is_told_behind(&tenant(), (least, own));
    assert_eq!(points(&checker), [5; 7]);
}

#[test]
fn rows_have_one_digest_at_an_entry() {
    let mut checker = Checker::new();
    checker.saw_digest(&tenant(), TenantSeq(1), hash(1));
    checker.saw_digest(&tenant(), TenantSeq(1), hash(1));
    assert_eq!(points(&checker), [0_u8; 0]);
    checker.saw_digest(&tenant(), TenantSeq(1), hash(2));
    assert_eq!(points(&checker), [7]);
    // Nothing is there, so its digest is that of no rows.
    checker.compare_digests(&Data::new(1));
    assert_eq!(points(&checker), [7, 7]);
}

#[test]
fn the_topic_has_no_gap_and_tells_one_history() {
    let mut checker = Checker::new();
    let read = |checker: &mut Checker, seq, lost| checker.read_topic(ME, told(seq), lost);
    assert_eq!(read(&mut checker, 1, false), Message::Next);
    assert_eq!(read(&mut checker, 2, false), Message::Next);
    assert_eq!(read(&mut checker, 1, false), Message::Repeat);
    assert_eq!(read(&mut checker, 4, true), Message::Ahead);
    assert_eq!(points(&checker), [0_u8; 0]);
    assert_eq!(read(&mut checker, 4, false), Message::Ahead);
    let other = Told {
        hash: hash(9),
        ..told(2)
    };
    checker.read_topic(ME, other, false);
    assert_eq!(points(&checker), [6, 6]);
    assert!(!checker.is_told(&Data::new(1), &Topic::new(1)));
    checker.compare_feed(&Data::new(1));
    assert_eq!(points(&checker), [6, 6, 6]);
}

/// A topic that holds these.
fn topic(messages: &[Told]) -> Topic {
    let mut topic = Topic::new(1);
    let records = messages.iter().map(|told| Record {
        headers: [
            ("ce_id", told.position.to_string()),
            ("ce_hash", told.hash.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
        .to_vec(),
        ..Record::default()
    });
    topic.append(Partition(0), records.collect(), DateTime::UNIX_EPOCH);
    topic
}

#[test]
fn who_comes_new_can_read_all_that_there_is_and_no_more() {
    let data = Data::new(1);
    let mut checker = Checker::new();
    // What has nothing before it is not read.
    for messages in [&[][..], &[told(2), told(3)]] {
        let topic = topic(messages);
        assert!(checker.is_told(&data, &topic));
        checker.compare_topic(&data, &topic);
    }
    assert_eq!(points(&checker), [0_u8; 0]);
    let topic = topic(&[told(2), told(1), told(1), told(2)]);
    assert!(!checker.is_told(&data, &topic));
    checker.compare_topic(&data, &topic);
    assert_eq!(points(&checker), [6]);
}

#[test]
fn another_history_is_no_relays_to_tell_on() {
    let mut checker = Checker::new();
    checker.put_another(told(2), Moment(10));
    assert!(checker.is_of_another(told(2).position));
    assert!(!checker.is_of_another(told(3).position));
    assert_eq!(checker.read_topic(ME, told(2), false), Message::Other);
    // A relay of before has not seen it; one may begin at 1 over a stray; another entry's is none.
    checker.tells_on(told(2), Moment(10), told(3).position);
    checker.tells_on(told(2), Moment(11), told(1).position);
    checker.tells_on(told(3), Moment(11), told(4).position);
    assert_eq!(points(&checker), [0_u8; 0]);
    checker.tells_on(told(2), Moment(11), told(3).position);
    assert_eq!(points(&checker), [6]);
}

#[test]
fn the_feed_tells_every_number_once() {
    let mut checker = Checker::new();
    let mut tell = |seq| checker.told_change(ME, &tenant(), TenantSeq(seq), hash(seq));
    tell(1);
    tell(2);
    tell(2);
    assert_eq!(points(&checker), [6]);
    let mut checker = Checker::new();
    checker.told_change(ME, &tenant(), TenantSeq(2), hash(2));
    assert_eq!(points(&checker), [6]);
}

#[test]
fn what_is_asked_when_all_is_settled_is_answered() {
    let mut checker = Checker::new();
    checker.awaits((ME, 1), "a read".to_owned());
    checker.served((ME, 1));
    checker.compare_served();
    assert_eq!(points(&checker), [0_u8; 0]);
    checker.awaits((ME, 2), "a read".to_owned());
    checker.served((ME, 1));
    checker.compare_served();
    assert_eq!(points(&checker), [9]);
}
