use crate::testing::{auth0, each_realm, given, native};
use crate::{Command, Fact, JsonText, Rejection, Settings};

fn no_such_api(api: &str) -> Rejection {
    let api = api.to_owned();
    Rejection::NoSuchApi { api }
}

fn api_exists(identifier: &str) -> Rejection {
    let identifier = identifier.to_owned();
    Rejection::ApiExists { identifier }
}

#[test]
fn an_api_without_a_list_declares_no_permissions() {
    each_realm(|w| {
        given([])
            .when(w.create_api("1", "a"))
            .then([w.bare_api("1", "a")]);
    });
}

#[test]
fn an_api_with_an_empty_list_declares_it() {
    each_realm(|w| {
        given([])
            .when(w.create_api_with(("1", "a"), &[]))
            .then([w.bare_api("1", "a"), w.declared("a")]);
    });
}

#[test]
fn an_api_is_made_with_its_permissions_in_order() {
    each_realm(|w| {
        given([])
            .when(w.create_api_with(("1", "a"), &[("y", None), ("x", Some("d"))]))
            .then([
                w.bare_api("1", "a"),
                w.declared("a"),
                w.defined("a", ("y", None), 0),
                w.defined("a", ("x", Some("d")), 1),
            ]);
    });
}

#[test]
fn an_api_is_made_with_its_name_and_settings() {
    each_realm(|w| {
        let named = Some("An API".to_owned());
        let set = Settings::from([("ttl".to_owned(), JsonText("60".to_owned()))]);
        let then = given([]).when(Command::CreateApi {
            realm: w.0,
            id: "1".to_owned(),
            identifier: "a".to_owned(),
            name: named.clone(),
            settings: set.clone(),
            permissions: None,
        });
        let Some(Fact::ApiCreated { name, settings, .. }) = then.entry.settled.facts.first() else {
            panic!("{then:?}")
        };
        assert_eq!((name, settings), (&named, &set));
    });
}

#[test]
fn an_identifier_and_an_id_belong_to_one_api() {
    each_realm(|w| {
        given([w.bare_api("1", "a")])
            .when(w.create_api("2", "a"))
            .then_rejected(api_exists("a"))
            .when(w.create_api("1", "b"))
            .then_rejected(api_exists("b"));
    });
}

#[test]
fn an_id_cannot_be_the_identifier_of_another_api() {
    each_realm(|w| {
        given([w.bare_api("1", "a")])
            .when(w.create_api("a", "b"))
            .then_rejected(api_exists("b"));
    });
}

#[test]
fn of_two_apis_of_one_handle_the_one_of_that_id_is_meant() {
    each_realm(|w| {
        given([w.bare_api("1", "a")])
            .when(w.create_api("2", "1"))
            .then([w.bare_api("2", "1")])
            .when(w.update_api("1", Some("first"), &[]))
            .then([w.api_renamed("a", None, "first")])
            .when(w.delete_api("1"))
            .then([w.api_deleted("a")])
            .when(w.update_api("1", Some("second"), &[]))
            .then([w.api_renamed("2", None, "second")]);
    });
}

#[test]
fn the_realms_have_apis_of_their_own() {
    given([auth0().bare_api("1", "a")])
        .when(native().create_api("1", "a"))
        .then([native().bare_api("1", "a")])
        .when(native().delete_api("a"))
        .then([native().api_deleted("a")])
        .when(auth0().update_api("a", Some("here"), &[]))
        .then([auth0().api_renamed("a", None, "here")]);
}

#[test]
fn an_api_is_changed_by_its_id_or_its_identifier() {
    each_realm(|w| {
        given([w.bare_api("1", "a")])
            .when(w.update_api("1", Some("one"), &[]))
            .then([w.api_renamed("a", None, "one")])
            .when(w.update_api("a", Some("two"), &[]))
            .then([w.api_renamed("a", Some("one"), "two")]);
    });
}

#[test]
fn only_settings_that_differ_change() {
    each_realm(|w| {
        given([
            w.bare_api("1", "a"),
            w.api_set(("a", "kept"), None, Some("1")),
            w.api_set(("a", "lost"), None, Some("2")),
        ])
        .when(w.update_api(
            "a",
            None,
            &[
                ("new", Some("3")),
                ("kept", Some("1")),
                ("lost", None),
                ("never", None),
            ],
        ))
        .then([
            w.api_set(("a", "lost"), Some("2"), None),
            w.api_set(("a", "new"), None, Some("3")),
        ]);
    });
}

#[test]
fn of_a_setting_that_is_named_twice_the_last_counts() {
    each_realm(|w| {
        given([w.bare_api("1", "a")])
            .when(w.update_api("a", None, &[("s", Some("1")), ("s", Some("2"))]))
            .then([w.api_set(("a", "s"), None, Some("2"))])
            .when(w.update_api("a", None, &[("s", None), ("s", Some("2"))]))
            .then_unchanged();
    });
}

#[test]
fn an_api_that_is_as_asked_stays() {
    each_realm(|w| {
        given([w.bare_api("1", "a"), w.api_renamed("a", None, "name")])
            .when(w.update_api("a", Some("name"), &[]))
            .then_unchanged()
            .when(w.update_api("a", None, &[]))
            .then_unchanged();
    });
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    each_realm(|w| {
        given([])
            .when(w.update_api("a", None, &[]))
            .then_rejected(no_such_api("a"))
            .when(w.replace("a", &[]))
            .then_rejected(no_such_api("a"));
    });
}

#[test]
fn the_products_own_api_cannot_be_changed() {
    each_realm(|w| {
        for command in [
            w.update_api("mgmt", Some("mine"), &[]),
            w.replace("mgmt", &[]),
            w.delete_api("mgmt"),
        ] {
            given([])
                .with_system_api(w.0, "mgmt")
                .when(command)
                .then_rejected(Rejection::ApiIsSystem {
                    api: "mgmt".to_owned(),
                });
        }
    });
}

#[test]
fn removing_an_api_is_one_fact_and_removing_it_again_none() {
    each_realm(|w| {
        given([
            w.api("a", &["x", "y"]),
            w.role("r"),
            w.granted("r", "a", "x"),
        ])
        .with_edges(1)
        .when(w.delete_api("a"))
        .then([w.api_deleted("a")])
        .with_edges(0)
        .when(w.delete_api("a"))
        .then_unchanged();
    });
}

#[test]
fn an_api_that_is_made_again_inherits_nothing() {
    each_realm(|w| {
        let past = [
            w.api("a", &["x"]),
            w.role("r"),
            w.user("u"),
            w.granted("r", "a", "x"),
            w.user_granted("u", "a", "x"),
            w.api_deleted("a"),
        ];
        let again = given(past)
            .when(w.create_api_with(("A", "a"), &[("x", None)]))
            .then([w.api("a", &["x"])])
            .with_edges(0)
            .when(w.revoke("r", &[("a", "x")]))
            .then_unchanged()
            .when(w.revoke_user("u", &[("a", "x")]))
            .then_unchanged();
        again
            .swept()
            .when(w.grant("r", &[("a", "x")]))
            .then([w.granted("r", "a", "x")])
            .with_edges(1);
    });
}
