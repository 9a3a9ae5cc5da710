//! A command service: appends what it is asked to, and waits for the outcome.

mod inquiry;
mod passage;

use core::sync::atomic::{AtomicI64, Ordering};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use writ_command::submission::{Asks, Halts, Heard, Input, Inquiry, LogTime, Waiting};
use writ_domain::{BucketMap, Clock};
use writ_store::entries::{Entry, Progress};

use self::inquiry::{Asking, Said};
use self::passage::{First, Passage};
use super::client::{Answer, Answered, Asked, Request};
use crate::coverage::Branch;
use crate::log;
use crate::store::{self, Question, Reply};
use crate::{Actor, ActorId, Ctx, Event, Hears, Message, Token};

/// How a service behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// A command that comes later than this into the log has no effect.
    pub deadline: Duration,
    /// So much longer its outcome is waited for.
    pub grace: Duration,
    /// Commands in flight, at most.
    pub in_flight_max: usize,
    /// The store is asked at least this often.
    pub poll_every: Duration,
    /// How long an inquiry waits for the ledger.
    pub patience: Duration,
    /// How it hears of commits.
    pub hears: Hears,
    /// Where tenants live.
    pub buckets: BucketMap,
}

/// A command service.
#[derive(Debug)]
pub struct Service {
    options: Options,
    clock: Arc<Hands>,
    /// Grows over all its lives: ids are never given out twice.
    minted: u64,
    life: Life,
}

/// What a process keeps in memory.
#[derive(Debug)]
struct Life {
    waiting: Waiting<u64>,
    time: LogTime,
    halts: Halts,
    passages: BTreeMap<u64, Passage>,
    inquiries: BTreeMap<u64, Asking>,
    firsts: BTreeMap<u64, First>,
    tokens: BTreeMap<Token, What>,
    jobs: u64,
    is_polling: bool,
}

/// Whom to answer.
#[derive(Debug, Clone, Copy)]
struct Whom {
    client: ActorId,
    number: u64,
}

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    PollDue,
    Poll,
    HaltsDue,
    Halts,
    Appended(u64),
    Tick(u64),
    First(u64),
    Inquiry(u64),
    InquiryLate(u64),
}

/// A clock that is set before each use.
#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::Relaxed)).unwrap_or_default()
    }
}

impl Life {
    fn new(options: &Options, clock: &Arc<Hands>) -> Self {
        let clock: Arc<dyn Clock> = Arc::<Hands>::clone(clock);
        Self {
            waiting: Waiting::new(options.in_flight_max),
            time: LogTime::new(clock),
            halts: Halts::default(),
            passages: BTreeMap::new(),
            inquiries: BTreeMap::new(),
            firsts: BTreeMap::new(),
            tokens: BTreeMap::new(),
            jobs: 0,
            is_polling: false,
        }
    }

    fn job(&mut self) -> u64 {
        self.jobs += 1;
        self.jobs
    }

    fn timer(&mut self, pause: Duration, what: What, ctx: &mut Ctx<'_>) -> Token {
        let token = ctx.after(pause);
        self.tokens.insert(token, what);
        token
    }

    fn ask(&mut self, question: Question, what: What, ctx: &mut Ctx<'_>) {
        let token = ctx.ask(question);
        self.tokens.insert(token, what);
    }
}

fn reply(whom: Whom, what: Answered, ctx: &mut Ctx<'_>) {
    let number = whom.number;
    ctx.send(
        whom.client,
        Message::Answer(Box::new(Answer { number, what })),
    );
}

impl Service {
    /// A service; `number` tells its ids from those of others.
    #[must_use]
    pub fn new(number: u16, options: Options) -> Self {
        let clock = Arc::new(Hands(AtomicI64::new(0)));
        Self {
            minted: u64::from(number) << 48,
            life: Life::new(&options, &clock),
            clock,
            options,
        }
    }

    fn request(&mut self, client: ActorId, request: Request, ctx: &mut Ctx<'_>) {
        let number = request.number;
        let whom = Whom { client, number };
        match request.what {
            Asked::Submit(ask) => self.submit(whom, *ask, ctx),
            Asked::Status(tenant, command) => {
                let job = self.life.job();
                let asking = Asking {
                    whom,
                    inquiry: Inquiry::default(),
                    tenant,
                    command,
                    waits: false,
                    timer: None,
                };
                self.life.inquiries.insert(job, asking);
                self.inquire(job, Asks::Find, ctx);
            }
        }
    }

