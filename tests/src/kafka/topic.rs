//! Topics: one that a test asks for, and how one is seen.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

use super::NodeId;

/// A topic to be made; by default one partition, and as many replicas as the cluster's default.
#[derive(Debug, Clone)]
pub struct Topic {
    pub(super) name: String,
    partitions: u32,
    replicas: Option<u16>,
    assignment: Vec<Vec<NodeId>>,
    configs: BTreeMap<String, String>,
}

impl Topic {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            partitions: 1,
            replicas: None,
            assignment: Vec::new(),
            configs: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn partitions(mut self, count: u32) -> Self {
        self.partitions = count;
        self
    }

    /// So many copies of each record.
    #[must_use]
    pub fn replicas(mut self, count: u16) -> Self {
        self.replicas = Some(count);
        self
    }

    /// Adds a partition that is kept by just these nodes, the first of which leads at the beginning.
    /// It says all about partitions and replicas.
    #[must_use]
    pub fn partition_on(mut self, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.assignment.push(nodes.into_iter().collect());
        self
    }

    #[must_use]
    pub fn config(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.configs.insert(name.to_owned(), value.to_string());
        self
    }

    pub(super) fn request(&self) -> Value {
        json!({
            "do": "create",
            "topic": self.name,
            "partitions": self.partitions,
            "replicas": self.replicas,
            "assignment": self.assignment,
            "configs": self.configs,
        })
    }
}

/// What the cluster says of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TopicState {
    /// Another one for each topic that is made, under whatever name.
    pub id: String,
    pub partitions: Vec<PartitionState>,
}

impl TopicState {
    #[track_caller]
    pub fn partition(&self, number: u32) -> &PartitionState {
        usize::try_from(number)
            .ok()
            .and_then(|index| self.partitions.get(index))
            .unwrap_or_else(|| panic!("no partition {number} in {self:?}"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PartitionState {
    pub leader: Option<NodeId>,
    pub replicas: Vec<NodeId>,
    /// Sorted.
    pub in_sync: Vec<NodeId>,
}
