//! Questions how a command stands.

use writ_command::submission::{Asks, Heard, Inquiry, Standing};
use writ_domain::{CommandId, Offset, TenantId};
use writ_log::Logged;
use writ_store::entries::{Entry, Progress};

use super::{Service, What, Whom, reply};
use crate::actors::client::Answered;
use crate::log::{self, Which};
use crate::store::Question;
use crate::{Ctx, Token};

/// A question how a command stands.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) whom: Whom,
    pub(super) inquiry: Inquiry,
    pub(super) tenant: TenantId,
    pub(super) command: CommandId,
    pub(super) waits: bool,
    pub(super) timer: Option<Token>,
}

/// What was said to an inquiry.
pub(super) enum Said {
    Found(Option<Box<Entry>>),
    End(Offset),
    Progress(Progress),
    Record(Option<Logged>),
}

impl Service {
    /// Something may have been decided.
    pub(super) fn moved(&mut self, ctx: &mut Ctx<'_>) {
        let waiting = |(job, asking): (&u64, &Asking)| asking.waits.then_some(*job);
        let jobs: Vec<u64> = self.life.inquiries.iter().filter_map(waiting).collect();
        for job in jobs {
            self.heard(job, Heard::Moved, ctx);
        }
    }

    pub(super) fn heard(&mut self, job: u64, heard: Heard, ctx: &mut Ctx<'_>) {
        if let Some(asking) = self.life.inquiries.get_mut(&job) {
            asking.waits = false;
            let asks = asking.inquiry.step(heard);
            self.inquire(job, asks, ctx);
        }
    }

    pub(super) fn inquire(&mut self, job: u64, asks: Asks, ctx: &mut Ctx<'_>) {
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
    pub(super) fn inquired(&mut self, job: u64, said: Result<Said, ()>, ctx: &mut Ctx<'_>) {
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
}
