//! Colours, on a terminal that wants them.

use std::fmt;
use std::io::IsTerminal as _;

use crate::config::Environment;

/// How a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Good,
    Bad,
    Name,
    Faint,
}

/// Paints, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// For standard output: on a terminal, unless `NO_COLOR` is set or the terminal is dumb.
    pub(crate) fn for_output() -> Self {
        let environment = Environment::of_process();
        Self {
            on: std::io::stdout().is_terminal() && Self::is_wanted(&environment),
        }
    }

    /// For whoever is no terminal.
    #[cfg(test)]
    pub(crate) fn off() -> Self {
        Self { on: false }
    }

    fn is_wanted(environment: &Environment) -> bool {
        let refused = environment
            .get("NO_COLOR")
            .is_some_and(|value| !value.is_empty());
        let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
        !refused && !dumb
    }

    pub(crate) fn ink(self, ink: Ink, text: &str) -> Inked<'_> {
        Inked {
            code: self.on.then_some(match ink {
                Ink::Good => "32",
                Ink::Bad => "31",
                Ink::Name => "1",
                Ink::Faint => "2",
            }),
            text,
        }
    }
}

/// A text in its colour.
#[derive(Debug)]
pub(crate) struct Inked<'t> {
    code: Option<&'static str>,
    text: &'t str,
}

impl fmt::Display for Inked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the ledger holds is anybody's: it must not steer the terminal.
        let text: String = self
            .text
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        match self.code {
            Some(code) => write!(f, "\u{1b}[{code}m{text}\u{1b}[0m"),
            None => f.write_str(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_refused_by_no_color_and_by_a_dumb_terminal() {
        let rows: [(Environment, bool); 5] = [
            ([].into(), true),
            ([("NO_COLOR", "1")].into(), false),
            ([("NO_COLOR", "")].into(), true),
            ([("TERM", "dumb")].into(), false),
            ([("TERM", "xterm")].into(), true),
        ];
        for (environment, wanted) in rows {
            assert_eq!(Paint::is_wanted(&environment), wanted, "{environment:?}");
        }
    }

    #[test]
    fn what_is_shown_cannot_steer_the_terminal() {
        let shown = |on| Paint { on }.ink(Ink::Good, "a\u{1b}[2Jb\n").to_string();
        assert_eq!(shown(false), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(shown(true), "\u{1b}[32ma\u{fffd}[2Jb\u{fffd}\u{1b}[0m");
    }
}
