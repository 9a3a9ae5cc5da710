//! Reads against a real Postgres, over rows laid by hand.
//!
//! The ground is a tenant in which something of everything has ended and was not swept.

use core::sync::atomic::{AtomicU32, Ordering};

use writ_domain::{NounKind, NounRef, Realm, TenantId, TenantSeq};

use super::*;
use crate::{Options, Store};

const GROUND: &str = include_str!("tests.sql");
const ALL: Slice = Slice {
    offset: 0,
    limit: 50,
    count: true,
};
const REALM: Realm = Realm::Auth0;

/// A store on a database of its own, with the ground laid.
async fn store() -> Store {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "the test stack's only parameter")]
    let url = std::env::var("WRIT_TEST_DATABASE_URL")
        .expect("WRIT_TEST_DATABASE_URL: run the tests by `cargo xtask test`");
    let name = format!(
        "store_reads_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let mut config: tokio_postgres::Config = url.parse().unwrap();
    let admin = Store::new(config.clone(), &Options::default()).unwrap();
    let client = admin.client().await.unwrap();
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
        .await
        .unwrap();
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    config.dbname(&name);
    let store = Store::new(
        config,
        &Options {
            pool_size: 2,
            ..Options::default()
        },
    )
    .unwrap();
    store.migrate().await.unwrap();
    store
        .client()
        .await
        .unwrap()
        .batch_execute(GROUND)
        .await
        .unwrap();
    store
}

fn tenant() -> TenantId {
    TenantId::try_new("acme").unwrap()
}

fn names<T>(listed: &Listed<T>, name: impl Fn(&T) -> &str) -> Vec<&str> {
    listed.items.iter().map(name).collect()
}

#[tokio::test]
async fn an_api_is_found_by_id_and_by_identifier() {
    let store = store().await;
    let by_id = store.api(&tenant(), REALM, "api1").await.unwrap().unwrap();
    let by_identifier = store
        .api(&tenant(), REALM, "https://a/")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by_id, by_identifier);
    assert_eq!(by_id.name.as_deref(), Some("A"));
    assert_eq!(by_id.settings["token_lifetime"].0, "86400");
    let permissions: Vec<_> = by_id
        .permissions
        .iter()
        .map(|p| (p.name.as_str(), p.description.as_deref()))
        .collect();
    assert_eq!(
        permissions,
        [("write", None), ("read", Some("Read it"))],
        "in their order"
    );

    let empty = store
        .api(&tenant(), REALM, "https://empty/")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (empty.permissions.len(), empty.declared, empty.name),
        (0, true, None)
    );
    for (tenant, realm, id) in [
        ("acme", REALM, "https://gone/"),
        ("acme", Realm::Native, "api1"),
        ("other", REALM, "api1"),
    ] {
        let tenant = TenantId::try_new(tenant).unwrap();
        assert_eq!(store.api(&tenant, realm, id).await.unwrap(), None, "{id}");
    }
}

#[tokio::test]
async fn an_id_wins_over_an_identifier_of_the_same_text() {
    let store = store().await;
    let api = store.api(&tenant(), REALM, "api2").await.unwrap().unwrap();
    assert_eq!(api.identifier, "https://empty/");
}

#[tokio::test]
async fn apis_are_listed_in_the_order_of_their_making() {
    let store = store().await;
    let all = store.apis(&tenant(), REALM, None, ALL).await.unwrap();
    assert_eq!(
        names(&all, |api| &api.identifier),
        ["https://a/", "https://empty/", "api2"]
    );
    assert_eq!(all.total, Some(3));
    assert_eq!(all.items[0].permissions.len(), 2);

    let second = Slice {
        offset: 1,
        limit: 1,
        count: false,
    };
    let page = store.apis(&tenant(), REALM, None, second).await.unwrap();
    assert_eq!(names(&page, |api| &api.identifier), ["https://empty/"]);
    assert_eq!(page.total, None);

    let past = Slice {
        offset: 100,
        limit: 50,
        count: true,
    };
    let page = store.apis(&tenant(), REALM, None, past).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, Some(3)));

    let some = ["api2".to_owned(), "https://gone/".to_owned()];
    let page = store
        .apis(&tenant(), REALM, Some(&some), ALL)
        .await
        .unwrap();
    assert_eq!(names(&page, |api| &api.identifier), ["api2"]);
    assert_eq!(page.total, Some(1));
}

#[tokio::test]
async fn an_api_as_of_an_entry_has_the_permissions_of_then() {
    let store = store().await;
    let at = async |id: &str, seq: u64| {
        let api = store
            .api_at(&tenant(), REALM, id, TenantSeq(seq))
            .await
            .unwrap()?;
        let names: Vec<_> = api.permissions.iter().map(|p| p.name.clone()).collect();
        Some((api.name, names.join(" ")))
    };
    let named =
        |name: &str, permissions: &str| Some((Some(name.to_owned()), permissions.to_owned()));
    assert_eq!(at("https://a/", 0).await, None);
    assert_eq!(at("https://a/", 1).await, named("Old", "read"));
    assert_eq!(
        at("api1", 4).await,
        named("Old", "read"),
        "closed by the next entry"
    );
    assert_eq!(at("https://a/", 5).await, named("A", "write read"));
    assert_eq!(at("https://a/", 1 << 40).await, named("A", "write read"));
    assert_eq!(at("https://gone/", 8).await, named("Gone", "lost"));
    assert_eq!(
        at("https://gone/", 9).await,
        None,
        "its rows of permissions stay open"
    );
}

