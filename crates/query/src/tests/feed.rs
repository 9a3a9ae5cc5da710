//! `GET /v1/changes`, freshness, and who may read.

use core::time::Duration;

use serde_json::{Value, json};
use writ_domain::TenantId;
use writ_http::Revision;

use super::world::{World, create_role, patience};
use crate::Patience;

#[tokio::test]
async fn the_feed_has_every_entry_in_order() {
    let world = World::new().await;
    let client = world.client("ledger:read");
    let empty = client.read("/v1/changes").await;
    let nothing = json!({"changes": [], "checkpoint": {"tenant_seq": 0}, "more": false});
    assert_eq!((empty.body.clone(), empty.seq()), (nothing, 0));
    for id in ["a", "b", "c", "a", "d"] {
        world.submit(create_role(id)).await;
    }
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = client
            .read(&format!("/v1/changes?after={after}&limit=2"))
            .await;
        assert_eq!(page.seq(), 5);
        seen.extend(page.each("changes", "tenant_seq"));
        after = page.body["checkpoint"]["tenant_seq"].as_u64().unwrap();
        assert_eq!(page.body["more"], json!(after < 5));
        if after == 5 {
            assert_eq!(
                page.body["checkpoint"]["revision"],
                page.revision.unwrap().to_string()
            );
            break;
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5].map(Value::from));
    let quiet = client.read("/v1/changes?after=5").await;
    assert_eq!(quiet.body["changes"], json!([]));
    assert_eq!(quiet.body["checkpoint"]["tenant_seq"], 5);
    let change = &client.read("/v1/changes?after=3&limit=1").await.body["changes"][0];
    assert_eq!(change["outcome"]["type"], "rejected");
    assert_eq!(
        (&change["actor"]["subject"], &change["reason"]),
        (&json!("ann"), &json!("because"))
    );
    assert_eq!(change["effects"], "/v1/entries/0-4/effects");
}

#[tokio::test]
async fn a_long_poll_ends_with_the_next_entry_or_its_time() {
    let world = World::new().await;
    let client = world.client("ledger:read");
    world.submit(create_role("a")).await;
    let waiting = client.read("/v1/changes?after=1&wait_ms=30000");
    let (page, _) = tokio::join!(waiting, world.submit(create_role("b")));
    assert_eq!(page.each("changes", "tenant_seq"), [2]);
    let page = client.read("/v1/changes?after=2&wait_ms=10").await;
    assert_eq!((page.body["changes"].clone(), page.seq()), (json!([]), 2));
    // Who is behind does not wait.
    let page = client
        .read("/v1/changes?after=0&limit=1&wait_ms=30000")
        .await;
    assert_eq!(page.each("changes", "tenant_seq"), [1]);
}

#[tokio::test]
async fn a_feed_that_is_ahead_of_the_ledger_is_of_another_history() {
    let world = World::new().await;
    world.submit(create_role("a")).await;
    let ahead = world
        .client("ledger:read")
        .get("/v1/changes?after=2&wait_ms=1000")
        .await;
    assert_eq!(ahead.problem(), (409, "history-forked"));
    assert_eq!(ahead.seq(), 1);
}

#[tokio::test]
async fn a_read_waits_for_the_revision_that_it_must_show() {
    let world = World::new().await;
    let client = world.client("ledger:read");
    let known = world.submit(create_role("a")).await.revision;
    let at_least = |revision: &Revision| format!("/v1/changes?after=1&at_least={revision}");
    assert_eq!(client.read(&at_least(&known)).await.seq(), 1);
    let next = writ_domain::TenantSeq(2);
    // Its hash is not known before it is there: waited for, and then not of this history.
    let ahead = Revision {
        tenant_seq: next,
        chain8: [7; 8],
        ..known.clone()
    };
    let uri = at_least(&ahead);
    let (forked, _) = tokio::join!(client.get(&uri), world.submit(create_role("b")));
    assert_eq!(forked.problem(), (409, "history-forked"));

    let brief = Patience {
        at_least: Duration::from_millis(10),
        ..patience()
    };
    let never = Revision {
        tenant_seq: writ_domain::TenantSeq(99),
        ..known.clone()
    };
    let behind = world
        .impatient("ledger:read", brief)
        .get(&at_least(&never))
        .await;
    assert_eq!(behind.problem(), (503, "unavailable"));
    let other = Revision {
        tenant: TenantId::try_new("other").unwrap(),
        ..known.clone()
    };
    let refused = client.get(&at_least(&other)).await;
    assert_eq!(
        (refused.problem(), &refused.body["key"]),
        ((400, "malformed"), &json!("at_least"))
    );
    assert_eq!(client.read("/v1/changes?consistency=any").await.seq(), 2);
}

#[tokio::test]
async fn a_query_that_cannot_be_taken_names_its_key() {
    let world = World::new().await;
    let client = world.client("ledger:read");
    let rows = [
        ("/v1/changes?since=1", "since"),
        ("/v1/changes?after=-1", "after"),
        ("/v1/changes?after=%2B1", "after"),
        ("/v1/changes?after=1&after=2", "after"),
        ("/v1/changes?limit=0", "limit"),
        ("/v1/changes?limit=1001", "limit"),
        ("/v1/changes?limit=99999999999999999999", "limit"),
        ("/v1/changes?wait_ms=30001", "wait_ms"),
        ("/v1/changes?at_least=17", "at_least"),
        ("/v1/changes?consistency=eventual", "consistency"),
        ("/v1/history?role=a&order=random", "order"),
        ("/v1/history?role=a&realm=odd", "realm"),
        ("/v1/history?role=a%00b", "role"),
        ("/v1/history?role=a&cursor=x", "cursor"),
        ("/v1/entries/0-1?x=1", "x"),
        ("/v1/entries/0-1/effects?cursor=x", "cursor"),
    ];
    for (uri, key) in rows {
        let refused = client.get(uri).await;
        assert_eq!(refused.problem(), (400, "malformed"), "{uri}");
        assert_eq!(refused.body["key"], key, "{uri}");
    }
    let nothing = client.get("/v1/history?limit=1").await;
    assert_eq!(nothing.problem(), (400, "malformed"));
    let long = client
        .get(&format!("/v1/history?role={}", "r".repeat(5000)))
        .await;
    assert_eq!(long.body["key"], "role");
}

#[tokio::test]
async fn reading_needs_a_scope_and_leaves_no_entry() {
    let world = World::new().await;
    world.submit(create_role("a")).await;
    let routes = [
        "/v1/changes",
        "/v1/entries/0-1",
        "/v1/entries/0-1/effects",
        "/v1/history?role=a",
    ];
    for uri in routes {
        for (scopes, allowed) in [
            ("ledger:read", true),
            ("ledger:audit", uri != "/v1/changes"),
            ("ledger:write update:roles", false),
        ] {
            let answer = world.client(scopes).get(uri).await;
            let expected = if allowed { 200 } else { 403 };
            assert_eq!(
                (answer.status, answer.seq()),
                (expected, 1),
                "{uri} with {scopes}"
            );
        }
        let nobody = world
            .client("ledger:read")
            .with_token("x.y.z")
            .get(uri)
            .await;
        assert_eq!((nobody.status, nobody.revision), (401, None), "{uri}");
    }
}
