//! From records to a batch, without a log and without a store.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::{BucketMap, Offset, Partition, Position, Seq, TenantId};
use writ_envelope::Hash;
use writ_envelope::restore::Mark;
use writ_log::{Logged, Record};
use writ_store::ledger::{Batch, Cursor};

use super::dice::Dice;
use super::world::record;
use crate::{Decider, Halt, Step};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Records that nobody can read: their entries need nothing to be known.
fn records(offsets: impl IntoIterator<Item = u64>) -> Vec<Logged> {
    let record = |offset| Logged {
        offset: Offset(offset),
        time: NOW,
        record: Record {
            value: format!("record {offset}").into_bytes(),
            ..Record::default()
        },
    };
    offsets.into_iter().map(record).collect()
}

/// Decides up to a commit, or to what halts the partition.
fn decide(cursor: &Cursor, records: Vec<Logged>) -> Result<(Batch, Vec<Logged>), Halt> {
    let mut decider = Decider::complete(BucketMap::try_new(1).unwrap());
    let (mut working, ..) = decider.begin(cursor, records);
    match decider.step(&mut working, NOW)? {
        Step::Ready(batch, rest) => Ok((*batch, rest)),
        Step::Load(wanted) => panic!("{wanted:?}"),
    }
}

fn genesis() -> Cursor {
    Cursor::genesis(Partition(0))
}

/// Decides what comes before a record, then halts at it.
fn halts_at_last(records: &[Logged]) -> Halt {
    let before = records.len() - 1;
    let (batch, rest) = decide(&genesis(), records.to_vec()).unwrap();
    assert_eq!(
        (batch.entries.len(), rest.as_slice()),
        (before, &records[before..])
    );
    decide(&batch.after, rest).unwrap_err()
}

#[test]
fn a_record_that_is_not_the_next_one_halts_after_what_came_before() {
    for wrong in [1, 3, 4] {
        let halt = halts_at_last(&records([0, 1, wrong]));
        let expected = Offset(2);
        assert!(
            matches!(halt, Halt::Hole { offset: Offset(offset), expected: at }
                if (offset, at) == (wrong, expected)),
            "{halt:?}"
        );
    }
}

#[test]
fn a_record_far_ahead_of_our_clock_halts_after_what_came_before() {
    let mut ahead = records(0..3);
    ahead[2].time = NOW + TimeDelta::minutes(5) + TimeDelta::microseconds(1);
    let halt = halts_at_last(&ahead);
    assert!(
        matches!(
            halt,
            Halt::ClockAhead {
                offset: Offset(2),
                ahead_s: 300
            }
        ),
        "{halt:?}"
    );
    ahead[2].time = NOW + TimeDelta::minutes(5);
    let (batch, rest) = decide(&genesis(), ahead).unwrap();
    assert_eq!((batch.entries.len(), rest.len()), (3, 0));
}

#[test]
fn a_log_whose_clock_goes_back_takes_no_entry_back() {
    let mut back = records(0..3);
    back[1].time = NOW - TimeDelta::hours(1);
    back[2].time = NOW + TimeDelta::microseconds(1);
    let (batch, _) = decide(&genesis(), back).unwrap();
    let times: Vec<_> = batch.entries.iter().map(|entry| entry.time).collect();
    assert_eq!(times, [NOW, NOW, NOW + TimeDelta::microseconds(1)]);
}

#[test]
fn a_record_in_a_partition_that_is_not_its_tenants_is_invalid() {
    let map = BucketMap::try_new(2).unwrap();
    let mut owns = BTreeSet::new();
    for name in ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"] {
        let mut submission = Dice(3).submission();
        submission.stamp.tenant = TenantId::try_new(name).unwrap();
        let own = map.partition_of(&submission.stamp.tenant);
        owns.insert(own);
        for partition in [Partition(0), Partition(1)] {
            let mut decider = Decider::complete(map.clone());
            let mut logged = records(0..1);
            logged[0].record = record(&submission);
            let (mut working, ..) = decider.begin(&Cursor::genesis(partition), logged);
            let Step::Ready(batch, _) = decider.step(&mut working, NOW).unwrap() else {
                panic!("a complete state needs more");
            };
            let is_invalid = batch.entries[0].outcome.kind() == "invalid";
            assert_eq!(is_invalid, partition != own, "{:?}", batch.entries[0]);
        }
    }
    assert_eq!(owns.len(), 2, "no tenant has the other partition");
}

/// It was placed already when the batch was cut before it.
#[test]
fn the_record_at_which_a_batch_is_cut_comes_first_in_the_next_one() {
    let (batch, _) = decide(&genesis(), records(0..3)).unwrap();
    let mut restored = records(0..3);
    for (logged, entry) in restored.iter_mut().zip(&batch.entries) {
        let mark = Mark {
            position: entry.position,
            time: entry.time,
            chain: entry.chain,
        };
        logged.record.headers.extend(mark.headers());
    }
    let (whole, rest) = decide(&genesis(), restored.clone()).unwrap();
    assert_eq!((whole.after.chain, rest.len()), (batch.after.chain, 0));

    let altered = Mark {
        position: Position {
            partition: Partition(0),
            seq: Seq(2),
        },
        time: NOW,
        chain: Hash::ZERO,
    };
    restored[1].record.headers = altered.headers().to_vec();
    let (cut, rest) = decide(&genesis(), restored.clone()).unwrap();
    assert_eq!(cut.entries.len(), 1);
    assert_eq!(rest, restored[1..]);
    let halt = decide(&cut.after, rest).unwrap_err();
    let at = Offset(1);
    assert!(
        matches!(halt, Halt::RestoredOtherwise { offset, .. } if offset == at),
        "{halt:?}"
    );
}
