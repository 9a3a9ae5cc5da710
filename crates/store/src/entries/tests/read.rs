//! Reading entries and the history of nouns.

use writ_domain::{
    Command, JsonText, NounKind, NounRef, Offset, Outcome, Partition, Position, Realm, Rejection,
    Seq, Settings, TenantId, TenantSeq,
};

use super::ledger::{Draft, Ledger, at as time, chain, command_id, noun};
use crate::entries::{
    Ask, Order, PAGE_BYTES_MAX, Progress, Window, at, at_position, by_command, by_commands,
    changes, decided, head, history, many, scan,
};

fn seqs(entries: &[crate::entries::Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.tenant_seq.0).collect()
}

fn window(after: u64, up_to: u64, limit: u32) -> Window {
    Window {
        after: TenantSeq(after),
        up_to: TenantSeq(up_to),
        limit,
    }
}

#[tokio::test]
async fn an_entry_reads_back_by_number_position_and_command() {
    let mut ledger = Ledger::new().await;
    let (store, tenant) = (ledger.store.clone(), ledger.tenant.clone());
    assert_eq!(head(&store, &tenant).await.unwrap(), None);
    assert_eq!(
        decided(&store, Partition(0)).await.unwrap(),
        Progress::none()
    );
    ledger.entry(Draft::unchanged()).await;
    let rejected = Outcome::Rejected(Rejection::NoSuchRole {
        role: "r".to_owned(),
    });
    ledger
        .entry(Draft {
            outcome: rejected.clone(),
            ..Draft::unchanged()
        })
        .await;

    let head = head(&store, &tenant).await.unwrap().unwrap();
    assert_eq!((head.tenant_seq, head.time), (TenantSeq(2), time(2)));
    assert_eq!(head.chain8, 2_u64.to_be_bytes());
    let entry = at(&store, &tenant, TenantSeq(2)).await.unwrap().unwrap();
    assert_eq!(
        entry.position,
        Position {
            partition: Partition(0),
            seq: Seq(2)
        }
    );
    assert_eq!((entry.offset, entry.time), (Offset(1), time(2)));
    assert_eq!(entry.outcome, rejected);
    assert_eq!(entry.chain.0.to_vec(), chain(2));
    let submission = entry.submission.clone().unwrap();
    assert_eq!(submission.stamp.reason.as_deref(), Some("reason 2"));
    assert_eq!(entry.command_id, Some(submission.stamp.command_id));
    assert_eq!(
        at_position(&store, entry.position).await.unwrap(),
        Some(entry.clone())
    );
    let found = by_command(&store, &tenant, &[command_id(0, 9), command_id(0, 2)])
        .await
        .unwrap();
    assert_eq!(found, [(command_id(0, 2), entry)]);
    assert_eq!(at(&store, &tenant, TenantSeq(3)).await.unwrap(), None);
    let nowhere = Position {
        partition: Partition(1),
        seq: Seq(2),
    };
    assert_eq!(at_position(&store, nowhere).await.unwrap(), None);
}

#[tokio::test]
async fn the_record_of_an_invalid_entry_is_not_read() {
    let mut ledger = Ledger::new().await;
    let invalid = Outcome::Invalid {
        problem: "is not JSON".to_owned(),
    };
    let seq = ledger
        .entry(Draft {
            outcome: invalid.clone(),
            ..Draft::unchanged()
        })
        .await;
    let entry = at(&ledger.store, &ledger.tenant, seq)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (entry.outcome, entry.submission, entry.command_id),
        (invalid, None, None)
    );
    let raw = scan(&ledger.store, Partition(0), Seq(1), 10).await.unwrap();
    assert_eq!(raw[0].record.value, b"\xff{");
}

#[tokio::test]
async fn changes_come_without_a_hole_and_within_the_window() {
    let mut ledger = Ledger::new().await;
    ledger.quiet_until(7).await;
    let mut other = Ledger::of(ledger.store.clone(), "other", 1);
    other.quiet_until(2).await;
    let rows: [(Window, &[u64]); 5] = [
        (window(0, 7, 100), &[1, 2, 3, 4, 5, 6, 7]),
        (window(2, 7, 3), &[3, 4, 5]),
        (window(2, 4, 100), &[3, 4]),
        (window(7, 7, 100), &[]),
        (window(u64::MAX, u64::MAX, 100), &[]),
    ];
    for (window, expected) in rows {
        let found = changes(&ledger.store, &ledger.tenant, window)
            .await
            .unwrap();
        assert_eq!(seqs(&found), expected, "{window:?}");
    }
    let found = changes(&ledger.store, &other.tenant, window(0, 9, 100))
        .await
        .unwrap();
    assert_eq!(seqs(&found), [1, 2]);
    let scanned = scan(&ledger.store, Partition(0), Seq(5), 2).await.unwrap();
    assert_eq!(
        scanned
            .iter()
            .map(|raw| raw.position.seq.0)
            .collect::<Vec<_>>(),
        [5, 6]
    );
}

