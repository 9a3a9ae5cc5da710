//! Who waits for the outcome of which command.
//!
//! **Shape.** A bounded map from command to the one request that waits for it. A request enters
//! itself before it appends and leaves with its drop, so the map holds what is in flight in this
//! process and nothing else.
//!
//! **Correctness.** An entry reaches its waiter from the projector of this process, or from the
//! store: [`Waiters::poll`] asks for all of them in one statement. Both may bring the same entry;
//! the first wins. A command that was appended twice has two entries; the second is a duplicate
//! that names the first, so whichever is brought leads to the outcome.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};
use writ_domain::{CommandId, TenantId};
use writ_store::entries::{self, Entry};
use writ_store::{Error, Store};

/// Who waits for which command. Cheap to clone; clones share.
#[derive(Debug, Clone)]
pub struct Waiters {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pending: Mutex<BTreeMap<CommandId, Pending>>,
    limit: usize,
    /// Counts the occasions on which something may have been decided.
    occasions: watch::Sender<u64>,
}

#[derive(Debug)]
struct Pending {
    tenant: TenantId,
    sender: oneshot::Sender<Box<Entry>>,
}

/// As many commands are in flight as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{limit} commands are in flight, as many as may be")]
pub(crate) struct Full {
    limit: usize,
}

impl Waiters {
    /// Nobody waits; `limit` may.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let shared = Shared {
            pending: Mutex::default(),
            limit,
            occasions: watch::Sender::new(0),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Hands entries to those who wait for them. Called after each COMMIT, with the whole batch.
    pub fn committed(&self, entries: Vec<Entry>) {
        let mut pending = self.lock();
        for entry in entries {
            if let Some(waiting) = entry.command_id.and_then(|id| pending.remove(&id)) {
                waiting.tell(entry);
            }
        }
        drop(pending);
        self.shared
            .occasions
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Looks for the entries of all commands in flight: one statement, none if there are none.
    pub async fn poll(&self, store: &Store) -> Result<(), Error> {
        let asked: Vec<(TenantId, CommandId)> = self
            .lock()
            .iter()
            .map(|(command, waiting)| (waiting.tenant.clone(), *command))
            .collect();
        let decided = entries::by_commands(store, &asked).await?;
        let mut pending = self.lock();
        for (command, entry) in decided {
            if let Some(waiting) = pending.remove(&command) {
                waiting.tell(entry);
            }
        }
        drop(pending);
        self.shared
            .occasions
            .send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }

    /// Whether a request of this process waits for a command of that tenant.
    #[must_use]
    pub fn is_waited_for(&self, tenant: &TenantId, command: CommandId) -> bool {
        self.lock()
            .get(&command)
            .is_some_and(|waiting| waiting.tenant == *tenant)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().len()
    }

    /// Counts up whenever something may have been decided.
    pub(crate) fn occasions(&self) -> watch::Receiver<u64> {
        self.shared.occasions.subscribe()
    }

    /// Enters a command before it is appended.
    pub(crate) fn enter(&self, tenant: TenantId, command: CommandId) -> Result<Waiter, Full> {
        let mut pending = self.lock();
        if pending.len() >= self.shared.limit {
            return Err(Full {
                limit: self.shared.limit,
            });
        }
        let (sender, receiver) = oneshot::channel();
        pending.insert(command, Pending { tenant, sender });
        drop(pending);
        Ok(Waiter {
            waiters: self.clone(),
            command,
            receiver,
        })
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<CommandId, Pending>> {
        self.shared
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn tell(self, entry: Entry) {
        // Nobody listens if the request was dropped just now; the entry stands all the same.
        drop(self.sender.send(Box::new(entry)));
    }
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Waiter {
    waiters: Waiters,
    command: CommandId,
    receiver: oneshot::Receiver<Box<Entry>>,
}

impl Waiter {
    /// The entry that decided the command, as soon as there is one. Cancel-safe.
    pub(crate) async fn entry(&mut self) -> Box<Entry> {
        match (&mut self.receiver).await {
            Ok(entry) => entry,
            // The sender is dropped by `tell` or with this waiter, never else.
            Err(_closed) => core::future::pending().await,
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.waiters.lock().remove(&self.command);
    }
}
