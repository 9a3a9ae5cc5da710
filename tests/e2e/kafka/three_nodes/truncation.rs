//! A leader that lagged is elected uncleanly, and the log is shorter than the ledger: that is noticed
//! while it is short, and by what is in the records when it has grown past the ledger again. A
//! restore mends it, and at no time is an answer another one than before.

use std::ops::Range;

use serde_json::json;
use writ_tests::kafka::{Acks, Client, Cluster, Message, NodeId, Record};
use writ_tests::{Database, Server, until};

use crate::faults::load::{Dice, Life, Load, seed};
use crate::kafka::ground::{SOON, fit, launch, prefix};
use crate::kafka::past::{Digests, Past, is_not_ready, takes_no_write, tells_all};
use crate::ledger::text;

const CALLERS: usize = 8;
const COMMANDS: usize = 1_500;
const RESTORE: [&str; 2] = ["topics", "restore"];
const SHORT: &str = "halted: the log holds 0..";
const ANOTHER: &str = "is not the one that was decided";
const REMEDY: &str = "run `writ topics restore`";

/// A log with two copies of each record, of which one may lack what was acknowledged. Writ only
/// warns of that.
#[derive(Debug)]
struct Risky {
    cluster: Cluster,
    kafka: Client,
    prefix: String,
    topic: String,
    leads: NodeId,
    lags: NodeId,
}

impl Risky {
    async fn start() -> Self {
        let cluster = Cluster::start(3).await;
        let kafka = cluster.client().clone();
        let [leads, lags, _] = cluster.nodes()[..] else {
            panic!("three nodes");
        };
        let prefix = prefix();
        let topic = format!("{prefix}commands");
        let risky = fit(&topic)
            .partition_on([leads, lags])
            .partition_on([leads, lags])
            .config("min.insync.replicas", 1)
            .config("unclean.leader.election.enable", true);
        kafka.create(&risky).await;
        Self {
            cluster,
            kafka,
            prefix,
            topic,
            leads,
            lags,
        }
    }

    /// A Writ with its log there.
    async fn writ(&self) -> Server {
        let database = Database::fresh().await;
        let launch = launch(database, self.cluster.brokers(), &self.prefix);
        launch.start().await
    }

    /// From now on what is acknowledged is on one machine alone.
    async fn fall_behind(&mut self) {
        // One that was away already would be out of sync at once, with an answer on its way to it.
        self.kafka.until_in_sync(&self.topic).await;
        self.cluster.freeze(self.lags);
        for partition in [0, 1] {
            let kafka = &self.kafka;
            kafka
                .until_out_of_sync(&self.topic, partition, self.lags)
                .await;
        }
    }

    /// The one that lagged leads, while the other one is dead or frozen; what it lacks of these.
    async fn elect_uncleanly<'a>(&mut self, records: &'a [Record]) -> &'a [Record] {
        self.cluster.thaw(self.lags);
        for partition in [0, 1] {
            let leader = self
                .kafka
                .other_leader_of(&self.topic, partition, self.leads);
            assert_eq!(leader.await, self.lags);
        }
        let left = self.records().await;
        let (had, lost) = records.split_at(left.len());
        assert_eq!(left, had);
        eprintln!("{} of {} records are lost", lost.len(), records.len());
        lost
    }

    /// All records of the partition that has any.
    async fn records(&self) -> Vec<Record> {
        let records = self.kafka.records(&self.topic).await;
        let busy = records.first().expect("a record").partition;
        assert!(records.iter().all(|record| record.partition == busy));
        records
    }

    /// Writes as somebody else would what a ledger decides if it reads it.
    async fn grow_past(&self, lost: &[Record]) {
        // The same bytes where there were some, so that only their times tell; then other commands.
        let same = lost.iter().map(Message::like);
        let foreign: Vec<Message> = same.chain(lost.iter().map(forged)).collect();
        self.kafka.produce(&self.topic, Acks::All, &foreign).await;
    }

    /// Does what the halt says: nothing runs, the topic goes, and the entries say what was in it.
    async fn repair(&self, server: &mut Server, digests: &Digests) {
        assert!(server.sigterm().await.status.success());
        // What stands there is not overwritten.
        let refused = server.try_run(&RESTORE).await;
        assert!(!refused.status.success(), "{refused:?}");
        self.kafka.delete(&self.topic).await;
        eprintln!("{}", server.run(&RESTORE).await);
        assert_eq!(&Digests::of(server).await, digests);
        server.restart().await;
        is_ready(server).await;
    }
}

