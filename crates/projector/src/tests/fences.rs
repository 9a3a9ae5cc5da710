//! What keeps an owner that lost its partition from deciding on: the cursor is compared.

use core::time::Duration;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use writ_domain::Offset;
use writ_log::Logged;
use writ_store::ledger::{Batch, Cursor, Error, Lease, Session};

use super::dice::Dice;
use super::world::{PARTITION, Stack};
use crate::{Decider, Step};

async fn open(stack: &Stack) -> Session {
    let lease = Lease {
        owner: "one".to_owned(),
        duration: Duration::from_mins(1),
    };
    Session::open(&stack.config, lease).await.unwrap()
}

/// Who says that it is the owner has the partition at once, in an epoch of its own.
async fn claim(session: &Session) -> Cursor {
    session.claim(PARTITION).await.unwrap().unwrap()
}

async fn begin(session: &Session, cursor: &Cursor) -> Result<(), Error> {
    let states = &mut BTreeMap::new();
    session.begin(cursor, Vec::new(), states).await
}

fn batch(stack: &Stack, cursor: &Cursor, records: &[Logged]) -> Batch {
    let mut decider = Decider::complete(stack.map());
    let (mut working, ..) = decider.begin(cursor, records.to_vec());
    match decider
        .step(&mut working, DateTime::<Utc>::MAX_UTC)
        .unwrap()
    {
        Step::Ready(batch, rest) if rest.is_empty() => *batch,
        other @ (Step::Ready(..) | Step::Load(_)) => panic!("{other:?}"),
    }
}

/// A ledger with two records in its log, of which none is decided.
async fn undecided() -> (Stack, Vec<Logged>) {
    let stack = Stack::start().await;
    let mut dice = Dice(13);
    stack.append(&[dice.submission(), dice.submission()]).await;
    let mut tail = stack.log.tail(PARTITION, Offset(0)).await.unwrap();
    let records = tail.next(2).await.unwrap();
    assert_eq!(records.len(), 2);
    (stack, records)
}

#[tokio::test]
async fn an_owner_begins_only_in_its_own_epoch_and_at_its_own_offset() {
    let (stack, records) = undecided().await;
    let (former, owner) = (open(&stack).await, open(&stack).await);
    let lost = claim(&former).await;
    let held = claim(&owner).await;
    let refused = begin(&former, &lost).await;
    assert!(matches!(refused, Err(Error::Fenced { .. })), "{refused:?}");
    begin(&owner, &held).await.unwrap();
    owner.commit(&batch(&stack, &held, &records)).await.unwrap();
    // It may not know that this was committed; then it must not decide the same again.
    let refused = begin(&owner, &held).await;
    assert!(matches!(refused, Err(Error::Fenced { .. })), "{refused:?}");
    assert_eq!(stack.verify_all().await[0].entries, 2);
}

#[tokio::test]
async fn a_batch_moves_only_the_cursor_that_it_was_decided_at() {
    let (stack, records) = undecided().await;
    let owner = open(&stack).await;
    let lost = claim(&owner).await;
    let held = claim(&owner).await;
    let further = Cursor {
        next_offset: Offset(1),
        ..held.clone()
    };
    for wrong in [&lost, &further] {
        let mut decided = batch(&stack, &held, &records);
        decided.before = wrong.clone();
        begin(&owner, &held).await.unwrap();
        let refused = owner.commit(&decided).await;
        assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
        assert_eq!(stack.verify_all().await[0].entries, 0);
    }
    begin(&owner, &held).await.unwrap();
    owner.commit(&batch(&stack, &held, &records)).await.unwrap();
    assert_eq!(stack.verify_all().await[0].entries, 2);
}
