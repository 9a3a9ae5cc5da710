//! Commands on their way: appended, waited for, answered.

use core::time::Duration;

use chrono::{DateTime, Utc};
use writ_command::SubmitError;
use writ_command::submission::{self, Action, Input, Machine, Resolved};
use writ_domain::{
    Actor as Who, Clock as _, CommandId, GenericUuid as _, Idempotency, Partition, Stamp,
    Submission, TenantId,
};
use writ_log::Record;
use writ_store::entries::Entry;

use super::{Service, What, Whom, reply};
use crate::actors::client::{Answered, Ask};
use crate::coverage::Branch;
use crate::log::{self, Which};
use crate::store::{self, Question, Reply};
use crate::{Ctx, Moment, Token};

/// A command on its way.
#[derive(Debug)]
pub(super) struct Passage {
    pub(super) whom: Whom,
    pub(super) machine: Machine,
    pub(super) partition: Partition,
    pub(super) command: CommandId,
    pub(super) record: Record,
    pub(super) begun: Moment,
    pub(super) sent: DateTime<Utc>,
    pub(super) timer: Option<Token>,
    /// Whether the log has said that it has it.
    pub(super) is_appended: bool,
}

/// A second entry of a command, whose first one is read.
#[derive(Debug)]
pub(super) struct First {
    whom: Whom,
    command: CommandId,
}

impl Service {
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

    pub(super) fn submit(&mut self, whom: Whom, ask: Ask, ctx: &mut Ctx<'_>) {
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

    pub(super) fn step(&mut self, job: u64, input: Input, ctx: &mut Ctx<'_>) {
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
    pub(super) fn resolve(&mut self, whom: Whom, entry: Entry, ctx: &mut Ctx<'_>) {
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

    pub(super) fn first(&mut self, job: u64, answer: store::Answer, ctx: &mut Ctx<'_>) {
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
}
