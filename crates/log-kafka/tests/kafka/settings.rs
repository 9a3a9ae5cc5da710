//! Which topics are taken for a log, and how one is made fit.

use core::time::Duration;
use std::error::Error as _;

use rdkafka::admin::NewPartitions;
use writ_log::Log as _;
use writ_log_kafka::topics::{self, Needed};
use writ_log_kafka::{Cluster, Error, KafkaLog, Options};

use crate::support::{Topic, admin, answered, append, cluster, eventually, values};

#[tokio::test]
async fn a_topic_that_is_not_there_is_refused() {
    let topic = Topic::absent();
    let connected = KafkaLog::connect(topic.options()).await.map(|_log| ());
    let checked = topics::check(&cluster(), &topic.name, None).await;
    for refused in [connected, checked.map(|_checked| ())] {
        assert!(
            matches!(&refused, Err(Error::NoSuchTopic { topic: named }) if *named == topic.name),
            "{refused:?}"
        );
    }
    // Nor was it made by asking.
    let checked = topics::check(&cluster(), &topic.name, None).await;
    assert!(
        matches!(checked, Err(Error::NoSuchTopic { .. })),
        "{checked:?}"
    );
}

#[tokio::test]
async fn brokers_that_do_not_answer_are_named_with_the_reason() {
    let mut nowhere = Cluster::new("127.0.0.1:1");
    nowhere.answer_timeout = Duration::from_secs(1);
    let refused = KafkaLog::connect(Options::new(nowhere, "t")).await;
    let error = refused.unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to ask the Kafka brokers 127.0.0.1:1"
    );
    let reason = error.source().unwrap().to_string();
    assert!(reason.contains("Connection refused"), "{reason}");
}

#[tokio::test]
async fn a_property_with_a_bad_value_is_named_without_it() {
    let mut cluster = cluster();
    let property = ("security.protocol".to_owned(), "open sesame".to_owned());
    cluster.properties.extend([property]);
    let refused = KafkaLog::connect(Options::new(cluster, "t")).await;
    let shown = refused.unwrap_err().to_string();
    assert!(shown.contains("security.protocol"), "{shown}");
    assert!(!shown.contains("sesame"), "{shown}");
}

#[tokio::test]
async fn a_topic_is_made_fit_and_making_it_again_changes_nothing() {
    let topic = Topic::absent();
    let created = topics::create(&cluster(), &topic.wanted(2)).await.unwrap();
    assert!(created.made);
    let warned: Vec<&str> = created.warnings.iter().map(|one| one.setting).collect();
    assert_eq!(warned, ["replication factor", "min.insync.replicas"]);
    let again = topics::create(&cluster(), &topic.wanted(2)).await.unwrap();
    assert!(!again.made);
    assert_eq!(again.mended, []);
    let checked = topics::check(&cluster(), &topic.name, Some(2))
        .await
        .unwrap();
    assert_eq!(
        (checked.partitions, checked.warnings),
        (2, created.warnings)
    );
    assert_eq!(
        topic.setting("unclean.leader.election.enable").await,
        "false"
    );
    let log = topic.log().await;
    assert_eq!(log.partitions(), 2);
    assert_eq!(log.recheck().await.unwrap(), again.warnings);
}

