//! Running other programs, and being interrupted while they run.
//!
//! **Correctness**: a task may hold a Postgres that has to be stopped, so the signals that would
//! end this process are taken here instead: the programs that are running are ended, and the task
//! returns through its destructors. The terminal sends an interrupt to the whole process group, so
//! that one is not passed on: a second would make nextest kill its tests without their clean-up.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Takes over the signals that would end this process.
pub(crate) fn catch_signals() -> Result<()> {
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGTERM]).context("failed to watch for signals")?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            INTERRUPTED.store(true, Ordering::SeqCst);
            if signal == SIGINT {
                continue;
            }
            for pid in running().iter() {
                if let Err(error) = kill_process(*pid, Signal::TERM) {
                    eprintln!("failed to end process {pid:?}: {error}");
                }
            }
        }
    });
    Ok(())
}

/// Blocks until a signal asks this process to end.
pub(crate) fn wait_for_signal() -> Result<()> {
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGTERM]).context("failed to watch for signals")?;
    signals
        .forever()
        .next()
        .map(drop)
        .context("the watch for signals ended")
}

/// Runs a program to its end, on this terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    finish(command).map(drop)
}

/// Runs a program to its end and returns what it printed; its error output stays on the terminal.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = finish(command.stdout(Stdio::piped()))?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} printed invalid UTF-8", describe(command)))
}

/// Runs a program that has nothing to say unless it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<()> {
    finish(command.stdout(Stdio::piped()).stderr(Stdio::piped())).map(drop)
}

/// Runs a program to its end, however it ends, and returns all that it said.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    wait(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// Fails once a signal has asked this process to end.
pub(crate) fn go_on() -> Result<()> {
    ensure!(!INTERRUPTED.load(Ordering::SeqCst), "interrupted");
    Ok(())
}

fn finish(command: &mut Command) -> Result<Output> {
    let output = wait(command)?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "{} ended with {}\n{}",
            describe(command),
            output.status,
            String::from_utf8_lossy(&said)
        );
    }
    Ok(output)
}

fn wait(command: &mut Command) -> Result<Output> {
    let name = describe(command);
    go_on()?;
    let child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("failed to start {name}"))?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    running().extend(pid);
    let output = child.wait_with_output();
    running().retain(|other| Some(*other) != pid);
    let output = output.with_context(|| format!("failed to wait for {name}"))?;
    go_on()?;
    Ok(output)
}

/// The cargo that runs this task, in the root of the workspace.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    without_package_variables(&mut command);
    command
}

/// Takes away what `cargo run` tells about *this* package.
///
/// Build scripts that watch such a variable would run again, and their crates be built again,
/// each time that cargo is called from here instead of from a shell.
pub(crate) fn without_package_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let of_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name == "CARGO_PRIMARY_PACKAGE"
        });
        if of_package {
            command.env_remove(name);
        }
    }
}

/// Takes away our own settings: they would configure the Writ under test.
pub(crate) fn without_writ_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("WRIT_") || name == "DATABASE_URL")
        {
            command.env_remove(name);
        }
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Says what begins, and afterwards how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("==> {name}");
    let start = Instant::now();
    let done = work();
    let verdict = if done.is_ok() { "done" } else { "FAILED" };
    eprintln!(
        "==> {name}: {verdict} after {:.1} s",
        start.elapsed().as_secs_f64()
    );
    done
}

/// The programs that are running; several while parts of the test stack start side by side.
fn running() -> MutexGuard<'static, Vec<Pid>> {
    // A panic while it was held has left a list that is as good as any.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(program)
        .chain(command.get_args().take(3))
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
