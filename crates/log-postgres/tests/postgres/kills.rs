//! Connections that are killed under load.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tokio::task::JoinSet;
use writ_domain::Offset;
use writ_log::{AppendError, Log};
use writ_log_postgres::PostgresLog;

use crate::support::{Database, FIRST, record, values};

const CALLERS: usize = 8;
const KILLS: usize = 12;
const BETWEEN_KILLS: usize = 150;

enum Answer {
    Appended(Offset),
    NotAppended,
    MaybeAppended,
}

/// Nothing acknowledged is lost, nothing refused appears, nothing is there twice, and only what
/// was under way when a connection died is "perhaps".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_killed_during_appends_lose_nothing() {
    let database = Database::create().await;
    let log = database.log().await;
    let acknowledged = watch::Sender::new(0);
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (log, stop) = (Arc::clone(&log), Arc::clone(&stop));
        callers.spawn(call(log, caller, acknowledged.clone(), stop));
    }
    let mut progress = acknowledged.subscribe();
    let mut killed = 0;
    for _ in 0..KILLS {
        let enough = *progress.borrow() + BETWEEN_KILLS;
        progress.wait_for(|count| *count >= enough).await.unwrap();
        killed += database.kill("writ log appender 0").await;
    }
    let enough = *progress.borrow() + BETWEEN_KILLS;
    progress.wait_for(|count| *count >= enough).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let answers: Vec<(String, Answer)> = callers.join_all().await.into_iter().flatten().collect();
    assert!(killed > 0, "connections were killed");
    check(
        &values(&log).await,
        &answers,
        usize::try_from(killed).unwrap(),
    );
}

async fn call(
    log: Arc<PostgresLog>,
    caller: usize,
    acknowledged: watch::Sender<usize>,
    stop: Arc<AtomicBool>,
) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let name = format!("{caller}/{}", answers.len());
        let answer = match log.append(FIRST, vec![record(&name)]).await {
            Ok(appended) => {
                acknowledged.send_modify(|count| *count += 1);
                Answer::Appended(appended[0].offset)
            }
            Err(AppendError::NotAppended { .. }) => Answer::NotAppended,
            Err(AppendError::MaybeAppended { .. }) => Answer::MaybeAppended,
            Err(other) => panic!("{other:?}"),
        };
        answers.push((name, answer));
    }
    answers
}

fn check(values: &[String], answers: &[(String, Answer)], killed: usize) {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (offset, value) in values.iter().enumerate() {
        places.entry(value).or_default().push(offset);
    }
    let (mut appended, mut maybe) = (0, 0);
    for (name, answer) in answers {
        let found = places.remove(name.as_str()).unwrap_or_default();
        match answer {
            Answer::Appended(offset) => {
                appended += 1;
                assert_eq!(found, [usize::try_from(offset.0).unwrap()], "{name}");
            }
            Answer::NotAppended => assert!(
                found.is_empty(),
                "{name} was refused, and is there {found:?}"
            ),
            Answer::MaybeAppended => {
                maybe += 1;
                assert!(found.len() <= 1, "{name} is there {found:?}");
            }
        }
    }
    assert!(places.is_empty(), "nobody appended {places:?}");
    assert!(appended >= KILLS * BETWEEN_KILLS, "{appended} acknowledged");
    assert!(
        maybe <= killed * CALLERS,
        "{maybe} unknown after {killed} kills"
    );
}
