//! A copy of the working tree in the cache, where bugs are put in and looked for.
//!
//! **Correctness.** The working tree is read once, so that who edits it meanwhile changes nothing.
//! A file is written only where it differs, so that cargo builds again what a bug has changed and
//! nothing else; and what is not in the working tree is removed. The copy is under a lock as long
//! as somebody works in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use super::bug::Detector;
use crate::{cache, run, tools};

/// What nextest says by its status.
const TESTS_FAILED: i32 = 100;

#[derive(Debug)]
pub(super) struct Workshop {
    /// The files of the working tree, by their paths in the copy.
    files: BTreeMap<PathBuf, Vec<u8>>,
    tree: PathBuf,
    target: PathBuf,
    nextest: PathBuf,
    database_url: String,
    _lock: File,
}

/// What a detector said.
#[derive(Debug)]
pub(super) enum Verdict {
    Passed,
    /// By which test, or with which seed.
    Caught(String),
}

impl Workshop {
    /// Takes the copy of the working tree, which is made if there is none yet.
    pub(super) fn open(database_url: String) -> Result<Self> {
        let dir = cache::dir()?.join("zoo");
        fs::create_dir_all(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
        let lock = File::create(dir.join(".lock")).context("failed to make the zoo's lock")?;
        lock.lock().context("failed to lock the zoo")?;
        let tree = dir.join("tree");
        Ok(Self {
            files: files(&tree)?,
            tree,
            target: dir.join("target"),
            nextest: tools::NEXTEST.path()?,
            database_url,
            _lock: lock,
        })
    }

    pub(super) fn tree(&self) -> &Path {
        &self.tree
    }

    /// Makes the copy what the working tree was.
    pub(super) fn restore(&self) -> Result<()> {
        for (path, contents) in &self.files {
            write(path, contents)?;
        }
        remove_others(&self.tree, &self.files)
    }

    /// Runs a detector on the copy as it is.
    ///
    /// # Errors
    /// Also where it came to no verdict: the build broke, or there was nothing to run.
    pub(super) fn run(&self, detector: &Detector) -> Result<Verdict> {
        match detector {
            Detector::Tests { package, filter } => {
                let mut command = Command::new(&self.nextest);
                command.args(["nextest", "run", "--package", package, "--no-fail-fast"]);
                verdict_of_tests(&self.output(command.args(filter))?)
            }
            Detector::Sim(arguments) => {
                let mut cargo = run::cargo(&["build", "--quiet", "--package", "writ-sim"]);
                let built = self.output(&mut cargo)?;
                if !built.status.success() {
                    bail!("it does not build:\n{}", said(&built));
                }
                let sim = self.target.join("debug/writ-sim");
                verdict_of_sim(&self.output(Command::new(sim).args(arguments))?)
            }
        }
    }

    fn output(&self, command: &mut Command) -> Result<Output> {
        run::without_writ_variables(command);
        run::without_package_variables(command);
        command
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_TERM_COLOR", "never")
            .env("WRIT_TEST_DATABASE_URL", &self.database_url);
        run::output(command)
    }
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn verdict_of_tests(output: &Output) -> Result<Verdict> {
    let said = said(output);
    match output.status.code() {
        Some(0) => Ok(Verdict::Passed),
        Some(TESTS_FAILED) if said.contains("panicked at") => {
            let failed = said.lines().map(str::trim_start);
            let failed = failed.filter(|line| line.starts_with("FAIL "));
            let name = |line: &str| line.split_whitespace().last().map(str::to_owned);
            let names: BTreeSet<String> = failed.filter_map(name).collect();
            let Some(first) = names.first() else {
                bail!("no test is said to have failed:\n{said}");
            };
            Ok(Verdict::Caught(match names.len() {
                1 => first.clone(),
                more => format!("{first} and {} more", more - 1),
            }))
        }
        _ => bail!("it came to no verdict, {}:\n{said}", output.status),
    }
}

fn verdict_of_sim(output: &Output) -> Result<Verdict> {
    let said = said(output);
    if output.status.success() {
        return Ok(Verdict::Passed);
    }
    let violation = said.lines().find(|line| line.starts_with("VIOLATION"));
    let seed = said
        .lines()
        .find(|line| line.starts_with("seed ") && line.contains("again"));
    match (violation, seed) {
        (Some(violation), Some(seed)) => {
            let seed = seed.split_whitespace().nth(1).unwrap_or_default();
            let point = violation.split(':').next().unwrap_or_default();
            Ok(Verdict::Caught(format!("seed {seed}, {point}")))
        }
        // The protocol's own code may notice first that it was answered what it did not ask.
        _ => match said.lines().find(|line| line.contains("panicked at")) {
            Some(panic) => Ok(Verdict::Caught(panic.to_owned())),
            None => bail!("it came to no verdict, {}:\n{said}", output.status),
        },
    }
}

/// What git knows of the working tree, and what it would take.
fn files(tree: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = run::read(git.current_dir(run::root()))?;
    let mut files = BTreeMap::new();
    for name in listed.split_terminator('\0') {
        let from = run::root().join(name);
        // One that was deleted is still in git's list.
        if from.is_file() {
            let contents = fs::read(&from);
            let contents = contents.with_context(|| format!("failed to read {name}"))?;
            files.insert(tree.join(name), contents);
        }
    }
    Ok(files)
}

fn write(path: &Path, contents: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).with_context(|| format!("failed to make {}", dir.display()))?;
    }
    fs::write(path, contents).with_context(|| format!("failed to write {}", path.display()))
}

fn remove_others(dir: &Path, kept: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let entries = fs::read_dir(dir).with_context(|| format!("failed to read {}", dir.display()))?;
    for entry in entries {
        let path = entry.context("failed to read a directory entry")?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains_key(&path) {
            fs::remove_file(&path)
                .with_context(|| format!("failed to remove {}", path.display()))?;
        }
    }
    Ok(())
}
