//! Folding everything again and comparing (P8, P12).
//!
//! Reads every entry of a partition in order, decides its record again from genesis, and compares
//! outcome, facts, leaf and chain; compares the record with the log's where a log is given, which
//! may be a restored one; at the end compares the digest of the fold with the digest of the views
//! and of the open rows of history, read in one snapshot.

use std::collections::BTreeMap;

use writ_domain::state::LiveRow;
use writ_domain::{
    BucketMap, Judgement, Outcome, Partition, Placement, Seq, Settled, State, Submission, TenantId,
    TenantSeq, judge,
};
use writ_envelope::digest::Digest;
use writ_envelope::hash::{self, Hash};
use writ_log::{Log, Logged, Tail};
use writ_store::Store;
use writ_store::digest::Digests;
use writ_store::entries::{self, Raw};

use crate::decider::{Hashed, invalid, undecided};
use crate::generation::{Content, Found, Place, Read};

/// Differences kept in a report, at most; more are counted.
const DIFFERENCES_MAX: usize = 100;
/// Entries read at once.
const PAGE: u32 = 2_000;

/// What verifying one partition came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// Which.
    pub partition: Partition,
    /// Entries folded.
    pub entries: u64,
    /// The digest of the fold over all of the partition's tenants.
    pub folded: Hash,
    /// The same of the views.
    pub views: Hash,
    /// The same of the open rows of history.
    pub history: Hash,
    /// What differs, the first ones.
    pub differences: Vec<String>,
    /// How many differences there are.
    pub differences_count: u64,
}

impl Report {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences_count == 0
    }
}

/// Verifying could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be read.
    #[error("the store could not be read")]
    Store(#[source] writ_store::Error),
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[source] writ_log::TailError),
    /// The rows of a state came in another order than the digest's: a bug.
    #[error("the fold's rows are out of order")]
    Order(#[source] writ_envelope::digest::OutOfOrder),
}

/// Folds a partition again and compares.
pub async fn partition(
    store: &Store,
    log: Option<&dyn Log>,
    map: &BucketMap,
    partition: Partition,
) -> Result<Report, Error> {
    let live = store.digests(partition).await.map_err(Error::Store)?;
    let mut fold = Fold::new(partition, map.clone());
    let mut tail = match log {
        Some(log) => Some(
            log.tail(partition, writ_domain::Offset(0))
                .await
                .map_err(Error::Log)?,
        ),
        None => None,
    };
    while fold.seq < live.seq {
        let from = fold.seq.next().unwrap_or(live.seq);
        let page = entries::scan(store, partition, from, PAGE)
            .await
            .map_err(Error::Store)?;
        if page.is_empty() {
            fold.differ(format!("entry {partition}-{from} is missing"));
            break;
        }
        for raw in page
            .into_iter()
            .take_while(|raw| raw.position.seq <= live.seq)
        {
            let logged = match &mut tail {
                Some(tail) => Some(next(&mut **tail, &mut fold.read_ahead).await?),
                None => None,
            };
            fold.take(&raw, logged.flatten(), log.is_some());
        }
    }
    fold.finish(&live)
}

async fn next(
    tail: &mut dyn Tail,
    ahead: &mut std::collections::VecDeque<Logged>,
) -> Result<Option<Logged>, Error> {
    if ahead.is_empty() {
        ahead.extend(tail.try_next(1_000).await.map_err(Error::Log)?);
    }
    Ok(ahead.pop_front())
}

struct Fold {
    partition: Partition,
    map: BucketMap,
    states: BTreeMap<TenantId, State>,
    heads: BTreeMap<TenantId, TenantSeq>,
    seq: Seq,
    chain: Hash,
    /// Whether the log's next record must be a restored one.
    restoring: bool,
    entries: u64,
    read_ahead: std::collections::VecDeque<Logged>,
    differences: Vec<String>,
    differences_count: u64,
}

impl Fold {
    fn new(partition: Partition, map: BucketMap) -> Self {
        Self {
            partition,
            map,
            states: BTreeMap::new(),
            heads: BTreeMap::new(),
            seq: Seq::ZERO,
            chain: Hash::ZERO,
            restoring: false,
            entries: 0,
            read_ahead: std::collections::VecDeque::new(),
            differences: Vec::new(),
            differences_count: 0,
        }
    }

    fn differ(&mut self, difference: String) {
        self.differences_count += 1;
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }

    fn expect(&mut self, raw: &Raw, what: &str, holds: bool) {
        if !holds {
            self.differ(format!("entry {}: {what}", raw.position));
        }
    }

    fn place(&self) -> Place {
        Place {
            partition: self.partition,
            seq: self.seq,
            chain: self.chain,
            restoring: self.restoring,
        }
    }

    /// Compares an entry with the record that the log has in its place.
    fn compare(&mut self, raw: &Raw, logged: Option<Logged>) {
        let Some(logged) = logged else {
            return self.differ(format!("entry {}: the log has no record", raw.position));
        };
        let found = Found::of(&self.map, self.partition, logged);
        let logical = match found.place(&self.place()) {
            Ok(logical) => logical,
            Err(halt) => return self.differ(format!("entry {}: {halt}", raw.position)),
        };
        self.restoring = logical.restoring;
        let same = logical.offset == raw.offset && logical.record == raw.record;
        self.expect(raw, "the log has another record", same);
        if let Err(halt) = logical.check(&raw.chain) {
            self.differ(format!("entry {}: {halt}", raw.position));
        }
    }

