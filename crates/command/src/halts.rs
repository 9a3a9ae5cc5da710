//! Partitions that take no commands, because deciding has stopped there.
//!
//! What is appended to a halted partition would be decided late or never, and stands in the way of
//! whoever restores or copies the log. The ledger says where it is halted, whichever process found
//! out; a service asks now and then. What comes in between is appended as ever.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::sleep;
use tracing::{debug, info, warn};
use writ_crash::{Point, here};
use writ_domain::Partition;

use crate::Service;

/// What is known of them, and why.
#[derive(Debug, Default)]
pub struct Halts(Mutex<BTreeMap<Partition, String>>);

impl Halts {
    /// Whether deciding has stopped there.
    #[must_use]
    pub fn holds(&self, partition: Partition) -> bool {
        self.lock().contains_key(&partition)
    }

    pub(crate) fn all(&self) -> BTreeMap<Partition, String> {
        self.lock().clone()
    }

    /// Learns all of them, and says what is new.
    pub fn learn(&self, now: BTreeMap<Partition, String>) {
        let mut known = self.lock();
        for (partition, why) in &now {
            if known.get(partition) != Some(why) {
                warn!(%partition, error = why, "commands are refused: the partition is halted");
            }
        }
        for partition in known.keys().filter(|number| !now.contains_key(number)) {
            info!(%partition, "commands are taken again");
        }
        *known = now;
    }

    /// A panic elsewhere leaves the map whole: nothing here panics half-way.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Partition, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The partitions to which nothing is appended, since deciding has stopped there, and why.
    #[must_use]
    pub fn halts(&self) -> BTreeMap<Partition, String> {
        self.inner.halts.all()
    }

    /// Asks every now and then where the ledger is halted. What is known stands while it does not
    /// answer.
    #[expect(clippy::infinite_loop, reason = "it ends with `run`, which drops it")]
    pub(crate) async fn follow_halts(&self) {
        loop {
            here(Point::CommandHalts).await;
            match self.inner.parts.store.halts().await {
                Ok(halts) => {
                    self.inner.halts.learn(halts);
                    here(Point::CommandHaltsLearned).await;
                }
                Err(source) => debug!(
                    error = &source as &dyn std::error::Error,
                    "cannot ask which partitions are halted"
                ),
            }
            sleep(self.inner.options.poll_every).await;
        }
    }
}
