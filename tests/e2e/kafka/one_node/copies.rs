//! The ledger's log is moved to Kafka and back, and its views are made anew while it is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;
use tokio::task::JoinSet;
use writ_tests::kafka::Client as Kafka;
use writ_tests::{Client, Database, Launch, Server, environment, until};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{SOON, launch, prefix};
use crate::kafka::past::{Digests, Past, done, is_not_ready, takes_no_write};
use crate::ledger::number;

const CALLERS: usize = 16;
const COMMANDS: usize = 6_000;

/// The topics of this test, as flags.
fn copy(to: &str, prefix: &str) -> Vec<String> {
    let brokers = environment::kafka();
    ["log", "copy", "--to", to, "--kafka", &brokers]
        .into_iter()
        .chain(["--kafka-topic-prefix", prefix])
        .map(str::to_owned)
        .collect()
}

fn stand_on_kafka(server: &mut Server, prefix: &str) {
    server.set("WRIT_KAFKA", Some(&environment::kafka()));
    server.set("WRIT_KAFKA_TOPIC_PREFIX", Some(prefix));
}

fn stand_on_postgres(server: &mut Server) {
    server.set("WRIT_KAFKA", None);
    server.set("WRIT_KAFKA_TOPIC_PREFIX", None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_moves_to_kafka_and_back() {
    let mut dice = Dice::new(seed());
    let kafka = Kafka::of_shared();
    let prefix = prefix();
    let commands = format!("{prefix}commands");
    let database = Database::fresh().await;
    let tables = database.connect().await;
    let mut server = Launch::on(database).start().await;
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;

    load.answered(COMMANDS / 2).await;
    load.rest().await;
    let past = Past::of(&server.client()).await;
    let digests = Digests::of(&server).await;
    load.is(Life::Down(0));
    assert!(server.sigterm().await.status.success());
    let to_kafka = copy("kafka", &prefix);
    let in_kafka = async || in_kafka(&kafka, &commands).await;
    let least = 1 + u64::try_from(dice.below(2_000)).expect("few");
    cut_off(&server, &to_kafka, least, past.changes().len(), in_kafka).await;
    eprintln!("{}", done(&server.begin(&to_kafka).end().await));
    // The old log is refused.
    server.restart().await;
    eprintln!(
        "{}",
        is_not_ready(&server.client(), "is not the one that was decided").await
    );
    assert!(server.sigterm().await.status.success());
    stand_on_kafka(&mut server, &prefix);
    assert_eq!(Digests::of(&server).await, digests);
    server.restart().await;
    past.is_all(&server.client()).await;
    load.is(Life::Up(1));
    load.go_on();

    load.answered(COMMANDS * 3 / 4).await;
    load.rest().await;
    let past = Past::of(&server.client()).await;
    let digests = Digests::of(&server).await;
    load.is(Life::Down(1));
    assert!(server.sigterm().await.status.success());
    let to_postgres = copy("postgres", &prefix);
    let in_postgres = async || in_postgres(&tables).await;
    let least = 1 + u64::try_from(dice.below(3_000)).expect("few");
    cut_off(
        &server,
        &to_postgres,
        least,
        past.changes().len(),
        in_postgres,
    )
    .await;
    eprintln!("{}", done(&server.begin(&to_postgres).end().await));
    stand_on_postgres(&mut server);
    assert_eq!(Digests::of(&server).await, digests);
    server.restart().await;
    past.is_all(&server.client()).await;
    load.is(Life::Up(2));
    load.go_on();

    load.done().await.holds(&server, COMMANDS).await;
    past.is_below(&server.client()).await;

    are_refused(&mut server, &prefix).await;
}

/// Starts on the topics, which are an older log.
async fn are_refused(server: &mut Server, prefix: &str) {
    let past = Past::of(&server.client()).await;
    assert!(server.sigterm().await.status.success());
    stand_on_kafka(server, prefix);
    server.restart().await;
    let said = is_not_ready(&server.client(), "halted").await;
    eprintln!("{said}");
    takes_no_write(&server.client()).await;
    past.is_all(&server.client()).await;
}

/// Records of the topic.
async fn in_kafka(kafka: &Kafka, topic: &str) -> u64 {
    if kafka.describe(topic).await.is_none() {
        return 0;
    }
    let offsets = kafka.offsets(topic).await;
    offsets.iter().map(|(_, high)| high).sum()
}

/// Records of the log in Postgres, once an older one was put aside.
async fn in_postgres(tables: &tokio_postgres::Client) -> u64 {
    let sql = "SELECT sum(next_offset)::bigint FROM log_head \
               WHERE EXISTS (SELECT FROM pg_class WHERE relname ~ '^log_record_retired_')";
    let row = tables.query_one(sql, &[]).await.expect("heads");
    let records = row.get::<_, Option<i64>>(0);
    u64::try_from(records.unwrap_or_default()).expect("no negative number")
}

/// Runs a subcommand that writes a log, and kills it when it has written so much of it.
async fn cut_off(
    server: &Server,
    arguments: &[String],
    least: u64,
    total: usize,
    mut written: impl AsyncFnMut() -> u64,
) {
    let copying = server.begin(arguments);
    let killed = copying.kill9_when(async || written().await >= least).await;
    let written = written().await;
    assert!(killed, "it had ended before, with {written} records");
    eprintln!("killed when {written} records were written");
    assert!(
        written < u64::try_from(total).expect("few"),
        "{written} of {total}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_made_anew_while_they_are_read_on_kafka() {
    let launch = launch(Database::fresh().await, &environment::kafka(), &prefix());
    views_are_made_anew(launch.start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_made_anew_while_they_are_read_on_postgres() {
    views_are_made_anew(Server::start().await).await;
}

async fn views_are_made_anew(server: Server) {
    let mut dice = Dice::new(seed());
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS / 2).await;
    let readers = Readers::start(&server).await;
    let mut times = 0;
    for answered in [1, COMMANDS / 8, COMMANDS / 4] {
        load.answered(answered).await;
        let before = readers.answers();
        let rebuilt = server.run(&["rebuild", "--views", "--json"]).await;
        let rebuilt: Value = serde_json::from_str(&rebuilt).expect("JSON");
        eprintln!("{rebuilt}");
        assert_eq!(rebuilt["equal"], true, "{rebuilt}");
        assert!(number(&rebuilt["entries"]) > 0, "{rebuilt}");
        assert!(readers.answers() > before, "nobody read meanwhile");
        times += 1;
    }
    assert_eq!(times, 3);
    let finished = load.done().await;
    let read = readers.end().await;
    eprintln!("{read} answers");
    let summary = finished.agrees_with(&server).await;
    assert_eq!(summary.wishes, COMMANDS / 2);
    // At rest, the same answers and the same digests.
    let past = Past::of(&server.client()).await;
    let digests = Digests::of(&server).await;
    drop(server.run(&["rebuild", "--views"]).await);
    past.is_all(&server.client()).await;
    assert_eq!(Digests::of(&server).await, digests);
}

/// Who reads all the time, and must always be answered.
struct Readers {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    at_work: JoinSet<()>,
}

impl Readers {
    async fn start(server: &Server) -> Self {
        let paths = [
            "/api/v2/roles?per_page=100&include_totals=true",
            "/api/v2/users?per_page=100&include_totals=true",
            "/api/v2/users/auth0%7Cu1/permissions?per_page=100",
            "/api/v2/users/auth0%7Cu2/roles?per_page=100",
            "/v1/history?user=auth0%7Cu3&realm=auth0&limit=100",
            "/v1/changes?limit=100",
        ];
        let stop = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(AtomicUsize::new(0));
        let mut at_work = JoinSet::new();
        for path in paths {
            let (stop, answers) = (Arc::clone(&stop), Arc::clone(&answers));
            let client: Client = server.client();
            at_work.spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let answer = client.get(path).await.expect(200).json();
                    assert!(!answer.is_null());
                    answers.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        until("somebody reads", SOON, async || {
            (answers.load(Ordering::SeqCst) > 0).then_some(())
        })
        .await;
        Self {
            stop,
            answers,
            at_work,
        }
    }

    fn answers(&self) -> usize {
        self.answers.load(Ordering::SeqCst)
    }

    /// Panics if one of them was refused.
    async fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        let Self {
            at_work, answers, ..
        } = self;
        at_work.join_all().await;
        answers.load(Ordering::SeqCst)
    }
}
