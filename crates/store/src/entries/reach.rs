//! When a tenant's ledger has come to an entry: what to look at, and what to conclude. No I/O.
//!
//! **Correctness.** Whoever asks hears of commits before the first look, so that none falls
//! between look and wait. To be told of a commit only says "look": what the ledger holds is read
//! from the store, and an idle tenant, of which nobody tells, is looked at all the same.

use writ_domain::TenantSeq;

use super::{Chain8, Claimed, Head, Reached};

/// Whether a tenant has an entry after this one. The first thing to do is [`Wants::Head`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer {
    after: TenantSeq,
}

/// Whether a tenant's ledger holds a revision. The first thing to do is [`Wants::Head`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reaching {
    claimed: Claimed,
    /// The newest entry, once the ledger has come far enough.
    head: Option<Head>,
    /// Whether the entry was gone when it was looked for, although a later one had been there.
    was_gone: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants<T> {
    /// Ask the store for the tenant's newest entry.
    Head,
    /// Wait until an entry after this one is heard of, or time is up.
    Wait(TenantSeq),
    /// Ask the store for the first bytes of the chain hash at this entry.
    Chain8(TenantSeq),
    /// Nothing more.
    Told(T),
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// The tenant's newest entry.
    Head {
        /// The entry.
        head: Option<Head>,
        /// Whether time is up.
        is_late: bool,
    },
    /// A later entry was heard of.
    Moved,
    /// None was heard of in time.
    TimeUp,
    /// What the store holds there.
    Chain8(Option<Chain8>),
}

impl Newer {
    /// Whether the tenant has an entry after this one.
    #[must_use]
    pub fn than(after: TenantSeq) -> Self {
        Self { after }
    }

    /// Takes in what came of it: a newer head, or none in time.
    #[must_use]
    pub fn step(self, learned: Learned) -> Wants<Option<Head>> {
        match learned {
            Learned::Head { head, is_late } => {
                match head.filter(|head| head.tenant_seq > self.after) {
                    Some(head) => Wants::Told(Some(head)),
                    None if is_late => Wants::Told(None),
                    None => Wants::Wait(self.after),
                }
            }
            Learned::Moved | Learned::Chain8(_) => Wants::Head,
            Learned::TimeUp => Wants::Told(None),
        }
    }
}

impl Reaching {
    /// Whether the ledger holds what is claimed.
    #[must_use]
    pub fn new(claimed: Claimed) -> Self {
        Self {
            claimed,
            head: None,
            was_gone: false,
        }
    }

    /// Takes in what came of it.
    pub fn step(&mut self, learned: Learned) -> Wants<Reached> {
        let Some(before) = self.claimed.tenant_seq.previous() else {
            // Before the first entry there is nothing to wait for.
            let none = Head::none();
            if self.claimed.chain8 != none.chain8 {
                return Wants::Told(Reached::Forked);
            }
            return match learned {
                Learned::Head { head, .. } => Wants::Told(Reached::Yes(head.unwrap_or(none))),
                Learned::Moved | Learned::TimeUp | Learned::Chain8(_) => Wants::Head,
            };
        };
        if let (Some(head), Learned::Chain8(stored)) = (self.head, learned) {
            return match stored {
                Some(stored) => self.compare(head, stored),
                // The ledger was put back between the two looks, and tells no other history by
                // that: it is waited for.
                None if !self.was_gone => {
                    self.was_gone = true;
                    Wants::Head
                }
                None => Wants::Told(Reached::Behind),
            };
        }
        match Newer::than(before).step(learned) {
            Wants::Told(Some(head)) if head.tenant_seq == self.claimed.tenant_seq => {
                self.compare(head, head.chain8)
            }
            Wants::Told(Some(head)) => {
                self.head = Some(head);
                Wants::Chain8(self.claimed.tenant_seq)
            }
            Wants::Told(None) => Wants::Told(Reached::Behind),
            Wants::Head => Wants::Head,
            Wants::Wait(after) => Wants::Wait(after),
            Wants::Chain8(seq) => Wants::Chain8(seq),
        }
    }

