use crate::testing::{Asked, Given, Happened, Words, auth0, batch, each_realm, given, id, native};
use crate::{
    Command, Counted, Decision, Judgement, Limited, Outcome, Partition, Placement, Position, Realm,
    Rejection, Seq, State, TenantSeq, decide, judge, policy,
};

fn too_many(what: Limited, limit: u32) -> Rejection {
    Rejection::TooMany { what, limit }
}

#[test]
fn the_limits_are_these() {
    use Limited::{
        ApiPermissions, Apis, Items, LinkedSubjects, RolePermissions, Roles, UserPermissions,
        UserRoles,
    };
    for (what, auth0, camunda, native, nestauth) in [
        (Apis, 100_000, 0, 1_000_000, 100),
        (ApiPermissions, 1_000, 0, 10_000, 1_000_000),
        (Roles, 1_000, 0, 1_000_000, 1_000_000),
        (RolePermissions, 1_000, 0, 10_000, 10_000),
        (UserPermissions, 1_000, 0, 100_000, 0),
        (UserRoles, 50, 0, 1_000, 1_000),
        (LinkedSubjects, 100, 100, 100, 100),
        (Items, 10_000, 10_000, 10_000, 10_000),
    ] {
        let limits = Realm::ALL.map(|realm| policy::of(realm).limit(what));
        assert_eq!(limits, [auth0, camunda, native, nestauth], "{what:?}");
    }
}

/// A user `u` who has so many roles, and more roles that it has not.
fn with_roles(w: Words, assigned: usize) -> Given {
    let ids: Vec<String> = (0..assigned).map(|n| format!("r{n}")).collect();
    let ids = || ids.iter().map(String::as_str);
    let made = ids()
        .chain(["s", "t"])
        .map(|id| w.role(id))
        .reduce(Happened::and);
    let given_to = ids().map(|id| w.assigned("u", id)).reduce(Happened::and);
    given(
        [w.user("u").and(w.user("v"))]
            .into_iter()
            .chain(made)
            .chain(given_to),
    )
}

#[test]
fn a_user_of_auth0_has_fifty_roles_at_most() {
    let w = auth0();
    let full = || too_many(Limited::UserRoles, 50);
    with_roles(w, 49)
        .when(w.assign("u", &["s", "t"]))
        .then_rejected(full())
        .when(w.assign("u", &["s"]))
        .then([w.assigned("u", "s")])
        .when(w.assign("u", &["t"]))
        .then_rejected(full())
        .when(w.assign_users("t", &["v", "u"]))
        .then_rejected(full())
        .when(w.assign("u", &["s", "r1"]))
        .then_unchanged()
        .when(w.assign_users("t", &["v"]))
        .then_applied();
}

#[test]
fn a_native_user_may_have_more() {
    let w = native();
    with_roles(w, 50)
        .when(w.assign("u", &["s", "t"]))
        .then_applied();
}

#[test]
fn a_role_that_is_taken_makes_room_at_once() {
    let w = auth0();
    with_roles(w, 50)
        .when(batch([w.unassign("u", &["r1"]), w.assign("u", &["s"])]))
        .then([w.unassigned("u", "r1"), w.assigned("u", "s")])
        .when(w.assign("u", &["t"]))
        .then_rejected(too_many(Limited::UserRoles, 50));
}

#[test]
fn a_role_that_ends_makes_room_for_the_next_command() {
    let w = auth0();
    let full = too_many(Limited::UserRoles, 50);
    with_roles(w, 50)
        .when(batch([w.delete_role("r1"), w.assign("u", &["s"])]))
        .then_rejected(Rejection::InBatch {
            index: 1,
            rejection: Box::new(full.clone()),
        })
        .when(w.delete_role("r1"))
        .then_applied()
        .when(w.assign("u", &["s"]))
        .then_applied()
        .when(w.assign("u", &["t"]))
        .then_rejected(full);
}

#[test]
fn a_tenant_of_auth0_has_a_thousand_roles_at_most() {
    let w = auth0();
    let roles = (0..1_000).map(|n| w.role(&format!("r{n}")));
    let full = || too_many(Limited::Roles, 1_000);
    given(roles.reduce(Happened::and))
        .when(w.create_role("s", "S"))
        .then_rejected(full())
        .when(native().create_role("s", "S"))
        .then_applied()
        .swept()
        .when(w.delete_role("r1"))
        .then_applied()
        .when(batch([w.create_role("s", "S"), w.create_role("t", "T")]))
        .then_rejected(Rejection::InBatch {
            index: 1,
            rejection: Box::new(full()),
        })
        .when(w.create_role("s", "S"))
        .then_applied()
        .when(w.create_role("t", "T"))
        .then_rejected(full())
        .when(batch([w.delete_role("s"), w.create_role("t", "T")]))
        .then_applied();
}

