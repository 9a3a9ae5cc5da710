//! Who asks services: sends a command, hears how it ended, and where it does not, asks again.
//!
//! ```text
//!   think ─► sent ─┬─ decided ─────────────────────────────────► think
//!                  ├─ not appended ─► pause ─► sent again
//!                  ├─ not known yet, no answer ─► sent again under the key
//!                  │                            ├► asked about ─► decided | nowhere ─► think
//!                  │                            ├► cancelled ─► think
//!                  └────────────────────────────┴► given up ─► think
//! ```

use core::time::Duration;
use std::collections::BTreeMap;

use writ_command::Decided;
use writ_command::submission::Standing;
use writ_domain::{
    BucketMap, Command, CommandId, Expected, Idempotency, Offset, Outcome, Partition, Rejection,
    TenantId, TenantSeq,
};

use crate::checker::clients::{Sent, Wanted};
use crate::coverage::{Branch, Fault};
use crate::log::Which;
use crate::{Actor, ActorId, Ctx, Dice, Event, Message, Token, load};

/// What a service is asked.
#[derive(Debug)]
pub struct Request {
    /// By which the client knows the answer.
    pub number: u64,
    /// What.
    pub what: Asked,
}

/// What a service is asked.
#[derive(Debug, Clone)]
pub enum Asked {
    /// To submit a command.
    Submit(Box<Ask>),
    /// How a command stands.
    Status(TenantId, CommandId),
}

/// A command, by whom, and how.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose ledger.
    pub tenant: TenantId,
    /// Who.
    pub caller: String,
    /// Under which key, if any.
    pub key: Option<(String, [u8; 32])>,
    /// What.
    pub command: Command,
    /// What the caller believes.
    pub expected: Option<Expected>,
    /// Until when, if not as long as the service waits.
    pub deadline: Option<Duration>,
}

impl Ask {
    /// To cancel the command of this.
    fn cancel(&self, command: CommandId) -> Self {
        Self {
            key: None,
            expected: None,
            deadline: None,
            command: Command::CancelCommand { command },
            ..self.clone()
        }
    }

    /// What an answer must be of.
    fn wanted(&self, id: Option<CommandId>) -> Wanted<'_> {
        let key = self.key.clone();
        Wanted {
            tenant: &self.tenant,
            caller: &self.caller,
            key: key.map(|(key, fingerprint)| Idempotency { key, fingerprint }),
            command: &self.command,
            expected: self.expected,
            id,
        }
    }
}

/// What a service answers.
#[derive(Debug)]
pub struct Answer {
    /// Which request.
    pub number: u64,
    /// What.
    pub what: Answered,
}

/// What a service answers.
#[derive(Debug)]
pub enum Answered {
    /// The outcome.
    Decided(Box<Decided>),
    /// Nothing was appended, of which command.
    NotAppended(Option<CommandId>),
    /// Not known yet.
    Unknown(CommandId),
    /// How it stands, if it is not decided.
    Stands(Standing),
    /// It could not be found out.
    Unread,
}

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its name.
    pub name: String,
    /// Whose ledgers it writes to.
    pub tenants: Vec<TenantId>,
    /// Whom it asks.
    pub services: Vec<ActorId>,
    /// How many commands it asks for.
    pub commands: u64,
    /// How long it thinks, at most.
    pub think: Duration,
}

/// How long a client waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(700);

/// A client.
#[derive(Debug)]
pub struct Client {
    options: Options,
    asked: u64,
    numbers: u64,
    calm: bool,
    /// What it waits for an answer to, or will send again; nothing while it thinks.
    task: Option<Box<Task>>,
    /// What it waits for no longer, by number: what is said to that stands all the same.
    left: BTreeMap<u64, Task>,
    timer: Option<Token>,
    seen: Option<TenantSeq>,
}

#[derive(Debug, Clone)]
struct Task {
    number: u64,
    ask: Ask,
    sent: Sent,
    /// What the log held when it was asked last how the command stands.
    held: Held,
    tries: u32,
    /// What is known of where it stands.
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Submitted,
    /// This command is asked about.
    Inquiring(CommandId),
    /// It asks to cancel this one.
    Cancelling(CommandId),
}

