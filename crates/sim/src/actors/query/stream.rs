//! Streams of the feed, read as fast as their clients read.

use writ_domain::{TenantId, TenantSeq};
use writ_query::feed::cursor::{Cursor, Hearing, Next, resume};
use writ_query::feed::ring::{Heard, Subscription};
use writ_store::entries::Watch;

use super::super::consumer::{Change, Farewell, Saying};
use super::{Query, What, Whom, change_of, head_of, say};
use crate::coverage::Branch;
use crate::store::{self, Question, Reply, Stored};
use crate::{Ctx, Moment, Token};

use core::time::Duration;
use std::sync::Arc;

/// Entries of the ring that go into one chunk, at most.
const CHUNK: usize = 16;

/// A stream.
#[derive(Debug)]
pub(super) struct Stream {
    whom: Whom,
    tenant: TenantId,
    cursor: Cursor,
    began: Moment,
    subscription: Option<Subscription>,
    /// Whether the client reads.
    is_pulled: bool,
    /// Whether the store is asked.
    is_asking: bool,
    timer: Option<Token>,
}

impl Stream {
    fn now(&self, ctx: &Ctx<'_>) -> Duration {
        ctx.now().since(self.began)
    }

    /// Says something: the client has it, and reads again when it likes.
    fn say(&mut self, changes: Vec<Change>, farewell: Option<Farewell>, ctx: &mut Ctx<'_>) {
        self.is_pulled = false;
        let now = self.now(ctx);
        self.cursor.spoke(now);
        let at = self.cursor.at();
        let saying = Saying::Stream {
            changes,
            at,
            farewell,
        };
        say(self.whom, saying, ctx);
    }

    fn end(&mut self, farewell: Farewell, changes: Vec<Change>, ctx: &mut Ctx<'_>) {
        self.cursor.end();
        self.say(changes, Some(farewell), ctx);
    }
}

impl Query {
    pub(super) fn open(
        &mut self,
        whom: Whom,
        tenant: TenantId,
        (after, last_event_id): (TenantSeq, Option<String>),
        ctx: &mut Ctx<'_>,
    ) {
        let Some(after) = resume(after, last_event_id.as_deref()) else {
            let farewell = Some(Farewell::Refused);
            let (changes, at) = (Vec::new(), after);
            let saying = Saying::Stream {
                changes,
                at,
                farewell,
            };
            return say(whom, saying, ctx);
        };
        let times = (self.options.quiet, self.options.lifetime);
        let job = self.life.job();
        let stream = Stream {
            whom,
            tenant,
            cursor: Cursor::new(after, Duration::ZERO, times),
            began: ctx.now(),
            subscription: None,
            is_pulled: true,
            is_asking: true,
            timer: None,
        };
        // A connection is one stream: whoever opens another has dropped the one before.
        let client = whom.client;
        self.life
            .streams
            .retain(|_, stream| stream.whom.client != client);
        let tenant = stream.tenant.clone();
        self.life.streams.insert(job, stream);
        self.life
            .ask(Question::Head(tenant), What::Opening(job), ctx);
    }

    /// Refuses to go on from where the ledger has not come to.
    pub(super) fn opened(&mut self, job: u64, answer: &store::Answer, ctx: &mut Ctx<'_>) {
        let Some(stream) = self.life.streams.get_mut(&job) else {
            return;
        };
        stream.is_asking = false;
        let head = match answer {
            Ok(Reply::Head(head)) => head.map_or(TenantSeq::ZERO, |head| head.tenant_seq),
            Ok(_) | Err(_) => TenantSeq::ZERO,
        };
        if stream.cursor.at() > head {
            stream.end(Farewell::Refused, Vec::new(), ctx);
        }
        self.drive(job, ctx);
    }

    /// The client of a stream reads on.
    pub(super) fn pulled(&mut self, whom: Whom, ctx: &mut Ctx<'_>) {
        let found = self
            .life
            .streams
            .iter_mut()
            .find(|(_, stream)| stream.whom == whom);
        if let Some((job, stream)) = found {
            stream.is_pulled = true;
            let job = *job;
            self.drive(job, ctx);
        }
    }

    pub(super) fn drive_all(&mut self, ctx: &mut Ctx<'_>) {
        let jobs: Vec<u64> = self.life.streams.keys().copied().collect();
        for job in jobs {
            self.drive(job, ctx);
        }
    }

    pub(super) fn speak(&mut self, job: u64, token: Token, ctx: &mut Ctx<'_>) {
        let stream = self.life.streams.get_mut(&job);
        if let Some(stream) = stream.filter(|stream| stream.timer == Some(token)) {
            stream.timer = None;
            self.drive(job, ctx);
        }
    }