#[test]
fn an_api_of_auth0_has_a_thousand_permissions_at_most() {
    let names: Vec<String> = (0..1_001).map(|n| format!("p{n}")).collect();
    let list: Vec<(&str, Option<&str>)> = names.iter().map(|name| (name.as_str(), None)).collect();
    let full = || too_many(Limited::ApiPermissions, 1_000);
    let w = auth0();
    given([])
        .when(w.create_api_with(("1", "a"), &list))
        .then_rejected(full())
        .when(w.create_api_with(("1", "a"), &list[1..]))
        .then_applied()
        .when(w.replace("a", &list))
        .then_rejected(full())
        .when(w.replace("a", &list[..1_000]))
        .then_applied();
    given([native().bare_api("1", "a")])
        .when(native().replace("a", &list))
        .then_applied();
}

#[test]
fn a_role_and_a_user_of_auth0_hold_a_thousand_permissions_at_most() {
    let w = auth0();
    let names: Vec<String> = (0..999).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let held =
        |say: &dyn Fn(&str) -> Happened| names.iter().copied().map(say).reduce(Happened::and);
    let past = [
        w.api("a", &names),
        w.api("b", &["x", "y"]),
        w.role("r").and(w.user("u")),
    ];
    let past = past
        .into_iter()
        .chain(held(&|name| w.granted("r", "a", name)))
        .chain(held(&|name| w.user_granted("u", "a", name)));
    given(past)
        .when(w.grant("r", &[("b", "x"), ("b", "y")]))
        .then_rejected(too_many(Limited::RolePermissions, 1_000))
        .when(w.grant_user("u", &[("b", "x"), ("b", "y")]))
        .then_rejected(too_many(Limited::UserPermissions, 1_000))
        .when(batch([
            w.grant("r", &[("b", "x")]),
            w.grant_user("u", &[("b", "y")]),
        ]))
        .then_applied()
        .when(w.grant("r", &[("b", "y")]))
        .then_rejected(too_many(Limited::RolePermissions, 1_000))
        .when(w.grant_user("u", &[("b", "x")]))
        .then_rejected(too_many(Limited::UserPermissions, 1_000))
        .when(w.delete_api("b"))
        .then_applied()
        .when(batch([
            w.create_api_with(("B", "b"), &[("x", None), ("y", None)]),
            w.grant("r", &[("b", "y")]),
        ]))
        .then_applied();
}

/// What one command more comes to where the store counts so many.
fn counted(w: Words, command: Command, what: &Counted, count: u64) -> Outcome {
    let submission = Asked::new(command).id(id(1)).record().submission;
    let past = given([w.api("a", &["x"]), w.role("r"), w.user("u")]);
    let mut state = past.learned(&submission);
    let placement = Placement {
        position: Position {
            partition: Partition(0),
            seq: Seq(9),
        },
        tenant_seq: TenantSeq(9),
        time: chrono::DateTime::UNIX_EPOCH,
    };
    state.learn_count(what, count);
    match judge(&state, &submission, &placement) {
        Judgement::Settled(settled) => settled.outcome,
        other @ (Judgement::Need(_) | Judgement::Contradiction(_)) => panic!("{other:?}"),
    }
}

#[test]
fn one_more_than_the_limit_is_too_many() {
    each_realm(|w| {
        let (r, u) = ("r".to_owned(), "u".to_owned());
        for (what, counts, command) in [
            (Limited::Apis, Counted::Apis(w.0), w.create_api("2", "b")),
            (Limited::Roles, Counted::Roles(w.0), w.create_role("s", "S")),
            (
                Limited::RolePermissions,
                Counted::RolePermissions(w.0, r),
                w.grant("r", &[("a", "x")]),
            ),
            (
                Limited::UserPermissions,
                Counted::UserPermissions(w.0, u.clone()),
                w.grant_user("u", &[("a", "x")]),
            ),
            (
                Limited::UserRoles,
                Counted::UserRoles(w.0, u),
                w.assign("u", &["r"]),
            ),
        ] {
            let limit = policy::of(w.0).limit(what);
            let outcome = |count: u32| counted(w, command.clone(), &counts, count.into());
            assert_eq!(outcome(limit - 1), Outcome::Applied, "{what:?}");
            assert_eq!(
                outcome(limit),
                Outcome::Rejected(too_many(what, limit)),
                "{what:?}"
            );
        }
    });
}

#[test]
fn what_is_removed_first_makes_room_in_the_same_batch() {
    each_realm(|w| {
        for (what, counts, commands) in [
            (
                Limited::Apis,
                Counted::Apis(w.0),
                [w.delete_api("a"), w.create_api("2", "b")],
            ),
            (
                Limited::Roles,
                Counted::Roles(w.0),
                [w.delete_role("r"), w.create_role("s", "S")],
            ),
        ] {
            let limit = policy::of(w.0).limit(what);
            let outcome = counted(w, batch(commands), &counts, limit.into());
            assert_eq!(outcome, Outcome::Applied, "{what:?}");
        }
    });
}

#[test]
fn keys_of_nouns_run_out_before_they_repeat() {
    let last = TenantSeq(u64::MAX >> 21);
    let submission = Asked::new(auth0().create_role("r", "R"))
        .record()
        .submission;
    let state = State::genesis();
    for (at, is_made) in [(last, true), (TenantSeq(last.0 + 1), false)] {
        let decision = decide(&state, &submission, at);
        assert_eq!(matches!(decision, Decision::Applied(_)), is_made, "{at}");
    }
}
