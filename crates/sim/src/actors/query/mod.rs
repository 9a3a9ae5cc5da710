//! A process that answers reads: the newest entry, revisions, polls and streams of the feed.
//!
//! **Shape.** `stream` and `wait` drive what clients ask for; here is what all share, as production
//! has it: the heads that somebody waits for, and the one reader that fills the rings.

mod stream;
mod wait;

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use writ_domain::{TenantId, TenantSeq};
use writ_query::feed::ring::{Rings, Told};
use writ_store::entries::{Entry, Head, Heads, Watch};

use self::stream::Stream;
use self::wait::Wait;
use super::consumer::{Change, Pull, Said, Saying};
use crate::store::{self, Question, Reply, Stored};
use crate::{Actor, ActorId, Ctx, Event, Hears, Message, Token};

/// How such a process behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How it hears of commits.
    pub hears: Hears,
    /// The newest entries of a tenant that are kept for its streams.
    pub kept: usize,
    /// How long a stream says nothing, at most.
    pub quiet: Duration,
    /// How long a stream lasts.
    pub lifetime: Duration,
    /// How often the store is looked at although nobody told of a commit.
    pub look_every: Duration,
    /// How long a read waits for its revision.
    pub patience: Duration,
    /// Entries that are read at once.
    pub page: u32,
}

/// A process that answers reads.
#[derive(Debug)]
pub struct Query {
    options: Options,
    life: Life,
}

/// What a process keeps in memory.
#[derive(Debug)]
struct Life {
    heads: Heads,
    rings: Rings,
    streams: BTreeMap<u64, Stream>,
    waits: BTreeMap<u64, Wait>,
    tokens: BTreeMap<Token, What>,
    jobs: u64,
    filling: Filling,
}

/// The reader that fills the rings: one tenant after the other.
#[derive(Debug, Default)]
struct Filling {
    queue: VecDeque<(TenantId, TenantSeq)>,
    is_busy: bool,
    /// Something moved meanwhile; whether all are to be looked at.
    again: Option<bool>,
}

/// Whom to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Whom {
    client: ActorId,
    number: u64,
}

#[derive(Debug)]
enum What {
    LookDue,
    /// The head of a tenant that somebody waits for.
    Head(TenantId),
    /// New entries of a streamed tenant.
    Fill(TenantId),
    /// A page for a stream, up to this entry.
    Page(u64, TenantSeq),
    /// The head of the tenant of a stream that is opened.
    Opening(u64),
    /// The head of a tenant that begins to be streamed.
    Begin(u64, Watch),
    /// A stream has been quiet, or is to end.
    Speak(u64),
    /// An answer for a wait.
    Wait(u64),
    /// A wait has taken too long.
    Late(u64),
}

impl Life {
    fn new(options: &Options) -> Self {
        Self {
            heads: Heads::new(),
            rings: Rings::new(options.kept),
            streams: BTreeMap::new(),
            waits: BTreeMap::new(),
            tokens: BTreeMap::new(),
            jobs: 0,
            filling: Filling::default(),
        }
    }

    fn job(&mut self) -> u64 {
        self.jobs += 1;
        self.jobs
    }

    fn ask(&mut self, question: Question, what: What, ctx: &mut Ctx<'_>) {
        let token = ctx.ask(question);
        self.tokens.insert(token, what);
    }

    fn timer(&mut self, pause: Duration, what: What, ctx: &mut Ctx<'_>) -> Token {
        let token = ctx.after(pause);
        self.tokens.insert(token, what);
        token
    }
}

fn head_of(entry: &Entry) -> Head {
    Head {
        tenant_seq: entry.tenant_seq,
        chain8: entry.chain8(),
        time: entry.time,
    }
}

fn change_of(entry: &Entry) -> Change {
    Change {
        seq: entry.tenant_seq,
        hash: entry.chain,
    }
}

fn say(whom: Whom, saying: Saying, ctx: &mut Ctx<'_>) {
    let number = whom.number;
    ctx.send(
        whom.client,
        Message::Said(Box::new(Said { number, saying })),
    );
}

/// The entries of an answer, up to one of them; `None` where the store failed.
fn entries(answer: store::Answer, up_to: TenantSeq) -> Option<Vec<Arc<Stored>>> {
    match answer {
        Ok(Reply::Entries(mut entries)) => {
            entries.retain(|stored| stored.entry.tenant_seq <= up_to);
            Some(entries)
        }
        Ok(_) | Err(_) => None,
    }
}

