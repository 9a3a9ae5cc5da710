//! The entries of a partition in order, page by page, each checked against its hashes.

use writ_domain::{Partition, Position, Seq};
use writ_envelope::hash::{self, Hash, LeafInput};
use writ_store::Store;
use writ_store::entries::{self, Raw};
use writ_store::ledger::Cursor;

use super::Error;

/// The entries up to a cursor.
#[derive(Debug)]
pub(super) struct Pages<'a> {
    store: &'a Store,
    cursor: &'a Cursor,
    /// Entries read at once; [`entries::PAGE_BYTES_MAX`] bounds their bytes.
    limit: u32,
    /// The last entry that was returned, and the hash up to it.
    seq: Seq,
    chain: Hash,
}

impl<'a> Pages<'a> {
    pub(super) fn new(store: &'a Store, cursor: &'a Cursor, limit: u32) -> Self {
        Self {
            store,
            cursor,
            limit,
            seq: Seq::ZERO,
            chain: Hash::ZERO,
        }
    }

    pub(super) fn partition(&self) -> Partition {
        self.cursor.partition
    }

    /// The next entries; none after the last.
    pub(super) async fn next(&mut self) -> Result<Vec<Raw>, Error> {
        if self.seq >= self.cursor.seq {
            return Ok(Vec::new());
        }
        let partition = self.cursor.partition;
        let from = self.seq.next().unwrap_or(self.cursor.seq);
        let mut page = entries::scan(self.store, partition, from, self.limit)
            .await
            .map_err(Error::Store)?;
        page.retain(|raw| raw.position.seq <= self.cursor.seq);
        if page.is_empty() {
            let position = Position {
                partition,
                seq: from,
            };
            let problem = "it is missing";
            return Err(Error::Entry { position, problem });
        }
        for raw in &page {
            self.check(raw)?;
        }
        Ok(page)
    }

    /// What is restored from a damaged entry would halt every reader.
    fn check(&mut self, raw: &Raw) -> Result<(), Error> {
        let damaged = |problem| {
            let position = raw.position;
            Err(Error::Entry { position, problem })
        };
        if self.seq.next() != Some(raw.position.seq) {
            return damaged("its seq is not the next");
        }
        if raw.offset.next().map(|next| next.0) != Some(raw.position.seq.0) {
            return damaged("its offset is not its seq less one");
        }
        let record = &raw.record;
        let leaf = hash::leaf(&LeafInput {
            position: raw.position,
            tenant: &raw.tenant,
            tenant_seq: raw.tenant_seq,
            time: raw.time,
            record_hash: hash::record_hash(&record.key, &record.value, &record.headers),
            outcome_json: &raw.outcome_json,
            command_id: raw.command_id,
            facts_json: &raw.facts_json,
            rules_version: raw.rules_version,
        });
        if leaf != raw.leaf {
            return damaged("its leaf hash differs");
        }
        if hash::chain(&self.chain, &leaf) != raw.chain {
            return damaged("its chain hash differs");
        }
        let is_last = raw.position.seq == self.cursor.seq;
        if is_last && raw.chain != self.cursor.chain {
            return damaged("it is not the last that the cursor knows");
        }
        (self.seq, self.chain) = (raw.position.seq, raw.chain);
        Ok(())
    }
}
