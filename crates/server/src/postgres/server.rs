//! A Postgres that is up: whether it still is, and how it ends.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use super::pid_file::{PidFile, lives};

const LOOK_EVERY: Duration = Duration::from_millis(50);
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// The server of the cluster.
#[derive(Debug)]
pub(super) enum Server {
    /// Our child.
    Started { child: Child, cluster: PathBuf },
    /// Left running by a `writ` that was killed.
    Found { pid: i32, cluster: PathBuf },
}

impl Server {
    pub(super) fn pid(&self) -> Option<i32> {
        match self {
            Self::Started { child, .. } => child.id().and_then(|pid| i32::try_from(pid).ok()),
            Self::Found { pid, .. } => Some(*pid),
        }
    }

    /// Waits until the server is gone by itself, and says how it went.
    pub(super) async fn ended(&mut self) -> String {
        match self {
            Self::Started { child, .. } => match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => format!("it cannot be waited for: {error}"),
            },
            Self::Found { .. } => {
                while self.runs() {
                    sleep(WATCH_EVERY).await;
                }
                "it is gone".to_owned()
            }
        }
    }

    /// Ends the server: at once but in order, and if `patience` does not suffice, like a crash,
    /// from which it recovers at the next start.
    pub(super) async fn stop(mut self, patience: Duration) {
        for (signal, patience) in [
            (Signal::INT, patience),
            (Signal::QUIT, patience),
            (Signal::KILL, patience),
        ] {
            // Without a number it has ended already.
            let Some(pid) = self.pid().and_then(Pid::from_raw) else {
                return;
            };
            if let Err(error) = kill_process(pid, signal)
                && self.runs()
            {
                warn!(%error, ?signal, "failed to signal postgres");
            }
            if self.gone_within(patience).await {
                info!("postgres has stopped");
                return;
            }
            warn!(?signal, ?patience, "postgres did not stop in time");
        }
    }

    async fn gone_within(&mut self, patience: Duration) -> bool {
        if let Self::Started { child, .. } = self {
            return timeout(patience, child.wait()).await.is_ok();
        }
        let deadline = Instant::now() + patience;
        while self.runs() {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    /// Whether a server that is not our child is there.
    ///
    /// SUBTLE: its number alone does not tell: it stays taken until its parent asks for it, which
    /// the first process of a container may never do. Postgres removes its file when it ends.
    fn runs(&self) -> bool {
        let (Self::Started { cluster, .. } | Self::Found { cluster, .. }) = self;
        let Some(pid) = self.pid() else { return false };
        let named = match PidFile::read(cluster) {
            Ok(file) => file.is_some_and(|file| file.pid == pid),
            // A file that cannot be read tells nothing.
            Err(_) => true,
        };
        named && lives(pid)
    }
}
