//! Camunda's rules, each in the words of its specification.

use crate::policy::camunda::ALL;
use crate::testing::words::camunda::{
    add_member, by, configure, create, create_group, create_user, delete, delete_group,
    delete_user, grant, noun, remove_member, set_password, terms, update,
};
use crate::testing::{Given, batch, given};
use crate::{
    AuthorizationKind, AuthorizationProblem, AuthorizationTerms, Command, Denial, Fact, Holder,
    NounKind, Rejection, RevokeMode, TenantSeq, TextProblem, concerns, malformed,
};

/// Given that these commands were decided, each with effect.
fn after(commands: impl IntoIterator<Item = Command>) -> Given {
    commands.into_iter().fold(given([]), |given, command| {
        given.when(command).then_applied()
    })
}

fn lacks(user: &str, permission: &str, resource_type: i32, id: Option<&str>) -> Denial {
    Denial::MissingPermission {
        user: user.to_owned(),
        permission: permission.to_owned(),
        resource_type,
        resource_id: id.map(str::to_owned),
    }
}

fn bad(problem: AuthorizationProblem) -> Rejection {
    Rejection::BadAuthorization { problem }
}

fn no_such(id: &str) -> Rejection {
    let authorization = id.to_owned();
    Rejection::NoSuchAuthorization { authorization }
}

fn exists(id: &str) -> Rejection {
    let authorization = id.to_owned();
    Rejection::AuthorizationExists { authorization }
}

/// The kinds of the facts that a command led to, and what is so then.
fn kinds(given: Given, command: Command) -> (Vec<&'static str>, Given) {
    let then = given.when(command);
    let kinds = then.entry.settled.facts.iter().map(Fact::kind).collect();
    (kinds, then.then_applied())
}

const U: (Option<&str>, Option<&str>) = (Some("u"), None);
const ON: (Option<i32>, Option<&str>) = (Some(1), Some("*"));

#[test]
fn what_is_no_authorization_is_refused_in_the_order_of_the_engine() {
    use AuthorizationProblem as P;
    let unknown = |permission: &str, resource_type| P::UnknownPermission {
        permission: permission.to_owned(),
        resource_type,
    };
    let elsewhere = |permission: &str, resource_type| P::PermissionElsewhere {
        permission: permission.to_owned(),
        resource_type,
    };
    let (on, both) = ((1, Some("*")), (Some("u"), Some("g")));
    let user = P::UserOfGlobal {
        user: "u".to_owned(),
    };
    let cases = [
        (
            create("z", 5, both, on, &["odd"]),
            P::UnknownKind { kind: 5 },
        ),
        (create("z", -1, U, on, &[]), P::UnknownKind { kind: -1 }),
        (create("z", 0, both, on, &["odd"]), P::GroupOfGlobal),
        (create("z", 0, U, on, &["odd"]), user),
        (
            create("z", 1, both, on, &["odd", "even"]),
            unknown("odd", 1),
        ),
        (create("z", 1, U, on, &["read"]), unknown("read", 1)),
        (create("z", 1, both, on, &["ACCESS"]), P::NotOneHolder),
        (create("z", 0, (None, None), on, &["READ"]), P::NotOneHolder),
        (
            create("z", 1, U, on, &["READ", "ACCESS"]),
            elsewhere("ACCESS", 1),
        ),
        (
            create("z", 1, U, (7, None), &["READ_INSTANCE"]),
            unknown("READ_INSTANCE", 7),
        ),
        (
            create("z", 1, U, (9_999, None), &["READ"]),
            elsewhere("READ", 9_999),
        ),
        (
            create("z", 1, U, (9_999, None), &["NONE"]),
            elsewhere("NONE", 9_999),
        ),
    ];
    for (command, problem) in cases {
        assert_eq!(malformed(&command), Some(bad(problem.clone())));
        given([]).when(command).then_rejected(bad(problem));
    }
}

#[test]
fn an_authorization_needs_a_resource_type_and_permissions() {
    use AuthorizationProblem as P;
    let bare = |resource_type, permissions: Option<Vec<String>>| Command::CreateAuthorization {
        by: None,
        id: "z".to_owned(),
        kind: 1,
        user: None,
        group: None,
        resource_type,
        resource_id: None,
        permissions,
    };
    given([])
        .when(bare(None, None))
        .then_rejected(bad(P::NoResourceType))
        .when(bare(Some(1), None))
        .then_rejected(bad(P::NoPermissions));
}

