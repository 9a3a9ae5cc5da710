//! Entries as messages, in batches that a log takes.

use std::collections::VecDeque;

use writ_domain::Placement;
use writ_envelope::encode_key;
use writ_envelope::event::{Headers, Told};
use writ_log::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Record, VALUE_BYTES_MAX};
use writ_store::entries::Entry;

/// Messages that are appended together, and the entry that the last one tells.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    pub(super) last: Told,
}

/// The entries of a page, batch by batch.
pub(super) fn batches(page: &[Entry]) -> VecDeque<Batch> {
    let mut batches: VecDeque<Batch> = VecDeque::new();
    let mut bytes = 0;
    for entry in page {
        let last = Told {
            position: entry.position,
            hash: entry.chain,
        };
        let record = message(entry);
        let size = record.size();
        match batches.back_mut() {
            Some(batch)
                if batch.records.len() < BATCH_RECORDS_MAX && size <= BATCH_BYTES_MAX - bytes =>
            {
                batch.records.push(record);
                batch.last = last;
                bytes += size;
            }
            Some(_) | None => {
                let records = vec![record];
                batches.push_back(Batch { records, last });
                bytes = size;
            }
        }
    }
    batches
}

/// The message of an entry. Facts that no log takes are left out and counted.
fn message(entry: &Entry) -> Record {
    let placement = Placement {
        position: entry.position,
        tenant_seq: entry.tenant_seq,
        time: entry.time,
    };
    let mut value = entry.change_json();
    if value.len() > VALUE_BYTES_MAX {
        value = entry.change_json_without_facts();
    }
    Record {
        key: encode_key(&entry.tenant),
        value: value.into_bytes(),
        headers: Headers::new(&entry.tenant, &placement, &entry.chain).to_list(),
    }
}
