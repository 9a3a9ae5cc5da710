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
use super::progress::Progress;
use crate::kafka::Jars;
use crate::postgres::{Cluster, TEMPLATE};
use crate::test::migrate;
use crate::{cache, run, tools};

/// The package whose tests run the program.
const WHOLE: &str = "writ-tests";

/// What nextest says by its status.
const TESTS_FAILED: i32 = 100;

/// Built without their optimisation: most of the time goes into building, not into running. But a
/// world is lived by the simulator's own code, and is built in seconds.
const PLAIN: [&str; 4] = ["domain", "envelope", "projector", "store"];

/// What a storm says first.
const STORM: &str = "WRIT_STORM_SEED=";

#[derive(Debug)]
pub(super) struct Workshop<'a> {
    /// The files of the working tree, by their paths in the copy.
    files: BTreeMap<PathBuf, Vec<u8>>,
    tree: PathBuf,
    target: PathBuf,
    nextest: PathBuf,
    cluster: &'a Cluster,
    kafka: Jars,
    _lock: File,
}

/// What a detector said.
#[derive(Debug)]
pub(super) enum Verdict {
    Passed,
    /// By which test, or with which seed.
    Caught(String),
}

impl<'a> Workshop<'a> {
    /// Takes the copy of the working tree, which is made if there is none yet.
    pub(super) fn open(cluster: &'a Cluster) -> Result<Self> {
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
            cluster,
            kafka: Jars::find()?,
            _lock: lock,
        })
    }

    /// What was shown on this tree before.
    pub(super) fn progress(&self) -> Result<Progress> {
        Progress::open(&cache::dir()?.join("zoo"), &self.files)
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
                if package == WHOLE {
                    self.build_writ()?;
                }
                let mut command = Command::new(&self.nextest);
                command.args(["nextest", "run", "--package", package, "--no-fail-fast"]);
                verdict_of_tests(&self.output(plain(&mut command).args(filter))?)
            }
            Detector::Sim(arguments) => {
                let sim = self.build("writ-sim", "writ-sim")?;
                verdict_of_sim(&self.output(Command::new(sim).args(arguments))?)
            }
        }
    }

    fn build(&self, package: &str, bin: &str) -> Result<PathBuf> {
        let mut cargo = run::cargo(&["build", "--quiet", "--package", package, "--bin", bin]);
        let built = self.output(plain(&mut cargo))?;
        if !built.status.success() {
            bail!("it does not build:\n{}", said(&built));
        }
        Ok(self.target.join("debug").join(bin))
    }

    /// What is tested from outside, and the schema that it wants.
    fn build_writ(&self) -> Result<()> {
        let writ = self.build("writ-server", "writ")?;
        migrate(&writ, &self.cluster.url(TEMPLATE))
    }

    fn output(&self, command: &mut Command) -> Result<Output> {
        run::without_writ_variables(command);
        run::without_package_variables(command);
        command
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_TERM_COLOR", "never")
            .env("WRIT_TEST_DATABASE_URL", self.cluster.url("postgres"))
            .env("WRIT_BIN", self.target.join("debug/writ"))
            .env("WRIT_KAFKA_LIBS", self.kafka.dir());
        run::output(command)
    }
}

fn plain(command: &mut Command) -> &mut Command {
    for name in PLAIN {
        let level = format!("profile.dev.package.writ-{name}.opt-level=0");
        command.args(["--config", &level]);
    }
    command
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn verdict_of_tests(output: &Output) -> Result<Verdict> {
    let said = said(output);
    match output.status.code() {
        Some(0) => Ok(Verdict::Passed),
        Some(TESTS_FAILED) => {
            // One that waits for ever for what the bug keeps from happening has failed too.
            let failed = said.lines().map(str::trim_start).filter(|line| {
                let panicked = line.starts_with("FAIL ") && said.contains("panicked at");
                panicked || line.starts_with("TIMEOUT ")
            });
            let name = |line: &str| line.split_whitespace().last().map(str::to_owned);
            let names: BTreeSet<String> = failed.filter_map(name).collect();
            let Some(first) = names.first() else {
                bail!("no test is said to have failed:\n{said}");
            };
            let caught = match names.len() {
                1 => first.clone(),
                more => format!("{first} and {} more", more - 1),
            };
            let storm = said
                .lines()
                .find_map(|line| line.trim_start().strip_prefix(STORM));
            Ok(Verdict::Caught(match storm {
                Some(seed) => format!("{caught} with seed {seed}"),
                None => caught,
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
    let line = |begins: &str| said.lines().find_map(|line| line.strip_prefix(begins));
    let seed = line("again: writ-sim --seed ").and_then(|again| again.split(' ').next());
    match (line("VIOLATION of "), seed) {
        (Some(violation), Some(seed)) => Ok(Verdict::Caught(format!("seed {seed}: {violation}"))),
        _ => bail!("it came to no verdict, {}:\n{said}", output.status),
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
