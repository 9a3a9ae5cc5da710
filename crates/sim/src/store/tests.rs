//! That the store of the world keeps the semantics of a cursor that is moved by compare.

use core::time::Duration;
use std::sync::Arc;

use writ_domain::{Offset, Partition, Seq};
use writ_store::ledger::{Batch, Cursor, Error, Lease};

use super::{Executed, Ledger, Reply, SessionId, Statement};
use crate::{ActorId, Moment};

const P: Partition = Partition(0);

fn lease(owner: &str) -> Lease {
    Lease {
        owner: owner.to_owned(),
        duration: Duration::from_secs(4),
    }
}

fn at(seconds: u64) -> Moment {
    Moment(seconds * 1_000_000)
}

fn say(
    ledger: &mut Ledger,
    session: SessionId,
    statement: &Statement,
    now: Moment,
) -> Result<Reply, Error> {
    match ledger.execute(session, statement, now) {
        Executed::Answered(answer) => answer,
        other @ (Executed::Waits(_) | Executed::Contradicted(_)) => panic!("{other:?}"),
    }
}

fn claim(ledger: &mut Ledger, session: SessionId, now: Moment) -> Option<Cursor> {
    let reply = say(ledger, session, &Statement::Claim(P), now).unwrap();
    let Reply::Claimed(cursor) = reply else {
        panic!("{reply:?}");
    };
    cursor
}

fn batch(before: &Cursor) -> Arc<Batch> {
    let after = Cursor {
        next_offset: Offset(before.next_offset.0 + 1),
        seq: Seq(before.seq.0 + 1),
        ..before.clone()
    };
    Arc::new(Batch {
        before: before.clone(),
        after,
        rules_version: 1,
        entries: Vec::new(),
    })
}

#[test]
fn a_lease_is_held_until_it_runs_out_by_the_clock_of_the_store() {
    let mut ledger = Ledger::new(1);
    let (one, two) = (
        ledger.open(ActorId(1), lease("one")),
        ledger.open(ActorId(2), lease("two")),
    );
    assert_eq!(claim(&mut ledger, one, at(0)).unwrap().owner_epoch, 1);
    assert_eq!(claim(&mut ledger, two, at(3)), None);
    assert!(!ledger.is_forsaken(P, at(4)) && ledger.is_forsaken(P, at(5)));
    assert_eq!(claim(&mut ledger, two, at(5)).unwrap().owner_epoch, 2);
}

#[test]
fn who_lost_the_lease_cannot_commit() {
    let mut ledger = Ledger::new(1);
    let (one, two) = (
        ledger.open(ActorId(1), lease("one")),
        ledger.open(ActorId(2), lease("two")),
    );
    let first = claim(&mut ledger, one, at(0)).unwrap();
    let second = claim(&mut ledger, two, at(9)).unwrap();
    let begun = say(&mut ledger, one, &Statement::Begin(first.clone()), at(9));
    assert!(matches!(begun, Err(Error::Fenced { .. })), "{begun:?}");
    let renewed = say(&mut ledger, one, &Statement::Renew(first), at(9));
    assert!(matches!(renewed, Err(Error::Fenced { .. })), "{renewed:?}");
    say(&mut ledger, two, &Statement::Begin(second.clone()), at(9)).unwrap();
    say(&mut ledger, two, &Statement::Commit(batch(&second)), at(9)).unwrap();
    let stands = ledger.data().cursor(P).unwrap();
    assert_eq!((stands.seq, stands.owner_epoch), (Seq(1), 2));
}

#[test]
fn who_wants_a_locked_row_waits_and_then_looks_again() {
    let mut ledger = Ledger::new(1);
    let (one, two) = (
        ledger.open(ActorId(1), lease("one")),
        ledger.open(ActorId(2), lease("two")),
    );
    let cursor = claim(&mut ledger, one, at(0)).unwrap();
    say(&mut ledger, one, &Statement::Begin(cursor.clone()), at(1)).unwrap();
    let waits = ledger.execute(two, &Statement::Claim(P), at(8));
    assert!(matches!(waits, Executed::Waits(P)), "{waits:?}");
    // The commit renews the lease that had run out.
    say(&mut ledger, one, &Statement::Commit(batch(&cursor)), at(8)).unwrap();
    assert_eq!(claim(&mut ledger, two, at(8)), None);
}

#[test]
fn a_connection_that_ends_takes_its_transaction_with_it_unless_its_commit_is_on_the_way() {
    for detached in [false, true] {
        let mut ledger = Ledger::new(1);
        let one = ledger.open(ActorId(1), lease("one"));
        let cursor = claim(&mut ledger, one, at(0)).unwrap();
        say(&mut ledger, one, &Statement::Begin(cursor.clone()), at(0)).unwrap();
        if detached {
            ledger.detach(one);
        }
        ledger.close_all(ActorId(1));
        let committed = say(&mut ledger, one, &Statement::Commit(batch(&cursor)), at(1));
        if detached {
            assert!(matches!(committed, Ok(Reply::Done)), "{committed:?}");
        } else {
            assert!(
                matches!(committed, Err(Error::CommitUnknown { .. })),
                "{committed:?}"
            );
        }
        assert_eq!(ledger.data().cursor(P).unwrap().seq.0, u64::from(detached));
    }
}

#[test]
fn a_store_that_is_put_back_ends_every_connection_and_knows_that_it_is_behind() {
    let mut ledger = Ledger::new(1);
    let one = ledger.open(ActorId(1), lease("one"));
    let backup = ledger.data().clone();
    let cursor = claim(&mut ledger, one, at(0)).unwrap();
    say(&mut ledger, one, &Statement::Begin(cursor.clone()), at(0)).unwrap();
    say(&mut ledger, one, &Statement::Commit(batch(&cursor)), at(0)).unwrap();
    assert!(!ledger.is_behind(P));
    ledger.put_back(backup);
    assert!(ledger.is_behind(P));
    let renewed = say(&mut ledger, one, &Statement::Renew(cursor), at(0));
    assert!(matches!(renewed, Err(Error::Store(_))), "{renewed:?}");
}
