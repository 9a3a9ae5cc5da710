//! What belongs to others is not there.

use serde_json::{Value, json};
use writ_tests::{Client, Database, Launch, Server};

use super::problem;
use crate::ledger::{self, Revision, number, text};

async fn server_of(tenant: &str, database: &Database) -> Server {
    Launch::on(database.clone())
        .setting("WRIT_TENANT", tenant)
        .start()
        .await
}

async fn create_role(client: &Client, id: &str) -> (Revision, Value) {
    let role = json!({"command": {"type": "CreateRole", "id": id, "name": id}});
    let answer = client.post("/v1/commands", &role).await.expect(200);
    (Revision::of(&answer), answer.json())
}

/// Whether it is what `up` puts into the ledger of a tenant before anybody comes.
fn is_of_the_start(change: &Value) -> bool {
    change["actor"]["subject"] == "writ" && change["reason"] == "as configured at the start"
}

fn count(changes: &[Value]) -> u64 {
    u64::try_from(changes.len()).expect("few")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_ledger_is_not_there() {
    let database = Database::fresh().await;
    let mut server = server_of("first", &database).await;
    let (revision, told) = create_role(&server.client(), "r").await;
    let (id, position) = (text(&told["command_id"]), text(&told["position"]));
    assert!(server.sigterm().await.status.success());

    let server = server_of("second", &database).await;
    let client = server.client();
    let own = ledger::changes_after(&client, 0).await;
    assert!(own.iter().all(is_of_the_start), "{own:?}");
    assert_eq!(ledger::head(&client).await, count(&own));
    assert_eq!(
        ledger::history(&client, "role=r").await,
        Vec::<Value>::new()
    );
    for path in [
        format!("/v1/entries/{position}"),
        format!("/v1/entries/{position}/effects"),
    ] {
        problem(&client.get(&path).await, 404, "not-found");
    }
    problem(
        &client.get(&format!("/v1/commands/{id}")).await,
        404,
        "no-such-command",
    );
    let at_least = format!("/v1/changes?at_least={}", revision.text());
    problem(&client.get(&at_least).await, 400, "malformed");
    // Nor is it in the way: names and numbers are one's own.
    let (others, _) = create_role(&client, "r").await;
    assert_eq!(others.tenant_seq(), count(&own) + 1);
    let role = json!({"command": {"type": "DeleteRole", "role": "r"}});
    drop(client.post("/v1/commands", &role).await.expect(200));
    drop(server);

    let server = server_of("first", &database).await;
    let client = server.client();
    assert_eq!(ledger::head(&client).await, revision.tenant_seq());
    let status = client.get(&format!("/v1/commands/{id}")).await.expect(200);
    assert_eq!(status.json(), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_nothing_stands_at_is_not_there() {
    let server = Server::start().await;
    let client = server.client();
    let (newest, told) = create_role(&client, "r").await;
    let position = text(&told["position"]);
    let (partition, seq) = position.split_once('-').expect("partition and seq");
    let next = seq.parse::<u64>().expect("a number") + 1;
    for position in [
        format!("{partition}-{next}"),
        format!("{partition}-0"),
        format!("4095-{seq}"),
        format!("{partition}-18446744073709551616"),
        format!("{partition}-{seq}-1"),
        format!("0{partition}-{seq}"),
        format!("{partition}-+{seq}"),
        partition.to_owned(),
        "x".to_owned(),
        "%00".to_owned(),
    ] {
        for path in [
            format!("/v1/entries/{position}"),
            format!("/v1/entries/{position}/effects"),
        ] {
            let answer = client.get(&path).await;
            assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
            if position != "%00" {
                problem(&answer, 404, "not-found");
            }
            assert_eq!(
                Revision::of(&answer).tenant_seq(),
                newest.tenant_seq(),
                "{path}"
            );
        }
    }
}

/// Somebody who can write into the log past the server writes what is no command.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_record_has_an_entry_that_no_tenant_sees() {
    let database = Database::fresh().await;
    let server = Launch::on(database.clone()).start().await;
    let client = server.client();
    let (first, told) = create_role(&client, "r").await;
    let position = text(&told["position"]);
    let (partition, seq) = position.split_once('-').expect("partition and seq");
    let (partition, seq): (i32, u64) = (partition.parse().unwrap(), seq.parse().unwrap());
    let log = database.connect().await;
    let append = "WITH head AS (
            UPDATE log_head SET next_offset = next_offset + 1 WHERE partition = $1
            RETURNING next_offset - 1 AS log_offset
        )
        INSERT INTO log_record (partition, log_offset, log_time, key, value, headers)
        SELECT $1, log_offset, clock_timestamp(), 'default', 'no command', '' FROM head";
    assert_eq!(
        log.execute(append, &[&partition]).await.expect("an append"),
        1
    );

    let (revision, told) = create_role(&client, "s").await;
    assert_eq!(told["position"], format!("{partition}-{}", seq + 2));
    // The tenant's own numbers have no hole.
    assert_eq!(revision.tenant_seq(), first.tenant_seq() + 1);
    let seen = ledger::changes_after(&client, 0).await;
    assert_eq!(count(&seen), revision.tenant_seq());
    let broken = client
        .get(&format!("/v1/entries/{partition}-{}", seq + 1))
        .await;
    problem(&broken, 404, "not-found");
    let verified: Value = serde_json::from_str(&server.run(&["verify", "--json"]).await).unwrap();
    assert_eq!(verified["equal"], true, "{verified}");
    let entries: u64 = ledger::list(&verified["partitions"])
        .iter()
        .map(|partition| number(&partition["entries"]))
        .sum();
    assert_eq!(entries, count(&seen) + 1, "{verified}");
}
