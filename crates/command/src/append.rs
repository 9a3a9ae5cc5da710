//! Appending one command, and waiting for its entry.
//!
//! **Correctness.** Once an append may have happened there is no way back: the same bytes are
//! appended again until the log says yes or the entry is there. The command id makes that safe,
//! since the second record is decided as a duplicate of the first. What is still unknown at the
//! deadline is told as unknown.

use core::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use writ_domain::{CommandId, Partition};
use writ_log::{AppendError, Log, Record};
use writ_store::entries::Entry;

use crate::SubmitError;
use crate::halts::Halts;
use crate::log_time::LogTime;
use crate::waiters::Waiter;

/// The pause before an append is tried again; doubled each time.
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A command on its way.
pub(crate) struct Passage<'a> {
    pub(crate) log: &'a dyn Log,
    pub(crate) time: &'a LogTime,
    pub(crate) halts: &'a Halts,
    pub(crate) partition: Partition,
    pub(crate) command_id: CommandId,
    pub(crate) record: Record,
    pub(crate) deadline: Instant,
}

impl Passage<'_> {
    /// Appends the record and waits for its entry.
    pub(crate) async fn entry(&self, waiter: &mut Waiter) -> Result<Box<Entry>, SubmitError> {
        let undecided = SubmitError::Undecided {
            command_id: self.command_id,
        };
        let whole = async {
            // SUBTLE: the entry may be there before the append is known to have succeeded.
            tokio::select! {
                biased;
                entry = waiter.entry() => return Ok(entry),
                appended = self.append() => appended?,
            }
            Ok(waiter.entry().await)
        };
        timeout_at(self.deadline, whole)
            .await
            .unwrap_or(Err(undecided))
    }

    /// Appends until it is known to be there, or until it is known not to be.
    async fn append(&self) -> Result<(), SubmitError> {
        let mut unsure = false;
        let mut pause = PAUSE_MIN;
        loop {
            let sent = self.time.ours();
            let error = match self
                .log
                .append(self.partition, vec![self.record.clone()])
                .await
            {
                Ok(appended) => {
                    if let Some(appended) = appended.first() {
                        self.time.learn(sent, appended.time);
                    }
                    return Ok(());
                }
                Err(error) => error,
            };
            match error {
                AppendError::TooLarge { limit_bytes } if !unsure => {
                    return Err(SubmitError::TooLarge { limit_bytes });
                }
                AppendError::NotAppended { .. }
                | AppendError::TooMany { .. }
                | AppendError::NoSuchPartition { .. }
                    if !unsure =>
                {
                    let (retry_after, source) = (Duration::from_secs(1), Box::new(error));
                    return Err(SubmitError::Unavailable {
                        retry_after,
                        source,
                    });
                }
                // An earlier try may have succeeded, so that this one failed says nothing.
                AppendError::MaybeAppended { .. }
                | AppendError::NotAppended { .. }
                | AppendError::TooLarge { .. }
                | AppendError::TooMany { .. }
                | AppendError::NoSuchPartition { .. } => {
                    tracing::warn!(
                        command.id = %self.command_id,
                        partition = %self.partition,
                        error = &error as &dyn std::error::Error,
                        "the log may hold the command; appending the same record again"
                    );
                }
            }
            unsure = true;
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
            // The log may be another one by now, in which the command has no place yet.
            while self.halts.holds(self.partition) {
                sleep(PAUSE_MAX).await;
            }
        }
    }
}