#[tokio::test]
async fn a_page_holds_a_bounded_number_of_bytes() {
    let mut ledger = Ledger::new().await;
    let text = JsonText(format!("\"{}\"", "x".repeat(900_000)));
    let big = || Command::UpdateUser {
        realm: Realm::Native,
        user: "u".to_owned(),
        profile: Settings::from([("big".to_owned(), text.clone())])
            .into_iter()
            .map(|(name, value)| (name, Some(value)))
            .collect(),
    };
    for _ in 0..20 {
        ledger
            .entry(Draft {
                command: big(),
                ..Draft::unchanged()
            })
            .await;
    }
    let fit = usize::try_from(PAGE_BYTES_MAX).unwrap() / 900_300;
    let all: Vec<TenantSeq> = (1..=20).map(TenantSeq).collect();
    let found = changes(&ledger.store, &ledger.tenant, window(0, 20, 100))
        .await
        .unwrap();
    assert_eq!(found.len(), fit);
    assert_eq!(
        many(&ledger.store, &ledger.tenant, &all)
            .await
            .unwrap()
            .len(),
        fit
    );
    assert_eq!(
        scan(&ledger.store, Partition(0), Seq(1), 100)
            .await
            .unwrap()
            .len(),
        fit
    );
    let ids: Vec<_> = (1..=20).map(|seq| command_id(0, seq)).collect();
    let found = by_command(&ledger.store, &ledger.tenant, &ids)
        .await
        .unwrap();
    assert_eq!(found.len(), fit);
}

#[tokio::test]
async fn commands_of_several_tenants_are_found_at_once() {
    let mut ledger = Ledger::new().await;
    ledger.quiet_until(2).await;
    let mut other = Ledger::of(ledger.store.clone(), "other", 1);
    other.quiet_until(1).await;
    let asked = [
        (other.tenant.clone(), command_id(1, 1)),
        (ledger.tenant.clone(), command_id(0, 2)),
        // Another tenant's command is not there.
        (ledger.tenant.clone(), command_id(1, 1)),
    ];
    let found = by_commands(&ledger.store, &asked).await.unwrap();
    let found: Vec<_> = found
        .into_iter()
        .map(|(id, entry)| (id, entry.tenant, entry.tenant_seq.0))
        .collect();
    let expected = [
        (command_id(1, 1), TenantId::try_new("other").unwrap(), 1),
        (command_id(0, 2), TenantId::try_new("default").unwrap(), 2),
    ];
    assert_eq!(found, expected);
    assert_eq!(by_commands(&ledger.store, &[]).await.unwrap(), []);
}

/// Whole pages of a history, each as the numbers of its entries.
async fn pages(
    ledger: &Ledger,
    groups: &[Vec<NounRef>],
    order: Order,
    limit: u32,
) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let up_to = TenantSeq(ledger.last);
        let ask = Ask {
            tenant: &ledger.tenant,
            groups,
            order,
            actor: None,
            permission: None,
            cursor,
            after: TenantSeq::ZERO,
            up_to,
            limit,
        };
        let page = history(&ledger.store, ask).await.unwrap();
        pages.push(
            page.items
                .iter()
                .map(|item| item.entry.tenant_seq.0)
                .collect(),
        );
        cursor = page.next;
        if cursor.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn history_pages_from_either_end() {
    let mut ledger = Ledger::new().await;
    for changed in [true, false, true, false, true] {
        ledger
            .entry(Draft::unchanged().about(noun(NounKind::Role, "r"), changed))
            .await;
        ledger
            .entry(Draft::unchanged().about(noun(NounKind::Role, "other"), true))
            .await;
    }
    let role = [vec![noun(NounKind::Role, "r")]];
    assert_eq!(
        pages(&ledger, &role, Order::NewestFirst, 2).await,
        [[9, 7].as_slice(), &[5, 3], &[1]]
    );
    assert_eq!(
        pages(&ledger, &role, Order::OldestFirst, 3).await,
        [[1, 3, 5].as_slice(), &[7, 9]]
    );
    assert_eq!(
        pages(&ledger, &role, Order::OldestFirst, 5).await,
        [[1, 3, 5, 7, 9]]
    );
    let nobody = [vec![noun(NounKind::User, "r")]];
    assert_eq!(
        pages(&ledger, &nobody, Order::NewestFirst, 2).await,
        [Vec::<u64>::new()]
    );
    let ask = Ask {
        tenant: &ledger.tenant,
        groups: &role,
        order: Order::NewestFirst,
        actor: None,
        permission: None,
        cursor: None,
        after: TenantSeq::ZERO,
        up_to: TenantSeq(4),
        limit: 9,
    };
    let page = history(&ledger.store, ask).await.unwrap();
    let found: Vec<_> = page
        .items
        .iter()
        .map(|item| (item.entry.tenant_seq.0, item.changed))
        .collect();
    assert_eq!(found, [(3, false), (1, true)]);
}

