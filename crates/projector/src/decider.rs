//! From records to a batch, without I/O.
//!
//! **Correctness.** A batch is decided on the cache as it stood after the last known commit, plus
//! what this transaction loaded behind the cursor's lock. Where a decision needs a count of what
//! this very batch has changed, the batch is cut before it: counts are taken only of what is
//! stored. Whether and where a batch is cut never shows in any entry.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use writ_domain::state::Changes;
use writ_domain::{
    BucketMap, Fact, Judgement, Key, Outcome, Placement, Position, Settled, State, Submission,
    TenantId, TenantSeq, concerns, judge, touches,
};
use writ_envelope::hash::{self, Hash, LeafInput};
use writ_envelope::{facts_json, outcome_json};
use writ_log::{Logged, Record};
use writ_store::ledger::{Batch, Cursor, Decided, Wanted};

use crate::generation::{Content, Found, Logical, Place};
use crate::{Halt, RULES_VERSION};

/// How far a record may lie in the future of our clock.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// What is known between batches.
#[derive(Debug)]
pub struct Decider {
    map: BucketMap,
    states: BTreeMap<TenantId, State>,
    heads: BTreeMap<TenantId, TenantSeq>,
    known_max: usize,
    /// Whether what it does not hold does not exist.
    complete: bool,
}

/// A batch in work.
#[derive(Debug)]
pub struct Working {
    before: Cursor,
    after: Cursor,
    pending: VecDeque<Found>,
    /// The next record, placed already: it waits for what must be loaded.
    placed: Option<Logical>,
    entries: Vec<Decided>,
    /// Tenants with entries in this batch: their stored counts are behind.
    changed: BTreeSet<TenantId>,
    asked: BTreeSet<Wanted>,
}

/// What the batch needs next.
#[derive(Debug)]
pub enum Step {
    /// Load these and step again.
    Load(Vec<Wanted>),
    /// It is ready to commit; the records that did not fit come first in the next one.
    Ready(Box<Batch>, Vec<Logged>),
}

impl Decider {
    /// Knows nothing yet, and keeps at most about `known_max` things between batches.
    #[must_use]
    pub fn new(map: BucketMap, known_max: usize) -> Self {
        Self {
            map,
            states: BTreeMap::new(),
            heads: BTreeMap::new(),
            known_max,
            complete: false,
        }
    }

    /// Begins at genesis: knows everything, keeps everything, and has nothing to load.
    #[must_use]
    pub fn complete(map: BucketMap) -> Self {
        Self {
            complete: true,
            ..Self::new(map, usize::MAX)
        }
    }

    /// Forgets everything: after anything but a known commit.
    pub fn forget(&mut self) {
        self.states.clear();
        self.heads.clear();
    }

    /// Forgets if there is too much; after a known commit. Whether there was.
    pub fn trim(&mut self) -> bool {
        let known: usize = self.states.values().map(State::len).sum();
        let full = known > self.known_max || self.heads.len() > self.known_max;
        if full {
            self.forget();
        }
        full
    }

    /// The states, for the store to load into.
    pub fn states(&mut self) -> &mut BTreeMap<TenantId, State> {
        &mut self.states
    }

    /// Learns where tenants stand.
    pub fn learn_heads(&mut self, heads: BTreeMap<TenantId, TenantSeq>) {
        self.heads.extend(heads);
    }

    /// Begins a batch: which keys and which tenants' heads must be loaded first.
    #[must_use]
    pub fn begin(
        &self,
        cursor: &Cursor,
        records: Vec<Logged>,
    ) -> (Working, Vec<Wanted>, Vec<TenantId>) {
        let mut wanted: BTreeSet<Wanted> = BTreeSet::new();
        let mut tenants: BTreeSet<TenantId> = BTreeSet::new();
        let nothing = State::unknown();
        let reserved = TenantId::reserved(cursor.partition);
        let mut pending = VecDeque::with_capacity(records.len());
        for logged in records {
            let found = Found::of(&self.map, cursor.partition, logged);
            if let Some(submission) = found.submission().filter(|_| !self.complete) {
                let tenant = &submission.stamp.tenant;
                let state = self.states.get(tenant).unwrap_or(&nothing);
                let keys = touches(submission);
                let unknown = state
                    .unknown_of(&keys)
                    .map(|key| (tenant.clone(), key.clone()));
                wanted.extend(unknown);
                if !self.heads.contains_key(tenant) {
                    tenants.insert(tenant.clone());
                }
            }
            if found.may_be_reserved() && !self.heads.contains_key(&reserved) {
                tenants.insert(reserved.clone());
            }
            pending.push_back(found);
        }
        let working = Working {
            before: cursor.clone(),
            after: cursor.clone(),
            pending,
            placed: None,
            entries: Vec::new(),
            changed: BTreeSet::new(),
            asked: BTreeSet::new(),
        };
        (
            working,
            wanted.into_iter().collect(),
            tenants.into_iter().collect(),
        )
    }