impl Client {
    /// Begins with a thought.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            asked: 0,
            numbers: 0,
            calm: false,
            task: None,
            left: BTreeMap::new(),
            timer: None,
            seen: None,
        }
    }

    fn think(&mut self, ctx: &mut Ctx<'_>) {
        self.task = None;
        self.timer = None;
        if self.calm || self.asked >= self.options.commands {
            return;
        }
        let pause = ctx.dice().between(Duration::ZERO, self.options.think);
        self.timer = Some(ctx.after(pause));
    }

    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        if self.calm {
            return;
        }
        self.asked += 1;
        let sent = ctx.checker().sent();
        let dice = ctx.dice();
        let Some(tenant) = dice.pick(&self.options.tenants).cloned() else {
            return;
        };
        let minted = dice.number() >> 40;
        let command = load::command(dice, minted);
        // Now and then the key of another request.
        let key = dice.one_in(3).then(|| {
            let number = if dice.one_in(16) {
                self.asked / 2
            } else {
                self.asked
            };
            (format!("key {number}"), fingerprint(self.asked))
        });
        let deadline = deadline(dice);
        let expected = load::expected(dice, self.seen);
        let caller = self.options.name.clone();
        let ask = Ask {
            tenant,
            caller,
            key,
            command,
            expected,
            deadline,
        };
        let task = Box::new(Task {
            number: 0,
            ask,
            sent,
            held: Held::default(),
            tries: 0,
            stage: Stage::Submitted,
        });
        self.send(task, ctx);
    }

    fn send(&mut self, mut task: Box<Task>, ctx: &mut Ctx<'_>) {
        let Some(to) = ctx.dice().pick(&self.options.services).copied() else {
            return;
        };
        self.numbers += 1;
        task.number = self.numbers;
        task.tries += 1;
        let tenant = task.ask.tenant.clone();
        let what = match task.stage {
            Stage::Submitted => Asked::Submit(Box::new(task.ask.clone())),
            Stage::Inquiring(command) => {
                task.held = Held::now(&tenant, ctx);
                Asked::Status(tenant, command)
            }
            Stage::Cancelling(command) => Asked::Submit(Box::new(task.ask.cancel(command))),
        };
        let number = task.number;
        ctx.send(to, Message::Request(Box::new(Request { number, what })));
        let patience = if ctx.dice().one_in(200) && !self.calm {
            ctx.fault(Fault::ClientGone);
            ctx.dice().between(Duration::ZERO, Duration::from_millis(5))
        } else {
            PATIENCE
        };
        self.timer = Some(ctx.after(patience));
        self.task = Some(task);
    }

    /// Sends the same again after a pause, or gives up in the end.
    fn again(&mut self, mut task: Box<Task>, ctx: &mut Ctx<'_>) {
        if task.tries > 40 {
            ctx.trace(format_args!("gives up {}", task.number));
            return self.think(ctx);
        }
        // An answer to what was sent before is for nobody.
        task.number = 0;
        self.timer = Some(ctx.after(PAUSE));
        self.task = Some(task);
    }

    fn timer(&mut self, ctx: &mut Ctx<'_>) {
        match self.task.take() {
            None => self.begin(ctx),
            Some(task) if task.number == 0 => self.send(task, ctx),
            Some(task) => {
                self.left.insert(task.number, Task::clone(&task));
                match task.stage {
                    // What has a key is safe to send again; the rest is left to its fate.
                    Stage::Submitted if task.ask.key.is_none() => self.think(ctx),
                    Stage::Submitted | Stage::Inquiring(_) | Stage::Cancelling(_) => {
                        self.again(task, ctx);
                    }
                }
            }
        }
    }

    fn answer(&mut self, answer: Answer, ctx: &mut Ctx<'_>) {
        if let Some(left) = self.left.remove(&answer.number) {
            ctx.branch(Branch::AnsweredLate);
            return left.hears(&answer.what, ctx);
        }
        let Some(task) = self.task.take_if(|task| task.number == answer.number) else {
            return;
        };
        task.hears(&answer.what, ctx);
        match answer.what {
            Answered::Decided(decided) => self.decided(&task, &decided, ctx),
            Answered::NotAppended(_) | Answered::Unread => self.again(task, ctx),
            Answered::Unknown(command) => self.unknown(task, command, ctx),
            Answered::Stands(standing) => self.stands(task, &standing, ctx),
        }
    }

    fn decided(&mut self, task: &Task, decided: &Decided, ctx: &mut Ctx<'_>) {
        let entry = &decided.entry;
        let outcome = entry.outcome.kind();
        ctx.trace(format_args!("has {outcome} at {}", entry.position));
        self.seen = Some(entry.tenant_seq);
        if decided.replayed {
            ctx.branch(Branch::Replayed);
        }
        match &entry.outcome {
            Outcome::Rejected(Rejection::IdempotencyKeyReused { .. }) => {
                ctx.branch(Branch::KeyReused);
            }
            Outcome::Rejected(Rejection::AlreadyDecided { .. }) => {
                ctx.branch(Branch::CancelledLate);
            }
            Outcome::Rejected(Rejection::Stale { .. }) => ctx.branch(Branch::Outdated),
            Outcome::Expired => ctx.branch(Branch::Expired),
            Outcome::Applied | Outcome::Unchanged => {
                if let Stage::Cancelling(_) = task.stage {
                    ctx.branch(Branch::Cancelled);
                }
            }
            Outcome::Rejected(_)
            | Outcome::Denied(_)
            | Outcome::Duplicate { .. }
            | Outcome::Invalid { .. } => {}
        }
        if let Stage::Inquiring(_) = task.stage {
            ctx.branch(Branch::InquiredDecided);
        }
        self.think(ctx);
    }

    fn unknown(&mut self, mut task: Box<Task>, command: CommandId, ctx: &mut Ctx<'_>) {
        if let Stage::Cancelling(_) = task.stage {
            return self.again(task, ctx);
        }
        match ctx.dice().roll(6) {
            0 => return self.think(ctx),
            1 | 2 if task.ask.key.is_some() => {}
            3 | 4 => task.stage = Stage::Cancelling(command),
            _ => task.stage = Stage::Inquiring(command),
        }
        self.again(task, ctx);
    }

    fn stands(&mut self, mut task: Box<Task>, standing: &Standing, ctx: &mut Ctx<'_>) {
        match (standing, task.stage) {
            (Standing::Unknown, Stage::Inquiring(command)) => {
                ctx.branch(Branch::InquiredUnknown);
                if ctx.dice().one_in(2) {
                    return self.think(ctx);
                }
                // It may still arrive; a cancel makes sure that it has no effect.
                task.stage = Stage::Cancelling(command);
            }
            (Standing::Behind, _) => ctx.branch(Branch::InquiredBehind),
            (
                Standing::Unknown | Standing::Appended | Standing::Decided(_),
                Stage::Submitted | Stage::Inquiring(_) | Stage::Cancelling(_),
            ) => {}
        }
        self.again(task, ctx);
    }
}

