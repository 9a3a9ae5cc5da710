//! The feed as a stream, and through filters.

use core::time::Duration;

use serde_json::json;
use writ_domain::{Command, JsonText, Realm};

use super::world::{
    Client, World, assign, create_api, create_role, grant_role, grant_user, register_user,
    replace_permissions,
};
use crate::HubOptions;

/// Says a checkpoint as soon as nothing else is to be said.
fn talkative() -> HubOptions {
    HubOptions {
        quiet: Duration::from_millis(20),
        ..HubOptions::default()
    }
}

async fn roles(world: &World, from: u64, to: u64) {
    for n in from..=to {
        world.submit(create_role(&format!("r{n}"))).await;
    }
}

#[tokio::test]
async fn a_stream_tells_everything_once_and_resumes_after_the_last_event() {
    let world = World::with(talkative()).await;
    roles(&world, 1, 3).await;
    let client = world.client("ledger:read");
    let (status, mut events) = client.stream("/v1/changes/stream", None).await;
    assert_eq!(status, 200);
    assert_eq!(events.changes_until(3).await, [1, 2, 3]);
    roles(&world, 4, 6).await;
    assert_eq!(events.changes_until(6).await, [4, 5, 6]);
    drop(events);
    roles(&world, 7, 8).await;
    // What the client saw counts, whatever the address still says.
    let (_, mut events) = client.stream("/v1/changes/stream?after=2", Some(5)).await;
    assert_eq!(events.changes_until(8).await, [6, 7, 8]);
    let polled = client.read("/v1/changes?after=7").await;
    let (_, mut events) = client.stream("/v1/changes/stream?after=7", None).await;
    assert_eq!(events.next().await.unwrap().data, polled.body["changes"][0]);
}

#[tokio::test]
async fn a_quiet_stream_says_how_far_it_is() {
    let world = World::with(talkative()).await;
    let client = world.client("ledger:read");
    let (_, mut events) = client.stream("/v1/changes/stream", None).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.name.as_str(), first.id), ("checkpoint", Some(0)));
    let decided = world.submit(create_role("r")).await;
    assert_eq!(events.changes_until(1).await, [1]);
    let checkpoint = events.next().await.unwrap();
    assert_eq!(
        (checkpoint.name.as_str(), checkpoint.id),
        ("checkpoint", Some(1))
    );
    assert_eq!(checkpoint.data["revision"], decided.revision.to_string());
}

#[tokio::test]
async fn what_does_not_pass_advances_a_stream_all_the_same() {
    let world = World::with(talkative()).await;
    let client = world.client("ledger:read");
    let uri = "/v1/changes/stream?role=wanted";
    let (_, mut events) = client.stream(uri, None).await;
    roles(&world, 1, 5).await;
    world.submit(create_role("wanted")).await;
    roles(&world, 6, 7).await;
    assert_eq!(events.changes_until(6).await, [6]);
    loop {
        let event = events.next().await.unwrap();
        assert_eq!(event.name, "checkpoint");
        if event.id == Some(8) {
            break;
        }
    }
}

#[tokio::test]
async fn who_is_too_slow_is_told_so_and_loses_nothing() {
    let world = World::with(HubOptions {
        kept: 4,
        ..talkative()
    })
    .await;
    let client = world.client("ledger:read");
    let (_, mut events) = client.stream("/v1/changes/stream", None).await;
    roles(&world, 1, 1).await;
    assert_eq!(events.changes_until(1).await, [1]);
    // By now it listens to the ring; and says nothing more until it is asked.
    let listening = events.next().await.unwrap();
    assert_eq!(listening.name, "checkpoint");
    roles(&world, 2, 40).await;
    let mut seen = vec![1];
    let last = loop {
        let event = events.next().await.unwrap();
        match event.name.as_str() {
            "change" => seen.push(event.id.unwrap()),
            "lagged" => break event,
            other => assert_eq!(other, "checkpoint"),
        }
    };
    assert_eq!(last.id, seen.last().copied());
    assert_eq!(events.next().await, None);
    let (_, mut events) = client.stream("/v1/changes/stream", last.id).await;
    seen.extend(events.changes_until(40).await);
    assert_eq!(seen, (1..=40).collect::<Vec<u64>>());
}

#[tokio::test]
async fn streams_are_bounded_in_number_and_in_time() {
    let world = World::with(HubOptions {
        streams_max: 1,
        ..talkative()
    })
    .await;
    let client = world.client("ledger:read");
    let (status, mut only) = client.stream("/v1/changes/stream", None).await;
    assert_eq!(status, 200);
    only.next().await.unwrap();
    let refused = client.get("/v1/changes/stream").await;
    assert_eq!(refused.problem(), (503, "overloaded"));
    drop(only);
    let (status, mut next) = client.stream("/v1/changes/stream", None).await;
    assert_eq!(status, 200);
    next.next().await.unwrap();
    world.end_streams.cancel();
    let end = loop {
        let event = next.next().await.unwrap();
        if event.name != "checkpoint" {
            break event;
        }
    };
    assert_eq!((end.name.as_str(), end.id), ("end", Some(0)));
    assert_eq!(end.data, json!({"reason": "shutdown", "tenant_seq": 0}));
    assert_eq!(next.next().await, None);
    let world = World::with(HubOptions {
        lifetime: Duration::ZERO,
        ..talkative()
    })
    .await;
    let client = world.client("ledger:read");
    let (_, mut short) = client.stream("/v1/changes/stream", None).await;
    let end = loop {
        let event = short.next().await.unwrap();
        if event.name != "checkpoint" {
            break event;
        }
    };
    assert_eq!(end.data["reason"], "renew");
    assert_eq!(short.next().await, None);
}

