//! A command service: appends what it is asked to, and waits for the outcome.

use core::sync::atomic::{AtomicI64, Ordering};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use writ_command::SubmitError;
use writ_command::submission::{
    self, Action, Asks, Halts, Heard, Input, Inquiry, LogTime, Machine, Resolved, Standing, Waiting,
};
use writ_domain::{
    Actor as Who, BucketMap, Clock, CommandId, GenericUuid as _, Idempotency, Offset, Partition,
    Stamp, Submission, TenantId,
};
use writ_log::{Logged, Record};
use writ_store::entries::{Entry, Progress};

use super::client::{Answer, Answered, Ask, Asked, Request};
use crate::coverage::Branch;
use crate::log::{self, Which};
use crate::store::{self, Question, Reply};
use crate::{Actor, ActorId, Ctx, Event, Hears, Message, Moment, Token};

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

/// A command on its way.
#[derive(Debug)]
struct Passage {
    whom: Whom,
    machine: Machine,
    partition: Partition,
    command: CommandId,
    record: Record,
    begun: Moment,
    sent: DateTime<Utc>,
    timer: Option<Token>,
    /// Whether the log has said that it has it.
    is_appended: bool,
}

/// A question how a command stands.
#[derive(Debug)]
struct Asking {
    whom: Whom,
    inquiry: Inquiry,
    tenant: TenantId,
    command: CommandId,
    waits: bool,
    timer: Option<Token>,
}

/// A second entry of a command, whose first one is read.
#[derive(Debug)]
struct First {
    whom: Whom,
    command: CommandId,
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

    fn submission(&mut self, ask: Ask) -> Submission {
        self.minted += 1;
        let deadline = ask.deadline.unwrap_or(self.options.deadline);
        let partition = self.options.buckets.partition_of(&ask.tenant);
        let command_id = CommandId::from_untyped_uuid(uuid::Uuid::from_u64_pair(7, self.minted));
        let stamp = Stamp {
            command_id,
            tenant: ask.tenant,
            actor: Who {
                subject: ask.caller,
                ..Who::default()
            },
            reason: None,
            ticket: None,
            request_id: None,
            not_after: Some(submission::not_after(
                self.life.time.of(partition),
                deadline,
            )),
            idempotency: ask
                .key
                .map(|(key, fingerprint)| Idempotency { key, fingerprint }),
            expected: ask.expected,
        };
        Submission {
            stamp,
            command: ask.command,
        }
    }

    fn submit(&mut self, whom: Whom, ask: Ask, ctx: &mut Ctx<'_>) {
        let submission = self.submission(ask);
        let Stamp {
            command_id, tenant, ..
        } = submission.stamp.clone();
        let begun = match self.begin(&submission, ctx) {
            Ok(begun) => begun,
            Err(refused) => return self.end(whom, command_id, Err(refused), ctx),
        };
        let (machine, partition, value) = begun;
        let job = self.life.job();
        if self
            .life
            .waiting
            .enter(tenant.clone(), command_id, job)
            .is_err()
        {
            ctx.branch(Branch::ToldFull);
            return reply(whom, Answered::NotAppended(Some(command_id)), ctx);
        }
        let action = machine.first();
        let passage = Passage {
            whom,
            machine,
            record: Record {
                key: writ_envelope::encode_key(&tenant),
                value,
                headers: Vec::new(),
            },
            partition,
            command: command_id,
            begun: ctx.now(),
            sent: self.clock.now(),
            timer: None,
            is_appended: false,
        };
        self.life.passages.insert(job, passage);
        self.act(job, action, ctx);
    }

    fn begin(
        &self,
        submission: &Submission,
        ctx: &mut Ctx<'_>,
    ) -> Result<(Machine, Partition, Vec<u8>), SubmitError> {
        let value = submission::encode(submission)?;
        let partition = self.options.buckets.partition_of(&submission.stamp.tenant);
        let halted = self.life.halts.holds(partition);
        let patience = self.options.deadline.saturating_add(self.options.grace);
        let machine = Machine::begin(submission.stamp.command_id, (partition, halted), patience)?;
        ctx.trace(format_args!("submits {}", submission.stamp.command_id));
        Ok((machine, partition, value))
    }