#[tokio::test]
async fn the_history_of_an_api_spans_its_names() {
    let mut ledger = Ledger::new().await;
    let by = |name: &str| Draft::unchanged().about(noun(NounKind::Api, name), true);
    // An API lives from 1 to 4 as id-1, another of the same identifier from 5 on as id-2.
    for name in [
        "https://a/",
        "id-1",
        "https://a/",
        "https://a/",
        "https://a/",
        "id-2",
        "id-1",
    ] {
        ledger.entry(by(name)).await;
    }
    ledger
        .api(1 << 20, ("id-1", "https://a/"), (1, Some(3)))
        .await;
    ledger
        .api(1 << 20, ("id-1", "https://a/"), (3, Some(4)))
        .await;
    ledger.api(5 << 20, ("id-2", "https://a/"), (5, None)).await;
    let rows: [(&str, &[u64]); 4] = [
        // By its identifier: every API that ever bore it.
        ("https://a/", &[1, 2, 3, 4, 5, 6, 7]),
        // By its id: this API alone, and what named it after its end.
        ("id-1", &[1, 2, 3, 4, 7]),
        ("id-2", &[5, 6]),
        ("https://b/", &[]),
    ];
    for (name, expected) in rows {
        let group = [vec![noun(NounKind::Api, name)]];
        assert_eq!(
            pages(&ledger, &group, Order::OldestFirst, 99).await,
            [expected],
            "{name}"
        );
        let mut newest = expected.to_vec();
        newest.reverse();
        assert_eq!(
            pages(&ledger, &group, Order::NewestFirst, 99).await,
            [newest],
            "{name}"
        );
    }
}

#[tokio::test]
async fn history_by_several_nouns_is_what_concerns_all_of_them() {
    let mut ledger = Ledger::new().await;
    let (role, user) = (noun(NounKind::Role, "r"), noun(NounKind::User, "u"));
    let native = NounRef {
        realm: Realm::Native,
        ..role.clone()
    };
    ledger
        .entry(Draft::unchanged().about(role.clone(), true))
        .await;
    ledger
        .entry(
            Draft::unchanged()
                .about(role.clone(), false)
                .about(user.clone(), true),
        )
        .await;
    ledger
        .entry(Draft::unchanged().about(user.clone(), true))
        .await;
    ledger
        .entry(
            Draft::unchanged()
                .about(native.clone(), true)
                .about(user.clone(), false),
        )
        .await;
    ledger
        .entry(
            Draft::unchanged()
                .about(role.clone(), false)
                .about(user.clone(), false),
        )
        .await;
    let both = [vec![role.clone()], vec![user.clone()]];
    assert_eq!(pages(&ledger, &both, Order::NewestFirst, 9).await, [[5, 2]]);
    let any_realm = [vec![role, native], vec![user]];
    assert_eq!(
        pages(&ledger, &any_realm, Order::NewestFirst, 2).await,
        [[5, 4].as_slice(), &[2]]
    );
    let up_to = TenantSeq(5);
    let (tenant, order) = (&ledger.tenant, Order::OldestFirst);
    let ask = Ask {
        tenant,
        groups: &any_realm,
        order,
        actor: None,
        permission: None,
        cursor: None,
        after: TenantSeq::ZERO,
        up_to,
        limit: 9,
    };
    let page = history(&ledger.store, ask).await.unwrap();
    assert_eq!(
        page.items
            .iter()
            .map(|item| item.changed)
            .collect::<Vec<_>>(),
        [true, true, false]
    );
}
