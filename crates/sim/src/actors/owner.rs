//! A process that decides: the machines of `writ_projector::owner`, one a partition.
//!
//! **Shape.** As the async owner does, it carries out one action of a machine at a time and says
//! what came of it. What differs is only that log and store are those of the world.

use core::time::Duration;
use std::sync::Arc;

use writ_domain::{Offset, Outcome, Partition, Rejection};
use writ_envelope::hash;
use writ_projector::owner::machine::{self, Action, Input, Look, Machine, Note, Now};
use writ_projector::share::{Share, Word};
use writ_projector::{Halt, Options, RULES_VERSION};
use writ_store::entries::Entry;
use writ_store::ledger::{Error, Lease, Wanted};

use crate::coverage::{Branch, Fault};
use crate::log::{self, TailId, Which};
use crate::store::{Answer, Question, Reply, SessionId, Statement};
use crate::{Actor, Ctx, Event, Message, Token};

/// How an owner is.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its name; with each life another one, unless it keeps it.
    pub name: String,
    /// Whether it keeps its name when it is killed, as an installation on one machine does.
    pub keeps_name: bool,
    /// Partitions of the log.
    pub partitions: u16,
    /// How long its leases hold.
    pub lease: Duration,
    /// Records in a transaction, at most.
    pub batch_records_max: usize,
    /// Things kept in the state cache, at most.
    pub known_max: usize,
    /// The rules that it knows.
    pub rules: u32,
}

/// A process that decides.
#[derive(Debug)]
pub struct Owner {
    plan: Plan,
    lives: u32,
    share: Share,
    lanes: Vec<Lane>,
    /// When it counts the owners again, and what it asked for that.
    counts: Option<Token>,
    asked: Option<Token>,
    /// Whether it was asked to stop, and whether to begin again when it has.
    stopping: bool,
    resumes: bool,
}

/// A partition, as this process has it.
#[derive(Debug)]
struct Lane {
    partition: Partition,
    machine: Machine,
    session: Option<SessionId>,
    tail: Option<TailId>,
    waits: Waits,
    /// Where the cursor stood before a commit whose end is not known.
    unsure: Option<Offset>,
    over: bool,
}

/// What a lane waits for.
#[derive(Debug)]
enum Waits {
    Nothing,
    Store(Token, Asked),
    Log(Token),
    Records { token: Token, timer: Option<Token> },
    Timer(Token),
}

/// What the store was asked, as far as its answer depends on it.
#[derive(Debug)]
enum Asked {
    Plain,
    Loading(Vec<Wanted>),
    Commit(Offset),
}

impl Owner {
    /// A process that decides.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self {
            share: Share::new(plan.partitions),
            plan,
            lives: 0,
            lanes: Vec::new(),
            counts: None,
            asked: None,
            stopping: false,
            resumes: false,
        }
    }

    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        let plan = &self.plan;
        if plan.rules != RULES_VERSION {
            ctx.fault(Fault::MixedVersions);
        }
        let name = if plan.keeps_name {
            plan.name.clone()
        } else {
            format!("{}.{}", plan.name, self.lives)
        };
        self.share = Share::new(plan.partitions);
        let options = Options {
            lease: plan.lease,
            batch_records_max: plan.batch_records_max,
            known_max: plan.known_max,
            ..Options::new(name)
        };
        self.lanes = (0..plan.partitions)
            .map(|number| {
                let partition = Partition(number);
                let (share, options) = (self.share.clone(), options.clone());
                let mut machine = Machine::new(partition, plan.partitions, share, options);
                machine.knows_rules(plan.rules);
                Lane {
                    partition,
                    machine,
                    session: None,
                    tail: None,
                    waits: Waits::Nothing,
                    unsure: None,
                    over: false,
                }
            })
            .collect();
        self.count(ctx);
        for lane in &mut self.lanes {
            let action = lane.machine.start();
            let lease = Lease {
                owner: options.owner.clone(),
                duration: self.plan.lease,
            };
            lane.carry_out(action, &lease, ctx);
        }
    }

    /// Tells the store that it lives, or does not any more; it answers how many do.
    fn count(&mut self, ctx: &mut Ctx<'_>) {
        let Lease { owner, duration } = self.lease();
        self.asked = Some(ctx.ask(match self.share.word() {
            Word::Lives => Question::MemberLives(owner, duration),
            Word::Leaves => Question::MemberLeaves(owner),
        }));
        self.counts = Some(ctx.after(duration / 3));
    }

    fn lease(&self) -> Lease {
        let name = if self.plan.keeps_name {
            self.plan.name.clone()
        } else {
            format!("{}.{}", self.plan.name, self.lives)
        };
        Lease {
            owner: name,
            duration: self.plan.lease,
        }
    }

    fn stop(&mut self, ctx: &mut Ctx<'_>) {
        let lease = self.lease();
        (self.stopping, self.resumes) = (true, false);
        for lane in &mut self.lanes {
            lane.machine.stop();
            let waited = matches!(
                lane.waits,
                Waits::Timer(_) | Waits::Records { timer: Some(_), .. }
            );
            if waited {
                lane.give_up_wait(ctx);
                lane.on(Input::Elapsed, &lease, ctx);
            }
        }
    }
}

