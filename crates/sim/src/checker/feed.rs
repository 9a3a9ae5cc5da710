//! What consumers saw: point 6 of what must be true.

use std::collections::BTreeMap;

use writ_domain::{Partition, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_envelope::event::Told;

use super::Checker;
use crate::ActorId;
use crate::store::Data;

/// What consumers saw.
#[derive(Debug, Default)]
pub struct Feed {
    /// By consumer and partition, the hashes of the entries that the topic told, from 1.
    topics: BTreeMap<(ActorId, Partition), Vec<Hash>>,
    /// By consumer and tenant, the hashes of the changes that it was told, from 1.
    changes: BTreeMap<(ActorId, TenantId), Vec<Hash>>,
}

/// What a message of the topic was to a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// The entry that comes next.
    Next,
    /// One that it has.
    Repeat,
    /// One after another that it does not have.
    Ahead,
}

impl Checker {
    /// A consumer of the topic reads a message.
    ///
    /// `lost` says whether the topic has lost messages before: then one may come too early, and the
    /// ones before it late.
    pub fn read_topic(&mut self, who: ActorId, told: Told, lost: bool) -> Message {
        let partition = told.position.partition;
        let seen = self.feed.topics.entry((who, partition)).or_default();
        let index = usize::try_from(told.position.seq.0.saturating_sub(1)).unwrap_or(usize::MAX);
        match seen.get(index) {
            Some(hash) if *hash == told.hash => Message::Repeat,
            Some(_) => {
                self.violated(6, format!("{} is told with two hashes", told.position));
                Message::Repeat
            }
            None if index == seen.len() => {
                seen.push(told.hash);
                Message::Next
            }
            None => {
                let count = seen.len();
                if !lost {
                    let what = format!("the topic tells {} after {count}", told.position);
                    self.violated(6, what);
                }
                Message::Ahead
            }
        }
    }

    /// How far a consumer has read the topic.
    #[must_use]
    pub fn topic_read(&self, who: ActorId, partition: Partition) -> Seq {
        let seen = self.feed.topics.get(&(who, partition));
        Seq(seen.map_or(0, |seen| seen.len() as u64))
    }

    /// A consumer of the feed is told a change.
    pub fn told_change(&mut self, who: ActorId, tenant: &TenantId, seq: TenantSeq, hash: Hash) {
        let seen = self.feed.changes.entry((who, tenant.clone())).or_default();
        let next = seen.len() as u64 + 1;
        seen.push(hash);
        if seq.0 != next {
            self.violated(6, format!("the feed of {tenant} tells {seq}, not {next}"));
        }
    }

    /// How far a consumer has been told.
    #[must_use]
    pub fn change_told(&self, who: ActorId, tenant: &TenantId) -> TenantSeq {
        let seen = self.feed.changes.get(&(who, tenant.clone()));
        TenantSeq(seen.map_or(0, |seen| seen.len() as u64))
    }

    /// Whether every consumer was told as much as there is.
    #[must_use]
    pub fn is_told(&self, data: &Data) -> bool {
        let mut topics = self.feed.topics.iter();
        let mut changes = self.feed.changes.iter();
        topics.all(|((_, partition), seen)| seen.len() == data.entries(*partition).len())
            && changes.all(|((_, tenant), seen)| seen.len() == data.entries_of(tenant).len())
    }

    /// Compares what consumers were told with what is on record, once all is settled: everything
    /// was told, and as it is.
    pub fn compare_feed(&mut self, data: &Data) {
        let feed = core::mem::take(&mut self.feed);
        for ((who, partition), seen) in &feed.topics {
            let chain = |stored: &std::sync::Arc<crate::store::Stored>| stored.entry.chain;
            let entries: Vec<Hash> = data.entries(*partition).iter().map(chain).collect();
            if *seen != entries {
                let what = differ(seen, &entries);
                self.violated(6, format!("consumer {} of {partition}: {what}", who.0));
            }
        }
        for ((who, tenant), seen) in &feed.changes {
            let chain = |stored: &std::sync::Arc<crate::store::Stored>| stored.entry.chain;
            let entries: Vec<Hash> = data.entries_of(tenant).iter().map(chain).collect();
            if *seen != entries {
                let what = differ(seen, &entries);
                self.violated(6, format!("consumer {} of {tenant}: {what}", who.0));
            }
        }
        self.feed = feed;
    }
}

fn differ(seen: &[Hash], entries: &[Hash]) -> String {
    let same = seen.iter().zip(entries).take_while(|(a, b)| a == b).count();
    let (seen, entries) = (seen.len(), entries.len());
    format!("was told {seen} of {entries}, the same up to {same}")
}
