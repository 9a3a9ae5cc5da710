//! What is committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use writ_domain::testing::{Store, Written};
use writ_domain::{CommandId, Partition, Seq, State, TenantId, TenantSeq};
use writ_envelope::Hash;
use writ_log::Record;
use writ_projector::digest_of;
use writ_store::entries::{Entry, Head};
use writ_store::ledger::{Batch, Cursor, Decided, Wanted};
use writ_store::relay::RelayCursor;

use super::history::History;
use super::{Question, Reply, Wrong};
use crate::Moment;

/// An entry with its record.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The entry as readers know it.
    pub entry: Entry,
    /// The record as it was, without the mark of a restore.
    pub record: Record,
    /// The outcome as it was hashed.
    pub outcome_json: String,
    /// The facts as they were hashed.
    pub facts_json: String,
    /// Whether this entry decided its command's id.
    pub remembers_command: bool,
}

/// The row of a cursor.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) cursor: Cursor,
    pub(super) owner: Option<String>,
    pub(super) lease_until: Moment,
    pub(super) halted: Option<String>,
    pub(super) relayed: Option<RelayCursor>,
}

/// What is committed. A clone of it is a backup.
#[derive(Debug, Clone)]
pub struct Data {
    pub(super) places: Vec<Place>,
    entries: Vec<Vec<Arc<Stored>>>,
    tenants: BTreeMap<TenantId, Tenant>,
    /// Who projects, and until when its word holds.
    members: BTreeMap<String, Moment>,
}

#[derive(Debug, Clone, Default)]
struct Tenant {
    entries: Vec<Arc<Stored>>,
    rows: Store,
    history: History,
    by_command: BTreeMap<CommandId, Arc<Stored>>,
}