impl Actor for Owner {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        let lease = self.lease();
        match event {
            // Killed and asked to stop before it had begun again.
            Event::Start if self.stopping => {}
            Event::Start => self.begin(ctx),
            Event::Timer(token) if self.counts == Some(token) => self.count(ctx),
            Event::Timer(token) => {
                let waits = |lane: &&mut Lane| match lane.waits {
                    Waits::Timer(timer) => timer == token,
                    Waits::Records { timer, .. } => timer == Some(token),
                    Waits::Nothing | Waits::Store(..) | Waits::Log(_) => false,
                };
                if let Some(lane) = self.lanes.iter_mut().find(waits) {
                    lane.give_up_wait(ctx);
                    lane.on(Input::Elapsed, &lease, ctx);
                }
            }
            Event::Store(token, answer) if self.asked == Some(token) => {
                if let Ok(Reply::Members(members)) = answer {
                    self.share.learn(members);
                }
            }
            Event::Store(token, answer) => {
                let waits = |lane: &&mut Lane| matches!(&lane.waits, Waits::Store(asked, _) if *asked == token);
                if let Some(lane) = self.lanes.iter_mut().find(waits) {
                    let input = lane.stored(answer, ctx);
                    lane.on(input, &lease, ctx);
                }
            }
            Event::Log(token, answer) => {
                let waits = |lane: &&mut Lane| match lane.waits {
                    Waits::Log(asked) | Waits::Records { token: asked, .. } => asked == token,
                    Waits::Nothing | Waits::Store(..) | Waits::Timer(_) => false,
                };
                if let Some(lane) = self.lanes.iter_mut().find(waits) {
                    let input = lane.logged(answer);
                    lane.on(input, &lease, ctx);
                }
            }
            Event::Message(_, Message::Stop) => self.stop(ctx),
            Event::Message(_, Message::Go) => self.resumes = self.stopping,
            Event::Message(..) => {}
        }
        if self.resumes && self.lanes.iter().all(|lane| lane.over) {
            (self.stopping, self.resumes) = (false, false);
            self.lives += 1;
            self.begin(ctx);
        }
    }

    fn restart(&mut self) {
        (self.stopping, self.resumes) = (false, false);
        self.lives += 1;
        self.lanes.clear();
        self.counts = None;
    }
}

impl Lane {
    fn on(&mut self, input: Input, lease: &Lease, ctx: &mut Ctx<'_>) {
        self.waits = Waits::Nothing;
        let mut input = input;
        loop {
            let now = Now {
                elapsed: Duration::from_micros(ctx.now().0),
                clock: ctx.clock(),
            };
            let action = self.machine.on(input, now);
            for note in self.machine.notes() {
                self.tell(note, ctx);
            }
            match self.carry_out(action, lease, ctx) {
                Some(next) => input = next,
                None => return,
            }
        }
    }

    /// Begins to carry an action out; what came of it where that is known at once.
    fn carry_out(&mut self, action: Action, lease: &Lease, ctx: &mut Ctx<'_>) -> Option<Input> {
        match action {
            Action::Open => {
                let token = ctx.open(lease.clone());
                self.waits = Waits::Store(token, Asked::Plain);
            }
            Action::Store(statement) => self.say(statement, ctx),
            Action::Log(look) => self.look(&look, ctx),
            Action::Tell(entries) => {
                told(entries, ctx);
                return Some(Input::Done);
            }
            Action::Wait(pause) => self.waits = Waits::Timer(ctx.after(pause)),
            Action::Rest(pause) => {
                self.drop_all(ctx);
                self.waits = Waits::Timer(ctx.after(pause));
            }
            Action::Stand => {
                self.drop_all(ctx);
                // Until it is asked to stop; that is a wait which nothing ends before.
                self.waits = Waits::Timer(Token(u64::MAX));
            }
            Action::End => {
                self.drop_all(ctx);
                self.over = true;
            }
        }
        None
    }

