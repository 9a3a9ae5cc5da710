//! Effects: what facts say, and what follows from the end of nouns.

use std::collections::BTreeSet;

use writ_domain::{
    ApiName, Authorization, AuthorizationKey, AuthorizationKind, AuthorizationName,
    AuthorizationTerms, Fact, GroupKey, GroupName, Holder, NamespaceKey, PermissionKey,
    PermissionName, Realm, RoleKey, RoleName, Settings, TenantSeq, UserKey, UserName,
};

use super::explicit::Said;
use super::*;
use crate::entries::tests::ledger::{Draft, Ledger};
use crate::entries::{at, effects};

const API: i64 = 1;
const READ: i64 = 10;
const WRITE: i64 = 11;

fn user(key: u64) -> UserName {
    UserName {
        key: UserKey::from_stored(key),
        realm: Realm::Auth0,
        id: format!("u{key}"),
    }
}

fn role(key: u64) -> RoleName {
    RoleName {
        key: RoleKey::from_stored(key),
        realm: Realm::Auth0,
        id: format!("r{key}"),
    }
}

fn permission(key: i64) -> PermissionName {
    PermissionName {
        key: PermissionKey::from_stored(u64::try_from(key).unwrap()),
        realm: Realm::Auth0,
        api: "https://a/".to_owned(),
        name: name_of(key).to_owned(),
        id: None,
    }
}

fn name_of(permission: i64) -> &'static str {
    if permission == READ { "read" } else { "write" }
}

fn removed(key: i64) -> Fact {
    let namespace = NamespaceKey::from_stored(u64::try_from(API).unwrap());
    Fact::PermissionRemoved {
        permission: permission(key),
        namespace,
        description: None,
        category: None,
    }
}

fn user_deleted(key: u64) -> Fact {
    Fact::UserDeleted {
        user: user(key),
        profile: Settings::new(),
    }
}

fn role_deleted(key: u64) -> Fact {
    Fact::RoleDeleted {
        role: role(key),
        name: "r".to_owned(),
        description: None,
        guarded: None,
    }
}

fn api_deleted() -> Fact {
    let key = NamespaceKey::from_stored(u64::try_from(API).unwrap());
    let api = ApiName {
        key,
        realm: Realm::Auth0,
        identifier: "https://a/".to_owned(),
    };
    Fact::ApiDeleted {
        api,
        id: "id".to_owned(),
        name: None,
    }
}

fn granted(key: u64, to: i64) -> Fact {
    Fact::UserPermissionGranted {
        user: user(key),
        permission: permission(to),
    }
}

fn revoked(key: u64, from: i64, granted_at: u64) -> Fact {
    let granted_at = TenantSeq(granted_at);
    Fact::UserPermissionRevoked {
        user: user(key),
        permission: permission(from),
        granted_at,
    }
}

/// An effect in one line: `-` or `+`, the ends, and for losses who opened it and what remains.
fn line(effect: &Effect) -> String {
    let ends = match &effect.edge {
        Edge::RolePermission {
            role,
            api,
            permission,
            ..
        } => format!("{role} {api} {permission}"),
        Edge::UserPermission {
            user,
            api,
            permission,
            ..
        } => format!("{user} {api} {permission}"),
        Edge::UserRole { user, role, .. } => format!("{user} {role}"),
        Edge::GroupMember { user, group, .. } => format!("{user} {group}"),
        Edge::Authorization {
            id, before, after, ..
        } => {
            let of = |terms: &Option<AuthorizationTerms>| {
                terms.as_ref().map_or("none".to_owned(), |terms| {
                    format!("{} {}", terms.holder, terms.permissions)
                })
            };
            format!("{id}: {} > {}", of(before), of(after))
        }
    };
    match effect.turn {
        Turn::Gained => format!("+ {ends}"),
        Turn::Lost { opened_by, remains } => {
            let remains = remains.map_or("", |yes| if yes { ", remains" } else { ", gone" });
            format!("- {ends} (by {opened_by}{remains})")
        }
        Turn::Changed { opened_by } => format!("~ {ends} (by {opened_by})"),
    }
}