#[test]
fn bits_are_set_by_a_grant_and_cleared_by_a_revoke() {
    let cases: [(i32, &[&str], u32); 9] = [
        (0, &[], 0),
        (0, &["READ"], 2),
        (1, &["READ", "UPDATE"], 6),
        (1, &["NONE"], 0),
        (1, &["READ", "ALL"], ALL),
        (2, &[], ALL),
        (2, &["NONE"], ALL),
        (2, &["READ"], ALL & !2),
        (2, &["ALL"], 0),
    ];
    for (kind, names, bits) in cases {
        let then = given([]).when(create("z", kind, (Some("*"), None), (1, None), names));
        let [Fact::AuthorizationCreated { authorization, .. }] = &then.entry.settled.facts[..]
        else {
            panic!("{:?}", then.entry.settled);
        };
        assert_eq!(
            authorization.terms,
            terms(Holder::user("*"), (1, None), bits)
        );
    }
}

#[test]
fn there_is_one_of_a_kind_for_a_holder_on_a_resource() {
    let on = (1, Some("x"));
    after([grant("z1", "u", (1, "x"), &["READ"])])
        .when(grant("z2", "u", (1, "x"), &["UPDATE"]))
        .then_rejected(exists("z1"))
        .when(create("z2", 2, U, on, &["READ"]))
        .then_applied()
        .when(create("z3", 1, (None, Some("u")), on, &["READ"]))
        .then_applied()
        .when(grant("z4", "v", (1, "x"), &["READ"]))
        .then_applied()
        .when(update("z4", U, (Some(1), Some("x")), None))
        .then_rejected(exists("z1"))
        .when(grant("z4", "w", (1, "x"), &["READ"]))
        .then_rejected(exists("z4"));
}

#[test]
fn on_no_resource_there_may_be_any_number() {
    let none = (1, None);
    after([
        create("z1", 1, U, none, &["READ"]),
        create("z2", 1, U, none, &["READ"]),
    ])
    .when(update("z2", U, (Some(1), None), Some(&["UPDATE"])))
    .then_applied();
}

#[test]
fn ids_of_digits_are_the_ledgers_own() {
    let id = "12".to_owned();
    let rejection = Rejection::InvalidId {
        kind: NounKind::Authorization,
        id,
    };
    given([])
        .when(create("12", 1, U, (1, None), &[]))
        .then_rejected(rejection);
}

