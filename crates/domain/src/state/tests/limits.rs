//! The cache where roles and users hold a thousand permissions, the most that Auth0 allows.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::cache::{Start, assert_cache_does_not_show, turns};
use crate::testing::{Asked, Record, auth0, batch, id};
use crate::{Command, PermissionRef, PermissionSpec, Realm};

/// Permissions of the big API and of the small one; there is room for neither one more.
const BIG: u32 = 996;
const SMALL: u32 = 4;

fn reference(api: &str, n: u32) -> PermissionRef {
    PermissionRef {
        api: api.to_owned(),
        name: format!("p{n}"),
    }
}

fn replace(api: &str, names: impl Iterator<Item = u32>) -> Command {
    let spec = |n| PermissionSpec {
        name: format!("p{n}"),
        description: None,
    };
    Command::ReplaceApiPermissions {
        realm: Realm::Auth0,
        api: api.to_owned(),
        permissions: names.map(spec).collect(),
    }
}

fn grants(permissions: Vec<PermissionRef>) -> [Command; 2] {
    let (realm, role, user) = (Realm::Auth0, "r".to_owned(), "u".to_owned());
    let to_role = permissions.clone();
    [
        Command::GrantRolePermissions {
            realm,
            role,
            permissions: to_role,
        },
        Command::GrantUserPermissions {
            realm,
            user,
            permissions,
        },
    ]
}

fn past() -> Vec<Command> {
    let w = auth0();
    let held: Vec<PermissionRef> = (0..BIG)
        .map(|n| reference("big", n))
        .chain((0..SMALL - 1).map(|n| reference("small", n)))
        .collect();
    let mut past = vec![
        w.create_api("1", "big"),
        w.create_api("2", "small"),
        w.create_api("3", "spare"),
        replace("big", 0..BIG),
        replace("small", 0..SMALL),
        replace("spare", 0..SMALL),
        w.create_role("r", "r"),
        w.register("u", &[]),
    ];
    past.extend(grants(held));
    past
}

/// Commands about the last few permissions that fit.
fn command() -> impl Strategy<Value = Command> {
    let w = auth0();
    let few = || {
        let api = select(&["small", "spare"][..]);
        vec((api, 0..SMALL).prop_map(|(api, n)| reference(api, n)), 1..4)
    };
    let names = |n: u32| (0..SMALL).filter(move |name| *name != n);
    prop_oneof![
        4 => (few(), 0_usize..2).prop_map(|(few, to)| grants(few)[to].clone()),
        2 => few().prop_map(|few| batch(grants(few))),
        2 => few().prop_map(|permissions| Command::RevokeRolePermissions {
            realm: Realm::Auth0,
            role: "r".to_owned(),
            permissions,
        }),
        2 => few().prop_map(|permissions| Command::RevokeUserPermissions {
            realm: Realm::Auth0,
            user: "u".to_owned(),
            permissions,
        }),
        3 => (select(&["small", "spare"][..]), 0..SMALL)
            .prop_map(move |(api, n)| replace(api, names(n))),
        1 => select(&["small", "spare"][..]).prop_map(move |api| batch([
            w.delete_api(api),
            w.create_api(if api == "small" { "2" } else { "3" }, api),
            replace(api, 0..SMALL),
        ])),
    ]
}

fn records(from: u64, commands: impl IntoIterator<Item = Command>) -> impl Iterator<Item = Record> {
    let record = |(n, command)| Asked::new(command).id(id(n)).record();
    (from..).zip(commands).map(record)
}

/// Where every world here begins. It takes long to get there.
static START: LazyLock<Start> =
    LazyLock::new(|| Start::after(&records(1, past()).collect::<Vec<_>>()));

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_cache_does_not_show_at_the_limit_of_permissions(
        commands in vec(command(), 1..15),
        turns in turns(),
    ) {
        let records: Vec<Record> = records(1_000, commands).collect();
        assert_cache_does_not_show(&START, &records, &turns);
    }
}
