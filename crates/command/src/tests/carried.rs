//! Appending: what is in the log, and what the caller learns when the log fails.

use core::time::Duration;
use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;
use writ_domain::{Expected, Partition, TenantSeq};
use writ_envelope::limits::RECORD_BYTES_MAX;
use writ_log::memory::Fault;

use super::client::{ALL, Client};
use super::world::{
    PARTITION, World, create_role, delete_role, keyed, now, options, request, tenant,
};
use crate::{Options, Request, SubmitError};

fn brief() -> Options {
    Options {
        deadline: Duration::from_millis(50),
        grace: Duration::ZERO,
        ..options()
    }
}

#[tokio::test]
async fn the_record_says_who_asked_for_what_and_until_when() {
    let world = World::without_store(brief());
    let mut request = keyed(create_role("r"), "k", 7);
    request.provenance.on_behalf_of = Some("bob".to_owned());
    request.expected = Some(Expected::ChangedAt(TenantSeq(3)));
    let before = now();
    let failed = world.service.submit(request).await.unwrap_err();
    let after = now();
    let logged = world.logged().await;
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0].record.key, b"default");
    let submission = writ_envelope::decode(&logged[0].record.value).unwrap();
    let stamp = submission.stamp;
    assert!(
        matches!(failed, SubmitError::Undecided { command_id } if command_id == stamp.command_id)
    );
    assert_eq!(submission.command, create_role("r"));
    assert_eq!(stamp.actor.subject, "ann");
    assert_eq!(stamp.actor.on_behalf_of.as_deref(), Some("bob"));
    assert_eq!(stamp.reason.as_deref(), Some("because"));
    assert_eq!(stamp.expected, Some(Expected::ChangedAt(TenantSeq(3))));
    let idempotency = stamp.idempotency.unwrap();
    assert_eq!(
        (idempotency.key.as_str(), idempotency.fingerprint),
        ("k", [7; 32])
    );
    let patience = TimeDelta::milliseconds(50);
    let not_after = stamp.not_after.unwrap();
    let microsecond = TimeDelta::microseconds(1);
    assert!(not_after >= before + patience - microsecond && not_after <= after + patience);
}

#[tokio::test]
async fn deadlines_follow_the_clock_of_the_log() {
    let world = World::without_store(brief());
    let skew = TimeDelta::hours(1);
    assert!(world.log.order(PARTITION, Fault::ClockOff(skew)));
    for _ in 0..2 {
        world
            .service
            .submit(request(delete_role("r")))
            .await
            .unwrap_err();
    }
    let not_after: Vec<_> = world
        .logged()
        .await
        .iter()
        .map(|logged| {
            writ_envelope::decode(&logged.record.value)
                .unwrap()
                .stamp
                .not_after
                .unwrap()
        })
        .collect();
    let second_is_ahead = not_after[1] - not_after[0];
    assert!(
        second_is_ahead > skew - TimeDelta::seconds(10),
        "{second_is_ahead}"
    );
}

#[tokio::test]
async fn what_was_not_appended_is_told_at_once() {
    let world = World::without_store(options());
    assert!(world.log.order(PARTITION, Fault::NotAppended));
    let failed = world
        .service
        .submit(request(create_role("r")))
        .await
        .unwrap_err();
    assert!(
        matches!(failed, SubmitError::Unavailable { .. }),
        "{failed:?}"
    );
    assert!(world.logged().await.is_empty());
    assert_eq!(world.service.in_flight(), 0);
}

#[tokio::test]
async fn what_may_have_been_appended_is_appended_again_and_decided_once() {
    let mut world = World::new().await;
    for (role, fault) in [
        ("r1", Fault::LostBeforeAppend),
        ("r2", Fault::LostAfterAppend),
    ] {
        assert!(world.log.order(PARTITION, fault));
        let decided = world
            .service
            .submit(request(create_role(role)))
            .await
            .unwrap();
        assert!(!decided.replayed, "{fault:?}");
        assert_eq!(decided.entry.facts.len(), 1, "{fault:?}");
    }
    let records = world.logged().await;
    let same = |a: usize, b: usize| records[a].record == records[b].record;
    // The entry may come before the answer to the second append: then there is no third record.
    assert!(records.len() >= 2 && !same(0, 1));
    assert!(records.len() == 2 || (records.len() == 3 && same(1, 2)));
    world.stop.cancel();
    while world.tasks.join_next().await.is_some() {}
}

