//! Requests to a Kafka by Apache's own client.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::java::Java;
use super::{Follower, Message, NodeId, Record, Topic, TopicState};
use crate::environment;
use crate::wait::until;

/// How long a cluster may take to do what it was asked to.
const LIMIT: Duration = Duration::from_mins(1);

/// Whose word a producer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// The leader has it; it may yet be lost.
    Leader,
    /// All that are in sync have it.
    All,
}

/// Speaks to one cluster, one request at a time. What fails, fails the test, unless it begins with
/// `try_`.
#[derive(Debug, Clone)]
pub struct Client {
    brokers: String,
    java: Arc<Mutex<Java>>,
}

impl Client {
    /// A client of the broker that the tests of a run share.
    pub fn of_shared() -> Self {
        Self::of(&environment::kafka())
    }

    /// A client of the cluster with these brokers, `HOST:PORT,…`.
    pub fn of(brokers: &str) -> Self {
        Self {
            brokers: brokers.to_owned(),
            java: Arc::new(Mutex::new(Java::start(&["serve", brokers]))),
        }
    }

    /// The nodes that take part: those that are dead or frozen do not, after a few seconds.
    pub async fn nodes(&self) -> Vec<NodeId> {
        self.ask(json!({"do": "nodes"})).await
    }

    /// Waits until just these take part.
    pub async fn until_nodes(&self, nodes: &[NodeId]) {
        until("just these nodes take part", LIMIT, || async {
            (self.nodes().await == nodes).then_some(())
        })
        .await;
    }

    /// The names of all settings that a node knows, also of those that nobody has set.
    pub async fn settings_of(&self, node: NodeId) -> BTreeSet<String> {
        self.ask(json!({"do": "settings", "node": node})).await
    }

    /// The names of all topics.
    pub async fn topics(&self) -> Vec<String> {
        self.ask(json!({"do": "topics"})).await
    }

    /// Makes a topic, and waits until each of its partitions has all of its replicas.
    pub async fn create(&self, topic: &Topic) {
        let () = self.ask(topic.request()).await;
        self.until_in_sync(&topic.name).await;
    }

    /// Sets configurations of a topic.
    pub async fn alter(&self, topic: &str, configs: &[(&str, &str)]) {
        let configs: BTreeMap<_, _> = configs.iter().copied().collect();
        let () = self
            .ask(json!({"do": "alter", "topic": topic, "configs": configs}))
            .await;
    }

    /// Takes a configuration back to the default of the cluster.
    pub async fn reset(&self, topic: &str, config: &str) {
        let () = self
            .ask(json!({"do": "alter", "topic": topic, "configs": {config: null}}))
            .await;
    }

    /// What holds for a topic, the defaults of the cluster included.
    pub async fn configs(&self, topic: &str) -> BTreeMap<String, String> {
        self.ask(json!({"do": "configs", "topic": topic})).await
    }

    /// Adds partitions until there are so many.
    pub async fn grow(&self, topic: &str, partitions: u32) {
        let () = self
            .ask(json!({"do": "grow", "topic": topic, "partitions": partitions}))
            .await;
        until("the topic has grown", LIMIT, || async {
            let state = self.describe(topic).await?;
            (u32::try_from(state.partitions.len()) == Ok(partitions)).then_some(())
        })
        .await;
    }

    /// Deletes a topic, and waits until nobody sees it.
    pub async fn delete(&self, topic: &str) {
        let () = self.ask(json!({"do": "delete", "topic": topic})).await;
        until("the topic is gone", LIMIT, || async {
            self.describe(topic).await.is_none().then_some(())
        })
        .await;
    }

    /// Nothing if there is no such topic.
    pub async fn describe(&self, topic: &str) -> Option<TopicState> {
        self.ask(json!({"do": "describe", "topic": topic})).await
    }

    /// Who leads a partition, as soon as somebody does.
    pub async fn leader_of(&self, topic: &str, partition: u32) -> NodeId {
        self.until_leader(topic, partition, |_| true).await
    }

    /// Waits until somebody else leads.
    pub async fn other_leader_of(&self, topic: &str, partition: u32, than: NodeId) -> NodeId {
        self.until_leader(topic, partition, |leader| leader != than)
            .await
    }

    /// A node that has a replica of a partition and does not lead it.
    pub async fn follower_of(&self, topic: &str, partition: u32) -> NodeId {
        let leader = self.leader_of(topic, partition).await;
        let state = self.describe(topic).await.expect("there is such a topic");
        let mut replicas = state.partition(partition).replicas.iter();
        *replicas
            .find(|node| **node != leader)
            .expect("a second replica")
    }

