//! Lives worlds: `writ-sim --commands 1000000`, or one of them again: `writ-sim --seed 7 --trace`.

use std::process::ExitCode;

fn main() -> ExitCode {
    writ_sim::command_line::main(std::env::args().skip(1))
}