/// The same command of another id, under no key and at any time.
fn forged(record: &Record) -> Message {
    let mut command = record.json();
    let fields = command.as_object_mut().expect("an object");
    let id = text(&fields["command_id"]);
    // The last digits are random ones.
    let (rest, last) = id.split_at(id.len() - 4);
    let other = if last == "0000" { "1111" } else { "0000" };
    fields.insert("command_id".to_owned(), format!("{rest}{other}").into());
    fields.remove("idempotency");
    fields.remove("not_after");
    Message::to(record.partition)
        .key(record.key.clone().expect("a key"))
        .value(command.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_cut_off_and_grew_again_is_never_taken_for_ours() {
    let mut dice = Dice::new(seed());
    let mut risky = Risky::start().await;
    let mut server = risky.writ().await;
    let mut load = Load::start(&server, &mut dice, CALLERS, COMMANDS).await;
    load.answered(COMMANDS / 3).await;
    risky.fall_behind().await;
    load.answered(COMMANDS * 2 / 3).await;
    load.rest().await;
    let (past, digests) = (Past::of(&server.client()).await, Digests::of(&server).await);
    let records = risky.records().await;

    // While it runs: shorter than what was decided, then longer again.
    risky.cluster.kill_9(risky.leads);
    let lost = risky.elect_uncleanly(&records).await;
    assert!(lost.len() >= COMMANDS / 4, "{}", lost.len());
    is_halted(&server, &past, SHORT).await;
    let verified = server.try_run(&["verify", "--json"]).await;
    assert!(!verified.status.success(), "{verified:?}");
    risky.grow_past(lost).await;
    assert!(risky.records().await.len() > records.len());
    is_halted(&server, &past, ANOTHER).await;

    // Started on it, with the one that had it all back among the followers.
    load.is(Life::Down(0));
    server.kill9().await;
    risky.cluster.restart(risky.leads).await;
    risky.kafka.until_in_sync(&risky.topic).await;
    server.restart().await;
    is_halted(&server, &past, ANOTHER).await;

    risky.repair(&mut server, &digests).await;
    past.is_all(&server.client()).await;
    load.is(Life::Up(1));
    load.go_on();
    load.done().await.holds(&server, COMMANDS).await;
    past.is_below(&server.client()).await;
    let changes = format!("{}changes", risky.prefix);
    let mut follower = risky.kafka.follow(&changes).await;
    tells_all(&mut follower, &server.client()).await;
}

/// The old leader lives on, and the connection to it: nothing tells whoever reads from it that the
/// one it is sent to next is not the same log.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_stood_still_hands_nobody_over_to_another_log() {
    let mut risky = Risky::start().await;
    let mut server = risky.writ().await;
    make_roles(&server, 0..40).await;
    risky.fall_behind().await;
    make_roles(&server, 40..60).await;
    let (past, digests) = (Past::of(&server.client()).await, Digests::of(&server).await);
    let records = risky.records().await;
    // Whoever follows it from here on gets nothing new, by which a client could know it again.
    server.restart().await;
    is_ready(&server).await;

    risky.cluster.freeze(risky.leads);
    let lost = risky.elect_uncleanly(&records).await;
    assert!(!lost.is_empty());
    risky.grow_past(lost).await;
    // It may be a while until it has heard that it leads no more.
    risky.cluster.thaw(risky.leads);
    risky.kafka.until_in_sync(&risky.topic).await;
    is_halted(&server, &past, ANOTHER).await;

    risky.repair(&mut server, &digests).await;
    past.is_all(&server.client()).await;
    make_roles(&server, 60..80).await;
    past.is_below(&server.client()).await;
    drop(Digests::of(&server).await);
}

/// The server says so and what is to be done, answers what it did, and takes nothing.
async fn is_halted(server: &Server, past: &Past, says: &str) {
    let client = server.client();
    let said = is_not_ready(&client, says).await;
    eprintln!("{said}");
    assert!(said.contains(REMEDY), "{said}");
    takes_no_write(&client).await;
    past.is_all(&client).await;
}

/// Waits until it is ready, and owns what it reads.
async fn is_ready(server: &Server) {
    until("it is ready", SOON, async || {
        let answer = server.anonymous().get("/readyz").await;
        let owns = answer.text().matches(": owned at").count() == 2;
        (answer.status == 200 && owns).then_some(())
    })
    .await;
}

async fn make_roles(server: &Server, numbers: Range<usize>) {
    for number in numbers {
        let role = json!({"name": format!("role {number}")});
        let answer = server.client().post("/api/v2/roles", &role).await;
        drop(answer.expect(200));
    }
}
