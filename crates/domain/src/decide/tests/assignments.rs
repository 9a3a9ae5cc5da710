use crate::testing::{Given, Then, Words, auth0, each_realm, given, native};
use crate::{Fact, Rejection, TenantSeq};

/// Two roles and two users; entries 1 to 4.
fn some(w: Words) -> Given {
    given([w.role("r"), w.role("s"), w.user("u"), w.user("v")])
}

fn no_such_role(role: &str) -> Rejection {
    let role = role.to_owned();
    Rejection::NoSuchRole { role }
}

fn no_such_user(user: &str) -> Rejection {
    let user = user.to_owned();
    Rejection::NoSuchUser { user }
}

#[test]
fn a_user_is_given_roles() {
    each_realm(|w| {
        some(w)
            .when(w.assign("u", &["s", "r", "s"]))
            .then([w.assigned("u", "s"), w.assigned("u", "r")])
            .when(w.assign("u", &["r"]))
            .then_unchanged()
            .when(w.assign("u", &[]))
            .then_unchanged();
    });
}

#[test]
fn a_role_is_given_to_users() {
    each_realm(|w| {
        some(w)
            .when(w.assign_users("r", &["v"]))
            .then([w.assigned("v", "r")])
            .when(w.assign_users("r", &["u", "v", "u"]))
            .then([w.assigned("u", "r")])
            .when(w.assign("v", &["r"]))
            .then_unchanged();
    });
}

#[test]
fn if_one_does_not_exist_nothing_is_assigned() {
    each_realm(|w| {
        some(w)
            .when(w.assign("u", &["r", "?"]))
            .then_rejected(no_such_role("?"))
            .when(w.assign("?", &["r"]))
            .then_rejected(no_such_user("?"))
            .when(w.assign_users("r", &["u", "?"]))
            .then_rejected(no_such_user("?"))
            .when(w.assign_users("?", &["u"]))
            .then_rejected(no_such_role("?"))
            .when(w.unassign("?", &["r"]))
            .then_rejected(no_such_user("?"))
            .with_edges(0);
    });
}

#[test]
fn a_role_of_no_users_must_exist_too() {
    each_realm(|w| {
        some(w)
            .when(w.assign_users("?", &[]))
            .then_rejected(no_such_role("?"));
    });
}

#[test]
fn what_is_taken_names_the_entry_that_gave_it() {
    each_realm(|w| {
        let then = some(w)
            .when(w.assign("u", &["r", "s"]))
            .then_applied()
            .when(w.unassign("u", &["r"]));
        let [Fact::UserRoleUnassigned { assigned_at, .. }] = then.entry.settled.facts.as_slice()
        else {
            panic!("{then:?}")
        };
        assert_eq!(*assigned_at, TenantSeq(5));
        then.then([w.unassigned("u", "r")])
            .when(w.unassign("u", &["r"]))
            .then_unchanged()
            .with_edges(1);
    });
}

fn missing_role_taken(w: Words) -> Then {
    some(w)
        .when(w.assign("u", &["r"]))
        .then_applied()
        .when(w.unassign("u", &["?", "r"]))
}

#[test]
fn taking_a_role_that_does_not_exist_is_an_error_in_auth0_alone() {
    missing_role_taken(auth0())
        .then_rejected(no_such_role("?"))
        .with_edges(1);
    let w = native();
    missing_role_taken(w)
        .then([w.unassigned("u", "r")])
        .with_edges(0);
}
