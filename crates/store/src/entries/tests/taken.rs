//! History tells what a removal took from whom, though it names nobody.

use writ_domain::{ApiName, Fact, NamespaceKey, NounKind, NounRef, Realm, TenantSeq};

use super::ledger::{Draft, Ledger, noun};
use crate::entries::{Ask, Order, history};

const API: i64 = 1 << 20;
const OTHER: i64 = 1 << 20 | 1;
const READ: i64 = 1 << 20 | 2;
const WRITE: i64 = 1 << 20 | 3;
const ELSEWHERE: i64 = 1 << 20 | 4;
const ANN: i64 = 2 << 20;
const ANN_AGAIN: i64 = 15 << 20;
const BOB: i64 = 2 << 20 | 1;
const CLERK: i64 = 2 << 20 | 2;
const SALES: i64 = 2 << 20 | 3;

/// Two APIs, two users, a role and a group; twenty entries that name the first user at 2 and 3 and
/// the role at 3.
async fn ledger() -> Ledger {
    let mut ledger = Ledger::new().await;
    ledger.quiet_until(1).await;
    let (ann, clerk) = (noun(NounKind::User, "ann"), noun(NounKind::Role, "clerk"));
    ledger
        .entry(Draft::unchanged().about(ann.clone(), true))
        .await;
    let both = Draft::unchanged().about(ann, true).about(clerk, false);
    ledger.entry(both).await;
    ledger.quiet_until(20).await;
    ledger.api(API, ("id", "https://a/"), (1, None)).await;
    ledger.api(OTHER, ("od", "https://b/"), (1, None)).await;
    for (key, of) in [
        (READ, (API, "read")),
        (WRITE, (API, "write")),
        (ELSEWHERE, (OTHER, "read")),
    ] {
        ledger.permission(key, of, (1, None)).await;
    }
    ledger.user(ANN, "ann", (2, None)).await;
    ledger.user(BOB, "bob", (2, None)).await;
    ledger.role(CLERK, "clerk", (2, None)).await;
    ledger.group(SALES, "sales", (2, None)).await;
    ledger
}

impl Ledger {
    async fn end(&self, table: &str, key: i64, at: i64) {
        let sql = format!("UPDATE {table} SET to_seq = $2 WHERE key = $1 AND to_seq IS NULL");
        self.run(&sql, &[&key, &at]).await;
    }

    /// The entries of a history, `!` after those that changed something, in pages.
    async fn told(&self, groups: &[Vec<NounRef>], order: Order, limit: u32) -> Vec<String> {
        let mut all = Vec::new();
        let mut ask = Ask {
            tenant: &self.tenant,
            groups,
            order,
            actor: None,
            permission: None,
            cursor: None,
            after: TenantSeq::ZERO,
            up_to: TenantSeq(self.last),
            limit,
        };
        loop {
            let page = history(&self.store, ask).await.unwrap();
            all.extend(page.items.iter().map(|item| {
                let changed = if item.changed { "!" } else { "" };
                format!("{}{changed}", item.entry.tenant_seq)
            }));
            ask.cursor = page.next;
            if page.next.is_none() {
                return all;
            }
        }
    }

    async fn check(&self, nouns: &[(NounKind, &str)], expected: &[&str]) {
        let groups: Vec<Vec<NounRef>> = nouns
            .iter()
            .map(|(kind, id)| vec![noun(*kind, id)])
            .collect();
        let mut newest = expected.to_vec();
        newest.reverse();
        for limit in [1, 2, 99] {
            let oldest_first = self.told(&groups, Order::OldestFirst, limit).await;
            assert_eq!(oldest_first, expected, "{nouns:?} by {limit}");
            let newest_first = self.told(&groups, Order::NewestFirst, limit).await;
            assert_eq!(newest_first, newest, "{nouns:?} by {limit}");
        }
    }
}

const USER: NounKind = NounKind::User;
const ROLE: NounKind = NounKind::Role;

