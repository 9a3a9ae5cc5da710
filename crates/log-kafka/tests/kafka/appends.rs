//! Appending when all is well, and when the topic is gone.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;
use tokio::time::timeout;
use writ_domain::Offset;
use writ_log::{AppendError, Log as _};
use writ_log_kafka::KafkaLog;

use crate::support::{FIRST, LONG, Topic, append, record, values};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_keep_their_own_order() {
    const CALLERS: usize = 32;
    const ROUNDS: usize = 50;
    let topic = Topic::create().await;
    let logs = [topic.log().await, topic.log().await];
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let log = Arc::clone(&logs[caller % 2]);
        callers.spawn(async move {
            for round in 0..ROUNDS {
                let batch = ["x", "y"].map(|part| record(&format!("{caller} {round:02} {part}")));
                log.append(FIRST, batch.to_vec()).await.unwrap();
            }
        });
    }
    callers.join_all().await;
    let values = values(&logs[0]).await;
    assert_eq!(values.len(), CALLERS * ROUNDS * 2);
    for caller in 0..CALLERS {
        let own = format!("{caller} ");
        let mine: Vec<&String> = values.iter().filter(|v| v.starts_with(&own)).collect();
        assert_eq!(mine.len(), ROUNDS * 2);
        assert!(mine.is_sorted(), "{mine:?}");
    }
}

#[tokio::test]
async fn an_append_to_a_topic_that_is_gone_fails_in_time() {
    let topic = Topic::create().await;
    let mut options = topic.options();
    options.message_timeout = Duration::from_secs(3);
    let log = KafkaLog::connect(options).await.unwrap();
    append(&log, &["a"]).await;
    topic.delete().await;
    let begun = Instant::now();
    let refused = timeout(LONG, log.append(FIRST, vec![record("b")]))
        .await
        .unwrap();
    assert!(
        matches!(
            refused,
            Err(AppendError::NotAppended { .. } | AppendError::MaybeAppended { .. })
        ),
        "{refused:?}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    let bounds = timeout(LONG, log.bounds(FIRST)).await.unwrap();
    assert!(bounds.is_err(), "{bounds:?}");
    let read = timeout(LONG, log.read(FIRST, Offset(0))).await.unwrap();
    assert!(read.is_err(), "{read:?}");
}

/// Everything that was handed over is answered; what comes afterwards is refused, definitely.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_answers_what_was_handed_over_and_refuses_the_rest() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let mut callers = JoinSet::new();
    for caller in 0..16 {
        let log = Arc::clone(&log);
        callers.spawn(async move {
            let mut acknowledged = 0;
            loop {
                match log.append(FIRST, vec![record(&format!("{caller}"))]).await {
                    Ok(_appended) => acknowledged += 1,
                    Err(error) => return (acknowledged, error),
                }
            }
        });
    }
    // All of them are under way.
    let mut tail = log.tail(FIRST, Offset(0)).await.unwrap();
    let mut seen = 0;
    while seen < 64 {
        seen += tail.next(100).await.unwrap().len();
    }
    timeout(LONG, log.close()).await.unwrap();
    let mut acknowledged = 0;
    for (count, error) in callers.join_all().await {
        assert!(
            matches!(error, AppendError::NotAppended { .. }),
            "{error:?}"
        );
        acknowledged += count;
    }
    timeout(LONG, log.close()).await.unwrap();
    assert_eq!(values(&*topic.log().await).await.len(), acknowledged);
}

/// Callers who leave take no room with them.
#[tokio::test]
async fn an_append_that_is_given_up_gives_its_room_back() {
    let topic = Topic::create().await;
    let log = topic.log().await;
    let mut large = record("large");
    large.value = vec![7; 1024 * 1024];
    // Four times what may be under way.
    for _ in 0..256 {
        let given_up = timeout(Duration::ZERO, log.append(FIRST, vec![large.clone()])).await;
        drop(given_up);
    }
    let appended = timeout(LONG, log.append(FIRST, vec![record("last")]))
        .await
        .unwrap();
    let offset = appended.unwrap()[0].offset;
    let last = log.read(FIRST, offset).await.unwrap().unwrap();
    assert_eq!(last.record, record("last"));
}
