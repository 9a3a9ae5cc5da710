//! Reads and polls, which may wait for their tenant to move on.

use core::time::Duration;

use writ_domain::{TenantId, TenantSeq};
use writ_query::feed::poll::{Answer, Asks, Passing, Poll};
use writ_store::entries::reach::{Learned, Newer, Reaching, Wants};
use writ_store::entries::{Claimed, Head, Reached, Watch, Window};

use super::super::consumer::Saying;
use super::{Query, What, Whom, change_of, entries, say};
use crate::coverage::Branch;
use crate::store::{self, Question, Reply};
use crate::{Ctx, Moment};

/// A read or a poll.
#[derive(Debug)]
pub(super) struct Wait {
    whom: Whom,
    tenant: TenantId,
    doing: Doing,
    watch: Watch,
    deadline: Moment,
    /// It waits for an entry after this one.
    after: Option<TenantSeq>,
}

#[derive(Debug)]
enum Doing {
    /// Reads the newest entry.
    Latest,
    /// Reads the newest entry, which is to be a revision or after it.
    Reaching(Reaching),
    /// Reads the newest entry for a poll of so many after one.
    Polling(TenantSeq, u32),
    /// Knows how far the ledger is.
    Looking(Poll),
    /// Waits for a newer entry.
    Newer(Poll, Newer),
    /// Reads what passes.
    Passing(Poll, Passing, TenantSeq),
}

impl Query {
    pub(super) fn read(
        &mut self,
        whom: Whom,
        tenant: TenantId,
        at_least: Option<Claimed>,
        ctx: &mut Ctx<'_>,
    ) {
        let doing = match at_least {
            None => Doing::Latest,
            Some(claimed) => Doing::Reaching(Reaching::new(claimed)),
        };
        let patience = self.options.patience;
        self.begin(whom, tenant, (doing, patience), ctx);
    }

    pub(super) fn poll(
        &mut self,
        whom: Whom,
        tenant: TenantId,
        (after, limit, wait): (TenantSeq, u32, Duration),
        ctx: &mut Ctx<'_>,
    ) {
        self.begin(whom, tenant, (Doing::Polling(after, limit), wait), ctx);
    }

    fn begin(
        &mut self,
        whom: Whom,
        tenant: TenantId,
        (doing, patience): (Doing, Duration),
        ctx: &mut Ctx<'_>,
    ) {
        let job = self.life.job();
        let wait = Wait {
            whom,
            doing,
            watch: self.life.heads.watch(&tenant),
            tenant: tenant.clone(),
            deadline: ctx.now().after(patience),
            after: None,
        };
        self.life.waits.insert(job, wait);
        self.life.timer(patience, What::Late(job), ctx);
        self.life.ask(Question::Head(tenant), What::Wait(job), ctx);
    }

    /// Who waits looks whether it need not any more.
    pub(super) fn wake_all(&mut self, ctx: &mut Ctx<'_>) {
        let moved = |(job, wait): (&u64, &Wait)| {
            let after = wait.after?;
            (wait.watch.newest() > after).then_some(*job)
        };
        let jobs: Vec<u64> = self.life.waits.iter().filter_map(moved).collect();
        for job in jobs {
            self.learn(job, Learned::Moved, ctx);
        }
    }

    pub(super) fn late(&mut self, job: u64, ctx: &mut Ctx<'_>) {
        let wait = self.life.waits.get(&job);
        if wait.is_some_and(|wait| wait.after.is_some()) {
            self.learn(job, Learned::TimeUp, ctx);
        }
    }

    fn learn(&mut self, job: u64, learned: Learned, ctx: &mut Ctx<'_>) {
        if let Some(mut wait) = self.life.waits.remove(&job) {
            wait.after = None;
            self.step(job, wait, learned, ctx);
        }
    }

    /// The store answered.
    pub(super) fn heard(&mut self, job: u64, answer: store::Answer, ctx: &mut Ctx<'_>) {
        let Some(wait) = self.life.waits.remove(&job) else {
            return;
        };
        let whom = wait.whom;
        let is_late = ctx.now() >= wait.deadline;
        match (wait.doing, answer) {
            (Doing::Latest, Ok(Reply::Head(head))) => {
                let head = head.unwrap_or_else(Head::none);
                say(whom, Saying::Read(Reached::Yes(head)), ctx);
            }
            (Doing::Polling(after, limit), Ok(Reply::Head(head))) => {
                let head = head.unwrap_or_else(Head::none);
                if after > head.tenant_seq {
                    return say(whom, Saying::Forked, ctx);
                }
                let doing = Doing::Looking(Poll::new(after, head, limit));
                self.look(job, Wait { doing, ..wait }, ctx);
            }
            (Doing::Passing(poll, mut passing, up_to), Ok(Reply::Entries(found))) => {
                let found = entries(Ok(Reply::Entries(found)), up_to).unwrap_or_default();
                let found = found.iter().map(|stored| stored.entry.clone()).collect();
                passing.read(found, |_entry| true);
                let doing = Doing::Passing(poll, passing, up_to);
                self.look(job, Wait { doing, ..wait }, ctx);
            }
            (doing @ (Doing::Reaching(_) | Doing::Newer(..)), Ok(Reply::Head(head))) => {
                let learned = Learned::Head { head, is_late };
                self.step(job, Wait { doing, ..wait }, learned, ctx);
            }
            (doing @ Doing::Reaching(_), Ok(Reply::Entries(found))) => {
                let chain8 = found.first().map(|stored| stored.entry.chain8());
                self.step(job, Wait { doing, ..wait }, Learned::Chain8(chain8), ctx);
            }
            (_, _) => say(whom, Saying::Failed, ctx),
        }
    }

