//! Requests on their way: carried out, answered, or struck by a fault.

use core::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::Partition;
use writ_log::{AppendError, Appended, ReadError, Record};
use writ_store::ledger::Error;

use super::room::{From, Happening, Parked, Room, Waiting};
use crate::coverage::{Branch, Fault};
use crate::log::{self, Which, cause};
use crate::store::{self, Executed, Question, Reply, SessionId, Statement, unavailable, unknown};
use crate::{Event, Moment};

/// After how long a client gives up that hears nothing.
const TIMEOUT: Duration = Duration::from_secs(2);

impl Room {
    pub(super) fn carry(&mut self, happening: Happening) {
        match happening {
            Happening::AtLog {
                from,
                which,
                request,
            } => self.at_log(from, which, request),
            Happening::AtStore { from, request } => self.at_store(from, request),
            Happening::LateCommit { session, statement } => {
                self.trace_world(format_args!("carries out a late commit of {}", session.0));
                let executed = self.ledger.execute(session, &statement, self.now);
                self.note(&executed);
                self.ledger.cut(session);
                self.unlock();
            }
            Happening::LateAppend {
                which,
                partition,
                generation,
                records,
            } => {
                // A topic that was made again is another one, whatever its name.
                let fenced = which == Which::Commands && self.fenced_for.is_some();
                if fenced || self.topic(which).generation(partition) != generation {
                    return;
                }
                self.trace_world(format_args!("appends late to {partition}"));
                self.put(which, partition, records);
            }
            Happening::Idle { session } => {
                let patience = self.ledger.patience(session);
                let since = Moment(
                    self.now
                        .0
                        .saturating_sub(u64::try_from(patience.as_micros()).unwrap_or(u64::MAX)),
                );
                if self.ledger.is_idle(session, since) {
                    self.trace_world(format_args!("ends idle session {}", session.0));
                    self.ledger.close(session);
                    self.unlock();
                }
            }
            Happening::WaitedLong { from } => {
                let place = self
                    .parked
                    .iter()
                    .position(|parked| parked.from.token == from.token);
                if let Some(place) = place {
                    self.parked.remove(place);
                    let late = unavailable("the lock was not given in time");
                    let answer = Event::Store(from.token, Err(late));
                    self.answer(from, Duration::ZERO, answer);
                }
            }
            Happening::Look { which } => self.look(which),
            Happening::Deliver { .. } | Happening::Records { .. } => {}
        }
    }

    // The log.

    fn at_log(&mut self, from: From, which: Which, request: log::Request) {
        let unreachable = || ReadError::Unavailable {
            source: cause("a fault was ordered"),
        };
        let lost = !matches!(request, log::Request::Append(..) | log::Request::Next(..))
            && self.strikes(self.rates.log, Fault::LogUnreachable);
        let now = self.now;
        let answer = match request {
            log::Request::Append(partition, records) => {
                return self.append(from, which, partition, records);
            }
            log::Request::Next(tail, limit, waits) => {
                let waiting = Waiting {
                    from,
                    which,
                    tail,
                    limit,
                };
                if !waits || self.topic(which).is_ready(tail, now) {
                    self.hand_over(&waiting);
                } else {
                    self.waiting.push(waiting);
                }
                return;
            }
            log::Request::Tail(..) if lost => log::Answer::Tail(Err(unreachable().into())),
            log::Request::Bounds(_) if lost => log::Answer::Bounds(Err(unreachable())),
            log::Request::Read(..) if lost => log::Answer::Read(Err(unreachable())),
            log::Request::Tail(partition, offset) => {
                log::Answer::Tail(self.topic(which).tail(partition, offset, now))
            }
            log::Request::Bounds(partition) => {
                log::Answer::Bounds(self.topic(which).bounds(partition, now))
            }
            log::Request::Read(partition, offset) => {
                log::Answer::Read(self.topic(which).read(partition, offset))
            }
        };
        let pause = self.latency();
        self.answer(from, pause, Event::Log(from.token, answer));
    }

    fn hand_over(&mut self, waiting: &Waiting) {
        let pause = self.latency();
        let From { actor, life, token } = waiting.from;
        self.schedule(
            pause,
            Happening::Records {
                to: actor,
                life,
                token,
                which: waiting.which,
                tail: waiting.tail,
                limit: waiting.limit,
            },
        );
    }

    /// Those who wait at a log look again.
    pub(super) fn look(&mut self, which: Which) {
        let now = self.now;
        let mut kept = Vec::new();
        for waiting in core::mem::take(&mut self.waiting) {
            if waiting.which == which && self.topic(which).is_ready(waiting.tail, now) {
                self.hand_over(&waiting);
            } else {
                kept.push(waiting);
            }
        }
        self.waiting = kept;
    }

