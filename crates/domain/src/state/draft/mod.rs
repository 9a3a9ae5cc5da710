//! A state with changes on top that may yet be thrown away.
//!
//! `decide` works on a draft, so that each fact of a command is seen by the next; `settle` applies
//! an entry's facts to one and keeps the difference.

mod camunda;
mod find;
mod nestauth;

use std::collections::BTreeMap;

use super::apply::Contradiction;
use super::{CountKey, Kind, Lookup, Slot, State, Tables};
use crate::{Fact, Holder, Key, TenantSeq};

/// Something must be loaded first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) Key);

/// What is known of something by its name or key.
enum Known<T> {
    Unknown,
    Absent,
    There(T),
}

impl<T> Known<T> {
    fn of(found: Option<T>) -> Self {
        found.map_or(Self::Absent, Self::There)
    }

    fn or_missing(self, missing: impl FnOnce() -> Key) -> Result<Option<T>, Missing> {
        match self {
            Self::Unknown => Err(Missing(missing())),
            Self::Absent => Ok(None),
            Self::There(found) => Ok(Some(found)),
        }
    }
}

/// A row that was found, with its key.
type Found<'s, K> = Option<(<K as Kind>::Key, &'s Slot<K>)>;

/// What a draft comes to: rows, counts, revokes by holder, and whether something ended.
type Parts = (Tables, BTreeMap<CountKey, i64>, BTreeMap<Holder, i64>, bool);

/// A state with changes on top.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    base: &'a State,
    top: Tables,
    lookups: BTreeMap<Lookup, Option<u64>>,
    counted: BTreeMap<CountKey, i64>,
    revokes: BTreeMap<Holder, i64>,
    ended: bool,
    at: TenantSeq,
    minted: u32,
    facts: Vec<Fact>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(base: &'a State, at: TenantSeq) -> Self {
        Self {
            base,
            top: Tables::default(),
            lookups: BTreeMap::new(),
            counted: BTreeMap::new(),
            revokes: BTreeMap::new(),
            ended: false,
            at,
            minted: 0,
            facts: Vec::new(),
        }
    }

    pub(crate) fn at(&self) -> TenantSeq {
        self.at
    }

    /// The number of the next noun that this entry makes.
    pub(crate) fn mint(&mut self) -> u32 {
        let n = self.minted;
        self.minted = self.minted.saturating_add(1);
        n
    }

    /// Records a fact and applies it.
    pub(crate) fn emit(&mut self, fact: Fact) -> Result<(), Contradiction> {
        self.apply(&fact)?;
        self.facts.push(fact);
        Ok(())
    }

    pub(crate) fn into_facts(self) -> Vec<Fact> {
        self.facts
    }

    pub(super) fn into_parts(self) -> Parts {
        (self.top, self.counted, self.revokes, self.ended)
    }

    fn known<K: Kind>(&self, key: K::Key) -> Known<&Slot<K>> {
        if let Some(slot) = K::table(&self.top).get(&key) {
            return Known::of(slot.as_ref());
        }
        match K::table(&self.base.tables).get(&key) {
            Some(slot) => Known::of(slot.as_ref()),
            None if self.base.complete => Known::Absent,
            None => Known::Unknown,
        }
    }

    /// The row, if it is known to be there.
    pub(super) fn present<K: Kind>(&self, key: K::Key) -> Option<&Slot<K>> {
        match self.known::<K>(key) {
            Known::There(slot) => Some(slot),
            Known::Absent | Known::Unknown => None,
        }
    }

    pub(super) fn put<K: Kind>(&mut self, key: K::Key, row: Option<K>) {
        let before = self.present::<K>(key).cloned();
        if let Some(before) = &before {
            for (lookup, number) in K::lookups(key, &before.row) {
                if matches!(self.found(&lookup), Known::There(found) if found == number) {
                    self.lookups.insert(lookup, None);
                }
            }
        }
        if let Some(row) = &row {
            for (lookup, number) in K::lookups(key, row) {
                self.lookups.insert(lookup, Some(number));
            }
        }
        let fresh = before.is_none_or(|before| before.fresh);
        let slot = row.map(|row| Slot {
            row,
            changed: self.at,
            fresh,
        });
        K::table_mut(&mut self.top).insert(key, slot);
    }

    /// Notes that one more (or less) of something is there.
    pub(super) fn tally(&mut self, what: CountKey, by: i64) {
        let tally = self.counted.entry(what).or_default();
        *tally = tally.saturating_add(by);
    }

    /// Notes that a holder has one more revoking authorization, or one less.
    pub(super) fn tally_revoke(&mut self, holder: &Holder, by: i64) {
        let tally = self.revokes.entry(holder.clone()).or_default();
        *tally = tally.saturating_add(by);
    }

    /// Notes that something ended which others may have rested on.
    pub(super) fn note_ending(&mut self) {
        self.ended = true;
    }

    fn found(&self, lookup: &Lookup) -> Known<u64> {
        if let Some(found) = self.lookups.get(lookup) {
            return Known::of(*found);
        }
        match self.base.lookups.get(lookup) {
            Some(found) => Known::of(*found),
            None if self.base.complete => Known::Absent,
            None => Known::Unknown,
        }
    }

    fn find<K: Kind>(
        &self,
        lookup: &Lookup,
        key: fn(u64) -> K::Key,
        missing: impl Fn() -> Key,
    ) -> Result<Found<'_, K>, Missing> {
        let Some(number) = self.found(lookup).or_missing(&missing)? else {
            return Ok(None);
        };
        let key = key(number);
        // A lookup that leads to a row which is not there was learned half: ask again.
        let slot = self.known::<K>(key).or_missing(missing)?;
        Ok(slot.map(|slot| (key, slot)))
    }
}