impl Data {
    /// A ledger of which nothing is decided.
    #[must_use]
    pub fn new(partitions: u16) -> Self {
        let place = |number| Place {
            cursor: Cursor::genesis(Partition(number)),
            owner: None,
            lease_until: Moment::default(),
            halted: None,
            relayed: None,
        };
        Self {
            places: (0..partitions).map(place).collect(),
            entries: (0..partitions).map(|_| Vec::new()).collect(),
            tenants: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    pub(super) fn place(&mut self, partition: Partition) -> Option<&mut Place> {
        self.places.get_mut(usize::from(partition.0))
    }

    /// Where a partition stands.
    #[must_use]
    pub fn cursor(&self, partition: Partition) -> Option<&Cursor> {
        let place = self.places.get(usize::from(partition.0));
        place.map(|place| &place.cursor)
    }

    pub(super) fn is_forsaken(&self, partition: Partition, now: Moment) -> bool {
        let place = self.places.get(usize::from(partition.0));
        place.is_some_and(|place| place.owner.is_some() && place.lease_until < now)
    }

    /// Why a partition is halted, if it is.
    #[must_use]
    pub fn halted(&self, partition: Partition) -> Option<&str> {
        let place = self.places.get(usize::from(partition.0))?;
        place.halted.as_deref()
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        u16::try_from(self.places.len()).unwrap_or(u16::MAX)
    }

    /// The entries of a partition, from 1.
    #[must_use]
    pub fn entries(&self, partition: Partition) -> &[Arc<Stored>] {
        let entries = self.entries.get(usize::from(partition.0));
        entries.map(Vec::as_slice).unwrap_or_default()
    }

    /// Tenants that have entries.
    pub fn tenants(&self) -> impl Iterator<Item = &TenantId> {
        self.tenants.keys()
    }

    /// The entries of a tenant, from 1.
    #[must_use]
    pub fn entries_of(&self, tenant: &TenantId) -> &[Arc<Stored>] {
        let tenant = self.tenants.get(tenant);
        tenant
            .map(|tenant| tenant.entries.as_slice())
            .unwrap_or_default()
    }

    /// The digest of a tenant's rows.
    pub fn digest(&self, tenant: &TenantId, at: Option<TenantSeq>) -> Result<Hash, Wrong> {
        let Some(found) = self.tenants.get(tenant) else {
            return Ok(digest_of(tenant, [])?);
        };
        Ok(match at {
            None => digest_of(tenant, found.rows.live_rows())?,
            Some(at) => digest_of(tenant, found.history.as_of(at)?.live_rows())?,
        })
    }

    /// The constraints that hold over all rows of a tenant.
    pub fn check(&self) -> Result<(), Wrong> {
        for tenant in self.tenants.values() {
            tenant.rows.check_unique()?;
        }
        Ok(())
    }

    /// The owner's sweep: deletes rows that nothing alive can reach.
    pub fn sweep(&mut self, partition: Partition) {
        for tenant in self.tenants.values_mut() {
            let first = tenant.entries.first();
            if first.is_some_and(|first| first.entry.position.partition == partition) {
                tenant.rows.sweep();
            }
        }
    }

    /// What loading these teaches.
    pub(super) fn load(&self, wanted: Vec<Wanted>, states: &mut BTreeMap<TenantId, State>) {
        let nothing = Store::default();
        let mut by_tenant: BTreeMap<TenantId, Vec<_>> = BTreeMap::new();
        for (tenant, key) in wanted {
            by_tenant.entry(tenant).or_default().push(key);
        }
        for (tenant, keys) in by_tenant {
            let rows = self.tenants.get(&tenant).map(|found| &found.rows);
            let state = states.entry(tenant).or_insert_with(State::unknown);
            rows.unwrap_or(&nothing).load(keys, state);
        }
    }

    /// Writes a batch and moves the cursor, which was compared.
    pub(super) fn write(&mut self, batch: &Batch) -> Result<(), Wrong> {
        for decided in &batch.entries {
            self.write_entry(decided, batch.rules_version)?;
        }
        let epoch = batch.before.owner_epoch;
        if let Some(place) = self.place(batch.before.partition) {
            place.cursor = batch.after.clone();
            place.cursor.owner_epoch = epoch;
            place.halted = None;
        }
        Ok(())
    }

    /// Writes what a rebuild decided.
    pub fn rebuild(&mut self, batch: &Batch) -> Result<(), Wrong> {
        self.write(batch)
    }

    /// Takes the leases on from what was there before: whoever held one is fenced.
    pub fn fence_all(&mut self, old: &Self) {
        for (place, old) in self.places.iter_mut().zip(&old.places) {
            place.cursor.owner_epoch = old.cursor.owner_epoch + 1;
        }
    }

    fn write_entry(&mut self, decided: &Decided, rules_version: u32) -> Result<(), Wrong> {
        let stamp = decided
            .submission
            .as_ref()
            .map(|submission| &submission.stamp);
        let tenant = self.tenants.entry(decided.tenant.clone()).or_default();
        tenant.rows.record(&Written {
            at: decided.tenant_seq,
            time: decided.time,
            stamp,
            changes: &decided.changes,
            concerns: &decided.concerns,
            remembers_command: decided.remembers_command,
            holds_key: decided.holds_key,
        })?;
        tenant.history.record(&decided.changes, decided.tenant_seq);
        let stored = Arc::new(Stored {
            record: decided.record.clone(),
            outcome_json: decided.outcome_json.clone(),
            facts_json: decided.facts_json.clone(),
            remembers_command: decided.remembers_command,
            entry: decided.clone().into_entry(rules_version),
        });
        // SUBTLE: first come, as the unique index on the command's id has it.
        if let Some(command) = stored
            .entry
            .command_id
            .filter(|_| decided.remembers_command)
        {
            tenant
                .by_command
                .entry(command)
                .or_insert_with(|| Arc::clone(&stored));
        }
        tenant.entries.push(Arc::clone(&stored));
        if let Some(entries) = self
            .entries
            .get_mut(usize::from(decided.position.partition.0))
        {
            entries.push(stored);
        }
        Ok(())
    }

    pub(super) fn heads(&self, tenants: &[TenantId]) -> BTreeMap<TenantId, TenantSeq> {
        let head = |tenant: &TenantId| TenantSeq(self.entries_of(tenant).len() as u64);
        tenants
            .iter()
            .map(|tenant| (tenant.clone(), head(tenant)))
            .collect()
    }

    fn head(&self, tenant: &TenantId) -> Option<Head> {
        let last = self.entries_of(tenant).last()?;
        Some(Head {
            tenant_seq: last.entry.tenant_seq,
            chain8: writ_envelope::hash::chain8(&last.entry.chain),
            time: last.entry.time,
        })
    }

    /// Answers a reader.
    pub(super) fn answer(&mut self, question: Question, now: Moment) -> Result<Reply, Wrong> {
        let page = |entries: &[Arc<Stored>], after: u64, limit: usize| {
            let after = usize::try_from(after).unwrap_or(usize::MAX);
            let rest = entries.get(after..).unwrap_or_default();
            Reply::Entries(rest.iter().take(limit).cloned().collect())
        };
        Ok(match question {
            Question::Head(tenant) => Reply::Head(self.head(&tenant)),
            Question::At(tenant, at) => page(self.entries_of(&tenant), at.0.saturating_sub(1), 1),
            Question::Changes(tenant, after, limit) => {
                page(self.entries_of(&tenant), after.0, limit)
            }
            Question::Scan(partition, from, limit) => page(
                self.entries(partition),
                Seq(from.0.saturating_sub(1)).0,
                limit,
            ),
            Question::ByCommands(asked) => {
                let found = asked.into_iter().filter_map(|(tenant, command)| {
                    let tenant = self.tenants.get(&tenant)?;
                    let stored = tenant.by_command.get(&command)?;
                    Some((command, Arc::clone(stored)))
                });
                Reply::Decisions(found.collect())
            }
            Question::Decided(partition) => {
                let cursor = self.cursor(partition);
                Reply::Offset(cursor.map_or(writ_domain::Offset(0), |cursor| cursor.next_offset))
            }
            Question::Peek(partition) => Reply::Cursor(self.cursor(partition).cloned()),
            Question::Halts => {
                let halted = self.places.iter().filter_map(|place| {
                    let why = place.halted.clone()?;
                    Some((place.cursor.partition, why))
                });
                Reply::Halts(halted.collect())
            }
            Question::RelayCursor(partition) => {
                Reply::Relayed(self.place(partition).and_then(|place| place.relayed))
            }
            Question::KeepRelayCursor(partition, cursor) => {
                if let Some(place) = self.place(partition) {
                    place.relayed = Some(cursor);
                }
                Reply::Done
            }
            Question::MemberLives(owner, word) => {
                self.members.insert(owner, now.after(word));
                let living = self.members.values().filter(|until| **until > now).count();
                Reply::Members(u32::try_from(living).unwrap_or(u32::MAX))
            }
            Question::MemberLeaves(owner) => {
                self.members.remove(&owner);
                Reply::Done
            }
            Question::Digest(tenant, at) => {
                let head = TenantSeq(self.entries_of(&tenant).len() as u64);
                let shown = at.map_or(head, |at| at.min(head));
                Reply::Digest(shown, self.digest(&tenant, at)?)
            }
        })
    }
}
