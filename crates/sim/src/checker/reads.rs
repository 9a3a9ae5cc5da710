//! What readers saw: point 5 of what must be true, and 7 as far as digests show it.

use std::collections::BTreeMap;

use writ_domain::{TenantId, TenantSeq};
use writ_envelope::Hash;

use super::Checker;
use crate::ActorId;
use crate::store::Data;

/// What readers saw.
#[derive(Debug, Default)]
pub struct Reads {
    /// By reader and tenant, the newest entry that an answer showed.
    seen: BTreeMap<(ActorId, TenantId), TenantSeq>,
    /// How often the store was put back.
    put_back: u64,
    /// Tenants that were put back from so far, and are not known to be there again.
    missing: BTreeMap<TenantId, TenantSeq>,
    answers: u64,
    /// The digests of all rows that were told.
    digests: BTreeMap<(TenantId, TenantSeq), Hash>,
}

/// What an answer must show at the least.
#[derive(Debug, Clone, Copy)]
pub struct Least {
    seq: TenantSeq,
    put_back: u64,
    /// Whether some of it may have been missing from the store when it was asked.
    missing: bool,
}

/// What a reader claims to have seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Newest,
    /// The entry of this number.
    True(TenantSeq),
    /// One of this number that is of no history of the ledger.
    Other(TenantSeq),
}

impl Reads {
    /// How many reads were answered.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers
    }
}

impl Checker {
    /// A reader asks for the newest: all that was answered before, to whomever, and all that it
    /// has seen itself.
    #[must_use]
    pub fn asks_latest(&self, who: ActorId, tenant: &TenantId) -> Least {
        let seen = self.reads.seen.get(&(who, tenant.clone())).copied();
        let answered = self.clients.newest(tenant);
        Least {
            seq: seen.max(answered).unwrap_or(TenantSeq::ZERO),
            put_back: self.reads.put_back,
            missing: self.reads.missing.contains_key(tenant),
        }
    }

    /// It is answered, at this entry; `asked` is what it claimed to have seen.
    pub fn reads(
        &mut self,
        who: ActorId,
        tenant: &TenantId,
        shown: TenantSeq,
        (least, asked): (Least, Asked),
    ) {
        self.reads.answers += 1;
        // A store that was put back shows less until the log is decided again.
        let same = least.put_back == self.reads.put_back;
        let until = self.reads.missing.get(tenant).filter(|_| same);
        if until.is_some_and(|until| shown >= *until) {
            self.reads.missing.remove(tenant);
        }
        if same && shown < least.seq && !least.missing {
            let least = least.seq;
            self.violated(
                5,
                format!("{tenant} is shown at {shown}, and {least} was known"),
            );
        }
        match asked {
            Asked::True(at_least) if shown < at_least => {
                let what = format!("{tenant} is shown at {shown}, not at least {at_least}");
                self.violated(5, what);
            }
            Asked::Other(seq) => {
                let what = format!("{tenant} at {shown} is said to hold another history's {seq}");
                self.violated(5, what);
            }
            Asked::Newest | Asked::True(_) => {}
        }
        let seen = self.reads.seen.entry((who, tenant.clone()));
        let seen = seen.or_insert(TenantSeq::ZERO);
        *seen = shown.max(*seen);
    }

    /// It is told that the ledger holds another entry than what it claimed.
    pub fn is_told_fork(&mut self, tenant: &TenantId, asked: Asked) {
        if let Asked::Newest | Asked::True(_) = asked {
            let what = format!("{tenant} does not hold what it answered: {asked:?}");
            self.violated(5, what);
        }
    }

    /// It is told that the ledger has not come so far as what it claimed.
    pub fn is_told_behind(&mut self, tenant: &TenantId, (least, asked): (Least, Asked)) {
        let is_whole = !least.missing && least.put_back == self.reads.put_back;
        let known = least.seq;
        match asked {
            Asked::Newest => {
                let what = format!("{tenant} is said to be behind nothing");
                self.violated(5, what);
            }
            Asked::True(seq) | Asked::Other(seq) if is_whole && seq <= known => {
                let what = format!("{tenant} is said to be behind {seq}, and {known} was known");
                self.violated(5, what);
            }
            Asked::True(_) | Asked::Other(_) => {}
        }
    }

    /// Somebody is told the digest of a tenant's rows, as they were at this entry.
    pub fn saw_digest(&mut self, tenant: &TenantId, at: TenantSeq, digest: Hash) {
        let told = self.reads.digests.entry((tenant.clone(), at));
        if *told.or_insert(digest) != digest {
            self.violated(7, format!("{tenant} had two digests at {at}"));
        }
    }

    /// Compares the digests that were told with what the rows were then, once all is settled.
    pub fn compare_digests(&mut self, data: &Data) {
        let told = core::mem::take(&mut self.reads.digests);
        for ((tenant, at), digest) in &told {
            match data.digest(tenant, Some(*at)) {
                Ok(stands) if stands == *digest => {}
                Ok(_) => self.violated(7, format!("{tenant} had another digest at {at}")),
                Err(wrong) => self.violated(7, wrong.to_string()),
            }
        }
        self.reads.digests = told;
    }

    /// The store is put back to an older state; this is what it held.
    pub fn put_back(&mut self, before: &Data) {
        self.reads.put_back += 1;
        for tenant in before.tenants() {
            let head = TenantSeq(before.entries_of(tenant).len() as u64);
            let missing = self.reads.missing.entry(tenant.clone()).or_insert(head);
            *missing = head.max(*missing);
        }
    }
}
