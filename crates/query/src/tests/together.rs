//! Questions that come at the same time are asked together.

use futures_util::future::{join_all, poll_immediate};
use serde_json::json;
use tokio::task::JoinSet;
use writ_domain::{Command, TenantId};
use writ_store::Store;

use super::statements::Counter;
use super::world::{API, World, create_api, grant_user, register_user, revoke_user};
use crate::{Asker, Question, Realms};

fn question(subject: &str) -> Question {
    Question {
        realms: Realms::of(None),
        subject: subject.to_owned(),
        permission: "read".to_owned(),
        resource: API.to_owned(),
    }
}

fn tenant() -> TenantId {
    TenantId::try_new("default").unwrap()
}

/// Users of whom each other one may read.
async fn users(count: usize) -> (World, Vec<String>) {
    let world = World::new().await;
    world.submit(create_api(&["read"])).await;
    let users: Vec<String> = (0..count).map(|n| format!("u{n}")).collect();
    for (n, user) in users.iter().enumerate() {
        world.submit(register_user(user)).await;
        if n % 2 == 0 {
            world.submit(grant_user(user, &["read"])).await;
        }
    }
    (world, users)
}

/// One thread: all have come before the first is asked.
#[tokio::test]
async fn questions_that_come_together_share_statements_and_get_their_own_answers() {
    let (world, users) = users(100).await;
    let counter = Counter::before(&world).await;
    let (asker, tenant) = (Asker::new(counter.store.clone()), tenant());
    let head = world.submit(register_user("last")).await.entry.tenant_seq;
    for round in 0..2 {
        let questions = users.iter().map(|user| asker.ask(&tenant, question(user)));
        let (told, executed) = counter.of(join_all(questions)).await;
        for (n, answer) in told.into_iter().enumerate() {
            let (granted, seen) = answer.unwrap();
            assert_eq!(granted.is_some(), n % 2 == 0, "u{n}");
            assert_eq!(seen.tenant_seq, head);
        }
        assert!(round == 0 || executed == 2, "{executed} statements");
    }
    let (alone, executed) = counter.of(asker.ask(&tenant, question("u1"))).await;
    assert!(alone.unwrap().0.is_none());
    // The first time it is prepared, too: that is no execution.
    assert_eq!(executed, 1);
}

#[tokio::test]
async fn a_question_that_is_given_up_costs_the_others_nothing() {
    let (world, users) = users(20).await;
    let (asker, tenant) = (Asker::new(world.store.clone()), tenant());
    let mut questions: Vec<_> = users
        .iter()
        .map(|user| Box::pin(asker.ask(&tenant, question(user))))
        .collect();
    for question in &mut questions {
        assert!(
            poll_immediate(question).await.is_none(),
            "answered by nobody"
        );
    }
    // Every third is given up before it is asked.
    let kept: Vec<_> = questions
        .into_iter()
        .enumerate()
        .filter(|(n, _)| n % 3 != 0)
        .collect();
    for (n, question) in kept {
        assert_eq!(question.await.unwrap().0.is_some(), n % 2 == 0, "u{n}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_fails_all_and_nobody_waits_for_ever() {
    let mut config = tokio_postgres::Config::new();
    // Nobody listens at port 1.
    config
        .host("127.0.0.1")
        .port(1)
        .user("nobody")
        .dbname("none");
    let store = Store::new(config, &writ_store::Options::default()).unwrap();
    let (asker, tenant) = (Asker::new(store), tenant());
    for _ in 0..2 {
        let questions = (0..200).map(|_| asker.ask(&tenant, question("ann")));
        for answer in join_all(questions).await {
            assert!(answer.unwrap_err().is_transient());
        }
    }
}

/// However busy it is, an answer shows what was decided before the question was put.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_shows_what_was_committed_before_its_question_came() {
    let (world, users) = users(8).await;
    let client = world.client("ledger:read");
    let body = |user: &str| json!({"subject": user, "permission": "read", "resource": API});
    let mut others = JoinSet::new();
    for user in users.clone() {
        let (client, body) = (world.client("ledger:read"), body(&user));
        others.spawn(async move {
            loop {
                assert_eq!(client.post("/v1/check", &body).await.status, 200);
            }
        });
    }
    for round in 0..200 {
        let user = &users[round % users.len()];
        let now = client.post("/v1/check", &body(user)).await.body["allowed"] == true;
        let command: Command = if now {
            revoke_user(user, &["read"])
        } else {
            grant_user(user, &["read"])
        };
        let decided = world.submit(command).await;
        let after = client.post("/v1/check", &body(user)).await;
        assert_eq!(after.body["allowed"], !now, "round {round}");
        assert!(after.seq() >= decided.entry.tenant_seq.0);
    }
    assert!(others.try_join_next().is_none(), "one of the others ended");
}