    /// Goes on until the client, the store or the ring is waited for.
    fn drive(&mut self, job: u64, ctx: &mut Ctx<'_>) {
        let page = self.page();
        while let Some(stream) = self.life.streams.get_mut(&job) {
            if stream.is_asking || !(stream.is_pulled || stream.cursor.is_over()) {
                return;
            }
            match stream.cursor.wants() {
                Next::Over => {
                    if stream.is_pulled {
                        stream.say(Vec::new(), Some(Farewell::Silent), ctx);
                    }
                    self.life.streams.remove(&job);
                }
                Next::Hello => stream.say(Vec::new(), None, ctx),
                Next::Read { after, up_to } => {
                    stream.is_asking = true;
                    if up_to < TenantSeq(u64::MAX) {
                        ctx.branch(Branch::StreamJoined);
                    }
                    let question = Question::Changes(stream.tenant.clone(), after, page);
                    self.life.ask(question, What::Page(job, up_to), ctx);
                }
                Next::Subscribe => self.subscribe(job, ctx),
                Next::Listen { speak_at, ends_at } => {
                    if self.listen(job, (speak_at, ends_at), ctx) {
                        return;
                    }
                }
            }
        }
    }

    fn subscribe(&mut self, job: u64, ctx: &mut Ctx<'_>) {
        let Some(stream) = self.life.streams.get_mut(&job) else {
            return;
        };
        if let Some(subscription) = self.life.rings.join(&stream.tenant) {
            stream.cursor.joined(subscription.come_to());
            stream.subscription = Some(subscription);
            return;
        }
        stream.is_asking = true;
        // SUBTLE: watched before its head is read.
        let tenant = stream.tenant.clone();
        let what = What::Begin(job, self.life.heads.watch(&tenant));
        self.life.ask(Question::Head(tenant), what, ctx);
    }

    pub(super) fn begun(
        &mut self,
        job: u64,
        watch: Watch,
        answer: &store::Answer,
        ctx: &mut Ctx<'_>,
    ) {
        let Some(stream) = self.life.streams.get_mut(&job) else {
            return;
        };
        stream.is_asking = false;
        match answer {
            Ok(Reply::Head(head)) => {
                let subscription = self.life.rings.begin(&stream.tenant, watch, *head);
                stream.cursor.joined(subscription.come_to());
                stream.subscription = Some(subscription);
            }
            Ok(_) | Err(_) => stream.cursor.end(),
        }
        self.fill(false, ctx);
        self.drive(job, ctx);
    }

    /// Tells a page of the store.
    pub(super) fn paged(&mut self, job: u64, found: Option<Vec<Arc<Stored>>>, ctx: &mut Ctx<'_>) {
        let Some(stream) = self.life.streams.get_mut(&job) else {
            return;
        };
        stream.is_asking = false;
        match found {
            Some(found) => {
                let mut changes = Vec::with_capacity(found.len());
                for stored in &found {
                    changes.push(change_of(&stored.entry));
                    stream.cursor.read(head_of(&stored.entry));
                }
                stream.cursor.page_ended(found.len(), self.options.page);
                if stream.cursor.is_over() {
                    ctx.branch(Branch::StreamPutBack);
                }
                let now = stream.now(ctx);
                if !changes.is_empty() || stream.cursor.is_quiet(now) {
                    stream.say(changes, None, ctx);
                }
            }
            None => stream.cursor.end(),
        }
        self.drive(job, ctx);
    }

    /// Tells what the ring has; whether there is nothing to tell.
    fn listen(
        &mut self,
        job: u64,
        (speak_at, ends_at): (Duration, Duration),
        ctx: &mut Ctx<'_>,
    ) -> bool {
        let Some(stream) = self.life.streams.get_mut(&job) else {
            return true;
        };
        let Some(mut subscription) = stream.subscription.take() else {
            stream.cursor.end();
            return false;
        };
        let now = stream.now(ctx);
        let mut changes = Vec::new();
        if now >= ends_at {
            stream.end(Farewell::Renew, changes, ctx);
            return false;
        }
        for _ in 0..CHUNK {
            match subscription.take() {
                Heard::Told(told) => match stream.cursor.hear(head_of(&told.entry)) {
                    Hearing::Next => changes.push(change_of(&told.entry)),
                    Hearing::Seen => {}
                    Hearing::Skipped => {
                        if !changes.is_empty() {
                            stream.say(changes, None, ctx);
                        }
                        return false;
                    }
                },
                Heard::Nothing => break,
                Heard::Lagged => {
                    ctx.branch(Branch::StreamOverrun);
                    stream.end(Farewell::Lagged, changes, ctx);
                    return false;
                }
                Heard::Closed => {
                    stream.end(Farewell::Renew, changes, ctx);
                    return false;
                }
            }
        }
        stream.subscription = Some(subscription);
        if !changes.is_empty() || stream.cursor.is_quiet(now) {
            stream.say(changes, None, ctx);
            return false;
        }
        if stream.timer.is_none() {
            let pause = speak_at.min(ends_at).saturating_sub(now);
            let timer = self.life.timer(pause, What::Speak(job), ctx);
            if let Some(stream) = self.life.streams.get_mut(&job) {
                stream.timer = Some(timer);
            }
        }
        true
    }
}
