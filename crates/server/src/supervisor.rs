//! The life of the process: tasks by name, what their death means, and the order of the end.
//!
//! **Shape**: a task belongs to a `Stage`. Stages end one after the other: first the `Edge`, so that
//! nothing new comes in and what is in flight is answered; then the `Work` that those answers
//! needed; last the `Ground` that all stood on.
//!
//! **Correctness**: a task that ends before it was asked to takes the process with it, and the
//! process says so by its exit code. The first signal asks, a second one does not wait.

use core::panic::AssertUnwindSafe;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

/// Of the time for the end, the part that the edge may take.
const EDGE_SHARE: f64 = 0.75;
/// How long the ground may take: Postgres writes out what it holds in memory.
const GROUND_PATIENCE: Duration = Duration::from_mins(1);

/// When a task ends, compared with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// What lets requests in.
    Edge,
    /// What requests need to be answered.
    Work,
    /// What all else needs.
    Ground,
}

/// Starts and ends tasks. Clones speak of the same process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Supervisor {
    edge: Tasks,
    work: Tasks,
    ground: Tasks,
    /// Cancelled when the process is to end, for whatever reason.
    ending: CancellationToken,
    /// Cancelled when it is to end without waiting.
    hurry: CancellationToken,
    /// Why it ends, if that was not asked for.
    failure: Arc<Mutex<Option<anyhow::Error>>>,
}

#[derive(Debug, Clone, Default)]
struct Tasks {
    running: TaskTracker,
    stop: CancellationToken,
    abort: CancellationToken,
}

impl Supervisor {
    /// Ends the process in order when the system asks for it.
    pub(crate) fn heed_signals(&self) -> anyhow::Result<()> {
        let mut signals = Signals::new().context("failed to listen to signals")?;
        let Self { ending, hurry, .. } = self.clone();
        // Not of any stage: it heeds until the process is gone.
        TaskTracker::new().spawn(async move {
            let first = signals.next().await;
            info!(signal = first, "asked to stop");
            ending.cancel();
            let second = signals.next().await;
            warn!(signal = second, "asked again: not waiting");
            hurry.cancel();
        });
        Ok(())
    }

    /// Cancelled when the process is to end; what takes long before the start is over heeds it.
    pub(crate) fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    /// Runs a task until its stage ends. `task` is given what tells it so.
    pub(crate) fn spawn<T>(
        &self,
        stage: Stage,
        name: &'static str,
        task: impl FnOnce(CancellationToken) -> T,
    ) where
        T: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let Tasks {
            running,
            stop,
            abort,
        } = self.tasks(stage).clone();
        let task = AssertUnwindSafe(task(stop.clone())).catch_unwind();
        let supervisor = self.clone();
        running.spawn(async move {
            let Some(outcome) = abort.run_until_cancelled(task).await else {
                return warn!(task = name, "task was cut off");
            };
            match outcome {
                Ok(Ok(())) if stop.is_cancelled() => debug!(task = name, "task has ended"),
                Ok(Ok(())) => supervisor.fail(anyhow::anyhow!("{name} ended unasked")),
                Ok(Err(error)) => supervisor.fail(error.context(format!("{name} failed"))),
                Err(_panic) => supervisor.fail(anyhow::anyhow!("{name} panicked")),
            }
        });
    }

    /// Ends the process because of `error`. The first one is the reason that is given.
    pub(crate) fn fail(&self, error: anyhow::Error) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_some() {
            // Most often a consequence of the first.
            warn!(error = format!("{error:#}"), "another failure");
        } else {
            *failure = Some(error);
        }
        drop(failure);
        self.ending.cancel();
    }

    /// Waits until the process is to end, then ends its stages in order, within `grace` but for
    /// the ground. Gives back why, if nobody asked.
    pub(crate) async fn run(&self, grace: Duration) -> anyhow::Result<()> {
        self.ending.cancelled().await;
        let began = Instant::now();
        self.end(Stage::Edge, began + grace.mul_f64(EDGE_SHARE))
            .await;
        self.end(Stage::Work, began + grace).await;
        self.ground.stop.cancel();
        self.ground.running.close();
        if tokio::time::timeout(GROUND_PATIENCE, self.ground.running.wait())
            .await
            .is_err()
        {
            warn!("not everything has ended");
        }
        info!(took = ?began.elapsed(), "stopped");
        let failure = self
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        failure.map_or(Ok(()), Err)
    }

    async fn end(&self, stage: Stage, deadline: Instant) {
        let Tasks {
            running,
            stop,
            abort,
        } = self.tasks(stage);
        stop.cancel();
        running.close();
        tokio::select! {
            () = running.wait() => return,
            () = sleep_until(deadline) => warn!(?stage, "not everything ended in time"),
            () = self.hurry.cancelled() => {}
        }
        abort.cancel();
        running.wait().await;
    }

    fn tasks(&self, stage: Stage) -> &Tasks {
        match stage {
            Stage::Edge => &self.edge,
            Stage::Work => &self.work,
            Stage::Ground => &self.ground,
        }
    }
}