#[tokio::test]
async fn a_stream_is_refused_as_a_poll_is() {
    let world = World::new().await;
    let client = world.client("ledger:read");
    for (uri, expected) in [
        ("/v1/changes/stream?after=1", (409, "history-forked")),
        ("/v1/changes/stream?limit=1", (400, "malformed")),
        ("/v1/changes/stream?realm=mars", (400, "malformed")),
    ] {
        assert_eq!(client.get(uri).await.problem(), expected, "{uri}");
    }
    for (last, expected) in [
        ("one", (400, "bad-header")),
        ("+1", (400, "bad-header")),
        ("18446744073709551616", (400, "bad-header")),
        ("7", (409, "history-forked")),
    ] {
        let headers = [("last-event-id", last)];
        let refused = client.get_with("/v1/changes/stream", &headers).await;
        assert_eq!(refused.problem(), expected, "{last}");
        // It says by its name what it is about.
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("`Last-Event-ID` is"), "{detail}");
    }
    let other = world.client("ledger:audit");
    let refused = other.get("/v1/changes/stream").await;
    assert_eq!(refused.problem(), (403, "forbidden"));
}

/// JSON that was sent with line ends inside comes through whole.
#[tokio::test]
async fn line_ends_in_opaque_json_do_not_break_an_event() {
    let world = World::with(talkative()).await;
    let text = "{\n  \"a\":\r\n\n 1 }".to_owned();
    world
        .submit(Command::RegisterUser {
            realm: Realm::Auth0,
            id: "u".to_owned(),
            profile: [("user_metadata".to_owned(), JsonText(text.clone()))].into(),
        })
        .await;
    let client = world.client("ledger:read");
    let (_, mut events) = client.stream("/v1/changes/stream", None).await;
    let event = events.next().await.unwrap();
    let profile = &event.data["facts"][0]["profile"];
    assert_eq!(profile["user_metadata"], text, "{event:?}");
}

async fn passed(client: &Client, query: &str) -> Vec<u64> {
    let answer = client.read(&format!("/v1/changes?{query}")).await;
    assert_eq!(
        answer.body["checkpoint"]["tenant_seq"],
        answer.seq(),
        "{query}"
    );
    let seqs = answer.each("changes", "tenant_seq");
    seqs.into_iter().map(|seq| seq.as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_filter_by_subject_or_role_lets_pass_whatever_may_take_something_away() {
    let world = World::new().await;
    let delete = |role: &str| Command::DeleteRole {
        realm: Realm::Auth0,
        role: role.to_owned(),
    };
    let commands = [
        /* 1  */ create_api(&["read", "write"]),
        /* 2  */ create_role("r"),
        /* 3  */ create_role("s"),
        /* 4  */ register_user("ann"),
        /* 5  */ register_user("bob"),
        /* 6  */ grant_role("r", &["read"]),
        /* 7  */ assign("ann", "r"),
        /* 8  */ assign("bob", "s"),
        /* 9  */ grant_user("bob", &["write"]),
        /* 10 */ replace_permissions(&["write"]),
        /* 11 */ Command::Batch(vec![create_role("t"), grant_user("ann", &["write"])]),
        /* 12 */ delete("s"),
    ];
    for command in commands {
        let decided = world.submit(command).await;
        assert_eq!(decided.entry.outcome.kind(), "applied");
    }
    let client = world.client("ledger:read");
    let rows: [(&str, &[u64]); 10] = [
        // Whatever a role holds, and every removal, may concern ann.
        ("subject=ann", &[4, 6, 7, 10, 11, 12]),
        ("subject=nobody", &[6, 10, 12]),
        ("role=s", &[3, 8, 10, 12]),
        ("role=r", &[2, 6, 7, 10, 12]),
        ("subject=ann&role=r", &[6, 7, 10, 12]),
        ("kind=CreateRole", &[2, 3, 11]),
        ("kind=PermissionRemoved", &[10]),
        ("kind=AssignUserRoles&subject=bob", &[8]),
        ("actor=ann", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("actor=bob", &[]),
    ];
    for (query, expected) in rows {
        assert_eq!(passed(&client, query).await, expected, "{query}");
    }
    assert_eq!(passed(&client, "realm=native").await, Vec::<u64>::new());
    let page = client.read("/v1/changes?subject=ann&limit=2").await;
    assert_eq!(page.each("changes", "tenant_seq"), [4, 6]);
    assert_eq!(page.body["checkpoint"]["tenant_seq"], 6);
    assert_eq!(page.body["more"], true);
}

#[tokio::test]
async fn what_may_change_every_answer_of_a_realm_passes_a_filter_by_that_realm() {
    let world = World::new().await;
    world.submit(create_role("r")).await;
    let mode = writ_domain::RevokeMode::Always;
    world
        .submit(Command::ConfigureCamunda { revoke_mode: mode })
        .await;
    let client = world.client("ledger:read");
    assert_eq!(passed(&client, "realm=camunda").await, [2]);
    assert_eq!(passed(&client, "realm=auth0").await, [1]);
}

#[tokio::test]
async fn a_poll_with_a_filter_waits_for_what_passes() {
    let world = World::new().await;
    roles(&world, 1, 2).await;
    let client = world.client("ledger:read");
    let uri = "/v1/changes?after=2&role=wanted&wait_ms=20000";
    let (polled, ()) = tokio::join!(client.read(uri), async {
        roles(&world, 3, 4).await;
        world.submit(create_role("wanted")).await;
    });
    assert_eq!(polled.each("changes", "tenant_seq"), [5]);
    assert_eq!(polled.body["checkpoint"]["tenant_seq"], 5);
}