    fn act(&mut self, job: u64, action: Action, ctx: &mut Ctx<'_>) {
        let ended = match action {
            Action::Append { until } => {
                self.append(job, ctx);
                self.wait(job, until, ctx);
                return;
            }
            Action::Wait { until } => return self.wait(job, until, ctx),
            Action::End(ended) => ended,
        };
        let Some(passage) = self.life.passages.remove(&job) else {
            return;
        };
        self.life.waiting.leave(passage.command);
        if let Ok(entry) = &ended {
            self.life.time.learn_decided(passage.partition, entry.time);
        }
        self.end(passage.whom, passage.command, ended, ctx);
    }

    fn append(&mut self, job: u64, ctx: &mut Ctx<'_>) {
        let Some(passage) = self.life.passages.get_mut(&job) else {
            return;
        };
        if passage.machine.is_unsure() {
            ctx.branch(Branch::SentAgain);
        }
        passage.sent = self.clock.now();
        let request = log::Request::Append(passage.partition, vec![passage.record.clone()]);
        let token = ctx.log(Which::Commands, request);
        self.life.tokens.insert(token, What::Appended(job));
    }

    fn wait(&mut self, job: u64, until: Duration, ctx: &mut Ctx<'_>) {
        let Some(begun) = self.life.passages.get(&job).map(|passage| passage.begun) else {
            return;
        };
        let pause = begun.after(until).since(ctx.now());
        let token = self.life.timer(pause, What::Tick(job), ctx);
        if let Some(passage) = self.life.passages.get_mut(&job) {
            passage.timer = Some(token);
        }
    }

    fn step(&mut self, job: u64, input: Input, ctx: &mut Ctx<'_>) {
        let Some(passage) = self.life.passages.get_mut(&job) else {
            return;
        };
        let now = ctx.now().since(passage.begun);
        let was_unsure = passage.machine.is_unsure();
        match &input {
            Input::Decided(_) if !passage.is_appended => ctx.branch(Branch::EntryFirst),
            Input::Failed(writ_log::AppendError::NotAppended { .. }) if was_unsure => {
                ctx.branch(Branch::RefusedAgain);
            }
            Input::Tick { halted: true } if was_unsure && !passage.is_appended => {
                ctx.branch(Branch::HeldBack);
            }
            Input::Appended => passage.is_appended = true,
            Input::Decided(_) | Input::Failed(_) | Input::Tick { .. } => {}
        }
        let action = passage.machine.step(now, input);
        self.act(job, action, ctx);
    }

    fn end(
        &mut self,
        whom: Whom,
        command: CommandId,
        ended: Result<Box<Entry>, SubmitError>,
        ctx: &mut Ctx<'_>,
    ) {
        let told = match ended {
            Ok(entry) => return self.resolve(whom, *entry, ctx),
            Err(SubmitError::Unavailable { .. }) => {
                ctx.branch(Branch::ToldUnavailable);
                Answered::NotAppended(Some(command))
            }
            Err(SubmitError::Halted { .. }) => {
                ctx.branch(Branch::ToldHalted);
                Answered::NotAppended(Some(command))
            }
            Err(SubmitError::TooLarge { .. } | SubmitError::BadStamp { .. }) => {
                Answered::NotAppended(Some(command))
            }
            Err(SubmitError::Undecided { .. }) => {
                ctx.branch(Branch::ToldUnknown);
                Answered::Unknown(command)
            }
            Err(SubmitError::Unread { .. }) => Answered::Unread,
        };
        reply(whom, told, ctx);
    }

    /// Answers from an entry: of a duplicate, from the one that came first.
    fn resolve(&mut self, whom: Whom, entry: Entry, ctx: &mut Ctx<'_>) {
        let tenant = entry.tenant.clone();
        self.answer(whom, &tenant, submission::resolve(entry), ctx);
    }

    fn answer(&mut self, whom: Whom, tenant: &TenantId, resolved: Resolved, ctx: &mut Ctx<'_>) {
        match resolved {
            Resolved::Here(decided) => reply(whom, Answered::Decided(decided), ctx),
            Resolved::There { of, command } => {
                let job = self.life.job();
                self.life.firsts.insert(job, First { whom, command });
                let what = What::First(job);
                self.life.ask(Question::At(tenant.clone(), of), what, ctx);
            }
        }
    }

