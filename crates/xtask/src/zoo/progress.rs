//! What a zoo has shown already, kept in the cache: one that was interrupted is gone on with.
//!
//! **Correctness.** A file is of one tree: its name is a digest of all that is built. A line is of
//! one detector that passed without a bug, or of one bug with its detectors that was caught.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::bug::{Bug, Detector};

#[derive(Debug)]
pub(super) struct Progress {
    lines: BTreeMap<String, String>,
    file: File,
}

impl Progress {
    /// That of a tree, whose beginning is an empty one.
    pub(super) fn open(dir: &Path, tree: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Self> {
        let path = dir.join(format!("shown-{:016x}", digest(tree)));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("failed to read {}", path.display()));
            }
        };
        let file = OpenOptions::new().create(true).append(true).open(&path);
        Ok(Self {
            // A run that was killed may have left half a line, which has no tab or no end.
            lines: text
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n')?.split_once('\t'))
                .map(|(key, said)| (key.to_owned(), said.to_owned()))
                .collect(),
            file: file.with_context(|| format!("failed to open {}", path.display()))?,
        })
    }

    pub(super) fn is_healthy(&self, detector: &Detector) -> bool {
        self.lines.contains_key(&healthy(detector))
    }

    /// What was said when the bug was caught.
    pub(super) fn caught(&self, bug: &Bug) -> Option<String> {
        self.lines.get(&caught(bug)).cloned()
    }

    pub(super) fn keep_healthy(&mut self, detector: &Detector) -> Result<()> {
        self.keep(healthy(detector), "passed")
    }

    pub(super) fn keep_caught(&mut self, bug: &Bug, said: &str) -> Result<()> {
        self.keep(caught(bug), said)
    }

    fn keep(&mut self, key: String, said: &str) -> Result<()> {
        writeln!(self.file, "{key}\t{said}").context("failed to keep what was shown")?;
        self.lines.insert(key, said.to_owned());
        Ok(())
    }
}

fn healthy(detector: &Detector) -> String {
    format!("without a bug: {detector}")
}

fn caught(bug: &Bug) -> String {
    let mut hasher = DefaultHasher::new();
    bug.patch.hash(&mut hasher);
    format!("{} {:016x}", bug.name, hasher.finish())
}

/// Of all files but the bugs themselves and what is for people.
fn digest(tree: &BTreeMap<PathBuf, Vec<u8>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (path, contents) in tree {
        let is_for_people = path.extension().is_some_and(|extension| {
            ["md", "patch"]
                .iter()
                .any(|other| extension.eq_ignore_ascii_case(other))
        });
        if !is_for_people {
            (path, contents).hash(&mut hasher);
        }
    }
    hasher.finish()
}
