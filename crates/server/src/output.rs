//! Standard output, which is for results alone, and the last words on standard error.
//!
//! A reader that goes away (`writ up | head -1`) is not a failure of ours.

use std::io::{self, ErrorKind, Write};

/// Writes one result, ended by a line break.
pub(crate) fn result(text: &str) -> io::Result<()> {
    forgive_a_closed_pipe(write_line(&mut io::stdout().lock(), text))
}

/// Says why the process ends. For use before and after telemetry.
pub(crate) fn complain(text: &str) {
    if write_line(&mut io::stderr().lock(), text).is_err() {
        // Nobody reads standard error; there is nowhere left to say so.
    }
}

fn write_line(to: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(to, "{text}")?;
    to.flush()
}

fn forgive_a_closed_pipe(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_forgiven_and_a_full_disk_is_not() {
        assert!(forgive_a_closed_pipe(Err(ErrorKind::BrokenPipe.into())).is_ok());
        assert!(forgive_a_closed_pipe(Err(ErrorKind::StorageFull.into())).is_err());
    }
}
