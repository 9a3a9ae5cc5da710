//! Those to whom a storm happens: processes of ours, brokers, Postgres.
//!
//! What ends a stroke does not wait until it has taken effect: others are struck meanwhile. A process
//! of ours that ends by itself, as it may where nobody answers it at its start, is started again, as
//! whoever runs it would.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{interval, sleep_until};
use writ_tests::kafka::{Client as Kafka, Cluster, NodeId};
use writ_tests::{Dice, Fleet, Postgres, Server};

use super::plan::{Act, Part, Plan};
use super::{COMMANDS, LEASE, PROJECTORS, QUERIES, SETTLED};
use crate::kafka::ground::prefix;

/// How often somebody looks whether a process has ended by itself.
const LOOKED_AFTER: Duration = Duration::from_secs(2);
/// How often a process that starts is asked whether it can work.
const ASKED: Duration = Duration::from_millis(100);
/// A command that takes longer is asked after.
const PATIENCE_MS: &str = "3000";

pub(super) struct Stage {
    // Dropped in this order.
    pub(super) fleet: Fleet,
    starting: JoinSet<()>,
    pub(super) cluster: Cluster,
    pub(super) postgres: Postgres,
    prefix: String,
    /// The broker that is struck.
    struck: Option<NodeId>,
    postgres_runs: bool,
    dice: Dice,
    /// How many times a process had ended by itself.
    ended: usize,
}

impl Stage {
    pub(super) async fn set(nodes: u16, dice: Dice) -> Self {
        let (cluster, postgres) = tokio::join!(Cluster::start(nodes), Postgres::start());
        let prefix = prefix();
        let launch = crate::kafka::ground::launch(postgres.database(), cluster.brokers(), &prefix)
            .setting("WRIT_LEASE_MS", &LEASE.as_millis().to_string())
            .setting("WRIT_COMMAND_TIMEOUT_MS", PATIENCE_MS);
        let roles =
            |names: &[&'static str], role| names.iter().map(move |name| (*name, role)).collect();
        let members: Vec<Vec<(&str, &str)>> = vec![
            roles(&COMMANDS, "command"),
            roles(&PROJECTORS, "projector"),
            roles(&QUERIES, "query"),
        ];
        let fleet = Fleet::start(launch, &members.concat()).await;
        Self {
            fleet,
            starting: JoinSet::new(),
            cluster,
            postgres,
            prefix,
            struck: None,
            postgres_runs: true,
            dice,
            ended: 0,
        }
    }

    pub(super) fn home(&self) -> &Server {
        self.fleet.home()
    }

    pub(super) fn kafka(&self) -> Kafka {
        self.cluster.client().clone()
    }

    /// The topic of commands, or that of changes.
    pub(super) fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) fn urls(&self, names: &[&str]) -> Vec<String> {
        names
            .iter()
            .map(|name| self.fleet.url(name).to_owned())
            .collect()
    }

