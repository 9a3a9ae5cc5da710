//! One reader of new entries for all streams of a process.
//!
//! **Shape.** A topic a tenant that somebody streams, with a ring of the newest entries. One task
//! ([`Hub::run`]) reads what was committed, once for each movement of a tenant's head, and puts it
//! into the ring; each stream reads the ring at its own pace.
//!
//! ```text
//!   store ──► run: 18 19 20 ──► ring ──► stream, at 20
//!                                 └────► stream, at 18
//!                                 ✗ overrun: the stream is ended, and resumes from the store
//! ```
//!
//! **Correctness.** A ring is filled in order and without a hole, from the number that the topic
//! says it has come to; who subscribes is told that number under the lock under which it moves. So
//! what comes before is read from the store, what comes after from the ring, and nothing falls
//! between. A ring is bounded: who is slower than it is long is told so, and loses nothing but time.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use writ_domain::{TenantId, TenantSeq};
use writ_store::Store;
use writ_store::entries::{self, Entry, Heads, Watch, Window, head};

use super::changes::change;

/// Entries that are read at once.
const PAGE: u32 = 500;

/// How streams are served.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Streams at once, at most.
    pub streams_max: usize,
    /// The newest entries of a tenant that are kept for its streams.
    pub kept: usize,
    /// How long a stream says nothing, at most.
    pub quiet: Duration,
    /// How long a stream lasts; who goes on shows a token again.
    pub lifetime: Duration,
    /// How often the store is looked at although nobody told of a commit.
    pub look_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            streams_max: 1_000,
            kept: 4_096,
            quiet: Duration::from_secs(1),
            lifetime: Duration::from_hours(1),
            look_every: Duration::from_secs(1),
        }
    }
}

/// Reads new entries for streams. Cheap to clone; clones share.
#[derive(Debug, Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    heads: Heads,
    options: Options,
    places: Arc<Semaphore>,
    topics: Mutex<BTreeMap<TenantId, Topic>>,
    /// A topic began.
    began: Notify,
    ended: CancellationToken,
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
pub(crate) struct Told {
    pub(crate) entry: Entry,
    /// As the feed tells it.
    pub(crate) json: String,
}

/// A place in a ring.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) ring: broadcast::Receiver<Arc<Told>>,
    /// The ring gives what comes after this.
    pub(crate) come_to: TenantSeq,
}

impl Hub {
    /// A hub without streams. It MUST be run, or streams hear of nothing new.
    #[must_use]
    pub fn new(store: Store, heads: Heads, options: Options) -> Self {
        let places = options.streams_max.min(Semaphore::MAX_PERMITS);
        Self {
            inner: Arc::new(Inner {
                store,
                heads,
                options,
                places: Arc::new(Semaphore::new(places)),
                topics: Mutex::default(),
                began: Notify::new(),
                ended: CancellationToken::new(),
            }),
        }
    }

    /// Reads what is committed until `stop`; then every stream ends.
    pub async fn run(self, stop: CancellationToken) {
        let inner = &*self.inner;
        let _ends = inner.ended.clone().drop_guard();
        let mut moved = inner.heads.moved();
        let mut failing = false;
        let mut look_at_all = true;
        loop {
            moved.mark_unchanged();
            match self.read_new(look_at_all).await {
                Ok(()) => failing = false,
                // Once per outage: streams wait, and are told in the end.
                Err(error) if !failing => {
                    failing = true;
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot read new entries for streams"
                    );
                }
                Err(_again) => {}
            }
            let news = async {
                tokio::select! {
                    _changed = moved.changed() => {}
                    () = inner.began.notified() => {}
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                in_time = timeout(inner.options.look_every, news) => {
                    // A commit of another process may not have been heard of.
                    look_at_all = in_time.is_err() || failing;
                }
            }
        }
    }

    /// Reads what is new of every tenant that moved, or of all.
    async fn read_new(&self, look_at_all: bool) -> Result<(), writ_store::Error> {
        for (tenant, mut come_to) in self.behind(look_at_all) {
            loop {
                let window = Window {
                    after: come_to,
                    up_to: TenantSeq(u64::MAX),
                    limit: PAGE,
                };
                let found = entries::changes(&self.inner.store, &tenant, window).await?;
                let Some(last) = found.last() else { break };
                come_to = last.tenant_seq;
                let full = u32::try_from(found.len()).unwrap_or(u32::MAX) >= PAGE;
                self.tell(&tenant, found);
                if !full {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The tenants to look at, and how far they were read. Forgets topics that nobody streams.
    fn behind(&self, look_at_all: bool) -> Vec<(TenantId, TenantSeq)> {
        let mut topics = self.lock();
        topics.retain(|_, topic| topic.ring.receiver_count() > 0);
        topics
            .iter()
            .filter(|(_, topic)| look_at_all || topic.watch.newest() > topic.come_to)
            .map(|(tenant, topic)| (tenant.clone(), topic.come_to))
            .collect()
    }

    fn tell(&self, tenant: &TenantId, entries: Vec<Entry>) {
        let told: Vec<Arc<Told>> = entries
            .into_iter()
            .map_while(|entry| match change(&entry) {
                Ok(json) => Some(Arc::new(Told {
                    json: json.get().to_owned(),
                    entry,
                })),
                Err(error) => {
                    // Nothing is left out: streams stop here, and say so to who asks the store.
                    warn!(%error, position = %entry.position, "an entry cannot be told");
                    None
                }
            })
            .collect();
        let mut topics = self.lock();
        let Some(topic) = topics.get_mut(tenant) else {
            return;
        };
        for told in told {
            topic.come_to = told.entry.tenant_seq;
            if topic.ring.send(told).is_err() {
                debug!(%tenant, "nobody streams any more");
            }
        }
    }

    /// A place for one more stream; `None` if there are as many as may be.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.inner.places).try_acquire_owned().ok()
    }

    /// Hears of what is committed from about now on.
    pub(crate) async fn subscribe(
        &self,
        tenant: &TenantId,
    ) -> Result<Subscription, writ_store::Error> {
        if let Some(subscription) = self.join(tenant) {
            return Ok(subscription);
        }
        let watch = self.inner.heads.watch(tenant);
        let newest = head(&self.inner.store, tenant).await?;
        let come_to = newest.map_or(TenantSeq::ZERO, |head| head.tenant_seq);
        let mut topics = self.lock();
        let topic = topics.entry(tenant.clone()).or_insert_with(|| Topic {
            ring: broadcast::Sender::new(self.inner.options.kept),
            come_to,
            watch,
        });
        let subscription = topic.subscribe();
        drop(topics);
        self.inner.began.notify_one();
        Ok(subscription)
    }

    fn join(&self, tenant: &TenantId) -> Option<Subscription> {
        self.lock().get(tenant).map(Topic::subscribe)
    }

    /// Cancelled when streams are to end.
    pub(crate) fn ended(&self) -> &CancellationToken {
        &self.inner.ended
    }

    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Topic>> {
        let topics = &self.inner.topics;
        topics.lock().unwrap_or_else(PoisonError::into_inner)
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
