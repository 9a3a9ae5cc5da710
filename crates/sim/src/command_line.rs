//! `writ-sim`: many worlds, on all cores; their coverage as a table, and what was wrong.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crate::coverage::Coverage;
use crate::run::{Report, Scenario, run};

const USAGE: &str = "\
Usage: writ-sim [--seed N] [--commands N] [--world N] [--least N] [--threads N] [--trace]

  --seed N       the first world's seed; each next world has the next one (default: 1)
  --commands N   how many commands are decided in all (default: 100000)
  --world N      how many of them in each world (default: 4000)
  --least N      fail if a fault or a branch was met less often (default: 0)
  --threads N    worlds that are lived at once (default: all cores)
  --trace        print every line of the first world's story
";

/// Worlds between two lines of progress.
const PROGRESS_EVERY: u64 = 500;

#[derive(Debug, Clone, Copy)]
struct Asked {
    seed: u64,
    commands: u64,
    world: u64,
    least: u64,
    threads: u64,
    trace: bool,
}

impl Asked {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let cores = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
        let mut asked = Self {
            seed: 1,
            commands: 100_000,
            world: 4_000,
            least: 0,
            threads: u64::try_from(cores).unwrap_or(1),
            trace: false,
        };
        let mut arguments = arguments.peekable();
        while let Some(name) = arguments.next() {
            let field = match name.as_str() {
                "--trace" => {
                    asked.trace = true;
                    continue;
                }
                "--seed" => &mut asked.seed,
                "--commands" => &mut asked.commands,
                "--world" => &mut asked.world,
                "--least" => &mut asked.least,
                "--threads" => &mut asked.threads,
                _ => return Err(format!("{name} is not known\n\n{USAGE}")),
            };
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} takes a number"))?;
            *field = value
                .parse()
                .map_err(|_source| format!("{name}: {value} is no number"))?;
        }
        Ok(asked)
    }
}

/// The sum of what came of many worlds.
#[derive(Debug, Default)]
struct Sum {
    worlds: u64,
    decided: u64,
    answered: u64,
    lines: u64,
    coverage: Coverage,
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.worlds += 1;
        self.decided += report.decided;
        self.answered += report.answered;
        self.lines += report.trace_lines;
        self.coverage.add(&report.coverage);
    }
}

/// Runs the program.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let asked = match Asked::read(arguments) {
        Ok(asked) => asked,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    println!("seed {}", asked.seed);
    let (sum, failed) = live(&asked);
    if let Some(report) = failed {
        tell(&report, asked.world);
        return ExitCode::FAILURE;
    }
    table(&sum.coverage);
    let missing = sum.coverage.missing(asked.least);
    if missing.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!(
        "met less often than {}: {}",
        asked.least,
        missing.join(", ")
    );
    ExitCode::FAILURE
}

fn live(asked: &Asked) -> (Sum, Option<Report>) {
    let begun = Instant::now();
    let next = AtomicU64::new(asked.seed);
    let over = AtomicBool::new(false);
    let sum = Mutex::new(Sum::default());
    let failed: Mutex<Option<Report>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..asked.threads.max(1) {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let report = run(&Scenario {
                        seed,
                        commands: asked.world,
                        whole_trace: asked.trace && seed == asked.seed,
                    });
                    if asked.trace && seed == asked.seed {
                        for line in &report.trace {
                            println!("{line}");
                        }
                    }
                    let mut sum = sum
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    sum.add(&report);
                    let enough = sum.decided >= asked.commands;
                    if sum.worlds.is_multiple_of(PROGRESS_EVERY) {
                        eprintln!("{} worlds, {} commands", sum.worlds, sum.decided);
                    }
                    drop(sum);
                    if !report.violations.is_empty() {
                        *failed
                            .lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(report);
                        over.store(true, Ordering::Relaxed);
                    }
                    if enough {
                        over.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let sum = sum
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let failed = failed
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} worlds, {} commands decided, {} answered, {} lines, {seconds:.1} s",
        sum.worlds, sum.decided, sum.answered, sum.lines
    );
    (sum, failed)
}

fn table(coverage: &Coverage) {
    println!("{:<48} {:>12}", "fault or branch", "met");
    for (name, count) in coverage.rows() {
        println!("{name:<48} {count:>12}");
    }
}

fn tell(report: &Report, world: u64) {
    for line in &report.trace {
        println!("{line}");
    }
    for violation in &report.violations {
        println!("VIOLATION of point {}: {}", violation.point, violation.what);
    }
    let seed = report.seed;
    println!("again: writ-sim --seed {seed} --world {world} --commands 1 --trace");
}