fn change_of(given: Given, command: Command) -> (AuthorizationTerms, AuthorizationTerms) {
    let then = given.when(command);
    match &then.entry.settled.facts[..] {
        [Fact::AuthorizationChanged { before, after, .. }] => (before.clone(), after.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_update_always_replaces_holder_and_resource_id() {
    let (before, now) = change_of(
        after([grant("z", "u", (1, "x"), &["READ"])]),
        update("z", (None, Some("g")), (None, None), None),
    );
    assert_eq!(before, terms(Holder::user("u"), (1, Some("x")), 2));
    assert_eq!(now, terms(Holder::group("g"), (1, None), 2));
}

#[test]
fn an_update_keeps_type_and_bits_that_it_does_not_say() {
    let cases = [
        (Some(2), None, (2, 2)),
        (Some(1), Some(&["UPDATE"][..]), (1, 4)),
        (Some(9_999), None, (9_999, 2)),
        (Some(9_999), Some(&[][..]), (9_999, 0)),
    ];
    for (number, permissions, (after_number, bits)) in cases {
        let (_, now) = change_of(
            after([grant("z", "u", (1, "x"), &["READ"])]),
            update("z", U, (number, Some("x")), permissions),
        );
        assert_eq!(
            now,
            terms(Holder::user("u"), (after_number, Some("x")), bits)
        );
    }
}

#[test]
fn an_update_of_a_revoke_clears_bits_anew() {
    let (before, now) = change_of(
        after([create("z", 2, U, (1, Some("x")), &["READ"])]),
        update("z", U, (Some(1), Some("x")), Some(&["UPDATE"])),
    );
    assert_eq!((before.permissions, now.permissions), (ALL & !2, ALL & !4));
}

#[test]
fn an_update_that_changes_nothing_is_unchanged() {
    after([grant("z", "u", (1, "x"), &["READ"])])
        .when(update("z", U, (None, Some("x")), None))
        .then_unchanged()
        .when(update("z", U, (Some(1), Some("x")), Some(&["READ"])))
        .then_unchanged();
}

#[test]
fn an_update_is_refused_in_the_order_of_the_engine() {
    use AuthorizationProblem as P;
    let global = create("z0", 0, (Some("*"), None), (1, Some("*")), &["READ"]);
    let user = P::UserOfGlobal {
        user: "u".to_owned(),
    };
    let unknown = P::UnknownPermission {
        permission: "TASK_WORK".to_owned(),
        resource_type: 8,
    };
    let elsewhere = P::PermissionElsewhere {
        permission: "ACCESS".to_owned(),
        resource_type: 1,
    };
    let nobody = (None, None);
    after([global, grant("z1", "u", (8, "x"), &["READ"])])
        .when(update("z9", nobody, (None, None), Some(&["odd"])))
        .then_rejected(no_such("z9"))
        .when(update(
            "z0",
            (None, Some("g")),
            (None, None),
            Some(&["odd"]),
        ))
        .then_rejected(bad(P::GroupOfGlobal))
        .when(update("z0", U, (None, None), Some(&["odd"])))
        .then_rejected(bad(user))
        .when(update("z1", nobody, (None, None), Some(&["odd"])))
        .then_rejected(bad(P::NoResourceType))
        .when(update("z1", nobody, (Some(8), None), Some(&["TASK_WORK"])))
        .then_rejected(bad(unknown))
        .when(update("z1", nobody, (Some(1), None), Some(&["ACCESS"])))
        .then_rejected(bad(P::NotOneHolder))
        .when(update("z1", U, (Some(1), None), Some(&["ACCESS"])))
        .then_rejected(bad(elsewhere));
}

#[test]
fn names_that_the_engine_has_no_room_for_are_refused_last() {
    let long = "x".repeat(256);
    let too_long = |field: &str, limit_bytes| Rejection::BadText {
        field: field.to_owned(),
        problem: TextProblem::TooLong { limit_bytes },
    };
    given([])
        .when(create("z", 1, (Some(&long), None), (1, None), &["READ"]))
        .then_rejected(too_long("user", 255))
        .when(create("z", 1, U, (1, Some(&long)), &["READ"]))
        .then_rejected(too_long("resource_id", 255))
        .when(create(&long, 1, U, (1, None), &["READ"]))
        .then_rejected(too_long("id", 64));
}

#[test]
fn who_may_not_read_learns_of_no_authorization() {
    let read = [grant("r", "ann", (4, "*"), &["READ"])];
    let some = grant("z", "u", (1, "x"), &["READ"]);
    let ask = || update("z", U, ON, None);
    after([some.clone()])
        .when(by("ann", ask()))
        .then_denied(lacks("ann", "READ", 4, Some("z")))
        .when(by("ann", delete("z")))
        .then_denied(lacks("ann", "READ", 4, Some("z")))
        .when(by("ann", delete("unknown")))
        .then_rejected(no_such("unknown"));
    let may_read = after(read.into_iter().chain([some]));
    may_read
        .when(by("ann", ask()))
        .then_denied(lacks("ann", "UPDATE", 4, Some("z")))
        .when(by("ann", delete("z")))
        .then_denied(lacks("ann", "DELETE", 4, Some("z")))
        .when(grant("one", "ann", (4, "z"), &["UPDATE", "DELETE"]))
        .then_applied()
        .when(by("ann", ask()))
        .then_applied()
        .when(by("ann", delete("z")))
        .then_applied();
}

#[test]
fn what_is_wrong_with_an_update_comes_between_reading_and_updating() {
    let read = grant("r", "ann", (4, "*"), &["READ"]);
    after([read, grant("z", "u", (1, "x"), &["READ"])])
        .when(by("ann", update("z", (None, None), ON, None)))
        .then_rejected(bad(AuthorizationProblem::NotOneHolder));
}

#[test]
fn who_may_not_create_is_told_before_anything_else() {
    let one = grant("one", "ann", (4, "z"), &["ALL"]);
    after([one])
        .when(by("ann", create("z", 5, U, (1, None), &["odd"])))
        .then_denied(lacks("ann", "CREATE", 4, None))
        .when(grant("all", "ann", (4, "*"), &["CREATE"]))
        .then_applied()
        .when(by("ann", grant("z", "ann", (4, "*"), &[])))
        .then_rejected(exists("all"))
        .when(by("ann", create("z", 1, U, (1, None), &["READ"])))
        .then_applied();
}

#[test]
fn rights_come_by_membership_and_end_with_it() {
    after([
        create_user("ann"),
        create_group("g"),
        create("all", 1, (None, Some("g")), (4, Some("*")), &["ALL"]),
    ])
    .when(by("ann", grant("z1", "u", (1, "x"), &[])))
    .then_denied(lacks("ann", "CREATE", 4, None))
    .when(add_member("g", "ann"))
    .then_applied()
    .when(by("ann", grant("z1", "u", (1, "x"), &[])))
    .then_applied()
    .when(remove_member("g", "ann"))
    .then_applied()
    .when(by("ann", grant("z2", "u", (1, "y"), &[])))
    .then_denied(lacks("ann", "CREATE", 4, None))
    .when(add_member("g", "ann"))
    .then_applied()
    .when(delete_group("g"))
    .then_applied()
    .when(create_group("g"))
    .then_applied()
    .when(by("ann", grant("z2", "u", (1, "y"), &[])))
    .then_denied(lacks("ann", "CREATE", 4, None));
}

#[test]
fn a_grant_to_everybody_shows_and_allows_nothing_else() {
    let to_all = |id| grant(id, "*", (4, "*"), &["ALL"]);
    after([to_all("all"), grant("z", "u", (1, "x"), &[])])
        // Shown while no revoke counts, so that what is missing is told.
        .when(by("ann", delete("z")))
        .then_denied(lacks("ann", "DELETE", 4, Some("z")))
        .when(create("no", 2, (Some("ann"), None), (7, Some("q")), &[]))
        .then_applied()
        .when(by("ann", delete("z")))
        .then_denied(lacks("ann", "READ", 4, Some("z")));
}

#[test]
fn rights_in_one_batch_see_what_came_before_in_it() {
    let may = grant("may", "ann", (4, "*"), &["ALL"]);
    given([])
        .when(batch([may, by("ann", grant("z", "u", (1, "x"), &[]))]))
        .then_applied();
}

#[test]
fn revokes_count_as_the_mode_says() {
    let past = [
        create("g", 0, (Some("*"), None), (4, Some("*")), &["ALL"]),
        create("no", 2, (Some("ann"), None), (4, Some("z")), &["DELETE"]),
        grant("z", "u", (1, "x"), &[]),
        grant("y", "u", (1, "y"), &[]),
    ];
    let denied = || lacks("ann", "DELETE", 4, Some("z"));
    after(past)
        .when(by("ann", delete("z")))
        .then_denied(denied())
        .when(configure(RevokeMode::Always))
        .then_applied()
        .when(by("ann", delete("z")))
        .then_denied(denied())
        .when(configure(RevokeMode::Never))
        .then_applied()
        .when(by("ann", delete("z")))
        .then_applied();
}

#[test]
fn in_mode_auto_the_last_revoke_takes_the_others_along() {
    let global = |id, names: &[&str]| create(id, 0, (Some("*"), None), (4, Some("*")), names);
    let of_one = create("none", 0, (Some("*"), None), (4, Some("z")), &[]);
    // A global row without the bit denies while there is any revoke, on whatever.
    let elsewhere = create("no", 2, (Some("ann"), None), (7, Some("q")), &["READ"]);
    let z = grant("z", "u", (1, "x"), &[]);
    after([global("g", &["ALL"]), of_one, elsewhere, z])
        .when(by("ann", delete("z")))
        .then_denied(lacks("ann", "READ", 4, Some("z")))
        .when(update("no", (Some("bob"), None), (None, Some("q")), None))
        .then_applied()
        .when(by("bob", delete("z")))
        .then_denied(lacks("bob", "READ", 4, Some("z")))
        .when(delete("no"))
        .then_applied()
        .when(by("bob", delete("z")))
        .then_applied();
}

#[test]
fn the_mode_is_set_once() {
    given([])
        .when(configure(RevokeMode::Auto))
        .then_unchanged()
        .when(configure(RevokeMode::Never))
        .then_applied()
        .when(configure(RevokeMode::Never))
        .then_unchanged();
}

#[test]
fn a_user_has_every_right_on_itself_and_a_group_sees_itself() {
    let (facts, given) = kinds(given([]), create_user("ann"));
    assert_eq!(facts, ["UserRegistered", "AuthorizationCreated"]);
    let (facts, given) = kinds(given, create_group("g"));
    assert_eq!(facts, ["GroupCreated", "AuthorizationCreated"]);
    // The second noun of the first entry has the default row's id.
    given
        .when(update(
            &((1 << 20) + 1).to_string(),
            (Some("ann"), None),
            (Some(1), Some("ann")),
            Some(&["ALL"]),
        ))
        .then_unchanged()
        .when(by("ann", delete_user("ann")))
        .then_applied();
}

#[test]
fn users_and_groups_have_plain_ids_and_are_there_once() {
    let odd = |kind, id: &str| Rejection::InvalidId {
        kind,
        id: id.to_owned(),
    };
    let (user, group) = ("ann".to_owned(), "g".to_owned());
    given([])
        .when(by("ann", create_user("a-b")))
        .then_rejected(odd(NounKind::User, "a-b"))
        .when(create_group(""))
        .then_rejected(odd(NounKind::Group, ""))
        .when(create_group("camunda-admin"))
        .then_applied()
        .when(create_user("ann"))
        .then_applied()
        .when(create_user("ann"))
        .then_rejected(Rejection::UserExists { user })
        .when(create_group("g"))
        .then_applied()
        .when(create_group("g"))
        .then_rejected(Rejection::GroupExists { group });
}

#[test]
fn a_user_cannot_be_made_where_its_own_right_was_given_before() {
    after([grant("z", "ann", (1, "ann"), &["READ"])])
        .when(create_user("ann"))
        .then_rejected(exists("z"));
}

#[test]
fn removing_a_user_removes_what_is_on_it_and_keeps_what_it_holds() {
    let past = after([
        create_user("ann"),
        create_group("g"),
        add_member("g", "ann"),
        grant("on", "bob", (1, "ann"), &["READ"]),
        grant("held", "ann", (4, "*"), &["ALL"]),
        grant("other", "bob", (1, "*"), &["READ"]),
    ])
    .with_edges(1);
    let (facts, given) = kinds(past, delete_user("ann"));
    let deleted = "AuthorizationDeleted";
    assert_eq!(facts, [deleted, deleted, "UserDeleted"]);
    given
        .with_edges(0)
        .when(delete("on"))
        .then_rejected(no_such("on"))
        // Whoever bears the id again has what was held.
        .when(create_user("ann"))
        .then_applied()
        .when(by("ann", delete("held")))
        .then_applied()
        .when(delete_user("nobody"))
        .then_unchanged();
}

#[test]
fn removing_a_group_removes_what_is_on_it_and_keeps_what_is_on_its_members() {
    let past = after([
        create_group("g"),
        grant("on", "bob", (2, "g"), &["READ"]),
        grant("members", "bob", (3, "g"), &["CREATE"]),
        create("held", 1, (None, Some("g")), (1, Some("*")), &["READ"]),
    ]);
    let (facts, given) = kinds(past, delete_group("g"));
    let deleted = "AuthorizationDeleted";
    assert_eq!(facts, [deleted, deleted, "GroupDeleted"]);
    given
        .when(delete("members"))
        .then_applied()
        .when(delete("held"))
        .then_applied()
        .when(delete_group("g"))
        .then_unchanged();
}

#[test]
fn removing_an_authorization_removes_those_on_it_but_no_further() {
    let past = after([
        grant("z", "u", (1, "x"), &[]),
        grant("on", "u", (4, "z"), &["READ"]),
        grant("further", "u", (4, "on"), &["READ"]),
        grant("self", "u", (4, "self"), &["READ"]),
    ]);
    let (facts, given) = kinds(past, delete("z"));
    assert_eq!(facts.len(), 2);
    given
        .when(delete("further"))
        .then_applied()
        .when(delete("self"))
        .then_applied();
}

#[test]
fn the_rights_of_a_user_by_name_end_with_its_membership() {
    after([
        create_user("ann"),
        create_group("g"),
        add_member("g", "ann"),
        grant("hers", "ann", (3, "g"), &["CREATE"]),
        grant("his", "bob", (3, "g"), &["CREATE"]),
    ])
    .when(remove_member("g", "ann"))
    .then_applied()
    .when(delete("hers"))
    .then_rejected(no_such("hers"))
    .when(delete("his"))
    .then_applied()
    .when(remove_member("g", "ann"))
    .then_unchanged()
    .when(remove_member("nowhere", "nobody"))
    .then_unchanged();
}

#[test]
fn a_member_must_be_there_and_not_be_one_yet() {
    let (group, user) = ("g".to_owned(), "ann".to_owned());
    let twice = Rejection::MemberExists {
        group: group.clone(),
        user: user.clone(),
    };
    given([])
        .when(add_member("g", "ann"))
        .then_rejected(Rejection::NoSuchUser { user })
        .when(create_user("ann"))
        .then_applied()
        .when(add_member("g", "ann"))
        .then_rejected(Rejection::NoSuchGroup { group })
        .when(create_group("g"))
        .then_applied()
        .when(add_member("g", "ann"))
        .then_applied()
        .when(add_member("g", "ann"))
        .then_rejected(twice);
}

#[test]
fn people_are_managed_by_those_who_have_the_right() {
    let all = |id, number| grant(id, "boss", (number, "*"), &["ALL"]);
    let past = after([all("u", 1), all("g", 2), all("m", 3), create_user("ann")]);
    past.when(by("ann", create_user("bob")))
        .then_denied(lacks("ann", "CREATE", 1, None))
        .when(by("boss", create_user("bob")))
        .then_applied()
        .when(by("ann", delete_user("bob")))
        .then_denied(lacks("ann", "DELETE", 1, Some("bob")))
        .when(by("ann", create_group("g")))
        .then_denied(lacks("ann", "CREATE", 2, None))
        .when(by("boss", create_group("g")))
        .then_applied()
        .when(by("ann", add_member("g", "bob")))
        .then_denied(lacks("ann", "CREATE", 3, Some("g")))
        .when(grant("some", "ann", (3, "g"), &["CREATE"]))
        .then_applied()
        .when(by("ann", add_member("g", "bob")))
        .then_denied(lacks("ann", "READ", 1, Some("bob")))
        .when(by("boss", add_member("g", "bob")))
        .then_applied()
        .when(by("ann", remove_member("g", "bob")))
        .then_denied(lacks("ann", "DELETE", 3, Some("g")))
        .when(by("ann", delete_group("g")))
        .then_denied(lacks("ann", "DELETE", 2, Some("g")))
        .when(by("ann", set_password("bob", "h")))
        .then_denied(lacks("ann", "READ", 1, Some("bob")))
        .when(by("boss", delete_group("g")))
        .then_applied();
}

#[test]
fn a_password_names_the_entry_that_had_set_the_one_before() {
    let then =
        after([create_user("ann"), set_password("ann", "h1")]).when(set_password("ann", "h2"));
    let [Fact::UserPasswordSet { before_set_at, .. }] = &then.entry.settled.facts[..] else {
        panic!("{:?}", then.entry.settled);
    };
    assert_eq!(*before_set_at, Some(TenantSeq(2)));
    then.then_applied()
        .when(set_password("ann", "h2"))
        .then_unchanged();
}

#[test]
fn an_entry_concerns_the_authorization_and_whose_it_was_and_is() {
    let given = after([grant("z", "u", (1, "x"), &["READ"])]);
    let command = update("z", (None, Some("g")), (None, Some("x")), None);
    let then = given.when(command.clone());
    let concerned = concerns(&command, &then.entry.settled.facts);
    assert_eq!(
        concerned.into_iter().collect::<Vec<_>>(),
        [
            (noun(NounKind::User, "u"), false),
            (noun(NounKind::Group, "g"), false),
            (noun(NounKind::Authorization, "z"), true),
        ]
    );
}

#[test]
fn the_admin_has_the_rights_of_its_group_and_no_others() {
    let install = || Command::InstallCamundaAdmin {
        user: "admin".to_owned(),
        password_hash: "h".to_owned(),
    };
    let (facts, given) = kinds(given([]), install());
    let rows = facts.iter().filter(|kind| **kind == "AuthorizationCreated");
    assert_eq!((rows.count(), facts.len()), (22, 26));
    given
        .when(install())
        .then_unchanged()
        .when(by("admin", grant("z", "u", (4, "*"), &["ALL"])))
        .then_applied()
        .when(by("admin", remove_member("camunda-admin", "admin")))
        .then_applied()
        .when(by("admin", delete("z")))
        .then_denied(lacks("admin", "READ", 4, Some("z")));
}

#[test]
fn only_the_kind_of_an_authorization_never_changes() {
    let then = after([create("z", 2, U, (1, Some("x")), &["READ"])]).when(update(
        "z",
        U,
        (Some(2), Some("y")),
        Some(&["ALL"]),
    ));
    let [Fact::AuthorizationChanged { kind, .. }] = &then.entry.settled.facts[..] else {
        panic!("{:?}", then.entry.settled);
    };
    assert_eq!(*kind, AuthorizationKind::Revoke);
}
