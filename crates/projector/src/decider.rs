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
    BucketMap, Fact, Judgement, Key, Outcome, Partition, Placement, Position, Settled, State,
    Submission, TenantId, TenantSeq, concerns, judge, touches,
};
use writ_envelope::hash::{self, Hash, LeafInput};
use writ_envelope::{DecodeError, decode, facts_json, outcome_json};
use writ_log::{Logged, Record};
use writ_store::ledger::{Batch, Cursor, Decided, Wanted};

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
}

/// A batch in work.
#[derive(Debug)]
pub struct Working {
    before: Cursor,
    after: Cursor,
    pending: VecDeque<(Logged, Read)>,
    entries: Vec<Decided>,
    /// Tenants with entries in this batch: their stored counts are behind.
    changed: BTreeSet<TenantId>,
    asked: BTreeSet<Wanted>,
}

/// A record, read.
#[derive(Debug)]
pub(crate) enum Read {
    Submission(Box<Submission>),
    Broken { problem: String },
    Newer { version: u64 },
}

impl Read {
    /// Reads a record of a partition. One that lies where it should not is broken.
    pub(crate) fn of(map: &BucketMap, partition: Partition, record: &Record) -> Self {
        match decode(&record.value) {
            Err(DecodeError::Newer { version }) => Self::Newer { version },
            Err(DecodeError::Broken { problem }) => Self::Broken { problem },
            Ok(submission) => {
                let tenant = &submission.stamp.tenant;
                if record.key != tenant.as_str().as_bytes() {
                    let problem = "its key is not its tenant".to_owned();
                    return Self::Broken { problem };
                }
                if map.partition_of(tenant) != partition {
                    let problem = "its tenant belongs to another partition".to_owned();
                    return Self::Broken { problem };
                }
                Self::Submission(Box::new(submission))
            }
        }
    }
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
        }
    }

    /// Forgets everything: after anything but a known commit.
    pub fn forget(&mut self) {
        self.states.clear();
        self.heads.clear();
    }

    /// Forgets if there is too much; after a known commit.
    pub fn trim(&mut self) {
        let known: usize = self.states.values().map(State::len).sum();
        if known > self.known_max || self.heads.len() > self.known_max {
            self.forget();
        }
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
        let mut pending = VecDeque::with_capacity(records.len());
        for logged in records {
            let read = Read::of(&self.map, cursor.partition, &logged.record);
            let tenant = tenant_of(&read, cursor);
            if let Read::Submission(submission) = &read {
                let state = self.states.get(&tenant).unwrap_or(&nothing);
                let keys = touches(submission);
                let unknown = state
                    .unknown_of(&keys)
                    .map(|key| (tenant.clone(), key.clone()));
                wanted.extend(unknown);
            }
            if !self.heads.contains_key(&tenant) {
                tenants.insert(tenant);
            }
            pending.push_back((logged, read));
        }
        let working = Working {
            before: cursor.clone(),
            after: cursor.clone(),
            pending,
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
        while let Some((logged, read)) = working.pending.pop_front() {
            match self.one(working, &logged, &read, now)? {
                Made::Entry(decided) => {
                    working.changed.insert(decided.tenant.clone());
                    working.entries.push(*decided);
                }
                Made::Cut => {
                    working.pending.push_front((logged, read));
                    break;
                }
                Made::Needs(wanted) => {
                    working.pending.push_front((logged, read));
                    return Ok(Step::Load(wanted));
                }
            }
        }
        let rest = core::mem::take(&mut working.pending);
        let batch = Batch {
            before: working.before.clone(),
            after: working.after.clone(),
            rules_version: RULES_VERSION,
            entries: core::mem::take(&mut working.entries),
        };
        Ok(Step::Ready(
            Box::new(batch),
            rest.into_iter().map(|(logged, _)| logged).collect(),
        ))
    }

    fn one(
        &mut self,
        working: &mut Working,
        logged: &Logged,
        read: &Read,
        now: DateTime<Utc>,
    ) -> Result<Made, Halt> {
        let cut_or = |halt: Halt| {
            // What came before is committed first; the next batch begins with this record.
            if working.entries.is_empty() {
                Err(halt)
            } else {
                Ok(Made::Cut)
            }
        };
        if let Read::Newer { version } = read {
            return cut_or(Halt::Newer {
                offset: logged.offset,
                version: *version,
            });
        }
        let ahead = logged.time.signed_duration_since(now);
        if ahead > AHEAD_MAX {
            let ahead_s = ahead.num_seconds();
            return cut_or(Halt::ClockAhead {
                offset: logged.offset,
                ahead_s,
            });
        }
        let tenant = tenant_of(read, &working.before);
        let placement = self.place(working, logged, &tenant)?;
        let (settled, changes) = match read {
            Read::Newer { .. } => return Ok(Made::Cut),
            Read::Broken { problem } => (invalid(problem.clone()), Changes::default()),
            Read::Submission(submission) => {
                let state = self.states.entry(tenant.clone()).or_default();
                let settled = match judge(state, submission, &placement) {
                    Judgement::Settled(settled) => settled,
                    Judgement::Contradiction(source) => {
                        return cut_or(corrupt(&working.before, source));
                    }
                    Judgement::Need(keys) => return needs(working, logged, &tenant, keys),
                };
                match state.settle(submission, &placement, &settled) {
                    Ok(changes) => (settled, changes),
                    Err(source) => return cut_or(corrupt(&working.before, source)),
                }
            }
        };
        let submission = match read {
            Read::Submission(submission) => Some((**submission).clone()),
            Read::Broken { .. } | Read::Newer { .. } => None,
        };
        let decided = entry(
            working,
            logged,
            &tenant,
            &placement,
            submission,
            (settled, changes),
        )?;
        self.heads.insert(tenant, placement.tenant_seq);
        Ok(Made::Entry(Box::new(decided)))
    }

    fn place(
        &self,
        working: &Working,
        logged: &Logged,
        tenant: &TenantId,
    ) -> Result<Placement, Halt> {
        let partition = working.after.partition;
        let exhausted = || Halt::Exhausted { partition };
        let seq = working.after.seq.next().ok_or_else(exhausted)?;
        let head = self.heads.get(tenant).copied().unwrap_or(TenantSeq::ZERO);
        Ok(Placement {
            position: Position { partition, seq },
            tenant_seq: head.next().ok_or_else(exhausted)?,
            time: logged.time.max(working.after.time),
        })
    }
}

