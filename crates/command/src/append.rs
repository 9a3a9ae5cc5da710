//! Carrying one submission: what its machine asks for, done with a real log and a real clock.

use writ_domain::Partition;
use writ_log::{Log, Record};
use writ_store::entries::Entry;

use tokio::time::{Instant, sleep_until};
use writ_crash::{Point, here};

use crate::SubmitError;
use crate::halts::Halts;
use crate::log_time::LogTime;
use crate::submission::{Action, Input, Machine};
use crate::waiters::Waiter;

/// A command on its way.
pub(crate) struct Passage<'a> {
    pub(crate) log: &'a dyn Log,
    pub(crate) time: &'a LogTime,
    pub(crate) halts: &'a Halts,
    pub(crate) partition: Partition,
    pub(crate) record: Record,
    pub(crate) begun: Instant,
}

impl Passage<'_> {
    /// Appends the record and waits for its entry.
    pub(crate) async fn entry(
        &self,
        mut machine: Machine,
        waiter: &mut Waiter,
    ) -> Result<Box<Entry>, SubmitError> {
        let mut action = machine.first();
        loop {
            let input = match action {
                Action::End(ended) => {
                    if let Ok(entry) = &ended {
                        self.time.learn_decided(self.partition, entry.time);
                    }
                    here(Point::CommandDecided).await;
                    return ended;
                }
                Action::Append { until } => tokio::select! {
                    biased;
                    entry = waiter.entry() => Input::Decided(entry),
                    appended = self.append() => appended,
                    () = sleep_until(self.begun + until) => self.tick(),
                },
                Action::Wait { until } => tokio::select! {
                    biased;
                    entry = waiter.entry() => Input::Decided(entry),
                    () = sleep_until(self.begun + until) => self.tick(),
                },
            };
            action = machine.step(self.begun.elapsed(), input);
        }
    }

    async fn append(&self) -> Input {
        let sent = self.time.ours();
        let record = vec![self.record.clone()];
        match self.log.append(self.partition, record).await {
            Ok(appended) => {
                here(Point::CommandAppended).await;
                if let Some(appended) = appended.first() {
                    self.time.learn(sent, appended.time);
                }
                Input::Appended
            }
            Err(error) => Input::Failed(error),
        }
    }

    fn tick(&self) -> Input {
        Input::Tick {
            halted: self.halts.holds(self.partition),
        }
    }
}