    fn compare(&self, head: Head, stored: Chain8) -> Wants<Reached> {
        Wants::Told(if stored == self.claimed.chain8 {
            Reached::Yes(head)
        } else {
            Reached::Forked
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64, chain: u8) -> Head {
        Head {
            tenant_seq: TenantSeq(seq),
            chain8: [chain; 8],
            ..Head::none()
        }
    }

    fn claimed(seq: u64, chain: u8) -> Claimed {
        Claimed {
            tenant_seq: TenantSeq(seq),
            chain8: [chain; 8],
        }
    }

    fn looked(head: Option<Head>) -> Learned {
        Learned::Head {
            head,
            is_late: false,
        }
    }

    #[test]
    fn a_revision_that_is_there_needs_no_wait() {
        let mut newest = Reaching::new(claimed(3, 7));
        let yes = Wants::Told(Reached::Yes(head(3, 7)));
        assert_eq!(newest.step(looked(Some(head(3, 7)))), yes);

        let mut older = Reaching::new(claimed(3, 7));
        let later = looked(Some(head(5, 9)));
        assert_eq!(older.step(later), Wants::Chain8(TenantSeq(3)));
        let yes = Wants::Told(Reached::Yes(head(5, 9)));
        assert_eq!(older.step(Learned::Chain8(Some([7; 8]))), yes);
    }

    #[test]
    fn another_entry_at_its_place_is_a_fork() {
        let forked = Wants::Told(Reached::Forked);
        let mut newest = Reaching::new(claimed(3, 7));
        assert_eq!(newest.step(looked(Some(head(3, 8)))), forked);
        let mut older = Reaching::new(claimed(3, 7));
        let wants = older.step(looked(Some(head(4, 9))));
        assert_eq!(wants, Wants::Chain8(TenantSeq(3)));
        assert_eq!(older.step(Learned::Chain8(Some([8; 8]))), forked);
    }

    #[test]
    fn a_ledger_that_is_put_back_between_two_looks_is_behind_and_no_fork() {
        let mut reaching = Reaching::new(claimed(3, 7));
        let later = looked(Some(head(5, 9)));
        assert_eq!(reaching.step(later), Wants::Chain8(TenantSeq(3)));
        assert_eq!(reaching.step(Learned::Chain8(None)), Wants::Head);
        let back = looked(Some(head(2, 1)));
        assert_eq!(reaching.step(back), Wants::Wait(TenantSeq(2)));
        assert_eq!(reaching.step(Learned::Moved), Wants::Head);
        assert_eq!(reaching.step(later), Wants::Chain8(TenantSeq(3)));
        // However often it is put back, there is an end.
        let behind = Wants::Told(Reached::Behind);
        assert_eq!(reaching.step(Learned::Chain8(None)), behind);
    }

    #[test]
    fn a_ledger_that_is_behind_is_looked_at_again_whenever_it_moves() {
        let mut reaching = Reaching::new(claimed(3, 7));
        let wait = Wants::Wait(TenantSeq(2));
        assert_eq!(reaching.step(looked(None)), wait);
        assert_eq!(reaching.step(Learned::Moved), Wants::Head);
        // What was heard of need not be what the store holds.
        assert_eq!(reaching.step(looked(Some(head(2, 1)))), wait);
        assert_eq!(reaching.step(Learned::Moved), Wants::Head);
        let yes = Wants::Told(Reached::Yes(head(3, 7)));
        assert_eq!(reaching.step(looked(Some(head(3, 7)))), yes);
    }

    #[test]
    fn an_idle_ledger_is_behind_when_time_is_up() {
        let behind = Wants::Told(Reached::Behind);
        let mut reaching = Reaching::new(claimed(3, 7));
        let idle = Learned::Head {
            head: Some(head(2, 1)),
            is_late: true,
        };
        assert_eq!(reaching.step(idle), behind);
        assert_eq!(reaching.step(Learned::TimeUp), behind);
    }

    #[test]
    fn nothing_is_reached_at_once() {
        let mut reaching = Reaching::new(claimed(0, 0));
        let none = Wants::Told(Reached::Yes(Head::none()));
        assert_eq!(reaching.step(looked(None)), none);
        let mut other = Reaching::new(claimed(0, 9));
        assert_eq!(other.step(looked(None)), Wants::Told(Reached::Forked));
        let mut reaching = Reaching::new(claimed(0, 0));
        let some = Wants::Told(Reached::Yes(head(4, 1)));
        assert_eq!(reaching.step(looked(Some(head(4, 1)))), some);
    }
}
