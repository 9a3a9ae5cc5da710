use crate::testing::{Asked, Words, batch, each_realm, given};
use crate::{
    Actor, Command, Denial, Key, Limited, NounKind, NounRef, Rejection, Stamp, TextProblem, touches,
};

fn bad(field: &str, problem: TextProblem) -> Rejection {
    Rejection::BadText {
        field: field.to_owned(),
        problem,
    }
}

/// A text that cannot be kept because of this, where so many bytes can.
fn problems(limit_bytes: u32) -> [(String, TextProblem); 3] {
    let too_long = "x".repeat(limit_bytes as usize + 1);
    [
        (String::new(), TextProblem::Empty),
        ("a\0b".to_owned(), TextProblem::HoldsNul),
        (too_long, TextProblem::TooLong { limit_bytes }),
    ]
}

type Says = fn(Words, &str) -> Command;

/// Every field that names something: it is not empty, and an index can hold it.
const NAMES: &[(&str, u32, Says)] = &[
    ("id", 2_400, |w, text| w.create_api(text, "a")),
    ("identifier", 2_400, |w, text| w.create_api("1", text)),
    ("permissions.name", 1_200, |w, text| {
        w.create_api_with(("1", "a"), &[("x", None), (text, None)])
    }),
    ("api", 2_400, |w, text| w.update_api(text, None, &[])),
    ("field", 1_200, |w, text| {
        w.update_api("a", None, &[(text, None)])
    }),
    ("api", 2_400, |w, text| w.replace(text, &[])),
    ("permissions.name", 1_200, |w, text| {
        w.replace("a", &[(text, None)])
    }),
    ("api", 2_400, Words::delete_api),
    ("id", 2_400, |w, text| w.create_role(text, "R")),
    ("name", 1_200, |w, text| w.create_role("r", text)),
    ("role", 2_400, |w, text| w.update_role(text, None, None)),
    ("name", 1_200, |w, text| {
        w.update_role("r", Some(text), None)
    }),
    ("role", 2_400, Words::delete_role),
    ("role", 2_400, |w, text| w.grant(text, &[])),
    ("permissions.api", 2_400, |w, text| {
        w.grant("r", &[(text, "x")])
    }),
    ("permissions.name", 1_200, |w, text| {
        w.grant("r", &[("a", text)])
    }),
    ("role", 2_400, |w, text| w.revoke(text, &[])),
    ("permissions.api", 2_400, |w, text| {
        w.revoke("r", &[(text, "x")])
    }),
    ("id", 2_400, |w, text| w.register(text, &[])),
    ("field", 1_200, |w, text| w.register("u", &[(text, "1")])),
    ("user", 2_400, |w, text| w.update_user(text, &[])),
    ("field", 1_200, |w, text| {
        w.update_user("u", &[(text, Some("1"))])
    }),
    ("user", 2_400, Words::delete_user),
    ("user", 2_400, |w, text| w.grant_user(text, &[])),
    ("permissions.api", 2_400, |w, text| {
        w.grant_user("u", &[(text, "x")])
    }),
    ("user", 2_400, |w, text| w.revoke_user(text, &[])),
    ("permissions.name", 1_200, |w, text| {
        w.revoke_user("u", &[("a", text)])
    }),
    ("user", 2_400, |w, text| w.assign(text, &[])),
    ("roles", 2_400, |w, text| w.assign("u", &["r", text])),
    ("user", 2_400, |w, text| w.unassign(text, &[])),
    ("roles", 2_400, |w, text| w.unassign("u", &[text])),
    ("role", 2_400, |w, text| w.assign_users(text, &[])),
    ("users", 2_400, |w, text| w.assign_users("r", &[text])),
    ("operation", 1_024, |_, text| denial(text, None)),
];

/// Every field that says something: it may be empty.
const TEXTS: &[(&str, u32, Says)] = &[
    ("permissions.description", 8_192, |w, text| {
        w.create_api_with(("1", "a"), &[("x", Some(text))])
    }),
    ("name", 8_192, |w, text| w.update_api("a", Some(text), &[])),
    ("s", 262_144, |w, text| {
        w.update_api("a", None, &[("s", Some(text))])
    }),
    ("permissions.description", 8_192, |w, text| {
        w.replace("a", &[("x", Some(text))])
    }),
    ("description", 8_192, |w, text| {
        w.update_role("r", None, Some(text))
    }),
    ("f", 262_144, |w, text| w.register("u", &[("f", text)])),
    ("f", 262_144, |w, text| {
        w.update_user("u", &[("f", Some(text))])
    }),
    ("target", 2_400, |w, text| {
        denial(
            "UpdateRole",
            Some(NounRef {
                realm: w.0,
                kind: NounKind::Role,
                id: text.to_owned(),
            }),
        )
    }),
];

fn denial(operation: &str, target: Option<NounRef>) -> Command {
    Command::RecordDenial {
        operation: operation.to_owned(),
        target,
        denial: Denial::InsufficientScope { required: vec![] },
        count: 1,
    }
}

fn is_refused(command: Command, rejection: Rejection) {
    given([]).when(command).then_rejected(rejection);
}

#[test]
fn a_name_is_neither_empty_nor_too_long_nor_holds_u_0000() {
    each_realm(|w| {
        for (field, limit_bytes, says) in NAMES {
            for (text, problem) in problems(*limit_bytes) {
                is_refused(says(w, &text), bad(field, problem));
            }
        }
    });
}

