use std::collections::BTreeMap;

use crate::testing::{Asked, Given, Words, batch, cancel, each_realm, given, id};
use crate::{Command, Denial, NounKind, NounRef, Realm, concerns};

fn some(w: Words) -> Given {
    given([
        w.api("a", &["x", "y"]),
        w.role("r"),
        w.role("s"),
        w.user("u"),
        w.user("v"),
    ])
}

/// The nouns that an entry concerns, by kind and name, and whether it changed them.
fn concerned(given: Given, command: Command) -> Vec<(&'static str, String, bool)> {
    let entry = given.when(Asked::new(command)).entry;
    let nouns = concerns(&entry.submission.command, &entry.settled.facts);
    let noun = |(noun, changed): (NounRef, bool)| (noun.kind.as_str(), noun.id, changed);
    nouns.into_iter().map(noun).collect()
}

const API: &str = "api";
const ROLE: &str = "role";
const USER: &str = "user";

fn check<const N: usize>(
    rows: impl Fn(Words) -> [(Command, Vec<(&'static str, &'static str, bool)>); N],
) {
    each_realm(|w| {
        for (command, expected) in rows(w) {
            let found = concerned(some(w), command.clone());
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(kind, id, changed)| (kind, id.to_owned(), changed))
                .collect();
            assert_eq!(found, expected, "{command:?}");
        }
    });
}

#[test]
fn an_entry_concerns_what_it_changed_and_what_it_named() {
    check(|w| {
        [
            (w.create_api("1", "b"), vec![(API, "b", true)]),
            (w.create_api("1", "a"), vec![(API, "a", false)]),
            (w.update_api("a", Some("n"), &[]), vec![(API, "a", true)]),
            (
                w.update_api("A", Some("n"), &[]),
                vec![(API, "A", false), (API, "a", true)],
            ),
            (w.replace("a", &[]), vec![(API, "a", true)]),
            (w.delete_api("?"), vec![(API, "?", false)]),
            (w.create_role("t", "T"), vec![(ROLE, "t", true)]),
            (
                w.update_role("r", Some("R"), None),
                vec![(ROLE, "r", false)],
            ),
            (w.delete_role("r"), vec![(ROLE, "r", true)]),
            (
                w.grant("r", &[("a", "x")]),
                vec![(API, "a", false), (ROLE, "r", true)],
            ),
            (
                w.grant("r", &[("?", "x")]),
                vec![(API, "?", false), (ROLE, "r", false)],
            ),
            (
                w.revoke("r", &[("a", "x")]),
                vec![(API, "a", false), (ROLE, "r", false)],
            ),
            (w.register("w", &[]), vec![(USER, "w", true)]),
            (
                w.update_user("u", &[("f", Some("1"))]),
                vec![(USER, "u", true)],
            ),
            (w.delete_user("u"), vec![(USER, "u", true)]),
            (
                w.grant_user("u", &[("a", "x")]),
                vec![(API, "a", false), (USER, "u", true)],
            ),
            (
                w.revoke_user("u", &[("a", "x")]),
                vec![(API, "a", false), (USER, "u", false)],
            ),
            (
                w.assign("u", &["r"]),
                vec![(ROLE, "r", false), (USER, "u", true)],
            ),
            (
                w.unassign("u", &["r"]),
                vec![(ROLE, "r", false), (USER, "u", false)],
            ),
            (
                w.assign_users("r", &["u", "v"]),
                vec![(ROLE, "r", false), (USER, "u", true), (USER, "v", true)],
            ),
        ]
    });
}

#[test]
fn a_batch_concerns_what_its_commands_do() {
    check(|w| {
        [
            (
                batch([w.delete_role("r"), w.create_role("t", "T")]),
                vec![(ROLE, "r", true), (ROLE, "t", true)],
            ),
            (
                batch([
                    w.delete_role("r"),
                    w.delete_role("s"),
                    w.update_user("?", &[]),
                ]),
                vec![(ROLE, "r", false), (ROLE, "s", false), (USER, "?", false)],
            ),
            (cancel(id(7)), vec![]),
        ]
    });
}

#[test]
fn taken_and_given_again_counts_as_a_change() {
    each_realm(|w| {
        let both = batch([w.assign("u", &["r"]), w.unassign("u", &["r"])]);
        let found = concerned(some(w), both);
        assert_eq!(
            found,
            [
                ("role", "r".to_owned(), false),
                ("user", "u".to_owned(), true)
            ]
        );
    });
}

fn denial(target: Option<NounRef>) -> Command {
    Command::RecordDenial {
        operation: "UpdateRole".to_owned(),
        target,
        denial: Denial::InsufficientScope { required: vec![] },
        count: 1,
    }
}

#[test]
fn a_denial_concerns_its_target() {
    each_realm(|w| {
        let noun = NounRef {
            realm: w.0,
            kind: NounKind::Role,
            id: "r".to_owned(),
        };
        let found = concerns(&denial(Some(noun.clone())), &[]);
        assert_eq!(found, BTreeMap::from([(noun, false)]));
        assert_eq!(concerns(&denial(None), &[]), BTreeMap::new());
    });
}

#[test]
fn the_realm_is_part_of_the_name() {
    each_realm(|w| {
        let nouns = concerns(&w.delete_role("r"), &[]);
        let realms: Vec<Realm> = nouns.keys().map(|noun| noun.realm).collect();
        assert_eq!(realms, [w.0]);
    });
}

#[test]
fn names_that_nothing_can_have_are_left_out() {
    each_realm(|w| {
        let (long, longer) = ("x".repeat(2_400), "x".repeat(2_401));
        let roles = ["r", "\0", "a\0b", long.as_str(), longer.as_str()];
        let names: Vec<String> = concerns(&w.assign("\0", &roles), &[])
            .into_keys()
            .map(|noun| noun.id)
            .collect();
        assert_eq!(names, ["r".to_owned(), long]);
    });
}

#[test]
fn no_entry_concerns_more_than_twenty_thousand() {
    each_realm(|w| {
        let roles: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        let others: Vec<String> = (10_000..20_001).map(|n| n.to_string()).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let all = batch([w.assign("u", &roles), w.assign("u", &others)]);
        assert_eq!(concerns(&all, &[]).len(), 20_000);
    });
}