    /// Does one step after the other, each at its time: it is the subject of a storm when what
    /// happens, and nothing is waited for by that.
    pub(super) async fn play(&mut self, plan: &Plan) {
        let begun = Instant::now();
        let mut looks = interval(LOOKED_AFTER);
        for step in &plan.0 {
            loop {
                tokio::select! {
                    () = sleep_until((begun + step.at).into()) => break,
                    _ = looks.tick() => self.look_after(),
                }
            }
            eprintln!("{:9.3} {:?}", begun.elapsed().as_secs_f64(), step.act);
            self.act(step.act).await;
        }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Kill(name) => {
                self.look_after();
                assert!(self.fleet.kill9(name).await, "{name} runs");
            }
            Act::Start(name) => self.fleet.launch(name),
            Act::Freeze(name) => {
                self.look_after();
                self.fleet.freeze(name);
            }
            Act::Thaw(name) => self.fleet.thaw(name),
            Act::Cut(percent) => self.cut(percent).await,
            Act::KillPostgres => {
                self.postgres_runs = false;
                self.postgres.kill9().await;
            }
            Act::StartPostgres => {
                self.postgres.restart().await;
                self.postgres_runs = true;
            }
            Act::KillBroker(part) => {
                let node = self.broker(part).await;
                self.cluster.kill_9(node);
                self.struck = Some(node);
            }
            Act::StartBroker => {
                let node = self.struck.take().expect("a broker was killed");
                self.starting.spawn(self.cluster.launch(node));
            }
            Act::FreezeBroker(part) => {
                let node = self.broker(part).await;
                self.cluster.freeze(node);
                self.struck = Some(node);
            }
            Act::ThawBroker => {
                let node = self.struck.take().expect("a broker was frozen");
                self.cluster.thaw(node);
            }
        }
    }

    /// A broker that leads a partition, or does not; all that were started take part again.
    async fn broker(&mut self, part: Part) -> NodeId {
        self.brokers_have_started().await;
        let nodes = self.cluster.nodes();
        if let [alone] = nodes[..] {
            return alone;
        }
        let topic = self.topic("commands");
        let partition = u32::from(self.dice.once_in(2));
        let kafka = self.cluster.client();
        kafka.until_in_sync(&topic).await;
        match part {
            Part::Leader => kafka.leader_of(&topic, partition).await,
            Part::Follower => kafka.follower_of(&topic, partition).await,
        }
    }

    async fn brokers_have_started(&mut self) {
        while let Some(started) = self.starting.join_next().await {
            started.expect("the broker starts");
        }
    }

    async fn cut(&mut self, percent: u32) {
        if !self.postgres_runs {
            return;
        }
        let postgres = self.postgres.database().connect().await;
        let some = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid() \
                    AND (hashint4(pid) & 65535) % 100 < $1";
        let percent = i32::try_from(percent).expect("a percentage");
        let cut = postgres.query(some, &[&percent]).await;
        eprintln!(
            "          {} connections",
            cut.expect("a superuser may").len()
        );
    }

    /// Starts again what has ended by itself.
    fn look_after(&mut self) {
        for name in [COMMANDS, PROJECTORS, QUERIES].concat() {
            if self.fleet.has_ended(name) {
                let log = self.fleet.log(name);
                let last = log.lines().last().unwrap_or_default();
                eprintln!("          {name} has ended by itself: {last}");
                self.ended += 1;
                self.fleet.launch(name);
            }
        }
    }

    /// Waits until everybody is there and says of itself that it can work. The time that we are
    /// allowed counts from when Kafka is there.
    pub(super) async fn settle(&mut self) {
        let begun = Instant::now();
        self.brokers_have_started().await;
        eprintln!("brokers have started after {:?}", begun.elapsed());
        self.cluster
            .client()
            .until_nodes(&self.cluster.nodes())
            .await;
        for topic in ["commands", "changes"] {
            self.cluster
                .client()
                .until_in_sync(&self.topic(topic))
                .await;
        }
        eprintln!("topics are in sync after {:?}", begun.elapsed());
        let begun = Instant::now();
        for name in [COMMANDS, PROJECTORS, QUERIES].concat() {
            let client = self.fleet.client(name).anonymous();
            let mut looks = interval(ASKED);
            loop {
                looks.tick().await;
                self.look_after();
                let asked = client
                    .request(hyper::Method::GET, "/readyz")
                    .try_send()
                    .await;
                if asked.as_ref().is_ok_and(|answer| answer.status == 200) {
                    break;
                }
                assert!(begun.elapsed() < SETTLED, "{name} is not ready: {asked:?}");
            }
            eprintln!("{name} is ready after {:?}", begun.elapsed());
        }
        eprintln!(
            "settled after {:?}; {} times a process had ended by itself",
            begun.elapsed(),
            self.ended
        );
    }

    /// Panics if a process says of itself in its log that it has a bug.
    pub(super) fn says_nothing_of_bugs(&self) {
        for name in [COMMANDS, PROJECTORS, QUERIES].concat() {
            let log = self.fleet.log(name);
            for line in log.lines() {
                for word in ["panicked", "this is a bug", "the partition is halted\""] {
                    assert!(!line.contains(word), "{name}: {line}");
                }
            }
        }
    }
}
