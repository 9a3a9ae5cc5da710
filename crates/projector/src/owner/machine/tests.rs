//! The protocol, step by step, without a log and without a store.

use super::*;
use writ_domain::Seq;

fn machine() -> Machine {
    let options = Options::new("o".to_owned());
    Machine::new(Partition(0), 1, Share::new(1), options)
}

fn now(seconds: u64) -> Now {
    Now {
        elapsed: Duration::from_secs(seconds),
        clock: DateTime::UNIX_EPOCH,
    }
}

fn cursor() -> Cursor {
    Cursor {
        owner_epoch: 7,
        ..Cursor::genesis(Partition(0))
    }
}

fn bounds(high: u64) -> Input {
    Input::Bounds(Bounds {
        low: Offset(0),
        high: Offset(high),
    })
}

fn unavailable() -> ledger::Error {
    ledger::Error::Store(writ_store::Error::Unavailable {
        source: Box::new(NotAsked),
    })
}

/// Claims, finds the log to be the right one, and follows it.
fn following() -> Machine {
    let mut machine = machine();
    assert!(matches!(machine.start(), Action::Open));
    assert!(matches!(
        machine.on(Input::Done, now(0)),
        Action::Store(Statement::Claim)
    ));
    let claimed = machine.on(Input::Claimed(Some(cursor())), now(0));
    assert!(
        matches!(claimed, Action::Log(Look::Tail(Offset(0)))),
        "{claimed:?}"
    );
    assert!(matches!(
        machine.on(Input::Done, now(0)),
        Action::Log(Look::Bounds)
    ));
    assert!(matches!(
        machine.on(bounds(0), now(0)),
        Action::Store(Statement::AskHalted)
    ));
    let followed = machine.on(Input::Halted(false), now(0));
    assert!(
        matches!(followed, Action::Log(Look::Next(500, _))),
        "{followed:?}"
    );
    machine
}

fn records() -> Input {
    Input::Records(vec![Logged {
        offset: Offset(0),
        time: DateTime::UNIX_EPOCH,
        record: writ_log::Record::default(),
    }])
}

/// Decides a record that nobody can read, up to the commit.
fn committing() -> (Machine, Arc<Batch>) {
    let mut machine = following();
    let begun = machine.on(records(), now(1));
    assert!(
        matches!(begun, Action::Store(Statement::Begin(..))),
        "{begun:?}"
    );
    assert!(matches!(
        machine.on(Input::Done, now(1)),
        Action::Store(Statement::Heads(_))
    ));
    let action = machine.on(Input::Heads(BTreeMap::new()), now(1));
    let Action::Store(Statement::Commit(batch)) = action else {
        panic!("{action:?}");
    };
    (machine, batch)
}

#[test]
fn what_is_committed_is_told_and_the_cursor_goes_on() {
    let (mut machine, batch) = committing();
    assert_eq!(batch.after.seq, Seq(1));
    drop(batch);
    let action = machine.on(Input::Done, now(1));
    let Action::Tell(entries) = action else {
        panic!("{action:?}");
    };
    assert_eq!(entries.len(), 1);
    assert!(matches!(
        machine.on(Input::Done, now(1)),
        Action::Log(Look::Next(..))
    ));
    let renewed = machine.on(Input::Elapsed, now(5));
    let Action::Store(Statement::Renew(cursor)) = renewed else {
        panic!("{renewed:?}");
    };
    assert_eq!((cursor.seq, cursor.owner_epoch), (Seq(1), 7));
}

#[test]
fn after_an_unknown_commit_nothing_is_told_and_all_begins_anew() {
    let (mut machine, _) = committing();
    let source = writ_store::Error::Unavailable {
        source: Box::new(NotAsked),
    };
    let unknown = Input::StoreFailed(ledger::Error::CommitUnknown { source });
    let rested = machine.on(unknown, now(1));
    assert!(matches!(rested, Action::Rest(_)), "{rested:?}");
    assert!(machine.decider.is_none() && machine.cursor.is_none());
    assert!(matches!(machine.on(Input::Elapsed, now(2)), Action::Open));
}

#[test]
fn what_fails_within_a_transaction_is_rolled_back_first() {
    let mut machine = following();
    assert!(matches!(
        machine.on(records(), now(1)),
        Action::Store(Statement::Begin(..))
    ));
    assert!(matches!(
        machine.on(Input::Done, now(1)),
        Action::Store(Statement::Heads(_))
    ));
    let failed = machine.on(Input::StoreFailed(unavailable()), now(1));
    assert!(
        matches!(failed, Action::Store(Statement::Rollback)),
        "{failed:?}"
    );
    assert!(matches!(machine.on(Input::Done, now(1)), Action::Rest(_)));
}

#[test]
fn a_log_that_lacks_what_was_decided_halts_and_is_looked_at_again() {
    let mut machine = machine();
    assert!(matches!(machine.start(), Action::Open));
    assert!(matches!(
        machine.on(Input::Done, now(0)),
        Action::Store(Statement::Claim)
    ));
    let decided = Cursor {
        next_offset: Offset(9),
        ..cursor()
    };
    let claimed = machine.on(Input::Claimed(Some(decided)), now(0));
    assert!(
        matches!(claimed, Action::Log(Look::Tail(Offset(8)))),
        "{claimed:?}"
    );
    assert!(matches!(
        machine.on(Input::Done, now(0)),
        Action::Log(Look::Bounds)
    ));
    let halted = machine.on(bounds(3), now(0));
    assert!(
        matches!(halted, Action::Store(Statement::Halt(..))),
        "{halted:?}"
    );
    let rested = machine.on(Input::Done, now(0));
    let recheck = machine.options.recheck;
    assert!(matches!(rested, Action::Rest(pause) if pause == recheck));
    assert!(
        machine
            .notes()
            .iter()
            .any(|note| matches!(note, Note::Halted { news: true, .. }))
    );
}

#[test]
fn who_is_asked_to_stop_gives_the_lease_back_and_ends() {
    let mut machine = following();
    machine.stop();
    let released = machine.on(Input::Elapsed, now(1));
    assert!(
        matches!(released, Action::Store(Statement::Release(_))),
        "{released:?}"
    );
    assert!(matches!(machine.on(Input::Done, now(1)), Action::End));
}

#[test]
fn an_answer_that_was_not_asked_for_is_an_error_and_no_decision() {
    let mut machine = following();
    let action = machine.on(Input::Heads(BTreeMap::new()), now(1));
    assert!(matches!(action, Action::Rest(_)), "{action:?}");
}

/// Found by the simulator: the partition that it halted was left to it, and nobody decided on.
#[test]
fn a_release_that_lacks_the_rules_leaves_its_share_to_others() {
    let mut machine = machine();
    machine.knows_rules(RULES_VERSION + 1);
    assert!(matches!(machine.start(), Action::Open));
    let opened = machine.on(Input::Done, now(0));
    assert!(matches!(opened, Action::Store(Statement::Claim)));
    let claimed = machine.on(Input::Claimed(Some(cursor())), now(0));
    assert!(matches!(claimed, Action::Log(Look::Tail(_))));
    let halted = machine.on(Input::Done, now(0));
    assert!(
        matches!(halted, Action::Store(Statement::Halt(..))),
        "{halted:?}"
    );
    assert!(matches!(machine.on(Input::Done, now(0)), Action::Stand));
    assert_eq!(machine.share.word(), crate::share::Word::Leaves);
}