/// The signals that ask a process to end.
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// The terminal is gone.
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hang_up.recv() => "SIGHUP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    /// Notes `name` when its stage ends.
    fn note(
        name: &'static str,
        ended: &Arc<Mutex<Vec<&'static str>>>,
    ) -> impl FnOnce(CancellationToken) -> futures_util::future::BoxFuture<'static, anyhow::Result<()>>
    {
        let ended = Arc::clone(ended);
        move |stop| {
            Box::pin(async move {
                stop.cancelled().await;
                ended.lock().unwrap().push(name);
                Ok(())
            })
        }
    }

    #[tokio::test]
    async fn stages_end_from_the_edge_to_the_ground() {
        let supervisor = Supervisor::default();
        let ended = Arc::new(Mutex::new(Vec::new()));
        for (stage, name) in [
            (Stage::Ground, "postgres"),
            (Stage::Work, "projector"),
            (Stage::Edge, "http"),
        ] {
            supervisor.spawn(stage, name, note(name, &ended));
        }
        supervisor.ending().cancel();
        supervisor.run(GRACE).await.unwrap();
        assert_eq!(*ended.lock().unwrap(), ["http", "projector", "postgres"]);
    }

    #[tokio::test]
    async fn a_task_that_dies_takes_the_process_with_it_and_says_why() {
        type Death = fn() -> anyhow::Result<()>;
        let dying: [(&str, Death); 3] = [
            ("projector failed: fenced", || {
                Err(anyhow::anyhow!("fenced"))
            }),
            ("projector ended unasked", || Ok(())),
            ("projector panicked", || panic!("a bug, for the test")),
        ];
        for (why, death) in dying {
            let supervisor = Supervisor::default();
            let ended = Arc::new(Mutex::new(Vec::new()));
            supervisor.spawn(Stage::Edge, "http", note("http", &ended));
            supervisor.spawn(Stage::Work, "projector", |_stop| async move { death() });
            let failure = supervisor.run(GRACE).await.unwrap_err();
            assert_eq!(format!("{failure:#}"), why);
            assert_eq!(*ended.lock().unwrap(), ["http"], "others end in order");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_end_is_cut_off_in_time() {
        let supervisor = Supervisor::default();
        supervisor.spawn(Stage::Edge, "http", |_stop| std::future::pending());
        supervisor.spawn(Stage::Work, "projector", |_stop| std::future::pending());
        supervisor.ending().cancel();
        let began = Instant::now();
        supervisor.run(GRACE).await.unwrap();
        assert!(began.elapsed() <= GRACE + Duration::from_millis(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_signal_does_not_wait() {
        let supervisor = Supervisor::default();
        supervisor.spawn(Stage::Edge, "http", |_stop| std::future::pending());
        supervisor.ending().cancel();
        supervisor.hurry.cancel();
        let began = Instant::now();
        supervisor.run(GRACE).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}
