//! What holds of every fold from genesis.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::state::{Change, Changes, Kind, LiveRow, Slot, State};
use crate::testing::{About, Entry, Store, World, fold, world};
use crate::{Outcome, TenantSeq, judge};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        ..ProptestConfig::default()
    }
}

/// Every record decided in order on a complete state, with the state after each. That facts of an
/// applied command apply is part of it: a contradiction panics.
fn folded(world: &World) -> Vec<(Entry, State)> {
    let mut state = State::genesis();
    (1..)
        .zip(&world.0)
        .map(|(at, record)| (fold(&mut state, record, TenantSeq(at)), state.clone()))
        .collect()
}

fn live(state: &State) -> Vec<LiveRow<'_>> {
    state.live_rows().collect()
}

/// What differs between two states in one table. Rows that are equal keep the entry that wrote
/// them.
fn difference<K: Kind + Eq>(before: &State, after: &State) -> Vec<Change<K>> {
    let rows = |state| -> BTreeMap<K::Key, Slot<K>> {
        let table = K::table(state);
        table
            .iter()
            .filter_map(|(key, slot)| Some((*key, slot.clone()?)))
            .collect()
    };
    let (before, after) = (rows(&before.tables), rows(&after.tables));
    let keys: BTreeSet<K::Key> = before.keys().chain(after.keys()).copied().collect();
    let mut changes = Vec::new();
    for key in keys {
        let (before, after) = (before.get(&key), after.get(&key));
        if before.map(|slot| &slot.row) == after.map(|slot| &slot.row) {
            assert_eq!(before, after, "a row that did not change");
        } else {
            let before = before.map(|slot| (slot.row.clone(), slot.changed));
            let after = after.map(|slot| slot.row.clone());
            changes.push(Change { key, before, after });
        }
    }
    changes
}

fn differences(before: &State, after: &State) -> Changes {
    Changes {
        namespaces: difference(before, after),
        permissions: difference(before, after),
        roles: difference(before, after),
        users: difference(before, after),
        role_permissions: difference(before, after),
        user_permissions: difference(before, after),
        user_roles: difference(before, after),
        admins: difference(before, after),
        linked_subjects: difference(before, after),
        cancelled: difference(before, after),
        groups: difference(before, after),
        passwords: difference(before, after),
        group_members: difference(before, after),
        authorizations: difference(before, after),
        camunda_settings: difference(before, after),
    }
}

proptest! {
    #![proptest_config(config(250))]

    #[test]
    fn deciding_again_decides_the_same(world in world(About::Everything, 30)) {
        let mut before = State::genesis();
        for (entry, after) in folded(&world) {
            for state in [&before, &before.clone()] {
                let crate::Judgement::Settled(settled) =
                    judge(state, &entry.submission, &entry.placement)
                else {
                    panic!("a complete state did not decide {entry:?}")
                };
                prop_assert_eq!(&settled, &entry.settled);
            }
            before = after;
        }
    }

    #[test]
    fn only_what_is_applied_has_facts(world in world(About::Everything, 30)) {
        for (entry, _) in folded(&world) {
            let settled = entry.settled;
            prop_assert_eq!(settled.outcome == Outcome::Applied, !settled.facts.is_empty());
        }
    }

    #[test]
    fn facts_alone_fold_to_the_same_rows(world in world(About::Everything, 30)) {
        let mut again = State::genesis();
        for (entry, state) in folded(&world) {
            let changes = again.apply(&entry.settled.facts, entry.placement.tenant_seq);
            prop_assert_eq!(changes, Ok(entry.changes));
            prop_assert_eq!(live(&again), live(&state));
        }
    }

    #[test]
    fn an_entry_folded_twice_is_refused_or_changes_nothing(world in world(About::Everything, 30)) {
        for (entry, state) in folded(&world) {
            let mut twice = state.clone();
            if let Ok(changes) = twice.apply(&entry.settled.facts, entry.placement.tenant_seq) {
                prop_assert_eq!(changes, Changes::default());
            }
            prop_assert_eq!(live(&twice), live(&state));
        }
    }

    #[test]
    fn changes_are_exactly_what_differs(world in world(About::Everything, 30)) {
        let mut before = State::genesis();
        for (entry, after) in folded(&world) {
            prop_assert_eq!(&entry.changes, &differences(&before, &after));
            before = after;
        }
    }

    #[test]
    fn a_live_row_has_its_container_and_both_its_ends(world in world(About::Everything, 30)) {
        let mut store = Store::default();
        for (entry, state) in folded(&world) {
            store.commit([&entry]);
            // The store finds by joining what the state finds in its tables.
            prop_assert_eq!(live(&state), store.live_rows());
        }
    }

    #[test]
    fn keys_are_never_used_again(world in world(About::Everything, 30)) {
        fn made<K: Kind>(changes: &[Change<K>]) -> impl Iterator<Item = K::Key> {
            changes.iter().filter(|change| change.before.is_none()).map(|change| change.key)
        }
        let (mut namespaces, mut permissions) = (BTreeSet::new(), BTreeSet::new());
        let (mut roles, mut users) = (BTreeSet::new(), BTreeSet::new());
        let (mut groups, mut authorizations) = (BTreeSet::new(), BTreeSet::new());
        for (Entry { changes, .. }, _) in folded(&world) {
            prop_assert!(made(&changes.namespaces).all(|key| namespaces.insert(key)));
            prop_assert!(made(&changes.permissions).all(|key| permissions.insert(key)));
            prop_assert!(made(&changes.roles).all(|key| roles.insert(key)));
            prop_assert!(made(&changes.users).all(|key| users.insert(key)));
            prop_assert!(made(&changes.groups).all(|key| groups.insert(key)));
            prop_assert!(made(&changes.authorizations).all(|key| authorizations.insert(key)));
        }
    }
}