#[tokio::test]
async fn what_ended_concerns_whoever_held_it() {
    let ledger = ledger().await;
    for permission in [READ, WRITE, ELSEWHERE] {
        ledger.user_permission((ANN, permission), (3, None)).await;
    }
    ledger.user_permission((BOB, READ), (4, None)).await;
    ledger.role_permission((CLERK, READ), (4, None)).await;
    ledger.role_permission((CLERK, ELSEWHERE), (4, None)).await;
    ledger.user_role((ANN, CLERK), (4, None)).await;
    ledger.group_member((ANN, SALES), (4, None)).await;
    ledger.end("permissions_history", READ, 6).await;
    ledger.end("namespaces_history", OTHER, 8).await;
    ledger.end("roles_history", CLERK, 9).await;
    ledger.end("groups_history", SALES, 10).await;
    ledger
        .check(&[(USER, "ann")], &["2!", "3!", "6!", "8!", "9!", "10!"])
        .await;
    ledger.check(&[(USER, "bob")], &["6!"]).await;
    ledger.check(&[(ROLE, "clerk")], &["3", "6!", "8!"]).await;
    // What concerns both of them.
    ledger
        .check(&[(ROLE, "clerk"), (USER, "ann")], &["3!", "6!", "8!"])
        .await;
    ledger
        .check(&[(USER, "ann"), (ROLE, "clerk")], &["3!", "6!", "8!"])
        .await;
    let up_to_7 = Ask {
        tenant: &ledger.tenant,
        groups: &[vec![noun(USER, "ann")]],
        order: Order::NewestFirst,
        actor: Some("ann"),
        permission: None,
        cursor: None,
        after: TenantSeq(2),
        up_to: TenantSeq(7),
        limit: 9,
    };
    let page = history(&ledger.store, up_to_7).await.unwrap();
    let seqs: Vec<u64> = page
        .items
        .iter()
        .map(|item| item.entry.tenant_seq.0)
        .collect();
    assert_eq!(seqs, [6, 3]);
}

#[tokio::test]
async fn what_was_not_held_at_the_end_was_not_taken() {
    let ledger = ledger().await;
    // Given back before it ended, and held by somebody of that name who had ended before.
    ledger.user_permission((ANN, READ), (3, Some(5))).await;
    ledger.user_permission((ANN, WRITE), (3, None)).await;
    ledger.end("users_history", ANN, 7).await;
    ledger.end("permissions_history", READ, 8).await;
    ledger.end("permissions_history", WRITE, 9).await;
    // Another one of that name holds something else.
    ledger.user(ANN_AGAIN, "ann", (15, None)).await;
    ledger
        .user_permission((ANN_AGAIN, ELSEWHERE), (16, None))
        .await;
    ledger.check(&[(USER, "ann")], &["2!", "3!"]).await;
    ledger.end("permissions_history", ELSEWHERE, 18).await;
    ledger.check(&[(USER, "ann")], &["2!", "3!", "18!"]).await;
    // In another realm nobody of that name held anything.
    let elsewhere = NounRef {
        realm: Realm::Native,
        ..noun(USER, "ann")
    };
    let told = ledger.told(&[vec![elsewhere]], Order::NewestFirst, 9).await;
    assert_eq!(told, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_of_what_was_held_takes_nothing() {
    let ledger = ledger().await;
    ledger.user_permission((ANN, READ), (3, None)).await;
    // A description, a role's name.
    ledger.end("permissions_history", READ, 6).await;
    ledger.permission(READ, (API, "read"), (6, None)).await;
    ledger.end("namespaces_history", API, 7).await;
    ledger.api(API, ("id", "https://a/"), (7, None)).await;
    ledger.end("users_history", ANN, 8).await;
    ledger.user(ANN, "ann", (8, None)).await;
    ledger.check(&[(USER, "ann")], &["2!", "3!"]).await;
    ledger.end("namespaces_history", API, 9).await;
    ledger.check(&[(USER, "ann")], &["2!", "3!", "9!"]).await;
}

#[tokio::test]
async fn the_end_of_an_api_concerns_each_permission_that_it_had() {
    let mut ledger = ledger().await;
    let deleted = Fact::ApiDeleted {
        api: ApiName {
            key: NamespaceKey::from_stored(u64::try_from(API).unwrap()),
            realm: Realm::Auth0,
            identifier: "https://a/".to_owned(),
        },
        id: "id".to_owned(),
        name: None,
    };
    ledger.end("permissions_history", WRITE, 4).await;
    let api = noun(NounKind::Api, "https://a/");
    let seq = ledger
        .entry(Draft::applied(vec![deleted]).about(api.clone(), true))
        .await;
    ledger
        .end("namespaces_history", API, i64::try_from(seq.0).unwrap())
        .await;
    let of_api = vec![vec![api]];
    let rows = [
        ("read", of_api.clone(), true),
        ("read", Vec::new(), true),
        // It had gone before; and there was none of that name.
        ("write", of_api.clone(), false),
        ("other", of_api, false),
    ];
    for (permission, groups, is_concerned) in rows {
        let ask = Ask {
            tenant: &ledger.tenant,
            groups: &groups,
            order: Order::NewestFirst,
            actor: None,
            permission: Some(permission),
            cursor: None,
            after: TenantSeq::ZERO,
            up_to: TenantSeq(ledger.last),
            limit: 9,
        };
        let page = history(&ledger.store, ask).await.unwrap();
        let found: Vec<_> = page
            .items
            .iter()
            .map(|item| item.entry.tenant_seq)
            .collect();
        let expected: &[TenantSeq] = if is_concerned { &[seq] } else { &[] };
        assert_eq!(found, expected, "{permission}");
    }
}