    fn say(&mut self, statement: machine::Statement, ctx: &mut Ctx<'_>) {
        let mut asked = Asked::Plain;
        let statement = match statement {
            machine::Statement::Claim => Statement::Claim(self.partition),
            machine::Statement::AskHalted => Statement::IsHalted(self.partition),
            machine::Statement::Recover(cursor) => Statement::Recover(cursor),
            machine::Statement::Begin(cursor, wanted) => {
                asked = Asked::Loading(wanted);
                Statement::Begin(cursor)
            }
            machine::Statement::Heads(tenants) => Statement::Heads(tenants),
            machine::Statement::Load(wanted) => {
                ctx.branch(Branch::LoadedMore);
                asked = Asked::Loading(wanted);
                Statement::Load
            }
            machine::Statement::Commit(batch) => {
                asked = Asked::Commit(batch.before.next_offset);
                // Whatever was decided otherwise makes another hash.
                let chain = u64::from_be_bytes(hash::chain8(&batch.after.chain));
                ctx.trace(format_args!(
                    "commits {} from {} to {}, {chain:016x}",
                    self.partition, batch.before.seq, batch.after.seq
                ));
                Statement::Commit(batch)
            }
            machine::Statement::Rollback => {
                ctx.branch(Branch::RolledBack);
                Statement::Rollback
            }
            machine::Statement::Renew(cursor) => {
                ctx.branch(Branch::Renewed);
                Statement::Renew(cursor)
            }
            machine::Statement::Release(cursor) => {
                ctx.branch(Branch::Released);
                Statement::Release(cursor)
            }
            machine::Statement::Halt(cursor, why) => Statement::Halt(cursor, why),
        };
        let session = self.session.unwrap_or(SessionId(0));
        let token = ctx.statement(session, statement);
        self.waits = Waits::Store(token, asked);
    }

    fn look(&mut self, look: &Look, ctx: &mut Ctx<'_>) {
        let (partition, tail) = (self.partition, self.tail.unwrap_or(TailId(0)));
        let mut ask = |request| ctx.log(Which::Commands, request);
        self.waits = match *look {
            Look::Tail(from) => Waits::Log(ask(log::Request::Tail(partition, from))),
            Look::Bounds => Waits::Log(ask(log::Request::Bounds(partition))),
            Look::TryNext(limit) => Waits::Records {
                token: ask(log::Request::Next(tail, limit, false)),
                timer: None,
            },
            Look::Next(limit, patience) => {
                let token = ask(log::Request::Next(tail, limit, true));
                let timer = Some(ctx.after(patience));
                Waits::Records { token, timer }
            }
        };
    }

    fn give_up_wait(&mut self, ctx: &mut Ctx<'_>) {
        if let Waits::Records { token, .. } = self.waits {
            ctx.forget(token);
        }
    }

    fn drop_all(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(session) = self.session.take() {
            ctx.close(session);
        }
        if let Some(tail) = self.tail.take() {
            ctx.close_tail(Which::Commands, tail);
        }
    }

