use crate::Rejection;
use crate::testing::{auth0, each_realm, given, native};

fn no_such_user(user: &str) -> Rejection {
    let user = user.to_owned();
    Rejection::NoSuchUser { user }
}

#[test]
fn a_user_becomes_known_with_a_profile() {
    each_realm(|w| {
        given([])
            .when(w.register("auth0|u", &[("email", "\"u@x\"")]))
            .then([w.user_with("auth0|u", &[("email", "\"u@x\"")])]);
    });
}

#[test]
fn a_user_is_known_once() {
    each_realm(|w| {
        given([w.user("u")])
            .when(w.register("u", &[]))
            .then_rejected(Rejection::UserExists {
                user: "u".to_owned(),
            });
    });
}

#[test]
fn ids_of_users_differ_by_case() {
    each_realm(|w| {
        given([w.user("u")])
            .when(w.register("U", &[]))
            .then([w.user("U")])
            .when(w.update_user("U", &[("new", Some("3"))]))
            .then([w.user_set(("U", "new"), None, Some("3"))]);
    });
}

#[test]
fn the_realms_have_users_of_their_own() {
    given([auth0().user("u")])
        .when(native().register("u", &[]))
        .then([native().user("u")]);
}

#[test]
fn only_fields_that_differ_change() {
    each_realm(|w| {
        given([w.user_with("u", &[("kept", "1"), ("lost", "2")])])
            .when(w.update_user(
                "u",
                &[("new", Some("3")), ("kept", Some("1")), ("lost", None)],
            ))
            .then([
                w.user_set(("u", "lost"), Some("2"), None),
                w.user_set(("u", "new"), None, Some("3")),
            ])
            .when(w.update_user("u", &[("new", Some("3")), ("lost", None)]))
            .then_unchanged();
    });
}

#[test]
fn who_is_not_known_cannot_be_changed() {
    each_realm(|w| {
        given([])
            .when(w.update_user("u", &[]))
            .then_rejected(no_such_user("u"));
    });
}

#[test]
fn removing_a_user_is_one_fact_and_removing_it_again_none() {
    each_realm(|w| {
        given([
            w.api("a", &["x"]),
            w.role("r"),
            w.user_with("u", &[("f", "1")]),
            w.user_granted("u", "a", "x"),
            w.assigned("u", "r"),
        ])
        .with_edges(2)
        .when(w.delete_user("u"))
        .then([w.user_deleted("u")])
        .with_edges(0)
        .when(w.delete_user("u"))
        .then_unchanged();
    });
}

#[test]
fn a_user_who_is_registered_again_inherits_nothing() {
    each_realm(|w| {
        given([
            w.api("a", &["x"]),
            w.role("r"),
            w.user_with("u", &[("f", "1")]),
            w.user_granted("u", "a", "x"),
            w.assigned("u", "r"),
            w.user_deleted("u"),
        ])
        .when(w.register("u", &[]))
        .then([w.user("u")])
        .with_edges(0)
        .when(w.revoke_user("u", &[("a", "x")]))
        .then_unchanged()
        .swept()
        .when(w.unassign("u", &["r"]))
        .then_unchanged()
        .when(w.update_user("u", &[("f", None)]))
        .then_unchanged();
    });
}

#[test]
fn a_profile_does_not_grow_without_bound() {
    // Four fields of a quarter of a mebibyte fit no more once their names are counted.
    let quarter = format!("\"{}\"", "x".repeat(262_142));
    let fields = [("a", &*quarter), ("b", &*quarter), ("c", &*quarter)];
    let too_long = Rejection::BadText {
        field: "fields".to_owned(),
        problem: crate::TextProblem::TooLong {
            limit_bytes: 1_048_576,
        },
    };
    each_realm(|w| {
        let full = || given([w.user_with("u", &fields)]);
        full()
            .when(w.update_user("u", &[("d", Some(&quarter))]))
            .then_rejected(too_long.clone());
        full()
            .when(w.update_user("u", &[("a", None), ("d", Some(&quarter))]))
            .then([
                w.user_set(("u", "a"), Some(&quarter), None),
                w.user_set(("u", "d"), None, Some(&quarter)),
            ]);
        given([])
            .when(w.register("u", &[fields[0], fields[1], fields[2], ("d", &*quarter)]))
            .then_rejected(too_long.clone());
    });
}
