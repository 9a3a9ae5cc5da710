//! Denials: one by one within the rate, together beyond it.

use core::num::NonZeroU32;
use core::time::Duration;

use writ_domain::{Command, Denial, NounKind, NounRef, Outcome, Realm, TenantSeq};
use writ_http::Provenance;
use writ_store::entries::{self, Window};

use super::world::{World, caller, options, tenant};
use crate::{DenialRate, Options, Refused};

fn denial() -> Denial {
    Denial::InsufficientScope {
        required: vec!["update:roles".to_owned()],
    }
}

fn role(id: &str) -> NounRef {
    NounRef {
        realm: Realm::Auth0,
        kind: NounKind::Role,
        id: id.to_owned(),
    }
}

/// Two at once, and then one in a long while.
fn slow() -> Options {
    let denial_rate = DenialRate {
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::new(2).unwrap(),
    };
    Options {
        denial_rate,
        denial_window: Duration::from_mins(10),
        ..options()
    }
}

/// The operation, target and count of each denial on record.
async fn on_record(world: &World) -> Vec<(String, Option<NounRef>, u32)> {
    let window = Window {
        after: TenantSeq::ZERO,
        up_to: TenantSeq(100),
        limit: 100,
    };
    let entries = entries::changes(&world.store, &tenant(), window)
        .await
        .unwrap();
    entries
        .into_iter()
        .map(|entry| {
            assert_eq!(entry.outcome, Outcome::Denied(denial()));
            let command = entry.submission.unwrap().command;
            let Command::RecordDenial {
                operation,
                target,
                count,
                ..
            } = command
            else {
                panic!("{command:?}");
            };
            (operation, target, count)
        })
        .collect()
}

#[tokio::test]
async fn denials_beyond_the_rate_are_counted_in_one_entry() {
    let mut world = World::with(slow()).await;
    world.run();
    let refuse = |subject: &'static str, operation: &'static str, id: &'static str| {
        let who = (caller(subject), Provenance::default());
        world
            .service
            .record_denial(who, operation, Some(role(id)), denial())
    };
    for _ in 0..2 {
        let refused = refuse("ann", "DeleteRole", "r1").await.unwrap();
        assert!(matches!(refused, Refused::Recorded(_)));
    }
    for id in ["r1", "r1", "r1"] {
        assert_eq!(
            refuse("ann", "DeleteRole", id).await.unwrap(),
            Refused::Counted
        );
    }
    for id in ["r1", "r2"] {
        assert_eq!(
            refuse("ann", "UpdateRole", id).await.unwrap(),
            Refused::Counted
        );
    }
    // Another caller has a rate of his own.
    assert!(matches!(
        refuse("bob", "DeleteRole", "r1").await.unwrap(),
        Refused::Recorded(_)
    ));
    assert_eq!(on_record(&world).await.len(), 3);

    // The end of the window; here the end of the service, which must not lose them.
    let stopping = world.service.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    stop.cancel();
    stopping.run(stop).await;
    let (name, one) = (str::to_owned, Some(role("r1")));
    let mut counted = on_record(&world).await.split_off(3);
    counted.sort();
    assert_eq!(
        counted,
        [(name("DeleteRole"), one, 3), (name("UpdateRole"), None, 2)]
    );
}

#[tokio::test]
async fn counted_denials_are_recorded_at_the_end_of_the_window() {
    let options = Options {
        denial_window: Duration::from_millis(30),
        ..slow()
    };
    let mut world = World::with(options).await;
    let refuse = || {
        let who = (caller("ann"), Provenance::default());
        world
            .service
            .record_denial(who, "DeleteRole", Some(role("r")), denial())
    };
    for _ in 0..2 {
        assert!(matches!(refuse().await.unwrap(), Refused::Recorded(_)));
    }
    assert_eq!(refuse().await.unwrap(), Refused::Counted);
    let heads = world.service.inner.parts.heads.clone();
    let store = world.store.clone();
    world.run();
    let patience = Duration::from_secs(30);
    let newer = heads
        .newer(&store, &tenant(), TenantSeq(2), patience)
        .await
        .unwrap();
    assert_eq!(newer.unwrap().tenant_seq, TenantSeq(3));
    assert_eq!(on_record(&world).await.pop().unwrap().2, 1);
}
