//! The fold of entries into the new set of views: copied first, then fed with what comes after.

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;
use writ_domain::{Partition, Position, Seq, State, TenantId};
use writ_envelope::facts_from_json;
use writ_store::Store;
use writ_store::entries::{self, Raw};
use writ_store::rebuild::{Filler, FoldedEntry, Next};

use crate::rebuild::pipeline::{self, Fold, Sender, inputs, unless_stopped};
use crate::rebuild::{Error, Phase, Told, workers};

/// Entries read at once.
const PAGE: u32 = 2_000;

/// Folds the entries up to `heads` and copies the rows; partitions side by side.
pub(super) async fn copy(
    store: &Store,
    next: &Next,
    heads: BTreeMap<Partition, Seq>,
    (told, total): (Told<'_>, u64),
    stop: &CancellationToken,
) -> Result<BTreeMap<Partition, Fed>, Error> {
    let folded = Arc::new(AtomicU64::new(0));
    let queue = Mutex::new(VecDeque::from_iter(heads));
    let take = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    };
    let worker = async |_number: usize| {
        let mut done = Vec::new();
        while let Some((partition, to)) = take() {
            let (sender, items) = inputs();
            let reading = read((store, partition), to, sender, stop);
            let tell = || told(Phase::Fold, folded.load(Ordering::Relaxed), total);
            let loader = next.loader().await?;
            let counter = Arc::clone(&folded);
            let fold = ViewFold::new(partition);
            let fold = pipeline::run(fold, (reading, items), loader, counter, tell).await?;
            next.copied(partition, to).await?;
            let fed = Fed {
                fold,
                written: to,
                pending: Vec::new(),
            };
            done.push((partition, fed));
        }
        Ok::<_, Error>(done)
    };
    let done = try_join_all((0..workers()).map(worker)).await?;
    Ok(done.into_iter().flatten().collect())
}

/// Sends the entries up to `to`, then that this was all.
async fn read(
    (store, partition): (&Store, Partition),
    to: Seq,
    sender: Sender<Raw>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let mut last = Seq::ZERO;
    while last < to {
        let page = unless_stopped(stop, page(store, partition, (last, to))).await?;
        last = page.last().map_or(last, |raw| raw.position.seq);
        sender.items(page).await?;
    }
    sender.end().await
}

/// The entries after `last`, up to `to` at most; at least one.
async fn page(
    store: &Store,
    partition: Partition,
    (last, to): (Seq, Seq),
) -> Result<Vec<Raw>, Error> {
    let from = last.next().unwrap_or(to);
    let mut page = entries::scan(store, partition, from, PAGE).await?;
    page.retain(|raw| raw.position.seq <= to);
    if page.is_empty() {
        return Err(Error::Entry {
            position: Position {
                partition,
                seq: from,
            },
            problem: "it is not there".to_owned(),
        });
    }
    Ok(page)
}

/// Folds a partition's facts.
#[derive(Debug)]
struct ViewFold {
    partition: Partition,
    states: BTreeMap<TenantId, State>,
    /// The last entry that is folded.
    seq: Seq,
}

impl ViewFold {
    fn new(partition: Partition) -> Self {
        Self {
            partition,
            states: BTreeMap::new(),
            seq: Seq::ZERO,
        }
    }

    /// Folds the next entry; `None` where it has no facts.
    fn one(&mut self, raw: Raw) -> Result<Option<FoldedEntry>, Error> {
        let position = raw.position;
        let failed = |problem: String| Error::Entry { position, problem };
        if self.seq.next() != Some(position.seq) {
            return Err(failed(format!("it comes after {}", self.seq)));
        }
        self.seq = position.seq;
        let facts = facts_from_json(&raw.facts_json).map_err(|fault| failed(fault.to_string()))?;
        if facts.is_empty() {
            return Ok(None);
        }
        let state = self
            .states
            .entry(raw.tenant.clone())
            .or_insert_with(State::genesis);
        let changes = state
            .apply(&facts, raw.tenant_seq)
            .map_err(|contradiction| failed(contradiction.to_string()))?;
        Ok(Some(FoldedEntry {
            position,
            tenant: raw.tenant,
            tenant_seq: raw.tenant_seq,
            changes,
        }))
    }
}

impl Fold for ViewFold {
    type Item = Raw;

    fn take(&mut self, items: Vec<Raw>, filler: &mut Filler) -> Result<u64, Error> {
        let entries = items.len() as u64;
        for raw in items {
            if let Some(folded) = self.one(raw)? {
                filler.folded(&folded)?;
            }
        }
        Ok(entries)
    }

    fn rest(&mut self, filler: &mut Filler) -> Result<(), Error> {
        for (tenant, state) in &self.states {
            filler.views(tenant, state)?;
        }
        Ok(())
    }
}

/// A partition whose rows were copied, and that is fed with what comes after.
#[derive(Debug)]
pub(super) struct Fed {
    fold: ViewFold,
    /// The last entry whose rows are committed.
    pub(super) written: Seq,
    /// Folded since, not yet known to be committed.
    pub(super) pending: Vec<FoldedEntry>,
}

impl Fed {
    pub(super) fn partition(&self) -> Partition {
        self.fold.partition
    }

    /// What is folded of each tenant.
    pub(super) fn states(&self) -> &BTreeMap<TenantId, State> {
        &self.fold.states
    }

    /// Folds up to `to` in memory.
    pub(super) async fn fold_to(&mut self, store: &Store, to: Seq) -> Result<(), Error> {
        while self.fold.seq < to {
            let last = self.fold.seq;
            self.fold_page(page(store, self.fold.partition, (last, to)).await?)?;
        }
        Ok(())
    }

    fn fold_page(&mut self, page: Vec<Raw>) -> Result<(), Error> {
        for raw in page {
            self.pending.extend(self.fold.one(raw)?);
        }
        Ok(())
    }

    /// Folds up to `to` and commits the rows.
    pub(super) async fn catch_up(
        &mut self,
        (store, next): (&Store, &Next),
        to: Seq,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        while self.written < to {
            let last = self.fold.seq;
            let partition = self.fold.partition;
            if last < to {
                let page = unless_stopped(stop, page(store, partition, (last, to))).await?;
                self.fold_page(page)?;
            }
            next.fold(partition, (self.written, self.fold.seq), &self.pending)
                .await?;
            self.written = self.fold.seq;
            self.pending.clear();
        }
        Ok(())
    }
}