    /// The nodes whose replica of a partition is in sync, sorted.
    pub async fn in_sync(&self, topic: &str, partition: u32) -> Vec<NodeId> {
        let state = self.describe(topic).await.expect("there is such a topic");
        state.partition(partition).in_sync.clone()
    }

    /// Waits until every partition has a leader and all of its replicas are in sync.
    pub async fn until_in_sync(&self, topic: &str) {
        until("all replicas are in sync", LIMIT, || async {
            let state = self.describe(topic).await?;
            let whole = state.partitions.iter().all(|partition| {
                partition.leader.is_some() && partition.in_sync.len() == partition.replicas.len()
            });
            whole.then_some(())
        })
        .await;
    }

    /// Waits until a partition goes on without a node.
    pub async fn until_out_of_sync(&self, topic: &str, partition: u32, node: NodeId) {
        until("the node is out of sync", LIMIT, || async {
            let in_sync = self.in_sync(topic, partition).await;
            (!in_sync.contains(&node)).then_some(())
        })
        .await;
    }

    /// Has a leader elected among all replicas that live, whatever they lack.
    pub async fn elect_uncleanly(&self, topic: &str, partition: u32) {
        let () = self
            .ask(json!({"do": "elect", "topic": topic, "partition": partition, "unclean": true}))
            .await;
    }

    /// For each partition the first offset that is there, and the one that comes next.
    pub async fn offsets(&self, topic: &str) -> Vec<(u64, u64)> {
        self.ask(json!({"do": "offsets", "topic": topic})).await
    }

    /// Deletes the records of a partition that come before an offset.
    pub async fn truncate_before(&self, topic: &str, partition: u32, offset: u64) {
        let () = self
            .ask(
                json!({"do": "truncate", "topic": topic, "partition": partition, "before": offset}),
            )
            .await;
    }

    /// Writes records, and returns the offset of each.
    pub async fn produce(&self, topic: &str, acks: Acks, messages: &[Message]) -> Vec<u64> {
        self.try_produce(topic, acks, LIMIT, messages)
            .await
            .unwrap_or_else(|error| panic!("{topic}: {error}"))
    }

    /// Writes records, unless that takes too long; then some may have been written.
    pub async fn try_produce(
        &self,
        topic: &str,
        acks: Acks,
        limit: Duration,
        messages: &[Message],
    ) -> Result<Vec<u64>, String> {
        let acks = match acks {
            Acks::Leader => "1",
            Acks::All => "all",
        };
        let messages: Vec<_> = messages.iter().map(Message::shown).collect();
        let request = json!({
            "do": "produce",
            "topic": topic,
            "acks": acks,
            "limit_ms": u64::try_from(limit.as_millis()).expect("a limit"),
            "messages": messages,
        });
        self.try_ask(request).await.map(|(_, offsets)| offsets)
    }

    /// All records that are there now, partition by partition.
    pub async fn records(&self, topic: &str) -> Vec<Record> {
        let request = json!({"do": "records", "topic": topic});
        let (records, ()) = self
            .try_ask(request)
            .await
            .unwrap_or_else(|error| panic!("{topic}: {error}"));
        records.into_iter().map(Record::read).collect()
    }

    /// Reads a topic from its beginning, and goes on; waits until there is such a topic.
    pub async fn follow(&self, topic: &str) -> Follower {
        until("there is such a topic", LIMIT, || async {
            self.describe(topic).await
        })
        .await;
        Follower::start(&self.brokers, topic)
    }

    async fn until_leader(
        &self,
        topic: &str,
        partition: u32,
        right: impl Fn(NodeId) -> bool,
    ) -> NodeId {
        until("the partition has a leader", LIMIT, || async {
            let state = self.describe(topic).await?;
            state
                .partition(partition)
                .leader
                .filter(|leader| right(*leader))
        })
        .await
    }

    async fn ask<T: DeserializeOwned>(&self, request: Value) -> T {
        let name = request.to_string();
        let (_, answer) = self
            .try_ask(request)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        answer
    }

    async fn try_ask<T: DeserializeOwned>(
        &self,
        request: Value,
    ) -> Result<(Vec<Value>, T), String> {
        let (records, answer) = self.java.lock().await.ask(&request).await?;
        let answer = serde_json::from_value(answer).expect("an answer of its kind");
        Ok((records, answer))
    }
}