#[tokio::test]
async fn roles_are_listed_by_the_bytes_of_their_names() {
    let store = store().await;
    let all = store.roles(&tenant(), REALM, None, ALL).await.unwrap();
    assert_eq!(
        names(&all, |role| &role.name),
        ["Admin", "Reader", "read_only", "read_osnly"]
    );
    assert_eq!(all.total, Some(4));

    let some = store
        .roles(&tenant(), REALM, Some("READ"), ALL)
        .await
        .unwrap();
    assert_eq!(
        names(&some, |role| &role.name),
        ["Reader", "read_only", "read_osnly"]
    );
    assert_eq!(some.total, Some(3));
    let none = store
        .roles(&tenant(), REALM, Some("read%"), ALL)
        .await
        .unwrap();
    assert_eq!(
        (none.items.len(), none.total),
        (0, Some(0)),
        "not a pattern"
    );

    let last = Slice {
        offset: 3,
        limit: 2,
        count: true,
    };
    let page = store.roles(&tenant(), REALM, None, last).await.unwrap();
    assert_eq!(names(&page, |role| &role.name), ["read_osnly"]);
}

#[tokio::test]
async fn a_role_now_and_as_of() {
    let store = store().await;
    let role = store
        .role(&tenant(), REALM, "rol_r")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (role.name.as_str(), role.description.as_deref()),
        ("Reader", Some(""))
    );
    assert_eq!(
        store.role(&tenant(), REALM, "rol_gone").await.unwrap(),
        None
    );
    let at = async |id: &str, seq: u64| {
        let role = store
            .role_at(&tenant(), REALM, id, TenantSeq(seq))
            .await
            .unwrap();
        role.map(|role| role.name)
    };
    assert_eq!(at("rol_r", 1).await.as_deref(), Some("Before"));
    assert_eq!(at("rol_r", 6).await.as_deref(), Some("Reader"));
    assert_eq!(at("rol_gone", 8).await.as_deref(), Some("Gone"));
    assert_eq!(at("rol_gone", 9).await, None);
}

