use crate::state::Changes;
use crate::testing::{batch, cancel, each_realm, given, id};
use crate::{Command, Denial, Limited, Rejection};

fn in_batch(index: u32, rejection: Rejection) -> Rejection {
    Rejection::InBatch {
        index,
        rejection: Box::new(rejection),
    }
}

#[test]
fn each_command_sees_what_those_before_it_did() {
    each_realm(|w| {
        given([])
            .when(batch([
                w.create_api_with(("1", "a"), &[("x", None)]),
                w.create_role("r", "Reader"),
                w.grant("r", &[("a", "x")]),
                w.register("u", &[]),
                w.assign("u", &["r"]),
                w.grant_user("u", &[("a", "x")]),
            ]))
            .then([
                w.bare_api("1", "a"),
                w.declared("a"),
                w.defined("a", ("x", None), 0),
                w.role_named("r", "Reader"),
                w.granted("r", "a", "x"),
                w.user("u"),
                w.assigned("u", "r"),
                w.user_granted("u", "a", "x"),
            ])
            .with_edges(3);
    });
}

#[test]
fn if_one_is_rejected_nothing_happens() {
    each_realm(|w| {
        let missing = Rejection::NoSuchRole {
            role: "r".to_owned(),
        };
        given([w.api("a", &["x"])])
            .when(batch([
                w.create_role("s", "Reader"),
                w.delete_api("a"),
                w.grant("r", &[]),
                w.create_role("r", "Writer"),
            ]))
            .then_rejected(in_batch(2, missing))
            .when(w.update_api("a", Some("still here"), &[]))
            .then_applied()
            .when(w.create_role("s", "Reader"))
            .then_applied();
    });
}

#[test]
fn the_first_that_is_rejected_says_why() {
    each_realm(|w| {
        let missing = Rejection::NoSuchUser {
            user: "u".to_owned(),
        };
        given([])
            .when(batch([
                w.update_user("u", &[]),
                w.update_role("r", None, None),
            ]))
            .then_rejected(in_batch(0, missing));
    });
}

#[test]
fn a_batch_of_nothing_or_of_what_is_so_already_changes_nothing() {
    each_realm(|w| {
        given([w.role("r")])
            .when(batch([]))
            .then_unchanged()
            .when(batch([
                w.update_role("r", Some("R"), None),
                w.revoke("r", &[]),
            ]))
            .then_unchanged();
    });
}

#[test]
fn taken_and_given_again_leaves_no_change_but_the_facts() {
    each_realm(|w| {
        let then = given([
            w.api("a", &["x"]),
            w.role("r"),
            w.user("u"),
            w.granted("r", "a", "x"),
            w.user_granted("u", "a", "x"),
            w.assigned("u", "r"),
        ])
        .when(batch([
            w.revoke("r", &[("a", "x")]),
            w.grant("r", &[("a", "x")]),
            w.grant_user("u", &[("a", "x")]),
            w.revoke_user("u", &[("a", "x")]),
            w.grant_user("u", &[("a", "x")]),
            w.unassign("u", &["r"]),
            w.assign("u", &["r"]),
            w.update_role("r", Some("Reader"), None),
            w.update_role("r", Some("R"), None),
        ]));
        assert_eq!(then.entry.changes, Changes::default());
        let after = then
            .then([
                w.revoked("r", "a", "x"),
                w.granted("r", "a", "x"),
                w.user_revoked("u", "a", "x"),
                w.user_granted("u", "a", "x"),
                w.unassigned("u", "r"),
                w.assigned("u", "r"),
                w.role_renamed("r", "R", "Reader"),
                w.role_renamed("r", "Reader", "R"),
            ])
            .with_edges(3);
        // The rows are still those of the entries that made them.
        let then = after.when(w.revoke("r", &[("a", "x")]));
        let [change] = then.entry.changes.role_permissions.as_slice() else {
            panic!("{then:?}")
        };
        assert_eq!(change.before.map(|(_, at)| at.0), Some(4));
        then.then_applied();
    });
}

#[test]
fn made_and_removed_leaves_no_change_but_the_facts() {
    each_realm(|w| {
        let then = given([]).when(batch([
            w.create_api_with(("1", "a"), &[]),
            w.delete_api("a"),
            w.create_role("r", "Reader"),
            w.delete_role("r"),
            w.register("u", &[]),
            w.delete_user("u"),
        ]));
        assert_eq!(then.entry.changes, Changes::default());
        then.then_applied()
            .when(w.create_role("r", "Reader"))
            .then([w.role_named("r", "Reader")])
            .when(w.delete_api("1"))
            .then_unchanged();
    });
}

#[test]
fn batches_cancels_and_denials_stand_by_themselves() {
    each_realm(|w| {
        let denial = Command::RecordDenial {
            operation: "UpdateRole".to_owned(),
            target: None,
            denial: Denial::InsufficientScope { required: vec![] },
            count: 1,
        };
        for command in [
            batch([]),
            batch([w.create_role("s", "S")]),
            cancel(id(7)),
            denial,
        ] {
            given([])
                .when(batch([w.create_role("r", "R"), command]))
                .then_rejected(in_batch(1, Rejection::NotInBatch));
        }
    });
}

#[test]
fn a_batch_holds_a_thousand_commands() {
    each_realm(|w| {
        let roles = |count| batch((0..count).map(|_| w.update_role("r", Some("R"), None)));
        given([w.role("r")])
            .when(roles(1_000))
            .then_unchanged()
            .when(roles(1_001))
            .then_rejected(Rejection::TooMany {
                what: Limited::Items,
                limit: 1_000,
            });
    });
}
