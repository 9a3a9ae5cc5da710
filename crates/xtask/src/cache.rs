//! Things fetched once per machine, outside the checkout.
//!
//! **Correctness**: an entry is filled beside its place and moved there whole, under a file lock,
//! so two tasks at once do not clash and an interrupted one leaves nothing that looks complete.
//! The name of an entry carries its version; an entry is never changed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// `writ` in the XDG cache directory of whoever runs this.
pub(crate) fn dir() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => std::env::home_dir()
            .context("there is no home directory")?
            .join(".cache"),
    };
    Ok(base.join("writ"))
}

/// The entry `name` of the cache at `cache`, filled by `fill` if it is not there yet.
pub(crate) fn entry(
    cache: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let entry = cache.join(name);
    if entry.exists() {
        return Ok(entry);
    }
    fs::create_dir_all(cache).with_context(|| format!("failed to make {}", cache.display()))?;
    let lock_path = cache.join(format!(".{name}.lock"));
    let lock = File::create(&lock_path)
        .with_context(|| format!("failed to make {}", lock_path.display()))?;
    lock.lock()
        .with_context(|| format!("failed to lock {}", lock_path.display()))?;
    if entry.exists() {
        return Ok(entry);
    }
    let partial = cache.join(format!(".{name}.partial"));
    if partial.exists() {
        fs::remove_dir_all(&partial)
            .with_context(|| format!("failed to remove {}", partial.display()))?;
    }
    fs::create_dir(&partial).with_context(|| format!("failed to make {}", partial.display()))?;
    fill(&partial)?;
    fs::rename(&partial, &entry)
        .with_context(|| format!("failed to move {} into place", entry.display()))?;
    Ok(entry)
}
