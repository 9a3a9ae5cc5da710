//! Who follows what happens: by the topic of changes, by a stream, by polling.

use core::time::Duration;

use writ_domain::{Offset, Partition, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_envelope::event::Told;
use writ_log::{Appended, Logged};
use writ_store::entries::{Claimed, Reached};

use crate::checker::feed::Message as Read;
use crate::coverage::{Branch, Fault};
use crate::log::{self, TailId, Which};
use crate::{Actor, ActorId, Ctx, Event, Message, Token};

/// What is asked of a process that answers reads.
#[derive(Debug)]
pub enum Pull {
    /// A stream of a tenant's changes.
    Stream {
        /// Which request.
        number: u64,
        /// Whose changes.
        tenant: TenantId,
        /// From where, as the address says.
        after: TenantSeq,
        /// From where, as the last event said.
        last_event_id: Option<String>,
    },
    /// The next chunk of the stream.
    More {
        /// Which request opened it.
        number: u64,
    },
    /// A page of a tenant's changes.
    Poll {
        /// Which request.
        number: u64,
        /// Whose changes.
        tenant: TenantId,
        /// From where.
        after: TenantSeq,
        /// So many at most.
        limit: u32,
        /// How long to wait for one.
        wait: Duration,
    },
    /// The newest entry of a tenant.
    Read {
        /// Which request.
        number: u64,
        /// Whose.
        tenant: TenantId,
        /// What it is to show at the least.
        at_least: Option<Claimed>,
    },
}

/// What is answered.
#[derive(Debug)]
pub struct Said {
    /// Which request.
    pub number: u64,
    /// What.
    pub saying: Saying,
}

/// What is answered.
#[derive(Debug)]
pub enum Saying {
    /// A chunk of a stream.
    Stream {
        /// The changes.
        changes: Vec<Change>,
        /// Up to where the reader has everything: the id of the last event.
        at: TenantSeq,
        /// How it ends, if it does.
        farewell: Option<Farewell>,
    },
    /// A page.
    Poll {
        /// The changes.
        changes: Vec<Change>,
        /// Up to where the reader has everything.
        at: TenantSeq,
    },
    /// The newest entry.
    Read(Reached),
    /// The ledger has not come to where the reader says that it is.
    Forked,
    /// The store could not be asked.
    Failed,
}

/// A change, as far as it is compared.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Its number.
    pub seq: TenantSeq,
    /// The hash of its entry.
    pub hash: Hash,
}

/// How a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The reader was overrun.
    Lagged,
    /// It has lasted long enough.
    Renew,
    /// Without a word.
    Silent,
    /// The ledger has not come to where the reader says that it is.
    Refused,
}

/// How long a consumer waits for an answer.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(500);

/// A consumer of a partition of the topic of changes. It drops what it has seen.
#[derive(Debug)]
pub struct TopicConsumer {
    partition: Partition,
    /// The offset that is read next.
    next: Offset,
    /// The last message that was read, and when the log took it: a repeat of it may come to its place.
    last: Option<(Appended, Told)>,
    tail: Option<TailId>,
    pending: Option<Token>,
}

impl TopicConsumer {
    /// Begins at the beginning.
    #[must_use]
    pub fn new(partition: Partition) -> Self {
        Self {
            partition,
            next: Offset(0),
            last: None,
            tail: None,
            pending: None,
        }
    }

    /// Makes sure that the topic is the one of before, then follows it.
    fn begin(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(tail) = self.tail.take() {
            ctx.close_tail(Which::Changes, tail);
        }
        let request = match self.last {
            Some((at, _)) => log::Request::Read(self.partition, at.offset),
            None => log::Request::Tail(self.partition, self.next),
        };
        self.pending = Some(ctx.log(Which::Changes, request));
    }

    fn pause(&mut self, ctx: &mut Ctx<'_>) {
        self.pending = Some(ctx.after(PAUSE));
    }

