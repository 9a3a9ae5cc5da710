use crate::testing::{Asked, Given, Words, batch, cancel, each_realm, given, id};
use crate::{
    Command, Counted, Expected, Judgement, Key, NounKind, NounRef, Partition, Placement, Position,
    Seq, TenantSeq, judge, target, touches,
};

fn commands(w: Words) -> Vec<Command> {
    vec![
        w.create_api_with(("1", "b"), &[("x", None)]),
        w.create_api("A", "b"),
        w.update_api("A", Some("n"), &[("s", Some("1"))]),
        w.replace("a", &[("y", None), ("z", None)]),
        w.replace("A", &[]),
        w.replace("?", &[]),
        w.delete_api("a"),
        w.create_role("t", "T"),
        w.create_role("t", "R"),
        w.update_role("r", Some("S"), None),
        w.update_role("r", Some("T"), Some("d")),
        w.delete_role("r"),
        w.grant("r", &[("a", "x"), ("a", "y")]),
        w.grant("r", &[("a", "?")]),
        w.revoke("r", &[("a", "x"), ("a", "y"), ("?", "x")]),
        w.register("v", &[]),
        w.update_user("u", &[("f", Some("1"))]),
        w.delete_user("u"),
        w.grant_user("u", &[("a", "x"), ("a", "y")]),
        w.revoke_user("u", &[("a", "x"), ("a", "y")]),
        w.assign("u", &["r", "s"]),
        w.assign("?", &["r"]),
        w.unassign("u", &["r", "s"]),
        w.assign_users("s", &["u"]),
        cancel(id(7)),
        batch([
            w.delete_role("r"),
            w.create_role("r", "R"),
            w.assign("u", &["r"]),
        ]),
        batch([w.create_api("1", "b"), w.replace("b", &[("x", None)])]),
    ]
}

fn past(w: Words) -> Given {
    given([
        w.api("a", &["x", "y"]),
        w.role("r"),
        w.role("s"),
        w.user("u"),
        w.granted("r", "a", "x"),
        w.user_granted("u", "a", "x"),
        w.assigned("u", "r"),
    ])
}

/// What is asked for when just what was touched is known.
fn missing(given: &Given, asked: Asked) -> Vec<Key> {
    let record = asked.record();
    let at = TenantSeq(8);
    let placement = Placement {
        position: Position {
            partition: Partition(0),
            seq: Seq(at.0),
        },
        tenant_seq: at,
        time: record.time,
    };
    let state = given.learned(&record.submission);
    match judge(&state, &record.submission, &placement) {
        Judgement::Settled(_) => Vec::new(),
        Judgement::Need(keys) => keys.into_iter().collect(),
        Judgement::Contradiction(contradiction) => panic!("{contradiction}"),
    }
}

#[test]
fn what_is_touched_is_all_that_is_needed() {
    each_realm(|w| {
        for command in commands(w) {
            let asked = Asked::new(command).id(id(1)).key("k", 1);
            assert_eq!(missing(&past(w), asked.clone()), [], "{asked:?}");
        }
    });
}

#[test]
fn what_is_expected_of_an_api_named_by_its_id_is_asked_for_later() {
    each_realm(|w| {
        let identified = Key::LastChanged(NounRef {
            realm: w.0,
            kind: NounKind::Api,
            id: "a".to_owned(),
        });
        for command in commands(w) {
            let by_id = target(&command).is_some_and(|noun| noun.id == "A");
            let expected = Expected::UnchangedSince(TenantSeq(100));
            let asked = Asked::new(command).id(id(1)).expecting(expected);
            let needed = Vec::from_iter(by_id.then(|| identified.clone()));
            assert_eq!(missing(&past(w), asked.clone()), needed, "{asked:?}");
        }
    });
}

#[test]
fn only_what_may_exceed_a_limit_is_counted() {
    each_realm(|w| {
        let (r, u) = ("r".to_owned(), "u".to_owned());
        for (command, counted) in [
            (w.create_api("1", "a"), Some(Counted::Apis(w.0))),
            (w.delete_api("a"), None),
            (w.create_role("r", "R"), Some(Counted::Roles(w.0))),
            (w.delete_role("r"), None),
            (
                w.grant("r", &[("a", "x")]),
                Some(Counted::RolePermissions(w.0, r)),
            ),
            (w.revoke("r", &[("a", "x")]), None),
            (
                w.grant_user("u", &[("a", "x")]),
                Some(Counted::UserPermissions(w.0, u.clone())),
            ),
            (w.revoke_user("u", &[("a", "x")]), None),
            (
                w.assign("u", &["r"]),
                Some(Counted::UserRoles(w.0, u.clone())),
            ),
            (
                w.assign_users("r", &["u"]),
                Some(Counted::UserRoles(w.0, u)),
            ),
            (w.unassign("u", &["r"]), None),
        ] {
            let touched = touches(&Asked::new(command).record().submission);
            let mut counts = touched;
            counts.retain(|key| matches!(key, Key::Count(_)));
            assert_eq!(counts, counted.map(Key::Count).into_iter().collect());
        }
    });
}

#[test]
fn a_command_is_about_the_noun_that_it_names_first() {
    each_realm(|w| {
        let noun = |kind, id: &str| {
            Some(NounRef {
                realm: w.0,
                kind,
                id: id.to_owned(),
            })
        };
        for (command, expected) in [
            (w.create_api("1", "a"), noun(NounKind::Api, "a")),
            (w.replace("1", &[]), noun(NounKind::Api, "1")),
            (w.create_role("r", "R"), noun(NounKind::Role, "r")),
            (w.grant("r", &[("a", "x")]), noun(NounKind::Role, "r")),
            (w.assign_users("r", &["u"]), noun(NounKind::Role, "r")),
            (w.assign("u", &["r"]), noun(NounKind::User, "u")),
            (w.grant_user("u", &[("a", "x")]), noun(NounKind::User, "u")),
            (
                batch([w.delete_user("u"), w.delete_role("r")]),
                noun(NounKind::User, "u"),
            ),
            (batch([]), None),
            (cancel(id(1)), None),
        ] {
            assert_eq!(target(&command), expected);
        }
    });
}
