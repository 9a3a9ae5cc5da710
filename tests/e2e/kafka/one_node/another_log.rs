//! A topic that was deleted and made again under the same name, with more records than before: it is
//! noticed by what is in the records, nothing of it is decided, and a restore mends it.

use serde_json::json;
use writ_tests::kafka::{Acks, Client, Message};
use writ_tests::{Database, Server, environment, until};

use crate::kafka::ground::{SOON, fit, launch, prefix};

const ROLES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_was_made_again_is_noticed_and_restored() {
    let kafka = Client::of_shared();
    let prefix = prefix();
    let database = Database::fresh().await;
    let mut server = launch(database.clone(), &environment::kafka(), &prefix)
        .start()
        .await;
    let topic = format!("{prefix}commands");
    let of_the_start = kafka.records(&topic).await.len();
    for number in 0..ROLES {
        make_role(&server, number).await;
    }
    let before = server.run(&["verify", "--json"]).await;
    let records = kafka.records(&topic).await;
    assert_eq!(records.len(), of_the_start + ROLES);

    // The same bytes, and as many again: only their times tell that it is another log.
    kafka.delete(&topic).await;
    kafka.create(&fit(&topic)).await;
    let again: Vec<Message> = records.iter().chain(&records).map(Message::like).collect();
    kafka.produce(&topic, Acks::All, &again).await;
    until("the partition is halted", SOON, async || {
        let answer = server.anonymous().get("/readyz").await;
        let told = answer.text().contains("is not the one that was decided");
        (answer.status == 503 && told).then_some(())
    })
    .await;
    let entries = "SELECT count(*) FROM ledger_entry";
    let row = database.connect().await.query_one(entries, &[]).await;
    let count: i64 = row.expect("the ledger").get(0);
    assert_eq!(
        usize::try_from(count),
        Ok(records.len()),
        "nothing of it is decided"
    );

    // Who restores must be alone: the other partition is owned still.
    let exit = server.try_run(&["topics", "restore"]).await;
    assert!(!exit.status.success(), "{exit:?}");
    let exit = server.sigterm().await;
    assert!(exit.status.success(), "{exit:?}");
    kafka.delete(&topic).await;
    let said = server.run(&["topics", "restore"]).await;
    let restored = format!("{} records", records.len());
    assert!(said.contains(&restored), "{said}");
    server.restart().await;
    until("it goes on", SOON, async || {
        let answer = server.anonymous().get("/readyz").await;
        (answer.status == 200).then_some(())
    })
    .await;
    make_role(&server, ROLES).await;
    // Of the busy partition: those from before, the seal, and the new one.
    let kinds = "SELECT kind FROM ledger_entry WHERE partition = 0 ORDER BY seq DESC LIMIT 2";
    let client = database.connect().await;
    let kinds = client.query(kinds, &[]).await.expect("the ledger");
    let kinds: Vec<String> = kinds.iter().map(|row| row.get(0)).collect();
    assert_eq!(kinds, ["CreateRole", "seal"]);
    let after = server.run(&["verify", "--json"]).await;
    for verified in [&before, &after] {
        assert!(verified.contains(r#""equal":true"#), "{verified}");
    }
}

async fn make_role(server: &Server, number: usize) {
    let role = json!({"name": format!("role {number}")});
    drop(
        server
            .client()
            .post("/api/v2/roles", &role)
            .await
            .expect(200),
    );
}