/// What became of a record.
enum Made {
    Entry(Box<Decided>),
    Needs(Vec<Wanted>),
    Cut,
}

fn needs(
    working: &mut Working,
    logged: &Logged,
    tenant: &TenantId,
    keys: BTreeSet<Key>,
) -> Result<Made, Halt> {
    let counts = keys.iter().any(|key| matches!(key, Key::Count(_)));
    if counts && working.changed.contains(tenant) {
        return Ok(Made::Cut);
    }
    let wanted: Vec<Wanted> = keys.into_iter().map(|key| (tenant.clone(), key)).collect();
    for asked in &wanted {
        if !working.asked.insert(asked.clone()) {
            let key = format!("{:?}", asked.1);
            return Err(Halt::AsksAgain {
                offset: logged.offset,
                key,
            });
        }
    }
    Ok(Made::Needs(wanted))
}

fn corrupt(before: &Cursor, source: writ_domain::state::Contradiction) -> Halt {
    Halt::Corrupt {
        seq: before.seq.0,
        source: Box::new(source),
    }
}

pub(crate) fn invalid(problem: String) -> Settled {
    Settled {
        outcome: Outcome::Invalid { problem },
        facts: Vec::new(),
        remembers_command: false,
        holds_key: false,
    }
}

/// Whose entry a record becomes: broken ones belong to the partition's reserved tenant.
fn tenant_of(read: &Read, cursor: &Cursor) -> TenantId {
    match read {
        Read::Submission(submission) => submission.stamp.tenant.clone(),
        Read::Broken { .. } | Read::Newer { .. } => TenantId::reserved(cursor.partition),
    }
}

fn entry(
    working: &mut Working,
    logged: &Logged,
    tenant: &TenantId,
    placement: &Placement,
    submission: Option<Submission>,
    (settled, changes): (Settled, Changes),
) -> Result<Decided, Halt> {
    let record = &logged.record;
    let hashed = Hashed::new(&settled.outcome, &settled.facts);
    let leaf = hashed.leaf(logged, tenant, placement, submission.as_ref());
    let chain = hash::chain(&working.after.chain, &leaf);
    let concerns = submission
        .as_ref()
        .map(|submission| concerns(&submission.command, &settled.facts))
        .unwrap_or_default();
    let partition = working.after.partition;
    working.after.next_offset = logged.offset.next().ok_or(Halt::Exhausted { partition })?;
    working.after.seq = placement.position.seq;
    working.after.chain = chain;
    working.after.time = placement.time;
    working.after.anchor = Some(anchor_of(logged));
    Ok(Decided {
        position: placement.position,
        tenant: tenant.clone(),
        tenant_seq: placement.tenant_seq,
        offset: logged.offset,
        time: placement.time,
        record: record.clone(),
        submission,
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
    })
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
        logged: &Logged,
        tenant: &TenantId,
        placement: &Placement,
        submission: Option<&Submission>,
    ) -> Hash {
        let record = &logged.record;
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

/// The hash by which an owner knows its log again.
pub(crate) fn anchor_of(logged: &Logged) -> Hash {
    let record = &logged.record;
    hash::anchor(
        logged.offset,
        logged.time,
        &record.key,
        &record.headers,
        &record.value,
    )
}
