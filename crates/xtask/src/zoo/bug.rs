//! A bug as a patch, and who must catch it.

use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run;

/// A patch of `tests/zoo`.
#[derive(Debug)]
pub(super) struct Bug {
    pub(super) name: String,
    pub(super) detectors: Vec<Detector>,
    pub(super) patch: String,
    path: PathBuf,
}

/// Something that must fail while a bug is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detector {
    /// Tests of a package, one of which must fail.
    Tests {
        package: String,
        /// Parts of their names, as nextest takes them.
        filter: Vec<String>,
    },
    /// Worlds of the simulator, in one of which the checker must find a violation.
    Sim(Vec<String>),
}

impl Bug {
    /// All of them, by the file that each changes first: neighbours build the least.
    pub(super) fn all() -> Result<Vec<Self>> {
        let dir = run::root().join("tests/zoo");
        let entries =
            fs::read_dir(&dir).with_context(|| format!("failed to read {}", dir.display()))?;
        let mut bugs = Vec::new();
        for entry in entries {
            let path = entry.context("failed to read a directory entry")?.path();
            bugs.push(Self::read(path)?);
        }
        bugs.sort_by(|one, other| (one.changed(), &one.name).cmp(&(other.changed(), &other.name)));
        Ok(bugs)
    }

    fn read(path: PathBuf) -> Result<Self> {
        let text = fs::read_to_string(&path)
            .with_context(|| format!("failed to read {}", path.display()))?;
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.and_then(|name| name.strip_suffix(".patch"));
        let name = name.with_context(|| format!("{} is no patch", path.display()))?;
        Ok(Self {
            name: name.to_owned(),
            detectors: detectors(&text).with_context(|| format!("in {}", path.display()))?,
            patch: text,
            path,
        })
    }

    /// The file that it changes first.
    fn changed(&self) -> Option<&str> {
        let mut lines = self.patch.lines();
        lines.find_map(|line| line.strip_prefix("+++ b/"))
    }

    /// Sees that every test it names is somewhere in its package.
    pub(super) fn check_names(&self) -> Result<()> {
        for detector in &self.detectors {
            if let Detector::Tests { package, filter } = detector {
                let source = source(package)
                    .with_context(|| format!("{} names a package {package}", self.name))?;
                for part in filter.iter().flat_map(|test| test.split("::")) {
                    let is_there = ["fn", "mod"].iter().any(|item| {
                        let item = format!("{item} {part}");
                        source.iter().any(|line| begins_with(line, &item))
                    });
                    ensure!(is_there, "{}: {package} has no test {part}", self.name);
                }
            }
        }
        Ok(())
    }

    /// Puts the bug into `tree`, or only sees whether it could be.
    pub(super) fn apply(&self, tree: &Path, only_check: bool) -> Result<()> {
        let mut git = Command::new("git");
        git.args(["apply", "--whitespace=nowarn"])
            .args(only_check.then_some("--check"))
            .arg(&self.path)
            .current_dir(tree);
        if !only_check {
            // SUBTLE: below the top of some repository, git takes no patch and says nothing.
            git.env("GIT_CEILING_DIRECTORIES", tree);
        }
        run::quietly(&mut git).with_context(|| format!("{} does not apply", self.name))
    }
}

/// The lines of a package that begin a function or a module.
fn source(package: &str) -> Result<Vec<String>> {
    let dir = match package.strip_prefix("writ-") {
        Some("tests") => run::root().join("tests"),
        Some(name) => run::root().join("crates").join(name),
        None => bail!("it is none of ours"),
    };
    let mut lines = Vec::new();
    let mut dirs = vec![dir];
    while let Some(dir) = dirs.pop() {
        let entries =
            fs::read_dir(&dir).with_context(|| format!("failed to read {}", dir.display()))?;
        for entry in entries {
            let path = entry.context("failed to read a directory entry")?.path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("failed to read {}", path.display()))?;
                let items = text.lines().map(item);
                lines.extend(items.filter(|line| is_item(line)).map(str::to_owned));
            }
        }
    }
    Ok(lines)
}

fn item(line: &str) -> &str {
    let line = line.trim_start();
    line.strip_prefix("async ").unwrap_or(line)
}

fn is_item(line: &str) -> bool {
    line.starts_with("fn ") || line.starts_with("mod ") || line.starts_with("pub mod ")
}

/// Whether a line says `item` and no longer name.
fn begins_with(line: &str, item: &str) -> bool {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix(item)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

/// What the comment before the patch names.
fn detectors(patch: &str) -> Result<Vec<Detector>> {
    let comment: Vec<&str> = patch
        .lines()
        .map_while(|line| line.strip_prefix('#'))
        .map(str::trim)
        .collect();
    let says = |line: &str| !line.is_empty() && !line.starts_with("test: ");
    ensure!(
        comment.first().is_some_and(|line| says(line)),
        "no comment says what the bug is"
    );
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    let mut detectors = Vec::new();
    for line in comment {
        if let Some(test) = line.strip_prefix("test: ") {
            let (package, filter) = test.split_once(' ').context("a test has a filter")?;
            detectors.push(Detector::Tests {
                package: package.to_owned(),
                filter: words(filter),
            });
        } else if let Some(arguments) = line.strip_prefix("sim: ") {
            detectors.push(Detector::Sim(words(arguments)));
        }
    }
    if detectors.is_empty() {
        bail!("no line `# test: …` or `# sim: …` says who catches it");
    }
    Ok(detectors)
}

impl Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tests { package, filter } => write!(f, "{package} {}", filter.join(" ")),
            Self::Sim(arguments) => write!(f, "the simulator with {}", arguments.join(" ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_says_what_it_is_and_who_catches_it() {
        let patch = "# The lease is believed.\n#\n# test: writ-a b::c d\n\
            # sim: --seed 3 --commands 9\ndiff --git a/x b/x\n# test: not one\n";
        let found = detectors(patch).unwrap();
        let shown: Vec<String> = found.iter().map(Detector::to_string).collect();
        assert_eq!(
            shown,
            ["writ-a b::c d", "the simulator with --seed 3 --commands 9"]
        );
    }

    #[test]
    fn a_name_is_looked_for_whole() {
        assert!(begins_with("fn a_key_lives() {", "fn a_key_lives"));
        assert!(begins_with("pub mod tests {", "mod tests"));
        assert!(!begins_with("fn a_key_lives_on() {", "fn a_key_lives"));
    }

    #[test]
    fn a_patch_without_a_sentence_or_a_detector_is_none() {
        for patch in [
            "diff --git a/x b/x\n",
            "# Only a sentence.\ndiff --git a/x b/x\n",
            "#\n# test: writ-a b\ndiff --git a/x b/x\n",
            "# A sentence.\n# test: writ-a\ndiff --git a/x b/x\n",
        ] {
            assert!(detectors(patch).is_err(), "{patch}");
        }
    }
}
