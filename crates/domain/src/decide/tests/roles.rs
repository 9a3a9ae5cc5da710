use crate::testing::{Words, auth0, batch, each_realm, given, native};
use crate::{Command, Fact, Rejection};

fn no_such_role(role: &str) -> Rejection {
    let role = role.to_owned();
    Rejection::NoSuchRole { role }
}

fn role_exists(name: &str) -> Rejection {
    let name = name.to_owned();
    Rejection::RoleExists { name }
}

#[test]
fn a_role_is_made_under_its_id_and_name() {
    each_realm(|w| {
        given([])
            .when(w.create_role("r", "Reader"))
            .then([w.role_named("r", "Reader")]);
    });
}

#[test]
fn a_role_is_made_with_its_description() {
    each_realm(|w| {
        let then = given([]).when(Command::CreateRole {
            realm: w.0,
            id: "r".to_owned(),
            name: "Reader".to_owned(),
            description: Some("reads".to_owned()),
        });
        let [Fact::RoleCreated { description, .. }] = then.entry.settled.facts.as_slice() else {
            panic!("{then:?}")
        };
        assert_eq!(description.as_deref(), Some("reads"));
    });
}

#[test]
fn an_id_and_a_name_belong_to_one_role() {
    each_realm(|w| {
        given([w.role_named("r", "Reader")])
            .when(w.create_role("r", "Writer"))
            .then_rejected(role_exists("r"))
            .when(w.create_role("s", "Reader"))
            .then_rejected(role_exists("Reader"));
    });
}

#[test]
fn names_of_roles_differ_by_case() {
    each_realm(|w| {
        given([w.role_named("r", "Reader")])
            .when(w.create_role("s", "reader"))
            .then([w.role_named("s", "reader")]);
    });
}

#[test]
fn the_realms_have_roles_of_their_own() {
    given([auth0().role_named("r", "Reader")])
        .when(native().create_role("r", "Reader"))
        .then([native().role_named("r", "Reader")]);
}

#[test]
fn a_role_is_renamed_and_described() {
    each_realm(|w| {
        given([w.role_named("r", "Reader")])
            .when(w.update_role("r", Some("Writer"), Some("writes")))
            .then([
                w.role_renamed("r", "Reader", "Writer"),
                w.role_described("r", None, "writes"),
            ])
            .when(w.update_role("r", None, Some("")))
            .then([w.role_described("r", Some("writes"), "")])
            .when(w.update_role("r", Some("Writer"), Some("")))
            .then_unchanged()
            .when(w.update_role("r", None, None))
            .then_unchanged();
    });
}

#[test]
fn a_role_cannot_take_the_name_of_another() {
    each_realm(|w| {
        given([w.role_named("r", "Reader"), w.role_named("s", "Writer")])
            .when(w.update_role("r", Some("Writer"), Some("d")))
            .then_rejected(role_exists("Writer"));
    });
}

#[test]
fn a_name_is_free_once_its_role_has_another_or_is_gone() {
    each_realm(|w| {
        given([w.role_named("r", "One"), w.role_named("s", "Two")])
            .when(w.update_role("r", Some("Three"), None))
            .then([w.role_renamed("r", "One", "Three")])
            .when(w.create_role("t", "One"))
            .then([w.role_named("t", "One")])
            .when(w.delete_role("s"))
            .then([w.role_deleted("s")])
            .when(w.update_role("t", Some("Two"), None))
            .then([w.role_renamed("t", "One", "Two")]);
    });
}

#[test]
fn names_change_hands_within_a_batch() {
    each_realm(|w| {
        let past = || [w.role_named("r", "One"), w.role_named("s", "Two")];
        given(past())
            .when(batch([w.delete_role("r"), w.create_role("t", "One")]))
            .then([w.role_deleted("r"), w.role_named("t", "One")]);
        given(past())
            .when(batch([
                w.update_role("r", Some("Three"), None),
                w.update_role("s", Some("One"), None),
                w.update_role("r", Some("Two"), None),
            ]))
            .then([
                w.role_renamed("r", "One", "Three"),
                w.role_renamed("s", "Two", "One"),
                w.role_renamed("r", "Three", "Two"),
            ])
            .when(w.create_role("t", "Three"))
            .then([w.role_named("t", "Three")])
            .when(w.create_role("v", "One"))
            .then_rejected(role_exists("One"));
    });
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    each_realm(|w| {
        given([])
            .when(w.update_role("r", Some("Reader"), None))
            .then_rejected(no_such_role("r"));
    });
}

fn deleted_twice(w: Words) -> crate::testing::Then {
    given([w.role_named("r", "Reader")])
        .when(w.delete_role("r"))
        .then([w.role_deleted("r")])
        .when(w.delete_role("r"))
}

#[test]
fn removing_a_role_that_is_gone_is_an_error_in_auth0_alone() {
    deleted_twice(auth0()).then_rejected(no_such_role("r"));
    deleted_twice(native()).then_unchanged();
}

#[test]
fn a_role_that_is_made_again_inherits_nothing() {
    each_realm(|w| {
        given([
            w.api("a", &["x"]),
            w.role("r"),
            w.user("u"),
            w.granted("r", "a", "x"),
            w.assigned("u", "r"),
        ])
        .with_edges(2)
        .when(w.delete_role("r"))
        .then([w.role_deleted("r")])
        .with_edges(0)
        .when(w.create_role("r", "R"))
        .then([w.role("r")])
        .with_edges(0)
        .when(w.unassign("u", &["r"]))
        .then_unchanged()
        .swept()
        .when(w.revoke("r", &[("a", "x")]))
        .then_unchanged()
        .when(w.assign_users("r", &["u"]))
        .then([w.assigned("u", "r")])
        .with_edges(1);
    });
}
