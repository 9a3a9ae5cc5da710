//! Building the workspace once, for every task that runs a part of it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

/// How tests select what they build. Another selection would unify features otherwise, and build
/// half of the dependencies a second time.
pub(crate) const SELECTION: [&str; 2] = ["--workspace", "--all-features"];

/// The binaries of a finished build.
#[derive(Debug)]
pub(crate) struct Binaries {
    messages: String,
}

impl Binaries {
    /// Builds all targets of the workspace.
    pub(crate) fn build() -> Result<Self> {
        let mut build = run::cargo(&["build", "--all-targets"]);
        build
            .args(SELECTION)
            .arg("--message-format=json-render-diagnostics");
        Ok(Self {
            messages: run::read(&mut build)?,
        })
    }

    /// Builds the program and its benchmark as they are meant to run.
    pub(crate) fn build_release() -> Result<Self> {
        let mut build = run::cargo(&["build", "--release"]);
        build
            .args(["--package", "writ-server", "--package", "writ-tests"])
            .args(["--bin", "writ", "--bin", "bench"])
            .arg("--message-format=json-render-diagnostics");
        Ok(Self {
            messages: run::read(&mut build)?,
        })
    }

    /// Builds the simulator as fast as it is with all its assertions.
    pub(crate) fn build_deep() -> Result<Self> {
        let mut build = run::cargo(&["build", "--profile", "deep"]);
        build
            .args(["--package", "writ-sim", "--bin", "writ-sim"])
            .arg("--message-format=json-render-diagnostics");
        Ok(Self {
            messages: run::read(&mut build)?,
        })
    }

    /// Where the binary of that name is.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf> {
        self.find(name, false)
    }

    /// Where the tests of that name are.
    pub(crate) fn test_path(&self, name: &str) -> Result<PathBuf> {
        self.find(name, true)
    }

    fn find(&self, name: &str, is_test: bool) -> Result<PathBuf> {
        self.messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| {
                message.pointer("/target/name") == Some(&Value::from(name))
                    && message.pointer("/profile/test") == Some(&Value::from(is_test))
            })
            .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
            .with_context(|| format!("cargo built no binary {name}"))
    }
}
