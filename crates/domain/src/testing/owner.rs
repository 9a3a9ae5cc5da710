//! A model of a partition's owner: batches decided on a cache, behind a store that is one
//! transaction behind.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Store;
use crate::state::Changes;
use crate::{
    Judgement, Key, Partition, Placement, Position, Seq, Settled, State, Submission, TenantSeq,
    judge, touches,
};

/// A record of the log.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) submission: Submission,
    pub(crate) time: DateTime<Utc>,
}

/// A decided record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) submission: Submission,
    pub(crate) placement: Placement,
    pub(crate) settled: Settled,
    pub(crate) changes: Changes,
}

/// Where the record that is decided as `at` stands.
fn place(record: &Record, at: TenantSeq) -> Placement {
    Placement {
        position: Position {
            partition: Partition(0),
            seq: Seq(at.0),
        },
        tenant_seq: at,
        time: record.time,
    }
}

/// Decides one record on a complete state.
pub(crate) fn fold(state: &mut State, record: &Record, at: TenantSeq) -> Entry {
    let placement = place(record, at);
    match judge(state, &record.submission, &placement) {
        Judgement::Settled(settled) => settle(state, record, placement, settled),
        other @ (Judgement::Need(_) | Judgement::Contradiction(_)) => {
            panic!("a complete state answered {other:?} to {record:?}")
        }
    }
}

/// Decides the first records as one batch, the first of them as `at`. Fewer than all where the
/// batch must be cut, but at least one.
///
/// `primed` says whether all that the records touch is loaded first, as the owner does; if not,
/// everything is loaded when it is asked for.
pub(crate) fn decide_batch(
    store: &Store,
    cache: &mut State,
    records: &[Record],
    at: TenantSeq,
    primed: bool,
) -> Vec<Entry> {
    if primed {
        let touched: BTreeSet<Key> = records
            .iter()
            .flat_map(|record| touches(&record.submission))
            .collect();
        let unknown: Vec<Key> = cache.unknown_of(&touched).cloned().collect();
        store.load(unknown, cache);
    }
    let mut asked = BTreeSet::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = at;
    for record in records {
        let placement = place(record, at);
        let settled = loop {
            let keys = match judge(cache, &record.submission, &placement) {
                Judgement::Settled(settled) => break settled,
                Judgement::Need(keys) => keys,
                Judgement::Contradiction(contradiction) => panic!("{contradiction}"),
            };
            let counts = keys.iter().any(|key| matches!(key, Key::Count(_)));
            if counts && !entries.is_empty() {
                // The store does not hold what this batch has settled: it is cut here.
                return entries;
            }
            for key in &keys {
                assert!(asked.insert(key.clone()), "{key:?} was asked for again");
            }
            store.load(keys, cache);
        };
        entries.push(settle(cache, record, placement, settled));
        at = at.next().unwrap();
    }
    entries
}

fn settle(state: &mut State, record: &Record, placement: Placement, settled: Settled) -> Entry {
    let submission = record.submission.clone();
    let changes = state
        .settle(&submission, &placement, &settled)
        .unwrap_or_else(|contradiction| panic!("{contradiction} at {record:?}"));
    Entry {
        submission,
        placement,
        settled,
        changes,
    }
}
