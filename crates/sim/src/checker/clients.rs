//! What clients saw: points 1 to 4 of what must be true, as far as answers show it.

use std::collections::{BTreeMap, BTreeSet};

use writ_command::Decided;
use writ_domain::{
    Command, CommandId, Expected, Idempotency, Outcome, Partition, Position, Rejection, Seq,
    TenantId, TenantSeq,
};
use writ_envelope::Hash;

use super::Checker;
use crate::Dice;
use crate::store::{Data, Stored};

/// Up to where each partition was answered for when something was sent.
#[derive(Debug, Clone, Default)]
pub struct Sent(BTreeMap<Partition, Seq>);

/// What a client asked for, as the entry that answers it holds it.
///
/// The same key with the same fingerprint is the same request, so a replay holds it too.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Whose ledger.
    pub tenant: &'a TenantId,
    /// Who.
    pub caller: &'a str,
    /// Under which key, if any.
    pub key: Option<Idempotency>,
    /// What.
    pub command: &'a Command,
    /// What the caller believes.
    pub expected: Option<Expected>,
    /// By which id, if the client asks about a command that it knows.
    pub id: Option<CommandId>,
}

impl Wanted<'_> {
    /// What of an answer is another request's.
    fn other(&self, decided: &Decided) -> Option<&'static str> {
        let entry = &decided.entry;
        let Some(submission) = &entry.submission else {
            return Some("command, which nobody can read");
        };
        let stamp = &submission.stamp;
        let is_it = !decided.replayed && self.id.is_none_or(|id| entry.command_id == Some(id));
        [
            (entry.tenant == *self.tenant, "tenant"),
            (stamp.tenant == *self.tenant, "tenant's command"),
            (stamp.actor.caller() == self.caller, "caller"),
            (stamp.idempotency == self.key, "key"),
            (submission.command == *self.command, "command"),
            (stamp.expected == self.expected, "expectation"),
            // Only a key makes two commands one request.
            (is_it || decided.replayed && self.key.is_some(), "id"),
        ]
        .into_iter()
        .find_map(|(is_same, what)| (!is_same).then_some(what))
    }
}

/// What was told of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    position: Position,
    chain: Hash,
    command: Option<CommandId>,
    outcome: Outcome,
}

/// What clients saw.
#[derive(Debug, Default)]
pub struct Clients {
    /// The last entry that was answered, by partition.
    answered: BTreeMap<Partition, Seq>,
    /// Every entry that was answered.
    told: BTreeMap<(TenantId, TenantSeq), Told>,
    /// Which entry each command was answered by.
    by_command: BTreeMap<CommandId, Position>,
    /// What a client was told to be nowhere.
    refused: BTreeSet<CommandId>,
    /// What a client was told to be not known yet.
    unsure: BTreeSet<(TenantId, CommandId)>,
    /// What was cancelled, and by which entry.
    cancelled: BTreeMap<CommandId, TenantSeq>,
    answers: u64,
}

impl Clients {
    /// How many answers with an outcome there were.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// What a client was told to be not known yet, at any time.
    pub fn unsure(&self) -> impl Iterator<Item = &(TenantId, CommandId)> {
        self.unsure.iter()
    }

    /// An entry of the tenant that somebody was told of, and its hash.
    pub fn any(&self, tenant: &TenantId, dice: &mut Dice) -> Option<(TenantSeq, Hash)> {
        let newest = self.newest(tenant)?;
        let back = if dice.one_in(2) {
            0
        } else {
            dice.roll(newest.0)
        };
        let from = (tenant.clone(), TenantSeq(newest.0.saturating_sub(back)));
        let to = (tenant.clone(), newest);
        let ((_, seq), told) = self.told.range(from..=to).next()?;
        Some((*seq, told.chain))
    }

    /// The newest entry of the tenant that somebody was told of.
    #[must_use]
    pub fn newest(&self, tenant: &TenantId) -> Option<TenantSeq> {
        let all = (tenant.clone(), TenantSeq::ZERO)..=(tenant.clone(), TenantSeq(u64::MAX));
        self.told.range(all).next_back().map(|((_, seq), _)| *seq)
    }
}

impl Checker {
    /// A client sends a request; keep what is returned until it is answered.
    #[must_use]
    pub fn sent(&self) -> Sent {
        Sent(self.clients.answered.clone())
    }

    /// A client is told an outcome: it is that of what it asked for.
    pub fn answers(&mut self, wanted: &Wanted<'_>, decided: &Decided) {
        if let Some(what) = wanted.other(decided) {
            let (at, tenant) = (decided.entry.position, &decided.entry.tenant);
            let what = format!("{wanted:?} was answered by {tenant} {at}, of another {what}");
            self.violated(2, what);
        }
    }

    /// A client is told an outcome.
    pub fn answered(&mut self, sent: &Sent, decided: &Decided) {
        let entry = &decided.entry;
        let Position { partition, seq } = entry.position;
        let told = Told {
            position: entry.position,
            chain: entry.chain,
            command: entry.command_id,
            outcome: entry.outcome.clone(),
        };
        self.clients.answers += 1;
        let before = sent.0.get(&partition).copied().unwrap_or(Seq::ZERO);
        if !decided.replayed && seq <= before {
            self.violated(
                3,
                format!("{} was sent after {before} was answered", entry.position),
            );
        }
        if let Some(command) = entry
            .command_id
            .filter(|id| self.clients.refused.contains(id))
        {
            self.violated(
                1,
                format!("{command} was told to be nowhere, and is decided"),
            );
        }
        if matches!(entry.outcome, Outcome::Duplicate { .. }) {
            let what = format!("somebody was answered by {}, a duplicate", entry.position);
            self.violated(1, what);
        }
        if let Some(command) = entry.command_id {
            let here = entry.position;
            let first = *self.clients.by_command.entry(command).or_insert(here);
            if first != here {
                let what = format!("{command} was answered by {first} and by {here}");
                self.violated(1, what);
            }
        }
        let at = (entry.tenant.clone(), entry.tenant_seq);
        match self.clients.told.get(&at) {
            Some(earlier) if *earlier != told => {
                self.violated(2, format!("{at:?} was told as {earlier:?} and as {told:?}"));
            }
            Some(_) => {}
            None => {
                self.clients.told.insert(at, told);
            }
        }
        let newest = self.clients.answered.entry(partition).or_insert(Seq::ZERO);
        *newest = seq.max(*newest);
    }

