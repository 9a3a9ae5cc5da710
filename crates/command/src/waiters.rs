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

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};
use writ_domain::{CommandId, TenantId};
use writ_store::entries::{self, Entry};
use writ_store::{Error, Store};

use crate::submission::{Full, Waiting};

/// Hands an entry to the one request that waits for it.
type Sender = oneshot::Sender<Box<Entry>>;

/// Who waits for which command. Cheap to clone; clones share.
#[derive(Debug, Clone)]
pub struct Waiters {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting<Sender>>,
    /// Counts the occasions on which something may have been decided.
    occasions: watch::Sender<u64>,
}

impl Waiters {
    /// Nobody waits; `limit` may.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let shared = Shared {
            waiting: Mutex::new(Waiting::new(limit)),
            occasions: watch::Sender::new(0),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Hands entries to those who wait for them. Called after each COMMIT, with the whole batch.
    pub fn committed(&self, entries: Vec<Entry>) {
        self.tell(entries);
    }

    /// Looks for the entries of all commands in flight: one statement, none if there are none.
    pub async fn poll(&self, store: &Store) -> Result<(), Error> {
        let asked = self.lock().asked();
        let decided = entries::by_commands(store, &asked).await?;
        self.tell(decided.into_iter().map(|(_command, entry)| entry));
        Ok(())
    }

    fn tell(&self, entries: impl IntoIterator<Item = Entry>) {
        let mut waiting = self.lock();
        for entry in entries {
            if let Some(sender) = waiting.take(&entry) {
                // Nobody listens if the request was dropped just now; the entry stands all the same.
                drop(sender.send(Box::new(entry)));
            }
        }
        drop(waiting);
        self.shared
            .occasions
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whether a request of this process waits for a command of that tenant.
    #[must_use]
    pub fn is_waited_for(&self, tenant: &TenantId, command: CommandId) -> bool {
        self.lock().holds(tenant, command)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().count()
    }

    /// Counts up whenever something may have been decided.
    pub(crate) fn occasions(&self) -> watch::Receiver<u64> {
        self.shared.occasions.subscribe()
    }

    /// Enters a command before it is appended.
    pub(crate) fn enter(&self, tenant: TenantId, command: CommandId) -> Result<Waiter, Full> {
        let (sender, receiver) = oneshot::channel();
        self.lock().enter(tenant, command, sender)?;
        Ok(Waiter {
            waiters: self.clone(),
            command,
            receiver,
        })
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, Waiting<Sender>> {
        self.shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
        self.waiters.lock().leave(self.command);
    }
}
