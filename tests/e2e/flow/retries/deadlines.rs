//! Commands that come too late, are cancelled, or take longer than anybody waits.

use hyper::Method;
use serde_json::{Value, json};
use tokio_postgres::Client as Postgres;
use writ_tests::{Client, Database, Launch, Response, Server};

use super::{Ask, assert_same, outcomes_after};
use crate::ledger::{self, Revision, text};

fn create_role(name: &str, not_after: &str) -> Ask {
    let command = json!({"type": "CreateRole", "id": name, "name": name});
    let body = json!({"command": command, "not_after": not_after});
    Ask::new(
        "a command with a deadline",
        Method::POST,
        "/v1/commands",
        body,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_past_its_deadline_has_no_effect() {
    let server = Server::start().await;
    let client = server.client();
    let before = ledger::head(&client).await;
    let late = create_role("late", "2001-01-01T00:00:00Z").answers(503);
    let answer = late.send(&client, "key").await;
    let body = answer.json();
    assert_eq!(body["code"], "expired", "{body}");
    assert_eq!(body["outcome"], json!({"type": "expired"}));
    assert!(
        answer.header("retry-after").parse::<u64>().is_ok(),
        "{answer:?}"
    );
    // An outcome as any other, on record: as often as it is asked for.
    let again = late.send(&client, "key").await;
    assert_ne!(Revision::of(&again), Revision::of(&answer));
    assert_eq!(
        outcomes_after(&client, before).await,
        ["expired", "expired"]
    );
    let status = format!("/v1/commands/{}", text(&body["command_id"]));
    let status = client.get(&status).await.expect(200).json();
    assert_eq!(status["outcome"], json!({"type": "expired"}));

    // Its key is free, for another request too.
    let in_time = create_role("in time", "2999-01-01T00:00:00+01:00");
    let made = in_time.send(&client, "key").await;
    assert_same("made", &made, &in_time.send(&client, "key").await);
    assert_eq!(ledger::history(&client, "role=late").await.len(), 2);
    let update = json!({"command": {"type": "UpdateRole", "role": "late", "name": "There"}});
    drop(client.post("/v1/commands", &update).await.expect(404));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_wins_if_it_is_first() {
    let server = Server::start().await;
    let client = server.client();
    let made = create_role("r", "2999-01-01T00:00:00Z")
        .send(&client, "key")
        .await
        .json();
    let decided = text(&made["command_id"]);
    let too_late = client
        .post(&format!("/v1/commands/{decided}/cancel"), &json!({}))
        .await;
    let body = too_late.expect(409).json();
    assert_eq!(body["code"], "already-decided", "{body}");
    assert_eq!(
        (&body["command"], &body["entry"]),
        (&made["command_id"], &made["tenant_seq"])
    );

    // A command that is still on its way, as far as anybody can know.
    let coming = "01976c6b-4a8d-7000-8000-000000000000";
    let cancel = format!("/v1/commands/{coming}/cancel");
    let first = client
        .request(Method::POST, &cancel)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(first["outcome"], json!({"type": "applied"}));
    assert_eq!(
        first["facts"],
        json!([{"type": "CommandCancelled", "command": coming}])
    );
    let again = client.post(&cancel, &json!({})).await.expect(200).json();
    assert_eq!(again["outcome"], json!({"type": "unchanged"}));
    drop(
        client
            .get(&format!("/v1/commands/{coming}"))
            .await
            .expect(404),
    );
    let native = json!({"command": {"type": "CancelCommand", "command": coming}});
    let native = client
        .post("/v1/commands", &native)
        .await
        .expect(200)
        .json();
    assert_eq!(native["outcome"], json!({"type": "unchanged"}));
    drop(
        client
            .post("/v1/commands/none/cancel", &json!({}))
            .await
            .expect(404),
    );
    let reader = server.client_with("ledger:read").await;
    drop(reader.post(&cancel, &json!({})).await.expect(403));
}

/// Keeps the projector from deciding, until it is dropped.
struct Undecided {
    locked: Postgres,
}

impl Undecided {
    async fn begin(database: &Database) -> Self {
        let locked = database.connect().await;
        locked.batch_execute("BEGIN").await.expect("a transaction");
        let cursors = "SELECT partition FROM ledger_cursor FOR UPDATE";
        assert!(
            !locked
                .query(cursors, &[])
                .await
                .expect("the cursors")
                .is_empty()
        );
        Self { locked }
    }

    async fn end(self) {
        self.locked.batch_execute("ROLLBACK").await.expect("an end");
    }
}

/// A server that waits for outcomes no longer than a second.
async fn impatient(database: &Database) -> Server {
    let launch = Launch::on(database.clone()).setting("WRIT_COMMAND_TIMEOUT_MS", "500");
    launch.start().await
}

/// The answer to a command whose outcome is not known in time.
#[track_caller]
fn location(answer: Response) -> String {
    let answer = answer.expect(202);
    let body = answer.json();
    assert_eq!(body["state"], "appended", "{body}");
    let location = answer.header("location").to_owned();
    assert_eq!(
        location,
        format!("/v1/commands/{}", text(&body["command_id"]))
    );
    location
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_takes_too_long_can_be_asked_for() {
    let database = Database::fresh().await;
    let server = impatient(&database).await;
    let client = server.client();
    // Decided: the partition is owned, and its cursor is there.
    drop(
        create_role("first", "2999-01-01T00:00:00Z")
            .send(&client, "first")
            .await,
    );
    let before = ledger::head(&client).await;

    let undecided = Undecided::begin(&database).await;
    let slow = create_role("slow", "2999-01-01T00:00:00Z").answers(202);
    let slow = location(slow.send(&client, "slow").await);
    let cancel = client.post(&format!("{slow}/cancel"), &json!({})).await;
    let cancel = location(cancel);
    let role = Ask::new(
        "make a role",
        Method::POST,
        "/api/v2/roles",
        json!({"name": "Auth0's"}),
    );
    let unknown = role.clone().answers(503).send(&client, "dialect").await;
    assert!(
        unknown.header("retry-after").parse::<u64>().is_ok(),
        "{unknown:?}"
    );
    assert_eq!(ledger::head(&client).await, before);
    let status = tokio::spawn(get(client.clone(), slow));
    undecided.end().await;

    let status = status.await.expect("an answer");
    assert_eq!(status["state"], "decided", "{status}");
    assert_eq!(status["outcome"], json!({"type": "applied"}));
    assert_eq!(status["tenant_seq"], before + 1);
    // The cancel came second, so the command stands.
    let cancel = get(client.clone(), cancel).await;
    assert_eq!(
        cancel["outcome"]["rejection"]["type"], "AlreadyDecided",
        "{cancel}"
    );
    // Whoever was told 503 asks again under its key, and learns what became of it.
    let made = role.send(&client, "dialect").await;
    let outcomes = outcomes_after(&client, before).await;
    assert_eq!(outcomes, ["applied", "rejected", "applied", "duplicate"]);
    assert_eq!(Revision::of(&made).tenant_seq(), before + 3);
}

async fn get(client: Client, path: String) -> Value {
    client.get(&path).await.expect(200).json()
}
