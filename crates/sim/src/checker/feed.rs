//! What consumers saw: point 6 of what must be true.

use std::collections::BTreeMap;
use std::sync::Arc;

use writ_domain::{Partition, Position, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_envelope::event::Told;

use super::Checker;
use crate::log::Topic;
use crate::store::{Data, Stored};
use crate::{ActorId, Moment};

/// What consumers saw.
#[derive(Debug, Default)]
pub struct Feed {
    /// By consumer and partition, the hashes of the entries that the topic told, from 1.
    topics: BTreeMap<(ActorId, Partition), Vec<Hash>>,
    /// By consumer and tenant, the hashes of the changes that it was told, from 1.
    changes: BTreeMap<(ActorId, TenantId), Vec<Hash>>,
    /// What another ledger told, by hash, and since when it stands on the topic.
    others: BTreeMap<Hash, (Position, Moment)>,
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
    /// One of another ledger's.
    Other,
}

impl Checker {
    /// A consumer of the topic reads a message.
    ///
    /// `lost` says whether the topic has lost messages before: then one may come too early, and the
    /// ones before it late.
    pub fn read_topic(&mut self, who: ActorId, told: Told, lost: bool) -> Message {
        if self.feed.others.contains_key(&told.hash) {
            return Message::Other;
        }
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

    /// Somebody puts a message onto the topic that another ledger told.
    pub fn put_another(&mut self, told: Told, now: Moment) {
        self.feed.others.insert(told.hash, (told.position, now));
    }

    /// Whether another ledger told this.
    #[must_use]
    pub fn is_another(&self, hash: &Hash) -> bool {
        self.feed.others.contains_key(hash)
    }

    /// Whether another ledger told something of this entry.
    #[must_use]
    pub fn is_of_another(&self, position: Position) -> bool {
        let mut others = self.feed.others.values();
        others.any(|(other, _)| *other == position)
    }

    /// A relay that began then appends an entry after this message.
    ///
    /// It may tell entries over a stray of another ledger, and MUST NOT go on from it.
    pub fn tells_on(&mut self, after: Told, began: Moment, next: Position) {
        let other = self.feed.others.get(&after.hash);
        let goes_on = after.position.seq.next() == Some(next.seq);
        if goes_on && other.is_some_and(|(_, since)| *since < began) {
            let what = format!("a relay tells on another history after {}", after.position);
            self.violated(6, what);
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
    pub fn is_told(&self, data: &Data, changes: &Topic) -> bool {
        let mut topics = self.feed.topics.iter();
        let mut feeds = self.feed.changes.iter();
        topics.all(|((_, partition), seen)| seen.len() == data.entries(*partition).len())
            && feeds.all(|((_, tenant), seen)| seen.len() == data.entries_of(tenant).len())
            && partitions(data).all(|partition| {
                self.whole(changes, partition).len() == data.entries(partition).len()
            })
    }

    /// What who comes new reads of the topic, from its beginning: of each entry the first message
    /// that comes after the one before it.
    fn whole(&self, changes: &Topic, partition: Partition) -> Vec<Hash> {
        let mut seen = Vec::new();
        for message in changes.records(partition) {
            let told = Told::of(&message.record.headers);
            let told = told.filter(|told| !self.feed.others.contains_key(&told.hash));
            let next = seen.len() as u64 + 1;
            if let Some(told) = told.filter(|told| told.position.seq.0 == next) {
                seen.push(told.hash);
            }
        }
        seen
    }

    /// Compares the topic itself with what is on record, once all is settled: who comes new can
    /// read everything.
    pub fn compare_topic(&mut self, data: &Data, changes: &Topic) {
        for partition in partitions(data) {
            let seen = self.whole(changes, partition);
            let entries = chains(data.entries(partition));
            if seen != entries {
                let what = differ(&seen, &entries);
                self.violated(6, format!("who reads {partition} anew {what}"));
            }
        }
    }

    /// Compares what consumers were told with what is on record, once all is settled: everything
    /// was told, and as it is.
    pub fn compare_feed(&mut self, data: &Data) {
        let feed = core::mem::take(&mut self.feed);
        for ((who, partition), seen) in &feed.topics {
            let entries = chains(data.entries(*partition));
            if *seen != entries {
                let what = differ(seen, &entries);
                self.violated(6, format!("consumer {} of {partition}: {what}", who.0));
            }
        }
        for ((who, tenant), seen) in &feed.changes {
            let entries = chains(data.entries_of(tenant));
            if *seen != entries {
                let what = differ(seen, &entries);
                self.violated(6, format!("consumer {} of {tenant}: {what}", who.0));
            }
        }
        self.feed = feed;
    }
}

fn partitions(data: &Data) -> impl Iterator<Item = Partition> {
    (0..data.partitions()).map(Partition)
}

fn chains(entries: &[Arc<Stored>]) -> Vec<Hash> {
    entries.iter().map(|stored| stored.entry.chain).collect()
}

fn differ(seen: &[Hash], entries: &[Hash]) -> String {
    let same = seen.iter().zip(entries).take_while(|(a, b)| a == b).count();
    let (seen, entries) = (seen.len(), entries.len());
    format!("was told {seen} of {entries}, the same up to {same}")
}
