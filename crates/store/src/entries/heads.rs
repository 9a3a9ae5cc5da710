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
        let tenants: Vec<TenantId> = self.lock().keys().cloned().collect();
        let found = heads(store, &tenants).await?;
        let awaited = self.lock();
        let mut moved = false;
        for (tenant, head) in &found {
            if let Some(sender) = awaited.get(tenant) {
                moved |= advance(sender, head.tenant_seq);
            }
        }
        drop(awaited);
        if moved {
            self.moved.send_replace(());
        }
        Ok(())
    }

    /// Waits until the tenant has an entry after `after`; `None` if it has none in time.
    pub async fn newer(
        &self,
        store: &Store,
        tenant: &TenantId,
        after: TenantSeq,
        patience: Duration,
    ) -> Result<Option<Head>, Error> {
        let deadline = Instant::now().checked_add(patience);
        // SUBTLE: subscribe first, look second. The other way round, a commit between the two would
        // be waited for.
        let mut waiting = self.subscribe(tenant);
        loop {
            let found = head(store, tenant).await?;
            if let Some(head) = found.filter(|head| head.tenant_seq > after) {
                return Ok(Some(head));
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(None);
            }
            let passed = async {
                waiting
                    .receiver
                    .wait_for(|newest| *newest > after)
                    .await
                    .is_ok()
            };
            let in_time = match deadline {
                Some(deadline) => timeout_at(deadline, passed).await.unwrap_or(false),
                None => passed.await,
            };
            if !in_time {
                return Ok(None);
            }
        }
    }

    /// Waits until the tenant's ledger holds a revision.
    pub async fn reach(
        &self,
        store: &Store,
        tenant: &TenantId,
        claimed: Claimed,
        patience: Duration,
    ) -> Result<Reached, Error> {
        let Some(before) = claimed.tenant_seq.previous() else {
            // Before the first entry there is nothing to wait for.
            let none = Head::none();
            if claimed.chain8 != none.chain8 {
                return Ok(Reached::Forked);
            }
            return Ok(Reached::Yes(head(store, tenant).await?.unwrap_or(none)));
        };
        let Some(head) = self.newer(store, tenant, before, patience).await? else {
            return Ok(Reached::Behind);
        };
        let stored = if head.tenant_seq == claimed.tenant_seq {
            Some(head.chain8)
        } else {
            chain8(store, tenant, claimed.tenant_seq).await?
        };
        Ok(if stored == Some(claimed.chain8) {
            Reached::Yes(head)
        } else {
            Reached::Forked
        })
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
