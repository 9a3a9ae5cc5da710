//! Who reads: the newest, or a revision and what comes after it.

use core::time::Duration;

use writ_domain::{TenantId, TenantSeq};
use writ_store::entries::{Claimed, Reached};

use super::consumer::{Pull, Said, Saying};
use crate::checker::reads::Least;
use crate::{Actor, ActorId, Ctx, Event, Message, Token};

/// A reader.
#[derive(Debug)]
pub struct Reader {
    tenants: Vec<TenantId>,
    queries: Vec<ActorId>,
    /// How long it thinks, at most.
    think: Duration,
    number: u64,
    asked: Option<Asked>,
    timer: Option<Token>,
    calm: bool,
}

#[derive(Debug)]
struct Asked {
    tenant: TenantId,
    least: Least,
    at_least: Option<TenantSeq>,
}

impl Reader {
    /// Begins with a thought.
    #[must_use]
    pub fn new(tenants: Vec<TenantId>, queries: Vec<ActorId>, think: Duration) -> Self {
        Self {
            tenants,
            queries,
            think,
            number: 0,
            asked: None,
            timer: None,
            calm: false,
        }
    }

    fn think(&mut self, ctx: &mut Ctx<'_>) {
        let pause = ctx.dice().between(Duration::ZERO, self.think);
        self.asked = None;
        self.timer = (!self.calm).then(|| ctx.after(pause));
    }

    fn read(&mut self, ctx: &mut Ctx<'_>) {
        let Some(tenant) = ctx.dice().pick(&self.tenants).cloned() else {
            return;
        };
        let Some(to) = ctx.dice().pick(&self.queries).copied() else {
            return;
        };
        let claimed = if ctx.dice().one_in(2) {
            ctx.revision(&tenant)
        } else {
            None
        };
        let at_least = claimed.map(|(seq, hash)| Claimed {
            tenant_seq: seq,
            chain8: writ_envelope::hash::chain8(&hash),
        });
        self.number += 1;
        let me = ctx.me();
        self.asked = Some(Asked {
            least: ctx.checker().asks_latest(me, &tenant),
            at_least: at_least.map(|claimed| claimed.tenant_seq),
            tenant: tenant.clone(),
        });
        let number = self.number;
        let pull = Pull::Read {
            number,
            tenant,
            at_least,
        };
        ctx.send(to, Message::Pull(pull));
        self.timer = Some(ctx.after(Duration::from_secs(10)));
    }

    fn said(&mut self, said: &Said, ctx: &mut Ctx<'_>) {
        let Some(asked) = self.asked.take_if(|_| said.number == self.number) else {
            return;
        };
        match &said.saying {
            Saying::Read(Reached::Yes(head)) => {
                let (me, shown) = (ctx.me(), head.tenant_seq);
                ctx.trace(format_args!("sees {} at {shown}", asked.tenant));
                let least = (asked.least, asked.at_least);
                ctx.checker().reads(me, &asked.tenant, shown, least);
            }
            Saying::Read(Reached::Forked) => {
                let what = format!("{} does not hold what it answered", asked.tenant);
                ctx.checker().violated(5, what);
            }
            Saying::Read(Reached::Behind)
            | Saying::Failed
            | Saying::Forked
            | Saying::Poll { .. }
            | Saying::Stream { .. } => {}
        }
        self.think(ctx);
    }
}

impl Actor for Reader {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => self.think(ctx),
            Event::Timer(token) if self.timer == Some(token) => match self.asked {
                Some(_) => self.think(ctx),
                None => self.read(ctx),
            },
            Event::Message(_, Message::Said(said)) => self.said(&said, ctx),
            Event::Message(_, Message::Calm) => self.calm = true,
            Event::Timer(_) | Event::Log(..) | Event::Store(..) | Event::Message(..) => {}
        }
    }

    fn restart(&mut self) {
        (self.asked, self.timer) = (None, None);
    }
}
