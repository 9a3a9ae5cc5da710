//! Waiting for entries: heads, revisions, notifications.

use core::time::Duration;

use writ_domain::TenantSeq;

use super::ledger::{Draft, Ledger};
use crate::entries::{Claimed, Head, Heads, Listener, Reached, at, head};

const LONG: Duration = Duration::from_secs(30);

fn claimed(seq: u64) -> Claimed {
    Claimed {
        tenant_seq: TenantSeq(seq),
        chain8: seq.to_be_bytes(),
    }
}

#[tokio::test]
async fn a_revision_that_is_there_is_reached_at_once() {
    let mut ledger = Ledger::new().await;
    let (store, tenant, heads) = (ledger.store.clone(), ledger.tenant.clone(), Heads::new());
    let none = Claimed {
        tenant_seq: TenantSeq::ZERO,
        chain8: [0; 8],
    };
    let reached = heads.reach(&store, &tenant, none, LONG).await.unwrap();
    assert_eq!(reached, Reached::Yes(Head::none()));
    ledger.quiet_until(3).await;
    let newest = head(&store, &tenant).await.unwrap().unwrap();
    for seq in [1, 3] {
        let reached = heads
            .reach(&store, &tenant, claimed(seq), LONG)
            .await
            .unwrap();
        assert_eq!(reached, Reached::Yes(newest));
    }
    for seq in [1, 3] {
        let forked = Claimed {
            chain8: [9; 8],
            ..claimed(seq)
        };
        let reached = heads.reach(&store, &tenant, forked, LONG).await.unwrap();
        assert_eq!(reached, Reached::Forked);
    }
    let reached = heads
        .reach(&store, &tenant, claimed(4), Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(reached, Reached::Behind);
}

#[tokio::test]
async fn who_waits_is_woken_by_a_commit_of_this_process() {
    let mut ledger = Ledger::new().await;
    ledger.quiet_until(1).await;
    let (store, tenant, heads) = (ledger.store.clone(), ledger.tenant.clone(), Heads::new());
    let waiting = heads.reach(&store, &tenant, claimed(2), LONG);
    tokio::pin!(waiting);
    // Until it has looked and waits.
    let early = futures_util::poll!(&mut waiting);
    assert!(early.is_pending());
    let seq = ledger.entry(Draft::unchanged()).await;
    let entry = at(&store, &tenant, seq).await.unwrap().unwrap();
    let tell = async { heads.committed([&entry]) };
    let (reached, ()) = tokio::join!(waiting, tell);
    assert!(matches!(reached.unwrap(), Reached::Yes(head) if head.tenant_seq == seq));
}

#[tokio::test]
async fn who_waits_is_woken_by_a_commit_elsewhere() {
    let mut ledger = Ledger::new().await;
    ledger.quiet_until(1).await;
    let (store, tenant, heads) = (ledger.store.clone(), ledger.tenant.clone(), Heads::new());
    let mut listener = Listener::open(&store).await.unwrap();
    let waiting = heads.newer(&store, &tenant, TenantSeq(1), LONG);
    let write = async {
        ledger.entry(Draft::unchanged()).await;
        ledger
            .run("SELECT pg_notify('writ_entries', '0')", &[])
            .await;
        listener.heard().await.unwrap();
        heads.refresh(&store).await.unwrap();
    };
    let (newer, ()) = tokio::join!(waiting, write);
    assert_eq!(newer.unwrap().unwrap().tenant_seq, TenantSeq(2));
    // Nobody waits any more: nothing is asked of the store.
    heads.refresh(&store).await.unwrap();
    assert_eq!(format!("{heads:?}").matches("TenantId").count(), 0);
}

#[tokio::test]
async fn a_listener_says_that_its_connection_is_gone() {
    let ledger = Ledger::new().await;
    let mut listener = Listener::open(&ledger.store).await.unwrap();
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    ledger.run(ended, &[]).await;
    assert!(listener.heard().await.unwrap_err().is_transient());
}
