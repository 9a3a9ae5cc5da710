//! All of a world but its actors.

use core::cmp::Ordering;
use core::fmt;
use core::time::Duration;
use std::collections::{BTreeSet, BinaryHeap};

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::Partition;
use writ_log::Record;

use super::Options;
use super::gaps::Gaps;
use crate::checker::Checker;
use crate::coverage::{Coverage, Fault};
use crate::log::{self, TailId, Topic, Which};
use crate::store::{self, Ledger, SessionId, Statement};
use crate::trace::Trace;
use crate::{ActorId, Dice, Event, Hears, Moment, Token};

/// How often what goes wrong: once in so many; 0 is never.
#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// Appends that are refused, lost, late, doubled or answered in vain: each.
    pub append: u64,
    /// Requests to a log that cannot be reached.
    pub log: u64,
    /// Records with another time than the clock's.
    pub time: u64,
    /// Statements that are lost, or their answers.
    pub statement: u64,
    /// Transactions that are aborted.
    pub abort: u64,
    /// Commits whose end is not known.
    pub commit: u64,
    /// News of a commit that is lost, for each who would hear it.
    pub news: u64,
}

impl Rates {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        append: 0,
        log: 0,
        time: 0,
        statement: 0,
        abort: 0,
        commit: 0,
        news: 0,
    };
}

/// A process, but for what it does.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) name: String,
    /// By how much its clock is wrong.
    pub(super) skew: TimeDelta,
    /// How it hears of commits.
    pub(super) hears: Option<Hears>,
    /// Grows when it is killed.
    pub(super) life: u32,
    pub(super) frozen_until: Moment,
}

/// Who asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct From {
    pub(super) actor: ActorId,
    pub(super) life: u32,
    pub(super) token: Token,
}

/// Something that happens.
#[derive(Debug)]
pub(super) enum Happening {
    /// An actor is told.
    Deliver {
        to: ActorId,
        life: u32,
        event: Event,
    },
    /// An actor takes what a tail has.
    Records {
        to: ActorId,
        life: u32,
        token: Token,
        which: Which,
        tail: TailId,
        limit: usize,
    },
    /// A request arrives at a log.
    AtLog {
        from: From,
        which: Which,
        request: log::Request,
    },
    /// A request arrives at the store.
    AtStore { from: From, request: store::Request },
    /// A commit whose sender knows nothing of it is carried out.
    LateCommit {
        session: SessionId,
        statement: Statement,
    },
    /// Records arrive whose sender gave up.
    LateAppend {
        which: Which,
        partition: Partition,
        generation: u64,
        records: Vec<Record>,
    },
    /// A transaction may have been idle for too long.
    Idle { session: SessionId },
    /// A statement may have waited for a lock for too long.
    WaitedLong { from: From },
    /// Those who wait at a log look again.
    Look { which: Which },
}

/// Something and its time.
#[derive(Debug)]
pub(super) struct Scheduled {
    pub(super) at: Moment,
    order: u64,
    /// Boxed: a queue moves what it holds about.
    pub(super) happening: Box<Happening>,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Scheduled {}
impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scheduled {
    /// The earliest is the greatest: the heap gives it first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// Who waits for records.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) from: From,
    pub(super) which: Which,
    pub(super) tail: TailId,
    pub(super) limit: usize,
}

/// A statement that waits for a lock.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) from: From,
    pub(super) session: SessionId,
    pub(super) statement: Statement,
    pub(super) partition: Partition,
}

/// All of a world but its actors.
#[derive(Debug)]
pub(crate) struct Room {
    pub(super) now: Moment,
    pub(super) queue: BinaryHeap<Scheduled>,
    order: u64,
    tokens: u64,
    pub(super) dice: Dice,
    pub(super) rates: Rates,
    pub(super) processes: Vec<Process>,
    pub(super) commands: Topic,
    pub(super) changes: Topic,
    /// Where each partition of it has gaps.
    pub(super) gaps: Vec<Gaps>,
    pub(super) ledger: Ledger,
    pub(super) waiting: Vec<Waiting>,
    pub(super) parked: Vec<Parked>,
    /// Whose leader takes up no append to the log of commands, and until when.
    pub(super) stalled: Option<(Partition, Moment)>,
    /// Who alone may append commands, if not everybody may.
    pub(super) fenced_for: Option<ActorId>,
    /// Waits that were given up while their answer was on its way.
    pub(super) forgotten: BTreeSet<Token>,
    pub(super) coverage: Coverage,
    pub(super) trace: Trace,
    pub(super) checker: Checker,
}