    /// Hands entries to those who wait for them.
    fn committed<'a>(
        &mut self,
        entries: impl IntoIterator<Item = &'a Entry>,
        how: Branch,
        ctx: &mut Ctx<'_>,
    ) {
        for entry in entries {
            if let Some(job) = self.life.waiting.take(entry) {
                ctx.branch(how);
                self.step(job, Input::Decided(Box::new(entry.clone())), ctx);
            }
        }
        self.moved(ctx);
    }

    fn poll(&mut self, ctx: &mut Ctx<'_>) {
        let asked = self.life.waiting.asked();
        if self.life.is_polling {
            return;
        }
        if asked.is_empty() {
            return self.moved(ctx);
        }
        self.life.is_polling = true;
        self.life.ask(Question::ByCommands(asked), What::Poll, ctx);
    }

    fn polled(&mut self, answer: store::Answer, ctx: &mut Ctx<'_>) {
        self.life.is_polling = false;
        if let Ok(Reply::Decisions(found)) = answer {
            let entries = found.values().map(|stored| &stored.entry);
            self.committed(entries, Branch::FoundByAsking, ctx);
        }
    }

    fn timer(&mut self, token: Token, what: What, ctx: &mut Ctx<'_>) {
        match what {
            What::PollDue => {
                self.poll(ctx);
                self.life.timer(self.options.poll_every, What::PollDue, ctx);
            }
            What::HaltsDue => {
                self.life.ask(Question::Halts, What::Halts, ctx);
                let pause = self.options.poll_every;
                self.life.timer(pause, What::HaltsDue, ctx);
            }
            What::Tick(job) => {
                let Some(passage) = self.life.passages.get(&job) else {
                    return;
                };
                if passage.timer == Some(token) {
                    let halted = self.life.halts.holds(passage.partition);
                    self.step(job, Input::Tick { halted }, ctx);
                }
            }
            What::InquiryLate(job) => {
                let asking = self.life.inquiries.get(&job);
                if asking.is_some_and(|asking| asking.waits && asking.timer == Some(token)) {
                    self.heard(job, Heard::TimeUp, ctx);
                }
            }
            What::Poll | What::Halts | What::Appended(_) | What::First(_) | What::Inquiry(_) => {}
        }
    }

    fn logged(&mut self, what: What, answer: log::Answer, ctx: &mut Ctx<'_>) {
        match (what, answer) {
            (What::Appended(job), log::Answer::Appended(Ok(appended))) => {
                if let (Some(passage), Some(appended)) =
                    (self.life.passages.get(&job), appended.first())
                {
                    self.life.time.learn(passage.sent, appended.time);
                }
                self.step(job, Input::Appended, ctx);
            }
            (What::Appended(job), log::Answer::Appended(Err(error))) => {
                self.step(job, Input::Failed(error), ctx);
            }
            (What::Inquiry(job), log::Answer::Bounds(bounds)) => {
                let said = bounds.map(|bounds| Said::End(bounds.high));
                self.inquired(job, said.map_err(|_error| ()), ctx);
            }
            (What::Inquiry(job), log::Answer::Read(record)) => {
                let said = record.map(Said::Record);
                self.inquired(job, said.map_err(|_error| ()), ctx);
            }
            (_, _) => {}
        }
    }

    fn stored(&mut self, what: What, answer: store::Answer, ctx: &mut Ctx<'_>) {
        match what {
            What::Poll => self.polled(answer, ctx),
            What::Halts => {
                if let Ok(Reply::Halts(halts)) = answer {
                    self.life.halts.learn(halts);
                }
            }
            What::First(job) => self.first(job, answer, ctx),
            What::Inquiry(job) => {
                let said = match answer {
                    Ok(Reply::Decisions(found)) => {
                        let first = found.into_values().next();
                        Ok(Said::Found(
                            first.map(|stored| Box::new(stored.entry.clone())),
                        ))
                    }
                    Ok(Reply::Cursor(cursor)) => {
                        let progress = cursor.map(|cursor| Progress {
                            next_offset: cursor.next_offset,
                            anchor: cursor.anchor,
                        });
                        Ok(Said::Progress(progress.unwrap_or_else(Progress::none)))
                    }
                    Ok(_) | Err(_) => Err(()),
                };
                self.inquired(job, said, ctx);
            }
            What::PollDue
            | What::HaltsDue
            | What::Appended(_)
            | What::Tick(_)
            | What::InquiryLate(_) => {}
        }
    }
}

impl Actor for Service {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        let now = ctx.clock().timestamp_micros();
        self.clock.0.store(now, Ordering::Relaxed);
        match event {
            Event::Start => {
                ctx.hear(self.options.hears);
                self.life.timer(Duration::ZERO, What::PollDue, ctx);
                self.life.timer(Duration::ZERO, What::HaltsDue, ctx);
            }
            Event::Timer(token) => {
                if let Some(what) = self.life.tokens.remove(&token) {
                    self.timer(token, what, ctx);
                }
            }
            Event::Log(token, answer) => {
                if let Some(what) = self.life.tokens.remove(&token) {
                    self.logged(what, answer, ctx);
                }
            }
            Event::Store(token, answer) => {
                if let Some(what) = self.life.tokens.remove(&token) {
                    self.stored(what, answer, ctx);
                }
            }
            Event::Message(_, Message::Told(entries)) => {
                self.committed(entries.iter(), Branch::ToldByOwner, ctx);
            }
            Event::Message(_, Message::News) => self.poll(ctx),
            Event::Message(from, Message::Request(request)) => self.request(from, *request, ctx),
            Event::Message(..) => {}
        }
    }

    fn restart(&mut self) {
        self.life = Life::new(&self.options, &self.clock);
    }
}
