//! `writ rebuild`: Postgres was lost, the log was not.

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use tokio_util::sync::CancellationToken;
use writ_domain::{BucketMap, Offset, Partition, Seq, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_log::{Log, Logged};
use writ_store::Store;
use writ_store::ledger::{Batch, Cursor};
use writ_store::rebuild::{Filler, Whole};

use super::comparison::{Compared, Comparison};
use super::pipeline::{self, Fold, Sender, inputs, unless_stopped};
use super::{Differences, Error, Phase, Told, workers};
use crate::{Decider, Halt, Step};

/// Records read at once.
const RECORDS: usize = 2_000;

/// What rebuilding came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// By partition.
    pub partitions: Vec<PartitionReport>,
}

/// What rebuilding one partition came to.
#[derive(Debug, Clone)]
pub struct PartitionReport {
    /// Which.
    pub partition: Partition,
    /// Entries decided again: all of them.
    pub entries: u64,
    /// The first offset that is not decided; the owner goes on there.
    pub next_offset: Offset,
    /// The chain hash of the last entry.
    pub chain: Hash,
    /// What comparing with `writ.changes` came to; absent where there was nothing to compare with.
    pub compared: Option<Compared>,
    /// What was told otherwise.
    pub differences: Differences,
}

impl Report {
    /// Whether nothing differs. If something does, the ledger was left unfinished.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.partitions
            .iter()
            .all(|partition| partition.differences.is_empty())
    }

    /// Entries of all partitions.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.partitions
            .iter()
            .map(|partition| partition.entries)
            .sum()
    }
}

/// Decides every record of `log` again into the empty, migrated database of `store`, and compares
/// with `changes` where it is given.
///
/// What the log holds is taken at the beginning; the owner goes on from there. A report that is not
/// clean means that the ledger was left unfinished, and nothing but a rebuild opens it.
pub async fn run(
    store: &Store,
    log: Arc<dyn Log>,
    changes: Option<Arc<dyn Log>>,
    map: &BucketMap,
    told: Told<'_>,
    stop: &CancellationToken,
) -> Result<Report, Error> {
    let partitions = log.partitions();
    if let Some(changes) = &changes
        && changes.partitions() != partitions
    {
        return Err(Error::Partitions {
            changes: changes.partitions(),
            commands: partitions,
        });
    }
    let highs = highs(&*log).await?;
    let whole = Whole::begin(store, partitions).await?;
    let last = highs.values().max().map_or(0, |high| high.0);
    whole.extend(store, Seq(last)).await?;
    let total: u64 = highs.values().map(|high| high.0).sum();
    let folded = Arc::new(AtomicU64::new(0));
    let work = Work {
        whole: &whole,
        log: &log,
        changes: changes.as_ref(),
        map,
        stop,
        folded: &folded,
        told: &|| told(Phase::Fold, folded.load(Ordering::Relaxed), total),
    };
    let mut done = work.all(highs).await?;
    done.sort_by_key(|(cursor, _)| cursor.partition);
    let (cursors, partitions): (Vec<Cursor>, Vec<PartitionReport>) = done.into_iter().unzip();
    let report = Report { partitions };
    if report.is_clean() {
        let told = |done, total| told(Phase::Index, done, total);
        let indexed = whole.make_indexes(workers(), &told);
        unless_stopped(stop, async { Ok(indexed.await?) }).await?;
        whole.finish(&cursors).await?;
    }
    Ok(report)
}

/// The end of each partition; what was lost at its beginning cannot be folded.
async fn highs(log: &dyn Log) -> Result<BTreeMap<Partition, Offset>, Error> {
    let mut highs = BTreeMap::new();
    for partition in (0..log.partitions()).map(Partition) {
        let bounds = log.bounds(partition).await.map_err(Error::Bounds)?;
        if bounds.low.0 != 0 {
            let low = bounds.low;
            return Err(Error::Beginning { partition, low });
        }
        highs.insert(partition, bounds.high);
    }
    Ok(highs)
}

/// What every partition's work needs.
struct Work<'a> {
    whole: &'a Whole,
    log: &'a Arc<dyn Log>,
    changes: Option<&'a Arc<dyn Log>>,
    map: &'a BucketMap,
    stop: &'a CancellationToken,
    folded: &'a Arc<AtomicU64>,
    told: &'a (dyn Fn() + Sync),
}

