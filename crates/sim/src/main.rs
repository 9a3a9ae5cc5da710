//! Lives worlds: `writ-sim --commands 1000000`, or one of them again: `writ-sim --seed 7 --trace`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Worlds make and drop small things all the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    writ_sim::command_line::main(std::env::args().skip(1))
}