#[test]
fn a_text_is_not_too_long_and_holds_no_u_0000() {
    each_realm(|w| {
        for (field, limit_bytes, says) in TEXTS {
            let [_, nul, too_long] = problems(*limit_bytes);
            for (text, problem) in [nul, too_long] {
                is_refused(says(w, &text), bad(field, problem));
            }
        }
    });
}

#[test]
fn json_holds_no_u_0000_in_disguise() {
    each_realm(|w| {
        let says: [Says; 3] = [
            |w, json| w.update_api("a", None, &[("f", Some(json))]),
            |w, json| w.register("u", &[("f", json)]),
            |w, json| w.update_user("u", &[("f", Some(json))]),
        ];
        for says in says {
            is_refused(says(w, r#""\u0000""#), bad("f", TextProblem::HoldsNul));
        }
    });
}

#[test]
fn a_text_of_just_the_limit_is_kept() {
    each_realm(|w| {
        let (name, short, text) = ("n".repeat(2_400), "s".repeat(1_200), "t".repeat(8_192));
        given([])
            .when(w.create_api_with((&name, &name), &[(&short, Some(&text))]))
            .then_applied()
            .when(w.create_role(&name, &short))
            .then_applied()
            .when(w.register(&name, &[(&short, &"1".repeat(262_144))]))
            .then_applied();
    });
}

#[test]
fn limits_are_in_bytes() {
    each_realm(|w| {
        let limit_bytes = 1_200;
        let name = "ü".repeat(601);
        is_refused(
            w.create_role("r", &name),
            bad("name", TextProblem::TooLong { limit_bytes }),
        );
    });
}

#[test]
fn one_bad_text_spoils_a_batch() {
    each_realm(|w| {
        is_refused(
            batch([w.create_role("r", "R"), w.create_role("s", "")]),
            bad("name", TextProblem::Empty),
        );
    });
}

#[test]
fn a_command_names_ten_thousand_things_at_most() {
    let too_many = || Rejection::TooMany {
        what: Limited::Items,
        limit: 10_000,
    };
    each_realm(|w| {
        let names = vec!["n"; 10_001];
        let permissions = vec![("a", "x"); 10_001];
        let specs = vec![("x", None); 10_001];
        let fields = vec![("f", None); 10_001];
        for command in [
            w.create_api_with(("1", "a"), &specs),
            w.replace("a", &specs),
            w.update_api("a", None, &fields),
            w.update_user("u", &fields),
            w.grant("r", &permissions),
            w.revoke("r", &permissions),
            w.grant_user("u", &permissions),
            w.revoke_user("u", &permissions),
            w.assign("u", &names),
            w.unassign("u", &names),
            w.assign_users("r", &names),
        ] {
            is_refused(command, too_many());
        }
        given([w.role("r")])
            .when(w.revoke("r", &permissions[1..]))
            .then_unchanged();
    });
}

#[test]
fn a_stamp_holds_texts_that_can_be_kept() {
    type Puts = fn(&mut Stamp, String);
    let optional: [(&str, u32, Puts); 7] = [
        ("actor.client", 1_024, |stamp, text| {
            stamp.actor.client = Some(text);
        }),
        ("actor.on_behalf_of", 1_024, |stamp, text| {
            stamp.actor.on_behalf_of = Some(text);
        }),
        ("actor.address", 1_024, |stamp, text| {
            stamp.actor.address = Some(text);
        }),
        ("actor.user_agent", 8_192, |stamp, text| {
            stamp.actor.user_agent = Some(text);
        }),
        ("reason", 8_192, |stamp, text| stamp.reason = Some(text)),
        ("ticket", 1_024, |stamp, text| stamp.ticket = Some(text)),
        ("request_id", 1_024, |stamp, text| {
            stamp.request_id = Some(text);
        }),
    ];
    let ask = || Asked::new(crate::testing::auth0().create_role("r", "R"));
    for (field, limit_bytes, puts) in optional {
        let [(empty, _), nul, too_long] = problems(limit_bytes);
        for (text, problem) in [nul, too_long] {
            given([])
                .when(ask().stamped(|stamp| puts(stamp, text)))
                .then_rejected(bad(field, problem));
        }
        given([])
            .when(ask().stamped(|stamp| puts(stamp, empty)))
            .then_applied();
    }
    for (subject, problem) in problems(1_024) {
        let actor = Actor {
            subject,
            ..Actor::default()
        };
        given([])
            .when(ask().stamped(|stamp| stamp.actor = actor))
            .then_rejected(bad("actor.subject", problem));
    }
    given([])
        .when(ask().key("", 1))
        .then_rejected(bad("idempotency_key", TextProblem::Empty));
}

#[test]
fn a_text_that_cannot_be_kept_is_not_looked_for() {
    each_realm(|w| {
        for (_, limit_bytes, says) in NAMES {
            for (text, _) in problems(*limit_bytes) {
                let submission = Asked::new(says(w, &text)).record().submission;
                let id = submission.stamp.command_id;
                let touched: Vec<Key> = touches(&submission).into_iter().collect();
                assert_eq!(touched, [Key::Command(id)], "{submission:?}");
            }
        }
    });
}
