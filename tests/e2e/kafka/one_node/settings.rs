//! Topics that would lose or distort a ledger are refused at the start, and noticed while it runs.

use std::time::Duration;

use writ_tests::kafka::Client;
use writ_tests::{Database, Server, environment, until};

use crate::kafka::ground::{fit, launch, prefix};

/// What the promise allows.
const NOTICED: Duration = Duration::from_secs(30);

/// A setting that is not as it must be.
const WRONG: [(&str, &str); 4] = [
    ("retention.ms", "604800000"),
    ("retention.bytes", "1073741824"),
    ("cleanup.policy", "compact"),
    ("message.timestamp.type", "CreateTime"),
];

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_would_lose_records_are_refused_and_mended() {
    let brokers = environment::kafka();
    let kafka = Client::of_shared();
    for (topic, (setting, wrong)) in ["commands", "changes"].into_iter().cycle().zip(WRONG) {
        let prefix = prefix();
        for name in ["commands", "changes"] {
            kafka.create(&fit(&format!("{prefix}{name}"))).await;
        }
        let name = format!("{prefix}{topic}");
        kafka.alter(&name, &[(setting, wrong)]).await;
        let database = Database::fresh().await;
        let server = launch(database.clone(), &brokers, &prefix).start().await;
        // `up` mends what it finds; what others run only says so.
        assert_ne!(kafka.configs(&name).await[setting], wrong, "{setting}");
        kafka.alter(&name, &[(setting, wrong)]).await;
        let mut fleet = writ_tests::Fleet::of(server, &[]).await;
        let (exit, said) = fleet.refuses("alone", "command,projector,query").await;
        assert_eq!(exit.status.code(), Some(1), "{said}");
        for part in [
            name.as_str(),
            setting,
            wrong,
            "writ topics create",
            "kafka-configs",
        ] {
            assert!(said.contains(part), "no {part:?} in {said}");
        }
        let created = fleet.home().run(&["topics", "create"]).await;
        assert!(created.contains(setting), "{created}");
        assert_ne!(kafka.configs(&name).await[setting], wrong, "{setting}");
        fleet.join("alone", "command,projector,query").await;
        let ready = fleet.client("alone").get("/readyz").await.expect(200);
        assert_eq!(ready.json()["checks"]["kafka"], "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_partitions_is_refused() {
    let brokers = environment::kafka();
    let kafka = Client::of_shared();
    let (one, other) = (prefix(), prefix());
    for (name, partitions) in [("commands", 2), ("changes", 3)] {
        let topic = fit(&format!("{one}{name}")).partitions(partitions);
        kafka.create(&topic).await;
    }
    let database = Database::fresh().await;
    let (exit, said) = launch(database.clone(), &brokers, &one).fail().await;
    assert!(!exit.status.success());
    assert!(said.contains("has 3 partitions"), "{said}");

    // A ledger began with two; its log comes back with three.
    drop(launch(database.clone(), &brokers, &other).start().await);
    for name in ["commands", "changes"] {
        let name = format!("{other}{name}");
        kafka.delete(&name).await;
        kafka.create(&fit(&name).partitions(3)).await;
    }
    let (exit, said) = launch(database, &brokers, &other).fail().await;
    assert!(!exit.status.success());
    assert!(said.contains("began with 2 partitions"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_change_while_it_runs_are_noticed() {
    let brokers = environment::kafka();
    let kafka = Client::of_shared();
    let prefix = prefix();
    let database = Database::fresh().await;
    let server = launch(database, &brokers, &prefix).start().await;
    let topic = format!("{prefix}commands");
    assert_eq!(kafka_check(&server, 200).await, "ok");
    for (setting, wrong) in WRONG {
        let right = kafka.configs(&topic).await[setting].clone();
        kafka.alter(&topic, &[(setting, wrong)]).await;
        let said = until(&format!("{setting} is noticed"), NOTICED, async || {
            let answer = server.anonymous().get("/readyz").await;
            (answer.status == 503).then(|| answer.json()["checks"]["kafka"].to_string())
        })
        .await;
        assert!(said.contains(setting) && said.contains(wrong), "{said}");
        kafka.alter(&topic, &[(setting, &right)]).await;
        until(&format!("{setting} is mended"), NOTICED, async || {
            let answer = server.anonymous().get("/readyz").await;
            (answer.status == 200).then_some(())
        })
        .await;
    }
    kafka.delete(&topic).await;
    let missed = format!("there is no topic {topic}");
    until("a topic is missed", NOTICED, async || {
        let answer = server.anonymous().get("/readyz").await;
        (answer.status == 503 && answer.text().contains(&missed)).then_some(())
    })
    .await;
}

async fn kafka_check(server: &Server, status: u16) -> String {
    let answer = server.anonymous().get("/readyz").await.expect(status);
    answer.json()["checks"]["kafka"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