impl Query {
    /// A process without streams.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            life: Life::new(&options),
            options,
        }
    }

    fn page(&self) -> usize {
        usize::try_from(self.options.page).unwrap_or(usize::MAX)
    }

    /// Asks where the tenants stand that somebody waits for.
    fn refresh(&mut self, ctx: &mut Ctx<'_>) {
        for tenant in self.life.heads.awaited() {
            let what = What::Head(tenant.clone());
            self.life.ask(Question::Head(tenant), what, ctx);
        }
    }

    /// Fills the rings of the tenants that moved, or of all.
    fn fill(&mut self, all: bool, ctx: &mut Ctx<'_>) {
        if self.life.filling.is_busy {
            let again = self.life.filling.again.unwrap_or(false);
            self.life.filling.again = Some(again || all);
            return;
        }
        self.life.filling.queue = self.life.rings.behind(all).into();
        self.fill_next(ctx);
    }

    fn fill_next(&mut self, ctx: &mut Ctx<'_>) {
        let next = self.life.filling.queue.pop_front();
        self.life.filling.is_busy = next.is_some();
        if let Some((tenant, come_to)) = next {
            let question = Question::Changes(tenant.clone(), come_to, self.page());
            self.life.ask(question, What::Fill(tenant), ctx);
        } else if let Some(all) = self.life.filling.again.take() {
            self.fill(all, ctx);
        }
    }

    fn filled(&mut self, tenant: &TenantId, answer: store::Answer, ctx: &mut Ctx<'_>) {
        let found = entries(answer, TenantSeq(u64::MAX)).unwrap_or_default();
        if let Some(last) = found.last().filter(|_| found.len() >= self.page()) {
            let next = (tenant.clone(), last.entry.tenant_seq);
            self.life.filling.queue.push_front(next);
        }
        let mut told = Vec::with_capacity(found.len());
        for stored in &found {
            match Told::new(stored.entry.clone()) {
                Ok(one) => told.push(Arc::new(one)),
                Err(error) => {
                    ctx.checker()
                        .violated(6, format!("an entry cannot be told: {error}"));
                    return;
                }
            }
        }
        self.life.rings.tell(tenant, told);
        self.fill_next(ctx);
        self.drive_all(ctx);
    }

    /// Heads may have moved: rings are filled, and who waits looks again.
    fn moved(&mut self, ctx: &mut Ctx<'_>) {
        self.fill(false, ctx);
        self.wake_all(ctx);
    }

    fn pull(&mut self, client: ActorId, pull: Pull, ctx: &mut Ctx<'_>) {
        match pull {
            Pull::Stream {
                number,
                tenant,
                after,
                last_event_id,
            } => {
                let whom = Whom { client, number };
                self.open(whom, tenant, (after, last_event_id), ctx);
            }
            Pull::More { number } => self.pulled(Whom { client, number }, ctx),
            Pull::Poll {
                number,
                tenant,
                after,
                limit,
                wait,
            } => {
                let whom = Whom { client, number };
                self.poll(whom, tenant, (after, limit, wait), ctx);
            }
            Pull::Read {
                number,
                tenant,
                at_least,
            } => self.read(Whom { client, number }, tenant, at_least, ctx),
        }
    }

    fn timer(&mut self, token: Token, what: &What, ctx: &mut Ctx<'_>) {
        match what {
            What::LookDue => {
                self.refresh(ctx);
                self.fill(true, ctx);
                let pause = self.options.look_every;
                self.life.timer(pause, What::LookDue, ctx);
            }
            What::Speak(job) => self.speak(*job, token, ctx),
            What::Late(job) => self.late(*job, ctx),
            What::Head(_)
            | What::Fill(_)
            | What::Page(..)
            | What::Begin(..)
            | What::Opening(_)
            | What::Wait(_) => {}
        }
    }

    fn stored(&mut self, what: What, answer: store::Answer, ctx: &mut Ctx<'_>) {
        match what {
            What::Head(tenant) => {
                if let Ok(Reply::Head(Some(head))) = answer {
                    self.life.heads.found(&BTreeMap::from([(tenant, head)]));
                    self.moved(ctx);
                }
            }
            What::Fill(tenant) => self.filled(&tenant, answer, ctx),
            What::Page(job, up_to) => self.paged(job, entries(answer, up_to), ctx),
            What::Opening(job) => self.opened(job, &answer, ctx),
            What::Begin(job, watch) => self.begun(job, watch, &answer, ctx),
            What::Wait(job) => self.heard(job, answer, ctx),
            What::LookDue | What::Speak(_) | What::Late(_) => {}
        }
    }
}

impl Actor for Query {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => {
                ctx.hear(self.options.hears);
                self.life.timer(Duration::ZERO, What::LookDue, ctx);
            }
            Event::Timer(token) => {
                if let Some(what) = self.life.tokens.remove(&token) {
                    self.timer(token, &what, ctx);
                }
            }
            Event::Store(token, answer) => {
                if let Some(what) = self.life.tokens.remove(&token) {
                    self.stored(what, answer, ctx);
                }
            }
            Event::Message(_, Message::Told(entries)) => {
                self.life.heads.committed(entries.iter());
                self.moved(ctx);
            }
            Event::Message(_, Message::News) => self.refresh(ctx),
            Event::Message(from, Message::Pull(pull)) => self.pull(from, pull, ctx),
            Event::Message(..) | Event::Log(..) => {}
        }
    }

    fn restart(&mut self) {
        self.life = Life::new(&self.options);
    }
}
