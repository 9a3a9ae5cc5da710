//! Outcomes: how they come, and what a repeated request gets.

use core::time::Duration;
use std::sync::Arc;

use chrono::TimeDelta;
use writ_domain::{Command, Outcome, Rejection, TenantSeq};
use writ_store::entries::{self, Claimed, Reached};

use super::world::{
    World, create_role, delete_role, keyed, now, options, rename_role, request, tenant,
};
use crate::{Options, Status, SubmitError};

#[tokio::test]
async fn a_command_is_answered_by_its_entry() {
    let world = World::new().await;
    let made = world
        .service
        .submit(request(create_role("r")))
        .await
        .unwrap();
    assert_eq!(
        (made.entry.tenant_seq, made.replayed),
        (TenantSeq(1), false)
    );
    assert_eq!(made.entry.outcome, Outcome::Applied);
    let refused = world
        .service
        .submit(request(rename_role("other")))
        .await
        .unwrap();
    let no_such_role = Rejection::NoSuchRole {
        role: "other".to_owned(),
    };
    assert_eq!(refused.entry.outcome, Outcome::Rejected(no_such_role));
    assert_eq!(refused.revision.tenant_seq, TenantSeq(2));
    // What is told is what is stored.
    let stored = entries::at(&world.store, &tenant(), TenantSeq(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(refused.entry, stored);
    assert_eq!(refused.revision.chain8, stored.chain8());
}

#[tokio::test]
async fn the_same_request_under_the_same_key_gets_the_same_answer() {
    let world = World::new().await;
    let ask = |role: &str, body| world.service.submit(keyed(create_role(role), "k", body));
    let (one, other) = tokio::join!(ask("r", 1), ask("r", 1));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((&one.entry, &one.revision), (&other.entry, &other.revision));
    assert!(one.replayed != other.replayed, "one was asked first");
    let again = ask("r", 1).await.unwrap();
    assert_eq!((again.entry, again.replayed), (one.entry, true));
    let reused = ask("r2", 2).await.unwrap();
    let of = TenantSeq(1);
    assert_eq!(
        reused.entry.outcome,
        Outcome::Rejected(Rejection::IdempotencyKeyReused { of })
    );
}

#[tokio::test]
async fn outcomes_are_found_when_another_process_decides() {
    let options = Options {
        listen: true,
        ..options()
    };
    let mut world = World::undecided(options).await;
    world.run();
    // This projector tells nobody: only NOTIFY and the poll are left.
    world.decide(Arc::new(|_entries| ()));
    for role in ["r1", "r2"] {
        let decided = world
            .service
            .submit(keyed(create_role(role), role, 1))
            .await
            .unwrap();
        assert_eq!(decided.entry.outcome, Outcome::Applied);
        let again = world
            .service
            .submit(keyed(create_role(role), role, 1))
            .await
            .unwrap();
        assert_eq!((again.entry, again.replayed), (decided.entry, true));
    }
    let claimed = Claimed {
        tenant_seq: TenantSeq(4),
        chain8: [0; 8],
    };
    let reached = world.service.reach(&tenant(), claimed).await.unwrap();
    assert_eq!(reached, Reached::Forked);
    world.stop.cancel();
    while world.tasks.join_next().await.is_some() {}
}

#[tokio::test]
async fn outcomes_are_found_by_polling_alone() {
    let options = Options {
        poll_every: Duration::from_millis(20),
        ..options()
    };
    let mut world = World::undecided(options).await;
    world.run();
    world.decide(Arc::new(|_entries| ()));
    let decided = world
        .service
        .submit(request(create_role("r")))
        .await
        .unwrap();
    assert_eq!(decided.entry.outcome, Outcome::Applied);
}

#[tokio::test]
async fn a_command_after_its_deadline_has_no_effect_and_frees_its_key() {
    let world = World::new().await;
    let past = now() - TimeDelta::seconds(5);
    let late = world
        .service
        .submit_until(keyed(create_role("r"), "k", 1), past)
        .await
        .unwrap();
    assert_eq!(late.entry.outcome, Outcome::Expired);
    let again = world
        .service
        .submit(keyed(create_role("r"), "k", 1))
        .await
        .unwrap();
    assert_eq!(
        (again.entry.outcome, again.replayed),
        (Outcome::Applied, false)
    );
}

#[tokio::test]
async fn the_status_of_a_command_is_definite() {
    let brief = Options {
        deadline: Duration::from_millis(20),
        ..options()
    };
    let brief = Options {
        grace: Duration::ZERO,
        patience: Duration::from_millis(20),
        ..brief
    };
    let mut world = World::undecided(brief).await;
    let unknown = world.service.new_id();
    let status = |id| {
        let service = world.service.clone();
        async move { service.status(&tenant(), id).await.unwrap() }
    };
    assert_eq!(status(unknown).await, Status::Unknown);
    let failed = world
        .service
        .submit(request(create_role("r")))
        .await
        .unwrap_err();
    let SubmitError::Undecided { command_id } = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(
        status(command_id).await,
        Status::Behind,
        "nobody decides yet"
    );
    {
        let waiting = world.service.submit(request(create_role("r2")));
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending());
        let last = world.logged().await.pop().unwrap().record.value;
        let id = writ_envelope::decode(&last).unwrap().stamp.command_id;
        assert_eq!(status(id).await, Status::Appended);
    }
    let service = world.service.clone();
    world.decide(Arc::new(move |entries| service.committed(entries)));
    let patient = crate::Service::new(
        world.service.inner.parts.clone(),
        Options {
            poll_every: Duration::from_millis(20),
            ..options()
        },
    );
    world.tasks.spawn(patient.clone().run(world.stop.clone()));
    let found = patient.status(&tenant(), command_id).await.unwrap();
    let Status::Decided(decided) = found else {
        panic!("{found:?}")
    };
    assert_eq!(decided.entry.command_id, Some(command_id));
    assert_eq!(
        patient.status(&tenant(), unknown).await.unwrap(),
        Status::Unknown
    );
}

#[tokio::test]
async fn a_rehearsal_decides_and_leaves_nothing() {
    let world = World::new().await;
    world
        .service
        .submit(request(create_role("r")))
        .await
        .unwrap();
    let rehearsed = world
        .service
        .rehearse(request(delete_role("r")))
        .await
        .unwrap();
    assert_eq!(
        (rehearsed.outcome, rehearsed.facts.len()),
        (Outcome::Applied, 1)
    );
    assert_eq!(rehearsed.head.tenant_seq, TenantSeq(1));
    let rehearsed = world
        .service
        .rehearse(request(rename_role("none")))
        .await
        .unwrap();
    assert!(matches!(rehearsed.outcome, Outcome::Rejected(_)));
    assert_eq!(world.logged().await.len(), 1);
    let again = world
        .service
        .submit(request(delete_role("r")))
        .await
        .unwrap();
    assert_eq!(
        (again.entry.outcome, again.entry.tenant_seq),
        (Outcome::Applied, TenantSeq(2))
    );
}

#[tokio::test]
async fn a_cancel_that_comes_first_wins() {
    let world = World::new().await;
    let decided = world
        .service
        .submit(request(create_role("r")))
        .await
        .unwrap();
    let command = decided.entry.command_id.unwrap();
    let late = world
        .service
        .submit(request(Command::CancelCommand { command }))
        .await
        .unwrap();
    let already = Rejection::AlreadyDecided {
        command,
        at: TenantSeq(1),
    };
    assert_eq!(late.entry.outcome, Outcome::Rejected(already));
}