    /// Reads the topic from its beginning: it lost what was read.
    fn begin_anew(&mut self, ctx: &mut Ctx<'_>) {
        self.last = None;
        self.next = Offset(0);
        self.begin(ctx);
    }

    fn logged(&mut self, answer: log::Answer, ctx: &mut Ctx<'_>) {
        match answer {
            log::Answer::Read(Ok(message)) => {
                let found = message
                    .as_ref()
                    .and_then(|message| Some((message.appended(), told(message)?)));
                if self.last.is_some() && found == self.last {
                    let request = log::Request::Tail(self.partition, self.next);
                    self.pending = Some(ctx.log(Which::Changes, request));
                } else {
                    self.begin_anew(ctx);
                }
            }
            log::Answer::Tail(Ok(tail)) => {
                self.tail = Some(tail);
                self.more(tail, ctx);
            }
            log::Answer::Tail(Err(writ_log::TailError::OutOfRange { .. })) => {
                self.begin_anew(ctx);
            }
            log::Answer::Records(Ok(messages)) => {
                for message in &messages {
                    self.take(message, ctx);
                }
                if let Some(tail) = self.tail {
                    self.more(tail, ctx);
                }
            }
            log::Answer::Read(Err(_))
            | log::Answer::Tail(Err(_))
            | log::Answer::Records(Err(_))
            | log::Answer::Bounds(_)
            | log::Answer::Appended(_) => self.pause(ctx),
        }
    }

    fn more(&mut self, tail: TailId, ctx: &mut Ctx<'_>) {
        let request = log::Request::Next(tail, 32, true);
        self.pending = Some(ctx.log(Which::Changes, request));
    }

    fn take(&mut self, message: &Logged, ctx: &mut Ctx<'_>) {
        self.next = message.offset.next().unwrap_or(message.offset);
        let Some(told) = told(message) else {
            let what = format!("message {} of the topic tells nothing", message.offset);
            ctx.checker().violated(6, what);
            return;
        };
        self.last = Some((message.appended(), told));
        let me = ctx.me();
        let lost = !ctx.changes_are_whole(self.partition, message.offset);
        if ctx.checker().read_topic(me, told, lost) == Read::Repeat {
            ctx.branch(Branch::RepeatDropped);
        }
    }
}

fn told(message: &Logged) -> Option<Told> {
    Told::of(&message.record.headers)
}

impl Actor for TopicConsumer {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => self.begin(ctx),
            Event::Timer(token) if self.pending == Some(token) => self.begin(ctx),
            Event::Log(token, answer) if self.pending == Some(token) => self.logged(answer, ctx),
            Event::Timer(_) | Event::Log(..) | Event::Store(..) | Event::Message(..) => {}
        }
    }

    /// What it has seen it has kept; where it was it has not.
    fn restart(&mut self) {
        *self = Self::new(self.partition);
    }
}

/// A consumer of a tenant's feed, by a stream or by polling.
#[derive(Debug)]
pub struct FeedConsumer {
    tenant: TenantId,
    queries: Vec<ActorId>,
    /// Whether it polls.
    polls: bool,
    at: TenantSeq,
    number: u64,
    from: Option<ActorId>,
    timer: Option<Token>,
    doing: Doing,
    calm: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Waits for an answer, so long at most.
    Waiting,
    /// Has what it was told, and will ask for more.
    Reading,
    /// Will connect again.
    Pausing,
}

impl FeedConsumer {
    /// Begins at genesis.
    #[must_use]
    pub fn new(tenant: TenantId, queries: Vec<ActorId>, polls: bool) -> Self {
        Self {
            tenant,
            queries,
            polls,
            at: TenantSeq::ZERO,
            number: 0,
            from: None,
            timer: None,
            doing: Doing::Pausing,
            calm: false,
        }
    }

