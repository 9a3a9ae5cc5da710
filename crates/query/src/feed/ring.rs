//! The newest entries of each tenant that somebody streams. No I/O.
//!
//! **Correctness.** A ring is filled in order and without a hole, from the number that its topic
//! says it has come to; who subscribes is told that number with the place in the ring. So what
//! comes before is read from the store, what comes after from the ring, and nothing falls between.
//! A ring is bounded: who is slower than it is long is told so, and loses nothing but time.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use writ_domain::{TenantId, TenantSeq};
use writ_store::entries::{Entry, Head, Watch};

use super::changes::change;

/// The rings of a process.
#[derive(Debug)]
pub struct Rings {
    topics: BTreeMap<TenantId, Topic>,
    /// How long each is.
    kept: usize,
}

/// What is streamed of one tenant.
#[derive(Debug)]
struct Topic {
    ring: broadcast::Sender<Arc<Told>>,
    /// The last entry that was put into the ring, or the newest one when the topic began.
    come_to: TenantSeq,
    watch: Watch,
}

/// An entry, told once for all.
#[derive(Debug)]
pub struct Told {
    /// The entry.
    pub entry: Entry,
    /// As the feed tells it.
    pub json: String,
}

/// A place in a ring.
#[derive(Debug)]
pub struct Subscription {
    ring: broadcast::Receiver<Arc<Told>>,
    come_to: TenantSeq,
}

/// What a ring has for a reader.
#[derive(Debug, Clone)]
pub enum Heard {
    /// An entry.
    Told(Arc<Told>),
    /// Nothing now.
    Nothing,
    /// Not what comes next: the reader was overrun.
    Lagged,
    /// Nothing any more.
    Closed,
}

impl Rings {
    /// No rings; each will hold so many entries.
    #[must_use]
    pub fn new(kept: usize) -> Self {
        Self {
            topics: BTreeMap::new(),
            kept,
        }
    }

    /// The tenants to look at, all of them or those that moved, and how far each was read. Forgets
    /// topics that nobody streams.
    pub fn behind(&mut self, all: bool) -> Vec<(TenantId, TenantSeq)> {
        self.topics
            .retain(|_, topic| topic.ring.receiver_count() > 0);
        self.topics
            .iter()
            .filter(|(_, topic)| all || topic.watch.newest() > topic.come_to)
            .map(|(tenant, topic)| (tenant.clone(), topic.come_to))
            .collect()
    }

    /// Puts entries into a tenant's ring: those that come after what [`Rings::behind`] said.
    pub fn tell(&mut self, tenant: &TenantId, told: Vec<Arc<Told>>) {
        let Some(topic) = self.topics.get_mut(tenant) else {
            return;
        };
        for told in told {
            topic.come_to = told.entry.tenant_seq;
            if topic.ring.send(told).is_err() {
                tracing::debug!(%tenant, "nobody streams any more");
            }
        }
    }

    /// A place in a tenant's ring, if it has one.
    #[must_use]
    pub fn join(&self, tenant: &TenantId) -> Option<Subscription> {
        self.topics.get(tenant).map(Topic::subscribe)
    }

    /// A place in a tenant's ring, which begins after its newest entry.
    ///
    /// The tenant MUST have been watched before its newest entry was read.
    pub fn begin(&mut self, tenant: &TenantId, watch: Watch, newest: Option<Head>) -> Subscription {
        let come_to = newest.map_or(TenantSeq::ZERO, |head| head.tenant_seq);
        let kept = self.kept;
        let topic = self.topics.entry(tenant.clone());
        let topic = topic.or_insert_with(|| Topic {
            ring: broadcast::Sender::new(kept),
            come_to,
            watch,
        });
        topic.subscribe()
    }
}

impl Topic {
    fn subscribe(&self) -> Subscription {
        Subscription {
            ring: self.ring.subscribe(),
            come_to: self.come_to,
        }
    }
}

impl Told {
    /// Tells an entry.
    pub fn new(entry: Entry) -> Result<Self, serde_json::Error> {
        let json = change(&entry)?.get().to_owned();
        Ok(Self { entry, json })
    }
}

impl Subscription {
    /// The ring gives what comes after this.
    #[must_use]
    pub fn come_to(&self) -> TenantSeq {
        self.come_to
    }

    /// What the ring has now.
    pub fn take(&mut self) -> Heard {
        match self.ring.try_recv() {
            Ok(told) => Heard::Told(told),
            Err(TryRecvError::Empty) => Heard::Nothing,
            Err(TryRecvError::Lagged(_)) => Heard::Lagged,
            Err(TryRecvError::Closed) => Heard::Closed,
        }
    }

    /// Waits until the ring has something. Cancel-safe.
    pub(crate) async fn heard(&mut self) -> Heard {
        match self.ring.recv().await {
            Ok(told) => Heard::Told(told),
            Err(RecvError::Lagged(_)) => Heard::Lagged,
            Err(RecvError::Closed) => Heard::Closed,
        }
    }
}
