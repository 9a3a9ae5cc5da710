//! What the services of `docker-compose.yml` do, done here: by the same commands, in the same
//! order, with the same variables but for the places of Kafka and Postgres.

use std::process::{Command, Output};

use writ_tests::kafka::Client;
use writ_tests::{Database, Launch, environment};

use super::compose::Compose;
use super::writ;

/// The health check of our service, for a server at that port.
fn check(compose: &Compose, port: &str) -> Output {
    let words = compose.service("writ").health_check().expect("a check");
    let words: Vec<_> = words
        .iter()
        .map(|word| word.replace("4480", port))
        .collect();
    let [cmd, program, arguments @ ..] = &words[..] else {
        panic!("{words:?}");
    };
    assert_eq!(cmd, "CMD");
    let output = Command::new(program).args(arguments).output();
    output.expect("the check runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_after_the_other_they_make_a_server_that_is_healthy() {
    let compose = Compose::read();
    let database = Database::fresh().await;
    let prefix = format!("compose-{}.", std::process::id());
    let mut variables = compose.service("writ").variables();
    let places = [
        ("WRIT_KAFKA", environment::kafka()),
        ("WRIT_KAFKA_TOPIC_PREFIX", prefix.clone()),
        ("WRIT_DATABASE_URL", database.url().to_owned()),
    ];
    variables.extend(places.map(|(name, value)| (name.to_owned(), value)));

    for name in ["topics", "migrate"] {
        let done = writ::run(&compose.service(name).list("command"), &variables);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{name}: {said}");
    }
    let client = Client::of_shared();
    for topic in ["commands", "changes"] {
        let topic = format!("{prefix}{topic}");
        let state = client.describe(&topic).await.expect("a topic");
        let partitions = state.partitions.len().to_string();
        assert_eq!(partitions, variables["WRIT_PARTITIONS"], "{topic}");
    }

    let mut launch = Launch::on(database);
    // It names its database itself.
    variables.remove("WRIT_DATABASE_URL");
    for (name, value) in &variables {
        launch = launch.setting(name, value);
    }
    let mut server = launch.start().await;
    let address = server.address().to_owned();
    let (_, port) = address.rsplit_once(':').expect("a port");
    let healthy = check(&compose, port);
    assert!(healthy.status.success(), "{healthy:?}");
    server.kill9().await;
    let dead = check(&compose, port);
    assert!(!dead.status.success(), "{dead:?}");
}