    fn first(&mut self, job: u64, answer: store::Answer, ctx: &mut Ctx<'_>) {
        let Some(First { whom, command }) = self.life.firsts.remove(&job) else {
            return;
        };
        let first = match answer {
            Ok(Reply::Entries(entries)) => entries.into_iter().next(),
            Ok(_) | Err(_) => None,
        };
        // It could not be read; or the store was put back since.
        let Some(first) = first else {
            return reply(whom, Answered::Unread, ctx);
        };
        let resolved = submission::replayed(first.entry.clone(), command);
        if matches!(&resolved, Resolved::Here(decided) if !decided.replayed) {
            ctx.branch(Branch::AnsweredFromFirst);
        }
        self.answer(whom, &first.entry.tenant, resolved, ctx);
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

    // How a command stands.

    /// Something may have been decided.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let waiting = |(job, asking): (&u64, &Asking)| asking.waits.then_some(*job);
        let jobs: Vec<u64> = self.life.inquiries.iter().filter_map(waiting).collect();
        for job in jobs {
            self.heard(job, Heard::Moved, ctx);
        }
    }

    fn heard(&mut self, job: u64, heard: Heard, ctx: &mut Ctx<'_>) {
        if let Some(asking) = self.life.inquiries.get_mut(&job) {
            asking.waits = false;
            let asks = asking.inquiry.step(heard);
            self.inquire(job, asks, ctx);
        }
    }

    fn inquire(&mut self, job: u64, asks: Asks, ctx: &mut Ctx<'_>) {
        let Some(asking) = self.life.inquiries.get_mut(&job) else {
            return;
        };
        let partition = self.options.buckets.partition_of(&asking.tenant);
        let what = What::Inquiry(job);
        match asks {
            Asks::Find => {
                let asked = vec![(asking.tenant.clone(), asking.command)];
                self.life.ask(Question::ByCommands(asked), what, ctx);
            }
            Asks::End => {
                let token = ctx.log(Which::Commands, log::Request::Bounds(partition));
                self.life.tokens.insert(token, what);
                let late = What::InquiryLate(job);
                let timer = self.life.timer(self.options.patience, late, ctx);
                if let Some(asking) = self.life.inquiries.get_mut(&job) {
                    asking.timer = Some(timer);
                }
            }
            Asks::Progress => self.life.ask(Question::Peek(partition), what, ctx),
            Asks::Record(offset) => {
                let request = log::Request::Read(partition, offset);
                let token = ctx.log(Which::Commands, request);
                self.life.tokens.insert(token, what);
            }
            Asks::Wait => asking.waits = true,
            Asks::Told(standing) => self.told(job, standing, ctx),
        }
    }

    fn told(&mut self, job: u64, standing: Standing, ctx: &mut Ctx<'_>) {
        let Some(asking) = self.life.inquiries.remove(&job) else {
            return;
        };
        match standing {
            Standing::Decided(entry) => self.resolve(asking.whom, *entry, ctx),
            other @ (Standing::Appended | Standing::Unknown | Standing::Behind) => {
                reply(asking.whom, Answered::Stands(other), ctx);
            }
        }
    }

    /// What the store or the log said to an inquiry.
    fn inquired(&mut self, job: u64, said: Result<Said, ()>, ctx: &mut Ctx<'_>) {
        let Some(asking) = self.life.inquiries.get(&job) else {
            return;
        };
        let heard = match said {
            Ok(Said::Found(entry)) => Heard::Found {
                entry,
                waited_for: self.life.waiting.holds(&asking.tenant, asking.command),
            },
            Ok(Said::End(high)) => Heard::End(high),
            Ok(Said::Progress(progress)) => Heard::Progress(progress),
            Ok(Said::Record(record)) => Heard::Record(record),
            Err(()) => {
                let whom = asking.whom;
                self.life.inquiries.remove(&job);
                return reply(whom, Answered::Unread, ctx);
            }
        };
        self.heard(job, heard, ctx);
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

/// What was said to an inquiry.
enum Said {
    Found(Option<Box<Entry>>),
    End(Offset),
    Progress(Progress),
    Record(Option<Logged>),
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
