//! Who asks once all is settled: a command of each service, what it wrote of whoever reads, and what
//! became of everything of which a client was told that it is not known yet.

use core::time::Duration;
use std::collections::BTreeMap;

use writ_command::submission::Standing;
use writ_domain::{CommandId, TenantId, TenantSeq};
use writ_store::entries::{Claimed, Reached};

use super::client::{Answer, Answered, Ask, Asked, Request};
use super::consumer::{Pull, Said, Saying};
use crate::{Actor, ActorId, Ctx, Event, Message, load};

/// The last to ask: nothing fails any more, so each question has an answer, and the right one.
#[derive(Debug)]
pub struct Last {
    tenants: Vec<TenantId>,
    services: Vec<ActorId>,
    queries: Vec<ActorId>,
    number: u64,
    /// Which command each inquiry is about.
    inquiries: BTreeMap<u64, CommandId>,
}

impl Last {
    /// Asks these at once.
    #[must_use]
    pub fn new(tenants: Vec<TenantId>, services: Vec<ActorId>, queries: Vec<ActorId>) -> Self {
        Self {
            tenants,
            services,
            queries,
            number: 0,
            inquiries: BTreeMap::new(),
        }
    }

    fn number(&mut self, what: &str, ctx: &mut Ctx<'_>) -> u64 {
        self.number += 1;
        let me = ctx.me();
        let what = format!("{what}, request {}", self.number);
        ctx.checker().awaits((me, self.number), what);
        self.number
    }

    fn command(&mut self, to: ActorId, tenant: TenantId, ctx: &mut Ctx<'_>) {
        let what = format!("a command for {tenant}, sent to {}", to.0);
        let number = self.number(&what, ctx);
        let minted = ctx.dice().number() >> 40;
        let ask = Ask {
            tenant,
            caller: "last".to_owned(),
            key: None,
            command: load::command(ctx.dice(), minted),
            expected: None,
            deadline: None,
        };
        let what = Asked::Submit(Box::new(ask));
        ctx.send(to, Message::Request(Box::new(Request { number, what })));
    }

    fn inquire(&mut self, tenant: &TenantId, command: CommandId, ctx: &mut Ctx<'_>) {
        let Some(to) = ctx.dice().pick(&self.services).copied() else {
            return;
        };
        let what = format!("what became of {command} of {tenant}, asked of {}", to.0);
        let number = self.number(&what, ctx);
        self.inquiries.insert(number, command);
        let what = Asked::Status(tenant.clone(), command);
        ctx.send(to, Message::Request(Box::new(Request { number, what })));
    }

    /// What became of it is known, and stays so.
    fn inquired(command: CommandId, answer: &Answer, ctx: &mut Ctx<'_>) {
        let is_known = match &answer.what {
            // Under its key another one may have been first.
            Answered::Decided(decided) => {
                decided.replayed || decided.entry.command_id == Some(command)
            }
            Answered::Stands(Standing::Unknown) => {
                ctx.checker().refused(command);
                true
            }
            Answered::Stands(_)
            | Answered::NotAppended(_)
            | Answered::Unknown(_)
            | Answered::Unread => false,
        };
        if is_known {
            let me = ctx.me();
            ctx.checker().served((me, answer.number));
        }
    }

    fn read(&mut self, tenant: &TenantId, at_least: Option<Claimed>, ctx: &mut Ctx<'_>) {
        for to in self.queries.clone() {
            let what = format!("a read of {tenant} at {at_least:?}, asked of {}", to.0);
            let number = self.number(&what, ctx);
            let tenant = tenant.clone();
            let pull = Pull::Read {
                number,
                tenant,
                at_least,
            };
            ctx.send(to, Message::Pull(pull));
        }
    }

    fn poll(&mut self, tenant: &TenantId, claimed: Claimed, ctx: &mut Ctx<'_>) {
        for to in self.queries.clone() {
            let after = claimed.tenant_seq.previous().unwrap_or(TenantSeq::ZERO);
            let what = format!("a poll of {tenant} after {after}, asked of {}", to.0);
            let number = self.number(&what, ctx);
            let pull = Pull::Poll {
                number,
                tenant: tenant.clone(),
                after,
                limit: 10,
                wait: Duration::from_secs(3),
            };
            ctx.send(to, Message::Pull(pull));
        }
    }

    fn answer(&mut self, answer: &Answer, ctx: &mut Ctx<'_>) {
        if let Some(command) = self.inquiries.remove(&answer.number) {
            return Self::inquired(command, answer, ctx);
        }
        let Answered::Decided(decided) = &answer.what else {
            return;
        };
        let me = ctx.me();
        ctx.checker().served((me, answer.number));
        let entry = &decided.entry;
        let claimed = Claimed {
            tenant_seq: entry.tenant_seq,
            chain8: entry.chain8(),
        };
        self.read(&entry.tenant, None, ctx);
        self.read(&entry.tenant, Some(claimed), ctx);
        self.poll(&entry.tenant, claimed, ctx);
    }
}

impl Actor for Last {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => {
                for to in self.services.clone() {
                    for tenant in self.tenants.clone() {
                        self.command(to, tenant, ctx);
                    }
                }
                let unsure: Vec<_> = ctx.checker().clients().unsure().cloned().collect();
                for (tenant, command) in unsure {
                    self.inquire(&tenant, command, ctx);
                }
            }
            Event::Message(_, Message::Answer(answer)) => self.answer(&answer, ctx),
            Event::Message(_, Message::Said(said)) => {
                let Said { number, saying } = &*said;
                let me = ctx.me();
                match saying {
                    Saying::Read(Reached::Yes(_)) => ctx.checker().served((me, *number)),
                    Saying::Poll { changes, .. } if !changes.is_empty() => {
                        ctx.checker().served((me, *number));
                    }
                    Saying::Read(_)
                    | Saying::Poll { .. }
                    | Saying::Stream { .. }
                    | Saying::Forked
                    | Saying::Failed => {}
                }
            }
            Event::Message(..) | Event::Timer(_) | Event::Log(..) | Event::Store(..) => {}
        }
    }

    fn restart(&mut self) {}
}