impl Room {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            now: Moment::default(),
            queue: BinaryHeap::new(),
            order: 0,
            tokens: 0,
            dice: Dice::new(options.seed),
            rates: options.rates,
            processes: Vec::new(),
            commands: Topic::new(options.partitions),
            changes: Topic::new(options.partitions),
            gaps: (0..options.partitions).map(|_| Gaps::new()).collect(),
            ledger: Ledger::new(options.partitions),
            waiting: Vec::new(),
            parked: Vec::new(),
            stalled: None,
            fenced_for: None,
            forgotten: BTreeSet::new(),
            coverage: Coverage::default(),
            trace: Trace::new(options.whole_trace),
            checker: Checker::new(),
        }
    }

    /// The next thing that happens, at its time. What is for a frozen process waits for it.
    pub(super) fn next(&mut self) -> Option<Scheduled> {
        loop {
            let mut next = self.queue.pop()?;
            self.now = self.now.max(next.at);
            let to = match &*next.happening {
                Happening::Deliver { to, .. } | Happening::Records { to, .. } => Some(*to),
                Happening::AtLog { .. }
                | Happening::AtStore { .. }
                | Happening::LateCommit { .. }
                | Happening::LateAppend { .. }
                | Happening::Idle { .. }
                | Happening::WaitedLong { .. }
                | Happening::Look { .. } => None,
            };
            let thaws = to
                .and_then(|to| self.process(to))
                .map(|process| process.frozen_until);
            match thaws.filter(|thaws| *thaws > self.now) {
                Some(thaws) => {
                    next.at = thaws;
                    self.queue.push(next);
                }
                None => return Some(next),
            }
        }
    }

    pub(super) fn next_at(&self) -> Option<Moment> {
        self.queue.peek().map(|next| next.at.max(self.now))
    }

    pub(super) fn schedule(&mut self, pause: Duration, happening: Happening) {
        self.order += 1;
        self.queue.push(Scheduled {
            at: self.now.after(pause),
            order: self.order,
            happening: Box::new(happening),
        });
    }

    pub(super) fn deliver(&mut self, to: ActorId, pause: Duration, event: Event) {
        let life = self.process(to).map_or(0, |process| process.life);
        self.schedule(pause, Happening::Deliver { to, life, event });
    }

    pub(super) fn answer(&mut self, from: From, pause: Duration, event: Event) {
        let (to, life) = (from.actor, from.life);
        self.schedule(pause, Happening::Deliver { to, life, event });
    }

    pub(super) fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }

    pub(super) fn process(&self, id: ActorId) -> Option<&Process> {
        self.processes.get(usize::from(id.0))
    }

    pub(super) fn topic(&mut self, which: Which) -> &mut Topic {
        match which {
            Which::Commands => &mut self.commands,
            Which::Changes => &mut self.changes,
        }
    }

    /// Reads on in the topic of changes, for where it has gaps.
    pub(super) fn survey(&mut self) {
        for (gaps, number) in self.gaps.iter_mut().zip(0..) {
            gaps.read(&self.changes, Partition(number), &self.checker);
        }
    }

    /// How long a message takes: mostly a moment, seldom long.
    pub(super) fn latency(&mut self) -> Duration {
        let (from, to) = match self.dice.roll(64) {
            0 => (5_000, 200_000),
            1..=8 => (1_000, 5_000),
            _ => (50, 1_000),
        };
        self.dice
            .between(Duration::from_micros(from), Duration::from_micros(to))
    }

    /// Whether a fault of this rate is dealt now.
    pub(super) fn strikes(&mut self, rate: u64, fault: Fault) -> bool {
        let strikes = rate > 0 && self.dice.one_in(rate);
        if strikes {
            self.coverage.fault(fault);
            self.trace_world(format_args!("deals {}", fault.as_str()));
        }
        strikes
    }

    /// The right time: what a clock shows that is not off.
    pub(super) fn time(&self) -> DateTime<Utc> {
        let micros = i64::try_from(self.now.0).unwrap_or(i64::MAX);
        // 2026-01-01T00:00:00Z: any day would do.
        let begun = 1_767_225_600_000_000_i64;
        DateTime::from_timestamp_micros(begun.saturating_add(micros)).unwrap_or_default()
    }

    pub(super) fn trace_world(&mut self, what: fmt::Arguments<'_>) {
        self.trace.line(self.now, "world", what);
    }

    pub(super) fn trace(&mut self, id: ActorId, what: fmt::Arguments<'_>) {
        let name = self
            .processes
            .get(usize::from(id.0))
            .map(|process| process.name.as_str());
        self.trace.line(self.now, name.unwrap_or("?"), what);
    }

    /// A process is no more: what it waited for is forgotten, its connections end.
    pub(super) fn gone(&mut self, id: ActorId) {
        self.waiting.retain(|waiting| waiting.from.actor != id);
        self.parked.retain(|parked| parked.from.actor != id);
        // A commit that was handed to the network arrives before the end of its connection.
        for scheduled in &self.queue {
            if let Happening::AtStore { from, request } = &*scheduled.happening
                && let store::Request::Statement(session, Statement::Commit(_)) = request
                && from.actor == id
            {
                self.ledger.detach(*session);
            }
        }
        self.ledger.close_all(id);
        self.unlock();
    }
}
