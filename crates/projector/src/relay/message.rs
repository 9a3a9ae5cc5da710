//! Entries as messages, in batches that a log takes.

use writ_domain::Placement;
use writ_envelope::encode_key;
use writ_envelope::event::{Headers, Told};
use writ_log::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Record, VALUE_BYTES_MAX};
use writ_store::Error;
use writ_store::entries::{Entry, Raw};

/// Messages that are appended together, and the entry that the last one tells.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    pub(super) last: Told,
}

/// The entries of a page, batch by batch.
#[derive(Debug)]
pub(super) struct Batches(Vec<Batch>);

impl Batches {
    pub(super) fn of(page: Vec<Raw>) -> Result<Self, Error> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut bytes = 0;
        for raw in page {
            let entry = raw.read()?;
            let last = Told {
                position: entry.position,
                hash: entry.chain,
            };
            let record = message(&entry);
            let size = record.size();
            match batches.last_mut() {
                Some(batch)
                    if batch.records.len() < BATCH_RECORDS_MAX
                        && size <= BATCH_BYTES_MAX - bytes =>
                {
                    batch.records.push(record);
                    batch.last = last;
                    bytes += size;
                }
                Some(_) | None => {
                    let records = vec![record];
                    batches.push(Batch { records, last });
                    bytes = size;
                }
            }
        }
        Ok(Self(batches))
    }
}

impl IntoIterator for Batches {
    type Item = Batch;
    type IntoIter = std::vec::IntoIter<Batch>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
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
