//! A poll of the feed, without I/O: what to read, how long to wait, what is answered.

use writ_domain::TenantSeq;
use writ_store::entries::{Entry, Head, Window};

use super::page::head_of;

/// Entries that one page looks at, at most.
const LOOKED_AT_MAX: u32 = 10_000;
/// Entries that are read at once where not all may pass.
const READ_AT_ONCE: u32 = 1_000;

/// One poll.
#[derive(Debug)]
pub struct Poll {
    /// Up to where everything was looked at.
    at: TenantSeq,
    /// The last entry that was looked at.
    seen: Option<Head>,
    head: Head,
    limit: u32,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Wait until the tenant has an entry after this one, if there is time.
    Wait(TenantSeq),
    /// Read what passes of these.
    Read(Window),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What passed.
    pub entries: Vec<Entry>,
    /// Up to where that is everything.
    pub at: TenantSeq,
    /// The entry there, if it was read.
    pub seen: Option<Head>,
    /// The newest entry.
    pub head: Head,
}

impl Poll {
    /// Asks for `limit` entries after one, where the ledger has come to `head`.
    #[must_use]
    pub fn new(after: TenantSeq, head: Head, limit: u32) -> Self {
        Self {
            at: after,
            seen: None,
            head,
            limit,
        }
    }

    /// What to do.
    #[must_use]
    pub fn asks(&self) -> Asks {
        if self.at == self.head.tenant_seq {
            return Asks::Wait(self.at);
        }
        Asks::Read(Window {
            after: self.at,
            up_to: self.head.tenant_seq,
            limit: self.limit,
        })
    }

    /// The ledger has come further.
    pub fn moved(&mut self, head: Head) {
        self.head = head;
    }

    /// Takes what passed; the answer, unless nothing did and all was looked at.
    pub fn read(&mut self, passed: Passed) -> Option<Answer> {
        let Passed { entries, looked_at } = passed;
        self.seen = looked_at.or(self.seen);
        self.at = self.seen.map_or(self.at, |seen| seen.tenant_seq);
        // What is far behind is told so, in bounded time, although nothing passed.
        (!entries.is_empty() || self.at < self.head.tenant_seq).then(|| self.answer(entries))
    }

    /// The answer where nothing came in time.
    #[must_use]
    pub fn nothing(&self) -> Answer {
        self.answer(Vec::new())
    }

    fn answer(&self, entries: Vec<Entry>) -> Answer {
        let (at, head) = (self.at, self.head);
        let seen = self.seen.or((at == head.tenant_seq).then_some(head));
        Answer {
            entries,
            at,
            seen,
            head,
        }
    }
}

/// Some of what passes, and how far that is everything.
#[derive(Debug, Default)]
pub struct Passed {
    /// What passes.
    pub entries: Vec<Entry>,
    /// The last entry that was looked at; `None` where there was none.
    pub looked_at: Option<Head>,
}

/// What passes of the entries after one, up to another, as many as are wanted.
///
/// It looks at a bounded number of entries: nothing may pass, and there may be more all the same.
#[derive(Debug)]
pub struct Passing {
    window: Window,
    after: TenantSeq,
    /// Whether everything passes.
    is_open: bool,
    is_over: bool,
    passed: Passed,
}

impl Passing {
    /// Nothing is looked at yet.
    #[must_use]
    pub fn new(window: Window, is_open: bool) -> Self {
        Self {
            window,
            after: window.after,
            is_open,
            is_over: false,
            passed: Passed::default(),
        }
    }

    /// What to read; `None` at the end.
    #[must_use]
    pub fn next(&self) -> Option<Window> {
        let end = self.window.after.0.saturating_add(LOOKED_AT_MAX.into());
        let goes_on = !self.is_over
            && self.after < self.window.up_to
            && self.after.0 < end
            && self.passed.entries.len() < self.wanted();
        goes_on.then_some(Window {
            after: self.after,
            limit: if self.is_open {
                self.window.limit
            } else {
                READ_AT_ONCE
            },
            ..self.window
        })
    }

    /// Takes what was read.
    pub fn read(&mut self, found: Vec<Entry>, passes: impl Fn(&Entry) -> bool) {
        let Some(last) = found.last() else {
            self.is_over = true;
            return;
        };
        self.after = last.tenant_seq;
        for entry in found {
            if self.passed.entries.len() >= self.wanted() {
                break;
            }
            self.passed.looked_at = Some(head_of(&entry));
            if passes(&entry) {
                self.passed.entries.push(entry);
            }
        }
        self.is_over = self.is_open;
    }

    /// What passed.
    #[must_use]
    pub fn passed(self) -> Passed {
        self.passed
    }

    fn wanted(&self) -> usize {
        usize::try_from(self.window.limit).unwrap_or(usize::MAX)
    }
}
