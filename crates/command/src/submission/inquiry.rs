//! Finding out how a command stands.
//!
//! ```text
//!   find ──there──► decided
//!     └─ not there ─► waited for here? ──yes──► appended
//!                       └─ no ─► where does the log end? ─► decided up to there? ──yes──► find again
//!                                                             └─ no ─► wait ─► … ─► behind
//! ```
//!
//! **Correctness.** The end of the log is asked for first and what is decided second, and the
//! command is looked for once more after that. So `Unknown` says that the log did not hold it when
//! it was asked, and whoever cancels it then comes first.

use writ_domain::Offset;
use writ_store::entries::Entry;

/// Finding out how one command stands.
#[derive(Debug, Default)]
pub struct Inquiry {
    /// The end of the log, once it was asked for.
    high: Option<Offset>,
    /// Whether all before that is decided.
    is_decided: bool,
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// The store for the command's entry, then whether it is waited for here.
    Find,
    /// The log for its end.
    End,
    /// The store for the first offset that is not decided.
    Progress,
    /// Nothing: wait until something may have been decided, or time is up.
    Wait,
    /// Nothing more.
    Told(Standing),
}

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// The command's entry, and whether a request of this process waits for it.
    Found {
        /// The entry.
        entry: Option<Box<Entry>>,
        /// Whether it is waited for.
        waited_for: bool,
    },
    /// The end of the log.
    End(Offset),
    /// The first offset that is not decided.
    Progress(Offset),
    /// Something may have been decided.
    Moved,
    /// It has taken too long.
    TimeUp,
}

/// How a command stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It has this entry.
    Decided(Box<Entry>),
    /// A request of this process waits for its outcome.
    Appended,
    /// The ledger holds no such command, and the log held none when it was asked.
    Unknown,
    /// The projector has not come as far as the log was when it was asked.
    Behind,
}

impl Inquiry {
    /// Takes in what was heard; what to ask first is [`Asks::Find`].
    pub fn step(&mut self, heard: Heard) -> Asks {
        match heard {
            Heard::Found {
                entry: Some(entry), ..
            } => Asks::Told(Standing::Decided(entry)),
            // SUBTLE: it may have been decided while we waited; that was looked for now.
            Heard::Found { entry: None, .. } if self.is_decided => Asks::Told(Standing::Unknown),
            Heard::Found {
                waited_for: true, ..
            } => Asks::Told(Standing::Appended),
            Heard::Found { .. } => Asks::End,
            Heard::End(high) => {
                self.high = Some(high);
                Asks::Progress
            }
            Heard::Progress(decided) => match self.high {
                Some(high) if decided >= high => {
                    self.is_decided = true;
                    Asks::Find
                }
                Some(_) => Asks::Wait,
                None => Asks::End,
            },
            Heard::Moved => Asks::Progress,
            Heard::TimeUp => Asks::Told(Standing::Behind),
        }
    }
}
