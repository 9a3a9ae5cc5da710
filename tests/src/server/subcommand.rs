//! A subcommand of `writ` that runs.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use tokio::process::Command;

use crate::process::{Exit, Process};

/// How long a subcommand may take: some decide all that there is once more.
const LIMIT: Duration = Duration::from_mins(5);

/// A call of `writ` that has not ended, as far as is known. Dropped, it is killed.
#[derive(Debug)]
pub struct Subcommand(Process);

impl Subcommand {
    pub(super) fn start(command: &mut Command, errors: &Path) -> Self {
        Self(Process::start(command, errors))
    }

    /// Ends it as a crash would as soon as `enough` says so; whether it came to that, since it may
    /// have ended by itself before.
    pub async fn kill9_when(mut self, mut enough: impl AsyncFnMut() -> bool) -> bool {
        while !self.0.has_ended() {
            if enough().await {
                self.0.signal(Signal::KILL);
                let exit = self.0.wait(LIMIT).await;
                return !exit.status.success();
            }
        }
        false
    }

    /// Waits until it has ended.
    pub async fn end(mut self) -> Exit {
        let exit = self.0.wait(LIMIT).await;
        if !exit.status.success() {
            eprintln!("{}", self.0.errors());
        }
        exit
    }

    /// The end of what it wrote to standard error.
    pub fn errors(&self) -> String {
        self.0.errors()
    }
}
