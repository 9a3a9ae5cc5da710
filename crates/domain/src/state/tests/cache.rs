//! The owner's cache: it learns only what it is asked about, is dropped at random, and is one
//! transaction ahead of the store; nothing of it ever shows.

use proptest::prelude::*;
use proptest::{bool, collection};

use crate::state::{LiveRow, State};
use crate::testing::{
    About, Asked, Entry, Record, Store, Words, batch, decide_batch, fold, id, nestauth, world,
};
use crate::{Command, Realm, TenantSeq};

/// How the owner takes the next records.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each happens or not, whatever the others do"
)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    records: usize,
    forgets: bool,
    /// What the records touch is loaded before they are decided.
    primed: bool,
    /// The transaction is lost: what it settled is forgotten, and decided again.
    lost: bool,
    swept: bool,
}

pub(super) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let seldom = || bool::weighted(0.15);
    let turn = (
        1_usize..9,
        seldom(),
        bool::weighted(0.6),
        seldom(),
        seldom(),
    );
    let turn = turn.prop_map(|(records, forgets, primed, lost, swept)| Turn {
        records,
        forgets,
        primed,
        lost,
        swept,
    });
    collection::vec(turn, 1..6)
}

/// Where a world begins: what is so, and what the store holds of it.
#[derive(Debug, Clone)]
pub(super) struct Start {
    state: State,
    store: Store,
    at: TenantSeq,
}

impl Start {
    fn genesis() -> Self {
        Self {
            state: State::genesis(),
            store: Store::default(),
            at: TenantSeq(1),
        }
    }

    /// Where these records lead.
    pub(super) fn after(records: &[Record]) -> Self {
        let mut start = Self::genesis();
        for record in records {
            let entry = fold(&mut start.state, record, start.at);
            start.store.commit([&entry]);
            start.at = start.at.next().unwrap();
        }
        start
    }
}

/// Every record decided by an owner that takes these turns, over and over.
fn owned(start: &Start, records: &[Record], turns: &[Turn]) -> (Vec<Entry>, Store) {
    let (mut store, mut cache, mut at) = (start.store.clone(), State::unknown(), start.at);
    let mut entries: Vec<Entry> = Vec::new();
    for turn in turns.iter().cycle() {
        let rest = &records[entries.len()..];
        if rest.is_empty() {
            break;
        }
        let records = &rest[..turn.records.min(rest.len())];
        if turn.forgets {
            cache = State::unknown();
        }
        if turn.lost {
            decide_batch(&store, &mut cache, records, at, turn.primed);
            cache = State::unknown();
        }
        let decided = decide_batch(&store, &mut cache, records, at, turn.primed);
        let last = decided.last().expect("a batch holds one record at least");
        at = last.placement.tenant_seq.next().unwrap();
        store.commit(&decided);
        entries.extend(decided);
        if turn.swept {
            store.sweep();
        }
    }
    (entries, store)
}

/// An owner that takes these turns decides as one who knows everything.
pub(super) fn assert_cache_does_not_show(start: &Start, records: &[Record], turns: &[Turn]) {
    let (decided, store) = owned(start, records, turns);
    let mut state = start.state.clone();
    for (record, entry) in records.iter().zip(&decided) {
        let at = entry.placement.tenant_seq;
        assert_eq!(&fold(&mut state, record, at), entry);
    }
    let rows: Vec<LiveRow<'_>> = state.live_rows().collect();
    assert_eq!(rows, store.live_rows());
}

/// The store knows a permission by the name that it had before the batch.
#[test]
fn a_permission_that_the_batch_renamed_is_found_by_its_new_name() {
    let record = |n: u64, command: Command| Asked::new(command).id(id(n)).record();
    let past = nestauth::populated().into_iter().zip(1..);
    let past: Vec<Record> = past.map(|(command, n)| record(n, command)).collect();
    let rename = || nestauth::rename_permission("p1", "z");
    let revoke = || Words(Realm::NestAuth).revoke("r1", &[("web", "z")]);
    let one_by_one = vec![record(101, rename()), record(102, revoke())];
    let at_once = vec![record(103, batch([rename(), revoke()]))];
    for records in [one_by_one, at_once] {
        for primed in [false, true] {
            let turn = Turn {
                records: 2,
                forgets: true,
                primed,
                lost: false,
                swept: false,
            };
            assert_cache_does_not_show(&Start::after(&past), &records, &[turn]);
        }
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(1_200))]

    #[test]
    fn a_cache_does_not_show(world in world(About::Everything, 30), turns in turns()) {
        assert_cache_does_not_show(&Start::genesis(), &world.0, &turns);
    }

    #[test]
    fn a_cache_does_not_show_in_camunda(world in world(About::Camunda, 40), turns in turns()) {
        assert_cache_does_not_show(&Start::genesis(), &world.0, &turns);
    }

    #[test]
    fn a_cache_does_not_show_in_apis(world in world(About::Apis, 30), turns in turns()) {
        assert_cache_does_not_show(&Start::genesis(), &world.0, &turns);
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_cache_does_not_show_at_the_limit_of_roles(
        world in world(About::RolesOfUsers, 20),
        turns in turns(),
    ) {
        assert_cache_does_not_show(&Start::genesis(), &world.0, &turns);
    }

    #[test]
    fn where_batches_are_split_does_not_show(
        world in world(About::Everything, 30),
        one in turns(),
        other in turns(),
    ) {
        let start = Start::genesis();
        let one = owned(&start, &world.0, &one);
        let other = owned(&start, &world.0, &other);
        assert_eq!(one.0, other.0);
        assert_eq!(one.1.live_rows(), other.1.live_rows());
    }
}
