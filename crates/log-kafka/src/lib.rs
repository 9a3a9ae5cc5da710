//! The log in a topic of Apache Kafka.
//!
//! The same promises as every log; with replicated brokers it survives the loss of a machine.
//! Deliberately absent: transactions (librdkafka speaks the protocol from before KIP-890) and
//! consumer groups (the lease in the store says who decides, not Kafka).
//!
//! **Shape.** One idempotent producer; one consumer a tail, with an explicit assignment; one
//! consumer for the odd read; one client that asks for bounds, partitions and settings.
//!
//! ```text
//!   append ──┐             ┌─────────────┐  acks=all  ┌────────────────┐
//!   append ──┼─► permits ─►│  producer   ├───────────►│ topic          │
//!   append ──┘   bounded   └─────────────┘◄───────────┤  partition 0   │
//!      ▲                      one report a record     │  partition 1   │
//!      └── answer when all records were reported      │  …             │
//!                          ┌─────────────┐  long poll │                │
//!   tail ◄── bounded ◄─────┤  consumer   ├───────────►│                │
//!                          └─────────────┘            └────────────────┘
//! ```
//!
//! **Correctness.**
//!
//! - Acknowledged means: by all replicas in sync. Kafka acknowledges before it syncs to disk, so
//!   durability comes from replication: three replicas, `min.insync.replicas` 2. Fewer are warned
//!   of ([`topics::check`]).
//! - An append that librdkafka refused at once is `NotAppended`; after any later error it is
//!   `MaybeAppended`. The producer may send one batch several times; that it is idempotent keeps
//!   one record from being appended twice and batches from overtaking each other. A batch is not
//!   atomic: another appender's records may lie between, and after an error some may be there.
//! - A tail never reconnects in silence. librdkafka does; what it says of that in its own log
//!   breaks the tail (`signs`).
//! - A topic that was made anew under the same name is seen by a tail that is open, not by one
//!   that is opened later: the safe interface of rdkafka has no ids of topics. The projector's
//!   anchor sees it by what is in the records.
//! - Whoever runs the log MUST call [`KafkaLog::recheck`] at the start and every few seconds:
//!   Kafka's default settings delete old records, and anybody with the right to may restore them.
//!
//! **Security.** librdkafka is built without OpenSSL, so `security.protocol` can be `plaintext`
//! or `sasl_plaintext`, and `sasl.mechanism` `PLAIN` alone. Over a network that is not trusted,
//! use a tunnel (a sidecar that speaks TLS). What a principal needs: on the topic Describe,
//! `DescribeConfigs`, Read and, for appending, Write; Describe on the group `writ`, which is
//! named and never joined; `IdempotentWrite` on brokers before 3.0. `writ topics create` needs
//! Create and `AlterConfigs`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enums of rdkafka grow, and librdkafka's errors are some two hundred"
)]

mod appender;
mod asker;
mod client;
mod cluster;
mod error;
mod log;
mod reader;
mod signs;
mod tail;
pub mod topics;
mod wire;

pub use cluster::Cluster;
pub use error::{Error, Failure};
pub use log::{KafkaLog, Options};