    /// A client is told that nothing was appended.
    pub fn refused(&mut self, command: CommandId) {
        self.clients.refused.insert(command);
    }

    /// A client is told that it is not known yet what becomes of a command.
    pub fn unsure(&mut self, tenant: &TenantId, command: CommandId) {
        self.clients.unsure.insert((tenant.clone(), command));
    }

    /// A client is told that a command was cancelled.
    pub fn cancelled(&mut self, command: CommandId, by: TenantSeq) {
        self.clients.cancelled.insert(command, by);
    }

    /// Compares what clients were told with what is on record, once all is settled.
    pub fn compare_answers(&mut self, data: &Data) {
        let told = core::mem::take(&mut self.clients.told);
        for ((tenant, seq), told) in &told {
            let index = usize::try_from(seq.0.saturating_sub(1)).unwrap_or(usize::MAX);
            let stands = data.entries_of(tenant).get(index).map(|stored| Told {
                position: stored.entry.position,
                chain: stored.entry.chain,
                command: stored.entry.command_id,
                outcome: stored.entry.outcome.clone(),
            });
            if stands.as_ref() != Some(told) {
                self.violated(
                    2,
                    format!("{tenant} {seq} was told as {told:?}, is {stands:?}"),
                );
            }
        }
        self.clients.told = told;
        for tenant in data.tenants() {
            self.compare_tenant(data.entries_of(tenant));
        }
    }

    fn compare_tenant(&mut self, entries: &[std::sync::Arc<Stored>]) {
        // The command whose outcome each is, and the use of each key.
        let mut commands: BTreeMap<CommandId, TenantSeq> = BTreeMap::new();
        let mut keys: BTreeMap<(&str, &str), TenantSeq> = BTreeMap::new();
        // What was cancelled before it came, whether somebody was told or not.
        let mut cancelled: BTreeMap<CommandId, TenantSeq> = BTreeMap::new();
        for stored in entries {
            let entry = &stored.entry;
            let at = entry.tenant_seq;
            let has_effect = matches!(entry.outcome, Outcome::Applied);
            if !has_effect && !entry.facts.is_empty() {
                self.violated(4, format!("{at} is {} and has facts", entry.outcome.kind()));
            }
            let (Some(command), Some(submission)) = (entry.command_id, &entry.submission) else {
                continue;
            };
            if self.clients.refused.contains(&command) {
                self.violated(
                    1,
                    format!("{command} was told to be nowhere, and is at {at}"),
                );
            }
            let is_late = submission
                .stamp
                .not_after
                .is_some_and(|until| entry.time > until);
            if is_late && has_effect {
                self.violated(4, format!("{at} came after its deadline, and has effect"));
            }
            let told = self.clients.cancelled.get(&command).copied();
            let told_wrong = told.filter(|by| has_effect || at < *by);
            let by = cancelled.get(&command).copied();
            if let Some(by) = told_wrong.or(by.filter(|by| !is_kept_off(&entry.outcome, *by))) {
                let what = &entry.outcome;
                self.violated(
                    4,
                    format!("{command} was cancelled by {by}, and is {what:?} at {at}"),
                );
            }
            if let (Command::CancelCommand { command }, true) = (&submission.command, has_effect) {
                cancelled.insert(*command, at);
            }
            if stored.remembers_command
                && let Some(first) = commands.insert(command, at)
            {
                self.violated(1, format!("{command} has outcomes at {first} and at {at}"));
            }
            let key = submission.stamp.idempotency.as_ref();
            if let Some(key) = key.filter(|_| holds_key(&entry.outcome)) {
                let caller = submission.stamp.actor.caller();
                if let Some(first) = keys.insert((caller, key.key.as_str()), at) {
                    let key = &key.key;
                    self.violated(
                        1,
                        format!("the key {key} of {caller} ran at {first} and {at}"),
                    );
                }
            }
        }
    }
}

/// Whether a command that this entry cancelled ended as one.
fn is_kept_off(outcome: &Outcome, cancelled_by: TenantSeq) -> bool {
    match outcome {
        Outcome::Rejected(Rejection::Cancelled { by }) => *by == cancelled_by,
        Outcome::Expired | Outcome::Duplicate { .. } => true,
        Outcome::Applied
        | Outcome::Unchanged
        | Outcome::Rejected(_)
        | Outcome::Denied(_)
        | Outcome::Invalid { .. } => false,
    }
}

/// Whether a command that ended so has run, as far as its idempotency key goes.
fn holds_key(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Applied | Outcome::Unchanged | Outcome::Denied(_) => true,
        Outcome::Rejected(rejection) => !matches!(
            rejection,
            Rejection::Cancelled { .. } | Rejection::IdempotencyKeyReused { .. }
        ),
        Outcome::Expired | Outcome::Duplicate { .. } | Outcome::Invalid { .. } => false,
    }
}
