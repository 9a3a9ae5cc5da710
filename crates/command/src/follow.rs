//! The task of a service: hearing of commits, looking for outcomes, recording counted denials.

use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};
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
        let following = async { tokio::join!(self.follow(), self.record_windows()) };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = following => {}
        }
        let patience = self
            .inner
            .options
            .deadline
            .saturating_add(self.inner.options.grace);
        let in_time = timeout(patience, self.record_counted()).await.is_ok();
        let lost: u64 = self
            .inner
            .denials
            .take()
            .iter()
            .map(|left| u64::from(left.count))
            .sum();
        if !in_time || lost > 0 {
            error!(
                denials.lost = lost,
                in_time, "stopped before all denials were on record"
            );
        }
    }

    /// Looks for outcomes whenever something was committed somewhere, and every now and then.
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
            match timeout(self.inner.options.poll_every, heard).await {
                Ok(Err(lost)) => {
                    warn!(
                        error = &lost as &dyn std::error::Error,
                        "no longer hears of commits"
                    );
                    listener = None;
                }
                Ok(Ok(())) | Err(_) => {}
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
        self.inner.waiters.poll(&self.inner.parts.store).await?;
        self.inner
            .parts
            .heads
            .refresh(&self.inner.parts.store)
            .await
    }

    async fn record_windows(&self) {
        let window = self.inner.options.denial_window;
        let mut next = Instant::now() + window;
        loop {
            sleep_until(next).await;
            self.record_counted().await;
            next = Instant::now() + window;
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
            SubmitError::Unavailable { .. } => {
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
