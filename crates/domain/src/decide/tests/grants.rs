use crate::testing::{Given, Words, batch, each_realm, given};
use crate::{Fact, Rejection, TenantSeq};

/// A role and a user who hold nothing; entries 1 to 4.
fn some(w: Words) -> Given {
    given([
        w.api("a", &["x", "y"]),
        w.api("b", &["x"]),
        w.role("r"),
        w.user("u"),
    ])
}

fn no_such_api(api: &str) -> Rejection {
    let api = api.to_owned();
    Rejection::NoSuchApi { api }
}

fn no_such_permission(api: &str, name: &str) -> Rejection {
    let (api, name) = (api.to_owned(), name.to_owned());
    Rejection::NoSuchPermission { api, name }
}

#[test]
fn permissions_are_granted_in_the_order_asked() {
    each_realm(|w| {
        let asked = [("b", "x"), ("a", "y"), ("a", "x")];
        some(w)
            .when(w.grant("r", &asked))
            .then(asked.map(|(api, name)| w.granted("r", api, name)))
            .when(w.grant_user("u", &asked))
            .then(asked.map(|(api, name)| w.user_granted("u", api, name)))
            .with_edges(6);
    });
}

#[test]
fn what_is_held_or_named_twice_is_granted_once() {
    each_realm(|w| {
        let asked = [("a", "x"), ("a", "y"), ("a", "y")];
        some(w)
            .when(w.grant("r", &[("a", "x")]))
            .then_applied()
            .when(w.grant("r", &asked))
            .then([w.granted("r", "a", "y")])
            .when(w.grant("r", &asked))
            .then_unchanged()
            .when(w.grant_user("u", &[("a", "x")]))
            .then_applied()
            .when(w.grant_user("u", &asked))
            .then([w.user_granted("u", "a", "y")])
            .when(w.grant_user("u", &asked))
            .then_unchanged();
    });
}

#[test]
fn a_grant_of_nothing_changes_nothing() {
    each_realm(|w| {
        some(w)
            .when(w.grant("r", &[]))
            .then_unchanged()
            .when(w.grant_user("u", &[]))
            .then_unchanged();
    });
}

#[test]
fn if_one_permission_does_not_exist_none_is_granted() {
    each_realm(|w| {
        for (asked, rejection) in [
            ([("a", "x"), ("a", "z")], no_such_permission("a", "z")),
            ([("a", "x"), ("c", "x")], no_such_api("c")),
            // The id of an API is not its name in a permission.
            ([("a", "x"), ("A", "x")], no_such_api("A")),
        ] {
            some(w)
                .when(w.grant("r", &asked))
                .then_rejected(rejection.clone())
                .when(w.grant_user("u", &asked))
                .then_rejected(rejection)
                .with_edges(0);
        }
    });
}

#[test]
fn nothing_is_granted_to_or_taken_from_who_does_not_exist() {
    each_realm(|w| {
        let no_role = || Rejection::NoSuchRole {
            role: "?".to_owned(),
        };
        let no_user = || Rejection::NoSuchUser {
            user: "?".to_owned(),
        };
        some(w)
            .when(w.grant("?", &[("a", "x")]))
            .then_rejected(no_role())
            .when(w.revoke("?", &[("a", "x")]))
            .then_rejected(no_role())
            .when(w.grant_user("?", &[("a", "x")]))
            .then_rejected(no_user())
            .when(w.revoke_user("?", &[("a", "x")]))
            .then_rejected(no_user());
    });
}

#[test]
fn what_is_revoked_names_the_entry_that_granted_it() {
    each_realm(|w| {
        let then = some(w)
            .when(w.grant("r", &[("a", "x")]))
            .then_applied()
            .when(w.grant("r", &[("a", "x"), ("a", "y")]))
            .then_applied()
            .when(w.revoke("r", &[("a", "y"), ("a", "x")]));
        let mut at = Vec::new();
        for fact in &then.entry.settled.facts {
            if let Fact::RolePermissionRevoked { granted_at, .. } = fact {
                at.push(*granted_at);
            }
        }
        assert_eq!(at, [TenantSeq(6), TenantSeq(5)]);
        then.then([w.revoked("r", "a", "y"), w.revoked("r", "a", "x")])
            .with_edges(0);
    });
}

#[test]
fn revoking_what_is_not_held_or_does_not_exist_is_no_error() {
    each_realm(|w| {
        let asked = [("a", "y"), ("a", "z"), ("c", "x"), ("A", "x")];
        some(w)
            .when(w.revoke("r", &asked))
            .then_unchanged()
            .when(w.revoke_user("u", &asked))
            .then_unchanged();
    });
}

#[test]
fn revoking_twice_changes_nothing() {
    each_realm(|w| {
        let asked = [("a", "x"), ("a", "x")];
        some(w)
            .when(w.grant("r", &[("a", "x")]))
            .then_applied()
            .when(w.revoke("r", &asked))
            .then([w.revoked("r", "a", "x")])
            .when(w.revoke("r", &asked))
            .then_unchanged()
            .when(w.grant_user("u", &[("a", "x")]))
            .then_applied()
            .when(w.revoke_user("u", &asked))
            .then([w.user_revoked("u", "a", "x")])
            .when(w.revoke_user("u", &asked))
            .then_unchanged();
    });
}

#[test]
fn what_a_user_holds_directly_and_by_a_role_are_apart() {
    each_realm(|w| {
        some(w)
            .when(w.grant("r", &[("a", "x")]))
            .then_applied()
            .when(w.assign("u", &["r"]))
            .then_applied()
            .when(w.revoke_user("u", &[("a", "x")]))
            .then_unchanged()
            .when(w.grant_user("u", &[("a", "x")]))
            .then([w.user_granted("u", "a", "x")])
            .when(w.revoke("r", &[("a", "x")]))
            .then([w.revoked("r", "a", "x")])
            .with_edges(2);
    });
}

#[test]
fn what_was_granted_in_a_batch_is_revoked_as_of_that_entry() {
    each_realm(|w| {
        let then = some(w).when(batch([
            w.grant_user("u", &[("a", "x")]),
            w.revoke_user("u", &[("a", "x")]),
        ]));
        let Some(Fact::UserPermissionRevoked { granted_at, .. }) = then.entry.settled.facts.last()
        else {
            panic!("{then:?}")
        };
        assert_eq!(*granted_at, TenantSeq(5));
        then.then([w.user_granted("u", "a", "x"), w.user_revoked("u", "a", "x")])
            .with_edges(0);
    });
}