impl Task {
    /// What a service says is true, whether somebody still waits for it or not.
    fn hears(&self, answered: &Answered, ctx: &mut Ctx<'_>) {
        match answered {
            Answered::Decided(decided) => self.is_decided(decided, ctx),
            Answered::NotAppended(Some(command)) => ctx.checker().refused(*command),
            Answered::Unknown(command) => ctx.checker().unsure(&self.ask.tenant, *command),
            Answered::Stands(Standing::Unknown) => {
                if let Stage::Inquiring(command) = self.stage
                    && let Some(offset) = self.held.find(command, ctx)
                {
                    let what = format!("{command} was told not to be in the log, at {offset}");
                    ctx.checker().violated(2, what);
                }
            }
            Answered::NotAppended(None) | Answered::Unread | Answered::Stands(_) => {}
        }
    }

    fn is_decided(&self, decided: &Decided, ctx: &mut Ctx<'_>) {
        let entry = &decided.entry;
        let checker = ctx.checker();
        checker.answered(&self.sent, decided);
        match self.stage {
            Stage::Submitted => checker.answers(&self.ask.wanted(None), decided),
            Stage::Inquiring(id) => checker.answers(&self.ask.wanted(Some(id)), decided),
            Stage::Cancelling(id) => {
                let cancel = self.ask.cancel(id);
                checker.answers(&cancel.wanted(None), decided);
                if let Outcome::Applied | Outcome::Unchanged = entry.outcome {
                    checker.cancelled(id, entry.tenant_seq);
                }
            }
        }
    }
}

/// Now and then too little time for the log; and now and then so much that a command is still to
/// be reckoned with when nobody waits for it any more.
fn deadline(dice: &mut Dice) -> Option<Duration> {
    match dice.roll(40) {
        0 => Some(dice.between(Duration::ZERO, Duration::from_secs(3))),
        1..=12 => Some(dice.between(PATIENCE, PATIENCE * 4)),
        _ => None,
    }
}

/// That of the request of this number: no two requests of a client have the same.
fn fingerprint(number: u64) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    for (byte, of) in fingerprint.iter_mut().zip(number.to_be_bytes()) {
        *byte = of;
    }
    fingerprint
}

/// How far the log of a tenant went.
#[derive(Debug, Clone, Default)]
struct Held(Option<(Partition, u64, usize)>);

impl Held {
    fn now(tenant: &TenantId, ctx: &Ctx<'_>) -> Self {
        let topic = ctx.topic(Which::Commands);
        let map = BucketMap::try_new(topic.partitions());
        let partition = map.map(|map| map.partition_of(tenant));
        Self(partition.map(|number| (number, topic.leader(number), topic.records(number).len())))
    }

    /// Where the log held a command then, as far as it has lost nothing since. A copy in another
    /// partition is nobody's command.
    fn find(&self, command: CommandId, ctx: &Ctx<'_>) -> Option<Offset> {
        let (partition, leader, held) = self.0?;
        let topic = ctx.topic(Which::Commands);
        if topic.leader(partition) != leader {
            return None;
        }
        let is_it = |logged: &&writ_log::Logged| {
            let decoded = writ_envelope::decode(&logged.record.value);
            decoded.is_ok_and(|found| found.stamp.command_id == command)
        };
        let records = topic.records(partition).iter().take(held);
        records.rev().find(is_it).map(|logged| logged.offset)
    }
}

impl Actor for Client {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => self.think(ctx),
            Event::Timer(token) if self.timer == Some(token) => self.timer(ctx),
            Event::Message(_, Message::Answer(answer)) => self.answer(*answer, ctx),
            Event::Message(_, Message::Calm) => self.calm = true,
            Event::Message(..) | Event::Timer(_) | Event::Log(..) | Event::Store(..) => {}
        }
    }

    /// A client is nobody's process: it goes on as before.
    fn restart(&mut self) {}
}
