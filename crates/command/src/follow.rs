//! The task of a service: hearing of commits and halts, looking for outcomes, recording counted
//! denials.

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};
use writ_crash::{Point, here};
use writ_store::entries::Listener;

use crate::denials::Counted;
use crate::{Service, SubmitError};

/// Denials that are recorded at a time.
const RECORDED_AT_ONCE: usize = 16;

impl Service {
    /// Runs until `stop`, then records the denials that were counted, in bounded time.
    ///
    /// The log and its projector MUST still work then, or what was counted since the last window
    /// is lost; that is logged.
    pub async fn run(self, stop: CancellationToken) {
        // SUBTLE: outcomes are looked for until the last denial is on record: it may be another
        // process that decides it.
        tokio::select! {
            () = self.record_denials(&stop) => {}
            () = self.follow() => {}
            () = self.follow_halts() => {}
        }
    }

    /// Looks for outcomes whenever something was committed somewhere, and every now and then.
    #[expect(clippy::infinite_loop, reason = "it ends with `run`, which drops it")]
    async fn follow(&self) {
        let mut listener = None;
        let mut failing = false;
        loop {
            if listener.is_none() && self.inner.options.listen {
                listener = self.listen().await;
            }
            match self.look().await {
                Ok(()) if failing => {
                    failing = false;
                    debug!("the store answers again");
                }
                Ok(()) => {}
                // Once per outage: whoever waits is told by the deadline.
                Err(source) if !failing => {
                    failing = true;
                    warn!(
                        error = &source as &dyn std::error::Error,
                        "cannot look for outcomes"
                    );
                }
                Err(_again) => {}
            }
            let heard = async {
                match &mut listener {
                    Some(listener) => listener.heard().await,
                    None => core::future::pending().await,
                }
            };
            if let Ok(Err(lost)) = timeout(self.inner.options.poll_every, heard).await {
                warn!(
                    error = &lost as &dyn std::error::Error,
                    "no longer hears of commits"
                );
                listener = None;
            }
        }
    }

    async fn listen(&self) -> Option<Listener> {
        match Listener::open(&self.inner.parts.store).await {
            Ok(listener) => Some(listener),
            Err(source) => {
                debug!(
                    error = &source as &dyn std::error::Error,
                    "cannot hear of commits yet"
                );
                None
            }
        }
    }

    async fn look(&self) -> Result<(), writ_store::Error> {
        here(Point::CommandLook).await;
        self.inner.waiters.poll(&self.inner.parts.store).await?;
        here(Point::CommandLooked).await;
        self.inner
            .parts
            .heads
            .refresh(&self.inner.parts.store)
            .await
    }

    /// Records what was counted at the end of each window, and at last what is left.
    async fn record_denials(&self, stop: &CancellationToken) {
        let options = &self.inner.options;
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(options.denial_window) => {}
            }
            // SUBTLE: not cut off by `stop`. What is being recorded is counted nowhere else.
            self.record_counted().await;
        }
        let patience = options.deadline.saturating_add(options.grace);
        let in_time = timeout(patience, self.record_counted()).await.is_ok();
        let left = self.inner.denials.take();
        let lost: u64 = left.iter().map(|left| u64::from(left.count)).sum();
        if !in_time || lost > 0 {
            error!(
                denials.lost = lost,
                in_time, "stopped before all denials were on record"
            );
        }
    }

    /// Records what was counted: one entry each.
    async fn record_counted(&self) {
        let mut counted = self.inner.denials.take().into_iter();
        loop {
            let some: Vec<Counted> = counted.by_ref().take(RECORDED_AT_ONCE).collect();
            if some.is_empty() {
                return;
            }
            let recorded = some.into_iter().map(|counted| self.record_one(counted));
            futures_util::future::join_all(recorded).await;
        }
    }

    async fn record_one(&self, counted: Counted) {
        let submission = self.denial(counted.refusal.clone(), counted.count);
        let Err(failed) = self.carry(submission).await else {
            return;
        };
        match &failed {
            // It is in the log, or will be: the projector does the rest.
            SubmitError::Undecided { .. } | SubmitError::Unread { .. } => {}
            SubmitError::Unavailable { .. } | SubmitError::Halted { .. } => {
                let count = counted.count;
                if !self.inner.denials.give_back(counted) {
                    error!(
                        denials = count,
                        "no room to keep denials that could not be recorded"
                    );
                }
            }
            SubmitError::TooLarge { .. } | SubmitError::BadStamp { .. } => {
                error!(
                    error = &failed as &dyn std::error::Error,
                    denials = counted.count,
                    "denials cannot be recorded"
                );
            }
        }
    }
}
