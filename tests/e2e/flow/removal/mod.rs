//! A scope that very many hold is removed: one command, one fact, gone at once; what follows from
//! it is told from the facts, for ever, and swept away unnoticed.

mod holders;
mod sweep;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use writ_tests::{Client, Database, Launch, Server};

use self::holders::{API, Holders};
use self::sweep::{Held, dead_rows};
use crate::ledger::{self, Revision, list, number, text};

const MANY: usize = 10_000;
const FEW: usize = 40;

/// What folding every entry again comes to, by partition; panics if it is not what is stored.
async fn digests(server: &Server) -> Vec<String> {
    let printed = server.run(&["verify", "--json"]).await;
    let verified: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(verified["equal"], true, "{verified}");
    let digest = |partition: &Value| {
        let folded = text(&partition["folded"]);
        assert_eq!(partition["views"], folded.as_str(), "{verified}");
        assert_eq!(partition["history"], folded.as_str(), "{verified}");
        folded
    };
    list(&verified["partitions"]).iter().map(digest).collect()
}

/// Removes the scope as Auth0's clients do; the entry of that.
async fn remove_scope(client: &Client) -> Value {
    let left = json!({"scopes": [{"value": "keep:it"}]});
    let answer = client
        .request(hyper::Method::PATCH, &holders::api_path())
        .header("writ-reason", "No longer needed")
        .header("writ-ticket", "OPS-4711")
        .json(&left)
        .send()
        .await
        .expect(200);
    assert_eq!(answer.json()["scopes"], left["scopes"]);
    let at = Revision::of(&answer).tenant_seq();
    let changes = ledger::changes_after(client, at - 1).await;
    assert_eq!(changes.len(), 1, "one entry: {changes:?}");
    changes.into_iter().next().expect("one")
}

/// Every effect of an entry, page by page.
async fn effects(client: &Client, entry: &Value, limit: usize) -> Vec<Value> {
    let path = text(&entry["effects"]);
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&format!("{path}?limit={limit}{cursor}"))
            .await
            .expect(200)
            .json();
        assert_eq!(page["position"], entry["position"], "{page}");
        assert_eq!(page["tenant_seq"], entry["tenant_seq"], "{page}");
        let found = list(&page["effects"]);
        assert!(found.len() <= limit);
        all.extend(found);
        let Some(next) = page.get("next") else {
            assert_eq!(page["total"], all.len(), "the last page");
            assert_eq!(page["total_at_least"], false);
            return all;
        };
        cursor = format!("&cursor={}", text(next));
    }
}

/// Panics unless the entry took the scope from everybody who held it, and says since when.
async fn check_effects(client: &Client, entry: &Value, holders: &Holders) {
    let all = effects(client, entry, 1_000).await;
    let mut users = BTreeSet::new();
    let mut roles = 0;
    for effect in &all {
        assert_eq!(effect["change"], "lost", "{effect}");
        assert_eq!(effect["realm"], "auth0", "{effect}");
        assert_eq!(
            (&effect["api"], &effect["permission"]),
            (&json!(API), &json!("drop:it"))
        );
        assert_eq!(effect["closed_by"], entry["tenant_seq"], "{effect}");
        let opened_by = number(&effect["opened_by"]);
        if effect["kind"] == "role_permission" {
            assert_eq!(effect["role"], holders.role.as_str());
            assert_eq!(opened_by, holders.granted_to_role);
            roles += 1;
            continue;
        }
        assert_eq!(effect["kind"], "user_permission", "{effect}");
        assert_eq!(effect["remains"], false, "by no role either: {effect}");
        let user = text(&effect["user"]);
        assert_eq!(Some(&opened_by), holders.granted_to.get(&user), "{effect}");
        assert!(users.insert(user), "told twice: {effect}");
    }
    assert_eq!((users.len(), roles), (holders.granted_to.len(), 1));
    assert_eq!(
        effects(client, entry, 999).await,
        all,
        "however they are paged"
    );
}

/// Panics unless the entry says who took the scope and why, and nothing but that it is gone.
fn check_entry(entry: &Value, holders: &Holders) {
    let removed = json!({
        "type": "PermissionRemoved",
        "permission": holders.permission,
        "namespace": holders.api_key,
        "description": "Soon gone",
    });
    assert_eq!(entry["facts"], json!([removed]));
    assert_eq!(entry["outcome"], json!({"type": "applied"}));
    assert_eq!(entry["reason"], "No longer needed");
    assert_eq!(entry["ticket"], "OPS-4711");
    assert!(text(&entry["actor"]["subject"]).ends_with("@clients"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_is_taken_from_ten_thousand_at_once() {
    let database = Database::fresh().await;
    let server = Launch::on(database.clone()).start().await;
    let client = server.client();
    let holders = Holders::make(&client, MANY).await;
    let with_scope = holders.lists(&client).await;
    assert_eq!(with_scope, holders.expected_lists(true));

    // Readers' locks on every edge: nothing could take them one by one, so nothing does.
    let all = Held::all(&database).await;
    let half = Held::one_of(&database, MANY / 2).await;
    let entry = remove_scope(&client).await;
    check_entry(&entry, &holders);
    let without_scope = holders.expected_lists(false);
    assert_eq!(holders.lists(&client).await, without_scope);
    all.sweep_waits().await;
    assert_eq!(
        dead_rows(&database).await,
        MANY + 1,
        "the sweep has not begun"
    );
    let before = digests(&server).await;
    check_effects(&client, &entry, &holders).await;

    all.release().await;
    half.sweep_waits().await;
    let left = dead_rows(&database).await;
    assert!(0 < left && left < MANY, "the sweep is half done: {left}");
    assert_eq!(digests(&server).await, before);
    assert_eq!(holders.lists(&client).await, without_scope);

    half.release().await;
    sweep::wait_until_done(&database).await;
    assert_eq!(digests(&server).await, before);
    assert_eq!(holders.lists(&client).await, without_scope);
    check_effects(&client, &entry, &holders).await;

    // Under the same name it is another scope, which nobody holds.
    holders.define_scope_again(&client).await;
    assert_eq!(holders.lists(&client).await, without_scope);
    assert_ne!(digests(&server).await, before);
    check_effects(&client, &entry, &holders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_defined_again_before_the_sweep_is_held_by_nobody() {
    let database = Database::fresh().await;
    let server = Launch::on(database.clone()).start().await;
    let client = server.client();
    let holders = Holders::make(&client, FEW).await;
    let all = Held::all(&database).await;
    let entry = remove_scope(&client).await;
    all.sweep_waits().await;
    holders.define_scope_again(&client).await;
    let without_scope = holders.expected_lists(false);
    assert_eq!(holders.lists(&client).await, without_scope);
    // Nor does it come back to those who are given the new one: that is theirs alone.
    let one = holders.grant_again(&client).await;
    let lists = holders.lists(&client).await;
    let differing: Vec<&String> = lists
        .iter()
        .filter(|(path, list)| without_scope.get(*path) != Some(*list))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(differing, [&one]);
    let digest = digests(&server).await;
    assert_eq!(dead_rows(&database).await, FEW + 1);

    all.release().await;
    sweep::wait_until_done(&database).await;
    assert_eq!(holders.lists(&client).await, lists);
    assert_eq!(digests(&server).await, digest);
    check_effects(&client, &entry, &holders).await;
}