    /// Decides on until something must be loaded or the batch is ready.
    pub fn step(&mut self, working: &mut Working, now: DateTime<Utc>) -> Result<Step, Halt> {
        loop {
            let logical = match next(working, now) {
                Ok(Some(logical)) => logical,
                Ok(None) => break,
                // What came before is committed first; the next batch begins with this record.
                Err(_) if !working.entries.is_empty() => break,
                Err(halt) => return Err(halt),
            };
            match self.one(working, logical)? {
                Made::Entry(decided) => {
                    working.changed.insert(decided.tenant.clone());
                    working.entries.push(*decided);
                }
                Made::Cut(logical) => {
                    working.placed = Some(*logical);
                    break;
                }
                Made::Needs(logical, wanted) => {
                    working.placed = Some(*logical);
                    return Ok(Step::Load(wanted));
                }
            }
        }
        let placed = working.placed.take().map(Logical::into_logged);
        let rest = core::mem::take(&mut working.pending);
        let batch = Batch {
            before: working.before.clone(),
            after: working.after.clone(),
            rules_version: RULES_VERSION,
            entries: core::mem::take(&mut working.entries),
        };
        let rest = placed
            .into_iter()
            .chain(rest.into_iter().map(Found::into_logged));
        Ok(Step::Ready(Box::new(batch), rest.collect()))
    }

    fn one(&mut self, working: &mut Working, logical: Logical) -> Result<Made, Halt> {
        let cut_or = |halt: Halt, logical: Logical| {
            // What came before is committed first; the next batch begins with this record.
            if working.entries.is_empty() {
                Err(halt)
            } else {
                Ok(Made::Cut(Box::new(logical)))
            }
        };
        let tenant = logical.content.tenant(working.after.partition);
        let placement = self.place(working, &logical, &tenant)?;
        let (settled, changes) = match &logical.content {
            Content::Seal => (undecided(Outcome::Unchanged), Changes::default()),
            Content::Broken { problem } => (invalid(problem.clone()), Changes::default()),
            Content::Submission(submission) => {
                let complete = self.complete;
                let state = self.states.entry(tenant.clone()).or_insert_with(|| {
                    if complete {
                        State::genesis()
                    } else {
                        State::unknown()
                    }
                });
                let settled = match judge(state, submission, &placement) {
                    Judgement::Settled(settled) => settled,
                    Judgement::Contradiction(source) => {
                        return cut_or(corrupt(&working.before, source), logical);
                    }
                    Judgement::Need(keys) => return needs(working, logical, &tenant, keys),
                };
                match state.settle(submission, &placement, &settled) {
                    Ok(changes) => (settled, changes),
                    Err(source) => return cut_or(corrupt(&working.before, source), logical),
                }
            }
        };
        let hashed = Hashed::new(&settled.outcome, &settled.facts);
        let leaf = hashed.leaf(
            &logical.record,
            &tenant,
            &placement,
            logical.content.submission(),
        );
        let chain = hash::chain(&working.after.chain, &leaf);
        if let Err(halt) = logical.check(&chain) {
            // SUBTLE: the state has settled what is not to be; what is committed before it is
            // right, and what comes after it must not see this.
            self.forget();
            return cut_or(halt, logical);
        }
        advance(&mut working.after, &logical, &placement, chain)?;
        self.heads.insert(tenant.clone(), placement.tenant_seq);
        let decided = entry(
            logical,
            (tenant, placement),
            (settled, changes),
            hashed,
            (leaf, chain),
        );
        Ok(Made::Entry(Box::new(decided)))
    }

    fn place(
        &self,
        working: &Working,
        logical: &Logical,
        tenant: &TenantId,
    ) -> Result<Placement, Halt> {
        let partition = working.after.partition;
        let exhausted = || Halt::Exhausted { partition };
        let seq = working.after.seq.next().ok_or_else(exhausted)?;
        let head = self.heads.get(tenant).copied().unwrap_or(TenantSeq::ZERO);
        Ok(Placement {
            position: Position { partition, seq },
            tenant_seq: head.next().ok_or_else(exhausted)?,
            time: logical.time.max(working.after.time),
        })
    }
}