#[tokio::test]
async fn a_command_over_the_limits_is_not_appended() {
    let world = World::without_store(options());
    let large = create_role(&"x".repeat(RECORD_BYTES_MAX));
    let failed = world.service.submit(request(large)).await.unwrap_err();
    assert!(
        matches!(
            failed,
            SubmitError::TooLarge {
                limit_bytes: RECORD_BYTES_MAX
            }
        ),
        "{failed:?}"
    );
    let mut bad = request(create_role("r"));
    bad.caller.subject = "s".repeat(1000);
    let failed = world.service.submit(bad).await.unwrap_err();
    assert!(matches!(failed, SubmitError::BadStamp { .. }), "{failed:?}");
    assert!(world.logged().await.is_empty());
}

#[tokio::test]
async fn as_many_are_in_flight_as_may_be() {
    let world = World::without_store(Options {
        in_flight_max: 1,
        ..brief()
    });
    let ask = |request: Request| world.service.submit(request);
    let (first, second) = tokio::join!(
        ask(request(create_role("r1"))),
        ask(request(create_role("r2")))
    );
    assert!(matches!(first.unwrap_err(), SubmitError::Undecided { .. }));
    assert!(matches!(
        second.unwrap_err(),
        SubmitError::Unavailable { .. }
    ));
    // Whoever gave up is out again.
    let third = ask(request(create_role("r3"))).await.unwrap_err();
    assert!(matches!(third, SubmitError::Undecided { .. }));
    assert_eq!(world.logged().await.len(), 2);
    assert_eq!(
        tenant().as_str().as_bytes(),
        world.logged().await[0].record.key
    );
}

fn halted() -> BTreeMap<Partition, String> {
    BTreeMap::from([(PARTITION, "the log is another one".to_owned())])
}

#[tokio::test]
async fn an_append_that_failed_is_not_tried_again_on_a_halted_partition() {
    let world = World::without_store(Options {
        deadline: Duration::from_millis(200),
        ..brief()
    });
    assert!(world.log.order(PARTITION, Fault::LostBeforeAppend));
    let waiting = world.service.submit(request(create_role("r")));
    tokio::pin!(waiting);
    assert!(futures_util::poll!(&mut waiting).is_pending());
    world.service.inner.halts.learn(halted());
    let failed = waiting.await.unwrap_err();
    assert!(
        matches!(failed, SubmitError::Undecided { .. }),
        "{failed:?}"
    );
    assert!(world.logged().await.is_empty());
}

/// Another process may have found out: the ledger says so.
#[tokio::test]
async fn nothing_is_appended_while_the_ledger_says_that_the_partition_is_halted() {
    let mut world = World::with(Options {
        poll_every: Duration::from_millis(5),
        ..options()
    })
    .await;
    world.run();
    let say = async |halted: &str| {
        let client = world.store.client().await.unwrap();
        let said = format!("UPDATE ledger_cursor SET halted = {halted}");
        client.batch_execute(&said).await.unwrap();
    };
    let learnt = async |halted: bool| {
        while world.service.inner.halts.holds(PARTITION) != halted {
            tokio::task::yield_now().await;
        }
    };
    say("'the log is another one'").await;
    learnt(true).await;
    let failed = world.service.submit(request(create_role("r"))).await;
    assert!(
        matches!(
            failed,
            Err(SubmitError::Halted {
                partition: PARTITION,
                ..
            })
        ),
        "{failed:?}"
    );
    let client = Client::of(&world, ALL);
    let body = json!({"command": {"type": "CreateRole", "id": "r", "name": "r"}});
    let refused = client.submit(&body).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (503, "halted"));
    assert!(world.logged().await.is_empty(), "nothing is appended");
    assert_eq!(world.service.in_flight(), 0);

    say("NULL").await;
    learnt(false).await;
    let taken = world.service.submit(request(create_role("r"))).await;
    assert_eq!(taken.unwrap().entry.tenant_seq, TenantSeq(1));
    world.stop.cancel();
    while world.tasks.join_next().await.is_some() {}
}