    fn stored(&mut self, answer: Answer, ctx: &mut Ctx<'_>) -> Input {
        let Waits::Store(_, asked) = core::mem::replace(&mut self.waits, Waits::Nothing) else {
            return Input::Done;
        };
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => {
                if let (Asked::Commit(before), Error::CommitUnknown { .. }) = (asked, &error) {
                    self.unsure = Some(before);
                }
                return Input::StoreFailed(error);
            }
        };
        match reply {
            Reply::Opened(session) => self.session = Some(session),
            Reply::Claimed(claimed) => {
                if let Some(cursor) = &claimed {
                    self.claimed(cursor.next_offset, ctx);
                }
                return Input::Claimed(claimed);
            }
            Reply::Is(halted) => return Input::Halted(halted),
            Reply::Heads(heads) => return Input::Heads(heads),
            // All that was asked is answered so, and readers' questions never are asked here.
            Reply::Done
            | Reply::Head(_)
            | Reply::Entries(_)
            | Reply::Decisions(_)
            | Reply::Members(_)
            | Reply::Offset(_)
            | Reply::Cursor(_)
            | Reply::Halts(_)
            | Reply::Relayed(_)
            | Reply::Digest(..) => {}
        }
        if let Asked::Loading(wanted) = asked {
            let session = self.session.unwrap_or(SessionId(0));
            if let Err(error) = ctx.load(session, wanted, self.machine.states()) {
                return Input::StoreFailed(error);
            }
        }
        Input::Done
    }

    fn claimed(&mut self, next_offset: Offset, ctx: &mut Ctx<'_>) {
        let (partition, unsure) = (self.partition, self.unsure.take());
        ctx.trace(format_args!("claims {partition} at {next_offset}"));
        match unsure {
            Some(before) if next_offset > before => ctx.branch(Branch::UnknownCommitWas),
            Some(_) => ctx.branch(Branch::UnknownCommitWasNot),
            None => {}
        }
    }

    fn logged(&mut self, answer: log::Answer) -> Input {
        match answer {
            log::Answer::Tail(Ok(tail)) => {
                self.tail = Some(tail);
                Input::Done
            }
            log::Answer::Tail(Err(error)) | log::Answer::Records(Err(error)) => {
                Input::LogFailed(error)
            }
            log::Answer::Records(Ok(records)) => Input::Records(records),
            log::Answer::Bounds(Ok(bounds)) => Input::Bounds(bounds),
            log::Answer::Bounds(Err(error)) | log::Answer::Read(Err(error)) => {
                Input::LogFailed(error.into())
            }
            log::Answer::Appended(_) | log::Answer::Read(Ok(_)) => Input::Done,
        }
    }

    fn tell(&mut self, note: Note, ctx: &mut Ctx<'_>) {
        let partition = self.partition;
        match note {
            Note::Fenced => {
                ctx.trace(format_args!("is fenced from {partition}"));
                ctx.branch(Branch::Fenced);
            }
            Note::Failed { why, .. } => ctx.trace(format_args!("fails at {partition}: {why}")),
            Note::Halted { halt, .. } => halted(partition, &halt, ctx),
            Note::Recovered => ctx.branch(Branch::Recovered),
            Note::Cut => ctx.branch(Branch::BatchCut),
            Note::Trimmed => ctx.branch(Branch::CacheTrimmed),
            Note::HandedBack => ctx.trace(format_args!("hands {partition} back")),
            Note::NotGivenBack(error) => {
                ctx.trace(format_args!("could not give {partition} back: {error}"));
            }
            Note::Stands(..) | Note::Owned { .. } | Note::Lost => {}
        }
    }
}

fn halted(partition: Partition, halt: &Halt, ctx: &mut Ctx<'_>) {
    ctx.trace(format_args!("halts {partition}: {halt}"));
    match halt {
        Halt::AnchorMismatch { .. } => ctx.branch(Branch::AnchorRefused),
        Halt::OutOfBounds { .. } => ctx.branch(Branch::OutOfBounds),
        Halt::ClockAhead { .. } => ctx.branch(Branch::ClockAheadHalted),
        Halt::Rules { .. } => ctx.branch(Branch::RulesRefused),
        Halt::Missing { .. } => ctx.branch(Branch::LogMissing),
        Halt::BelowSeal { .. } | Halt::Misplaced { .. } => ctx.branch(Branch::BelowSeal),
        Halt::Newer { .. }
        | Halt::Hole { .. }
        | Halt::RestoredOtherwise { .. }
        | Halt::Corrupt { .. }
        | Halt::AsksAgain { .. }
        | Halt::Exhausted { .. }
        | Halt::Log { .. } => {
            let what = format!("partition {partition} is halted without a cause: {halt:?}");
            ctx.checker().violated(2, what);
        }
    }
}

/// What was committed is told to those who wait for it.
fn told(entries: Vec<Entry>, ctx: &mut Ctx<'_>) {
    for entry in &entries {
        if entry.kind == writ_envelope::restore::SEAL_KIND {
            ctx.branch(Branch::SealReached);
        }
        match &entry.outcome {
            Outcome::Invalid { .. } => ctx.branch(Branch::Invalid),
            Outcome::Duplicate { .. } => ctx.branch(Branch::Duplicate),
            Outcome::Rejected(Rejection::Cancelled { .. }) => ctx.branch(Branch::KeptOff),
            Outcome::Applied
            | Outcome::Unchanged
            | Outcome::Rejected(_)
            | Outcome::Denied(_)
            | Outcome::Expired => {}
        }
    }
    ctx.tell(&Arc::new(entries));
}
