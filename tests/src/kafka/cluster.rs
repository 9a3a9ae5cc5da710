//! A Kafka of a test's own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use tokio::task::JoinSet;

use super::guard::Guard;
use super::node::Node;
use super::{Client, NodeId};

const SETTINGS: &str = include_str!("../../kafka/node.properties");

/// Below the ports that systems give to outgoing connections, above those of well-known services.
const FIRST_PORT: u16 = 20_000;
const PORTS: u16 = 10_000;

/// Brokers that are controllers too: one, or three of which two are enough.
#[derive(Debug)]
pub struct Cluster {
    // Fields are dropped in this order: first the processes, last their directory.
    nodes: Vec<Node>,
    client: Client,
    brokers: String,
    #[expect(dead_code, reason = "kept for its drop, which removes the directory")]
    guard: Guard,
}

/// Where the nodes of a cluster listen. The listeners keep others away until the nodes start.
#[derive(Debug)]
struct Ports {
    brokers: Vec<TcpListener>,
    controllers: Vec<TcpListener>,
}

impl Cluster {
    /// Starts so many nodes, with nothing on them, and waits until all take part.
    ///
    /// With three, topics have three replicas, of which two must be in sync, unless they say
    /// otherwise.
    pub async fn start(nodes: u16) -> Self {
        Self::start_with(nodes, &[]).await
    }

    /// The same with further settings for every node.
    pub async fn start_with(nodes: u16, settings: &[(&str, &str)]) -> Self {
        let guard = Guard::start();
        let ports = Ports::reserve(nodes);
        let brokers = listed(&ports.brokers, |_, port| format!("127.0.0.1:{port}"));
        let nodes = (1..=nodes).map(NodeId).map(|id| {
            let dir = guard.dir().join(format!("node-{id}"));
            let properties = properties(id, &dir, &ports, settings);
            Node::configure(id, dir, &properties)
        });
        let mut cluster = Self {
            nodes: nodes.collect(),
            client: Client::of(&brokers),
            brokers,
            guard,
        };
        cluster.format().await;
        drop(ports);
        cluster.restart_all().await;
        cluster
    }

    /// The addresses of all nodes, `HOST:PORT,…`; the same for as long as it lives.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// Apache's own client of this cluster.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn nodes(&self) -> Vec<NodeId> {
        self.nodes.iter().map(|node| node.id).collect()
    }

    /// Ends a node as a crash would.
    pub fn kill_9(&mut self, node: NodeId) {
        self.node(node).kill_9();
    }

    /// Ends all nodes at once.
    pub fn kill_9_all(&mut self) {
        for node in &mut self.nodes {
            node.kill_9();
        }
    }

    /// Starts a node that was killed, on its data and its ports, and waits until it takes part.
    ///
    /// It may have a lot to catch up with then: [`Client::until_in_sync`].
    pub async fn restart(&mut self, node: NodeId) {
        let starting = self.node(node).launch();
        starting.until_ready().await;
    }

    /// Starts a node that was killed, and leaves it to the caller to wait until it takes part.
    pub fn launch(&mut self, node: NodeId) -> impl Future<Output = ()> + Send + use<> {
        let starting = self.node(node).launch();
        starting.until_ready()
    }

    /// Starts all nodes, none of which runs, and waits until all take part.
    pub async fn restart_all(&mut self) {
        let starting: Vec<_> = self.nodes.iter_mut().map(Node::launch).collect();
        for one in starting {
            one.until_ready().await;
        }
        self.client.until_nodes(&self.nodes()).await;
    }

    /// Stops a node in its tracks: its connections stay open, and nobody answers.
    pub fn freeze(&mut self, node: NodeId) {
        self.node(node).signal(Signal::STOP);
    }

    /// Lets a frozen node go on.
    pub fn thaw(&mut self, node: NodeId) {
        self.node(node).signal(Signal::CONT);
    }

    /// Loses all data at once, and starts an empty cluster in the same place: a crash of all nodes,
    /// other disks, another cluster id, the same addresses.
    pub async fn wipe(&mut self) {
        self.kill_9_all();
        self.format().await;
        // The old one knows another cluster.
        self.client = Client::of(&self.brokers);
        self.restart_all().await;
    }

    async fn format(&mut self) {
        let id = fresh_cluster_id();
        let mut formatted = JoinSet::new();
        for node in std::mem::take(&mut self.nodes) {
            let id = id.clone();
            formatted.spawn(async move {
                node.format(&id).await;
                node
            });
        }
        self.nodes = formatted.join_all().await;
        self.nodes.sort_by_key(|node| node.id);
    }

    #[track_caller]
    fn node(&mut self, id: NodeId) -> &mut Node {
        let mut nodes = self.nodes.iter_mut();
        nodes
            .find(|node| node.id == id)
            .unwrap_or_else(|| panic!("there is no node {id}"))
    }
}

impl Ports {
    fn reserve(nodes: u16) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        // Tests run side by side, a process each: they begin at different places.
        let begin = std::process::id().wrapping_mul(61) % u32::from(PORTS);
        let begin = u16::try_from(begin).expect("less than the number of ports");
        let mut free = std::iter::from_fn(|| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            Some(FIRST_PORT + (begin + next) % PORTS)
        })
        .take(usize::from(PORTS))
        .filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
        let mut some = || {
            let found: Vec<_> = free.by_ref().take(usize::from(nodes)).collect();
            assert_eq!(found.len(), usize::from(nodes), "there are free ports");
            found
        };
        Self {
            brokers: some(),
            controllers: some(),
        }
    }
}

/// Each node with its port, as `show` shows it, separated by commas.
fn listed(listeners: &[TcpListener], show: impl Fn(NodeId, u16) -> String) -> String {
    let shown = (1..)
        .map(NodeId)
        .zip(listeners)
        .map(|(id, listener)| show(id, port(listener)));
    shown.collect::<Vec<_>>().join(",")
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("an address").port()
}

fn properties(id: NodeId, dir: &Path, ports: &Ports, further: &[(&str, &str)]) -> String {
    let count = ports.brokers.len();
    let index = usize::from(id.0 - 1);
    let broker = format!("PLAINTEXT://127.0.0.1:{}", port(&ports.brokers[index]));
    let controller = format!("CONTROLLER://127.0.0.1:{}", port(&ports.controllers[index]));
    let voters = listed(&ports.controllers, |id, port| {
        format!("{id}@127.0.0.1:{port}")
    });
    let enough = count / 2 + 1;
    let lines = further
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let further = lines.collect::<Vec<_>>().join(
        "
",
    );
    format!(
        "{SETTINGS}
node.id={id}
controller.quorum.voters={voters}
listeners={broker},{controller}
advertised.listeners={broker}
log.dirs={}
default.replication.factor={count}
min.insync.replicas={enough}
offsets.topic.replication.factor={count}
transaction.state.log.replication.factor={count}
transaction.state.log.min.isr={enough}
share.coordinator.state.topic.replication.factor={count}
share.coordinator.state.topic.min.isr={enough}
{further}",
        Node::data(dir).display()
    )
}

/// 16 bytes in URL-safe base64, as Kafka wants them; hexadecimal digits are among its letters.
fn fresh_cluster_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("{:021x}A", now.expect("a clock after 1970").as_nanos())
}
