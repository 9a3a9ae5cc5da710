//! One reader of new entries for all streams of a process.
//!
//! **Shape.** A [ring](super::ring) of the newest entries for each tenant that somebody streams. One task
//! ([`Hub::run`]) reads what was committed, once for each movement of a tenant's head, and puts it
//! into the ring; each stream reads the ring at its own pace.
//!
//! ```text
//!   store ──► run: 18 19 20 ──► ring ──► stream, at 20
//!                                 └────► stream, at 18
//!                                 ✗ overrun: the stream is ended, and resumes from the store
//! ```
//!
//! What the rings promise stands in [`super::ring`].

use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use writ_domain::{TenantId, TenantSeq};
use writ_store::Store;
use writ_store::entries::{self, Entry, Heads, Window, head};

use super::ring::{Rings, Subscription, Told};

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
    rings: Mutex<Rings>,
    /// A topic began.
    began: Notify,
    ended: CancellationToken,
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
                rings: Mutex::new(Rings::new(options.kept)),
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
        let behind = self.lock().behind(look_at_all);
        for (tenant, mut come_to) in behind {
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

    fn tell(&self, tenant: &TenantId, entries: Vec<Entry>) {
        let told: Vec<Arc<Told>> = entries
            .into_iter()
            .map_while(|entry| {
                let position = entry.position;
                let told = Told::new(entry);
                // Nothing is left out: streams stop here, and say so to who asks the store.
                let warned =
                    told.inspect_err(|error| warn!(%error, %position, "an entry cannot be told"));
                warned.ok().map(Arc::new)
            })
            .collect();
        self.lock().tell(tenant, told);
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
        let joined = self.lock().join(tenant);
        if let Some(subscription) = joined {
            return Ok(subscription);
        }
        let watch = self.inner.heads.watch(tenant);
        let newest = head(&self.inner.store, tenant).await?;
        let subscription = self.lock().begin(tenant, watch, newest);
        self.inner.began.notify_one();
        Ok(subscription)
    }

    /// Cancelled when streams are to end.
    pub(crate) fn ended(&self) -> &CancellationToken {
        &self.inner.ended
    }

    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, Rings> {
        let rings = &self.inner.rings;
        rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