#[tokio::test]
async fn dead_permissions_of_a_role_are_invisible() {
    let store = store().await;
    let held = store
        .role_permissions(&tenant(), REALM, "rol_r", ALL)
        .await
        .unwrap()
        .unwrap();
    let shown: Vec<_> = held
        .items
        .iter()
        .map(|held| {
            (
                held.api.as_str(),
                held.name.as_str(),
                held.description.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("https://a/", "read", Some("Read it")),
            ("https://a/", "write", None)
        ],
        "neither the removed permission nor that of the deleted API"
    );
    assert_eq!(held.total, Some(2));
    assert_eq!(held.items[0].api_name.as_deref(), Some("A"));

    let past = Slice {
        offset: 50,
        limit: 50,
        count: true,
    };
    let page = store
        .role_permissions(&tenant(), REALM, "rol_r", past)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((page.items.len(), page.total), (0, Some(2)));
    let none = store
        .role_permissions(&tenant(), REALM, "rol_gone", ALL)
        .await
        .unwrap();
    assert_eq!(none, None, "no such role");
    let empty = store
        .role_permissions(&tenant(), REALM, "rol_o", ALL)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((empty.items.len(), empty.total), (0, Some(0)));
}

#[tokio::test]
async fn users_of_a_role_by_page_and_after_a_place() {
    let store = store().await;
    let all = store
        .role_users(&tenant(), REALM, "rol_r", ALL, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        names(&all, |user| &user.id),
        ["auth0|b", "auth0|a", "auth0|c"],
        "by the entry that assigned them, then id; without the deleted user"
    );
    assert_eq!(all.total, Some(3));
    assert_eq!(all.items[0].profile["email"].0, "\"b@x\"");

    let after = RoleUsersAfter {
        assigned_at: TenantSeq(7),
        user: "auth0|a".to_owned(),
    };
    let two = Slice {
        offset: 0,
        limit: 2,
        count: false,
    };
    let rest = store
        .role_users(&tenant(), REALM, "rol_r", two, Some(&after))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(names(&rest, |user| &user.id), ["auth0|c"]);
    assert_eq!(rest.total, None);
    let first = store
        .role_users(&tenant(), REALM, "rol_r", two, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(names(&first, |user| &user.id), ["auth0|b", "auth0|a"]);
    assert_eq!(first.items[1].assigned_at, TenantSeq(7));
    assert_eq!(
        store
            .role_users(&tenant(), REALM, "nix", ALL, None)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_permission_held_in_several_ways_is_one_row() {
    let store = store().await;
    let held = store
        .user_permissions(&tenant(), REALM, "auth0|a", ALL)
        .await
        .unwrap()
        .unwrap();
    let shown: Vec<_> = held
        .items
        .iter()
        .map(|held| {
            let roles: Vec<_> = held.roles.iter().map(|role| role.name.as_str()).collect();
            (held.permission.name.as_str(), held.direct, roles)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("read", true, vec!["Admin", "Reader"]),
            ("write", false, vec!["Reader"])
        ],
        "not what the deleted role or the deleted API gave"
    );
    assert_eq!(held.total, Some(2));
    assert_eq!(
        store
            .user_permissions(&tenant(), REALM, "nix", ALL)
            .await
            .unwrap(),
        None
    );

    let of = async |api: &str, after: &str| {
        let ask = (api, after);
        let held = store
            .effective_permissions(&tenant(), REALM, "auth0|a", ask, 10)
            .await;
        let held = held.unwrap().unwrap();
        let names: Vec<_> = held
            .permissions
            .iter()
            .map(|held| held.permission.name.clone())
            .collect();
        (held.api_exists, names.join(" "))
    };
    assert_eq!(of("https://a/", "").await, (true, "read write".to_owned()));
    assert_eq!(of("https://a/", "read").await, (true, "write".to_owned()));
    assert_eq!(of("https://empty/", "").await, (true, String::new()));
    assert_eq!(of("https://gone/", "").await, (false, String::new()));
}

#[tokio::test]
async fn roles_of_a_user_and_of_one_of_its_permissions() {
    let store = store().await;
    let start = RoleAfter::default();
    let held = store
        .user_roles(&tenant(), REALM, "auth0|a", ALL, &start)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        names(&held, |role| &role.name),
        ["Admin", "Reader"],
        "not the deleted one"
    );
    assert_eq!(held.total, Some(2));
    let after = RoleAfter {
        name: "Admin".to_owned(),
        id: "rol_a".to_owned(),
    };
    let rest = store
        .user_roles(&tenant(), REALM, "auth0|a", ALL, &after)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(names(&rest, |role| &role.name), ["Reader"]);
    assert_eq!(
        store
            .user_roles(&tenant(), REALM, "nix", ALL, &start)
            .await
            .unwrap(),
        None
    );

    let user = (REALM, "auth0|a");
    let of = async |permission: &str| {
        let permission = ("https://a/", permission);
        let found = store
            .permission_roles(&tenant(), user, permission, &start, 10)
            .await;
        let found = found.unwrap().unwrap();
        let names: Vec<_> = found.roles.iter().map(|role| role.name.clone()).collect();
        (found.permission_exists, names.join(" "))
    };
    assert_eq!(of("read").await, (true, "Admin Reader".to_owned()));
    assert_eq!(of("write").await, (true, "Reader".to_owned()));
    assert_eq!(of("nix").await, (false, String::new()));
}

#[tokio::test]
async fn users_now_as_of_and_listed() {
    let store = store().await;
    let user = store
        .user(&tenant(), REALM, "auth0|a")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(user.profile["email"].0, "\"a@x\"");
    assert_eq!(
        store.user(&tenant(), REALM, "auth0|gone").await.unwrap(),
        None
    );
    let then = store
        .user_at(&tenant(), REALM, "auth0|gone", TenantSeq(8))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(then.id, "auth0|gone");
    assert_eq!(
        store
            .user_at(&tenant(), REALM, "auth0|gone", TenantSeq(9))
            .await
            .unwrap(),
        None
    );
    let all = store.users(&tenant(), REALM, ALL).await.unwrap();
    assert_eq!(
        names(&all, |user| &user.id),
        ["auth0|a", "auth0|c", "auth0|b"]
    );
    assert_eq!(all.total, Some(3));

    let times = |user: &User| {
        [user.created_at, user.updated_at].map(|at| at.map(|at| at.format("%d").to_string()))
    };
    let day = |day: &str| Some(day.to_owned());
    assert_eq!(times(&all.items[2]), [day("01"), day("04")]);
    let now = store
        .user(&tenant(), REALM, "auth0|b")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(times(&now), [day("01"), day("04")]);
    let then = store
        .user_at(&tenant(), REALM, "auth0|b", TenantSeq(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(times(&then), [day("01"), day("01")]);
}

#[tokio::test]
async fn the_last_change_of_a_noun_is_not_its_last_mention() {
    let store = store().await;
    let noun = NounRef {
        realm: REALM,
        kind: NounKind::Api,
        id: "https://a/".to_owned(),
    };
    let until = async |seq: u64| {
        store
            .last_changed(&tenant(), &noun, TenantSeq(seq))
            .await
            .unwrap()
    };
    assert_eq!(until(u64::MAX).await, Some(TenantSeq(5)));
    assert_eq!(until(4).await, Some(TenantSeq(1)));
    assert_eq!(until(0).await, None);

    let api = store.api(&tenant(), REALM, "api1").await.unwrap().unwrap();
    assert_eq!(api.changed_at, Some(TenantSeq(5)));
    let then = store
        .api_at(&tenant(), REALM, "api1", TenantSeq(4))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(then.changed_at, Some(TenantSeq(1)));
}
