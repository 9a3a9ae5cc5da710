//! Who reads: the newest, or a revision and what comes after it.

use core::time::Duration;

use writ_domain::{TenantId, TenantSeq};
use writ_store::entries::{Claimed, Reached};

use super::consumer::{Pull, Said, Saying};
use crate::checker::reads::Least;
use crate::store::{self, Question, Reply};
use crate::{Actor, ActorId, Ctx, Event, Message, Token};

/// One of so many reads asks for a digest too, which walks all rows.
const DIGESTS: u64 = 24;

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
    /// The digest that it asked for besides.
    digest: Option<(Token, TenantId)>,
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
            digest: None,
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
        if ctx.dice().one_in(DIGESTS) {
            self.ask_digest(&tenant, ctx);
        }
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

    /// Asks for all rows: as they are now, or as of an entry.
    fn ask_digest(&mut self, tenant: &TenantId, ctx: &mut Ctx<'_>) {
        let at = if ctx.dice().one_in(2) {
            ctx.revision(tenant).map(|(seq, _)| seq)
        } else {
            None
        };
        let token = ctx.ask(Question::Digest(tenant.clone(), at));
        self.digest = Some((token, tenant.clone()));
    }

    fn digested(&mut self, answer: &store::Answer, ctx: &mut Ctx<'_>) {
        let Some((_, tenant)) = self.digest.take() else {
            return;
        };
        if let Ok(Reply::Digest(at, digest)) = answer {
            ctx.checker().saw_digest(&tenant, *at, *digest);
        }
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
            Event::Store(token, answer)
                if self
                    .digest
                    .as_ref()
                    .is_some_and(|(asked, _)| *asked == token) =>
            {
                self.digested(&answer, ctx);
            }
            Event::Timer(_) | Event::Log(..) | Event::Store(..) | Event::Message(..) => {}
        }
    }

    fn restart(&mut self) {
        (self.asked, self.timer, self.digest) = (None, None, None);
    }
}