/// The next record, placed and fit to be decided; nothing of `working` is lost where it is not.
fn next(working: &mut Working, now: DateTime<Utc>) -> Result<Option<Logical>, Halt> {
    if let Some(logical) = working.placed.take() {
        return Ok(Some(logical));
    }
    let place = Place::of(&working.after);
    let Some(found) = working.pending.front() else {
        return Ok(None);
    };
    found.admit(&place)?;
    let ahead = found
        .own_time(&place)
        .map(|time| time.signed_duration_since(now))
        .filter(|ahead| *ahead > AHEAD_MAX);
    if let Some(ahead) = ahead {
        return Err(Halt::ClockAhead {
            offset: found.offset(),
            ahead_s: ahead.num_seconds(),
        });
    }
    match working.pending.pop_front() {
        Some(found) => found.place(&place).map(Some),
        None => Ok(None),
    }
}

/// What became of a record.
enum Made {
    Entry(Box<Decided>),
    Needs(Box<Logical>, Vec<Wanted>),
    Cut(Box<Logical>),
}

fn needs(
    working: &mut Working,
    logical: Logical,
    tenant: &TenantId,
    keys: BTreeSet<Key>,
) -> Result<Made, Halt> {
    let counts = keys.iter().any(|key| matches!(key, Key::Count(_)));
    if counts && working.changed.contains(tenant) {
        return Ok(Made::Cut(Box::new(logical)));
    }
    let wanted: Vec<Wanted> = keys.into_iter().map(|key| (tenant.clone(), key)).collect();
    for asked in &wanted {
        if !working.asked.insert(asked.clone()) {
            let key = format!("{:?}", asked.1);
            return Err(Halt::AsksAgain {
                offset: logical.offset,
                key,
            });
        }
    }
    Ok(Made::Needs(Box::new(logical), wanted))
}

fn corrupt(before: &Cursor, source: writ_domain::state::Contradiction) -> Halt {
    Halt::Corrupt {
        seq: before.seq.0,
        source: Box::new(source),
    }
}

pub(crate) fn invalid(problem: String) -> Settled {
    undecided(Outcome::Invalid { problem })
}

/// How a record ends that is no command.
pub(crate) fn undecided(outcome: Outcome) -> Settled {
    Settled {
        outcome,
        facts: Vec::new(),
        remembers_command: false,
        holds_key: false,
    }
}

/// Moves a cursor behind a record.
fn advance(
    cursor: &mut Cursor,
    logical: &Logical,
    placement: &Placement,
    chain: Hash,
) -> Result<(), Halt> {
    let partition = cursor.partition;
    cursor.next_offset = logical.offset.next().ok_or(Halt::Exhausted { partition })?;
    cursor.seq = placement.position.seq;
    cursor.chain = chain;
    cursor.time = placement.time;
    cursor.anchor = Some(logical.anchor());
    cursor.restoring = logical.restoring;
    Ok(())
}

fn entry(
    logical: Logical,
    (tenant, placement): (TenantId, Placement),
    (settled, changes): (Settled, Changes),
    hashed: Hashed,
    (leaf, chain): (Hash, Hash),
) -> Decided {
    let kind = logical.content.kind();
    let submission = logical.content.into_submission();
    let concerns = submission
        .as_ref()
        .map(|submission| concerns(&submission.command, &settled.facts))
        .unwrap_or_default();
    Decided {
        position: placement.position,
        tenant,
        tenant_seq: placement.tenant_seq,
        offset: logical.offset,
        time: placement.time,
        record: logical.record,
        submission,
        kind,
        outcome: settled.outcome,
        outcome_json: hashed.outcome_json,
        facts_json: hashed.facts_json,
        facts: settled.facts,
        leaf,
        chain,
        remembers_command: settled.remembers_command,
        holds_key: settled.holds_key,
        changes,
        concerns,
    }
}

/// The texts of an entry that go into its hash.
pub(crate) struct Hashed {
    pub(crate) outcome_json: String,
    pub(crate) facts_json: String,
}

impl Hashed {
    pub(crate) fn new(outcome: &Outcome, facts: &[Fact]) -> Self {
        Self {
            outcome_json: outcome_json(outcome),
            facts_json: facts_json(facts),
        }
    }

    pub(crate) fn leaf(
        &self,
        record: &Record,
        tenant: &TenantId,
        placement: &Placement,
        submission: Option<&Submission>,
    ) -> Hash {
        hash::leaf(&LeafInput {
            position: placement.position,
            tenant,
            tenant_seq: placement.tenant_seq,
            time: placement.time,
            record_hash: hash::record_hash(&record.key, &record.value, &record.headers),
            outcome_json: &self.outcome_json,
            command_id: submission.map(|submission| submission.stamp.command_id),
            facts_json: &self.facts_json,
            rules_version: RULES_VERSION,
        })
    }
}