    fn append(&mut self, from: From, which: Which, partition: Partition, records: Vec<Record>) {
        let rate = self.rates.append;
        let refused = || AppendError::NotAppended {
            source: cause("a fault was ordered"),
        };
        let maybe = || AppendError::MaybeAppended {
            source: cause("a fault was ordered"),
        };
        let fenced = self.fenced_for.filter(|_| which == Which::Commands);
        let (pause, answer) = if fenced.is_some_and(|only| only != from.actor)
            || self.strikes(rate, Fault::AppendRefused)
        {
            (self.latency(), Err(refused()))
        } else if let Some(late) = self.stalls(which, partition) {
            self.append_late(late, which, partition, records);
            (TIMEOUT, Err(maybe()))
        } else if self.strikes(rate, Fault::AppendLost) {
            (TIMEOUT, Err(maybe()))
        } else if self.strikes(rate, Fault::AppendLate) {
            let late = self.dice.between(TIMEOUT, TIMEOUT * 4);
            self.append_late(late, which, partition, records);
            (TIMEOUT, Err(maybe()))
        } else if self.strikes(rate, Fault::AppendAnswerLost) {
            self.put(which, partition, records);
            (TIMEOUT, Err(maybe()))
        } else if self.strikes(rate.div_ceil(4), Fault::AppendTwice) {
            let put = self.put(which, partition, records.clone());
            if self.dice.one_in(2) {
                self.put(which, partition, records);
            } else {
                let late = self
                    .dice
                    .between(Duration::from_millis(1), Duration::from_millis(300));
                self.append_late(late, which, partition, records);
            }
            (self.latency(), put.ok_or_else(refused))
        } else {
            let put = self.put(which, partition, records);
            (self.latency(), put.ok_or_else(refused))
        };
        let answer = Event::Log(from.token, log::Answer::Appended(answer));
        self.answer(from, pause, answer);
    }

    fn append_late(
        &mut self,
        late: Duration,
        which: Which,
        partition: Partition,
        records: Vec<Record>,
    ) {
        let generation = self.topic(which).generation(partition);
        let happening = Happening::LateAppend {
            which,
            partition,
            generation,
            records,
        };
        self.schedule(late, happening);
    }

    /// When an append is carried out that reaches a leader that stands still: what had come on
    /// several connections is taken up in any order.
    fn stalls(&mut self, which: Which, partition: Partition) -> Option<Duration> {
        let (_, until) = self
            .stalled
            .filter(|(stalled, until)| *stalled == partition && self.now < *until)
            .filter(|_| which == Which::Commands)?;
        self.coverage.fault(Fault::AppendStalled);
        let disorder = self.dice.between(Duration::ZERO, TIMEOUT * 2);
        Some(until.since(self.now).saturating_add(disorder))
    }

    pub(super) fn put(
        &mut self,
        which: Which,
        partition: Partition,
        records: Vec<Record>,
    ) -> Option<Vec<Appended>> {
        let time = self.log_time();
        let appended = self.topic(which).append(partition, records, time);
        if let Some(appended) = &appended {
            let last = appended.last().map_or(0, |last| last.offset.0);
            self.trace_world(format_args!("has {partition} up to {last} in {which:?}"));
            self.look(which);
        }
        appended
    }

    /// What the log's clock shows.
    fn log_time(&mut self) -> DateTime<Utc> {
        let time = self.time();
        let off = if self.strikes(self.rates.time, Fault::TimeBack) {
            -TimeDelta::seconds(i64::try_from(self.dice.roll(600)).unwrap_or(0))
        } else if self.strikes(self.rates.time.saturating_mul(4), Fault::TimeAhead) {
            TimeDelta::seconds(290 + i64::try_from(self.dice.roll(40)).unwrap_or(0))
        } else {
            TimeDelta::zero()
        };
        time.checked_add_signed(off).unwrap_or(time)
    }

    // The store.

    fn at_store(&mut self, from: From, request: store::Request) {
        match request {
            store::Request::Open(lease) => {
                let lost = self.strikes(self.rates.statement, Fault::StatementLost);
                let answer = if lost {
                    Err(unavailable("a fault was ordered"))
                } else {
                    Ok(Reply::Opened(self.ledger.open(from.actor, lease)))
                };
                let pause = self.latency();
                self.answer(from, pause, Event::Store(from.token, answer));
            }
            store::Request::Ask(question) => {
                let writes = matches!(
                    question,
                    Question::KeepRelayCursor(..)
                        | Question::MemberLives(..)
                        | Question::MemberLeaves(_)
                );
                let lost = self.strikes(self.rates.statement, Fault::StatementLost);
                let answer = if lost {
                    Err(unavailable("a fault was ordered"))
                } else {
                    match self.ledger.ask(question, self.now) {
                        Ok(_)
                            if writes
                                && self
                                    .strikes(self.rates.statement, Fault::StatementAnswerLost) =>
                        {
                            Err(unavailable("the connection is gone"))
                        }
                        Ok(reply) => Ok(reply),
                        Err(mismatch) => {
                            self.checker.violated(7, mismatch.to_string());
                            return;
                        }
                    }
                };
                let pause = self.latency();
                self.answer(from, pause, Event::Store(from.token, answer));
            }
            store::Request::Statement(session, statement) => {
                self.statement(from, session, statement);
            }
        }
    }

