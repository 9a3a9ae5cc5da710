//! Who reads: the newest, or a revision and what comes after it.

use core::time::Duration;

use writ_domain::{TenantId, TenantSeq};
use writ_store::entries::{Claimed, Reached};

use super::consumer::{Pull, Said, Saying};
use crate::checker::reads::{Asked as Claim, Least};
use crate::coverage::Branch;
use crate::store::{self, Question, Reply};
use crate::{Actor, ActorId, Ctx, Event, Message, Token};

/// One of so many reads asks for a digest too, which walks all rows.
const DIGESTS: u64 = 24;

/// One of so many revisions that are claimed is of another history.
const OTHERS: u64 = 10;
/// So much further than all that was told such a revision may be, less one.
const AHEAD: u64 = 3;

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
    claim: Claim,
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
        let (claim, at_least) = claim(&tenant, ctx);
        self.number += 1;
        let me = ctx.me();
        self.asked = Some(Asked {
            least: ctx.checker().asks_latest(me, &tenant),
            claim,
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
        let tenant = &asked.tenant;
        match &said.saying {
            Saying::Read(Reached::Yes(head)) => {
                let (me, shown) = (ctx.me(), head.tenant_seq);
                ctx.trace(format_args!("sees {tenant} at {shown}"));
                let least = (asked.least, asked.claim);
                ctx.checker().reads(me, tenant, shown, least);
            }
            Saying::Read(Reached::Forked) => {
                if let Claim::Other(_) = asked.claim {
                    ctx.branch(Branch::ForkRefused);
                }
                ctx.checker().is_told_fork(tenant, asked.claim);
            }
            Saying::Read(Reached::Behind) => {
                let least = (asked.least, asked.claim);
                ctx.checker().is_told_behind(tenant, least);
            }
            Saying::Failed | Saying::Forked | Saying::Poll { .. } | Saying::Stream { .. } => {}
        }
        self.think(ctx);
    }
}

/// What a reader claims to have seen: nothing, what somebody was told, or now and then an entry of
/// a history that never was, which this one has by number, or not yet.
fn claim(tenant: &TenantId, ctx: &mut Ctx<'_>) -> (Claim, Option<Claimed>) {
    let told = if ctx.dice().one_in(2) {
        ctx.revision(tenant)
    } else {
        None
    };
    let Some((seq, hash)) = told else {
        return (Claim::Newest, None);
    };
    let mut claimed = Claimed {
        tenant_seq: seq,
        chain8: writ_envelope::hash::chain8(&hash),
    };
    if !ctx.dice().one_in(OTHERS) {
        return (Claim::True(seq), Some(claimed));
    }
    let bit = ctx.dice().roll(64);
    claimed.chain8 = (u64::from_be_bytes(claimed.chain8) ^ (1 << bit)).to_be_bytes();
    let newest = ctx.checker().clients().newest(tenant);
    if let Some(newest) = newest.filter(|_| ctx.dice().one_in(4)) {
        claimed.tenant_seq = TenantSeq(newest.0 + 1 + ctx.dice().roll(AHEAD));
    }
    (Claim::Other(claimed.tenant_seq), Some(claimed))
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
