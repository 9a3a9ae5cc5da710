use crate::testing::{auth0, batch, each_realm, given, native};
use crate::{Fact, Rejection};

#[test]
fn what_is_new_is_defined_behind_the_rest() {
    each_realm(|w| {
        given([w.api("a", &["x"])])
            .when(w.replace("a", &[("x", None), ("y", Some("d"))]))
            .then([w.defined("a", ("y", Some("d")), 1)]);
    });
}

#[test]
fn the_same_list_again_changes_nothing() {
    each_realm(|w| {
        given([w.api("a", &["x", "y"])])
            .when(w.replace("a", &[("x", None), ("y", None)]))
            .then_unchanged();
    });
}

#[test]
fn the_list_of_an_api_is_found_by_its_id_too() {
    each_realm(|w| {
        given([w.api("a", &["x"])])
            .when(w.replace("A", &[]))
            .then([w.removed("a", "x")]);
    });
}

#[test]
fn no_description_and_an_empty_one_differ() {
    each_realm(|w| {
        given([w.api("a", &["x"])])
            .when(w.replace("a", &[("x", Some(""))]))
            .then([w.described(("a", "x"), None, Some(""))])
            .when(w.replace("a", &[("x", Some("d"))]))
            .then([w.described(("a", "x"), Some(""), Some("d"))])
            .when(w.replace("a", &[("x", None)]))
            .then([w.described(("a", "x"), Some("d"), None)]);
    });
}

#[test]
fn what_the_list_lacks_is_removed_and_the_rest_stays_where_it_is() {
    each_realm(|w| {
        given([w.api("a", &["z", "x", "y"])])
            .when(w.replace("a", &[("y", None)]))
            .then([w.removed("a", "x"), w.removed("a", "z")])
            .when(w.replace("a", &[("y", None), ("x", None)]))
            .then([w.defined("a", ("x", None), 3)]);
    });
}

#[test]
fn the_order_is_the_one_sent() {
    each_realm(|w| {
        given([w.api("a", &["x", "y"])])
            .when(w.replace("a", &[("y", None), ("x", None)]))
            .then([w.reordered("a", &["x", "y"], &["y", "x"])])
            .when(w.replace("a", &[("y", None), ("x", None)]))
            .then_unchanged()
            .when(w.replace("a", &[("z", None), ("y", None), ("x", None)]))
            .then([
                w.defined("a", ("z", None), 2),
                w.reordered("a", &["y", "x", "z"], &["z", "y", "x"]),
            ])
            .when(w.replace("a", &[("z", None), ("x", None)]))
            .then([w.removed("a", "y")]);
    });
}

#[test]
fn one_list_removes_then_describes_and_defines_then_reorders() {
    each_realm(|w| {
        given([w.api("a", &["x", "y", "z"])])
            .when(w.replace("a", &[("new", None), ("z", None), ("y", Some("d"))]))
            .then([
                w.removed("a", "x"),
                w.defined("a", ("new", None), 3),
                w.described(("a", "y"), None, Some("d")),
                w.reordered("a", &["y", "z", "new"], &["new", "z", "y"]),
            ]);
    });
}

#[test]
fn a_list_is_declared_once() {
    each_realm(|w| {
        given([w.bare_api("1", "a")])
            .when(w.replace("a", &[]))
            .then([w.declared("a")])
            .when(w.replace("a", &[]))
            .then_unchanged();
        given([w.bare_api("1", "a")])
            .when(w.replace("a", &[("x", None)]))
            .then([w.declared("a"), w.defined("a", ("x", None), 0)]);
    });
}

#[test]
fn a_list_names_a_permission_once() {
    each_realm(|w| {
        let twice = || Rejection::PermissionTwice {
            name: "x".to_owned(),
        };
        let list = [("x", None), ("y", None), ("x", Some("d"))];
        given([w.api("a", &["y"])])
            .when(w.replace("a", &list))
            .then_rejected(twice())
            .when(w.create_api_with(("2", "b"), &list))
            .then_rejected(twice());
    });
}

#[test]
fn auth0_reserves_the_names_of_openid_and_native_none() {
    for name in [
        "address",
        "created_at",
        "email",
        "email_verified",
        "family_name",
        "given_name",
        "identities",
        "name",
        "nickname",
        "offline_access",
        "openid",
        "phone",
        "picture",
        "profile",
    ] {
        let list = [("x", None), (name, None)];
        let reserved = Rejection::PermissionReserved {
            name: name.to_owned(),
        };
        let w = auth0();
        given([w.api("a", &[])])
            .when(w.replace("a", &list))
            .then_rejected(reserved.clone())
            .when(w.create_api_with(("2", "b"), &list))
            .then_rejected(reserved);
        let w = native();
        given([w.api("a", &[])]).when(w.replace("a", &list)).then([
            w.defined("a", ("x", None), 0),
            w.defined("a", (name, None), 1),
        ]);
    }
}

#[test]
fn a_permission_that_is_defined_again_is_another() {
    each_realm(|w| {
        let then = given([
            w.api("a", &["x"]),
            w.role("r"),
            w.user("u"),
            w.granted("r", "a", "x"),
            w.user_granted("u", "a", "x"),
        ])
        .with_edges(2)
        .when(w.replace("a", &[]))
        .then([w.removed("a", "x")])
        .with_edges(0)
        .when(w.replace("a", &[("x", None)]))
        .then([w.defined("a", ("x", None), 0)])
        .with_edges(0);
        then.when(w.revoke("r", &[("a", "x")]))
            .then_unchanged()
            .when(w.grant("r", &[("a", "x")]))
            .then([w.granted("r", "a", "x")])
            .with_edges(1);
    });
}

#[test]
fn a_permission_that_is_defined_again_in_one_batch_is_another_too() {
    each_realm(|w| {
        let then = given([w.api("a", &["x"]), w.role("r"), w.granted("r", "a", "x")])
            .when(batch([w.replace("a", &[]), w.replace("a", &[("x", None)])]));
        let [
            Fact::PermissionRemoved {
                permission: old, ..
            },
            Fact::PermissionDefined {
                permission: new, ..
            },
        ] = then.entry.settled.facts.as_slice()
        else {
            panic!("{then:?}")
        };
        assert_ne!(old.key, new.key);
        then.then([w.removed("a", "x"), w.defined("a", ("x", None), 0)])
            .with_edges(0);
    });
}

#[test]
fn an_api_whose_identifier_is_the_id_of_another_keeps_its_own_list() {
    each_realm(|w| {
        let past = || {
            [
                w.api("a", &["x"]),
                w.bare_api("1", "A").and(w.declared("1")),
            ]
        };
        given(past())
            .when(w.replace("1", &[("y", None)]))
            .then([w.defined("1", ("y", None), 0)])
            .when(w.replace("A", &[("x", None)]))
            .then_unchanged();
        // Within a batch the handle comes to mean the other one.
        given(past())
            .when(batch([w.delete_api("A"), w.replace("A", &[("y", None)])]))
            .then([w.api_deleted("a"), w.defined("1", ("y", None), 0)]);
    });
}