    fn statement(&mut self, from: From, session: SessionId, statement: Statement) {
        if let Statement::Commit(_) = statement {
            if self.strikes(self.rates.commit, Fault::CommitLost) {
                self.ledger.cut(session);
                self.unlock();
                let gone = Err(unknown("the connection is gone"));
                let pause = self.latency();
                return self.answer(from, pause, Event::Store(from.token, gone));
            }
            if self.strikes(self.rates.commit, Fault::CommitLate) {
                // The transaction goes on at the store and holds its lock; its client is told
                // that the connection is gone.
                let late = self
                    .dice
                    .between(Duration::from_millis(1), Duration::from_secs(2));
                self.ledger.detach(session);
                self.schedule(late, Happening::LateCommit { session, statement });
                let gone = Err(unknown("the connection is gone"));
                let pause = self.latency();
                return self.answer(from, pause, Event::Store(from.token, gone));
            }
        } else if self.strikes(self.rates.statement, Fault::StatementLost) {
            self.ledger.close(session);
            self.unlock();
            let gone = Err(unavailable("the connection is gone"));
            let pause = self.latency();
            return self.answer(from, pause, Event::Store(from.token, gone));
        }
        if self.aborts(session, &statement) {
            let aborted = Err(unavailable("the transaction was aborted"));
            let pause = self.latency();
            return self.answer(from, pause, Event::Store(from.token, aborted));
        }
        self.execute(from, session, statement);
    }

    fn aborts(&mut self, session: SessionId, statement: &Statement) -> bool {
        let within = matches!(
            statement,
            Statement::Load | Statement::Heads(_) | Statement::Commit(_)
        );
        if !within || !self.strikes(self.rates.abort, Fault::TransactionAborted) {
            return false;
        }
        self.ledger.execute(session, &Statement::Rollback, self.now);
        self.unlock();
        true
    }

    fn execute(&mut self, from: From, session: SessionId, statement: Statement) {
        let forsaken = matches!(
            &statement,
            Statement::Claim(partition) if self.ledger.is_forsaken(*partition, self.now)
        );
        let executed = self.ledger.execute(session, &statement, self.now);
        self.note(&executed);
        if forsaken && matches!(&executed, Executed::Answered(Ok(Reply::Claimed(Some(_))))) {
            self.coverage.branch(Branch::TakenOver);
        }
        let answer = match executed {
            Executed::Answered(answer) => answer,
            Executed::Waits(partition) => {
                let patience = self.ledger.patience(session);
                self.schedule(patience, Happening::WaitedLong { from });
                self.parked.push(Parked {
                    from,
                    session,
                    statement,
                    partition,
                });
                return;
            }
            Executed::Contradicted(_) => return,
        };
        if answer.is_ok() && self.ledger.locked_by(session).is_some() {
            let patience = self.ledger.patience(session);
            self.schedule(patience, Happening::Idle { session });
        }
        let answer = self.lose_answer(session, &statement, answer);
        if self
            .process(from.actor)
            .is_none_or(|process| process.life != from.life)
        {
            self.ledger.cut(session);
        }
        self.unlock();
        let pause = self.latency();
        self.answer(from, pause, Event::Store(from.token, answer));
    }

    fn lose_answer(
        &mut self,
        session: SessionId,
        statement: &Statement,
        answer: Result<Reply, Error>,
    ) -> Result<Reply, Error> {
        if let Statement::Commit(_) = statement {
            if answer.is_ok() && self.strikes(self.rates.commit, Fault::CommitAnswerLost) {
                self.ledger.close(session);
                return Err(unknown("the connection is gone"));
            }
        } else if answer.is_ok() && self.strikes(self.rates.statement, Fault::StatementAnswerLost) {
            self.ledger.close(session);
            return Err(unavailable("the connection is gone"));
        }
        answer
    }

    fn note(&mut self, executed: &Executed) {
        if let Executed::Contradicted(mismatch) = executed {
            let what = format!("the store contradicts a batch: {mismatch}");
            self.checker.violated(7, what);
        }
    }

    /// Statements whose lock is free now go on, in the order in which they came.
    pub(super) fn unlock(&mut self) {
        for parked in core::mem::take(&mut self.parked) {
            let Parked {
                from,
                session,
                statement,
                partition,
            } = parked;
            let executed = self.ledger.execute(session, &statement, self.now);
            self.note(&executed);
            match executed {
                Executed::Waits(_) => self.parked.push(Parked {
                    from,
                    session,
                    statement,
                    partition,
                }),
                Executed::Answered(answer) => {
                    if answer.is_ok() && self.ledger.locked_by(session).is_some() {
                        let patience = self.ledger.patience(session);
                        self.schedule(patience, Happening::Idle { session });
                    }
                    let pause = self.latency();
                    self.answer(from, pause, Event::Store(from.token, answer));
                }
                Executed::Contradicted(_) => {}
            }
        }
    }
}