    fn take(&mut self, raw: &Raw, logged: Option<Logged>, has_log: bool) {
        let dense = self.seq.next() == Some(raw.position.seq);
        self.expect(raw, "its seq is not the next", dense);
        let head = self
            .heads
            .get(&raw.tenant)
            .copied()
            .unwrap_or(TenantSeq::ZERO);
        self.expect(
            raw,
            "its tenant_seq is not the next",
            head.next() == Some(raw.tenant_seq),
        );
        if has_log {
            self.compare(raw, logged);
        }
        self.decide_again(raw);
        self.seq = raw.position.seq;
        self.heads.insert(raw.tenant.clone(), raw.tenant_seq);
        self.chain = raw.chain;
        self.entries += 1;
    }

    fn decide_again(&mut self, raw: &Raw) {
        let placement = Placement {
            position: raw.position,
            tenant_seq: raw.tenant_seq,
            time: raw.time,
        };
        let read = Read::of(&self.map, self.partition, &raw.record);
        let content = match read.at(&self.place()) {
            Ok(content) => content,
            Err(version) => {
                return self.differ(format!("entry {}: envelope {version}", raw.position));
            }
        };
        self.expect(raw, "its kind differs", content.kind() == raw.kind);
        let (submission, settled) = match content {
            Content::Seal => (None, undecided(Outcome::Unchanged)),
            Content::Broken { problem } => (None, invalid(problem)),
            Content::Submission(submission) => match self.settle(raw, &submission, &placement) {
                Ok(settled) => (Some(*submission), settled),
                Err(difference) => {
                    return self.differ(format!("entry {}: {difference}", raw.position));
                }
            },
        };
        let hashed = Hashed::new(&settled.outcome, &settled.facts);
        self.expect(
            raw,
            "it is decided otherwise",
            hashed.outcome_json == raw.outcome_json,
        );
        self.expect(raw, "its facts differ", hashed.facts_json == raw.facts_json);
        let leaf = hashed.leaf(&raw.record, &raw.tenant, &placement, submission.as_ref());
        self.expect(raw, "its leaf hash differs", leaf == raw.leaf);
        let chain = hash::chain(&self.chain, &leaf);
        self.expect(raw, "its chain hash differs", chain == raw.chain);
    }

    fn settle(
        &mut self,
        raw: &Raw,
        submission: &Submission,
        placement: &Placement,
    ) -> Result<Settled, String> {
        let state = self
            .states
            .entry(raw.tenant.clone())
            .or_insert_with(State::genesis);
        match judge(state, submission, placement) {
            Judgement::Need(keys) => Err(format!("a complete state needs {keys:?}")),
            Judgement::Contradiction(error) => Err(error.to_string()),
            Judgement::Settled(settled) => match state.settle(submission, placement, &settled) {
                Ok(_changes) => Ok(settled),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    fn finish(mut self, live: &Digests) -> Result<Report, Error> {
        let mut folded = BTreeMap::new();
        for tenant in live.heads.keys() {
            let nothing = State::genesis();
            let state = self.states.get(tenant).unwrap_or(&nothing);
            let digest = digest_of(tenant, state.live_rows()).map_err(Error::Order)?;
            folded.insert(tenant.clone(), digest);
        }
        if self.heads != live.heads {
            self.differ(format!(
                "heads are {:?}, folded {:?}",
                live.heads, self.heads
            ));
        }
        if self.chain.0.as_slice() != live.chain.as_slice() {
            self.differ("the cursor's chain hash is not the last entry's".to_owned());
        }
        if folded != live.views {
            self.differ("the views are not what the log folds to".to_owned());
        }
        if folded != live.history {
            self.differ("the open rows of history are not what the log folds to".to_owned());
        }
        Ok(Report {
            partition: self.partition,
            entries: self.entries,
            folded: writ_envelope::digest::of_tenants(&folded),
            views: writ_envelope::digest::of_tenants(&live.views),
            history: writ_envelope::digest::of_tenants(&live.history),
            differences: self.differences,
            differences_count: self.differences_count,
        })
    }
}

/// The digest over the live rows of a tenant, which come by kind and then by key.
pub fn digest_of<'r>(
    tenant: &TenantId,
    rows: impl IntoIterator<Item = LiveRow<'r>>,
) -> Result<Hash, writ_envelope::digest::OutOfOrder> {
    let mut digest = Digest::new(tenant);
    for row in rows {
        match row {
            LiveRow::Namespace(key, row, changed) => digest.namespace(key, row, changed)?,
            LiveRow::Permission(key, row, changed) => digest.permission(key, row, changed)?,
            LiveRow::Role(key, row, changed) => digest.role(key, row, changed)?,
            LiveRow::User(key, row, changed) => digest.user(key, row, changed)?,
            LiveRow::RolePermission(role, permission, changed) => {
                digest.role_permission(role, permission, changed)?;
            }
            LiveRow::UserPermission(user, permission, changed) => {
                digest.user_permission(user, permission, changed)?;
            }
            LiveRow::UserRole(user, role, changed) => digest.user_role(user, role, changed)?,
            LiveRow::Group(key, row, changed) => digest.group(key, row, changed)?,
            LiveRow::Password(user, row, changed) => digest.password(user, row, changed)?,
            LiveRow::GroupMember(user, group, changed) => {
                digest.group_member(user, group, changed)?;
            }
            LiveRow::Authorization(key, row, changed) => digest.authorization(key, row, changed)?,
            LiveRow::CamundaSettings(row, changed) => digest.camunda_settings(*row, changed)?,
            LiveRow::Admin(key, row, changed) => digest.admin(key, row, changed)?,
            LiveRow::LinkedSubject(key, row, changed) => {
                digest.linked_subject(key, row, changed)?;
            }
        }
    }
    Ok(digest.finish())
}
