//! What random histories came to.

use std::sync::atomic::{AtomicU64, Ordering};

use writ_store::grants::{Explained, Granted, Life, Via};

/// How often something was seen, so that what is never met is not taken for shown.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) yes: AtomicU64,
    pub(super) by_group: AtomicU64,
    pub(super) by_everyone: AtomicU64,
    pub(super) by_role: AtomicU64,
    pub(super) linked: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) lost_authorized: AtomicU64,
    pub(super) lost_linked: AtomicU64,
    pub(super) forbidden: AtomicU64,
    pub(super) denied: AtomicU64,
}

impl Seen {
    pub(super) fn answer(&self, answer: Option<&Granted>) {
        let Some(granted) = answer else {
            return;
        };
        count(&self.yes, true);
        count(&self.linked, granted.linked.is_some());
        count(&self.by_group, matches!(granted.via, Via::Group(_)));
        count(&self.by_everyone, granted.via == Via::Everyone);
        count(&self.by_role, matches!(granted.via, Via::Role(_)));
    }

    pub(super) fn explained(&self, explained: &Explained) {
        let lost = |open: Life| open.to.is_some();
        let by_edges = explained.ways.iter().any(|way| lost(way.open));
        let authorized = explained.authorized.iter().any(|way| lost(way.open));
        count(&self.lost, by_edges);
        count(&self.lost_authorized, authorized);
        let linked = explained.ways.iter().any(|way| way.linked.is_some());
        count(&self.lost_linked, by_edges && linked);
        count(&self.forbidden, !explained.forbidden.is_empty());
    }

    /// Each of them at least so often.
    pub(super) fn at_least(&self, often: u64, of: &[(&str, &AtomicU64)]) {
        for (what, seen) in of {
            let seen = seen.load(Ordering::Relaxed);
            assert!(seen >= often, "{what} was seen {seen} times: {self:?}");
        }
    }
}

pub(super) fn count(seen: &AtomicU64, is_seen: bool) {
    seen.fetch_add(u64::from(is_seen), Ordering::Relaxed);
}