    fn connect(&mut self, ctx: &mut Ctx<'_>) {
        let Some(to) = ctx.dice().pick(&self.queries).copied() else {
            return;
        };
        self.number += 1;
        self.from = Some(to);
        let number = self.number;
        let tenant = self.tenant.clone();
        let pull = if self.polls {
            Pull::Poll {
                number,
                tenant,
                after: self.at,
                limit: 1 + u32::try_from(ctx.dice().roll(20)).unwrap_or(0),
                wait: ctx.dice().between(Duration::ZERO, Duration::from_secs(3)),
            }
        } else {
            let last_event_id = (self.at > TenantSeq::ZERO).then(|| self.at.to_string());
            if last_event_id.is_some() {
                ctx.branch(Branch::StreamResumed);
            }
            Pull::Stream {
                number,
                tenant,
                after: TenantSeq::ZERO,
                last_event_id,
            }
        };
        ctx.send(to, Message::Pull(pull));
        self.doing = Doing::Waiting;
        self.timer = Some(ctx.after(PATIENCE));
    }

    fn pause(&mut self, ctx: &mut Ctx<'_>) {
        self.doing = Doing::Pausing;
        let pause = ctx.dice().between(Duration::ZERO, PAUSE);
        self.timer = Some(ctx.after(pause));
    }

    fn timer(&mut self, ctx: &mut Ctx<'_>) {
        match (self.doing, self.from) {
            (Doing::Reading, Some(from)) if !self.polls => {
                let number = self.number;
                ctx.send(from, Message::Pull(Pull::More { number }));
                self.doing = Doing::Waiting;
                self.timer = Some(ctx.after(PATIENCE));
            }
            (Doing::Reading | Doing::Waiting | Doing::Pausing, _) => self.connect(ctx),
        }
    }

    fn said(&mut self, said: Said, ctx: &mut Ctx<'_>) {
        if said.number != self.number || self.doing != Doing::Waiting {
            return;
        }
        let (changes, at, farewell) = match said.saying {
            Saying::Stream {
                changes,
                at,
                farewell,
            } => (changes, at, farewell),
            Saying::Poll { changes, at } => (changes, at, None),
            Saying::Read(_) | Saying::Forked | Saying::Failed => return self.pause(ctx),
        };
        // A connection breaks in the middle of what it says.
        let cut = !self.calm && ctx.dice().one_in(100);
        let kept = if cut {
            ctx.dice().index(changes.len())
        } else {
            changes.len()
        };
        let me = ctx.me();
        for change in changes.iter().take(kept) {
            self.at = change.seq;
            let (seq, hash) = (change.seq, change.hash);
            ctx.checker().told_change(me, &self.tenant, seq, hash);
        }
        if cut {
            ctx.fault(Fault::ConsumerCut);
            return self.pause(ctx);
        }
        if at != self.at {
            let what = format!("a checkpoint of {} says {at} at {}", self.tenant, self.at);
            ctx.checker().violated(6, what);
        }
        if farewell.is_some() {
            return self.pause(ctx);
        }
        self.doing = Doing::Reading;
        let slow = !self.calm && ctx.dice().one_in(60);
        let pause = if slow {
            ctx.fault(Fault::ConsumerSlow);
            ctx.dice()
                .between(Duration::from_secs(1), Duration::from_secs(20))
        } else {
            ctx.dice()
                .between(Duration::ZERO, Duration::from_millis(100))
        };
        self.timer = Some(ctx.after(pause));
    }
}

impl Actor for FeedConsumer {
    fn on(&mut self, event: Event, ctx: &mut Ctx<'_>) {
        match event {
            Event::Start => self.connect(ctx),
            Event::Timer(token) if self.timer == Some(token) => self.timer(ctx),
            Event::Message(_, Message::Said(said)) => self.said(*said, ctx),
            Event::Message(_, Message::Calm) => self.calm = true,
            Event::Timer(_) | Event::Log(..) | Event::Store(..) | Event::Message(..) => {}
        }
    }

    /// What it has seen it has kept.
    fn restart(&mut self) {
        self.doing = Doing::Pausing;
        self.timer = None;
    }
}
