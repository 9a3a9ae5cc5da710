//! What holds of every world.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::state::{Kind, LiveRow, State};
use crate::testing::{Entry, Store, World, decide_batch, fold, world};
use crate::{Fact, Judgement, Namespace, Permission, Role, TenantSeq, User, judge};

/// Every record decided on a complete state, in order.
fn folded(world: &World) -> (Vec<Entry>, State) {
    let mut state = State::genesis();
    let entries = (1..)
        .zip(&world.0)
        .map(|(at, record)| fold(&mut state, record, TenantSeq(at)))
        .collect();
    (entries, state)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        ..ProptestConfig::default()
    }
}

/// How the owner takes the next records.
#[derive(Debug, Clone, Copy)]
struct Turn {
    records: usize,
    forgets: bool,
    primed: bool,
    /// The transaction is lost: what it settled is forgotten, and decided again.
    lost: bool,
    swept: bool,
}

fn turn() -> impl Strategy<Value = Turn> {
    let often = prop::bool::weighted(0.6);
    let seldom = || prop::bool::weighted(0.15);
    (1_usize..9, seldom(), often, seldom(), seldom()).prop_map(
        |(records, forgets, primed, lost, swept)| Turn {
            records,
            forgets,
            primed,
            lost,
            swept,
        },
    )
}

/// Every record decided by an owner that takes these turns, over and over.
fn owned(world: &World, turns: &[Turn]) -> (Vec<Entry>, Store) {
    let (mut store, mut cache) = (Store::default(), State::unknown());
    let mut entries: Vec<Entry> = Vec::new();
    for turn in turns.iter().cycle() {
        let rest = &world.0[entries.len()..];
        if rest.is_empty() {
            break;
        }
        let records = &rest[..turn.records.min(rest.len())];
        let at = TenantSeq(entries.len() as u64 + 1);
        if turn.forgets {
            cache = State::unknown();
        }
        if turn.lost {
            decide_batch(&store, &mut cache, records, at, turn.primed);
            cache = State::unknown();
        }
        let decided = decide_batch(&store, &mut cache, records, at, turn.primed);
        assert_ne!(decided, [], "a batch of nothing");
        store.commit(&decided);
        entries.extend(decided);
        if turn.swept {
            store.sweep();
        }
    }
    (entries, store)
}

fn assert_same(left: &[Entry], right: &[Entry]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn an_owner_with_a_cache_decides_as_one_who_knows_everything(
        world in world(30),
        turns in prop::collection::vec(turn(), 1..6),
    ) {
        let (entries, state) = folded(&world);
        let (decided, store) = owned(&world, &turns);
        assert_same(&entries, &decided);
        let rows: Vec<LiveRow<'_>> = state.live_rows().collect();
        assert_eq!(rows, store.live_rows());
    }
}