#[test]
fn an_edge_is_told_once_for_all_that_an_entry_did_to_it() {
    let rows: [(&str, Vec<Fact>, &[&str]); 7] = [
        ("nothing", vec![], &[]),
        ("given", vec![granted(1, READ)], &["+ u1 https://a/ read"]),
        (
            "taken",
            vec![revoked(1, READ, 4)],
            &["- u1 https://a/ read (by 4)"],
        ),
        (
            "taken and given back",
            vec![revoked(1, READ, 4), granted(1, READ)],
            &[],
        ),
        (
            "given and taken back",
            vec![granted(1, READ), revoked(1, READ, 9)],
            &[],
        ),
        (
            "taken, given and taken",
            vec![revoked(1, READ, 4), granted(1, READ), revoked(1, READ, 9)],
            &["- u1 https://a/ read (by 4)"],
        ),
        (
            "told with the end of the user",
            vec![revoked(1, READ, 4), user_deleted(1)],
            &[],
        ),
    ];
    for (name, facts, expected) in rows {
        let said = Said::of(&facts, TenantSeq(9), []);
        let found: Vec<_> = said
            .effects
            .iter()
            .map(|(_, effect)| line(effect))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
    let went_with_its_api = [PermissionKey::from_stored(10)];
    let said = Said::of(
        &[revoked(1, READ, 4), api_deleted()],
        TenantSeq(9),
        went_with_its_api,
    );
    assert!(said.effects.is_empty());
}

#[test]
fn a_cursor_reads_back() {
    for (at_least, after) in [(false, -1), (true, i64::MAX)] {
        let total = Total { count: 7, at_least };
        let cursor = Cursor {
            section: 8,
            noun: 5 << 20,
            after,
            total,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
    for bad in [
        "",
        "0",
        "0.0.0",
        "9.0.0.0",
        "0.-1.0.0",
        "0.0.-2.0",
        "0.0.0.-1",
        "0.0.0.0.0",
        "0.0.-0.0",
        "0.00.0.0",
        "0.0.0.+1",
        "a",
    ] {
        assert_eq!(bad.parse::<Cursor>(), Err(ParseCursorError), "{bad}");
    }
}

/// API 1 with permissions 10 (read) and 11 (write) since 1, nine entries.
async fn ledger() -> Ledger {
    let mut ledger = Ledger::new().await;
    ledger.api(API, ("id", "https://a/"), (1, None)).await;
    ledger.permission(READ, (API, "read"), (1, None)).await;
    ledger.permission(WRITE, (API, "write"), (1, None)).await;
    ledger.quiet_until(9).await;
    ledger
}

/// All effects of an entry, in pages of `limit`.
async fn all(ledger: &Ledger, seq: TenantSeq, limit: usize) -> (Vec<String>, Total) {
    let entry = at(&ledger.store, &ledger.tenant, seq)
        .await
        .unwrap()
        .unwrap();
    let mut lines = Vec::new();
    let mut cursor = None;
    loop {
        let page = effects::page(&ledger.store, &entry, cursor, limit)
            .await
            .unwrap();
        assert!(page.effects.len() <= limit);
        assert!(
            page.next.is_none() || page.effects.len() == limit,
            "a short page is the last"
        );
        lines.extend(page.effects.iter().map(line));
        cursor = page.next;
        if cursor.is_none() {
            return (lines, page.total);
        }
    }
}

/// Asserts the effects of an entry, whole and paged.
async fn check(ledger: &Ledger, seq: TenantSeq, expected: &[&str]) {
    let (whole, total) = all(ledger, seq, 1000).await;
    assert_eq!(whole, expected);
    let count = u64::try_from(expected.len()).unwrap();
    assert_eq!(
        total,
        Total {
            count,
            at_least: false
        }
    );
    for limit in [1, 2, 3, 5] {
        assert_eq!(
            all(ledger, seq, limit).await,
            (whole.clone(), total),
            "pages of {limit}"
        );
    }
}

#[tokio::test]
async fn a_removed_permission_is_lost_by_all_who_held_it() {
    let mut ledger = ledger().await;
    for key in 100..104 {
        ledger.user(key, &format!("u{key}"), (2, None)).await;
        ledger.user_permission((key, READ), (key - 97, None)).await;
        ledger.user_permission((key, WRITE), (3, None)).await;
    }
    ledger.role(200, "r200", (2, None)).await;
    ledger.role_permission((200, READ), (5, None)).await;
    // Told with the entries that ended them: a revoked grant, a user and a role that are gone.
    ledger.user(104, "u104", (2, None)).await;
    ledger.user_permission((104, READ), (3, Some(8))).await;
    ledger.user(105, "u105", (2, Some(8))).await;
    ledger.user_permission((105, READ), (3, None)).await;
    ledger.role(201, "r201", (2, Some(9))).await;
    ledger.role_permission((201, READ), (5, None)).await;
    let seq = ledger.entry(Draft::applied(vec![removed(READ)])).await;
    ledger
        .run(
            "UPDATE permissions_history SET to_seq = 10 WHERE key = $1",
            &[&READ],
        )
        .await;
    let expected = [
        "- r200 https://a/ read (by 5)",
        "- u100 https://a/ read (by 3, gone)",
        "- u101 https://a/ read (by 4, gone)",
        "- u102 https://a/ read (by 5, gone)",
        "- u103 https://a/ read (by 6, gone)",
    ];
    check(&ledger, seq, &expected).await;
    // What happens later does not change what happened.
    ledger.quiet_until(12).await;
    ledger
        .run("UPDATE users_history SET to_seq = 11 WHERE key = 100", &[])
        .await;
    ledger.permission(99, (API, "read"), (12, None)).await;
    check(&ledger, seq, &expected).await;
}

#[tokio::test]
async fn a_deleted_api_takes_all_its_permissions() {
    let mut ledger = ledger().await;
    ledger.user(100, "u100", (2, None)).await;
    ledger.role(200, "r200", (2, None)).await;
    // A name change and a reordering: the newest version counts, and counts once.
    ledger
        .run(
            "UPDATE permissions_history SET to_seq = 4 WHERE key = $1",
            &[&WRITE],
        )
        .await;
    ledger.permission(WRITE, (API, "write"), (4, None)).await;
    ledger.user_permission((100, READ), (3, None)).await;
    ledger.user_permission((100, WRITE), (4, None)).await;
    ledger.role_permission((200, WRITE), (5, None)).await;
    ledger.permission(12, (API, "old"), (1, Some(6))).await;
    ledger.user_permission((100, 12), (3, None)).await;
    let facts = vec![revoked(100, WRITE, 4), api_deleted()];
    let seq = ledger.entry(Draft::applied(facts)).await;
    ledger
        .run("UPDATE namespaces_history SET to_seq = 10", &[])
        .await;
    ledger
        .run(
            "UPDATE user_permissions_history SET to_seq = 10 WHERE permission_key = 11",
            &[],
        )
        .await;
    let expected = [
        "- r200 https://a/ write (by 5)",
        "- u100 https://a/ read (by 3, gone)",
        "- u100 https://a/ write (by 4, gone)",
    ];
    check(&ledger, seq, &expected).await;
}

#[tokio::test]
async fn an_edge_that_loses_both_ends_is_told_once() {
    let mut ledger = ledger().await;
    for key in [100, 101] {
        ledger.user(key, &format!("u{key}"), (2, None)).await;
        ledger.user_permission((key, READ), (3, None)).await;
        ledger.user_role((key, 200), (4, None)).await;
    }
    ledger.role(200, "r200", (2, None)).await;
    ledger.role(201, "r201", (2, Some(7))).await;
    ledger.user_role((100, 201), (4, None)).await;
    ledger.role_permission((200, READ), (5, None)).await;
    ledger.role_permission((200, WRITE), (6, None)).await;
    let facts = vec![user_deleted(100), role_deleted(200), removed(READ)];
    let seq = ledger.entry(Draft::applied(facts)).await;
    for ended in [
        "UPDATE users_history SET to_seq = 10 WHERE key = 100",
        "UPDATE roles_history SET to_seq = 10 WHERE key = 200",
        "UPDATE permissions_history SET to_seq = 10 WHERE key = 10",
    ] {
        ledger.run(ended, &[]).await;
    }
    let expected = [
        "- u100 https://a/ read (by 3, gone)",
        "- u100 r200 (by 4)",
        "- r200 https://a/ read (by 5)",
        "- r200 https://a/ write (by 6)",
        "- u101 r200 (by 4)",
        "- u101 https://a/ read (by 3, gone)",
    ];
    check(&ledger, seq, &expected).await;
}

#[tokio::test]
async fn a_revoked_grant_says_whether_a_role_still_gives_it() {
    let mut ledger = ledger().await;
    for key in 100..105 {
        ledger.user(key, &format!("u{key}"), (2, None)).await;
        ledger.user_permission((key, READ), (3, Some(10))).await;
    }
    for (key, life) in [(200, (2, None)), (201, (2, Some(9))), (202, (2, None))] {
        ledger.role(key, &format!("r{key}"), life).await;
    }
    ledger.role_permission((200, READ), (4, None)).await;
    ledger.role_permission((201, READ), (4, None)).await;
    ledger.role_permission((202, READ), (4, Some(10))).await;
    ledger.user_role((100, 200), (4, None)).await;
    // By a role that is gone, that lost the permission in this entry, that was given later.
    ledger.user_role((101, 201), (4, None)).await;
    ledger.user_role((102, 202), (4, None)).await;
    ledger.user_role((103, 200), (11, None)).await;
    let mut facts: Vec<Fact> = (100..104).map(|key| revoked(key, READ, 3)).collect();
    facts.push(Fact::UserRoleAssigned {
        user: user(104),
        role: role(200),
    });
    facts.push(revoked(104, READ, 3));
    facts.push(granted(104, WRITE));
    ledger.user_role((104, 200), (10, None)).await;
    let seq = ledger.entry(Draft::applied(facts)).await;
    let expected = [
        "- u100 https://a/ read (by 3, remains)",
        "- u101 https://a/ read (by 3, gone)",
        "- u102 https://a/ read (by 3, gone)",
        "- u103 https://a/ read (by 3, gone)",
        "- u104 https://a/ read (by 3, remains)",
        "+ u104 https://a/ write",
        "+ u104 r200",
    ];
    check(&ledger, seq, &expected).await;
}

#[tokio::test]
async fn many_effects_of_many_permissions_are_paged_once_each() {
    let mut ledger = ledger().await;
    ledger
        .run(
            "INSERT INTO users_history SELECT 'default', 1000 + n, 2, NULL, 1, 'u' || n, '{}'
             FROM generate_series(1, 300) AS n",
            &[],
        )
        .await;
    // Permissions 2001 to 2400; every 40th is held, by 30 users each.
    ledger
        .run(
            "INSERT INTO permissions_history
             SELECT 'default', 2000 + n, 2, NULL, 1, 'p' || n, NULL, n
             FROM generate_series(1, 400) AS n",
            &[],
        )
        .await;
    ledger
        .run(
            "INSERT INTO user_permissions_history
             SELECT 'default', 1000 + u, 2000 + 40 * p, 3, NULL
             FROM generate_series(1, 10) AS p, generate_series(1, 300, 10) AS u",
            &[],
        )
        .await;
    let seq = ledger.entry(Draft::applied(vec![api_deleted()])).await;
    ledger
        .run("UPDATE namespaces_history SET to_seq = 10", &[])
        .await;
    let (whole, total) = all(&ledger, seq, 1000).await;
    assert_eq!(
        total,
        Total {
            count: 300,
            at_least: false
        }
    );
    assert_eq!(whole.len(), 300);
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 300);
    for limit in [7, 100, 299, 300] {
        assert_eq!(all(&ledger, seq, limit).await.0, whole, "pages of {limit}");
    }
}

fn group(key: u64) -> GroupName {
    GroupName {
        key: GroupKey::from_stored(key),
        realm: Realm::Camunda,
        id: format!("g{key}"),
    }
}

fn group_deleted(key: u64) -> Fact {
    Fact::GroupDeleted {
        group: group(key),
        name: None,
        kind: None,
    }
}

#[tokio::test]
async fn memberships_end_with_their_user_or_their_group() {
    let mut ledger = ledger().await;
    for key in 100..103 {
        ledger.user(key, &format!("u{key}"), (2, None)).await;
    }
    for key in 300..302 {
        ledger.group(key, &format!("g{key}"), (2, None)).await;
    }
    for edge in [(100, 300), (100, 301), (101, 300), (102, 301)] {
        ledger.group_member(edge, (4, None)).await;
    }
    // Left before: no effect of this entry.
    ledger.group_member((102, 300), (4, Some(7))).await;
    let left = Fact::GroupMemberRemoved {
        group: group(301),
        user: user(102),
        added_at: TenantSeq(4),
    };
    let joined = Fact::GroupMemberAdded {
        group: group(301),
        user: user(101),
    };
    let facts = vec![left, joined, user_deleted(100), group_deleted(300)];
    let seq = ledger.entry(Draft::applied(facts)).await;
    for ended in [
        "UPDATE users_history SET to_seq = 10 WHERE key = 100",
        "UPDATE groups_history SET to_seq = 10 WHERE key = 300",
        "UPDATE group_members_history SET to_seq = 10 WHERE user_key = 102 AND group_key = 301",
    ] {
        ledger.run(ended, &[]).await;
    }
    ledger.group_member((101, 301), (10, None)).await;
    let expected = [
        "+ u101 g301",
        "- u102 g301 (by 4)",
        "- u100 g300 (by 4)",
        "- u100 g301 (by 4)",
        "- u101 g300 (by 4)",
    ];
    check(&ledger, seq, &expected).await;
}

const GRANT: AuthorizationKind = AuthorizationKind::Grant;

fn terms(holder: &str, permissions: u32) -> AuthorizationTerms {
    AuthorizationTerms {
        holder: Holder::user(holder),
        resource_type: 6,
        resource_id: Some("invoice".to_owned()),
        permissions,
    }
}

fn authorization(key: u64) -> AuthorizationName {
    AuthorizationName {
        key: AuthorizationKey::from_stored(key),
        id: format!("a{key}"),
    }
}

fn changed(key: u64, before: AuthorizationTerms, after: AuthorizationTerms) -> Fact {
    Fact::AuthorizationChanged {
        authorization: authorization(key),
        kind: GRANT,
        before,
        after,
    }
}

fn created(key: u64, terms: AuthorizationTerms) -> Fact {
    let AuthorizationName { key, id } = authorization(key);
    Fact::AuthorizationCreated {
        key,
        authorization: Authorization {
            id,
            kind: GRANT,
            terms,
        },
    }
}

fn deleted(key: u64, terms: AuthorizationTerms) -> Fact {
    Fact::AuthorizationDeleted {
        authorization: authorization(key),
        kind: GRANT,
        terms,
    }
}

#[tokio::test]
async fn an_authorization_is_told_with_what_it_was_and_has_become() {
    let mut ledger = ledger().await;
    for (key, from) in [(400, 2), (401, 3), (402, 4), (403, 5)] {
        ledger.authorization(key, (from, Some(10))).await;
    }
    // It changed before: the terms that this entry closes are those of entry 6.
    ledger
        .run(
            "UPDATE authorizations_history SET to_seq = 6 WHERE key = 400",
            &[],
        )
        .await;
    ledger.authorization(400, (6, Some(10))).await;
    let facts = vec![
        created(404, terms("ann", 2)),
        changed(400, terms("ann", 2), terms("bob", 4)),
        deleted(401, terms("ann", 2)),
        // Nothing in the end: changed and changed back, made and taken.
        changed(402, terms("ann", 2), terms("bob", 2)),
        changed(402, terms("bob", 2), terms("ann", 2)),
        created(405, terms("ann", 2)),
        deleted(405, terms("ann", 2)),
        // Twice in one entry is once.
        changed(403, terms("ann", 2), terms("ann", 4)),
        changed(403, terms("ann", 4), terms("ann", 6)),
    ];
    let seq = ledger.entry(Draft::applied(facts)).await;
    let expected = [
        "~ a400: user ann 2 > user bob 4 (by 6)",
        "- a401: user ann 2 > none (by 3)",
        "~ a403: user ann 2 > user ann 6 (by 5)",
        "+ a404: none > user ann 2",
    ];
    check(&ledger, seq, &expected).await;
}

#[tokio::test]
async fn an_entry_without_facts_has_no_effects() {
    let ledger = ledger().await;
    check(&ledger, TenantSeq(9), &[]).await;
}
