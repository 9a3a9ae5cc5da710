//! A real Apache Kafka, and an eye on it that is not Writ's.
//!
//! **Shape**: [`Cluster`] is one broker or three of a test's own, which it kills, freezes, restarts
//! and wipes as it likes; the broker that all tests share is at
//! [`environment::kafka`](crate::environment::kafka). [`Client`] is Apache's own client in a process
//! of its own (`tests/kafka/Client.java`): it makes, changes and deletes topics, and writes and reads
//! records. [`Follower`] is a consumer that goes on reading through whatever happens.
//!
//! **Correctness**: a broker never outlives the test that started it: it is killed by its process id
//! when its [`Cluster`] is dropped, and by a guard if the test itself is killed. Ports are kept over
//! restarts, and lie below those that the system gives to outgoing connections, so that none of them
//! is taken while its broker is down.

mod client;
mod cluster;
mod follower;
mod guard;
mod java;
mod node;
mod record;
mod topic;

use std::sync::atomic::{AtomicU32, Ordering};

pub use self::client::{Acks, Client};
pub use self::cluster::Cluster;
pub use self::follower::Follower;
pub use self::node::NodeId;
pub use self::record::{Header, Message, Record};
pub use self::topic::{PartitionState, Topic, TopicState};

/// What the names of the topics of one test begin with.
pub fn prefix() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test-{}-{count}.", std::process::id())
}
