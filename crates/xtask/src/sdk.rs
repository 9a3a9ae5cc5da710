//! The npm packages that tests of the dialects use, installed into the cache.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{cache, run};

/// A directory with the `node_modules` that `tests/auth0-sdk/package-lock.json` asks for.
pub(crate) fn auth0() -> Result<PathBuf> {
    let source = run::root().join("tests/auth0-sdk");
    let manifest = source.join("package.json");
    let lock = source.join("package-lock.json");
    let mut hasher = DefaultHasher::new();
    for file in [&manifest, &lock] {
        fs::read(file)
            .with_context(|| format!("failed to read {}", file.display()))?
            .hash(&mut hasher);
    }
    let name = format!("auth0-sdk-{:016x}", hasher.finish());
    cache::entry(&cache::dir()?, &name, |dir| {
        eprintln!("fetching the npm packages of tests/auth0-sdk");
        fs::copy(&manifest, dir.join("package.json")).context("failed to copy package.json")?;
        fs::copy(&lock, dir.join("package-lock.json"))
            .context("failed to copy package-lock.json")?;
        run::quietly(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(dir),
        )
        .context("failed to fetch npm packages; Node 20.19 or newer with npm is needed")
    })
}
