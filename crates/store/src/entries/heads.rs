//! Waits for a tenant's ledger to reach an entry.
//!
//! **Shape.** A map of the tenants that somebody waits for, each with a channel that carries the
//! newest entry known. The projector of this process tells it of every commit; a process without
//! one asks the store when it hears of commits.
//!
//! **Correctness.** A channel only says "look": whether the ledger has come so far is read from
//! the store or from the entry that was just committed, and heads only grow. Whoever waits
//! subscribes first and looks second, so no commit falls between.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use writ_domain::{TenantId, TenantSeq};

use super::reach::{Learned, Newer, Reaching, Wants};
use super::{Chain8, Entry, Head, chain8, head, heads};
use crate::{Error, Store};

/// Who waits for which tenant. Cheap to clone; clones share.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    awaited: Arc<Mutex<BTreeMap<TenantId, watch::Sender<TenantSeq>>>>,
    /// Says that one of them moved.
    moved: watch::Sender<()>,
}

/// A revision, as a client handed it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// The entry.
    pub tenant_seq: TenantSeq,
    /// The first bytes of its chain hash.
    pub chain8: Chain8,
}

/// How a wait for a revision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// The ledger holds it. The newest entry at the time.
    Yes(Head),
    /// The ledger has not come so far in time.
    Behind,
    /// The ledger has another entry there: its history is not the one that the client saw.
    Forked,
}

impl Heads {
    /// Nobody waits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells those who wait. Called after each COMMIT with the entries of the batch.
    pub fn committed<'a>(&self, entries: impl IntoIterator<Item = &'a Entry>) {
        let awaited = self.lock();
        if awaited.is_empty() {
            return;
        }
        let mut moved = false;
        for entry in entries {
            if let Some(sender) = awaited.get(&entry.tenant) {
                moved |= advance(sender, entry.tenant_seq);
            }
        }
        drop(awaited);
        if moved {
            self.moved.send_replace(());
        }
    }

    /// Hears whenever a tenant that somebody waits for, or watches, moved on.
    #[must_use]
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Watches a tenant: it is looked for as long as this is kept.
    #[must_use]
    pub fn watch(&self, tenant: &TenantId) -> Watch {
        Watch(self.subscribe(tenant))
    }

    /// Asks the store for all tenants that somebody waits for: one statement, none if nobody does.
    pub async fn refresh(&self, store: &Store) -> Result<(), Error> {
        let found = heads(store, &self.awaited()).await?;
        self.found(&found);
        Ok(())
    }

    /// The tenants that somebody waits for, or watches.
    #[must_use]
    pub fn awaited(&self) -> Vec<TenantId> {
        self.lock().keys().cloned().collect()
    }

    /// Tells those who wait where the store has tenants.
    pub fn found(&self, heads: &BTreeMap<TenantId, Head>) {
        let awaited = self.lock();
        let mut moved = false;
        for (tenant, head) in heads {
            if let Some(sender) = awaited.get(tenant) {
                moved |= advance(sender, head.tenant_seq);
            }
        }
        drop(awaited);
        if moved {
            self.moved.send_replace(());
        }
    }

    /// Waits until the tenant has an entry after `after`; `None` if it has none in time.
    pub async fn newer(
        &self,
        store: &Store,
        tenant: &TenantId,
        after: TenantSeq,
        patience: Duration,
    ) -> Result<Option<Head>, Error> {
        let newer = Newer::than(after);
        let step = |learned| newer.step(learned);
        self.drive(store, tenant, patience, step).await
    }

    /// Waits until the tenant's ledger holds a revision.
    pub async fn reach(
        &self,
        store: &Store,
        tenant: &TenantId,
        claimed: Claimed,
        patience: Duration,
    ) -> Result<Reached, Error> {
        let mut reaching = Reaching::new(claimed);
        let step = |learned| reaching.step(learned);
        self.drive(store, tenant, patience, step).await
    }

    /// Does what is wanted until it is told.
    async fn drive<T>(
        &self,
        store: &Store,
        tenant: &TenantId,
        patience: Duration,
        mut step: impl FnMut(Learned) -> Wants<T>,
    ) -> Result<T, Error> {
        let deadline = Instant::now().checked_add(patience);
        // SUBTLE: subscribe first, look second. The other way round, a commit between the two would
        // be waited for.
        let mut waiting = self.subscribe(tenant);
        let mut wants = Wants::Head;
        loop {
            let learned = match wants {
                Wants::Told(told) => return Ok(told),
                Wants::Head => Learned::Head {
                    head: head(store, tenant).await?,
                    is_late: deadline.is_some_and(|deadline| Instant::now() >= deadline),
                },
                Wants::Chain8(at) => Learned::Chain8(chain8(store, tenant, at).await?),
                Wants::Wait(after) => waiting.passes(after, deadline).await,
            };
            wants = step(learned);
        }
    }

    fn subscribe(&self, tenant: &TenantId) -> Waiting {
        let mut awaited = self.lock();
        let sender = awaited
            .entry(tenant.clone())
            .or_insert_with(|| watch::Sender::new(TenantSeq::ZERO));
        Waiting {
            heads: self.clone(),
            tenant: tenant.clone(),
            receiver: sender.subscribe(),
        }
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, watch::Sender<TenantSeq>>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves a tenant on; whether it was not there already.
fn advance(sender: &watch::Sender<TenantSeq>, to: TenantSeq) -> bool {
    sender.send_if_modified(|newest| {
        let grows = to > *newest;
        if grows {
            *newest = to;
        }
        grows
    })
}

/// Somebody who watches a tenant.
#[derive(Debug)]
pub struct Watch(Waiting);

impl Watch {
    /// The newest entry that was heard of since the tenant is watched; zero before the first.
    #[must_use]
    pub fn newest(&self) -> TenantSeq {
        *self.0.receiver.borrow()
    }
}

/// Somebody who waits. The tenant is forgotten with the last of them.
#[derive(Debug)]
struct Waiting {
    heads: Heads,
    tenant: TenantId,
    receiver: watch::Receiver<TenantSeq>,
}

impl Waiting {
    /// Waits until an entry after this one is heard of.
    async fn passes(&mut self, after: TenantSeq, deadline: Option<Instant>) -> Learned {
        let passed = self.receiver.wait_for(|newest| *newest > after);
        let in_time = match deadline {
            Some(deadline) => timeout_at(deadline, passed)
                .await
                .is_ok_and(|passed| passed.is_ok()),
            None => passed.await.is_ok(),
        };
        if in_time {
            Learned::Moved
        } else {
            Learned::TimeUp
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut awaited = self.heads.lock();
        // This one is still counted.
        if awaited
            .get(&self.tenant)
            .is_some_and(|sender| sender.receiver_count() <= 1)
        {
            awaited.remove(&self.tenant);
        }
    }
}