#[tokio::test]
async fn each_wrong_setting_is_named_while_the_log_is_open() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let rows = [
        ("cleanup.policy", "compact", Needed::Exactly("delete")),
        (
            "cleanup.policy",
            "compact,delete",
            Needed::Exactly("delete"),
        ),
        ("retention.ms", "604800000", Needed::Exactly("-1")),
        ("retention.bytes", "1073741824", Needed::Exactly("-1")),
        (
            "message.timestamp.type",
            "CreateTime",
            Needed::Exactly("LogAppendTime"),
        ),
        (
            "max.message.bytes",
            "1048588",
            Needed::AtLeast(5 * 1024 * 1024),
        ),
    ];
    let good = good(&topic).await;
    for (setting, value, needed) in rows {
        let mut settings = good.clone();
        settings.retain(|(name, _)| name != setting);
        settings.push((setting.to_owned(), value.to_owned()));
        topic.alter(&settings).await;
        let checked = eventually(async || log.recheck().await, Result::is_err).await;
        let Err(Error::WrongSettings {
            topic: named,
            wrong,
        }) = checked
        else {
            panic!("{setting}={value}: {checked:?}");
        };
        assert_eq!(named, topic.name);
        let found: Vec<_> = wrong
            .iter()
            .map(|one| (one.setting, one.found.as_str(), one.needed))
            .collect();
        assert_eq!(found, [(setting, value, needed)]);
        topic.alter(&good).await;
        eventually(async || log.recheck().await, Result::is_ok)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_topic_with_the_defaults_is_mended_and_keeps_what_is_its_own() {
    let topic = Topic::absent();
    topic
        .make_plain(&[("segment.bytes", "2097152"), ("retention.ms", "1000000000")])
        .await;
    let Err(Error::WrongSettings { wrong, .. }) =
        topics::check(&cluster(), &topic.name, None).await
    else {
        panic!("the defaults are not fit for a ledger");
    };
    let named: Vec<&str> = wrong.iter().map(|one| one.setting).collect();
    assert_eq!(
        named,
        [
            "retention.ms",
            "message.timestamp.type",
            "max.message.bytes"
        ]
    );
    let created = topics::create(&cluster(), &topic.wanted(2)).await.unwrap();
    assert!(!created.made);
    assert_eq!(created.mended, wrong);
    topics::check(&cluster(), &topic.name, Some(2))
        .await
        .unwrap();
    assert_eq!(topic.setting("segment.bytes").await, "2097152");
    assert_eq!(topic.setting("retention.ms").await, "-1");
}

#[tokio::test]
async fn another_number_of_partitions_is_refused_and_not_changed() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let checked = topics::check(&cluster(), &topic.name, Some(3)).await;
    let created = topics::create(&cluster(), &topic.wanted(3)).await;
    for refused in [checked.map(|_checked| ()), created.map(|_created| ())] {
        assert!(
            matches!(
                refused,
                Err(Error::OtherPartitions {
                    found: 2,
                    expected: 3,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
    assert_eq!(topic.log().await.partitions(), 2);
    let none = topics::create(&cluster(), &topic.wanted(0)).await;
    assert!(
        matches!(none, Err(Error::PartitionsOutOfRange { partitions: 0 })),
        "{none:?}"
    );

    let more = NewPartitions::new(&topic.name, 3);
    let made = admin()
        .create_partitions([&more], &answered())
        .await
        .unwrap();
    made.into_iter().next().unwrap().unwrap();
    let checked = eventually(async || log.recheck().await, Result::is_err).await;
    assert!(
        matches!(
            checked,
            Err(Error::OtherPartitions {
                found: 3,
                expected: 2,
                ..
            })
        ),
        "{checked:?}"
    );
}

#[tokio::test]
async fn a_topic_that_vanished_is_noticed_by_the_recheck() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    log.recheck().await.unwrap();
    topic.delete().await;
    let checked = eventually(async || log.recheck().await, Result::is_err).await;
    assert!(
        matches!(checked, Err(Error::NoSuchTopic { .. })),
        "{checked:?}"
    );
}

/// Also where nobody says how many replicas there are to be.
#[tokio::test]
async fn many_may_make_a_topic_at_once() {
    let topic = Topic::absent();
    let (cluster, mut wanted) = (cluster(), topic.wanted(2));
    wanted.replication_factor = None;
    let (one, other, third) = tokio::join!(
        topics::create(&cluster, &wanted),
        topics::create(&cluster, &wanted),
        topics::create(&cluster, &wanted),
    );
    let made = [one, other, third].map(|created| created.unwrap().made);
    assert_eq!(made.into_iter().filter(|made| *made).count(), 1);
    let log = topic.log().await;
    append(&log, &["a"]).await;
    assert_eq!(values(&log).await, ["a"]);
}

/// The settings that the topic was made with.
async fn good(topic: &Topic) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for name in [
        "cleanup.policy",
        "retention.ms",
        "retention.bytes",
        "message.timestamp.type",
        "max.message.bytes",
    ] {
        settings.push((name.to_owned(), topic.setting(name).await));
    }
    settings
}
