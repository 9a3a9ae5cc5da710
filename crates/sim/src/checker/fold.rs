//! The log folded again: points 2, 4, 7 and 8 of what must be true, as far as the store shows it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use writ_domain::{BucketMap, Partition, TenantId, TenantSeq};
use writ_envelope::hash;
use writ_envelope::restore::Mark;
use writ_log::Logged;
use writ_projector::{Decider, Step, digest_of};
use writ_store::ledger::{Batch, Cursor};

use super::Checker;
use crate::Dice;
use crate::log::Topic;
use crate::store::{Data, Stored};

/// At how many places of a partition the rows are compared as of then.
const CUTS: u64 = 6;

impl Checker {
    /// Decides every record of the entries again, from genesis, and compares all that came of it:
    /// outcomes, facts, hashes, and the rows, now and as of random entries.
    pub fn compare_fold(&mut self, data: &Data, dice: &mut Dice) {
        for number in 0..data.partitions() {
            let partition = Partition(number);
            if let Err(what) = fold(data, partition, dice) {
                self.violated(7, format!("partition {partition}: {what}"));
            }
        }
        if let Err(wrong) = data.check() {
            self.violated(7, wrong.to_string());
        }
    }

    /// Compares the log with the entries: every record that was decided stands where it stood.
    pub fn compare_log(&mut self, data: &Data, topic: &Topic) {
        for number in 0..data.partitions() {
            let partition = Partition(number);
            let records = topic.records(partition);
            let entries = data.entries(partition);
            if records.len() != entries.len() {
                let (records, entries) = (records.len(), entries.len());
                let what = format!("{partition} has {records} records and {entries} entries");
                self.violated(9, what);
            }
            for (logged, stored) in records.iter().zip(entries) {
                if !is_of(logged, stored) {
                    let position = stored.entry.position;
                    self.violated(2, format!("the log has another record at {position}"));
                }
            }
        }
    }
}

/// Whether a record of the log is that of an entry, with its mark or without.
fn is_of(logged: &Logged, stored: &Stored) -> bool {
    let (found, kept) = (&logged.record, &stored.record);
    let headers = match Mark::split(&found.headers) {
        Some((mark, own)) if mark.position == stored.entry.position => own,
        Some(_) | None => found.headers.as_slice(),
    };
    let same = found.key == kept.key && found.value == kept.value;
    same && (headers == kept.headers || found.headers == kept.headers)
}

fn fold(data: &Data, partition: Partition, dice: &mut Dice) -> Result<(), String> {
    let map = BucketMap::try_new(data.partitions()).ok_or("no partitions")?;
    let mut decider = Decider::complete(map);
    let mut cursor = Cursor::genesis(partition);
    let entries = data.entries(partition);
    let total = entries.len() as u64;
    let mut cuts: Vec<u64> = (0..CUTS)
        .map(|_| dice.roll(total.saturating_add(1)))
        .collect();
    cuts.push(total);
    cuts.sort_unstable();
    let mut rest = entries;
    for cut in cuts {
        let Ok(records) = usize::try_from(cut.saturating_sub(cursor.seq.0)) else {
            continue;
        };
        let (page, left) = rest.split_at_checked(records).unwrap_or((rest, &[]));
        rest = left;
        if !page.is_empty() {
            let batch = decide(&mut decider, &cursor, page)?;
            compare(&batch, page)?;
            cursor = batch.after;
        }
        let folded = entries.len() - rest.len();
        let heads = heads(entries.get(..folded).unwrap_or_default());
        compare_rows(data, &mut decider, &heads, rest.is_empty())?;
    }
    match data.cursor(partition) {
        Some(stored) if stored.seq == cursor.seq && stored.chain == cursor.chain => Ok(()),
        other => Err(format!(
            "the cursor stands at {other:?}, the fold at {cursor:?}"
        )),
    }
}

fn heads(entries: &[std::sync::Arc<Stored>]) -> BTreeMap<TenantId, TenantSeq> {
    let of =
        |stored: &std::sync::Arc<Stored>| (stored.entry.tenant.clone(), stored.entry.tenant_seq);
    entries.iter().map(of).collect()
}

fn decide(
    decider: &mut Decider,
    cursor: &Cursor,
    page: &[std::sync::Arc<Stored>],
) -> Result<Batch, String> {
    let logged = |stored: &std::sync::Arc<Stored>| Logged {
        offset: stored.entry.offset,
        time: stored.entry.time,
        record: stored.record.clone(),
    };
    let records = page.iter().map(logged).collect();
    let (mut working, ..) = decider.begin(cursor, records);
    // No record is ahead of the end of time.
    match decider.step(&mut working, DateTime::<Utc>::MAX_UTC) {
        Ok(Step::Ready(batch, rest)) if rest.is_empty() => Ok(*batch),
        Ok(other) => Err(format!("the fold is not complete: {other:?}")),
        Err(halt) => Err(format!("the fold halts: {halt}")),
    }
}

fn compare(batch: &Batch, page: &[std::sync::Arc<Stored>]) -> Result<(), String> {
    for (decided, stored) in batch.entries.iter().zip(page) {
        let entry = &stored.entry;
        let same = decided.position == entry.position
            && decided.tenant == entry.tenant
            && decided.tenant_seq == entry.tenant_seq
            && decided.time == entry.time
            && decided.outcome == entry.outcome
            && decided.facts == entry.facts
            && decided.leaf == entry.leaf
            && decided.chain == entry.chain;
        if !same {
            let position = entry.position;
            return Err(format!(
                "{position} is decided otherwise: {decided:?}, {entry:?}"
            ));
        }
    }
    // The chain, by itself.
    for pair in page.windows(2) {
        if let [before, after] = pair
            && hash::chain(&before.entry.chain, &after.entry.leaf) != after.entry.chain
        {
            return Err(format!("the chain is broken at {}", after.entry.position));
        }
    }
    Ok(())
}

fn compare_rows(
    data: &Data,
    decider: &mut Decider,
    heads: &BTreeMap<TenantId, TenantSeq>,
    now: bool,
) -> Result<(), String> {
    for (tenant, head) in heads {
        let folded = match decider.states().get(tenant) {
            Some(state) => digest_of(tenant, state.live_rows()),
            None => digest_of(tenant, []),
        };
        let folded = folded.map_err(|error| error.to_string())?;
        let as_of = data
            .digest(tenant, Some(*head))
            .map_err(|error| error.to_string())?;
        if folded != as_of {
            return Err(format!(
                "the rows of {tenant} as of {head} are not those of its fold"
            ));
        }
        let live = data
            .digest(tenant, None)
            .map_err(|error| error.to_string())?;
        if now && folded != live {
            return Err(format!("the rows of {tenant} are not those of its fold"));
        }
    }
    Ok(())
}
