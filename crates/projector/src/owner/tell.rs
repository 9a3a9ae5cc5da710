//! What an owner tells: people, metrics, and whoever asks how its partition stands.

use metrics::{counter, gauge, histogram};
use tracing::{debug, error, info, warn};
use writ_store::entries::Entry;

use super::Owner;
use super::machine::Note;
use crate::causes::chain;
use crate::metrics::{BATCH_RECORDS, DECIDED, HALTED, SEQ};

impl Owner {
    pub(super) fn tell(&self, note: Note) {
        let partition = self.partition;
        match note {
            Note::Stands(next_offset, seq) => {
                #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
                gauge!(SEQ, "partition" => partition.to_string()).set(seq.0 as f64);
                self.statuses.update(partition, |status| {
                    status.owned = true;
                    status.next_offset = next_offset;
                    status.seq = seq;
                });
            }
            Note::Owned { seq, epoch } => {
                info!(%partition, %seq, epoch, "the partition is owned");
            }
            Note::Lost => self
                .statuses
                .update(partition, |status| status.owned = false),
            Note::Fenced => info!(%partition, "another owner has the partition"),
            Note::HandedBack => info!(%partition, "the partition is handed back to others"),
            Note::Failed { why, news: true } => {
                warn!(%partition, error = why, "deciding stopped; it starts again from the cursor");
            }
            Note::Failed { why, news: false } => {
                debug!(%partition, error = why, "deciding still cannot go on");
            }
            Note::Halted { halt, news } => {
                let text = halt.to_text();
                gauge!(HALTED, "partition" => partition.to_string()).set(1.0);
                if news {
                    error!(%partition, error = text, "the partition is halted");
                }
                self.statuses
                    .update(partition, |status| status.halted = Some(text));
            }
            Note::Recovered => {
                self.statuses
                    .update(partition, |status| status.halted = None);
                gauge!(HALTED, "partition" => partition.to_string()).set(0.0);
                info!(%partition, "the partition is halted no more");
            }
            Note::NotGivenBack(error) => {
                warn!(%partition, error = chain(&error), "the lease was not given back");
            }
            Note::Cut => debug!(%partition, "a batch was cut"),
            Note::Trimmed => debug!(%partition, "the state cache is begun anew"),
        }
    }
}

/// Counts a batch that was committed.
pub(super) fn count(entries: &[Entry]) {
    #[expect(clippy::cast_precision_loss, reason = "a histogram takes floats")]
    histogram!(BATCH_RECORDS).record(entries.len() as f64);
    for entry in entries {
        counter!(DECIDED, "outcome" => entry.outcome.kind()).increment(1);
    }
}