impl Work<'_> {
    /// Every partition, a few side by side.
    async fn all(
        &self,
        highs: BTreeMap<Partition, Offset>,
    ) -> Result<Vec<(Cursor, PartitionReport)>, Error> {
        let queue = Mutex::new(VecDeque::from_iter(highs));
        let next = || {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.pop_front()
        };
        let worker = async |_number: usize| {
            let mut done = Vec::new();
            while let Some((partition, high)) = next() {
                done.push(self.one(partition, high).await?);
            }
            Ok::<_, Error>(done)
        };
        let done = try_join_all((0..workers()).map(worker)).await?;
        Ok(done.into_iter().flatten().collect())
    }

    async fn one(
        &self,
        partition: Partition,
        high: Offset,
    ) -> Result<(Cursor, PartitionReport), Error> {
        let loader = self.whole.loader().await?;
        let (sender, records) = inputs();
        let of_log = (self.log, partition);
        let reading = read(of_log, (Offset(0), high), sender, self.stop);
        let mut comparison = None;
        let mut reading_changes = None;
        if let Some(changes) = self.changes {
            let bounds = changes.bounds(partition).await.map_err(Error::Bounds)?;
            let (sender, messages) = inputs();
            comparison = Some(Comparison::new(partition, messages));
            let all = (bounds.low, bounds.high);
            reading_changes = Some(read((changes, partition), all, sender, self.stop));
        }
        let reading = async {
            let reading_changes = async {
                match reading_changes {
                    Some(reading) => reading.await,
                    None => Ok(()),
                }
            };
            let (read, read_changes) = futures_util::join!(reading, reading_changes);
            read.and(read_changes)
        };
        let fold = LedgerFold {
            decider: Decider::complete(self.map.clone()),
            cursor: Cursor::genesis(partition),
            heads: BTreeMap::new(),
            comparison,
            differences: Differences::default(),
            entries: 0,
        };
        let folded = Arc::clone(self.folded);
        let fold =
            pipeline::run(fold, (reading, records), loader, folded, || (self.told)()).await?;
        Ok(fold.report())
    }
}

/// Sends the records from `from` up to `high`, then that this was all.
async fn read(
    (log, partition): (&Arc<dyn Log>, Partition),
    (from, high): (Offset, Offset),
    sender: Sender<Logged>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    if from < high {
        let tail = async { log.tail(partition, from).await.map_err(Error::Log) };
        let mut tail = unless_stopped(stop, tail).await?;
        let mut next = from;
        while next < high {
            let left = usize::try_from(high.0.saturating_sub(next.0)).unwrap_or(RECORDS);
            let lot = async { tail.next(left.min(RECORDS)).await.map_err(Error::Log) };
            let lot = unless_stopped(stop, lot).await?;
            let last = lot.last().and_then(|logged| logged.offset.next());
            next = last.unwrap_or(high);
            sender.items(lot).await?;
        }
    }
    sender.end().await
}

/// Decides a partition's records again, on complete states.
#[derive(Debug)]
struct LedgerFold {
    decider: Decider,
    cursor: Cursor,
    heads: BTreeMap<TenantId, Head>,
    comparison: Option<Comparison>,
    differences: Differences,
    entries: u64,
}

/// A tenant's newest entry.
#[derive(Debug, Clone, Copy)]
struct Head {
    tenant_seq: TenantSeq,
    time: DateTime<Utc>,
    chain: Hash,
}

impl LedgerFold {
    fn halted(&self, source: Halt) -> Error {
        Error::Halted {
            partition: self.cursor.partition,
            source: Box::new(source),
        }
    }

    fn fold(&mut self, batch: &Batch, filler: &mut Filler) -> Result<(), Error> {
        for entry in &batch.entries {
            filler.entry(batch.rules_version, entry)?;
            let head = Head {
                tenant_seq: entry.tenant_seq,
                time: entry.time,
                chain: entry.chain,
            };
            match self.heads.get_mut(&entry.tenant) {
                Some(known) => *known = head,
                None => {
                    self.heads.insert(entry.tenant.clone(), head);
                }
            }
            if let Some(comparison) = &mut self.comparison {
                let hashed = (entry.position.seq, entry.chain);
                comparison.entry(hashed, &mut self.differences)?;
            }
        }
        self.cursor = batch.after.clone();
        Ok(())
    }

    fn report(self) -> (Cursor, PartitionReport) {
        let report = PartitionReport {
            partition: self.cursor.partition,
            entries: self.entries,
            next_offset: self.cursor.next_offset,
            chain: self.cursor.chain,
            compared: self.comparison.as_ref().map(Comparison::compared),
            differences: self.differences,
        };
        (self.cursor, report)
    }
}

impl Fold for LedgerFold {
    type Item = Logged;

    fn take(&mut self, items: Vec<Logged>, filler: &mut Filler) -> Result<u64, Error> {
        let mut records = items;
        let mut entries = 0;
        while !records.is_empty() {
            let (mut working, _, _) = self.decider.begin(&self.cursor, records);
            // Deciding reads no clock: what came into the log was not too far ahead then.
            let step = self.decider.step(&mut working, DateTime::<Utc>::MAX_UTC);
            match step.map_err(|halt| self.halted(halt))? {
                Step::Ready(batch, rest) => {
                    self.fold(&batch, filler)?;
                    entries += batch.entries.len() as u64;
                    records = rest;
                }
                Step::Load(wanted) => {
                    let key = format!("{wanted:?}");
                    let offset = self.cursor.next_offset;
                    return Err(self.halted(Halt::AsksAgain { offset, key }));
                }
            }
        }
        self.entries += entries;
        Ok(entries)
    }

    fn rest(&mut self, filler: &mut Filler) -> Result<(), Error> {
        if let Some(comparison) = &mut self.comparison {
            comparison.rest(self.cursor.seq, &mut self.differences)?;
        }
        let partition = self.cursor.partition;
        for (tenant, head) in &self.heads {
            filler.head(tenant, (partition, head.tenant_seq, head.time), &head.chain)?;
        }
        for (tenant, state) in self.decider.states() {
            filler.keys(tenant, state)?;
            filler.views(tenant, state)?;
        }
        Ok(())
    }
}
