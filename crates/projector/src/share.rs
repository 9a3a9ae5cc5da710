//! How many partitions a process may own beside others, and when it hands one back.
//!
//! Every process that projects tells the store now and then that it lives ([`run`]), and learns
//! how many do. Each may own its share: the partitions divided by the living, rounded up. One with
//! more hands back until it has no more; one with less claims what is free.
//!
//! ```text
//!   alone             4 partitions, 1 process    share 4      A A A A
//!   another comes     4 partitions, 2 processes  share 2      A A - -  ──►  A A B B
//!   A is killed       its lease and its word end; share 4     - - B B  ──►  B B B B
//! ```
//!
//! Who stands still on a partition until it is started again (a release that lacks the rules, a
//! store that contradicts it) takes back its word: others, which may do better, get its share.
//!
//! **Correctness.** Nothing rests on this: two processes that count wrongly leave a partition
//! waiting or contend for it, and the cursor's compare-and-swap lets one of them decide.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use writ_domain::Partition;
use writ_store::Store;

use crate::causes::chain;

/// What this process may own and does own. Clones speak of the same process.
#[derive(Debug, Clone)]
pub struct Share(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    partitions: u16,
    members: u32,
    held: BTreeSet<Partition>,
    /// On which it stands still until it is started again.
    standing: BTreeSet<Partition>,
}

/// What a process says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It lives: leave it its share.
    Lives,
    /// Its share is for others.
    Leaves,
}

impl Inner {
    fn allowance(&self) -> usize {
        let members = self.members.max(1);
        u32::from(self.partitions).div_ceil(members) as usize
    }
}

impl Share {
    /// Everything is this process's, until it learns of others.
    #[must_use]
    pub fn new(partitions: u16) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            partitions,
            members: 1,
            held: BTreeSet::new(),
            standing: BTreeSet::new(),
        })))
    }

    /// Whether `partition` may be claimed now. If so it counts as held until
    /// [`Share::give_back`].
    #[must_use]
    pub fn take(&self, partition: Partition) -> bool {
        let mut inner = self.lock();
        let room = inner.held.contains(&partition) || inner.held.len() < inner.allowance();
        if room {
            inner.held.insert(partition);
        }
        room
    }

    /// Counts `partition` as held no more.
    pub fn give_back(&self, partition: Partition) {
        self.lock().held.remove(&partition);
    }

    /// Whether `partition` is one that this process holds beyond its share.
    ///
    /// The highest ones are handed back, so that all of its owners agree on which.
    #[must_use]
    pub fn is_surplus(&self, partition: Partition) -> bool {
        let inner = self.lock();
        inner
            .held
            .iter()
            .skip(inner.allowance())
            .any(|surplus| *surplus == partition)
    }

    /// Counts `partition` as one that this process can do nothing for until it is started again.
    pub fn stand(&self, partition: Partition) {
        self.lock().standing.insert(partition);
    }

    /// What this process says of itself now.
    ///
    /// SUBTLE: one that stands still and said that it lives would keep a share that it never
    /// claims, and nobody else would.
    #[must_use]
    pub fn word(&self) -> Word {
        if self.lock().standing.is_empty() {
            Word::Lives
        } else {
            Word::Leaves
        }
    }

    /// Learns how many processes live, this one included.
    pub fn learn(&self, members: u32) {
        let mut inner = self.lock();
        if inner.members != members {
            inner.members = members;
            let share = inner.allowance();
            info!(members, share, "the processes that project have changed");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the store that `owner` lives and learns who else does, until `stop`.
///
/// A word holds as long as a lease does. It is taken back at the end, so that others need not wait
/// for it to run out.
pub async fn run(
    store: Store,
    share: Share,
    (owner, lease): (String, Duration),
    stop: CancellationToken,
) {
    loop {
        let told = match share.word() {
            Word::Lives => store.member_lives(&owner, lease).await.map(Some),
            Word::Leaves => store.member_leaves(&owner).await.map(|()| None),
        };
        match told {
            Ok(Some(members)) => share.learn(members),
            Ok(None) => {}
            // Its leases end as well, or the owner's own connection still holds them.
            Err(error) => warn!(
                error = chain(&error),
                "could not tell that this process lives"
            ),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(lease / 3) => {}
        }
    }
    if let Err(error) = store.member_leaves(&owner).await {
        warn!(
            error = chain(&error),
            "could not tell that this process ends; others wait for its word to run out"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_all(share: &Share, partitions: u16) -> Vec<u16> {
        (0..partitions)
            .filter(|partition| share.take(Partition(*partition)))
            .collect()
    }

    #[test]
    fn alone_a_process_takes_everything() {
        assert_eq!(take_all(&Share::new(3), 3), [0, 1, 2]);
    }

    #[test]
    fn shares_together_cover_every_partition() {
        for partitions in 1..=12_u16 {
            for members in 1..=15_u32 {
                let share = Share::new(partitions);
                share.learn(members);
                let taken = take_all(&share, partitions).len() as u64;
                assert!(
                    taken * u64::from(members) >= u64::from(partitions),
                    "{partitions} partitions, {members} members: {taken} each"
                );
            }
        }
    }

    #[test]
    fn what_is_beyond_the_share_is_handed_back_once() {
        let share = Share::new(4);
        take_all(&share, 4);
        share.learn(2);
        let surplus: Vec<u16> = (0..4)
            .filter(|number| share.is_surplus(Partition(*number)))
            .collect();
        assert_eq!(surplus, [2, 3]);
        share.give_back(Partition(3));
        share.give_back(Partition(2));
        assert!(!share.is_surplus(Partition(1)));
        assert!(!share.take(Partition(3)), "its share is full");
    }

    #[test]
    fn a_member_that_is_gone_leaves_its_share_to_the_others() {
        let share = Share::new(2);
        share.learn(2);
        assert_eq!(take_all(&share, 2), [0]);
        share.learn(1);
        assert_eq!(take_all(&share, 2), [0, 1]);
    }

    #[test]
    fn who_stands_still_leaves_its_share_to_others() {
        let share = Share::new(2);
        assert_eq!(share.word(), Word::Lives);
        share.stand(Partition(1));
        assert_eq!(share.word(), Word::Leaves);
    }

    #[test]
    fn holding_is_not_taking_twice() {
        let share = Share::new(2);
        share.learn(2);
        assert!(share.take(Partition(0)));
        assert!(share.take(Partition(0)));
        assert!(!share.take(Partition(1)));
    }
}