    /// A machine takes what was learned, and says what it wants.
    fn step(&mut self, job: u64, wait: Wait, learned: Learned, ctx: &mut Ctx<'_>) {
        let whom = wait.whom;
        match wait.doing {
            Doing::Reaching(mut reaching) => {
                let wants = reaching.step(learned);
                let doing = Doing::Reaching(reaching);
                match wants {
                    Wants::Told(reached) => {
                        if reached == Reached::Behind {
                            ctx.branch(Branch::ReadBehind);
                        }
                        say(whom, Saying::Read(reached), ctx);
                    }
                    Wants::Wait(after) => {
                        ctx.branch(Branch::ReadWaited);
                        self.park(job, Wait { doing, ..wait }, after, ctx);
                    }
                    Wants::Head => self.ask_head(job, Wait { doing, ..wait }, ctx),
                    Wants::Chain8(at) => {
                        let question = Question::At(wait.tenant.clone(), at);
                        self.life.ask(question, What::Wait(job), ctx);
                        self.life.waits.insert(job, Wait { doing, ..wait });
                    }
                }
            }
            Doing::Newer(mut poll, newer) => match newer.step(learned) {
                Wants::Told(Some(head)) => {
                    poll.moved(head);
                    let doing = Doing::Looking(poll);
                    self.look(job, Wait { doing, ..wait }, ctx);
                }
                Wants::Told(None) => {
                    ctx.branch(Branch::PollTimedOut);
                    poll_answered(whom, &poll.nothing(), ctx);
                }
                Wants::Wait(after) => {
                    ctx.branch(Branch::PollWaited);
                    let doing = Doing::Newer(poll, newer);
                    self.park(job, Wait { doing, ..wait }, after, ctx);
                }
                Wants::Head | Wants::Chain8(_) => {
                    let doing = Doing::Newer(poll, newer);
                    self.ask_head(job, Wait { doing, ..wait }, ctx);
                }
            },
            Doing::Latest | Doing::Polling(..) | Doing::Looking(_) | Doing::Passing(..) => {
                say(whom, Saying::Failed, ctx);
            }
        }
    }

    /// A poll goes on: it reads, waits, or answers.
    fn look(&mut self, job: u64, wait: Wait, ctx: &mut Ctx<'_>) {
        let poll = match wait.doing {
            Doing::Passing(mut poll, passing, up_to) => {
                if let Some(window) = passing.next() {
                    let doing = Doing::Passing(poll, passing, up_to);
                    return self.ask_page(job, Wait { doing, ..wait }, window, ctx);
                }
                if let Some(answer) = poll.read(passing.passed()) {
                    return poll_answered(wait.whom, &answer, ctx);
                }
                poll
            }
            Doing::Looking(poll) => poll,
            Doing::Latest | Doing::Reaching(_) | Doing::Polling(..) | Doing::Newer(..) => {
                return say(wait.whom, Saying::Failed, ctx);
            }
        };
        match poll.asks() {
            Asks::Wait(_) if ctx.now() >= wait.deadline => {
                poll_answered(wait.whom, &poll.nothing(), ctx);
            }
            Asks::Wait(at) => {
                let doing = Doing::Newer(poll, Newer::than(at));
                self.ask_head(job, Wait { doing, ..wait }, ctx);
            }
            Asks::Read(window) => {
                let passing = Passing::new(window, true);
                let up_to = window.up_to;
                if let Some(window) = passing.next() {
                    let doing = Doing::Passing(poll, passing, up_to);
                    self.ask_page(job, Wait { doing, ..wait }, window, ctx);
                }
            }
        }
    }

    fn ask_head(&mut self, job: u64, wait: Wait, ctx: &mut Ctx<'_>) {
        let question = Question::Head(wait.tenant.clone());
        self.life.ask(question, What::Wait(job), ctx);
        self.life.waits.insert(job, wait);
    }

    fn ask_page(&mut self, job: u64, wait: Wait, window: Window, ctx: &mut Ctx<'_>) {
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let question = Question::Changes(wait.tenant.clone(), window.after, limit);
        self.life.ask(question, What::Wait(job), ctx);
        self.life.waits.insert(job, wait);
    }

    /// Waits to hear of an entry after this one, unless it was heard of, or time is up.
    fn park(&mut self, job: u64, wait: Wait, after: TenantSeq, ctx: &mut Ctx<'_>) {
        let learned = if wait.watch.newest() > after {
            Some(Learned::Moved)
        } else if ctx.now() >= wait.deadline {
            Some(Learned::TimeUp)
        } else {
            None
        };
        let after = Some(after);
        self.life.waits.insert(job, Wait { after, ..wait });
        if let Some(learned) = learned {
            self.learn(job, learned, ctx);
        }
    }
}

fn poll_answered(whom: Whom, answer: &Answer, ctx: &mut Ctx<'_>) {
    let changes = answer.entries.iter().map(change_of).collect();
    let at = answer.at;
    say(whom, Saying::Poll { changes, at }, ctx);
}
