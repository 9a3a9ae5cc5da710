//! The log is gone and comes back as another one, while a process that only takes commands runs on:
//! it learns of that by the ledger and appends nothing, so that the log can be restored.

use serde_json::json;
use writ_tests::kafka::Client as Kafka;
use writ_tests::{Client, Database, Fleet, environment, until};

use crate::kafka::ground::{SOON, fit, launch, prefix};

const ROLES: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_appended_to_a_log_that_is_not_the_one_that_was_decided() {
    let kafka = Kafka::of_shared();
    let prefix = prefix();
    let launch = launch(Database::fresh().await, &environment::kafka(), &prefix);
    let members = [("command", "command"), ("projector", "projector")];
    let mut fleet = Fleet::start(launch, &members).await;
    let command = fleet.client("command");
    let topic = format!("{prefix}commands");
    let of_the_start = kafka.records(&topic).await.len();
    for number in 0..ROLES {
        let role = json!({"name": format!("role {number}")});
        drop(command.post("/api/v2/roles", &role).await.expect(200));
    }

    kafka.delete(&topic).await;
    fleet
        .logged("command", "commands are refused", 1, SOON)
        .await;
    is_refused(&command).await;
    // Another log, in the old one's place.
    kafka.create(&fit(&topic)).await;
    let projector = fleet.client("projector");
    until("the projector sees the new topic", SOON, async || {
        let answer = projector.get("/readyz").await;
        answer.text().contains("holds 0..0").then_some(())
    })
    .await;
    is_refused(&command).await;
    assert!(fleet.sigterm("projector").await.status.success());
    is_refused(&command).await;
    let offsets = kafka.offsets(&topic).await;
    assert!(offsets.iter().all(|(_, high)| *high == 0), "{offsets:?}");
    let said = fleet.home().run(&["topics", "restore"]).await;
    let restored = format!("{} records", of_the_start + ROLES);
    assert!(said.contains(&restored), "{said}");
    let warnings = fleet.log("projector").matches("deciding stopped").count();
    assert!(warnings <= 4, "{warnings} warnings of two partitions");

    // What was refused is taken, and somebody decides on.
    fleet.restart("projector").await;
    until("commands are taken again", SOON, async || {
        let role = json!({"name": "after"});
        let answer = command.post("/api/v2/roles", &role).await;
        (answer.status == 200).then_some(())
    })
    .await;
    let verified = fleet.home().run(&["verify", "--json"]).await;
    assert!(verified.contains(r#""equal":true"#), "{verified}");
}

/// At once, and before the append, natively and in a dialect.
async fn is_refused(command: &Client) {
    for number in 0..ROLES {
        let role = json!({"type": "CreateRole", "id": format!("r{number}"), "name": "never"});
        let native = json!({"command": role});
        let refused = command.post("/v1/commands", &native).await.expect(503);
        assert_eq!(refused.json()["type"], "/problems/halted");
        assert_eq!(refused.header("retry-after"), "5");
    }
    let role = json!({"name": "never"});
    let refused = command.post("/api/v2/roles", &role).await.expect(503);
    assert_eq!(refused.json()["error"], "Service Unavailable");
    assert_eq!(refused.header("retry-after"), "5");
}
