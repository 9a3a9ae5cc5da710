//! Appending one command, and waiting for its entry.
//!
//! ```text
//!             ┌────────── may have happened ──────────┐
//!             ▼                                       │
//!   start ─► appending ──yes──► awaiting ──entry──► over: the entry
//!             │    └─────────────────────entry──────► over: the entry
//!             ├── no, and none may have before ─────► over: refused
//!             └── (any state) deadline ─────────────► over: not known yet
//! ```

use core::time::Duration;

use writ_domain::{CommandId, Partition};
use writ_log::AppendError;
use writ_store::entries::Entry;

use crate::SubmitError;

/// The pause before an append is tried again; doubled each time.
pub const PAUSE_MIN: Duration = Duration::from_millis(10);
/// The longest of them.
pub const PAUSE_MAX: Duration = Duration::from_secs(1);
/// When to ask again where deciding has stopped: an owner looks again as often.
const HALTED_RETRY: Duration = Duration::from_secs(5);
/// When to ask again where the log took nothing.
const REFUSED_RETRY: Duration = Duration::from_secs(1);

/// One command on its way. Times count from when it began.
#[derive(Debug)]
pub struct Machine {
    command_id: CommandId,
    partition: Partition,
    deadline: Duration,
    state: State,
    /// Whether an append before this one may have happened.
    unsure: bool,
    pause: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// An append is on its way.
    Appending,
    /// The record is appended again then.
    Pausing(Duration),
    /// The log has it.
    Awaiting,
    Over,
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The log took the record.
    Appended,
    /// The log did not say that it took the record.
    Failed(AppendError),
    /// The command's entry, from whoever had it first.
    Decided(Box<Entry>),
    /// Time passed.
    Tick {
        /// Whether the partition is halted now.
        halted: bool,
    },
}

/// What to do next.
#[derive(Debug)]
pub enum Action {
    /// Append the record, and wait for the answer, the entry, or this time, whichever is first.
    Append {
        /// A [`Input::Tick`] is due.
        until: Duration,
    },
    /// Wait for the entry or this time.
    Wait {
        /// A [`Input::Tick`] is due.
        until: Duration,
    },
    /// It is over. What comes later changes nothing.
    End(Result<Box<Entry>, SubmitError>),
}

impl Machine {
    /// Begins; refuses where the partition is halted. The command MUST be waited for before the
    /// first action is done, or its entry may come unseen.
    pub fn begin(
        command_id: CommandId,
        (partition, halted): (Partition, bool),
        deadline: Duration,
    ) -> Result<Self, SubmitError> {
        if halted {
            return Err(SubmitError::Halted {
                partition,
                retry_after: HALTED_RETRY,
            });
        }
        Ok(Self {
            command_id,
            partition,
            deadline,
            state: State::Appending,
            unsure: false,
            pause: PAUSE_MIN,
        })
    }

    /// What to do first.
    #[must_use]
    pub fn first(&self) -> Action {
        Action::Append {
            until: self.deadline,
        }
    }

    /// Takes in what happened.
    pub fn step(&mut self, now: Duration, input: Input) -> Action {
        if self.state == State::Over {
            return Action::End(Err(self.undecided()));
        }
        match input {
            // SUBTLE: the entry may be there before the append is known to have succeeded.
            Input::Decided(entry) => self.end(Ok(entry)),
            Input::Appended => {
                self.state = State::Awaiting;
                self.go_on(now, false)
            }
            Input::Failed(error) => match self.failed(now, error) {
                Ok(()) => self.go_on(now, false),
                Err(refused) => self.end(Err(refused)),
            },
            Input::Tick { halted } => self.go_on(now, halted),
        }
    }

    /// Whether an append may have happened whose answer is not known.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.unsure
    }

    fn failed(&mut self, now: Duration, error: AppendError) -> Result<(), SubmitError> {
        match error {
            AppendError::TooLarge { limit_bytes } if !self.unsure => {
                return Err(SubmitError::TooLarge { limit_bytes });
            }
            AppendError::NotAppended { .. }
            | AppendError::TooMany { .. }
            | AppendError::NoSuchPartition { .. }
                if !self.unsure =>
            {
                return Err(SubmitError::Unavailable {
                    retry_after: REFUSED_RETRY,
                    source: Box::new(error),
                });
            }
            // An earlier try may have succeeded, so that this one failed says nothing.
            AppendError::MaybeAppended { .. }
            | AppendError::NotAppended { .. }
            | AppendError::TooLarge { .. }
            | AppendError::TooMany { .. }
            | AppendError::NoSuchPartition { .. } => {
                tracing::warn!(
                    command.id = %self.command_id,
                    partition = %self.partition,
                    error = &error as &dyn std::error::Error,
                    "the log may hold the command; appending the same record again"
                );
            }
        }
        self.unsure = true;
        self.state = State::Pausing(now.saturating_add(self.pause));
        self.pause = self.pause.saturating_mul(2).min(PAUSE_MAX);
        Ok(())
    }

    fn go_on(&mut self, now: Duration, halted: bool) -> Action {
        if now >= self.deadline {
            return self.end(Err(self.undecided()));
        }
        match self.state {
            State::Pausing(until) if now >= until && !halted => {
                self.state = State::Appending;
                self.first()
            }
            // The log may be another one by now, in which the command has no place yet.
            State::Pausing(until) => {
                let until = if now >= until {
                    now.saturating_add(PAUSE_MAX)
                } else {
                    until
                };
                self.state = State::Pausing(until);
                Action::Wait {
                    until: until.min(self.deadline),
                }
            }
            State::Appending | State::Awaiting | State::Over => Action::Wait {
                until: self.deadline,
            },
        }
    }

    fn end(&mut self, ended: Result<Box<Entry>, SubmitError>) -> Action {
        self.state = State::Over;
        Action::End(ended)
    }

    fn undecided(&self) -> SubmitError {
        SubmitError::Undecided {
            command_id: self.command_id,
        }
    }
}
